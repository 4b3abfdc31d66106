#!/usr/bin/perl
# bench_load.t - the load generator finds nothing wrong with a right server, and says of a wrong
# one what is wrong.
use strict;
use warnings;

use IO::Select;
use IO::Socket::IP;
use JSON::PP;
use POSIX ();
use ProtolabTest;
use Socket qw(SOCK_DGRAM SOCK_STREAM);
use Test::More;

my $load = ($ENV{builddir} // '.') . '/bench/load';

# Status, report and complaints of a run against a port.
sub load_on {
    my ($port, @options) = @_;
    my ($status, $out, $err) = run_command('', $load, '--to', "127.0.0.1:$port", '--warmup', 0.02,
        '--seconds', 0.2, @options);
    return ($status, $out eq '' ? undef : decode_json($out), $err);
}

# ----------------------------------------------------------- the right server --

sub right {
    my ($lab, $pid_known, @options) = @_;
    my $server = start_server("$srcdir/bench/labs/$lab.json");
    my $about  = "$lab: @options";
    my ($status, $report, $err)
        = load_on($server->{port}, @options, $pid_known ? ('--server-pid', $server->{pid}) : ());
    is($status, 0, "$about: status") or diag($err);
    is($err, '', "$about: no complaint");
    is($report->{$_}, 0, "$about: $_") for qw(mismatched errors reordered);
    stop_server($server);
    return $report;
}

sub steady {
    my ($report, $about) = @_;
    my $latency = $report->{latency_ns};
    cmp_ok($report->{replies}, '>', 0, "$about: replies");
    is($report->{bytes}, 64 * $report->{replies}, "$about: bytes");
    cmp_ok($report->{seconds}, '>=', 0.2, "$about: seconds");
    cmp_ok($latency->{p50}, '<=', $latency->{p99}, "$about: p50 and p99");
    cmp_ok($latency->{p999}, '<=', $latency->{max}, "$about: p99.9 and the longest");
    return;
}

my $report = right('udp', 1, '--udp', '--connections', 2, '--outstanding', 8);
steady($report, 'UDP');
cmp_ok($report->{server_cpu_ns}, '>', 0, 'the CPU time of the server');
like($report->{bottleneck}, qr/^(?:server|load|neither)$/, 'the bottleneck');

$report = right('udp', 0, '--udp');
steady($report, 'UDP, one');
is($report->{$_}, undef, "$_ where no process is given")
    for qw(server_cpu_ns server_cpu_per_reply_ns server_busy);

steady(right('udp', 1, '--udp', '--connections', 5, '--in-flight', 2), 'taking turns');
steady(right('udp', 1, '--udp', '--spin'), 'without sleep');
steady(right('tcp-lines', 1, '--tcp', '--connections', 3), 'lines');
steady(right('tcp-lines', 1, '--tcp', '--connections', 2, '--outstanding', 40), 'many lines');
steady(right('tcp-lines', 1, '--tcp', '--connections', 5, '--in-flight', 2), 'lines in turn');
right('tcp-lines', 1, '--tcp', '--outstanding', 100, '--size', 60000);

for my $protocol ([ 'udp', '--udp' ], [ 'tcp-lines', '--tcp' ]) {
    $report = right($protocol->[0], 1, $protocol->[1], '--connections', 2, '--rate', 200);
    cmp_ok($report->{replies}, '>', 0, "$protocol->[0], at a rate: replies");
    cmp_ok($report->{rate}, '<', 2000, "$protocol->[0], at a rate: not as many as can be");
}

for my $size (64, 1000, 65536) {
    for my $lab ([ 'tcp-lines', 'line' ], [ 'tcp-recv', 'recv' ]) {
        $report = right($lab->[0], 1, '--tcp', '--shape', 'stream', '--size', $size, '--framing',
            $lab->[1]);
        cmp_ok($report->{bytes}, '>', 0, "stream of $size: bytes");
        is($report->{latency_ns}, undef, "stream of $size: no latency");
    }
}

my @connect = ('--tcp', '--shape', 'connect', '--connections', 4);
steady(right('tcp-close', 1, @connect), 'the server closes');
steady(right('tcp-lines', 1, @connect), 'the load closes');

$report = right('tcp-lines', 1, '--tcp', '--shape', 'idle', '--connections', 50);
is($report->{sessions}, 50, 'idle sessions');
cmp_ok($report->{memory_before}, '>', 100_000, 'the memory of the server');
like($report->{bytes_per_session}, qr/^-?\d+$/, 'its bytes per session');

# ---------------------------------------------------------- the wrong servers --

# Runs a server in a process of its own: serve gets its socket.  Returns what load says.
sub load_on_wrong {
    my ($type, $serve, @options) = @_;
    my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Type => $type,
        $type == SOCK_STREAM ? (Listen => 64) : ()) or die $@;
    my $pid = fork // die $!;
    if ($pid == 0) {
        $serve->($socket);
        POSIX::_exit(0);
    }
    my @said = load_on($socket->sockport, @options);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return @said;
}

