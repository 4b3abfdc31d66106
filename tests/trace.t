#!/usr/bin/perl
# trace.t - protolab run, serve and client with --trace, and render --as text: the sequence diagrams
# of real runs.  PROTOLAB_WRITE_GOLDEN=1 writes them down, to be read before they are kept.
use strict;
use warnings;

use ProtolabTest;
use Test::More;

my $labs = "$srcdir/labs";

sub lab {
    my ($transport, $transform, $more) = @_;
    return lab_file(
        qq({ "transport": "$transport", "transform": "$transform", "port": 0 @{[$more // '']} }));
}

# Descriptor numbers are in the diagrams: whoever runs the tests may have left some open.
my @clean = ('sh', '-c', 'exec "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-', 'sh', $protolab);

sub run_clean {
    my ($input, @arguments) = @_;
    return run_command($input, @clean, @arguments);
}

# How two ends take leave of each other depends on whose packets are faster: each row of it is
# looked at alone.
sub without_end {
    my ($text) = @_;
    return join '', grep { !/\(FIN\)|(?:shutdown|close)\(/ } split /^/, $text;
}

# A server that the tests start may have other descriptor numbers than one that a student does.
sub without_descriptors {
    my ($text) = @_;
    return $text =~ s/(\| \w+\()\d+|(= )\d+(?=\n.*connection socket)|(socket\(\) = )\d+/($1 \/\/ $2 \/\/ $3) . 'N'/ger;
}

# No line is wider than the terminal, nothing in it is an order to the terminal.
sub is_tame {
    my ($text, $columns, $about) = @_;
    utf8::decode($text) or return fail("$about: UTF-8");
    my @wide = grep { s/\p{Mn}//gr =~ s/\p{East_Asian_Width=Wide}/xx/gr =~ /.{@{[$columns + 1]}}/ }
      split /\n/, $text;
    is(join("\n", @wide), '', "$about: at most $columns columns");
    return unlike($text, qr/[^\n\P{Cc}]|\p{Cf}/, '... and no orders to the terminal');
}

# ---------------------------------------------------------------------- run --

my $sentences = "hello world\nstraße \xe4\xbd\xa0\n\e[31mred\a\xff\t\n" . 'long ' x 300 . "\n";
my $replies   = "HELLO WORLD\nSTRASSE \xe4\xbd\xa0\n\e[31MRED\a\xff\t\n" . 'LONG ' x 300 . "\n";
for my $protocol (qw(udp tcp)) {
    my ($status, $out, $err)
      = run_clean($sentences, 'run', "$labs/$protocol-uppercase.json", '--port', 0);
    is($status, 0, "$protocol: run with sentences from a pipe");
    is($out, $replies, '... has the replies on stdout');
    is_tame($err, 80, $protocol);
    is_golden($protocol eq 'udp' ? $err : without_end($err), "run-$protocol");
    next if $protocol eq 'udp';
    my $closed = () = $err =~ /^ *\d\.\d{3} +\| +\| close\(7\)$|<-.*close\(7\)$/gm;
    is($closed, 4, '... and each connection socket is closed');
    $closed = () = $err =~ /^ *\d\.\d{3} +close\(6\) \|/gm;
    is($closed, 4, '... at both ends');
}

my $lines = "$labs/tcp-uppercase-lines.json";
for (
    [ 'run-tcp-lines', "hello world\nbye\n", $lines ],
    [ 'run-udp-calls', "hello world\n",      "$labs/udp-uppercase.json", '--trace=calls' ],
    [ 'run-tcp-calls', "hello world\n",      $lines, '--trace=calls' ],
    [ 'run-udp-hex',   "hello world\n",      "$labs/udp-uppercase.json", '--trace=hex' ],
    [ 'run-tcp-hex',   "three rows: \e[31m\xff, and more\n", $lines, '--trace=hex' ],
    [ 'run-tcp-sliced', "hey\n", "$labs/tcp-sliced.json" ],
    [ 'run-tcp-eof', 'the whole text', lab('tcp', 'uppercase', ', "framing": "eof"') ],
  )
{
    my ($name, $input, $lab, @options) = @$_;
    my ($status, $out, $err) = run_clean($input, 'run', $lab, '--port', 0, @options);
    is($status, 0, "$name: status 0");
    is_tame($err, 80, $name);
    is_golden($name =~ /udp/ ? $err : without_end($err), $name);
}
{
    # All but the last are answered at once: it alone waits for its time to be over.
    my $link = ', "link": { "script": [ "duplicate 2 in", "corrupt 3 in", "truncate 4 in", '
      . '"drop 5 in" ] }, "client": { "timeout_ms": 2000 }';
    my ($status, $out, $err)
      = run_clean("one\ntwo\nthree\nfour\nfive\n", 'run', lab('udp', 'echo', $link));
    is($status, 1, 'run-lossy: a datagram is lost');
    is_tame($err =~ s/^protolab: .*\n//gmr, 80, 'run-lossy');
    is_golden($err, 'run-lossy');
}
SKIP: {
    skip 'no IPv6', 4 if !have_ipv6();
    my ($status, $out, $err) = run_clean("one\n", 'run', lab('tcp', 'echo'), '--host', '::1');
    is("$status $out", "0 one\n", 'run at ::1');
    is_tame($err, 80, '::1');
    is_golden(without_end($err), 'run-tcp-ipv6');
}

# ------------------------------------------------------------------ remarks --

{
    local $ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;
    my ($status, $out, $err) = run_clean("one\n", 'run', lab('udp', 'noter'));
    like($err, qr/"one" 3 bytes -+>\| recvfrom\(4\) = 3\n [\d.]+ +\| +3 bytes \|\n.*<-+ "one" 3 bytes/,
        'what a transform notes stands between message and answer');

    ($status, $out, $err) = run_clean("\e[31mred\n" . 'x' x 80 . "\n", 'run', lab('udp', 'quoter'));
    like($err, qr/^ [\d.]+ +\| +it says \\u001b\[31mred \|$/m, '... hostile ones are escaped');
    like($err, qr/\| +it says \|\n(?: +\| +x+ \|\n){3}/, '... and long ones take several rows');
    is_tame($err, 80, 'remarks');

    ($status, $out, $err) = run_clean("one\n", 'run', lab('tcp', 'failing'));
    like($err, qr/\| +.*the fixture fails at 3 bytes/, 'the diagram says why a transform fails');
}

# ---------------------------------------------------------------- one side --

# Each client waits for its reply, so that nothing depends on who is faster.
my $three = q{use IO::Socket::IP; my @s = map { IO::Socket::IP->new(PeerHost => $ENV{PROTOLAB_HOST},
    PeerPort => $ENV{PROTOLAB_PORT}) or die } 1 .. 3; for my $text ('hello', 'bye') {
    for (@s) { syswrite $_, "$text\n"; sysread $_, my $reply, 100 } }};
my ($status, $out, $err)
  = run_clean('', 'run', $lines, '--trace', '--port', 0, '--', 'perl', '-e', $three);
is("$status $out", '0 ', 'run with a command and --trace');
is_tame($err, 80, 'three clients');
is_golden(without_end($err), 'run-three-clients');

($status, $out, $err) = run_clean('', 'run', $lines, '--trace=calls', '--', 'perl', '-e', $three);
is((() = $err =~ /^ *[\d.]+ server  accept\(4, 127.0.0.1:\d+\) = \d+  # connection socket$/gm), 3,
    '--trace=calls: each connection has its accept');
unlike($err, qr/client  /, '... the calls of others are not known');

my $server = start_server($lines, '--trace');
($status, $out, $err) = run_clean("hello world\n", 'client', $lines, '--trace', '--port', $server->{port});
is("$status $out", "0 HELLO WORLD\n", 'serve and client, each with --trace');
stop_server($server);
is_tame($server->{said}, 80, 'serve');
is_golden(without_descriptors(without_end($server->{said})), 'run-serve');
is_tame($err, 80, 'client');
is_golden($err, 'run-client');

# ------------------------------------------------------------------- render --

{
    my $log = scratch() . '/log';
    (undef, undef, $err) = run_clean("hello world\nbye\n", 'run', $lines, '--port', 0, '--log', $log);
    my ($status, $text, $said) = run_protolab('', 'render', $log, '--as', 'text');
    is("$status $said", '0 ', 'render --as text');
    is(masked($text), masked($err), '... draws what the run has drawn');
}

# ------------------------------------------------------------------ options --

($status, $out, $err) = run_protolab('', 'run', $lines, '--trace=packets');
is($status, 2, '--trace=packets: status 2');
like($err, qr/^protolab: run: --trace "packets": messages, calls or hex is wanted$/m, '... and why');

done_testing;
