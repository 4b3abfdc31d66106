#!/usr/bin/perl
# never_reads.t - clients that ask and do not read: what waits for them is bounded.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use IO::Select;
use Test::More;

# Each client sends these bytes again and again until no server takes any more of them.
sub stuff {
    my ($bytes, @clients) = @_;
    my %offset = map { fileno($_) => 0 } @clients;
    my $to = IO::Select->new(@clients);
    $_->blocking(0) for @clients;
    while (my @ready = $to->can_write(0.3)) {
        for my $client (@ready) {
            my $at = \$offset{ fileno $client };
            my $n = syswrite $client, $bytes, length($bytes) - $$at, $$at;
            if (defined $n) { $$at = ($$at + $n) % length $bytes }
            elsif (!$!{EAGAIN}) { $to->remove($client) }
        }
    }
    $_->blocking(1) for @clients;
    return;
}

# Whether another client is answered.
sub served {
    my ($server) = @_;
    my $client = tcp($server);
    send_all($client, "x\n");
    return length read_exactly($client, 1);
}

# A session holds at most limits.message_bytes, limits.unsent_bytes, one answer and one batch (1 MiB
# comes in at a time, 1,088 KiB of answers are put together).
for (
    ['uppercase: short lines', '"uppercase"', "abcdefg\n" x 2000, 1],
    ['uppercase: long lines', '"uppercase"', 'x' x 65535 . "\n", 64],
    ['big', '{ "plugin": "big", "bytes": 196608 }', "x\n" x 50, 192],
    ['twice', '"twice"', 'x' x 65535 . "\n", 128],
) {
    my ($about, $transform, $bytes, $answer_kib) = @$_;
    my $server = serve('tcp', $transform,
        '"limits": { "message_bytes": 65536, "unsent_bytes": 65536 }');
    my $promised = 64 + 64 + $answer_kib + 1024 + 1088;
    ok(served($server), "$about: a first client is served");
    my $before = resident_kib($server);
    my @deaf = map { tcp($server, few_bytes()) } 1 .. 8;
    stuff($bytes, @deaf);
    my $held = (resident_kib($server) - $before) / @deaf;
    note(sprintf '%s: %d KiB a session, %d are promised', $about, $held, $promised);
    cmp_ok($held, '<', $promised, "$about: what waits for 8 clients is bounded");
    my $spent = cpu_seconds($server);
    ok(served($server), "$about: another client is served meanwhile");
    cut_off($_) for splice @deaf, 0, 4;
    close $_ for @deaf;
    all_gone($server, $about);
    cmp_ok(cpu_seconds($server) - $spent, '<', 2, "$about: the server does not spin");
    ends_well($server, $about);
}

# They are not waited for longer than the lab says.
{
    my $server = serve('tcp', '{ "plugin": "big", "bytes": 1048576 }', '"limits": { "idle_ms": 500 }');
    my @deaf = map { tcp($server, few_bytes()) } 1 .. 10;
    send_all($_, "x\n" x 20) for @deaf;
    says($server, 10, qr/^protolab: 127\.0\.0\.1:\d+: the peer has not read what was sent to it/m,
        'limits.idle_ms ends sessions whose peers do not read');
    all_gone($server, 'limits.idle_ms');
    ends_well($server, 'limits.idle_ms');
}

done_testing();
