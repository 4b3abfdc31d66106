#!/usr/bin/perl
# serve.t - how "protolab serve" begins and ends.
use strict;
use warnings;
use ProtolabTest;
use IO::Select;
use POSIX qw(WNOHANG _SC_CLK_TCK sysconf);
use Socket qw(SOL_SOCKET SO_RCVBUF SHUT_WR);
use Test::More;

$ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;

my $lines   = lab_file('{ "transport": "tcp", "transform": "uppercase", "port": 12000 }', 'lines.json');
my $packets = lab_file('{ "transport": "udp", "transform": "uppercase", "port": 12000 }', 'packets.json');
my $book    = lab_file('{ "transport": "tcp", "transform": "uppercase", "port": 12000,
  "close": "after-reply", "limits": { "sessions": 1 } }', 'book.json');
my $big     = lab_file('{ "transport": "tcp", "port": 12000, "transform": { "plugin": "big",
  "bytes": 16777216 }, "limits": { "message_bytes": 16777216 } }', 'big.json');

# An address of this machine that no other test serves at, so that its ports are ours.
my $own_host = join '.', 127, 1 + $$ % 250, 1 + ($$ >> 8) % 250, 77;

sub ask {
    my ($socket, $line) = @_;
    send_all($socket, "$line\n");
    return read_line($socket);
}

# "serve" has to end by itself, with that status and those words.
sub refuses {
    my ($about, $arguments, $wanted, @words) = @_;
    my ($status, $out, $err) = run_protolab('', 'serve', @$arguments);
    is($status, $wanted, "$about: status $wanted");
    is($out, '', "$about: never ready");
    like($err, $_, "$about: is told") for @words;
    return;
}

sub cpu_seconds {
    my ($server) = @_;
    my ($times) = slurp("/proc/$server->{pid}/stat") =~ /\) \S (?:\S+ ){10}(\d+ \d+)/ or die 'no times';
    my ($user, $system) = split / /, $times;
    return ($user + $system) / sysconf(_SC_CLK_TCK);
}

# Whether a server does not take clients any more.
sub shut {
    my ($server) = @_;
    return !IO::Socket::IP->new(PeerHost => $server->{host}, PeerPort => $server->{port});
}

# --- beginning and end ---

for my $signal ('TERM', 'INT', 'HUP') {
    my $server = start_server($lines);
    like($server->{ready}, qr/^ready: lines on tcp 127\.0\.0\.1:[1-9]\d*$/, 'it says where it is');
    is(ask(tcp($server), 'abc'), 'ABC', 'and is there');
    is(stop_server($server, $signal), 0, "SIG$signal ends it");
    is($server->{said}, '', 'in silence');
    ok(shut($server), 'and it is there no more');
}
{
    my $server = start_server($packets);
    like($server->{ready}, qr/^ready: packets on udp 127\.0\.0\.1:[1-9]\d*$/, 'the same for UDP');
    is(exchange(udp($server), 'abc'), 'ABC', 'which answers');
    is(stop_server($server, 'INT'), 0, 'and ends');
}

# A client that has asked for 16 MiB and has read no more than one byte of them.
sub slow_reader {
    my ($server) = @_;
    my $client = tcp($server, Sockopts => [[SOL_SOCKET, SO_RCVBUF, pack 'i', 8192]]);
    send_all($client, "x\n");
    is(read_exactly($client, 1), 'b', 'a slow reader');
    return $client;
}

{
    my $server = start_server($big);
    my $client = slow_reader($server);
    kill 'TERM', $server->{pid};
    ok(eventually { shut($server) }, 'a server that was told to end takes no clients');
    is(waitpid($server->{pid}, WNOHANG), 0, 'but stays while answers wait');
    my $rest = read_all($client) // '';
    ok($rest eq 'b' x 16777215 . "\n", 'and delivers them all');
    is(stop_server($server, 0), 0, 'then it ends');
    is($server->{said}, '', 'without complaint');

    $server = start_server($big);
    $client = slow_reader($server);
    kill 'TERM', $server->{pid};
    ok(eventually { shut($server) }, 'told once');
    is(waitpid($server->{pid}, WNOHANG), 0, 'it waits for a slow reader');
    is(stop_server($server, 'INT'), 0, 'told twice it does not');
}

# --- places ---

{
    my $server = start_server($lines, '--host', $own_host);
    my $text = quotemeta "$own_host:$server->{port}";
    is($server->{host}, $own_host, '--host');
    refuses('a port in use', [$lines, '--host', $own_host, '--port', $server->{port}], 1,
        qr/^protolab: tcp $text: bind: Address already in use$/m,
        qr/^Another program has that port\. "ss -ltnp 'sport = :$server->{port}'" shows which one; --port 0 takes any free port\.$/m);
    is(ask(tcp($server), 'abc'), 'ABC', 'the first server is not harmed');

    my $client = tcp($server);
    is(ask($client, 'abc'), 'ABC', 'a client that stays');
    is(stop_server($server), 0, 'its server ends first');
    my $again = start_server($lines, '--host', $own_host, '--port', $server->{port});
    is($again->{port}, $server->{port}, 'and is at once there again');
    is(ask(tcp($again), 'def'), 'DEF', 'at work');
    stop_server($again);

    $server = start_server($packets, '--host', $own_host);
    refuses('a UDP port in use', [$packets, '--host', $own_host, '--port', $server->{port}], 1,
        qr/^protolab: udp \Q$own_host\E:$server->{port}: bind: Address already in use$/m,
        qr/"ss -lunp 'sport = :$server->{port}'"/);
    stop_server($server);
}

