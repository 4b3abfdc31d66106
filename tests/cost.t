#!/usr/bin/perl
# cost.t - "make check-cost" passes what costs as much as recorded, and nothing else.
use strict;
use warnings;

use JSON::PP;
use ProtolabTest;
use Test::More;

plan skip_all => 'python3 is missing' if !have('python3');

# The one case that is counted here.
my $case  = 'udp-batch';
my $build = $ENV{builddir} // '.';
my @make  = (split(' ', $ENV{MAKE} || 'make'), '-s', '-C', $build);
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES)};

my $figures = scratch() . '/figures.json';

sub count {
    my ($target, $more) = @_;
    my $arguments = "--figures $figures " . ($more // $case);
    return run_command('', @make, $target, "COST=$arguments");
}

# Without make: for what another environment says.
my (undef, $python) = run_command('', 'python3', '-c', 'import sys; print(sys.executable, end="")');

sub cost_py {
    my ($env, @arguments) = @_;
    local %ENV = (%ENV, PROTOLAB_COUNTED => '/nonexistent', %$env);
    return run_command('', $python, '-B', "$srcdir/bench/cost.py", '--figures', $figures,
        @arguments);
}

# ------------------------------------------------------- what is not counted --

my ($status, $out, $err) = cost_py({ PATH => '/nonexistent' });
is_deeply([$status, $out], [0, "1..0 # SKIP valgrind is missing: apt-get install valgrind\n"],
    'without valgrind nothing is counted');
($status) = cost_py({ PATH => '/nonexistent' }, '--record');
is($status, 1, 'and nothing can be recorded');

($status, $out, $err) = cost_py({ SANITIZE_CFLAGS => '-fsanitize=address' });
is_deeply([$status, $out =~ /^1\.\.0 # SKIP .*without --enable-sanitizers$/ ? 1 : 0], [0, 1],
    'nor are sanitizers')
  or diag($out, $err);

($status, $out, $err) = cost_py({}, 'upd-batch');
is($status, 2, 'a case that there is not');
like($err, qr/upd-batch: no such case; --help lists them/, 'is named');

# --------------------------------------------------------------- the figures --

($status, $out, $err) = count('check-cost');
if ($out =~ /^1\.\.0 # SKIP (.*)/m) {
    my $why = $1;
    is($status, 0, "skipped: $why") or diag($err);
    done_testing();
    exit;
}
my $counted = qr/^ok 1 - $case: [\d.]+ instructions a datagram/m;
my $line    = qr/$counted \(limit server [\d.]+\)/;
is($status, 0, 'where nothing is recorded') or diag($out, $err);
like($out, qr/$line # SKIP .*: make record-cost$/m, 'the count is told, and the remedy');
ok(!-e $figures, 'nothing is written');

($status, $out, $err) = count('record-cost');
is($status, 0, 'make record-cost') or diag($out, $err);
like($out, qr/$line$/m, 'tells the count');
my $recorded = decode_json(slurp($figures));
my ($compiler) = keys %$recorded;
like($compiler, qr/^(?:gcc|clang) \d\S* \S+/, 'and records it, for this compiler');
my $cost = $recorded->{$compiler}{$case};
cmp_ok($cost, '>', 50, 'as more than a server could do without');

# Checks against so many times what was counted.
sub check_against {
    my ($factor) = @_;
    lab_file(encode_json({ $compiler => { $case => $cost * $factor } }), 'figures.json');
    return count('check-cost');
}

($status, $out, $err) = check_against(1);
is($status, 0, 'as much as recorded passes') or diag($out, $err);
like($out, qr/$counted \(recorded $cost, limit server [\d.]+\)$/m, 'with the figure');
($status, $out, $err) = check_against(1 / 1.04);
is($status, 0, '4 % more passes') or diag($out, $err);
($status, $out, $err) = check_against(1 / 1.06);
isnt($status, 0, '6 % more does not');
like($out, qr/^not ok 1 - $case: .*\n# 6\.\d % more than recorded; "make record-cost" raises/m,
    'and says so');
($status, $out, $err) = check_against(2);
is($status, 0, 'half passes') or diag($out, $err);
like($out, qr/^# less than recorded: "make record-cost"/m, 'with advice to record it');

lab_file(encode_json({ 'gcc 2.7.2 vax -O2' => { $case => 1 } }), 'figures.json');
($status, $out, $err) = count('check-cost');
is($status, 0, 'the figure of another compiler') or diag($out, $err);
like($out, qr/# SKIP/, 'is none');

lab_file('{ "gcc": ', 'figures.json');
($status, $out, $err) = count('check-cost');
isnt($status, 0, 'figures that cannot be read');
like($err, qr/^cost\.py: \Q$figures\E: .*line 1 column \d+.*make record-cost/m, 'are named');
unlink $figures;

($status, $out, $err) = count('check-cost', "--functions $case");
like($out, qr/^# ours +[\d.]+  uppercase_message\n(?:# ours.*\n)+# limit +[\d.]+  main$/m,
    '--functions: who spends how much');

# ------------------------------------------------------------ a wrong server --

# A folder whose server is another program.
my $wrong = scratch() . '/wrong';
mkdir $wrong or die $!;

sub wrong_server {
    my ($program) = @_;
    open my $file, '>', "$wrong/protolab" or die $!;
    print $file $program;
    close $file or die $!;
    chmod 0755, "$wrong/protolab" or die $!;
    return cost_py({ PROTOLAB_COUNTED => $wrong }, '--record', $case);
}

($status, $out, $err) = wrong_server(<<"END");
#!$^X
use IO::Socket::INET;
my \$socket = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => \$ARGV[3], Proto => 'udp');
while (1) { \$socket->recv(my \$message, 100); \$socket->send(\$message); }
END
is($status, 1, 'a server whose answers are wrong');
like($out, qr/^not ok 1 - $case\n# the reply to b'q+r.*' is b'q+r.*'$/m, 'is found out');

($status, $out, $err) = wrong_server("#!/bin/sh\necho I am ill >&2\nexit 3\n");
is($status, 1, 'one that does not start');
like($out, qr/^not ok 1 - $case\n# the server is not ready: (?:.*\n# )*I am ill$/m, 'is heard');
ok(!-e $figures, 'nothing is recorded of either');

done_testing();
