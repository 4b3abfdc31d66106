#!/usr/bin/perl
# stream.t - a TCP server gives the same answers however its stream is cut, and no client harms
# another.
use strict;
use warnings;
use ProtolabTest;
use IO::Select;
use Socket qw(IPPROTO_TCP SOL_SOCKET SO_RCVBUF SHUT_WR TCP_NODELAY);
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

$ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;

# A server of a TCP lab: its transform as JSON, then what else its descriptor says.
sub serve {
    my ($transform, @more) = @_;
    my $keys = join '', map { ", $_" } @more;
    return start_server(lab_file(
        qq({ "transport": "tcp", "transform": $transform, "port": 12000$keys })));
}

sub ends_well {
    my ($server, $about) = @_;
    is(stop_server($server), 0, "$about: the server ends well");
    return;
}

sub connect_to {
    my ($server, %more) = @_;
    my $socket = tcp($server, %more);
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1 or die $!;
    return $socket;
}

# Sends the pieces one after the other, then the end of the stream; returns all that comes back.
sub converse {
    my ($server, @pieces) = @_;
    my $socket = connect_to($server);
    send_all($socket, $_) for @pieces;
    shutdown $socket, SHUT_WR;
    return read_all($socket);
}

# One line and its answer.
sub ask {
    my ($socket, $line) = @_;
    send_all($socket, "$line\n");
    return read_line($socket);
}

sub waits { return !IO::Select->new($_[0])->can_read(0); }

# --- every framing, cut everywhere ---

my $back = '["reverse", "uppercase"]';
my @messages = ('abc', '', "d\0e", "\0", 'fghij');
my @answers  = map { uc reverse $_ } @messages;

