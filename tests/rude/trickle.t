#!/usr/bin/perl
# trickle.t - clients that send or read one byte at a time, some of them for ever.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use IO::Select;
use Socket qw(IPPROTO_TCP SHUT_WR TCP_NODELAY);
use Test::More;

my $handshake = qr/^protolab: 127\.0\.0\.1:\d+: no whole message came within limits\.handshake_ms$/m;
my $total     = qr/^protolab: 127\.0\.0\.1:\d+: it lasted longer than limits\.total_ms$/m;

sub connect_to {
    my ($server, %more) = @_;
    my $client = tcp($server, %more);
    setsockopt $client, IPPROTO_TCP, TCP_NODELAY, 1 or die $!;
    return $client;
}

# Each sends a byte from time to time until its connection is at its end.  Returns how many bytes
# there were; 0 where it has no end.
sub trickle {
    my ($byte, @clients) = @_;
    my $left = IO::Select->new(@clients);
    my $sent = 0;
    my $end = time + $ProtolabTest::patience;
    while ($left->count && time < $end) {
        for my $client ($left->can_read(0.02)) {
            $left->remove($client) if !sysread $client, my $some, 65536;
        }
        $sent += syswrite($_, $byte) // 0 for $left->handles;
    }
    return $left->count ? 0 : $sent;
}

# --- those that come to an end are served ---

for (['line', "abc\n" x 5, "ABC\n" x 5], ['length16', "\0\3abc" x 5, "\0\3ABC" x 5],
    ['length32', "\0\0\0\3abc" x 5, "\0\0\0\3ABC" x 5], ['fixed:3', 'abc' x 5, 'ABC' x 5],
    ['eof', "abc\n" x 5, "ABC\n" x 5]) {
    my ($framing, $bytes, $answers) = @$_;
    my $server = serve('tcp', '"uppercase"', qq("framing": "$framing"));
    my @clients = map { connect_to($server) } 1 .. 20;
    for my $byte (split //, $bytes) { syswrite $_, $byte for @clients }
    shutdown $_, SHUT_WR for @clients;
    is_deeply([map { read_all($_) } @clients], [($answers) x 20], "$framing: 20 clients, byte by byte, in turns");
    all_gone($server, $framing);
    ends_well($server, $framing);
    is($server->{said}, '', "$framing: without complaint");
}

{
    my $server = serve('tcp', '"uppercase"');
    my $client = connect_to($server);
    send_all($client, 'x') for 1 .. 20000;
    is(ask($client, 'y'), 'X' x 20000 . 'Y', 'a line of 20000 bytes, byte by byte');
    ends_well($server, 'a long line');
}

# --- those that do not come to an end are ended ---

for (['line', 'x'], ['length16', "\x7f"], ['fixed:1000000', 'x'], ['eof', 'x']) {
    my ($framing, $byte) = @$_;
    my $server = serve('tcp', '"uppercase"', qq("framing": "$framing"),
        '"limits": { "handshake_ms": 400, "idle_ms": 300 }');
    my $other = connect_to($server);
    my @clients = map { connect_to($server) } 1 .. 10;
    my $before = resident_kib($server);
    ok(trickle($byte, @clients), "$framing: clients that trickle for ever come to an end");
    says($server, 10, $handshake, "$framing: at limits.handshake_ms");
    cmp_ok(resident_kib($server) - $before, '<', 4096, "$framing: and take little memory");
    close $_ for @clients, $other;
    all_gone($server, $framing);
    ends_well($server, $framing);
}

{
    my $server = serve('tcp', '"uppercase"', '"limits": { "handshake_ms": 200, "idle_ms": 400, "total_ms": 700 }');
    my @clients = map { connect_to($server) } 1 .. 10;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 10], 'clients that say one thing');
    ok(trickle('x', @clients), 'and then trickle for ever come to an end');
    says($server, 10, $total, 'at limits.total_ms');
    all_gone($server, 'limits.total_ms');
    is(ask(connect_to($server), 'next'), 'NEXT', 'the next client is served');
    ends_well($server, 'limits.total_ms');
}

# --- readers ---

{
    my $server = serve('tcp', '{ "plugin": "big", "bytes": 3145728 }',
        '"limits": { "idle_ms": 400, "total_ms": 900 }');
    my $client = connect_to($server, few_bytes());
    send_all($client, "x\n" x 20);
    my $read = 0;
    while (sysread $client, my $byte, 1) {
        $read++;
        last if said_so_far($server) ne '';
        select undef, undef, undef, 0.01;
    }
    cmp_ok($read, '>', 0, 'a client that reads byte by byte');
    says($server, 1, qr/^protolab: 127\.0\.0\.1:\d+: (?:it lasted longer than limits\.total_ms|the peer has not read what was sent to it.*)$/m,
        'comes to an end too');
    close $client;
    all_gone($server, 'a slow reader');
    ends_well($server, 'a slow reader');
}

done_testing();