SKIP: {
    skip 'no IPv6 here', 3 if !have_ipv6();
    my $server = start_server($lines, '--host', '::1');
    like($server->{ready}, qr/ on tcp \[::1\]:$server->{port}$/, '--host ::1');
    is(ask(tcp($server), 'abc'), 'ABC', 'IPv6');
    is(stop_server($server), 0, 'ends');
}
{
    my $server = start_server($lines, '--host=localhost');
    like($server->{ready}, qr/ on tcp (?:127\.0\.0\.1|\[::1\]):/, '--host localhost');
    is(ask(tcp($server), 'abc'), 'ABC', 'a name');
    stop_server($server);
}

# A label of 64 letters is no name; nobody has to be asked for that.
refuses('no such name', [$lines, '--host', 'x' x 64, '--port', 0], 2,
    qr/^protolab: x{64}: \w.*$/m, qr/^Give another with --host, or a number such as 127\.0\.0\.1\.$/m);
refuses('a foreign address', [$lines, '--host', '203.0.113.1', '--port', 0], 1,
    qr/^protolab: tcp 203\.0\.113\.1:0: bind: Cannot assign requested address$/m,
    qr/^This machine does not have that address: "ip address" lists those that it has\.$/m);
refuses("port \"$_\"", [$lines, '--port', $_], 2, qr/^protolab: serve: --port.*"\Q$_\E"/m,
    qr/a number from 0 to 65535/)
  for '65536', '-1', 'abc', '80x', '', '1.5', '0x50', ' 80', '9' x 30;
refuses('no port', [$lines, '--port'], 2, qr/^protolab: serve: --port: a value is missing$/m);
refuses('no lab', [], 2, qr/^protolab: serve: .*is missing$/m);
refuses('two labs', [$lines, $packets], 2, qr/one argument too many/);
refuses('a lab that is not there', [scratch() . '/none.json'], 2, qr/none\.json.*No such file or directory/);
refuses('a lab with an error', [lab_file('{ "transport": "tcp", "transform": "uppercase",
  "prot": 12000 }', 'wrong.json'), '--port', 0], 2,
    qr/wrong\.json:2:3: "prot": no such key/, qr/Did you mean "port"\?/);

SKIP: {
    my $free = slurp('/proc/sys/net/ipv4/ip_unprivileged_port_start');
    skip 'every port is free for everybody here', 4 if $> == 0 || $free <= 1;
    refuses('a privileged port', [$lines, '--host', $own_host, '--port', 1], 1,
        qr/: bind: Permission denied$/m, qr/^Ports below 1024 are for root: take another with --port\.$/m);
}

# --- short of descriptors ---

{
    my $limited = scratch() . '/limited';
    open my $to, '>', $limited or die $!;
    print $to qq(#!/bin/sh\nulimit -n 20\nexec "$protolab" "\$@"\n);
    close $to;
    chmod 0755, $limited or die $!;
    my $server = do { local $ProtolabTest::protolab = $limited; start_server($lines) };
    my @clients = map { tcp($server) } 1 .. 30;
    send_all($_, "abc\n") for @clients;
    ok(eventually { said_so_far($server) =~ /accept/ }, 'EMFILE is told');
    my $before = cpu_seconds($server);
    my ($served, @waiting) = (0);
    is(read_line($clients[0]), 'ABC', 'the first client is served');
    # Many times longer than the pause after which accept is tried again.
    select undef, undef, undef, 1;
    cmp_ok(cpu_seconds($server) - $before, '<', 0.3, 'the server does not spin');
    is(ask($clients[0], 'def'), 'DEF', 'and serves those that are in');
    is(() = said_so_far($server) =~ /^/mg, 1, 'one line of log');
    like(said_so_far($server), qr/^protolab: accept: Too many open files; new clients wait$/m, 'with the reason');
    ok(!IO::Select->new($clients[29])->can_read(0), 'the last client waits');
    close $_ for @clients[0 .. 28];
    is(read_line($clients[29]), 'ABC', 'until others leave');
    is(stop_server($server), 0, 'and the server ends well');
}

# --- no time is lost, none is wasted ---

{
    my $server = start_server($book);
    for my $i (1 .. 20) {
        my $client = tcp($server);
        is(ask($client, "client $i"), "CLIENT $i", 'one client after the other');
        shutdown $client, SHUT_WR;
        is(read_all($client), '', 'and the end');
    }
    cmp_ok(cpu_seconds($server), '<', 1.5, 'without spinning');
    is(stop_server($server), 0, 'it ends');
}

# --- nobody reads what it says ---

{
    pipe my $nobody, my $stuffed or die $!;
    my $one = 'x' x 4096;
    $stuffed->blocking(0);
    1 while syswrite $stuffed, $one;    # a pipe that takes no more
    $stuffed->blocking(1);
    my $talkative = scratch() . '/talkative';
    open my $to, '>', $talkative or die $!;
    print $to qq(#!/bin/sh\nexec "$protolab" "\$@" 2>&), fileno $stuffed, "\n";
    close $to;
    chmod 0755, $talkative or die $!;
    require Fcntl;
    fcntl $stuffed, Fcntl::F_SETFD(), 0;
    my $server = do { local $ProtolabTest::protolab = $talkative; start_server($lines) };
    cut_off($_) for map { my $c = tcp($server); print $c "abc"; $c } 1 .. 30;
    my $client = tcp($server);
    send_all($client, "still there\n");
    is(read_line($client), 'STILL THERE', 'a server whose stderr is full serves on');
    is(stop_server($server), 0, 'and ends well');
}

done_testing();
