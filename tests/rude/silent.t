#!/usr/bin/perl
# silent.t - clients that connect and say nothing: each deadline ends them, with its reason.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

sub now { return clock_gettime(CLOCK_MONOTONIC); }

my $handshake = 'no whole message came within limits\.handshake_ms';
my $idle      = 'idle for longer than limits\.idle_ms';
my $total     = 'it lasted longer than limits\.total_ms';

sub told { my ($why) = @_; return qr/^protolab: 127\.0\.0\.1:\d+: $why$/m; }

# --- until the first message ---

for (['line', '"uppercase"', ''], ['line', '"uppercase"', 'half a line'], ['length32', '"uppercase"', "\0\0\0"],
    ['fixed:4', '"uppercase"', 'abc'], ['eof', '"uppercase"', 'abc'], ['recv', '"uppercase"', '']) {
    my ($framing, $transform, $words) = @$_;
    my $server = serve('tcp', $transform, qq("framing": "$framing"), '"limits": { "handshake_ms": 300, "idle_ms": 0 }');
    my $begin = now();
    my @clients = map { tcp($server) } 1 .. 20;
    send_all($_, $words) for @clients;
    is_deeply([map { read_all($_) } @clients], [('') x 20], "$framing, \"$words\": limits.handshake_ms ends sessions");
    cmp_ok(now() - $begin, '>', 0.29, 'not earlier');
    says($server, 10, told($handshake), 'with a reason');
    all_gone($server, $framing);
    ends_well($server, $framing);
}

{
    my $server = serve('tcp', '"uppercase"', '"limits": { "handshake_ms": 300, "idle_ms": 0 }');
    my $speaker = tcp($server);
    is(ask($speaker, 'abc'), 'ABC', 'who has said something');
    is(read_all(tcp($server)), '', 'outlasts who says nothing');
    is(ask($speaker, 'def'), 'DEF', 'and is served');
    ends_well($server, 'a speaker');

    # A server that speaks first has not heard anything by that.
    $server = serve('tcp', '"greeter"', '"limits": { "handshake_ms": 300 }');
    like(read_all(tcp($server)), qr/^hello \S+\n$/, 'a greeting is no message of the client');
    says($server, 1, told($handshake), 'whose session ends');
    ends_well($server, 'greeter');

    # Those who say nothing keep nobody out for ever.
    $server = serve('tcp', '"uppercase"', '"limits": { "handshake_ms": 300, "sessions": 20 }');
    my @silent = map { tcp($server) } 1 .. 40;
    is(ask(tcp($server), 'abc'), 'ABC', '40 silent clients at 20 places, and the next one is served');
    ends_well($server, 'all places');
    $server = serve('tcp', '"uppercase"', '"workers": 2', '"limits": { "handshake_ms": 300 }');
    is(read_all(tcp($server)), '', "workers: silent client $_") for 1 .. 3;
    ends_well($server, 'workers');
}

# --- between two messages ---

{
    my $server = serve('tcp', '"uppercase"', '"limits": { "idle_ms": 300 }');
    my @clients = map { tcp($server) } 1 .. 20;
    is_deeply([map { ask($_, 'abc') } @clients], [('ABC') x 20], 'clients that speak once');
    my $begin = now();
    is_deeply([map { read_all($_) } @clients], [('') x 20], 'limits.idle_ms ends their sessions');
    # The last one was served just before.
    cmp_ok(now() - $begin, '>', 0.1, 'not at once');
    says($server, 10, told($idle), 'with a reason');
    all_gone($server, 'limits.idle_ms');
    ends_well($server, 'limits.idle_ms');
}

# --- in all ---

{
    my $server = serve('tcp', '"uppercase"', '"limits": { "total_ms": 500 }');
    my $begin = now();
    my ($client, $silent) = map { tcp($server) } 1 .. 2;
    my $answers = 0;
    while (defined(my $answer = ask($client, 'abc'))) {
        last if $answer ne 'ABC';
        $answers++;
    }
    cmp_ok(now() - $begin, '>', 0.49, 'limits.total_ms ends a session');
    cmp_ok($answers, '>', 10, 'whatever its client has to say');
    is(read_all($silent), '', 'and one without a word');
    says($server, 2, told($total), 'with a reason');
    is(ask(tcp($server), 'next'), 'NEXT', 'the next client is served');
    ends_well($server, 'limits.total_ms');

    $server = serve('tcp', '{ "plugin": "big", "bytes": 3145728 }', '"limits": { "total_ms": 500 }');
    my $deaf = tcp($server, few_bytes());
    send_all($deaf, "x\n");
    says($server, 1, told($total), 'limits.total_ms ends one that does not read');
    all_gone($server, 'a deaf client');
    ends_well($server, 'a deaf client');
}

# --- datagrams: a session ends without a word, and another begins ---

for my $limit ('idle_ms', 'total_ms') {
    my $server = serve('udp', '"counter"', qq("limits": { "$limit": 200 }));
    my $client = udp($server);
    is(exchange($client, 'x'), 1, "udp: limits.$limit: a session");
    my ($last, $count, $pause) = (0, 1, 0.01);
    while ($count > $last) {
        select undef, undef, undef, $pause *= 2 if $limit eq 'idle_ms';
        ($last, $count) = ($count, exchange($client, 'x') // 0);
    }
    is($count, 1, "udp: limits.$limit: and another");
    ends_well($server, "udp, $limit");
    is($server->{said}, '', "udp, $limit: without complaint");
}

done_testing();