sub same_however_cut {
    my ($framing, $transform, $stream, $wanted) = @_;
    my $server = serve($transform, qq("framing": "$framing"));
    my @bad = grep {
        my $got = converse($server, substr($stream, 0, $_), substr $stream, $_);
        !defined $got || $got ne $wanted;
    } 1 .. length($stream) - 1;
    is_deeply(\@bad, [], "$framing: the same answers wherever the stream is cut");
    is(converse($server, $stream), $wanted, "$framing: glued");
    is(converse($server, split //, $stream), $wanted, "$framing: byte by byte");
    is(converse($server, ''), '', "$framing: an empty stream");
    ends_well($server, $framing);
    is($server->{said}, '', "$framing: and has nothing to complain of");
    return;
}

same_however_cut('line', $back, join('', map { "$_\n" } @messages), join '', map { "$_\n" } @answers);
same_however_cut('length16', $back, pack('(n/a)*', @messages), pack '(n/a)*', @answers);
same_however_cut('length32', $back, pack('(N/a)*', @messages), pack '(N/a)*', @answers);
same_however_cut('fixed:3', $back, "abcd\0ef\ng", "CBAE\0DG\nF");
same_however_cut('eof', $back, "abc\nd\0ef", "FE\0D\nCBA");
same_however_cut('recv', '"uppercase"', "abc\nd\0ef", "ABC\nD\0EF");

# --- one message is one message ---

{
    my $server = serve($back);
    my $socket = connect_to($server);
    is(ask($socket, 'abc'), 'CBA', 'a chain of two');
    is(ask($socket, ''), '', 'an empty line is a message');
    is(converse($server, "ab\ncd"), "BA\n", 'a last line without its end is dropped');
    ok(eventually { said_so_far($server) =~ /127\.0\.0\.1:\d+: .*in the middle of a message/ },
        'and that is noted');
    my $long = 'x' x 1048575 . 'y';
    is(converse($server, "$long\nz\n"), 'Y' . 'X' x 1048575 . "\nZ\n", 'a line of 1 MiB');
    send_all($socket, "last\n");
    shutdown $socket, SHUT_WR;
    is(read_all($socket), "TSAL\n", 'a client that has finished sending still gets its answer');
    ends_well($server, 'lines');

    $server = serve('["reverse", "uppercase", "reverse"]', '"framing": "recv"');
    $socket = connect_to($server);
    for my $words ('one', "two\n", "\0") {
        send_all($socket, $words);
        is(read_exactly($socket, length $words), uc $words, 'recv: what one recv returns');
    }
    ends_well($server, 'a chain of three');

    $server = serve('"count_s"', '"framing": "fixed:4"');
    is(converse($server, 'ssss'), '', 'fixed:4: an answer of another size cannot be sent');
    stop_server($server);
    like($server->{said}, qr/every message of this lab has the same size/, 'and that is told');
}

# --- messages that are too long ---

for (['line', "ok\n", "123456789\n"], ['length16', "\0\2ok", "\0\x{9}123456789"],
    ['length32', "\0\0\0\2ok", "\xff\xff\xff\xff"], ['eof', undef, 'x' x 9]) {
    my ($framing, $good, $bad) = @$_;
    my $server = serve('"echo"', qq("framing": "$framing"), '"limits": { "message_bytes": 8 }');
    my $other = connect_to($server);
    my $socket = connect_to($server);
    send_all($socket, ($good // '') . $bad . 'x' x 100000);
    is(read_all($socket), $good // '', "$framing: too long a message ends the session after the answers");
    ok(eventually { said_so_far($server) =~ /^protolab: 127\.0\.0\.1:\d+: a message is longer than limits\.message_bytes$/m },
        "$framing: with a reason");
    send_all($other, $good // 'ok');
    shutdown $other, SHUT_WR;
    is(read_all($other), $good // 'ok', "$framing: another session goes on");
    ends_well($server, "$framing, too long");
}

# --- the textbook's server: one reply, then the end ---

{
    my $server = serve('"uppercase"', '"close": "after-reply"');
    for my $more ('', "two\nthree\n", 'x' x 300000) {
        my $socket = connect_to($server);
        send_all($socket, "one\n$more");
        is(read_all($socket), "ONE\n", 'after-reply: one reply and the end, with '
              . length($more) . ' bytes more');
    }
    ends_well($server, 'after-reply');
    is($server->{said}, '', 'after-reply: nothing to complain of');

    $server = serve('"greeter"', '"close": "after-reply"');
    my $socket = connect_to($server);
    like(read_line($socket), qr/^hello 127\.0\.0\.1:${\ $socket->sockport}$/, 'a server speaks first');
    send_all($socket, "one\n");
    is(read_all($socket), "one\n", 'and what it says before it is asked is no reply');
    ends_well($server, 'greeter');
}

# --- transforms that answer in other ways ---

{
    my $server = serve('"twice"');
    is(converse($server, "a\nb\n"), "a\na\nb\nb\n", 'two answers for one message');
    ends_well($server, 'twice');
    $server = serve('["silent", "twice"]');
    is(converse($server, "a\nb\n"), '', 'no answers');
    ends_well($server, 'silent');
    $server = serve('"noter"');
    is(converse($server, "abc\n"), "abc\n", 'a note is not for the peer');
    ends_well($server, 'noter');
    $server = serve('"closer"');
    my $socket = connect_to($server);
    send_all($socket, "a\nb\n" . 'x' x 100000);
    is(read_all($socket), "a\n", 'a transform ends the session after its answer');
    ends_well($server, 'closer');
    is($server->{said}, '', 'and that is no failure');

    $server = serve('"failing"');
    my ($one, $other) = map { connect_to($server) } 1 .. 2;
    send_all($one, "abc\n");
    is(read_all($one), '', 'a session ends where its transform fails');
    ok(eventually { said_so_far($server) =~ /^protolab: 127\.0\.0\.1:${\ $one->sockport}: the fixture fails at 3 bytes$/m },
        'with the reason of the transform');
    ok(waits($other), 'another session stays');
    send_all($other, "\n");
    is(read_all($other), '', 'until it fails');
    ends_well($server, 'failing');
    like($server->{said}, qr/: the fixture fails at 0 bytes$/m, 'with its own reason');

    $server = serve('{ "plugin": "big", "bytes": 3145728 }');
    $socket = connect_to($server, Sockopts => [[SOL_SOCKET, SO_RCVBUF, pack 'i', 8192]]);
    send_all($socket, "x\n\n");
    shutdown $socket, SHUT_WR;
    my $all = read_all($socket) // '';
    ok($all eq ('b' x 3145728 . "\n") x 2, 'answers that go out in many parts');
    ends_well($server, 'big');
    $server = serve('{ "plugin": "big", "bytes": 3145729 }');
    is(converse($server, "x\n"), '', 'an answer may be too long');
    ends_well($server, 'too big');
    like($server->{said}, qr/an answer of 3145729 bytes is longer than the lab allows: 3145728/,
        'and that is told');
}

# --- many clients ---

{
    my $server = serve('"uppercase"', '"limits": { "unsent_bytes": 65536 }');
    my @clients = map { connect_to($server) } 1 .. 200;
    send_all($clients[$_], "client $_ ") for 0 .. $#clients;
    send_all($clients[$_], "and more\nlast") for reverse 0 .. $#clients;
    my @got = map { read_line($_) } @clients;
    is_deeply(\@got, [map { "CLIENT $_ AND MORE" } 0 .. $#clients], '200 clients at a time');

    cut_off($_) for @clients[0 .. 99];
    ok(eventually { said_so_far($server) =~ /reset the connection/ },
        'half of them reset their connections');
    my @rest = @clients[100 .. 199];
    send_all($_, "\n") for @rest;
    is_deeply([map { read_line($_) } @rest], [('LAST') x 100], 'the others are served');
    ends_well($server, 'many clients');
    my $resets = () = $server->{said} =~ /reset the connection/g;
    $resets += $_ for $server->{said} =~ /(\d+) more lines like these were left out/g;
    is($resets, 100, '... and each reset is told, or counted where they are too many');
}

# --- a client that does not read ---

sub resident_kib {
    my ($server) = @_;
    return slurp("/proc/$server->{pid}/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : die 'no VmRSS';
}

{
    # What was freed counts too while the sanitizer keeps it.
    local $ENV{ASAN_OPTIONS} = join ':', grep { defined } $ENV{ASAN_OPTIONS}, 'quarantine_size_mb=1';
    my $server = serve('"uppercase"');
    my $other = connect_to($server);
    is(ask($other, 'before'), 'BEFORE', 'a first client is served');
    my $before = resident_kib($server);
    my $deaf = connect_to($server, Sockopts => [[SOL_SOCKET, SO_RCVBUF, pack 'i', 65536]]);
    my $stream = join '', map { sprintf "line %07d %s\n", $_, 'x' x 50 } 1 .. 50_000_000 / 64;
    my $sent = 0;
    $deaf->blocking(0);
    while ($sent < length $stream && IO::Select->new($deaf)->can_write(1)) {
        $sent += syswrite($deaf, $stream, 1 << 20, $sent) // last;
    }
    cmp_ok($sent, '<', length $stream, 'the server stops receiving from a client that does not read');
    is(ask($other, 'meanwhile'), 'MEANWHILE', 'another client is served meanwhile');
    cmp_ok(resident_kib($server) - $before, '<', 16 * 1024, 'what waits for the first one is bounded');
    $deaf->blocking(1);
    shutdown $deaf, SHUT_WR;
    my $lines = substr $stream, 0, 1 + rindex $stream, "\n", $sent - 1;
    my $got = read_all($deaf) // '';
    ok($got eq uc $lines, 'once it reads it gets every answer');
    ends_well($server, 'a deaf client');
}

# Small questions with big answers: none is asked of the transform while enough of them wait.
{
    local $ENV{ASAN_OPTIONS} = join ':', grep { defined } $ENV{ASAN_OPTIONS}, 'quarantine_size_mb=1';
    my $server = serve('{ "plugin": "big", "bytes": 262143 }');
    my $before = resident_kib($server);
    my $deaf = connect_to($server, Sockopts => [[SOL_SOCKET, SO_RCVBUF, pack 'i', 8192]]);
    send_all($deaf, "\n" x 200);
    is(read_exactly($deaf, 1), 'b', 'many questions at once');
    my $other = connect_to($server);
    send_all($other, "\n");
    is(length read_exactly($other, 262144), 262144, 'another client comes after them');
    cmp_ok(resident_kib($server) - $before, '<', 16 * 1024, 'their answers are bounded');
    shutdown $deaf, SHUT_WR;
    my $rest = read_all($deaf) // '';
    ok('b' . $rest eq ('b' x 262143 . "\n") x 200, 'and all come');
    ends_well($server, 'many questions');
}

# --- limits ---

{
    my $server = serve('"uppercase"', '"limits": { "sessions": 1 }');
    freeze($server);
    my ($first, $second, $third) = map { connect_to($server) } 1 .. 3;
    send_all($_, "one\n") for $first, $second, $third;
    thaw($server);
    is(read_line($first), 'ONE', 'limits.sessions: the first client is served');
    is(ask($first, 'two'), 'TWO', 'and again');
    ok(waits($second) && waits($third), 'the next ones wait');
    like(said_so_far($server), qr/^protolab: limits\.sessions is reached: new clients wait/m, 'and that is told');
    close $first;
    is(read_line($second), 'ONE', 'until it has left');
    is(ask($second, 'two'), 'TWO', 'and the next is served');
    ok(waits($third), 'one at a time');
    close $second;
    is(read_line($third), 'ONE', 'then the last one');
    ends_well($server, 'limits.sessions');

    $server = serve('"uppercase"', '"limits": { "idle_ms": 300 }');
    my $begin = clock_gettime(CLOCK_MONOTONIC);
    my $idle = connect_to($server);
    is(read_all($idle), '', 'limits.idle_ms: an idle session is ended');
    cmp_ok(clock_gettime(CLOCK_MONOTONIC) - $begin, '>', 0.29, 'not earlier');
    ends_well($server, 'limits.idle_ms');
    like($server->{said}, qr/^protolab: 127\.0\.0\.1:\d+: idle for longer than limits\.idle_ms$/m, 'with a reason');
}

done_testing();