# Answers each datagram with what answers makes of it: pairs of peer and text.
sub datagrams {
    my ($answers) = @_;
    return sub {
        my ($socket) = @_;
        my $count = 0;
        while (defined(my $peer = $socket->recv(my $text, 65536))) {
            my @pairs = $answers->($peer, uc $text, $count++);
            while (my ($to, $answer) = splice @pairs, 0, 2) {
                $socket->send($answer, 0, $to);
            }
        }
    };
}

sub other_byte {
    my ($text, $at) = @_;
    substr($text, $at, 1) = substr($text, $at, 1) eq 'Q' ? 'R' : 'Q';
    return $text;
}

sub now_and_then {
    my ($n) = @_;
    return $n % 50 == 20;
}

my ($held, $before);
my @wrong_datagrams = (
    [ 'one byte wrong', qr/, request \d+: at byte 40 stands "[A-Z]+" instead of "[A-Z]+"/,
      sub {
          my ($peer, $text, $n) = @_;
          return ($peer, now_and_then($n) ? other_byte($text, 40) : $text);
      } ],
    [ 'a number wrong', qr/answers no request that is outstanding here|at byte 2 stands/,
      sub {
          my ($peer, $text, $n) = @_;
          return ($peer, now_and_then($n) ? other_byte($text, 2) : $text);
      } ],
    [ 'too short', qr/63 bytes came instead of 64/,
      sub { my ($peer, $text) = @_; return ($peer, substr $text, 0, -1) } ],
    [ 'too long', qr/65 bytes came instead of 64/,
      sub { my ($peer, $text) = @_; return ($peer, $text . 'A') } ],
    [ 'twice', qr/answers no request that is outstanding here/,
      sub { my ($peer, $text, $n) = @_; return ($peer, $text, $n == 20 ? ($peer, $text) : ()) } ],
    [ 'the answer before', qr/answers no request that is outstanding here/,
      sub {
          my ($peer, $text, $n) = @_;
          ($text, $before) = ($before, $text) if $n > 20;
          $before //= $text;
          return ($peer, $text);
      } ],
    [ 'swapped between peers', qr/answers no request that is outstanding here/,
      sub {
          my ($peer, $text) = @_;
          if (!defined $held || $held->[0] eq $peer) {
              my @former = defined $held ? @$held : ();
              $held = [ $peer, $text ];
              return @former;
          }
          my ($other, $theirs) = @$held;
          undef $held;
          return ($peer, $theirs, $other, $text);
      } ],
);

for my $case (@wrong_datagrams) {
    my ($about, $said, $answers) = @$case;
    ($held, $before) = ();
    my ($status, $found, $err) = load_on_wrong(SOCK_DGRAM, datagrams($answers), '--udp',
        '--connections', 2, '--outstanding', 4);
    is($status, 1, "UDP, $about: status");
    cmp_ok($found->{mismatched}, '>', 0, "UDP, $about: mismatched");
    like($err, qr/^load: wrong reply: socket \d+.*(?:$said)/m, "UDP, $about: what is wrong");
}

# Two and two exchanged over one socket: UDP allows it.
my ($status, $found, $err) = load_on_wrong(SOCK_DGRAM, datagrams(sub {
    my ($peer, $text) = @_;
    my @both = defined $held ? ($peer, $text, @$held) : ();
    $held = @both ? undef : [ $peer, $text ];
    return @both;
}), '--udp', '--outstanding', 4);
is($status, 0, 'UDP, another order: status');
cmp_ok($found->{reordered}, '>', 0, 'UDP, another order: reordered');

