#!/usr/bin/perl
# link.t - the network that the host plays: fates that are the same each time and as the plan has
# them, what each misfortune does to a packet, streams in slices, late, slow and reset, and bounds.
use strict;
use warnings;

use Errno qw(ECONNRESET);
use IO::Socket::IP;
use JSON::PP;
use POSIX ();
use ProtolabTest;
use Socket qw(MSG_DONTWAIT SHUT_WR SOCK_DGRAM SOCK_STREAM);
use Test::More;
use Time::HiRes qw(time);

my $labs = "$srcdir/labs";
my $logs = 0;

# A lab with that link.
sub lab {
    my ($transport, $link, $more, $timeout) = @_;
    $more //= $transport eq 'tcp' ? ', "framing": "recv"' : '';
    $timeout //= 100;
    return lab_file(qq({ "transport": "$transport", "transform": "echo", "port": 0,
        "client": { "timeout_ms": $timeout } $more, "link": { $link } }));
}

# A server that keeps a log.
sub serve {
    my ($lab, @options) = @_;
    my $log = scratch() . '/log' . ++$logs;
    return { %{ start_server($lab, '--log', $log, @options) }, log => $log };
}

# The events of a type in a log, once there are so many: it is written behind the answers.
sub events {
    my ($log, $type, $count) = @_;
    my @lines;
    eventually { @lines = slurp($log) =~ /^(\{.*"event":"$type".*\})\n/mg; @lines >= ($count // 0) };
    return map { JSON::PP->new->decode($_) } @lines;
}

# The fates in a log or a plan, a line each, in the plan's order.
sub table {
    my (@fates) = @_;
    return join '', map { "$_->{flow} $_->{direction} $_->{index}: $_->{text}\n" }
      sort { $a->{flow} <=> $b->{flow} || $a->{direction} cmp $b->{direction}
          || $a->{index} <=> $b->{index} } @fates;
}

sub fates {
    my ($log, $count) = @_;
    return map { $_->{fate} } events($log, 'packet', $count);
}

# The plan's line for each of those fates.
sub planned {
    my ($lab, $options, @fates) = @_;
    my ($status, $out, $err) = run_protolab('', 'run', '--plan=200', '--flows=5', '--json',
        @$options, $lab);
    is("$status $err", '0 ', 'there is a plan');
    my %plan = map { ("$_->{flow} $_->{direction} $_->{index}" => $_) }
      @{ JSON::PP->new->decode($out)->{packets} };
    return map { $plan{"$_->{flow} $_->{direction} $_->{index}"} } @fates;
}

# What hangs on the packet's size is in no plan.
sub without_details {
    my ($table) = @_;
    return $table =~ s/corrupted\K bit \d+//gr =~ s/cut\K to \d+ bytes?(?!.*\(script\))//gr;
}

sub sends { my ($socket, @messages) = @_; $socket->send($_) for @messages; return }

# The next datagrams, so many.
sub replies {
    my ($socket, $count) = @_;
    my @got;
    while (@got < $count && ProtolabTest::readable($socket)) {
        $socket->recv(my $reply, 65536);
        push @got, $reply;
    }
    return @got;
}

# Whether nothing waits at the socket: asked once it is known that all has come.
sub is_silent {
    my ($socket, $about) = @_;
    $socket->recv(my $reply, 65536, MSG_DONTWAIT);
    return is($reply // '', '', $about);
}

# ---------------------------------------------------- the same, a hundred times --

my $mixed = lab('udp', '"seed": 3, "loss": 0.3, "duplicate": 0.2, "corrupt": 0.2, "truncate": 0.2,'
    . ' "delay_ms": 1, "script": [ "duplicate 9 in", "truncate 10-11 out 3", "drop every 20 in" ]');

# The fates in a log as they are written, sorted.
sub raw_table {
    my ($log) = @_;
    return join "\n", sort slurp($log) =~ /"event":"packet".*"fate":(\{[^}]*\})/g;
}

# One run: two clients, one after the other, who send and do not wait, until so many fates are
# told.  Its log.
sub mixed_run {
    my ($wanted) = @_;
    my $server = serve($mixed);
    for my $flow (1, 2) {
        sends(udp($server), map { "packet number $_" } 1 .. 60);
        ok(0, "flow $flow: all packets come") or diag(raw_table($server->{log}))
          if !eventually { (() = slurp($server->{log}) =~ /"event":"packet"/g) == $wanted->[$flow - 1] };
    }
    stop_server($server);
    return $server->{log};
}

# How many fates there are after each flow: each packet that arrives is answered.
sub wanted_fates {
    my @plan = @{ JSON::PP->new->decode((run_protolab('', 'run', '--plan=60', '--flows=2', '--json', $mixed))[1])->{packets} };
    my ($sum, @sums) = (0);
    for my $flow (1, 2) {
        for my $what (map { join ' ', @{ $_->{what} } } grep { $_->{flow} == $flow && $_->{direction} eq 'in' } @plan) {
            $sum += $what =~ /drop/ ? 1 : $what =~ /duplicate/ ? 3 : 2;
        }
        push @sums, $sum;
    }
    return \@sums;
}

# Processes that do nothing, as fast as they can, for as long as this one lives.
sub keep_busy {
    my @pids;
    for (1 .. 2) {
        my $pid = fork // die $!;
        if ($pid == 0) {
            my $end = time + 60;
            while (getppid != 1 && time < $end) { my $sum = 0; $sum += $_ for 1 .. 10000; }
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    return @pids;
}

{
    my $wanted = wanted_fates();
    my $log    = mixed_run($wanted);
    my $first  = raw_table($log);
    my @fates  = fates($log);
    my %seen;
    $seen{$_}++ for map { @{ $_->{what} } } @fates;
    cmp_ok($seen{$_} // 0, '>', 5, "one run: packets that meet \"$_\"")
      for qw(drop duplicate corrupt truncate delay);
    is(without_details(table(@fates)), without_details(table(planned($mixed, [], @fates))),
        '... each as the plan has it');
    my $different = grep { raw_table(mixed_run($wanted)) ne $first } 1 .. 49;
    is($different, 0, '49 more runs give the same table');
    my @pids = keep_busy();
    $different = grep { raw_table(mixed_run($wanted)) ne $first } 1 .. 50;
    is($different, 0, '50 with both cores loaded too');
    kill 'KILL', $_ for @pids;
    waitpid $_, 0 for @pids;
}
{
    # Jitter and reordering change when a packet arrives, not its fate.
    my $lab = lab('udp', '"seed": 5, "reorder": 0.2, "delay_ms": 5, "jitter_ms": 5,'
        . ' "script": [ "delay 3 in 40ms", "reorder 4 out" ]');
    my $server = serve($lab);
    my $socket = udp($server);
    my @sent = map { "number $_" } 1 .. 100;
    sends($socket, @sent);
    my @got = replies($socket, 100);
    is_deeply([ sort @got ], [ sort @sent ], 'jitter and reordering: all come');
    isnt("@got", "@sent", '... in another order');
    my @fates = fates($server->{log}, 200);
    is(scalar @fates, 200, '... and all fates are told');
    is(table(@fates), table(planned($lab, [], @fates)), '... as the plan has them');
    is(stop_server($server), 0, '... the server ends well');
}

# ------------------------------------------------------------- one by one --

# An echo server with a script.
sub scripted {
    my (@lines) = @_;
    my $server = serve(lab('udp', '"script": [' . join(',', map { qq("$_") } @lines) . ']'));
    return ($server, udp($server));
}

{
    my ($server, $socket) = scripted('drop 2 in', 'drop 2 out');
    sends($socket, qw(a b c d));
    is_deeply([ replies($socket, 2) ], [qw(a d)], 'drop: one on its way there, one on its way back');
    is_silent($socket, '... and no more');
    is(table(fates($server->{log}, 7)), <<'EOT', '... the log has the fate of each');
1 in 1: passed
1 in 2: dropped (script)
1 in 3: passed
1 in 4: passed
1 out 1: passed
1 out 2: dropped (script)
1 out 3: passed
EOT
    # What a program sees: no recvfrom of what is lost before it, a sendto of what is lost behind it.
    is_deeply([ map { "$_->{event} $_->{utf8}" } grep { $_->{event} =~ /^(?:packet|recv|received|sent|send)$/ }
          map { JSON::PP->new->decode($_) } slurp($server->{log}) =~ /^(\{.*\})\n/mg ],
        [ (map { ("packet $_", "recv $_", "received $_", "sent $_", "send $_", "packet $_") } 'a'),
          'packet b',
          (map { ("packet $_", "recv $_", "received $_", "sent $_", "send $_", "packet $_") } qw(c d)) ],
        '... in the order of the way');
    is(stop_server($server), 0, '... the server ends well');

    ($server, $socket) = scripted('duplicate 2 in', 'duplicate 4 out');
    sends($socket, qw(a b c));
    is_deeply([ replies($socket, 5) ], [qw(a b b c c)], 'duplicate: the same bytes twice');
    stop_server($server);

    ($server, $socket) = scripted('corrupt 1-3 in', 'corrupt 5 in');
    my @sent = ('all of it zero: ' . "\0" x 100, 'x', 'yes', 'untouched', '');
    sends($socket, @sent);
    my @got  = replies($socket, 5);
    my @bits = map { unpack '%32b*', $sent[$_] ^ $got[$_] } 0 .. 4;
    is_deeply(\@bits, [ 1, 1, 1, 0, 0 ], 'corrupt: one bit of each, if it has one');
    is_deeply([ map { length } @got ], [ map { length } @sent ], '... and no byte more or less');
    my ($fate) = grep { $_->{direction} eq 'in' } fates($server->{log}, 10);
    is(vec($sent[0] ^ $got[0], $fate->{bit}, 1), 1, '... the bit that the log names');
    stop_server($server);

    ($server, $socket) = scripted('truncate 1 in 5', 'truncate 2 in', 'truncate 3 in 100',
        'truncate 4 in 0');
    sends($socket, ('abcdefgh') x 4, '');
    @got = replies($socket, 5);
    is("$got[0]|$got[2]|$got[3]|$got[4]", 'abcde|abcdefgh||', 'truncate: to so many bytes');
    ok(length $got[1] < 8 && 'abcdefgh' =~ /^\Q$got[1]\E/, '... or to as many as the dice say');
    stop_server($server);

    ($server, $socket) = scripted('delay 1 in 300ms', 'delay 3 out 200ms');
    my $begin = time;
    sends($socket, qw(a b c));
    is_deeply([ replies($socket, 2) ], [qw(b c)], 'delay: the others overtake');
    is_deeply([ replies($socket, 1) ], ['a'], '... and it comes');
    cmp_ok(time - $begin, '>=', 0.5, '... not before both delays');
    stop_server($server);

    ($server, $socket) = scripted('reorder 1 in', 'reorder 3-4 in', 'drop 5 in');
    sends($socket, qw(a b c d e f));
    is_deeply([ replies($socket, 5) ], [qw(b a f d c)],
        'reorder: behind the next one that arrives');
    stop_server($server);

    ($server, $socket) = scripted('reorder 1 in', 'reorder 2 in');
    $begin = time;
    sends($socket, qw(a b));
    is_deeply([ replies($socket, 2) ], [qw(b a)], '... and where none arrives, it comes all the same');
    cmp_ok(time - $begin, '>=', 0.5, '... after a while');
    stop_server($server);
}
{
    my $server = serve(lab('udp', '"rate_kbps": 80, "direction": "in"'));
    my $socket = udp($server);
    my $begin  = time;
    sends($socket, map { $_ x 500 } qw(a b c d));
    is_deeply([ map { substr $_, 0, 1 } replies($socket, 4) ], [qw(a b c d)], 'rate: in order');
    cmp_ok(time - $begin, '>=', 0.2, '... and not faster');
    is(scalar(fates($server->{log}, 4)), 4, '... in one direction');
    stop_server($server);
}
{
    # Who has a socket of its own has a flow of its own.
    my $server = serve(lab('udp', '"script": [ "drop 2 in" ]'));
    my @sockets = map { udp($server) } 1 .. 3;
    for my $socket (@sockets) {
        sends($socket, qw(a b c));
        is_deeply([ replies($socket, 2) ], [qw(a c)], 'the second packet of each flow');
    }
    is_deeply([ map { "$_->{flow}$_->{index}" } grep { $_->{direction} eq 'in' } fates($server->{log}, 15) ],
        [qw(11 12 13 21 22 23 31 32 33)], '... numbered as they come');
    is(exchange($sockets[0], 'd'), 'd', '... and remembered');
    is((fates($server->{log}, 17))[-1]{index}, 3, '... with all that went before');
    stop_server($server);

    # A server that is asked to end does not wait for its network.
    $server = serve(lab('udp', '"delay_ms": 3600000, "direction": "out"'));
    my $socket = udp($server);
    sends($socket, qw(a b));
    fates($server->{log}, 2);
    is(stop_server($server), 0, 'asked to end, the server waits for no packet');
    is_deeply([ replies($socket, 2) ], [qw(a b)], '... and sends those that are on their way');

    # No more of them than sessions: the one that was quiet for longest is forgotten.
    $server = serve(lab('udp', '"script": [ "drop 2 in" ]', ', "limits": { "sessions": 2 }'));
    @sockets = map { udp($server) } 1 .. 3;
    is(exchange($_, 'a'), 'a', 'a flow more than there is room for') for @sockets;
    sends($sockets[2], 'b');
    is(exchange($sockets[2], 'c'), 'c', '... the newest is known');
    is(exchange($sockets[0], 'b'), 'b', '... the oldest is new again');
    is((fates($server->{log}, 11))[-1]{flow}, 4, '... and counted so');
    stop_server($server);
}

# ---------------------------------------------------------------- the labs --

{
    my $lab    = "$labs/udp-pinger-lossy.json";
    my $server = serve($lab);
    my $socket = udp($server);
    for my $n (1 .. 10) {
        my $begin = time;
        sends($socket, "Ping $n now");
        next if $n == 3 || $n == 7;
        is(join('', replies($socket, 1)), "PING $n NOW", "udp-pinger-lossy: ping $n");
        cmp_ok(time - $begin, '>=', 0.3, '... late') if $n == 5;
    }
    is_silent($socket, '... and no other');
    my @fates = fates($server->{log}, 19);
    is(table(@fates), table(planned($lab, [], @fates)), '... as planned');
    is(join(', ', map { "$_->{direction} $_->{index}: $_->{text}" } grep { @{ $_->{what} } } @fates),
        'in 3: dropped (script), in 5: delayed 300 ms (script), out 6: dropped (script)',
        '... three misfortunes');
    stop_server($server);
}
{
    my ($status, $out, $err) = run_protolab("one\ntwo\nthree\nfour\nfive\n", 'run', '--port', 0,
        "$labs/udp-lossy-uppercase.json");
    is($out, "ONE\nFOUR\nFIVE\n", 'udp-lossy-uppercase: three of five are answered');
    is($status, 1, '... which is a failure');
    is(scalar(() = $err =~ /timed out: no reply within 1000 ms/g), 2, '... and the client says so');
    is(scalar(() = $err =~ /\bdropped\b/g), 2, '... between two fates in the trace');
}
{
    my $log = scratch() . '/sliced';
    my ($status, $out) = run_protolab("hello\nworld\n", 'run', '--port', 0, '--log', $log,
        "$labs/tcp-sliced.json");
    is("$status $out", "0 HELLO\nWORLD\n", 'tcp-sliced: all comes');
    for my $side (qw(server client)) {
        my @sizes = map { $_->{size} } grep { $_->{side} eq $side } events($log, 'recv');
        is_deeply([ grep { $_ > 0 } @sizes ], [ (1) x 12 ], "... each recv of the $side returned one byte");
    }
    is_deeply([ map { $_->{size} } grep { $_->{side} eq 'server' } events($log, 'send') ], [ (1) x 12 ],
        '... and each send took one');
}

# ----------------------------------------------------------------- streams --

sub stream_server { my ($link, $more) = @_; return serve(lab('tcp', $link, $more)) }

{
    my $server = stream_server('"slice": 4, "direction": "in"');
    my $socket = tcp($server);
    send_all($socket, 'abcdefghij');
    is(read_exactly($socket, 10), 'abcdefghij', 'slice, in: all comes');
    is_deeply([ map { $_->{size} } events($server->{log}, 'recv', 3) ], [ 4, 4, 2 ], '... by three recvs');
    shutdown $socket, SHUT_WR;
    is(read_all($socket), '', '... and the end');
    stop_server($server);

    $server = stream_server('"slice": 4, "direction": "out"');
    $socket = tcp($server);
    my $begin = time;
    send_all($socket, 'a' x 101);
    is(read_exactly($socket, 101), 'a' x 101, 'slice, out: all comes');
    cmp_ok(time - $begin, '>=', 25 * 0.002, '... with a pause between two slices');
    is_deeply([ map { $_->{size} } events($server->{log}, 'send', 26) ], [ (4) x 25, 1 ],
        '... each by a send of its own');
    stop_server($server);

    $server = stream_server('"delay_ms": 100');
    $socket = tcp($server);
    $begin  = time;
    send_all($socket, 'hello');
    is(read_exactly($socket, 5), 'hello', 'delay: all comes');
    cmp_ok(time - $begin, '>=', 0.2, '... late, twice');
    $begin = time;
    shutdown $socket, SHUT_WR;
    is(read_all($socket), '', '... the end of the stream too');
    cmp_ok(time - $begin, '>=', 0.2, '... late, twice');
    stop_server($server);

    $server = stream_server('"jitter_ms": 10', ', "framing": "line"');
    $socket = tcp($server);
    my $lines = join '', map { "line $_\n" } 1 .. 500;
    # Many pieces, each with a delay of its own.
    send_all($socket, $_) for $lines =~ /(.{1,97})/gs;
    is(read_exactly($socket, length $lines), $lines, 'jitter: in order, all of it');
    stop_server($server);

    $server = stream_server('"rate_kbps": 160, "direction": "in"');
    $socket = tcp($server);
    $begin  = time;
    send_all($socket, 'x' x 5000);
    is(read_exactly($socket, 1), 'x', 'rate: the first bytes do not wait for the last');
    is(read_exactly($socket, 4999), 'x' x 4999, '... all comes');
    cmp_ok(time - $begin, '>=', 0.25, '... and not faster');
    stop_server($server);

    $server = stream_server('"rate_kbps": 8000, "delay_ms": 3, "jitter_ms": 3, "slice": 700');
    $socket = tcp($server);
    my $much = join '', map { pack 'N', $_ } 1 .. 50000;
    my $pid  = fork // die $!;
    if ($pid == 0) { send_all($socket, $much); POSIX::_exit(0) }
    ok(read_exactly($socket, length $much) eq $much, 'all of it at once: 200000 bytes, each in its place');
    waitpid $pid, 0;
    # A server that is asked to end does not wait for its network.
    $server->{asked} = time;
    is(stop_server($server), 0, '... and the server ends');

    $server = stream_server('"delay_ms": 3600000, "direction": "out"');
    $socket = tcp($server);
    send_all($socket, 'hello');
    events($server->{log}, 'sent', 1);
    is(stop_server($server), 0, 'asked to end, the server does not wait an hour');
    is(read_all($socket), 'hello', '... and sends what is on its way');
}

# ------------------------------------------------------------------- reset --

# Reads until the connection is reset.  What came, and the error.
sub until_reset {
    my ($socket) = @_;
    my $got = '';
    while (ProtolabTest::readable($socket)) {
        my $n = sysread $socket, $got, 4096, length $got;
        return ($got, $! + 0) if !defined $n;
        return ($got, 0) if $n == 0;
    }
    return ($got, -1);
}

for my $row ([ 'in', '' ], [ 'in', ', "delay_ms": 5' ], [ 'in', ', "slice": 7' ]) {
    my ($direction, $more) = @$row;
    my $server = stream_server(qq("reset_after": 50, "direction": "$direction" $more));
    my $socket = tcp($server);
    send_all($socket, 'x' x 80);
    is_deeply([ until_reset($socket) ], [ 'x' x 50, ECONNRESET ],
        "reset_after, $direction$more: so many bytes arrive and are answered, then the reset");
    my ($reset) = events($server->{log}, 'reset', 1);
    is("$reset->{text}, $reset->{by_peer}", 'the link resets it after 50 bytes, 0', '... as the log has it');
    is(exchange_line($server, 'y' x 49), 'y' x 49, '... another connection counts anew');
    is(stop_server($server), 0, '... the server ends well');
    like($server->{said}, qr/: the link has reset the connection$/m, '... and says why');
}

# What comes back for so many bytes, over a connection of its own.
sub exchange_line {
    my ($server, $bytes) = @_;
    my $socket = tcp($server);
    send_all($socket, $bytes);
    return read_exactly($socket, length $bytes);
}

for my $more ('', ', "delay_ms": 5', ', "slice": 7', ', "rate_kbps": 800') {
    my $server = stream_server(qq("reset_after": 50, "direction": "out" $more));
    my $socket = tcp($server);
    send_all($socket, 'x' x 80);
    is_deeply([ until_reset($socket) ], [ 'x' x 50, ECONNRESET ],
        "reset_after, out$more: so many bytes come back, then the reset");
    stop_server($server);

    $server = stream_server(qq("reset_after": 50 $more));
    $socket = tcp($server);
    send_all($socket, 'x' x 30);
    is_deeply([ until_reset($socket) ], [ 'x' x 20, ECONNRESET ], '... both: what passes either way counts');
    stop_server($server);
}

# ------------------------------------------------------------------- client --

{
    my $server = start_server(lab_file('{ "transport": "udp", "transform": "echo", "port": 0 }'));
    my $log    = scratch() . '/client';
    my $lab = lab('udp', '"script": [ "drop 2 in", "corrupt 1 out" ]', '', 1000);
    my ($status, $out) = run_protolab("aaa\nb\nc\n", 'client', '--port', $server->{port}, '--log', $log, $lab);
    isnt($out, "aaa\nb\nc\n", 'client: its own end plays the link');
    is($status, 1, '... a lost sentence is a failure');
    is(table(fates($log)) =~ s/ bit \d+//gr, <<'EOT', '... in is towards the server here too');
1 in 1: passed
1 in 2: dropped (script)
1 out 1: corrupted (script)
2 in 1: passed
2 out 1: corrupted (script)
EOT
    is(join(' ', map { $_->{side} } events($log, 'packet')), join(' ', ('client') x 5), '... and it is told by the client');
    ($status, $out) = run_protolab("aaa\nb\nc\n", 'client', '--port', $server->{port}, '--no-link', $lab);
    is("$status $out", "0 aaa\nb\nc\n", '--no-link: none of it');

    my @before = times;
    ($status, $out) = run_protolab("a\n", 'client', '--port', $server->{port}, 
        lab('udp', '"delay_ms": 600, "direction": "in"', '', 60000));
    my @after = times;
    is("$status $out", "0 a\n", 'a packet that waits in the client');
    cmp_ok($after[2] + $after[3] - $before[2] - $before[3], '<', 0.5, '... costs it no processor meanwhile');
    stop_server($server);
}
{
    my $listener = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1, Type => SOCK_STREAM);
    my $client = start_command({}, $protolab, 'client', '--port', $listener->sockport, '--reset-after', 3,
        lab('tcp', '"direction": "in"', ', "framing": "line"'));
    syswrite $client->{in}, "hello\n";
    my $connection = $listener->accept;
    is_deeply([ until_reset($connection) ], [ 'hel', ECONNRESET ], 'client: resets its connection');
    is(finish($client), 1, '... which is a failure');
    like($client->{said}, qr/: the link has reset the connection$/m, "... and says so");

    my ($status, $out, $err) = run_protolab("hello\n", 'run', '--reset-after', 8, lab('tcp', '"seed": 2',
            ', "framing": "line"'));
    is("$status $out", '1 ', 'run: a connection that is reset');
    like($err, qr/reset/, '... the client says so');
}

# ------------------------------------------------------------------- bounds --

sub resident {
    my ($server) = @_;
    return slurp("/proc/$server->{pid}/status") =~ /^VmRSS:\s+(\d+) kB/m ? $1 : die 'no VmRSS';
}

{
    my $server = serve(lab('udp', '"delay_ms": 3600000'));
    my $socket = udp($server);
    is(exchange(udp(start_server("$labs/udp-echo.json")), 'a'), 'a', 'there is an idle server to compare with');
    my $before = resident($server);
    # What the kernel drops of a flood does not count.
    ok(eventually { sends($socket, ('x' x 1000) x 200); slurp($server->{log}) =~ /"crowded"/ },
        'a flood that is on its way for an hour: packets find no room');
    my @fates = fates($server->{log});
    my $waiting = grep { $_->{what}[0] eq 'delay' } @fates;
    is($waiting, 4096, '... 4096 do');
    is(scalar(grep { $_->{what}[0] ne 'delay' && $_->{text} ne 'dropped: too many wait in the link' } @fates), 0,
        '... and all others are told as dropped');
    cmp_ok(resident($server) - $before, '<', 16 * 1024, '... in less than 16 MiB')
      if slurp($protolab) !~ /__asan_init/;
    is(stop_server($server), 0, '... the server ends well');
    is(scalar(() = $server->{said} =~ /more packets are on their way than the link holds/g), 1,
        '... and has said so once');
}
{
    my $server = stream_server('"delay_ms": 3600000');
    my $socket = tcp($server, Blocking => 0);
    my $before = resident($server);
    my ($sent, $n) = (0);
    # Until neither the server nor the two kernels take any more.
    while ($sent < 64 << 20) {
        vec(my $bits = '', fileno $socket, 1) = 1;
        last if select(undef, $bits, undef, 0.5) <= 0;
        $n = syswrite $socket, 'x' x 65536;
        $sent += $n // 0;
    }
    cmp_ok($sent, '<', 64 << 20, 'a stream that is on its way for an hour: the writer waits');
    my $read = 0;
    $read += $_->{size} for events($server->{log}, 'recv');
    is($read, 0, '... nothing has arrived');
    cmp_ok(resident($server) - $before, '<', 16 * 1024, '... and the server keeps no more than it must')
      if slurp($protolab) !~ /__asan_init/;
    cut_off($socket);
    is(stop_server($server), 0, '... it ends well');
}

# -------------------------------------------------------------- command line --

my $udp = "$labs/udp-echo.json";
my $tcp = "$labs/tcp-echo.json";

is((run_protolab('', 'run', '--plan=3', '--flows', 2, '--script', 'drop 2 in', '--script', 'delay every 3 out 20ms',
            "$labs/udp-pinger-lossy.json"))[1], <<'EOT', '--plan: a table; --script takes the place of the lab\'s');
  flow  direction  packet  fate
     1  in              1  passed
     1  in              2  dropped (script)
     1  in              3  passed
     1  out             1  passed
     1  out             2  passed
     1  out             3  delayed 20 ms (script)
     2  in              1  passed
     2  in              2  dropped (script)
     2  in              3  passed
     2  out             1  passed
     2  out             2  passed
     2  out             3  delayed 20 ms (script)
EOT
is(scalar(() = (run_protolab('', 'run', '--plan', '--loss', 1, $udp))[1] =~ /dropped$/mg), 40,
    '... of twenty packets each way');
unlike((run_protolab('', 'run', '--plan', '--loss', 0, '--delay', 1, "$labs/udp-lossy-uppercase.json"))[1],
    qr/dropped/, '--loss 0: none is lost');
isnt((run_protolab('', 'run', '--plan', '--loss', .3, '--seed', 8, $udp))[1],
    (run_protolab('', 'run', '--plan', '--loss', .3, '--seed', 9, $udp))[1], '--seed: others are lost');
is((run_protolab('', 'run', '--plan', '--loss', .3, $udp))[1],
    (run_protolab('', 'run', '--plan', '--loss', .3, '--seed', 1, $udp))[1], '... by default those of seed 1');
unlike((run_protolab('', 'run', '--plan', '--loss', .3, '--direction', 'in', $udp))[1], qr/ out /,
    '--direction in: nothing meets what comes back');
is((run_protolab('', 'run', '--plan', $udp))[1], "udp-echo has no link: all passes as it is\n", 'no link');
is((run_protolab('', 'run', '--plan', '--no-link', "$labs/udp-pinger-lossy.json"))[1],
    "udp-pinger-lossy has no link: all passes as it is\n", '... by --no-link');
like((run_protolab('', 'run', '--plan', "$labs/tcp-sliced.json"))[1], qr/^tcp carries a stream.*\n\n.*^  slice +1: /ms,
    'the plan of a stream');
is_deeply(JSON::PP->new->decode((run_protolab('', 'run', '--plan', '--json', "$labs/tcp-sliced.json"))[1]),
    { lab => 'tcp-sliced', seed => 1, packets => [] }, '... as JSON');

for (
    [ "$udp --loss 30",           '--loss "30": a number from 0 to 1 is wanted' ],
    [ "$udp --loss -0.1",         '--loss "-0.1": a number from 0 to 1 is wanted' ],
    [ "$udp --loss nan",          '--loss "nan": a number from 0 to 1 is wanted' ],
    [ "$udp --loss 0x1",          '--loss "0x1": a number from 0 to 1 is wanted' ],
    [ "$udp --loss=",             '--loss "": a number from 0 to 1 is wanted' ],
    [ "$udp --seed 1.5",          '--seed "1.5": a number from 0 up is wanted' ],
    [ "$udp --delay 3600001",     '--delay "3600001": a number from 0 to 3600000 is wanted' ],
    [ "$udp --rate 0",            '--rate "0": a number from 1 to 1000000000 is wanted' ],
    [ "$tcp --slice 0",           '--slice "0": a number from 1 to 1073741824 is wanted' ],
    [ "$tcp --reset-after 0",     '--reset-after "0": a number from 1 up is wanted' ],
    [ "$udp --direction up",      '--direction "up": "in", "out" or "both" is wanted' ],
    [ "$tcp --loss 0.1",          '--loss "0.1": tcp carries a stream, of which nothing is lost, doubled, changed or overtaken' ],
    [ "$udp --slice 1",           '--slice "1": udp carries datagrams, each of which travels whole and by itself' ],
    [ "$udp --plan=0",            '--plan "0": a number from 1 to 1000000 is wanted' ],
    [ "$udp --plan --flows x",    '--flows "x": a number from 1 to 1000000 is wanted' ],
    [ "$udp --flows 2",           '--flows: only with --plan' ],
    [ "$udp --json",              '--json: only with --plan' ],
    [ "$udp --plan -- true",      '--plan runs nothing, and "true" stands behind "--"' ],
  )
{
    my ($line, $message) = @$_;
    is_deeply([ run_protolab('', 'run', split / /, $line) ], [ 2, '', "protolab: run: $message\n" ], "run $message");
}
is_deeply([ run_protolab('', 'serve', $udp, '--script', 'dorp 3 in') ], [ 2, '',
        qq(protolab: serve: --script "dorp 3 in": drop, duplicate, corrupt, truncate, reorder or delay is wanted, )
          . qq(not "dorp"\nDid you mean "drop"?\n) ], 'serve: a script that is none');
is_deeply([ run_protolab('', 'client', $udp, '--script', 'drop 3 up') ], [ 2, '',
        qq(protolab: client: --script "drop 3 up": "in" or "out" is wanted, not "up"\n)
          . qq("in" is towards the server, "out" towards the client.\n) ], 'client: the same');
is_deeply([ run_protolab('', 'serve', '--port', 0, '--workers', 2, '--loss', .1, $udp) ], [ 2, '',
        "protolab: serve: --workers 2: a link numbers the packets of one process, not of several\n" ],
    'serve: one process alone plays a link');
is((run_protolab('', 'run', $udp, ('--script', 'drop 1 in') x 257))[2],
    qq(protolab: run: --script "drop 1 in": a script has at most 256 lines\n), 'a script that is too long');
is((run_protolab('', 'run', $udp, ('--loss', 0) x 301))[2],
    "protolab: run: --loss: more than 300 options of the link\n", 'options without end');

done_testing;
