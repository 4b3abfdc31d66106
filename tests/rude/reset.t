#!/usr/bin/perl
# reset.t - clients that reset their connections, at any time.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Socket qw(SHUT_WR);
use Test::More;

# So many clients, which a server that is halted has not yet accepted.
sub knock {
    my ($server, $count, $words) = @_;
    freeze($server);
    my @clients = map { tcp($server) } 1 .. $count;
    send_all($_, $words) for @clients;
    return @clients;
}

# The server has outlived them.
sub outlives {
    my ($server, $about) = @_;
    all_gone($server, $about);
    is(ask(tcp($server), 'next'), 'NEXT', "$about: the next client is served");
    return;
}

{
    my $server = serve('tcp', '"uppercase"');

    cut_off($_) for knock($server, 50, '');
    thaw($server);
    outlives($server, 'before a word');

    cut_off($_) for knock($server, 50, "abc\n");
    thaw($server);
    outlives($server, 'between the question and accept');

    my @clients = map { tcp($server) } 1 .. 50;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 50], '50 clients are in');
    send_all($_, 'half a line') for @clients;
    cut_off($_) for @clients;
    outlives($server, 'in the middle of a message');

    @clients = map { tcp($server) } 1 .. 50;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 50], '50 more');
    freeze($server);
    send_all($_, "def\n" x 1000) for @clients;
    cut_off($_) for @clients;
    thaw($server);
    outlives($server, 'between the question and the answer');

    @clients = map { tcp($server) } 1 .. 50;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 50], 'and again');
    cut_off($_) for @clients;
    outlives($server, 'after the exchange');

    @clients = map { tcp($server) } 1 .. 50;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 50], 'and again');
    freeze($server);
    shutdown $_, SHUT_WR for @clients;
    cut_off($_) for @clients;
    thaw($server);
    outlives($server, 'after the end of their streams');
    ends_well($server, 'resets');
    unlike($server->{said}, qr/^(?!protolab: (?:127\.0\.0\.1:\d+: the peer (?:reset|has closed) the connection|\d+ more lines like these were left out)$)/m,
        'resets are told as what they are, and nothing else is');
}

# The first write of the server goes to a client that has gone.
{
    my $server = serve('tcp', '"greeter"');
    cut_off($_) for knock($server, 50, '');
    thaw($server);
    all_gone($server, 'between accept and the first write');
    like(read_line(tcp($server)), qr/^hello /, 'the next client is greeted');
    ends_well($server, 'greeter');
}

{
    my $server = serve('tcp', '{ "plugin": "big", "bytes": 3145728 }');
    my @clients = map { tcp($server, few_bytes()) } 1 .. 20;
    send_all($_, "x\nx\n") for @clients;
    is(join('', map { read_exactly($_, 1) } @clients), 'b' x 20, '20 clients have read one byte of 6 MiB');
    cut_off($_) for @clients;
    all_gone($server, 'during the answer');
    ok(read_exactly(tcp_that_asks($server), 3145729) eq 'b' x 3145728 . "\n", 'the next client has its answer');
    ends_well($server, 'big');
}

sub tcp_that_asks {
    my ($server) = @_;
    my $client = tcp($server);
    send_all($client, "x\n");
    return $client;
}

# The server has finished and waits for its clients to do the same.
{
    my $server = serve('tcp', '"uppercase"', '"close": "after-reply"');
    my @clients = map { tcp($server) } 1 .. 50;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 50], 'after-reply: 50 answers');
    cut_off($_) for @clients;
    outlives($server, 'after-reply');
    @clients = knock($server, 50, "abc\n" . 'x' x 10000);
    thaw($server);
    is_deeply([map { read_line($_) } @clients], [('ABC') x 50], 'and 50 to clients that go on');
    cut_off($_) for @clients;
    outlives($server, 'after-reply with unread bytes');
    ends_well($server, 'after-reply');
}

# A server that is being stopped meets resets too.
{
    my $server = serve('tcp', '{ "plugin": "big", "bytes": 3145728 }');
    my @clients = map { tcp($server, few_bytes()) } 1 .. 20;
    send_all($_, "x\n") for @clients;
    is(join('', map { read_exactly($_, 1) } @clients), 'b' x 20, '20 clients in the middle of answers');
    freeze($server);
    kill 'TERM', $server->{pid};
    cut_off($_) for @clients;
    thaw($server);
    ends_well($server, 'resets while it ends');
}

done_testing();
