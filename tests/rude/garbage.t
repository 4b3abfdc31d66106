#!/usr/bin/perl
# garbage.t - bytes that mean nothing, through every framing and transform: the next client is
# served.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Socket qw(SHUT_WR);
use Test::More;

my $seed = $ENV{PROTOLAB_TEST_SEED} // 20;
srand $seed;
diag("PROTOLAB_TEST_SEED=$seed") if $ENV{PROTOLAB_TEST_SEED};

sub random_bytes { return join '', map { chr int rand 256 } 1 .. $_[0]; }

# Bytes that are near to what somebody expects.
my @near = (
    "\0", "\0" x 5000, "\n" x 5000, "\r\n" x 100, "\r", "\xff" x 100, "\x80" x 100,
    "\xc3", "\xed\xa0\x80\n", "\xf0\x9f\x98", "\xef\xbf\xbe\n", "\xf4\x90\x80\x80\n",
    "\xef\xbb\xbfabc\n", "a\0b\n", "\e[2J\e]0;x\a\n", '%n%s%99999999d' . "\n",
    "\0\0", "\0\0\0\0", "\0\0\0\0" x 1000, "\x7f\xff\xff\xff", "\x80\0\0\0", "\xff\xff",
    "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/9.9\r\n", "GET\0/\0\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "\x16\x03\x01\x02\0\x01\0",
    '1 +', '9' x 400 . "\n", '-' x 400 . "\n", '(' x 4000 . "\n", "\xcc\x88" x 3000 . "\n",
);

# Each piece from a client of its own, some of whom wait for the end and some of whom leave.
sub rubbish {
    my ($server, @pieces) = @_;
    my $ended = 0;
    for my $i (0 .. $#pieces) {
        my $client = tcp($server);
        send_all($client, $_) for $i % 3 ? $pieces[$i] : unpack '(a7)*', substr $pieces[$i], 0, 700;
        next if $i % 5 == 0;
        shutdown $client, SHUT_WR;
        # The end, or a reset because not all of it was read: both are ends.
        read_all($client);
        $ended++;
    }
    return $ended;
}

my %next = (line => "next\n", length16 => "\0\4next", length32 => "\0\0\0\4next", 'fixed:4' => 'next',
    eof => 'next', recv => 'next');

for my $transform ('"echo"', '"uppercase"', '["reverse", "uppercase", "rot13"]') {
    my $wanted = { '"echo"' => 'next', '"uppercase"' => 'NEXT' }->{$transform} // 'GKRA';
    for my $framing (sort keys %next) {
        my $server = serve('tcp', $transform, qq("framing": "$framing"), '"limits": { "message_bytes": 4096 }');
        my $count = @near + 20;
        rubbish($server, @near, map { random_bytes(1 + int rand 5000) } 1 .. 20);
        my $client = tcp($server);
        send_all($client, $next{$framing});
        shutdown $client, SHUT_WR;
        my $answer = read_all($client) // '';
        is($answer, $next{$framing} =~ s/next/$wanted/r, "$framing, $transform: after $count pieces of garbage the next client is served");
        all_gone($server, "$framing, $transform");
        ends_well($server, "$framing, $transform");
    }
}

# Those with a mind of their own; what they make of it is theirs, but they stay.
for (['"count_s"', 'line'], ['"calc"', 'line'], ['"chat"', 'line'], ['"http_hello"', 'plugin'],
    ['{ "plugin": "count_s", "letter": "\n" }', 'length16']) {
    my ($transform, $framing) = @$_;
    SKIP: {
        my ($name) = $transform =~ /"(\w+)"[ ,}]*(?:"letter.*)?$/;
        skip "there is no $name", 2 if !-e "$ENV{PROTOLAB_TRANSFORMS}/$name.so";
        my $server = eval { serve('tcp', $transform, qq("framing": "$framing")) };
        skip "$transform with $framing: $@", 2 if !$server;
        rubbish($server, @near, map { random_bytes(1 + int rand 5000) } 1 .. 20);
        all_gone($server, $transform);
        ends_well($server, $transform);
    }
}

{
    my $server = serve('udp', '"uppercase"');
    my $client = udp($server);
    $client->send($_) for @near, map { random_bytes(int rand 5000) } 1 .. 50;
    is(insist(udp($server), 'next'), 'NEXT', 'udp: the next client is served');
    ends_well($server, 'udp');
    unlike($server->{said}, qr/[^\n -~]/, 'what it says is plain text');
}

done_testing();
