#!/usr/bin/perl
# datagrams.t - empty, long, too long, far too many: the server answers the next one.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Test::More;

# Each socket sends that, in turns, until so many have been sent.
sub flood {
    my ($sockets, $count, @datagrams) = @_;
    my $sent = 0;
    for my $i (0 .. $count - 1) {
        $sent++ if defined $sockets->[$i % @$sockets]->send($datagrams[$i % @datagrams]);
    }
    return $sent;
}

{
    my $server = serve('udp', '"echo"');
    my $client = udp($server);
    my $longest = join '', map { chr $_ % 253 } 1 .. 65507;
    for my $round (1 .. 20) {
        is(exchange($client, ''), '', 'an empty datagram') if $round == 1;
        ok(exchange($client, $longest) eq $longest, 'one of 65507 bytes') if $round == 1;
        exchange($client, $_) for '', $longest, "\0", "\n";
    }
    is(exchange($client, 'abc'), 'abc', 'and a common one');
    ends_well($server, 'all sizes');
    is($server->{said}, '', 'all sizes are right');
}

{
    my $server = serve('udp', '"uppercase"', '"limits": { "message_bytes": 100 }');
    my @clients = map { udp($server) } 1 .. 10;
    is(exchange($clients[0], 'x' x 100), 'X' x 100, 'the longest that limits.message_bytes allows');
    $_->send('x' x 101) for @clients;
    is(exchange($clients[1], 'next'), 'NEXT', 'one that is too long has no answer, the next one has');
    flood(\@clients, 5000, 'x' x 101, 'x' x 65507, '');
    is(insist(udp($server), 'next'), 'NEXT', '5000 of them');
    ends_well($server, 'too long');
    my $lines = () = $server->{said} =~ /^/mg;
    cmp_ok($lines, '>', 0, 'are told of');
    cmp_ok($lines, '<', 300, 'but not each of them');
}

# 20000 datagrams from 50 sockets, which nobody reads the answers of.
for (['"uppercase"', 'next', qr/^NEXT$/], ['"counter"', 'next', qr/^\d+$/], ['"twice"', 'next', qr/^next$/],
    ['{ "plugin": "big", "bytes": 65507 }', 'x', qr/^b+$/]) {
    my ($transform, $question, $answer) = @$_;
    my $server = serve('udp', $transform);
    like(insist(udp($server), $question), $answer, "$transform: an exchange");
    my $before = resident_kib($server);
    my @sockets = map { udp($server) } 1 .. 50;
    my $sent = flood(\@sockets, 20000, 'abc', '', "\0\xff" x 100);
    cmp_ok($sent, '>', 10000, "$transform: a flood");
    like(insist(udp($server), $question), $answer, "$transform: then an exchange");
    cmp_ok(resident_kib($server) - $before, '<', 8 * 1024, "$transform: and no memory is lost");
    # The flood is over when no more answers come.
    my $idle = cpu_seconds($server);
    ok(eventually { my $now = cpu_seconds($server); my $calm = $now == $idle; $idle = $now; $calm },
        "$transform: the server has come to rest");
    ends_well($server, $transform);
    my $lines = () = $server->{said} =~ /^/mg;
    cmp_ok($lines, '<', 300, "$transform: the log is bounded");
}

# More clients than limits.sessions, where each has a session.
{
    my $server = serve('udp', '"counter"', '"limits": { "sessions": 50, "idle_ms": 2000 }');
    my @inside = map { udp($server) } 1 .. 50;
    is_deeply([map { exchange($_, 'x') } @inside], [(1) x 50], 'limits.sessions is reached');
    my $before = resident_kib($server);
    my @outside = map { udp($server) } 1 .. 200;
    flood(\@outside, 4000, 'x');
    cmp_ok(insist($inside[0], 'x'), '>', 1, 'a flood of others does not end a session');
    cmp_ok(resident_kib($server) - $before, '<', 1024, 'they take no memory');
    says($server, 1, qr/^protolab: limits\.sessions is reached: datagrams from new peers are dropped$/m, 'it is told');
    my $lines = () = said_so_far($server) =~ /^/mg;
    cmp_ok($lines, '<', 100, 'but not for each of them');
    like(insist(udp($server), 'x'), qr/^\d+$/, 'others come in when sessions have ended');
    ends_well($server, 'limits.sessions');
}

done_testing();
