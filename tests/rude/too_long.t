#!/usr/bin/perl
# too_long.t - messages over the limit, announced or not, and messages that never end.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Test::More;

my $told = qr/^protolab: 127\.0\.0\.1:\d+: a message is longer than limits\.message_bytes$/m;
my %frame = (line => sub { "$_[0]\n" }, length16 => sub { pack 'n/a', $_[0] },
    length32 => sub { pack 'N/a', $_[0] });

for my $framing (sort keys %frame) {
    my $server = serve('tcp', '"echo"', qq("framing": "$framing"), '"limits": { "message_bytes": 1000 }');
    my $framed = $frame{$framing};
    my ($client, $other) = map { tcp($server) } 1 .. 2;
    my $longest = $framed->('x' x 1000);
    for ($client, $other) {
        send_all($_, $longest);
        ok(read_exactly($_, length $longest) eq $longest, "$framing: the longest message is served");
    }
    send_all($client, $framed->('x' x 1001) . $longest x 100);
    is(read_all($client), '', "$framing: one byte more ends the session");
    says($server, 1, $told, "$framing: with a reason");
    send_all($other, $longest);
    ok(read_exactly($other, length $longest) eq $longest, "$framing: another session goes on");
    close $_ for $client, $other;
    all_gone($server, $framing);
    ends_well($server, $framing);
}

# What is announced is not yet there, and no room is made for it.
{
    my $server = serve('tcp', '"echo"', '"framing": "length32"', '"limits": { "message_bytes": 16777216 }');
    my $other = tcp($server);
    send_all($other, "\0\0\0\1a");
    is(read_exactly($other, 5), "\0\0\0\1a", 'a first client is served');
    my $before = resident_kib($server);
    my @liars = map { tcp($server) } 1 .. 100;
    send_all($_, "\xff\xff\xff\xff") for @liars[0 .. 49];
    is_deeply([map { read_all($_) } @liars[0 .. 49]], [('') x 50], '0xffffffff bytes announced: the session ends');
    says($server, 10, $told, 'with a reason');
    send_all($_, "\1\0\0\0" . 'x' x 100) for @liars[50 .. 99];
    send_all($other, "\0\0\0\1b");
    is(read_exactly($other, 5), "\0\0\0\1b", 'another client is served');
    cmp_ok(resident_kib($server) - $before, '<', 16 * 1024, '50 times 16 MiB announced take no memory');
    close $_ for @liars, $other;
    all_gone($server, 'length32');
    ends_well($server, 'length32');
}

# A line that never ends.
{
    my $server = serve('tcp', '"echo"');
    my $other = tcp($server);
    is(ask($other, 'abc'), 'abc', 'a first client is served');
    my $before = resident_kib($server);
    my $client = tcp($server);
    my $sent = 0;
    while (defined(my $n = syswrite $client, 'x' x 65536)) { $sent += $n }
    cmp_ok($sent, '>', 1048576, 'a line that never ends is cut off, not before limits.message_bytes');
    says($server, 1, $told, 'with a reason');
    is(ask($other, 'abc'), 'abc', 'another client is served');
    cmp_ok(resident_kib($server) - $before, '<', 8 * 1024, 'and the memory is given back');
    close $other;
    all_gone($server, 'an endless line');
    ends_well($server, 'an endless line');
}

# So many of them at once, each just below the limit.
{
    my $server = serve('tcp', '"echo"', '"limits": { "message_bytes": 65536 }');
    my $other = tcp($server);
    is(ask($other, 'abc'), 'abc', 'a first client is served');
    my $before = resident_kib($server);
    my @clients = map { tcp($server) } 1 .. 100;
    for my $client (@clients) { send_all($client, 'x' x 8192) for 1 .. 8 }
    # Whoever asks last is answered last.
    is(ask(tcp($server), 'last'), 'last', '100 clients with 64 KiB of a line each');
    my $held = (resident_kib($server) - $before) / @clients;
    note(sprintf '%d KiB for each 64 KiB of a line', $held);
    cmp_ok($held, '<', 64 + 64 + 64, 'hold no more than limits.message_bytes and one batch allow');
    send_all($_, "\n") for @clients;
    is((grep { length(read_exactly($_, 65537)) == 65537 } @clients), 100, 'and have their answers in the end');
    close $_ for @clients, $other;
    all_gone($server, 'long lines');
    ends_well($server, 'long lines');
}

# An answer may be longer than the question; what the framing cannot say ends one session.
{
    my $server = serve('tcp', '{ "plugin": "big", "bytes": 65536 }', '"framing": "length16"');
    my ($client, $other) = map { tcp($server) } 1 .. 2;
    send_all($client, "\0\1a");
    is(read_all($client), '', 'an answer that its length has no room for');
    says($server, 1, qr/^protolab: 127\.0\.0\.1:\d+: the length before a message has no room for its size$/m, 'is told of');
    close $_ for $client, $other;
    all_gone($server, 'length16');
    ends_well($server, 'length16');
}

done_testing();
