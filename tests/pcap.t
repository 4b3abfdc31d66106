#!/usr/bin/perl
# pcap.t - captures as Wireshark reads them: its tshark finds the addresses, the bytes of each stream
# and the remarks, every checksum right, and nothing to complain of.
use strict;
use warnings;

use ProtolabTest;
use Test::More;

plan skip_all => 'tshark is not installed' if !have('tshark');
$ENV{WIRESHARK_CONFIG_DIR} = scratch();

my $captures = 0;
sub capture_file { return scratch() . '/capture' . ++$captures . '.pcapng' }

sub lab {
    my ($transport, $transform, $more) = @_;
    return lab_file(
        qq({ "transport": "$transport", "transform": "$transform", "port": 0 @{[$more // '']} }));
}

# The rows that tshark prints of a capture, with all checks on.  Ports mean nothing to it: a free one
# may be that of some protocol.
sub tshark {
    my ($file, @more) = @_;
    my @checks = map { ('-o', "$_.check_checksum:TRUE") } qw(ip udp tcp);
    my @ports = map { ('-d', "$_.port==1-65535,data") } qw(udp tcp);
    my ($status, $out, $err) = run_command('', 'tshark', '-n', '-r', $file, @checks, @ports, @more);
    is($status, 0, "tshark @more") or diag($err);
    return map { s/\n//r } $out =~ /.*\n/g;
}

# The values of some fields, a row for each packet that a filter lets through.
sub fields {
    my ($file, $filter, @names) = @_;
    return map { s/\t/ /gr } tshark($file, '-Y', $filter, '-T', 'fields', map { ('-e', $_) } @names);
}

# Both directions of a connection, as "follow stream" shows them.
sub follow {
    my ($file, $stream) = @_;
    my @bytes = ('', '');
    for (tshark($file, '-q', '-z', "follow,tcp,raw,$stream")) {
        $bytes[ defined $1 ] .= pack 'H*', $2 if /^(\t)?([0-9a-f]+)$/;
    }
    return @bytes;
}

# What the expert has to note, or worse; but that a connection ends.
sub complaints {
    my ($file) = @_;
    return grep { /^\s+\d/ && !/This frame \w+ the connection closing$/ }
      tshark($file, '-q', '-z', 'expert,note');
}

sub is_sound {
    my ($file, $name) = @_;
    is_deeply([ complaints($file) ], [], "$name: nothing to complain of");
    is(scalar tshark($file, '-Y', 'ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0'),
        0, '... and no wrong checksum');
    return;
}

# ---------------------------------------------------------------- datagrams --

for my $host ('127.0.0.1', have_ipv6() ? '::1' : ()) {
    my $file = capture_file();
    my ($status, $out) = run_protolab("hello\nb\n", 'run', lab('udp', 'uppercase'), '--host', $host,
        '--pcap', $file);
    is("$status $out", "0 HELLO\nB\n", "run over UDP at $host");
    my $ip = $host eq '::1' ? 'ipv6' : 'ip';
    my @rows = fields($file, 'udp', "$ip.src", "$ip.dst", qw(udp.srcport udp.dstport udp.payload));
    is(scalar @rows, 4, '... each datagram is captured once');
    my ($client, $server) = $rows[0] =~ /^\Q$host $host\E (\d+) (\d+) 68656c6c6f$/;
    is_deeply([ @rows[ 1 .. 3 ] ],
        [ "$host $host $server $client 48454c4c4f", "$host $host $client $server 62",
            "$host $host $server $client 42" ], '... in their order');
    is_sound($file, "UDP at $host");
}

# ------------------------------------------------------------------ streams --

{
    my $file = capture_file();
    my ($status, $out) = run_protolab("hello\nb\n", 'run', lab('tcp', 'uppercase'), '--pcap', $file);
    is("$status $out", "0 HELLO\nB\n", 'run over TCP');
    my @flags = fields($file, 'tcp', 'tcp.flags.str');
    s/[^A-Z]//g for @flags;
    is("@flags[0 .. 6]", 'S AS A AP AP AP AP', '... handshake and data');
    is("@flags[7 .. $#flags]", 'AF AF A', '... and both ends');
    is_deeply([ follow($file, 0) ], [ "hello\nb\n", "HELLO\nB\n" ], '... the stream as it was');
    is((fields($file, 'tcp', 'tcp.completeness'))[-1], 31, '... from its beginning to its end');
    is_sound($file, 'TCP');
}

# Ten clients at once, with 100 KB each way, over both kinds of IP.
for my $host ('127.0.0.1', have_ipv6() ? '::1' : ()) {
    my $file = capture_file();
    my $server = start_server(lab('tcp', 'echo', ', "framing": "eof", "limits": { "message_bytes": 200000 }'),
        '--host', $host, '--pcap', $file);
    my @clients = map { tcp($server) } 0 .. 9;
    my @bytes = map { my $i = $_; join '', map { chr(($_ * 31 + $i) % 256) } 1 .. 100_000 + $i } 0 .. 9;
    for my $i (0 .. 9) {
        ok(send_all($clients[$i], substr $bytes[$i], 0, 70_000), "client $i sends");
    }
    for my $i (0 .. 9) {
        send_all($clients[$i], substr $bytes[$i], 70_000);
        shutdown $clients[$i], 1;
        is(length read_all($clients[$i]), 100_000 + $i, '... and is answered');
    }
    is(stop_server($server), 0, "10 clients at $host");
    my %ports = map { ($clients[$_]->sockport => $_) } 0 .. 9;
    for my $row (fields($file, 'tcp.flags.syn == 1 && tcp.flags.ack == 0', qw(tcp.stream tcp.srcport))) {
        my ($stream, $port) = split ' ', $row;
        my $expected = $bytes[ delete $ports{$port} ];
        my @streams = follow($file, $stream);
        ok($streams[0] eq $expected && $streams[1] eq $expected, "stream $stream as it was");
    }
    is(scalar keys %ports, 0, 'all of them are there');
    is_sound($file, "10 clients at $host");
}

# Bytes that a socket takes at once are cut where no packet is long enough.
{
    my $file = capture_file();
    my $client = 'import os, socket; s = socket.create_connection(("127.0.0.1", int(os.environ["PROTOLAB_PORT"])));'
      . 's.sendall(b"a" * 300000 + b"\n"); print(len(s.makefile("rb").readline()))';
  SKIP: {
        skip 'python3 is not installed', 5 if !have('python3');
        my ($status, $out) = run_protolab('', 'run', '--pcap', $file,
            lab('tcp', 'echo', ', "limits": { "message_bytes": 400000 }'), '--', 'python3', '-c', $client);
        is("$status $out", "0 300001\n", 'a long line');
        is((sort { $b <=> $a } fields($file, 'tcp', 'tcp.len'))[0], 65495, '... in long segments');
        is_sound($file, 'a long line');
    }
}

# --------------------------------------------------------------------- ends --

{
    my $file = capture_file();
    my $server = start_server(lab('tcp', 'echo'), '--pcap', $file);
    my ($resets, $halves, $stays) = map { tcp($server) } 1 .. 3;
    print $resets "one\n";
    is(read_exactly($resets, 4), "one\n", 'a client');
    cut_off($resets);
    ok(eventually(sub { said_so_far($server) =~ /reset/ }), '... that resets its connection');
    shutdown $halves, 1;
    is(read_all($halves), '', 'one that ends its half');
    print $stays "x\n";
    is(read_exactly($stays, 2), "x\n", 'one that stays');
    is(stop_server($server), 0, '... until the server ends');
    is_deeply([ fields($file, 'tcp.flags.reset == 1', qw(tcp.stream tcp.dstport frame.comment)) ],
        ["0 $server->{port} closed: the peer reset the connection"], 'the reset is there, and why');
    is_deeply(
        [ fields($file, 'tcp.flags.fin == 1', qw(tcp.stream tcp.srcport)) ],
        [ '1 ' . $halves->sockport, "1 $server->{port}", "2 $server->{port}" ], 'so is each FIN');
    is((grep { !/reset \(RST\)$/ } complaints($file)), 0, 'nothing else to complain of');
}
{
    my $server = start_server(lab('tcp', 'echo'));
    my $file = capture_file();
    my ($status, $out) = run_protolab("one\n", 'client', lab('tcp', 'echo'), '--port', $server->{port},
        '--pcap', $file);
    is("$status $out", "0 one\n", 'a client alone');
    is_deeply([ follow($file, 0) ], [ "one\n", "one\n" ], '... has its own view');
    is_sound($file, 'a client alone');
}

# ----------------------------------------------------------------- comments --

{
    local $ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;
    my $file = capture_file();
    run_protolab("one\n\e[31mred\n", 'run', lab('udp', 'quoter'), '--pcap', $file);
    is_deeply([ fields($file, 'udp', 'frame.comment') ], [ 'it says one', '', 'it says \\u001b[31mred', '' ],
        'notes of a transform are comments of what it works on');
}
{
    my $file = capture_file();
    my $script = '"drop 1 in", "duplicate 2 in", "corrupt 1 out", "truncate 2 out 1", "delay 3 in 30ms"';
    my $server = start_server(lab('udp', 'uppercase', qq(, "link": { "script": [$script] })), '--pcap', $file);
    my $client = udp($server);
    $client->send('one');
    like(exchange($client, 'two'), qr/^(?!TWO)...$/s, 'a lossy link');
    is(exchange($client, 'three'), 'T', '... which does as its script says');
    is(read_exactly($client, 5), 'THREE', '... to each datagram');
    is(stop_server($server), 0, '... in its order');
    my @seen = fields($file, 'udp', qw(udp.payload frame.comment));
    like(splice(@seen, 2, 1), qr/^(?!54574f)\w{6} corrupted bit \d+ by the link: packet 1 out of flow 1/,
        'one with a bit turned over, as it went');
    is_deeply(
        \@seen,
        [
            '6f6e65 dropped by the link: packet 1 in of flow 1, as the script says',
            '74776f duplicated by the link: packet 2 in of flow 1, as the script says',
            '74776f duplicated by the link: packet 2 in of flow 1, as the script says',
            '54 cut to 1 byte by the link: packet 2 out of flow 1, as the script says',
            '7468726565 delayed 30 ms by the link: packet 3 in of flow 1, as the script says',
            '5448524545 ',
        ],
        'comments say what the link did'
    );
    is_sound($file, 'a lossy link');
}
{
    my $file = capture_file();
    run_protolab("abcdefgh\n", 'run', '--pcap', $file, lab('tcp', 'echo', ', "link": { "slice": 3 }'));
    is_deeply([ fields($file, 'tcp.len > 0', 'tcp.payload') ],
        [ map { unpack 'H*', $_ } ('abc', 'def', "gh\n") x 2 ], 'slices of a stream');
    is_sound($file, 'slices');
}

# ---------------------------------------------------------------- the file --

# Whole packets are there as soon as they have passed.
{
    my $file = capture_file();
    my $server = start_server(lab('udp', 'echo'), '--pcap', $file);
    my $client = udp($server);
    my @one = map { unpack 'H*', $_ } ('one') x 2;
    is(exchange($client, 'one'), 'one', 'a server that runs on');
    # The answer leaves before the round ends that writes it down.
    ok(eventually(sub { "@one" eq join ' ', fields($file, 'udp', 'udp.payload') }),
        '... has a capture that can be read');
  SKIP: {
        skip 'dumpcap cannot be run', 2 if !have('dumpcap');
        my $live = start_command({}, 'sh', '-c', 'tail -c +1 -f "$0" | tshark -n -l -i - -c 4 -T fields -e udp.payload',
            $file);
        is_deeply([ map { read_line($live->{out}) } @one ], \@one, '... while it grows');
        exchange($client, 'two');
        is_deeply([ map { read_line($live->{out}) } @one ], [ (unpack 'H*', 'two') x 2 ],
            '... packet by packet');
        finish($live);
    }
    is(stop_server($server), 0, '... until the server ends');
}

# To a pipe, with nothing else in it.
{
    my $file = capture_file();
    my ($status, $out, $err) = run_protolab("one\n", 'run', lab('udp', 'echo'), '--pcap', '-');
    is($status, 0, 'a capture to standard output');
    like($err, qr/^one$/m, '... with the reply on standard error');
    lab_file($out, 'piped.pcapng');
    is_deeply([ fields(scratch() . '/piped.pcapng', 'udp', 'udp.payload') ], [ ('6f6e65') x 2 ], '... is whole');
}
{
    my ($status, $out, $err) = run_protolab("one\n", 'run', lab('udp', 'echo'), '--pcap', '/dev/full');
    is("$status $out", "1 one\n", 'on a full disk the lab goes on, and fails');
    is(() = $err =~ /No space left on device/g, 1, '... which is told once');
    ($status, $out, $err) = run_protolab("one\n", 'run', lab('udp', 'echo'), '--pcap', '/nowhere/x');
    like("$status $err", qr{^1 protolab: /nowhere/x: No such file or directory}, 'a folder that is not there');
}

done_testing;
