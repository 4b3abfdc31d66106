#!/usr/bin/perl
# usage.t - the command line: what it offers, what it refuses, and where the results go.
use strict;
use warnings;

use JSON::PP;
use ProtolabTest;
use Test::More;

# Status, stdout, stderr of a command line.
sub is_said {
    my ($arguments, $status, $out, $err, $about) = @_;
    my @got = run_protolab('', @$arguments);
    $about //= join ' ', 'protolab', @$arguments;
    is($got[0], $status, "$about: status $status");
    for (['stdout', $out, $got[1]], ['stderr', $err, $got[2]]) {
        my ($name, $wanted, $text) = @$_;
        ref $wanted ? like($text, $wanted, "... $name") : is($text, $wanted, "... $name");
    }
    return @got;
}

my $udp_lab = "$srcdir/labs/udp-uppercase.json";

# --------------------------------------------------------------------- help --

# The tables of the program: commands with the letters of their options, and options.
my $usage    = slurp("$srcdir/core/command/usage.c");
my $options  = slurp("$srcdir/core/command/options.c");
my %letters;
while ($usage =~ /\{ "(\w+)", "[^"]*",.*?"(\w*)",\s*\d+,\s*-?\d+,\s*(?:true|false),\s*command_\g1 \}/gs) {
    $letters{$1} = $2 . 'h';
}
my %row = map { /'(.)', "([\w-]+)", (?:"(\w+)"|NULL),\s*"([^"]*)"/ ? ($1 => [ $2, $3, $4 ]) : () }
  $options =~ /^  \{ ('.'.*?) \},/gms;
