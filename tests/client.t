#!/usr/bin/perl
# client.t - protolab client with its sentences from a pipe: replies, and what it says where none
# comes.  terminal.t has the client at a terminal.
use strict;
use warnings;

use IO::Select;
use IO::Socket::IP;
use ProtolabTest;
use Socket qw(SOCK_DGRAM SOCK_STREAM SOL_SOCKET SO_LINGER);
use Test::More;

sub lab {
    my ($transport, $more) = @_;
    return lab_file(qq({ "transport": "$transport", "transform": "uppercase", "port": 12000$more }));
}

# A lab that is served, and the client with that input.
sub is_talk {
    my ($lab, $input, $out, $status, $err, $about) = @_;
    my $server = start_server($lab);
    my @got    = run_protolab($input, 'client', $lab, '--port', $server->{port});
    stop_server($server);
    is($got[1], $out,    "$about: replies");
    is($got[0], $status, '... status') or diag($got[2]);
    like($got[2], $err, '... talk');
    is($server->{said}, '', '... and the server has no complaint');
    return;
}

my $nothing = qr/\A\z/;
my $udp     = lab('udp', '');
my $lines   = lab('tcp', '');

# ------------------------------------------------------------- sentences --

for (['udp', $udp], ['tcp', $lines]) {
    my ($name, $lab) = @$_;
    is_talk($lab, "one\ntwo\nthree\n", "ONE\nTWO\nTHREE\n", 0, $nothing, "$name: three sentences");
    is_talk($lab, "one\nlast", "ONE\nLAST\n", 0, $nothing, "$name: a last line without newline");
    is_talk($lab, "a\n\nb\n", "A\n\nB\n", 0, $nothing, "$name: an empty line");
    is_talk($lab, "\n", "\n", 0, $nothing, "$name: only an empty line");
    is_talk($lab, '', '', 0, $nothing, "$name: no input");
    is_talk($lab, "a\0b\n\0\n", "A\0B\n\0\n", 0, $nothing, "$name: NUL");
    is_talk($lab, "\e[31mx\a\xff\n", "\e[31MX\a\xff\n", 0, $nothing,
        "$name: bytes are not escaped in a pipe");
    is_talk($lab, 'x' x 60000 . "\ny\n", 'X' x 60000 . "\nY\n", 0, $nothing, "$name: a long line");
}
is_talk(lab('udp', ', "limits": { "message_bytes": 5 }'), "12345\n123456\nok\n", "12345\nOK\n", 1,
    qr/\Aprotolab: a sentence of 6 bytes is longer than this lab's messages: 5\n\z/,
    'a sentence that is too long');
is_talk(lab('udp', ', "client": { "repeat": false }'), "one\ntwo\n", "ONE\n", 0, $nothing,
    'repeat false');
is_talk(lab('udp', ', "client": { "prompt": "Say: " }'), "one\n", "ONE\n", 0, $nothing,
    'a prompt of the lab stays out of a pipe');

my %framings = (
    line     => [ "one\n\ntwo", "ONE\n\nTWO\n" ],
    length16 => [ "one\n\ntwo\n" . 'x' x 65535, "ONE\n\nTWO\n" . 'X' x 65535 . "\n" ],
    length32 => [ "one\n\n" . 'x' x 300000, "ONE\n\n" . 'X' x 300000 . "\n" ],
    eof      => [ "one\n\n" . 'x' x 100000, "ONE\n\n" . 'X' x 100000 . "\n" ],
    recv     => [ "one\ntwo\n", "ONE\nTWO\n" ],
    'fixed:3' => [ "one\ntwo\n", "ONE\nTWO\n" ],
);
for my $framing (sort keys %framings) {
    is_talk(lab('tcp', qq(, "framing": "$framing")), @{ $framings{$framing} }, 0, $nothing, $framing);
}
is_talk(lab('tcp', ', "framing": "fixed:3"'), "four\none\nx\n", "ONE\n", 1,
    qr/\Aprotolab: a sentence of 4 bytes: every message of this lab has 3\nprotolab: .* 1 byte: /,
    'a sentence that has not the fixed size');