# Answers two when two have come; a third that is there already would be one too many.
($status, $found, $err) = load_on_wrong(SOCK_DGRAM, sub {
    my ($socket) = @_;
    my $more = IO::Select->new($socket);
    my @both;
    while (defined(my $peer = $socket->recv(my $text, 65536))) {
        push @both, [ $peer, $text ];
        next if @both < 2;
        my $third = $more->can_read(0);
        $socket->send($third ? 'too many' : uc $_->[1], 0, $_->[0]) for splice @both;
    }
}, '--udp', '--connections', 5, '--in-flight', 2);
is($status, 0, 'UDP, no more in flight than allowed: status') or diag($err);
cmp_ok($found->{replies}, '>', 0, 'UDP, no more in flight than allowed: replies');

# One in a hundred is dropped, so some time-outs fall into the run.
($status, $found, $err) = load_on_wrong(SOCK_DGRAM, datagrams(sub {
    my ($peer, $text, $n) = @_;
    return $n % 100 == 3 ? () : ($peer, $text);
}), '--udp', '--outstanding', 4, '--seconds', 1);
is($status, 0, 'UDP, some lost: status');
cmp_ok($found->{lost}, '>', 0, 'UDP, some lost: counted');
cmp_ok($found->{replies}, '>', 0, 'UDP, some lost: the others go on');
is($found->{mismatched}, 0, 'UDP, some lost: nothing else is wrong');

# What comes after it was given up is late, not wrong.
my @late;
($status, $found, $err) = load_on_wrong(SOCK_DGRAM, datagrams(sub {
    my ($peer, $text, $n) = @_;
    push @late, $peer, $text;
    return $n < 6 ? () : splice @late;
}), '--udp', '--outstanding', 4, '--seconds', 1);
is($status, 0, 'UDP, late: status') or diag($err);
cmp_ok($found->{lost}, '>', 0, 'UDP, late: counted as lost');

($status, $found, $err) = load_on_wrong(SOCK_DGRAM, datagrams(sub { return () }), '--udp');
is($status, 1, 'UDP, silent: status');
like($err, qr/^load: no reply within 0\.2 seconds$/m, 'UDP, silent: said');

