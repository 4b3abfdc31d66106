#!/usr/bin/perl
# udp.t - a UDP server answers each datagram to whom it came from, from where it came to.
use strict;
use warnings;
use ProtolabTest;
use IO::Select;
use Socket qw(SOCK_DGRAM);
use Test::More;

$ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;

# A server of a UDP lab: its transform as JSON, the limits, then options of serve.
sub serve {
    my ($transform, $limits, @options) = @_;
    my $keys = defined $limits ? qq(, "limits": { $limits }) : '';
    return start_server(lab_file(
        qq({ "transport": "udp", "transform": $transform, "port": 12000$keys })), @options);
}

sub ends_well {
    my ($server, $about) = @_;
    is(stop_server($server), 0, "$about: the server ends well");
    return;
}

# The same server, asked at another of its addresses.
sub at {
    my ($server, $host) = @_;
    return { %$server, host => $host };
}

# Whether the server has said so, or does before long.
sub says {
    my ($server, $what, $about) = @_;
    return ok(eventually { said_so_far($server) =~ $what }, $about)
      || diag(said_so_far($server));
}

# --- the labs themselves ---

{
    my $server = start_server("$srcdir/labs/udp-echo.json");
    my $client = udp($server);
    is(exchange($client, 'abc'), 'abc', 'udp-echo');
    is(exchange($client, ''), '', 'an empty datagram');
    is(exchange($client, "a\0b\n"), "a\0b\n", 'zero bytes and newlines');
    my $longest = join '', map { chr $_ % 251 } 1 .. 65507;
    ok(exchange($client, $longest) eq $longest, 'the longest datagram');
    is(exchange($client, $_), $_, "then one of $_") for 1 .. 3;
    ends_well($server, 'udp-echo');
    is($server->{said}, '', 'and has nothing to complain of');

    $server = start_server("$srcdir/labs/udp-uppercase.json");
    my ($one, $other) = map { udp($server) } 1 .. 2;
    is(exchange($one, 'hello'), 'HELLO', 'udp-uppercase');
    freeze($server);
    for my $i (1 .. 40) {
        $one->send("one $i");
        $other->send("other $i");
    }
    thaw($server);
    for ([$one, 'ONE'], [$other, 'OTHER']) {
        my ($client, $name) = @$_;
        my @got = map { next_reply($client) } 1 .. 40;
        is_deeply(\@got, [map { "$name $_" } 1 .. 40], "$name has its own answers in their order");
    }
    ends_well($server, 'udp-uppercase');

    $server = serve('["reverse", "uppercase"]');
    is(exchange(udp($server), 'abc'), 'CBA', 'a chain');
    ends_well($server, 'a chain');

    $server = serve('"twice"');
    my $client_of_two = udp($server);
    is(exchange($client_of_two, 'a'), 'a', 'two answers');
    is(next_reply($client_of_two), 'a', 'for one datagram');
    ends_well($server, 'twice');
}

# The next datagram that comes; undef where none does.
sub next_reply {
    my ($socket) = @_;
    IO::Select->new($socket)->can_read($ProtolabTest::patience) or return;
    $socket->recv(my $reply, 65536);
    return $reply;
}

# --- answers that the kernel cuts up ---

# Bursts of what can leave in one go and what cannot: sizes that are equal, shorter, longer, none,
# and more than one segment holds.
sub bursts {
    my ($about) = @_;
    my $server = start_server("$srcdir/labs/udp-uppercase.json");
    my @clients = map { udp($server) } 1 .. 2;
    my @burst = map { chr(97 + $_ % 26) x $_ }
        (64) x 9, 63, (64) x 3, 65, 65, 0, 0, (1) x 5, 1452, 1452, 1453, 1453, 64, 64, 0, (300) x 20;
    for my $turns (1, 2) {
        freeze($server);
        for my $part ($turns == 1 ? [@burst] : map { [$_] } @burst) {
            for my $client (@clients) {
                $client->send($_) for @$part;
            }
        }
        thaw($server);
        for my $client (@clients) {
            my @got = map { next_reply($client) } @burst;
            is_deeply(\@got, [map { uc } @burst], "$about: each of its own size, in their order");
        }
    }
    ends_well($server, $about);
    is($server->{said}, '', '... with nothing to complain of');
    return;
}

bursts('bursts');