is_talk(lab('tcp', ', "framing": "length16"'), 'x' x 65536 . "\none\n", "ONE\n", 1,
    qr/\Aprotolab: a sentence of 65536 bytes .*: 65535\n\z/, 'a sentence too long for its length');
is_talk(lab('tcp', ', "close": "after-reply"'), "one\ntwo\nthree\n", "ONE\nTWO\nTHREE\n", 0,
    $nothing, 'close after-reply: a connection for each');

# ---------------------------------------------------------- other servers --

# A socket of the test's own in the place of the server, and the client, for a lab.
sub own_server {
    my ($transport, $more) = @_;
    my $socket = IO::Socket::IP->new(
        LocalHost => '127.0.0.1',
        Type      => $transport eq 'udp' ? SOCK_DGRAM : SOCK_STREAM,
        $transport eq 'tcp' ? (Listen => 8) : ()
    ) // die $@;
    my $client = start_command({}, $protolab, 'client', lab($transport, $more),
        '--port', $socket->sockport);
    return ($socket, $client);
}

# The socket, once something has come to it.
sub heard {
    my ($socket) = @_;
    IO::Select->new($socket)->can_read($ProtolabTest::patience) or die 'nothing came';
    return $socket;
}

sub is_over {
    my ($client, $status, $err, $about) = @_;
    is(finish($client), $status, "$about: status $status");
    like($client->{said}, $err, '... and what it says');
    return;
}

my $impatient = ', "client": { "timeout_ms": 500 }';

{
    my ($socket, $client) = own_server('udp', $impatient);
    print { $client->{in} } "first\nsecond\n";
    my $first = heard($socket)->recv(my $data, 100);
    is($data, 'first', 'udp: a server that does not answer at once');
    my $second = heard($socket)->recv($data, 100);
    is($data, 'second', '... gets the next sentence');
    isnt($second, $first, '... from another port');
    $socket->send('LATE', 0, $first);
    $socket->send('SECOND', 0, $second);
    is(read_line($client->{out}), 'SECOND', '... a late reply is not taken for the next one');
    is_over($client, 1, qr/\Aprotolab: udp 127\.0\.0\.1:\d+: timed out: no reply within 500 ms\n\z/,
        '... the first timed out');
}
{
    my ($socket, $client) = own_server('udp', '');
    print { $client->{in} } "mine\n";
    my $peer = heard($socket)->recv(my $data, 100);
    my $stranger = IO::Socket::IP->new(LocalHost => '127.0.0.1', Type => SOCK_DGRAM);
    $stranger->send('FORGED', 0, $peer);
    $socket->send('MINE', 0, $peer);
    is(read_line($client->{out}), 'MINE', 'udp: what others send is not a reply');
    is_over($client, 0, $nothing, '... and is not spoken of');
}
{
    my ($socket, $client) = own_server('tcp', $impatient);
    print { $client->{in} } "first\n";
    my $connection = heard($socket)->accept;
    is(read_line($connection), 'first', 'tcp: a silent server');
    is_over($client, 1, qr/\Aprotolab: tcp 127\.0\.0\.1:\d+: timed out: no reply within 500 ms\n\z/,
        '... times out');
}
{
    my ($socket, $client) = own_server('tcp', '');
    print { $client->{in} } "first\nsecond\n";
    my $connection = heard($socket)->accept;
    read_line($connection);
    close $connection;
    $connection = heard($socket)->accept;
    is(read_line($connection), 'second', 'tcp: after a close without reply the client connects again');
    print $connection "SECOND\n";
    $connection->flush;
    is(read_line($client->{out}), 'SECOND', '... and gets its reply');
    is_over($client, 1,
        qr/\Aprotolab: tcp 127\.0\.0\.1:\d+: the server closed the connection without a reply\n\z/,
        '... it said so');
}
# RST instead of FIN.
sub reset_connection {
    my ($connection) = @_;
    setsockopt $connection, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
    close $connection;
    return;
}
{
    my ($socket, $client) = own_server('tcp', '');
    print { $client->{in} } "first\n";
    my $connection = heard($socket)->accept;
    read_line($connection);
    reset_connection($connection);
    is_over($client, 1, qr/: no reply: the peer reset the connection\n\z/,
        'tcp: reset instead of a reply');
}
{
    my ($socket, $client) = own_server('tcp', '');
    for my $sentence (qw(first second)) {
        print { $client->{in} } "$sentence\n";
        my $connection = heard($socket)->accept;
        is(read_line($connection), $sentence, "tcp: the $sentence sentence on a connection");
        $connection->syswrite(uc "$sentence\n");
        is(read_line($client->{out}), uc $sentence, '... has its reply');
        reset_connection($connection);
    }
    is_over($client, 0, $nothing, '... that the connection is reset then does no harm');
}

