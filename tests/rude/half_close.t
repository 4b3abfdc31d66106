#!/usr/bin/perl
# half_close.t - one side has finished sending, the other has not.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Socket qw(SHUT_RD SHUT_WR);
use Test::More;

# Sends that and the end of the stream; returns all that comes back.
sub converse {
    my ($server, $bytes) = @_;
    my $client = tcp($server);
    send_all($client, $bytes);
    shutdown $client, SHUT_WR;
    return read_all($client);
}

# --- the client has finished ---

for (['line', "a\nb\n", "A\nB\n", 'c'], ['length16', "\0\1a\0\1b", "\0\1A\0\1B", "\0\2c"],
    ['length32', "\0\0\0\1a", "\0\0\0\1A", "\0\0"], ['fixed:2', 'abcd', 'ABCD', 'e']) {
    my ($framing, $good, $answers, $half) = @$_;
    my $server = serve('tcp', '"uppercase"', qq("framing": "$framing"));
    is(converse($server, ''), '', "$framing: not a word, and the end");
    is(converse($server, $good), $answers, "$framing: messages, and the end");
    is($framing eq 'line' ? said_so_far($server) : '', '', "$framing: without complaint");
    is(converse($server, "$good$half"), $answers, "$framing: the end in the middle of a message");
    says($server, 1, qr/: the peer ended its stream in the middle of a message/, 'which is told');
    all_gone($server, $framing);
    ends_well($server, $framing);
}

{
    my $server = serve('tcp', '"uppercase"', '"framing": "eof"');
    is(converse($server, ''), '', 'eof: the empty message');
    is(converse($server, "a\nb"), "A\nB", 'eof: the end makes the message');
    all_gone($server, 'eof');
    ends_well($server, 'eof');
}

{
    my $server = serve('tcp', '{ "plugin": "big", "bytes": 3145728 }');
    my $client = tcp($server, few_bytes());
    send_all($client, "x\nx\nx\n");
    shutdown $client, SHUT_WR;
    is(read_exactly($client, 1), 'b', 'the end comes while answers wait');
    my $rest = read_all($client) // '';
    ok("b$rest" eq ('b' x 3145728 . "\n") x 3, 'and all of them arrive');
    all_gone($server, 'waiting answers');
    ends_well($server, 'waiting answers');
}

{
    my $server = serve('tcp', '"greeter"');
    freeze($server);
    my @clients = map { tcp($server) } 1 .. 50;
    shutdown $_, SHUT_WR for @clients;
    thaw($server);
    is_deeply([map { read_all($_) } @clients], [map { 'hello 127.0.0.1:' . $_->sockport . "\n" } @clients],
        'the end comes before the server has begun: it says what it has to say');
    all_gone($server, 'an early end');
    ends_well($server, 'an early end');
    is($server->{said}, '', 'and has nothing to complain of');
}

# SHUT_RD tells the server nothing: it is a client that does not care.
{
    my $server = serve('tcp', '"uppercase"');
    my $client = tcp($server);
    shutdown $client, SHUT_RD;
    send_all($client, "abc\n" x 100);
    is(ask(tcp($server), 'abc'), 'ABC', 'a client that will not listen harms no other');
    close $client;
    all_gone($server, 'SHUT_RD');
    ends_well($server, 'SHUT_RD');
}

# --- the server has finished ---

{
    my $server = serve('tcp', '"uppercase"', '"close": "after-reply"');
    my @clients = map { tcp($server) } 1 .. 20;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 20], 'the server finishes after its answer');
    is_deeply([map { read_all($_) } @clients], [('') x 20], 'which its clients see');
    my $before = cpu_seconds($server);
    send_all($clients[$_], 'more ' x 1000) for 1 .. 9;
    ok(sockets($server) > $server->{sockets}, 'they may go on for a while');
    close $_ for @clients[10 .. 19];
    all_gone($server, 'clients that do not end theirs');
    cmp_ok(cpu_seconds($server) - $before, '<', 1, 'the server does not spin');
    is(ask(tcp($server), 'next'), 'NEXT', 'the next client is served');
    ends_well($server, 'after-reply');
    is($server->{said}, '', 'and has nothing to complain of');
}

# One that never stops sending is not listened to for ever.
{
    my $server = serve('tcp', '"uppercase"', '"close": "after-reply"');
    my $client = tcp($server);
    is(ask($client, 'abc'), 'ABC', 'an answer to a client that sends for ever');
    my $sent = 0;
    while (defined(my $n = syswrite $client, 'x' x 65536)) { $sent += $n }
    cmp_ok($sent, '>', 0, 'it is cut off');
    all_gone($server, 'sends for ever');
    ends_well($server, 'sends for ever');
}

done_testing();