SKIP: {
    my $preload = ($ENV{builddir} // '.') . '/tests/faults/no_segments.so';
    skip 'a sanitizer must be preloaded first', 6 if $ENV{ASAN_OPTIONS} || !-e $preload;
    local $ENV{LD_PRELOAD} = $preload;
    bursts('where the kernel has no UDP_SEGMENT');
}

# --- too long ---

{
    my $server = serve('"echo"', '"message_bytes": 10');
    my $client = udp($server);
    $client->send('x' x 11);
    is(exchange($client, 'y' x 10), 'y' x 10, 'a datagram over limits.message_bytes is dropped');
    says($server, qr/^protolab: .*datagram longer than limits\.message_bytes.*dropped/m, 'with a reason');
    ends_well($server, 'message_bytes');

    $server = serve('{ "plugin": "big", "bytes": 65507 }');
    is(length exchange(udp($server), 'x'), 65507, 'the longest answer');
    ends_well($server, 'big');

    $server = serve('{ "plugin": "big", "bytes": 65508 }');
    my @clients = map { udp($server) } 1 .. 2;
    $_->send('x') for @clients;
    says($server, qr/^protolab: 127\.0\.0\.1:${\ $_->sockport}: .*longer than a datagram can be, 65507 bytes$/m,
        'a longer one cannot be sent, and its client is named') for @clients;
    ends_well($server, 'too big');

    $server = serve('"failing"');
    @clients = map { udp($server) } 1 .. 2;
    $clients[$_]->send('x' x ($_ + 1)) for 0, 1;
    says($server, qr/^protolab: 127\.0\.0\.1:${\ $clients[$_ - 1]->sockport}: the fixture fails at $_ bytes$/m,
        "a failure is told, $_") for 1, 2;
    ends_well($server, 'failing');
}

# --- addresses ---

{
    my $server = serve('"uppercase"', undef, '--host', '0.0.0.0');
    # A connected socket takes datagrams from that address alone.
    is(exchange(udp(at($server, $_)), 'abc'), 'ABC', "0.0.0.0: the reply leaves from $_")
      for '127.0.0.2', '127.0.0.3', '127.0.0.1';
    ends_well($server, '0.0.0.0');

    $server = serve('"counter"', undef, '--host', '0.0.0.0');
    my $peer = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Type => SOCK_DGRAM);
    my $to = sub { return Socket::pack_sockaddr_in($server->{port}, Socket::inet_aton(shift)) };
    for (['127.0.0.2', 1], ['127.0.0.2', 2], ['127.0.0.3', 1], ['127.0.0.2', 3]) {
        my ($host, $count) = @$_;
        $peer->send('x', 0, $to->($host));
        is(next_reply($peer), $count, "each address of the server has its own session: $host");
    }
    ends_well($server, 'sessions by address');
}

SKIP: {
    skip 'no IPv6 here', 7 if !have_ipv6();
    my $server = serve('"uppercase"', undef, '--host', '::1');
    like($server->{ready}, qr/ on udp \[::1\]:$server->{port}$/, '::1 is written with brackets');
    is(exchange(udp($server), 'abc'), 'ABC', '::1');
    ends_well($server, '::1');

    $server = serve('"uppercase"', undef, '--host', '::');
    is(exchange(udp(at($server, '::1')), 'abc'), 'ABC', '::: the reply leaves from ::1');
    SKIP: {
        skip 'IPv6 sockets take no IPv4 here', 2 if slurp('/proc/sys/net/ipv6/bindv6only') != 0;
        is(exchange(udp(at($server, $_)), 'abc'), 'ABC', "::: the reply leaves from $_")
          for '127.0.0.1', '127.0.0.2';
    }
    ends_well($server, '::');
}

# --- a client that has gone ---

{
    my $server = serve('"uppercase"');
    my $client = udp($server);    # now: later it might get the port of one that has gone
    freeze($server);
    for (1 .. 50) {
        my $gone = udp($server);
        $gone->send('x' x 1000);
        close $gone;
    }
    thaw($server);
    is(exchange($client, "still $_"), "STILL $_", 'replies to closed ports harm nobody') for 1 .. 3;
    ends_well($server, 'closed ports');
    is($server->{said}, '', 'and are nothing to complain of');
}

# --- sessions ---

{
    my $server = serve('"counter"');
    my ($one, $other) = map { udp($server) } 1 .. 2;
    is_deeply([map { exchange($_, 'x') } $one, $other, $one, $one, $other], [1, 1, 2, 3, 2],
        'each client has its own session');
    my @many = map { udp($server) } 1 .. 200;
    my @first = map { exchange($_, 'x') } @many;
    my @second = map { exchange($_, 'x') } reverse @many;
    is_deeply([@first, @second], [(1) x 200, (2) x 200], '200 of them');
    ends_well($server, 'sessions');

    # Idle for longer and longer, until the server has forgotten the client.
    $server = serve('"counter"', '"idle_ms": 50');
    $one = udp($server);
    is(exchange($one, 'x'), 1, 'limits.idle_ms: a session begins');
    my $pause = 0.01;
    my $count = exchange($one, 'x');
    while (defined $count && $count != 1 && $pause < 10) {
        select undef, undef, undef, $pause *= 2;
        $count = exchange($one, 'x');
    }
    is($count, 1, 'and after some silence another one');
    ends_well($server, 'limits.idle_ms');
    is($server->{said}, '', 'which is nothing to complain of');

    $server = serve('"counter"', '"sessions": 2');
    ($one, $other, my $third) = map { udp($server) } 1 .. 3;
    is(exchange($_, 'x'), 1, 'limits.sessions: two clients') for $one, $other;
    $third->send('x');
    is(exchange($one, 'x'), 2, 'go on');
    says($server, qr/^protolab: limits\.sessions is reached: datagrams from new peers are dropped$/m,
        'while a third one is told of');
    ok(!IO::Select->new($third)->can_read(0), 'and has no answer');
    ends_well($server, 'limits.sessions');

    $server = serve('"greeter"');
    $one = udp($server);
    is(exchange($one, 'x'), 'hello 127.0.0.1:' . $one->sockport, 'a session begins with the first datagram');
    is(next_reply($one), 'x', 'which is answered too');
    is(exchange($one, 'y'), 'y', 'and begins once');
    ends_well($server, 'greeter');

    $server = serve('"closer"');
    $one = udp($server);
    is(exchange($one, $_), $_, "a session is closed, and there is another: $_") for 'a' .. 'c';
    ends_well($server, 'closer');
    is($server->{said}, '', 'without complaint');
}

done_testing();
