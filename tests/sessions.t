#!/usr/bin/perl
# sessions.t - transforms that speak first, remember, count and wait: chargen, calc, pinger.
use strict;
use warnings;

use ProtolabTest;
use Socket qw(SHUT_WR SOL_SOCKET SO_RCVBUF);
use Test::More;

my $labs = "$srcdir/labs";

# ------------------------------------------------------------------ chargen --

# Line N of RFC 864, without its CR LF.
sub pattern_line {
    my ($n) = @_;
    return join '', map { chr 32 + ($n + $_) % 95 } 0 .. 71;
}

my $page = join '', map { pattern_line($_) . "\r\n" } 0 .. 94;

# Whether that is how the pattern begins.
sub is_pattern {
    my ($bytes) = @_;
    my $pages = $page x (1 + length($bytes) / length $page);
    return $bytes eq substr $pages, 0, length $bytes;
}

sub resident_kib {
    my ($server) = @_;
    my ($kib) = slurp("/proc/$server->{pid}/status") =~ /^VmRSS:\s+(\d+) kB/m;
    return $kib;
}

sub deaf_client {
    my ($server) = @_;
    return tcp($server, Sockopts => [[SOL_SOCKET, SO_RCVBUF, pack 'i', 4096]]);
}

{
    my $server = start_server("$labs/tcp-chargen.json");
    my $client = tcp($server);
    for my $n (0 .. 199) {
        my $line = read_exactly($client, 74);
        next if $line eq pattern_line($n) . "\r\n";
        is($line, pattern_line($n) . "\r\n", "chargen: line $n");
        last;
    }
    pass('chargen: 200 lines, before the client has said a word');

    ok(send_all($client, "anything\n" x 5000), 'what the client sends is thrown away');
    shutdown $client, SHUT_WR;
    my $rest = read_all($client);
    ok(defined $rest, 'the end of its stream is the end of the conversation');
    ok(is_pattern(substr($page, 0, 200 * 74 % length $page) . ($rest // 'none')),
        '... and the pattern goes on until there');

    $client = tcp($server);
    read_exactly($client, 1);
    my $before = resident_kib($server);
    my @deaf = map { deaf_client($server) } 1 .. 20;
    my $much = read_exactly($client, 8_000_000);
    ok(is_pattern(" $much"), 'one client gets 8 MB while 20 do not read');
    cmp_ok(resident_kib($server) - $before, '<', 4096, '... who cost the server no memory');
    cut_off($_) for @deaf, $client;
    is(stop_server($server), 0, 'chargen ends');
}
{
    my $server = start_server(lab_file('{ "transport": "tcp", "transform": "chargen", "port": 0,'
          . ' "framing": "recv", "limits": { "idle_ms": 300 } }'));
    my $deaf = deaf_client($server);
    ok(eventually { said_so_far($server) =~ /: the peer has not read what was sent to it/ },
        'chargen: a client that never reads is ended after idle_ms, and the server says why');
    like(read_exactly(tcp($server), 74), qr/^ !"#/, '... and serves others');
    stop_server($server);
}
{
    my $server = start_server("$labs/udp-chargen.json");
    my $client = udp($server);
    my (%lengths, @wrong);
    for my $n (1 .. 400) {
        my $answer = exchange($client, 'x' x ($n % 3)) // 'none';
        $lengths{ length $answer }++;
        push @wrong, $answer if length $answer > 512 || !is_pattern($answer);
    }
    is("@wrong", '', 'chargen over UDP: a datagram of 0 to 512 characters for each, empty ones too');
    cmp_ok(scalar keys %lengths, '>', 100, '... of random length');
    cmp_ok((sort { $b <=> $a } keys %lengths)[0], '>', 256, '... long ones among them');
    is(stop_server($server), 0, '... ends');
}
{
    my $server = start_server(lab_file('{ "transport": "tcp", "port": 0, "close": "after-reply",'
          . ' "transform": { "plugin": "chargen", "on_request": true } }'));
    my $client = tcp($server);
    send_all($client, "x\n");
    my $answer = read_all($client) // '';
    ok($answer =~ s/\n\z// && length $answer <= 512 && is_pattern($answer),
        'chargen on request over TCP: silent until asked');
    stop_server($server);
}

# --------------------------------------------------------------------- calc --

{
    my $server = start_server("$labs/tcp-sum.json");
    my ($client, $other) = map { tcp($server) } 1 .. 2;
    my $add = sub {
        my ($to, @numbers) = @_;
        send_all($to, join '', map { pack 'l>', $_ } @numbers);
        return join ' ', unpack 'l>*', read_exactly($to, 4 * @numbers);
    };
    is($add->($client, 5),               '5',                 'sum: a number');
    is($add->($client, -7),              '-2',                '... and a negative one');
    is($add->($client, 0, 1, 2, 300),    '-2 -1 1 301',       '... and several at once');
    is($add->($other,  1),               '1',                 'another client has its own sum');
    is($add->($other,  2147483646, 1),   '2147483647 -2147483648', 'the sum wraps around upwards');
    is($add->($other,  -1, -2147483648), '2147483647 -1',     '... and downwards');

    for my $cut (1 .. 3) {
        my $bytes = pack 'l>', 0x01020304;
        send_all($client, substr $bytes, 0, $cut);
        $add->($other, 0); # the server has read the first part once it has answered this
        send_all($client, substr $bytes, $cut);
        is(unpack('l>', read_exactly($client, 4)), 301 + $cut * 0x01020304,
            "a number that is cut behind byte $cut");
    }
    send_all($client, "\0\0");
    shutdown $client, SHUT_WR;
    is(read_all($client), '', 'half a number at the end has no answer');
    like(said_so_far($server), qr/in the middle of a message/, '... and the server says so');
    is($add->($other, 1), '0', '... and goes on');
    is(stop_server($server), 0, '... and ends');

    $server = start_server(lab_file('{ "transport": "udp", "transform": "calc", "port": 0 }'));
    $client = udp($server);
    $client->send('abc');
    is(unpack('l>', exchange($client, pack 'l>', 9)), 9, 'sum over UDP');
    like(said_so_far($server), qr/: a message of 3 bytes is no 32-bit integer$/m,
        '... not of three bytes');
    stop_server($server);
}

# ------------------------------------------------------------------- pinger --

# A server whose diagram is read from {talk}, and whose log is {log}.
sub start_run {
    my ($lab) = @_;
    my $log = scratch() . '/events.jsonl';
    my $run = start_command({ talk => 1 }, $protolab, 'run', $lab, '--port', 0, '--log', $log);
    (read_until($run, qr/ bind\(\d+\)\n/, $run->{talk}) // '') =~ /(\S+):(\d+) \| bind/
      or die 'run did not say where its server is';
    @$run{qw(host port log)} = ($1, $2, $log);
    return $run;
}

# What a run has logged.
sub end_run {
    my ($run) = @_;
    close delete $run->{in};
    read_all($run->{talk});
    is(finish($run), 0, 'run ends');
    return slurp($run->{log});
}

# The last note about each peer that sent those numbers.
sub counts {
    my ($lab, @peers) = @_;
    my $run = start_run($lab);
    for my $numbers (@peers) {
        my $client = udp($run);
        is(exchange($client, "Ping $_ 17.25"), "PING $_ 17.25", "ping $_") for @$numbers;
    }
    my @counts = end_run($run) =~ /the end: ([^"]* twice)/g;
    return sort @counts;
}

my @cases = (
    [ [ 1 .. 10 ],               '10 came, 0 missing, 0 out of order, 0 twice' ],
    [ [ 0 .. 2 ],                '3 came, 0 missing, 0 out of order, 0 twice' ],
    [ [ 0, 2 ],                  '2 came, 1 missing, 0 out of order, 0 twice' ],
    [ [ 3 ],                     '1 came, 2 missing, 0 out of order, 0 twice' ],
    [ [ 1, 2, 5, 4, 4, 7 ],      '6 came, 2 missing, 1 out of order, 1 twice' ],
    [ [ 2, 2, 2, 1, 0, 0 ],      '6 came, 0 missing, 2 out of order, 3 twice' ],
    [ [ 1, 257, 256, 2, 2, 1 ],  '6 came, 252 missing, 3 out of order, 1 twice' ],
    [ [ 999_999_999 ],           '1 came, 999999998 missing, 0 out of order, 0 twice' ],
);
for my $case (@cases) {
    is(join(', and ', counts("$labs/udp-pinger.json", $case->[0])), $case->[1], "pings @{$case->[0]}");
}
is_deeply([ counts("$labs/udp-pinger.json", map { $_->[0] } @cases[ 0, 1, 2 ]) ],
    [ sort map { $_->[1] } @cases[ 0, 1, 2 ] ], 'each peer has its own counts');

{
    my $run = start_run(lab_file('{ "transport": "udp", "port": 0, "transform": '
          . '{ "plugin": "pinger", "silent_ms": 100 } }'));
    my $client = udp($run);
    for my $text ('', 'hello', 'Ping', 'Ping ', 'Ping x 1', 'Ping 1x', 'Pong 1 1', 'Ping -1 1',
        'Ping 1234567890 1', "Ping\0001 1", join '', map { chr } 0 .. 255) {
        my $answer = exchange($client, $text);
        ok(defined $answer && $answer eq $text, 'what is no ping comes back as it is');
        ok(read_until($run, qr/this is not "Ping N TIME"/, $run->{talk}), '... with a note');
    }
    is(exchange($client, "ping 1"), 'ping 1', 'a ping in small letters without a time');
    like(read_until($run, qr/silence: .*\n/, $run->{talk}) // '',
        qr/silence: 1 came, 0 missing/, 'a peer that has gone silent is noticed');
    is(exchange($client, "Ping 3 1"), 'Ping 3 1', 'it speaks again');
    like(read_until($run, qr/silence: .*\n/, $run->{talk}) // '',
        qr/silence: 2 came, 1 missing/, '... and is silent again');
    is(scalar(() = end_run($run) =~ / came,/g), 2, 'what was told is not told again at the end');
}

done_testing;