# Serves all connections: answers gets the lines of one recv in upper case and how many came
# before, and returns what to send, or undef to close.
sub lines {
    my ($answers) = @_;
    return sub {
        my ($welcoming) = @_;
        my $all = IO::Select->new($welcoming);
        my (%partial, %count);
        while (my @ready = $all->can_read) {
            for my $socket (@ready) {
                if ($socket == $welcoming) {
                    $all->add(scalar $welcoming->accept);
                    next;
                }
                my $got = sysread $socket, my $text, 65536;
                my @lines = split /(?<=\n)/, ($partial{$socket} // '') . $text;
                $partial{$socket} = @lines && $lines[-1] !~ /\n/ ? pop @lines : '';
                my $answer = $got ? $answers->([ map { uc } @lines ], $count{$socket} // 0) : undef;
                $count{$socket} += @lines;
                if (defined $answer) {
                    send_all($socket, $answer);
                }
                else {
                    $all->remove($socket);
                    close $socket;
                }
            }
        }
    };
}

my $stale;
my @wrong_lines = (
    [ 'one byte wrong', qr/wrong reply: connection \d+: in a reply at byte 40 stands/,
      sub {
          my ($lines, $n) = @_;
          return join '', map { $n++ == 20 ? other_byte($_, 40) : $_ } @$lines;
      } ],
    [ 'two lines swapped', qr/wrong reply: connection \d+: in a reply at byte/,
      sub { my ($lines) = @_; return join '', reverse @$lines } ],
    [ 'the line before', qr/wrong reply: connection \d+: in a reply at byte/,
      sub {
          my ($lines) = @_;
          $stale //= $lines->[0];
          return join '', $stale, splice @$lines, 1;
      } ],
    [ 'a line too many', qr/connection \d+: (?:in a reply|\d+ bytes came where)/,
      sub { my ($lines, $n) = @_; return join '', @$lines, $n > 20 ? $lines->[0] : () } ],
    [ 'an unknown byte', qr/stands "\.[A-Z]+\.?" instead of/,
      sub { my ($lines) = @_; return join '', map { s/^(.{20})./$1\e/r } @$lines } ],
);

for my $case (@wrong_lines) {
    my ($about, $said, $answers) = @$case;
    undef $stale;
    my ($status, $found, $err) = load_on_wrong(SOCK_STREAM, lines($answers), '--tcp',
        '--connections', 2, '--outstanding', 4);
    is($status, 1, "TCP, $about: status");
    like($err, $said, "TCP, $about: what is wrong");
}

# The connection ends, or a line has no answer.
($status, $found, $err) = load_on_wrong(SOCK_STREAM, lines(sub {
    my ($lines, $n) = @_;
    return $n > 20 ? undef : join '', @$lines;
}), '--tcp', '--connections', 2);
is($status, 3, 'TCP, closes: status');
like($err, qr/^load: no connection is left: connection \d+: the server closed it$/m,
    'TCP, closes: said');

($status, $found, $err) = load_on_wrong(SOCK_STREAM, lines(sub {
    my ($lines, $n) = @_;
    return $n == 20 ? '' : join '', @$lines;
}), '--tcp');
is($status, 1, 'TCP, one line left out: status');
is($found->{lost}, 1, 'TCP, one line left out: counted');
like($err, qr/^load: connection 0: 64 bytes of what was asked were not answered within 5 s$/m,
    'TCP, one line left out: said');

# The same where each line has its connection, and in a stream.
for my $case ([ 'connect', qr/in a reply at byte 40/ ], [ 'stream', qr/in a reply at byte 40/ ],
    [ 'idle', qr/in a reply at byte 40/ ]) {
    my ($shape, $said) = @$case;
    my ($status, $found, $err) = load_on_wrong(SOCK_STREAM, lines(sub {
        my ($lines) = @_;
        return join '', map { other_byte($_, 40) } @$lines;
    }), '--tcp', '--shape', $shape);
    is($status, 1, "$shape, one byte wrong: status");
    like($err, $said, "$shape, one byte wrong: said");
}

# ----------------------------------------------------------- the command line --

my @to      = ('--to', '127.0.0.1:9');
my @refused = (
    [ [ @to ], qr/--udp or --tcp is missing/ ],
    [ [ '--udp' ], qr/--to HOST:PORT is missing/ ],
    [ [ '--udp', '--to', 'localhost' ], qr/--to "localhost": an IPv4 address and a port/ ],
    [ [ '--udp', '--to', '127.0.0.1:65536' ], qr/--to "127\.0\.0\.1:65536": an IPv4 address/ ],
    [ [ '--udp', @to, '--size', 8 ], qr/--size "8": a number from 9/ ],
    [ [ '--udp', @to, '--size', 65508 ], qr/--size: a UDP datagram carries 65507/ ],
    [ [ '--udp', @to, '--seconds', 'nan' ], qr/--seconds "nan": a number/ ],
    [ [ '--udp', @to, '--connections', 1.5 ], qr/--connections "1\.5": a number/ ],
    [ [ '--udp', @to, '--shape', 'stream' ], qr/--shape: UDP has no connections/ ],
    [ [ '--udp', @to, '--server-pid', 0 ], qr/--server-pid "0": the number of a process/ ],
    [ [ '--tcp', @to, '--shape', 'round' ], qr/--shape "round": echo, connect,/ ],
    [ [ '--tcp', @to, '--framing', 'fixed' ], qr/--framing "fixed": line or recv is wanted/ ],
    [ [ '--tcp', @to, '--shape', 'stream', '--rate', 5 ], qr/--rate: a stream/ ],
    [ [ '--tcp', @to, '--connections', 1e6, '--outstanding', 65536 ],
      qr/--connections times --outstanding: 16777216 at most/ ],
    [ [ '--tcp', 'x' ], qr/only options are taken/ ],
    [ [ '--tpc' ], qr/unrecognized option '--tpc'/ ],
);
for my $case (@refused) {
    my ($words, $said) = @$case;
    my ($status, $out, $err) = run_command('', $load, @$words);
    is($status, 2, "@$words: status");
    is($out, '', "@$words: no report");
    like($err, $said, "@$words: what is wrong");
}

my ($helped, $help) = run_command('', $load, '--help');
is($helped, 0, '--help: status');
like($help, qr/^  --outstanding=K +how many requests/m, '--help: the options');

# Bound, so that nobody else gets the port, but not listening.
my $nobody = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Type => SOCK_STREAM)
    or die $@;
for my $shape (qw(echo stream connect idle)) {
    my ($status, $none, $err) = load_on($nobody->sockport, '--tcp', '--shape', $shape);
    is($status, 3, "$shape, nobody there: status");
    like($err, qr/cannot connect to the server: Connection refused/, "$shape, nobody there: said");
}

done_testing();