cmp_ok(scalar keys %letters, '>=', 6, 'there are commands');
cmp_ok(scalar keys %row,     '>=', 6, '... and options');
my ($version) = slurp("$srcdir/configure.ac") =~ /AC_INIT\(\[protolab\], \[([\d.]+)\]/;

for my $command (sort keys %letters) {
    my ($status, $out, $err) = run_protolab('', $command, '--help');
    is($status, 0, "$command --help");
    is($err, '', '... is a result');
    like($out, qr/\AUsage: protolab $command \[OPTION\.\.\.\].*\n\nprotolab $command: \S.*\.\n/,
        '... says how it is used');
    for my $letter (sort keys %row) {
        my ($name, $argument, $help) = @{ $row{$letter} };
        my $line = "  -$letter, --$name" . ($argument ? "=$argument" : '');
        if (index($letters{$command}, $letter) == -1) {
            unlike($out, qr/--$name\b/, "... no --$name");
        }
        else {
            like($out, qr/^\Q$line\E  +\Q$help\E/m, "... --$name, and what it is");
        }
    }
    is((grep { length > 80 } split /\n/, $out), 0, '... in 80 columns');
    is_deeply([ run_protolab('', 'help', $command) ], [ 0, $out, '' ], "help $command is the same");
    is_deeply([ run_protolab('', $command, '-h') ], [ 0, $out, '' ], '... and -h');
}
my ($status, $overview) = is_said(['--help'], 0, qr/\Aprotolab runs networking labs/, '');
like($overview, qr/^  $_ +\S/m, "... with $_") for sort keys %letters;
is_said(['-h'], 0, $overview, '');
is_said(['help'], 0, $overview, '');
is_said([], 2, '', $overview, 'no command');
is_said(['--version'], 0, "protolab $version (plugin ABI 1)\n", '');
is_said(['-V'], 0, "protolab $version (plugin ABI 1)\n", '');

# ------------------------------------------------------------------ refusals --

for (
    [ 'srve',                   '"srve": no such command',           'Did you mean "serve"?' ],
    [ 'zzzzzz',                 '"zzzzzz": no such command',         '"protolab help" lists the commands.' ],
    [ 'labs/a.json',            '"labs/a.json": no such command',    'To run this lab: protolab run labs/a.json' ],
    [ 'serve',                  'serve: LAB is missing',             'Usage: protolab serve LAB' ],
    [ 'lint',                   'lint: FILE is missing',             'Usage: protolab lint FILE...' ],
    [ 'run',                    'run: LAB is missing',               'Usage: protolab run LAB [-- COMMAND...]' ],
    [ 'run -- true',            'run: LAB is missing',               'Usage: protolab run LAB [-- COMMAND...]' ],
    [ 'client a b',             'client: "b" is one argument too many', 'Usage: protolab client LAB' ],
    [ 'list a',                 'list: "a" is one argument too many', 'Usage: protolab list' ],
    [ "run $udp_lab --",        'run: no command stands behind "--"', 'Usage: protolab run LAB [-- COMMAND...]' ],
    [ 'serve a -- b',           'serve: "b" is one argument too many', 'Usage: protolab serve LAB' ],
    [ 'serve --prot 1 a',       'serve: --prot: no such option',     'Did you mean "--port"?' ],
    [ 'serve a --hots=b',       'serve: --hots=b: no such option',   'Did you mean "--host"?' ],
    [ 'lint --port 1 a',        'lint: --port: no such option',      '"protolab lint --help" lists its options.' ],
    [ 'lint -z a',              'lint: -z: no such option',          '"protolab lint --help" lists its options.' ],
    [ 'lint -zj a',             'lint: -z: no such option',          '"protolab lint --help" lists its options.' ],
    [ 'help nonsense',          '"nonsense": no such command or plugin', qr/"protolab list" .*/ ],
    [ 'help uppercas',          '"uppercas": no such command or plugin', 'Did you mean "uppercase"?' ],
    [ 'help clinet',            '"clinet": no such command or plugin', 'Did you mean "client"?' ],
  )
{
    my ($line, $what, $remedy) = @$_;
    $remedy = quotemeta $remedy if !ref $remedy;
    is_said([ split / /, $line ], 2, '', qr/\Aprotolab: \Q$what\E\n$remedy\n\z/);
}
for (
    [ 'serve --port',          'serve: --port: a value is missing' ],
    [ 'serve a -p',            'serve: -p: a value is missing' ],
    (map { [ "serve --port=$_ a", qq(serve: --port "$_": a number from 0 to 65535 is wanted) ] }
          qw(x 65536 -1 1x 99999999999999999999), ''),
    [ 'serve --host= a',       'serve: --host "": a name or an address is wanted' ],
    [ 'run x --color=blue',    'run: --color "blue": auto, always or never is wanted' ],
    [ 'serve --workers=0 a',   'serve: --workers "0": a number from 1 to 64 is wanted' ],
    [ "help ./none.so",        "./none.so: No such file or directory\nIs the name right?" ],
  )
{
    my ($line, $what) = @$_;
    is_said([ split / /, $line ], 2, '', "protolab: $what\n");
}
is_said([ 'help', 'none.json' ], 2, '', qr/\Anone\.json: No such file or directory/);
is_said([ "\e[31m" ], 2, '', qr/\Aprotolab: "\\u001b\[31m": no such command\n/, 'a hostile word');

# -------------------------------------------------------------- list and help --

my ($listed) = (run_protolab('', 'list'))[1];
like($listed, qr/^Transports\n(?:  .*\n)*  udp +\S+ +Datagrams/m, 'list: transports');
like($listed, qr/^Transforms\n(?:  .*\n)*  uppercase +\S+ +Converts/m, '... transforms');
my ($in_source) = (run_command('', 'sh', '-c', 'cd "$1" && exec "$0" list', $protolab, $srcdir))[1];
my @labs = map { m{([^/]*)\.json$} } glob "$srcdir/labs/*.json";
is(join(' ', grep { $in_source !~ m{^  $_\.json +\S}m } @labs), '', '... and labs, where they are');

my ($list) = (is_said([ 'list', '--json' ], 0, qr/\A\{/, ''))[1];
$list = eval { decode_json($list) } // {};
is_deeply([ grep { $_ eq 'udp' } map { $_->{name} } @{ $list->{transports} } ], ['udp'],
    '... is JSON, with the transports');
is_deeply([ grep { $_ eq 'rot13' } map { $_->{name} } @{ $list->{transforms} } ], ['rot13'],
    '... and transforms');

my ($help) = (is_said([ 'help', 'uppercase' ], 0, qr/\Auppercase: Converts the characters/, ''))[1];
like($help, qr/^  ascii +boolean +false +\S+ +convert the letters a to z only$/m, '... the parameter');
like($help, qr/^  kind +transform$/m, '... the kind');
is_said([ 'help', 'udp' ], 0, qr/\Audp: Datagrams.*^  kind +transport$/ms, '');
my ($file) = $help =~ /^  file +(.*)$/m;
my ($by_path) = (is_said([ 'help', $file ], 0, qr/\Auppercase: /, ''))[1];
is($by_path, $help, 'a path and a name explain the same plugin');
is_said([ 'help', $udp_lab ], 0, qr/\Audp-uppercase: Upper case over UDP\n/, '');
for my $of ('uppercase', $udp_lab, 'serve') {
    my ($json) = (run_protolab('', 'help', '--json', $of))[1];
    ok(eval { decode_json($json) }, "help --json $of is JSON");
}

# ------------------------------------------------------------------ full disk --

SKIP: {
    skip 'no /dev/full', 12 if !-c '/dev/full';
    for my $line ('--help', '--version', 'list', 'help udp', "lint $udp_lab", "client --help") {
        my ($status, undef, $err)
          = run_command('', 'sh', '-c', "exec '$protolab' $line >/dev/full");
        is($status, 1, "$line on a full disk");
        is($err, "protolab: standard output: the result could not be written\n", '... says so');
    }
}

done_testing;
