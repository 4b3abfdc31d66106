#!/usr/bin/perl
# leaves.t - clients that close their connections without a word of farewell.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Test::More;

sub outlives {
    my ($server, $about) = @_;
    all_gone($server, $about);
    is(ask(tcp($server), 'next'), 'NEXT', "$about: the next client is served");
    return;
}

my %half = (line => 'half a li', length16 => "\0\x{9}half", length32 => "\0\0\1", 'fixed:9' => 'half');
my %next = (line => "next\n", length16 => "\0\4next", length32 => "\0\0\0\4next", 'fixed:9' => 'next next');
for my $framing (sort keys %half) {
    my $server = serve('tcp', '"uppercase"', qq("framing": "$framing"));
    for (1 .. 100) {
        my $client = tcp($server);
        send_all($client, $half{$framing});
        close $client;
    }
    says($server, 10, qr/^protolab: 127\.0\.0\.1:\d+: the peer ended its stream in the middle of a message/m,
        "$framing: 100 clients leave in the middle of a message, and that is told");
    all_gone($server, $framing);
    my $client = tcp($server);
    send_all($client, $next{$framing});
    is(read_exactly($client, length $next{$framing}), uc $next{$framing}, "$framing: the next client is served");
    ends_well($server, $framing);
}

{
    my $server = serve('tcp', '"uppercase"');
    close tcp($server) for 1 .. 200;
    outlives($server, 'at once');

    freeze($server);
    close tcp($server) for 1 .. 200;
    thaw($server);
    outlives($server, 'before accept');
    is(said_so_far($server), '', 'and nobody complains');

    freeze($server);
    for (1 .. 200) {
        my $client = tcp($server);
        send_all($client, "abc\n");
        close $client;
    }
    thaw($server);
    outlives($server, 'with a question that is answered to nobody');

    # What has come and was not read makes a close a reset.
    for (1 .. 50) {
        my $client = tcp($server);
        send_all($client, "abc\n" x 100);
        read_exactly($client, 2);
        close $client;
    }
    outlives($server, 'with answers that nobody has read');
    ends_well($server, 'leaves');
}

{
    my $server = serve('tcp', '"greeter"');
    freeze($server);
    close tcp($server) for 1 .. 200;
    thaw($server);
    all_gone($server, 'between accept and the first write');
    like(read_line(tcp($server)), qr/^hello /, 'the next client is greeted');
    ends_well($server, 'greeter');
}

# One that holds the only place leaves without a word.
{
    my $server = serve('tcp', '"uppercase"', '"limits": { "sessions": 1 }');
    for my $i (1 .. 50) {
        my $client = tcp($server);
        is(ask($client, "client $i"), "CLIENT $i", 'one place for many clients') if $i % 10 == 0;
        send_all($client, 'half a line') if $i % 2;
        close $client;
    }
    outlives($server, 'the only place');
    ends_well($server, 'the only place');
}

# Datagrams know no farewell: sessions of those who have left go after limits.idle_ms.
{
    my $server = serve('udp', '"counter"', '"limits": { "sessions": 50, "idle_ms": 200 }');
    for (1 .. 50) {
        my $client = udp($server);
        like(exchange($client, 'x'), qr/^\d+$/, 'a client that leaves without a word') if $_ % 10 == 0;
        $client->send('x') if $_ % 10;
    }
    my $next = udp($server);
    my $count;
    $next->blocking(0);
    ok(eventually { $next->send('x'); $next->recv($count, 10); defined $count && $count ne '' },
        'makes room for the next');
    ends_well($server, 'counter');
}

done_testing();
