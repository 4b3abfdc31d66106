#!/usr/bin/perl
# thousands.t - as many clients at once as there may be: all are served, and each costs little.
use strict;
use warnings;
use ProtolabTest;
use RudePeers;
use Test::More;

my $wanted = $ENV{PROTOLAB_TEST_LONG} ? 10000 : 2000;
my $count = $wanted < descriptors_allowed() ? $wanted : descriptors_allowed();
plan skip_all => "only $count descriptors are allowed here" if $count < 500;

# The bytes that a client adds to what the server holds resident.
sub bytes_each {
    my ($server, $before) = @_;
    return (resident_kib($server) - $before) * 1024 / $count;
}

sub cheap {
    my ($server, $before, $about) = @_;
    my $bytes = bytes_each($server, $before);
    my $most = sanitized($server) ? 6144 : 2048;
    diag(sprintf '%s: %d clients, %d bytes resident for each', $about, $count, $bytes);
    cmp_ok($bytes, '<', $most, "$about: an idle session is cheap");
    return;
}

# Whether each client has the answer that it should have.
sub have_answers {
    my ($clients, $right, $about) = @_;
    my @wrong = grep { read_exactly($clients->[$_], length $right->($_)) ne $right->($_) } 0 .. $#$clients;
    return is(scalar @wrong, 0, $about);
}

{
    my $server = serve('tcp', '"uppercase"');
    my $first = tcp($server);
    is(ask($first, 'first'), 'FIRST', 'a first client is served');
    my $before = resident_kib($server);
    my @clients = map { tcp($server) } 1 .. $count;
    is(ask(tcp($server), 'last'), 'LAST', "$count clients are in");
    cheap($server, $before, 'silent');

    send_all($clients[$_], "client $_\n") for 0 .. $#clients;
    have_answers(\@clients, sub { "CLIENT $_[0]\n" }, 'all are served');
    send_all($clients[$_], "client $_ ") for 0 .. $#clients;
    is(ask($first, 'first'), 'FIRST', 'all have begun another line');
    send_all($clients[$_], "again\n") for reverse 0 .. $#clients;
    have_answers(\@clients, sub { "CLIENT $_[0] AGAIN\n" }, 'and all are served');
    cheap($server, $before, 'served');

    my $spent = cpu_seconds($server);
    is(ask($first, 'first'), 'FIRST', 'the first client too') for 1 .. 20;
    cmp_ok(cpu_seconds($server) - $spent, '<', 0.5, 'and the others cost no time meanwhile');
    close $_ for @clients[0 .. $count / 2 - 1];
    cut_off($_) for @clients[$count / 2 .. $count - 1];
    close $first;
    all_gone($server, 'tcp');
    is(ask(tcp($server), 'next'), 'NEXT', 'the next client is served');
    ends_well($server, 'tcp');
}

# All of them stay while the server ends.
{
    my $server = serve('tcp', '"uppercase"');
    my @clients = map { tcp($server) } 1 .. $count;
    is(ask($clients[-1], 'last'), 'LAST', "$count clients are in");
    ends_well($server, 'with all of them');
    is((grep { (read_all($_) // 'reset') eq '' } @clients), $count, 'each sees the end');
}

# More than limits.sessions: the others wait until there is room.
{
    # No more can wait than the system's queue of connections that are not accepted yet has room for.
    my $queue = slurp('/proc/sys/net/core/somaxconn') / 2;
    my $waiting = $queue < $count / 2 ? int $queue : int $count / 2;
    my $places = $count - $waiting;
    my $server = serve('tcp', '"uppercase"', '"close": "after-reply"', qq("limits": { "sessions": $places }));
    my @clients = map { tcp($server) } 1 .. $count;
    says($server, 1, qr/^protolab: limits\.sessions is reached/m, 'limits.sessions is reached');
    is(ask($clients[0], 'client 0'), 'CLIENT 0', 'who is in is served');
    cmp_ok(sockets($server), '<=', $places + 1, 'and no more are let in');
    send_all($clients[$_], "client $_\n") for 1 .. $#clients;
    my $served = 1;
    close $clients[0];
    for my $i (1 .. $#clients) {
        $served++ if read_exactly($clients[$i], 8 + length $i) eq "CLIENT $i\n";
        close $clients[$i];
    }
    is($served, $count, "$count clients, $places places");
    all_gone($server, 'limits.sessions');
    ends_well($server, 'limits.sessions');
}

{
    my $server = serve('udp', '"counter"');
    # It stays: another one at its port would be the same client.
    my $first = udp($server);
    is(exchange($first, 'x'), 1, 'udp: a first client');
    my $before = resident_kib($server);
    my @clients = map { udp($server) } 1 .. $count;
    is((grep { exchange($_, 'x') == 1 } @clients), $count, "udp: $count clients");
    is((grep { exchange($_, 'x') == 2 } reverse @clients), $count, 'each with its session');
    cheap($server, $before, 'udp');
    ends_well($server, 'udp');
}

done_testing();
