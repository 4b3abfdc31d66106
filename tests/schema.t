#!/usr/bin/perl
# schema.t - protolab schema and protolab lint are of one opinion on every lab, as far as a
# schema can say it.
use strict;
use warnings;
no warnings 'qw';

use JSON::PP;
use ProtolabTest;
use Test::More;

# What the host refuses and a schema cannot: fixtures by name, with the reason.
my %beyond = (
    'framing-fixed-too-long' => 'a number inside of a text, held against another value',
    'link-script-range-reversed' => 'numbers inside of a text, held against each other',
    'lone-surrogate'         => 'a rule of JSON texts, not of labs',
    'low-surrogate-first'    => 'a rule of JSON texts, not of labs',
    'nested-too-deep'        => 'a schema does not count how deep a value of "x-..." goes',
    'repeated-key'           => 'a schema sees the last of repeated keys only',
    'repeated-key-inside'    => 'a schema sees the last of repeated keys only',
);

# ------------------------------------------------------------ two opinions --

# Python's jsonschema prints a line a file: "good", "bad" or "no JSON", and its path.
my $validator = <<'PYTHON';
import json, re, sys, warnings
warnings.simplefilter("ignore")
import jsonschema

# A schema's patterns are those of ECMA 262, where $ does not pass over a newline at the end.
def pattern(validator, wanted, value, schema):
    if validator.is_type(value, "string") and not re.search(wanted.replace("$", r"\Z"), value):
        yield jsonschema.ValidationError("pattern")

def refuse(word):
    raise ValueError(word)

schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": pattern})(schema)
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        text = open(path, "rb").read().decode("utf-8")
        value = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        print("no JSON", path)
        continue
    print("good" if validator.is_valid(value) else "bad", path)
PYTHON

my ($python) = grep { (run_command('', $_, '-c', 'import jsonschema'))[0] == 0 }
  grep { defined } $ENV{PYTHON}, 'python3', '/usr/bin/python3';
plan skip_all => 'no python3 with jsonschema (python3-jsonschema)' if !defined $python;

# Sound ones among the fixtures have rules that no shipped plugin has.
$ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;
my ($status, $text, $talk) = run_protolab('', 'schema');
is($status, 0, 'schema prints one');
like($talk, qr/^protolab: left out: \S*no_message\.so: the required hook/m,
    '... and names the plugins that cannot be in it');
my $schema = lab_file($text, 'schema');
my $parsed = eval { JSON::PP->new->decode($text) };
is($parsed->{'$schema'}, 'http://json-schema.org/draft-07/schema#', '... of draft-07');

# Both opinions on files, { path => word }.
sub of_schema {
    my (@files) = @_;
    my ($failed, $out, $err) =
      run_command(join('', map { "$_\n" } @files), $python, '-c', $validator, $schema);
    is($failed, 0, 'it is a schema by its own schema') || diag($err);
    return map { m{^(good|bad|no JSON) (.*)$} ? ($2 => $1) : () } split /\n/, $out;
}

sub of_host {
    my (@files) = @_;
    my (undef, $out) = run_protolab('', 'lint', '--json', @files);
    my %why;
    push @{ $why{ $_->{file} } }, $_->{message} for @{ JSON::PP->new->decode($out) };
    return %why;
}

# Whether both say the same of every file; the names of those on which they do not.
sub agree {
    my ($about, @files) = @_;
    my %schema = of_schema(@files);
    my %host   = of_host(@files);
    my @apart;
    my %count = (good => 0, bad => 0);

    is(scalar keys %schema, scalar @files, "$about: the schema has an opinion on each");
    for my $file (@files) {
        my $word = $schema{$file} eq 'no JSON' ? 'bad' : $schema{$file};
        $count{$word}++;
        push @apart, $file if ($word eq 'good') != !exists $host{$file};
    }
    cmp_ok($count{$_}, '>', 3, "$about: there are $_ ones") for qw(good bad);
    return \@apart, \%host;
}