# ---------------------------------------------------------------- no server --

# The port is bound, so that nobody else listens there, but does not listen.
my $bound = IO::Socket::IP->new(LocalHost => '127.0.0.1', Type => SOCK_STREAM);
# Nobody but this test uses that address; for UDP a port that is bound would take the datagram.
my %nobody = (tcp => [ '127.0.0.1', $bound->sockport ], udp => [ '127.77.66.55', 9 ]);
for my $transport (qw(udp tcp)) {
    my ($host, $port) = @{ $nobody{$transport} };
    my $lab = lab($transport, '');
    my ($status, $out, $err)
      = run_protolab("one\ntwo\n", 'client', $lab, '--host', $host, '--port', $port);
    is($status, 1,  "$transport: no server: status 1");
    is($out,    '', '... no reply');
    is($err, <<"EOT" x 2, '... where, why, and the remedy, for each sentence');
protolab: $transport $host:$port: no reply: no server is there: nothing has that port
Is the server running there? "protolab serve $lab" starts it.
EOT
}
my ($status, $out, $err)
  = run_protolab("one\n", 'client', $udp, '--host', 'no..host');
is($status, 1, 'a host that is not there: status 1');
like($err, qr/\Aprotolab: no\.\.host: \D+\nGive another with --host.*\n\z/,
    '... its name, no number, and the remedy');

# --------------------------------------------------------------- addresses --

# localhost may be one address or two, so the test brings its own file of hosts.
my $hosts = lab_file("::1 localhost\n127.0.0.1 localhost\n", 'hosts');
my @two_addresses = ('unshare', '-rm', 'sh', '-c',
    'mount --bind "$1" /etc/hosts && shift && exec "$@"', 'sh', $hosts);
my $has_two = have('unshare')
  && (run_command('', @two_addresses, 'getent', 'ahosts', 'localhost'))[1] =~ /\A::1.*^127/ms;

sub is_reached {
    my ($about, @command) = @_;
    ($status, $out, $err) = run_command("one\ntwo\n", @command);
    is($out, "ONE\nTWO\n", "$about: replies");
    is($status, 0,  '... status');
    is($err,    '', '... no talk');
    return;
}

for (['udp', $udp], ['tcp', $lines]) {
    my ($name, $lab) = @$_;
    my $server = start_server($lab, '--host', '127.0.0.1');
    my @client = ($protolab, 'client', $lab, '--port', $server->{port}, '--host', 'localhost');
    is_reached("$name: localhost", @client);
  SKIP: {
        skip 'no IPv6, or no namespace where localhost has two addresses', 3
          if !$has_two || !have_ipv6();
        is_reached("$name: localhost is ::1 too, where nobody is", @two_addresses, @client);
    }
  SKIP: {
        skip 'no IPv6', 3 if !have_ipv6();
        my $six = start_server($lab, '--host', '::1');
        is_reached("$name: ::1", $protolab, 'client', $lab, '--port', $six->{port}, '--host', '::1');
    }
}

# ------------------------------------------------------------------ signals --

for my $signal (qw(TERM INT)) {
    my ($socket, $client) = own_server('udp', '');
    print { $client->{in} } "one\n";
    my $peer = heard($socket)->recv(my $data, 100);
    is(stop_server($client, $signal), 0, "SIG$signal ends the client");
    is($client->{said}, '', '... in silence');
}

done_testing;
