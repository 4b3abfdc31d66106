#!/usr/bin/perl
# unreachable.t - replies to clients that have gone: the port is unreachable, and nobody else
# notices.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Test::More;

# A client at a port that no other had: what is on its way to another is not for it.
my %used;

sub fresh {
    my ($server) = @_;
    my $client;
    do { $client = udp($server) } while $used{$client->sockport}++;
    return $client;
}

# Clients that ask and are gone before the server answers: each reply brings an ICMP message.
sub gone {
    my ($server, $count) = @_;
    my @ports;
    freeze($server);
    for (1 .. $count) {
        my $client = fresh($server);
        $client->send("gone $_");
        push @ports, $client->sockport;
        close $client;
    }
    thaw($server);
    return @ports;
}

for (['echo', '"echo"', 'next'], ['counter', '"counter"', 1], ['twice', '"twice"', 'next'],
    ['greeter', '"greeter"', undef], ['closer', '"closer"', 'next']) {
    my ($about, $transform, $wanted) = @$_;
    my $server = serve('udp', $transform);
    my $stays = fresh($server);
    my $first = exchange($stays, 'before');
    for my $round (1 .. 5) {
        gone($server, 60);
        my $client = fresh($server);
        is(exchange($client, 'next'), $wanted // 'hello 127.0.0.1:' . $client->sockport,
            "$about: the next client is served, round $round");
    }
    ok(defined exchange($stays, 'after'), "$about: one that was there before is served");
    ends_well($server, $about);
    is($server->{said}, '', "$about: without complaint");
}

# A socket of the same port, later: a session that was left is taken up, and that is all there is to
# it.
{
    my $server = serve('udp', '"counter"');
    my ($port) = gone($server, 1);
    is(exchange(fresh($server), 'x'), 1, 'the answer to one who has gone is on its way before this one');
    my $later = udp($server, LocalHost => '127.0.0.1', LocalPort => $port);
    is(exchange($later, 'x'), 2, 'the same address is the same client');
    ends_well($server, 'the same port');
}

# Several workers, of whom each has its own socket.
{
    my $server = serve('udp', '"counter"', '"workers": 2');
    gone($server, 60);
    is(exchange(fresh($server), 'x'), 1, "workers: client $_ is served") for 1 .. 20;
    ends_well($server, 'workers');
    is($server->{said}, '', 'workers: without complaint');
}

done_testing();