sub ok_agree {
    my ($about, @files) = @_;
    my ($apart, $host) = agree($about, @files);
    is(scalar @$apart, 0, "$about: host and schema agree on " . @files) or do {
        diag(slurp($_), 'the host says: ', join('; ', @{ $host->{$_} // ['ok'] }))
          for splice @$apart, 0, 5;
    };
    return;
}

# --------------------------------------------------------------- fixtures --

my @labs = glob "$srcdir/labs/*.json";
my @fixtures = glob "$srcdir/tests/fixtures/labs/*/*.json";
cmp_ok(scalar @fixtures, '>', 100, 'there are fixtures');
my ($apart, $host) = agree('fixtures', @labs, @fixtures);
is_deeply([ sort map { m{([^/]*)\.json$} } @$apart ], [ sort keys %beyond ],
    'host and schema differ on what a schema cannot say only');
is(join(' ', grep { !exists $host->{$_} } @$apart), '', '... and there the host is the stricter');

# --------------------------------------------------------------- mutations --

my $json = JSON::PP->new->canonical->allow_nonref;

# A copy, apart from that one member (path: keys and indexes).
sub changed {
    my ($lab, $path, $change) = @_;
    my $copy = $json->decode($json->encode($lab));
    my ($at, @way) = ($copy, @$path);
    my $last = pop @way;
    $at = ref $at eq 'HASH' ? $at->{$_} : $at->[$_] for @way;
    $change->($at, $last);
    return $json->encode($copy);
}

# The ways to all members and elements.
sub ways {
    my ($value, @way) = @_;
    my %inside =
        ref $value eq 'HASH'  ? %$value
      : ref $value eq 'ARRAY' ? map { $_ => $value->[$_] } 0 .. $#$value
      :                         ();
    return map { ([ @way, $_ ], ways($inside{$_}, @way, $_)) } sort keys %inside;
}

# Literals that each value is replaced by.
my @literals = (
    qw(null true false 0 1 -1 2 64 65 0.5 12000.0 1e300 65507 65508 65535 65536 3600001 16777217),
    qw(9007199254740992 9007199254740994 -9007199254740992 -9007199254740994 [] {}),
    qw("" "a" "abcde" "abcdefghi" "5" "two\nlines" "ab\u0085cd" "with\ blank" ["echo"] [["echo"]]),
    qw("udp" "tcp" "echo" "uppercase" "count-s" "keep" "datagram" "line" "plugin" "fixed:8"),
    qw("fixed:08" {"plugin":"echo"} {"plugin":"udp"} {"plugin":"echo","x-a":1}),
    qw({"plugin":"echo","a":1}),
);
s/\\ / / for @literals;

# Every mutation of one member, as text.
sub mutations {
    my ($lab) = @_;
    my @texts;
    for my $way (ways($lab)) {
        my $is_key = $way->[-1] !~ /^\d+$/;
        push @texts, changed($lab, $way, sub { $_[0] = ref $_[0] eq 'HASH'
              ? delete $_[0]{ $_[1] } : splice @{ $_[0] }, $_[1], 1 });
        for my $literal (@literals) {
            my $text = changed($lab, $way, sub {
                ref $_[0] eq 'HASH' ? $_[0]{ $_[1] } = '@@' : ($_[0][ $_[1] ] = '@@') });
            $text =~ s/"\@\@"/$literal/;
            push @texts, $text;
        }
        next if !$is_key;
        for my $misspelt (sub { "$_[0]s" }, sub { substr $_[0], 1 }, sub { ucfirst $_[0] },
            sub { "x-$_[0]" }, sub { "x$_[0]" }, sub { '$schema' }) {
            push @texts, changed($lab, $way,
                sub { $_[0]{ $misspelt->($_[1]) } = delete $_[0]{ $_[1] } });
        }
    }
    return @texts;
}

sub files_of {
    my %seen;
    return map { lab_file($_) } grep { !$seen{$_}++ } @_;
}

for my $file (@labs) {
    my ($stem) = $file =~ m{([^/]*)\.json$};
    ok_agree($stem, files_of(mutations(JSON::PP->new->decode(slurp($file)))));
}

# A lab that says all that can be said.
my $all = {
    transport => { plugin => 'tcp' },
    transform => [ 'uppercase', { plugin => 'picky', few => 9, any => 0, sure => JSON::PP::false,
            word => 'abcde', text => '', style => 'high' } ],
    port => 0, host => '::1', framing => 'length16', close => 'after-reply', workers => 1,
    name => 'a', title => '', about => '',
    client => { prompt => '', repeat => JSON::PP::true, timeout_ms => 1 },
    limits => { message_bytes => 65535, sessions => 1, idle_ms => 0, unsent_bytes => 1 },
};
ok_agree('all keys', files_of(mutations($all)));

# The same for what a network may do to datagrams, and to a stream.
my $network = { seed => 0, delay_ms => 0, jitter_ms => 1, rate_kbps => 1, direction => 'both' };
my %lossy = (transport => 'udp', transform => 'echo', port => 0, workers => 1,
    link => { %$network, loss => 0, duplicate => 0.5, corrupt => 1, truncate => 0.1, reorder => 0.1,
        script => [ 'drop 3 in', 'delay every 2 out 300ms' ] });
my %sliced = (transport => 'tcp', transform => 'echo', port => 0,
    link => { %$network, slice => 1, reset_after => 1 });
ok_agree('a link for datagrams', files_of(mutations(\%lossy)));
ok_agree('a link for streams',   files_of(mutations(\%sliced)));

my @lines;
for my $what (qw(drop duplicate corrupt truncate reorder delay dropp), '') {
    for my $packets (qw(1 999999 1000000 0 01 2-3 2- -3), 'every 4', 'every 0', 'every 2-3', '') {
        for my $direction (qw(in out both), '') {
            push @lines, map { join ' ', grep { length } $what, $packets, $direction, $_ }
              '', qw(300ms 0ms 300 0 05 99999 100000 1000000ms), 'x';
        }
    }
}
push @lines, ' drop 3 in', 'drop 3 in ', 'drop  3 in', "drop 3 in\n", "drop\t3 in", 'drop 3 in drop 4 in';
ok_agree('lines of a script',
    files_of(map { changed(\%lossy, [ 'link', 'script', 0 ], sub { $_[0][0] = $_ }) } @lines));

# ------------------------------------------------------------ combinations --

# Keys that must fit each other, each with each.
my @texts;
for my $transport (qw("udp" "tcp" {"plugin":"udp"} {"plugin":"tcp"} "shout" "listen_fails")) {
    for my $transform (qw("echo" "picky" {"plugin":"picky","few":1} ["echo","shared"]
        [{"plugin":"picky","few":1},"echo"] ["echo",{"plugin":"picky","few":1}])) {
        for my $framing (undef, map { qq{"$_"} } qw(datagram recv line length16 fixed:9 plugin)) {
            for my $more ('', qw("close":"keep" "close":"after-reply" "workers":1 "workers":2
                "limits":{"message_bytes":65507} "limits":{"message_bytes":65508}
                "limits":{"message_bytes":65536} "limits":{"sessions":1}
                "link":{} "link":{"delay_ms":1} "link":{"loss":0} "link":{"slice":1}
                "link":{"reset_after":1} "workers":1,"link":{} "workers":2,"link":{})) {
                push @texts, '{' . join(',', qq("transport":$transport),
                    qq("transform":$transform), '"port":1',
                    $framing ? qq("framing":$framing) : (), $more || ()) . '}';
            }
        }
    }
}
ok_agree('combinations', files_of(@texts));

# ----------------------------------------------------------------- editors --

is($parsed->{properties}{client}{properties}{timeout_ms}{default}, 2000, 'defaults are told');
like($parsed->{properties}{port}{description}, qr/port/, '... and what each key means');
ok(!exists $parsed->{properties}{check}, '... but no key of a later version');
my ($picky) = grep { ($_->{properties}{plugin}{const} // '') eq 'picky' }
  @{ $parsed->{definitions}{transform}{anyOf} };
is($picky->{properties}{text}{default}, qq(\\ \t "), "... and a plugin's parameters");
is_deeply($picky->{required}, [qw(plugin few)], '... of which some must be given');
like($text, qr/"default":\s*-9223372036854775808,?$/m, '... with all of their digits');

done_testing;
