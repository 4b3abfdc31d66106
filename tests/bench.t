# bench.t - the benchmarks run, and show a row for whatever was asked; no figure is judged.
use strict;
use warnings;

use Cwd qw(abs_path);
use JSON::PP;
use Test::More;
use ProtolabTest;

my $build = abs_path($ENV{builddir} // '.');

plan skip_all => 'python3 is missing' if !have('python3');
plan skip_all => 'unshare is missing' if !have('unshare');
plan skip_all => "bench/load is not built" if !-x "$build/bench/load";
plan skip_all => 'network namespaces are not to be had here'
  if (run_command('', 'unshare', $> == 0 ? '-n' : '-rn', 'true'))[0] != 0;

my @run = ('python3', '-B', "$srcdir/bench/run.py", '--build', $build, '--protolab', $protolab);
my $json = scratch() . '/results.json';

sub bench {
    my (@options) = @_;
    return run_command('', @run, @options);
}

# ------------------------------------------------------------------ one run --

# One mode of each form that a row can have.
my %kind = (
    'udp-batch' => 'rate', 'tcp-pipelined' => 'rate', 'tcp-connect' => 'rate',
    'tcp-stream-64' => 'bytes_per_second', 'tcp-stream-64-unframed' => 'bytes_per_second',
    'tcp-peers-10' => 'rate', 'udp-load-10' => 'rate', 'first-answer-tcp' => 'latency_ns',
);
my ($status, $out, $err) = bench('--quick', '--seconds', 0.3, '--servers', 'limit,protolab',
    '--json', $json, '--modes', join ',', keys %kind);
is($status, 0, 'all servers answer, and rightly') or diag($out, $err);
like($out, qr/\A.*own network namespace, tcp_congestion_control \w+/, 'the first line says where');

my $results = decode_json(slurp($json));
my %modes   = map { $_->{name} => $_ } @{ $results->{modes} };
is_deeply([sort keys %modes], [sort keys %kind], 'the JSON holds every mode');
for my $name (sort keys %kind) {
    my @entries = @{ $modes{$name}{results} // [] };
    is_deeply([map { $_->{server} } @entries], ['limit', 'protolab'], "$name: every server");
    my $kind    = $kind{$name};
    my @figures = map { $kind eq 'latency_ns' ? $_->{$kind}{p50} : $_->{$kind} } @entries;
    is(scalar(grep { $_ && $_->{median} > 0 } @figures), 2, '... has been measured');
    like($out, qr/^\Q$name\E: .*\n\s+server .*\n\s+limit .*\n\s+protolab .*\n\n/m, '... has a row');
}

# ---------------------------------------------------------------- the plots --

mkdir scratch() . '/plots' or die $!;
($status, $out, $err) = run_command('', 'python3', '-B', "$srcdir/bench/plot.py", $json,
    scratch() . '/plots');
is_deeply([$status, $err], [0, ''], 'the results can be drawn');
for my $name (qw(ratio connections-tcp latency-udp)) {
    my $svg = slurp(scratch() . "/plots/$name.svg");
    like($svg, qr/\A<svg .*<path .*>protolab<.*<\/svg>\n\z/s, "$name.svg shows protolab");
    unlike($svg, qr/nan|inf\b/, '... with numbers for places');
}
ok(!-e scratch() . '/plots/connections-udp.svg', 'what was not measured is not drawn');

# ------------------------------------------------------------ what goes wrong --

# A server in place of protolab's that receives "message" and then does something odd.
sub odd_server {
    my ($name, $does) = @_;
    my $path = scratch() . "/$name";
    open my $to, '>', $path or die "$path: $!";
    print $to <<"END";
#!/bin/sh
exec python3 -c '
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
while True:
    message, peer = server.recvfrom(65536)
    $does
' "\$@"
END
    close $to or die $!;
    chmod 0755, $path or die $!;
    return $path;
}

my @beside = ('--quick', '--seconds', 0.3, '--servers', 'limit,protolab', '--modes', 'udp-one',
    '--protolab');

($status, $out, $err)
  = bench(@beside, odd_server('wrong', 'server.sendto(message.upper()[:-1] + b"?", peer)'));
is($status, 1, 'wrong replies: status 1') or diag($out, $err);
like($out, qr/^  protolab .*WRONG REPLIES: \d+;.* load: wrong reply/m, '... and which they were');
unlike($out, qr/^  limit .*WRONG/m, '... of the right server');

($status, $out) = bench(@beside, odd_server('dying', 'sys.exit("that was too much")'));
is($status, 1, 'a server that ends: status 1');
like($out, qr/^  protolab .*failed: it ended: that was too much$/m, '... and what it said');

($status, $out) = bench(@beside, odd_server('silent', 'pass'));
is($status, 1, 'a server that never answers: status 1');
like($out, qr/^  protolab .*failed: load: no reply within 0\.3 seconds$/m, '... and that is said');

($status, $out) = bench(@beside, '/bin/false');
is($status, 1, 'a server that does not start: status 1');
like($out, qr/^  protolab .*failed: it did not start: and says nothing/m, '... and what it said');

($status, $out) = bench(@beside, '/nonexistent');
is($status, 0, 'a server that is missing is left out');
like($out, qr/^left out: protolab: \/nonexistent is missing$/m, '... and named');

for (['--modes', 'upd-one', qr/no mode and no group of modes is called "upd-one"/],
    ['--servers', 'limits', qr/no server is called "limits"/],
    ['--rounds', '0', qr/--rounds .* must be above 0/],
    ['--json', '/nonexistent/file', qr/--json: .*No such file/])
{
    my ($option, $value, $complaint) = @$_;
    ($status, $out, $err) = bench('--quick', '--modes', 'version', $option, $value);
    isnt($status, 0, "$option $value is refused");
    like($err, $complaint, '... for this reason');
}

done_testing();
