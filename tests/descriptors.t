#!/usr/bin/perl
# descriptors.t - labs, good and bad, through the command line.  What each report says is tested
# in unit/: here is what becomes of it.
use strict;
use warnings;

use JSON::PP;
use ProtolabTest;
use Test::More;

my $good_lab  = '{ "transport": "udp", "transform": "uppercase", "port": 12000 }';
my $good      = lab_file($good_lab, 'good.json');
my $also_good = lab_file($good_lab, 'also.json');
my $bad       = lab_file(<<'EOT', 'bad.json');
{
  "transprot": "udp",
  "transform": "upercase",
  "port": 70000,
  "close": "after_reply"
}
EOT

# What lint says of bad.json, place by place.
my @places = (
    [ 2, 3,  qr/"transprot": no such key\. Did you mean "transport"\?/ ],
    [ 3, 16, qr/"upercase".*\. Did you mean "uppercase"\?.*/ ],
    [ 4, 11, qr/"port": .*65535.*70000/ ],
    [ 5, 12, qr/"after_reply".*\. Did you mean "after-reply"\?/ ],
);

# -------------------------------------------------------------------- lint --

is_deeply([ run_protolab('', 'lint', $good) ], [ 0, "$good: ok\n", '' ], 'lint: a good lab');
is_deeply([ run_protolab('', 'lint', $good, $also_good) ],
    [ 0, "$good: ok\n$also_good: ok\n", '' ], '... two');

my ($status, $out, $err) = run_protolab('', 'lint', $bad);
is($status, 2,  'lint: a bad lab');
is($out,    '', '... is not a result');
my @heads = grep { /^\Q$bad\E/ } split /\n/, $err;
is(scalar @heads, scalar @places, '... all its errors at once') or diag($err);
for my $place (@places) {
    my ($line, $column, $message) = @$place;
    like(shift @heads // '', qr/^\Q$bad:$line:$column: \E.*$message$/, "... line $line, in order");
}
like($err, qr/^(\s*)"port": 70000,\n\1        \^\n/m, '... with the place below');

($status, $out, $err) = run_protolab('', 'lint', $good, $bad, 'none.json', $also_good);
is($status, 2, 'lint: good and bad labs');
is($out, "$good: ok\n$also_good: ok\n", '... the good ones are named');
like($err, qr/^\Q$bad\E:2:3: .*^none\.json: No such file/ms, '... and what is wrong with the others');

for (['{}', qr/"transport" is missing/], ['', qr/: /], ["[1]\n", qr/:1:1: /], ["{ \"port\": 1,\n", qr/:1:13: .*ends/]) {
    my ($text, $wanted) = @$_;
    ($status, undef, $err) = run_protolab('', 'lint', lab_file($text));
    is($status, 2, "lint: '" . $text =~ s/\n/\\n/r . "'");
    like($err, $wanted, '... and why');
}

# -------------------------------------------------------------------- JSON --

is_deeply(decode_json((run_protolab('', 'lint', '--json', $good))[1]), [], 'lint --json: a good lab');
($status, $out, $err) = run_protolab('', 'lint', '--json', $good, $bad, 'none.json');
is($status, 2,  'lint --json: bad ones');
is($err,    '', '... no talk');
my $list = decode_json($out);
is_deeply([ map { [ $_->{file}, $_->{line}, $_->{column} ] } @$list ],
    [ (map { [ $bad, @$_[ 0, 1 ] ] } @places), [ 'none.json', undef, undef ] ],
    '... where they are');
like($list->[0]{message}, qr/\A"transprot": no such key\z/, '... what');
is($list->[0]{remedy}, 'Did you mean "transport"?', '... and what to do');

# ---------------------------------------------------------- other commands --

for my $command (qw(serve client run help)) {
    ($status, $out, $err) = run_protolab('', $command, $bad);
    is($status, 2,  "$command: a bad lab");
    is($out,    '', '... no result');
    like($err, qr/^\Q$bad\E:2:3: .*\n(?:.*\n)*\Q$bad\E:5:12: /m, '... the same report');
}
($status, $out, $err) = run_protolab('', 'run', $bad, '--', 'echo', 'started');
is("$status $out", '2 ', 'run with a command: it is not started');

# ---------------------------------------------------------------- fixtures --

my @fixtures = glob "$srcdir/tests/fixtures/labs/bad/*.json";
cmp_ok(scalar @fixtures, '>=', 60, 'there are bad labs');
($status, $out, $err) = run_protolab('', 'lint', @fixtures);
is($status, 2, 'lint: all of them');
my %wrong = map { m{^(\S*\.json):} ? ($1 => 1) : () } split /\n/, $err;
is(join(' ', grep { !$wrong{$_} } @fixtures), '', '... something is wrong with each');
is($out, '', '... and none is called good');
unlike($err, qr/Sanitizer|runtime error/, '... no sanitizer has a word to say');
unlike($err, qr/[^\n\t -~\x80-\xff]/, '... and nothing reaches the terminal unescaped');

($status, $out, $err) = run_protolab('', 'lint', '--json', @fixtures);
is($status, 2, 'lint --json: all of them');
$list = eval { decode_json($out) } // [];
my %listed = map { $_->{file} => 1 } @$list;
is(join(' ', grep { !$listed{$_} } @fixtures), '', '... is JSON, with each');

done_testing;
