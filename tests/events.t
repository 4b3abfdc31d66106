#!/usr/bin/perl
# events.t - --log writes what happens, line by line, as protolab-events(5) has it, wherever it goes.
# PROTOLAB_WRITE_GOLDEN=1 writes the page's example down, to be read before it is kept.
use strict;
use warnings;

use Fcntl;
use JSON::PP;
use POSIX qw(mkfifo);
use ProtolabTest;
use Socket qw(SHUT_WR);
use Test::More;

my $labs = "$srcdir/labs";
my $page = "$srcdir/docs/protolab-events.5";
my $logs = 0;
sub log_file { return scratch() . '/' . ++$logs . '.jsonl' }

sub spew {
    my ($path, $text) = @_;
    open my $to, '>', $path or die "$path: $!";
    print $to $text;
    close $to or die $!;
    return $path;
}

sub lab {
    my ($transport, $transform, $more) = @_;
    $transform = qq("$transform") if $transform !~ /^[\[{]/;
    return lab_file(
        qq({ "transport": "$transport", "transform": $transform, "port": 0 @{[$more // '']} }));
}

# A server that keeps a log.
sub serve {
    my ($lab, @options) = @_;
    my $log = log_file();
    return { %{ start_server($lab, '--log', $log, @options) }, log => $log };
}

# The lines of a log, each an object; the first is the run's.
sub objects {
    my ($text) = @_;
    my $json = JSON::PP->new->utf8;
    return map { eval { $json->decode($_) } // die "no JSON: $_\n$@" } split /\n/, $text;
}

sub events {
    my ($log) = @_;
    my (undef, @events) = objects(slurp($log) =~ s/[^\n]+\z//r);
    return @events;
}

# The first event that a question is answered yes for, as soon as it has come.
sub event {
    my ($server, $question) = @_;
    my $found;
    eventually { ($found) = grep { $question->($_) } events($server->{log}) };
    return $found // {};
}

sub calls {
    my ($side, @events) = @_;
    return join ' ', map { $_->{call} // () } grep { $_->{side} eq $side } @events;
}

sub names {
    my (@events) = @_;
    return join ' ', map { $_->{event} } @events;
}

# ------------------------------------------------------- the book's two pictures --

{
    my $log = log_file();
    my ($status) = run_protolab("hello\n", 'run', "$labs/tcp-uppercase.json", '--port', 0, '--log', $log);
    is($status, 0, 'run over TCP with a log');
    my ($start, @events) = objects(slurp($log));
    is_deeply({ map { $_ => $start->{$_} } qw(protolab_events event lab transport framing transform) },
        { protolab_events => 1, event => 'start', lab => 'tcp-uppercase', transport => 'tcp',
            framing => 'recv', transform => 'uppercase' }, '... begins with what it is of');
    my ($version) = slurp("$srcdir/configure.ac") =~ /AC_INIT\(\[protolab\], \[([\d.]+)\]/;
    is($start->{protolab}, $version, '... and of which protolab');
    like(slurp($log), qr/\A\{"protolab_events":1,.*\}\n\z/s, '... and its lines are whole');
    like(calls('server', @events), qr/^socket bind listen accept recv send (?:shutdown |recv |close ?)+$/,
        '... has the calls of the server in the order of the book');
    like(calls('client', @events), qr/^socket connect send recv (?:shutdown recv )?close$/, '... and of the client');
    like(names(grep { $_->{side} eq 'client' } @events),
        qr/^created connecting connected sent send recv received .*\bclosed$/, '... between its messages');

    my %by = map { ("$_->{side} $_->{event}" => $_) } @events;
    is_deeply([ map { $_->{role} } @by{ 'server listening', 'server accepted', 'client connected' } ],
        [qw(welcoming connection client)], '... tells the sockets apart');
    my ($welcoming, $connection) = @by{ 'server listening', 'server accepted' };
    isnt($welcoming->{fd}, $connection->{fd}, '... by their descriptors too');
    is($connection->{local}, $welcoming->{local}, '... both are at the one port');
    is("$connection->{local} $connection->{peer}",
        join(' ', @{ $by{'client connected'} }{qw(peer local)}), '... the four-tuple is the same at both ends');
    is_deeply([ map { $by{"server $_"}{utf8} } qw(received sent) ], [qw(hello HELLO)], '... has the messages');
    is_deeply([ @{ $by{'server send'} }{qw(asked size utf8)} ], [ 5, 5, 'HELLO' ], '... and what the calls took');
    is((grep { $_->{t} < 0 } @events), 0, '... no event is before the start');
    is(join(' ', sort { $a <=> $b } map { $_->{t} } @events), join(' ', map { $_->{t} } @events),
        '... nor out of its order');
    is((grep { $_->{time} !~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/ } $start, @events), 0,
        '... and each has its date');
}
{
    my $log = log_file();
    my ($status) = run_protolab("hello\n", 'run', "$labs/udp-uppercase.json", '--port', 0, '--log', $log);
    is($status, 0, 'run over UDP with a log');
    my @events = events($log);
    is(calls('server', @events), 'socket bind recvfrom sendto close', '... the calls of the server');
    is(calls('client', @events), 'socket connect sendto recvfrom close', '... and of the client');
    is_deeply([ map { $_->{role} } grep { $_->{event} eq 'bound' } @events ], ['server'],
        '... whose one socket is for all');
    is_deeply([ grep { $_->{stream} } @events ], [], '... nothing is a stream');
}

# -------------------------------------------------------------- what else can be --

{
    my $server = serve(lab('tcp', 'echo', ', "framing": "line"'));
    ok(event($server, sub { $_[0]{event} eq 'listening' })->{fd}, 'serve with a log: the welcoming socket is in it');
    my $socket = tcp($server);
    print $socket "one\ntw";
    is(read_exactly($socket, 4), "one\n", '... before a client comes, which is answered');
    my $recv = event($server, sub { $_[0]{event} eq 'recv' });
    is($recv->{utf8}, "one\ntw", '... and the log has what recv returned, while it serves');
    print $socket "o\nthree\n";
    shutdown $socket, SHUT_WR;
    is(read_all($socket), "two\nthree\n", '... and the rest');
    ok(event($server, sub { $_[0]{event} eq 'closed' })->{fd}, '... the connection is closed');
    my @events = grep { ($_->{role} // '') eq 'connection' } events($server->{log});
    is(join(' ', map { $_->{utf8} } grep { $_->{event} eq 'received' } @events), 'one two three',
        '... messages are not what recv returns');
    my $names = names(@events);
    like($names, qr/ recv half-closed closed$/, '... a peer that ends its half') or diag($names);
    is_deeply([ @events[ -3, -2 ]]->[0]{size}, 0, '... makes recv return nothing');
    ok($events[-2]{by_peer}, '... and is told of');

    $socket = tcp($server);
    print $socket "four\n";
    read_exactly($socket, 5);
    cut_off($socket);
    my $reset = event($server, sub { $_[0]{event} eq 'reset' });
    ok($reset->{by_peer}, '... and a peer that resets is told of');
    is($reset->{session}, 2, '... as of the second session');

    is(stop_server($server), 0, '... it ends well');
    like(names(events($server->{log})), qr/ closed$/, '... with the welcoming socket');
    like($server->{said}, qr/\A\S+ \S+ the peer reset the connection\n\z/, '... which is all it had to say');
}
{
    my $server = serve(lab('tcp', 'echo', ', "framing": "line", "limits": { "message_bytes": 10 }'));
    my $socket = tcp($server);
    print $socket 'x' x 100, "\n";
    read_all($socket);
    like(event($server, sub { $_[0]{event} eq 'limit' })->{text} // '', qr/limits\.message_bytes/,
        'a message that is too long is an event');
    stop_server($server);

    $server = serve(lab('udp', '{ "plugin": "pinger", "silent_ms": 100 }'));
    is(exchange(udp($server), 'Ping 1 0'), 'Ping 1 0', 'pinger answers');
    like(event($server, sub { $_[0]{event} eq 'note' && $_[0]{text} =~ /silence/ })->{text} // '',
        qr/1 came, 0 missing/, '... its remark is in the log');
    my @timers = grep { $_->{event} eq 'timer' } events($server->{log});
    is_deeply([ map { [ @$_{qw(text ms)} ] } @timers[ 0, 1 ] ], [ [ 'set', 100 ], [ 'due', undef ] ],
        '... and its timer');
    stop_server($server);
}
{
    my $server = serve(lab('udp', 'echo'));
    my $log = log_file();
    my ($status, undef, $err) = run_protolab("one\n", 'client', lab_file(qq({ "transport": "udp",
        "transform": "echo", "port": $server->{port} })), '--log', $log);
    is($status, 0, 'client with a log') or diag($err);
    is_deeply([ map { $_->{side} } events($log) ], [ ('client') x scalar events($log) ], '... has its side');

    # Each byte by itself, all together, and nothing.
    my $socket = udp($server);
    my @messages = ((map { chr } 0 .. 255), join('', map { chr } 0 .. 255), '', "\xe2\x82\xac", '</p>');
    is((grep { exchange($socket, $_) ne $_ } @messages), 0, 'any bytes come back');
    stop_server($server);
    my @received = grep { $_->{event} eq 'received' } events($server->{log});
    shift @received;
    is(scalar(grep { exists $_->{utf8} == exists $_->{hex} } @received), 0, '... in the log in one form');
    my @kept = map { exists $_->{hex} ? pack('H*', $_->{hex}) : do { utf8::encode(my $t = $_->{utf8}); $t } }
      @received;
    is_deeply(\@kept, \@messages, '... as they were');
    is_deeply([ map { $_->{size} } @received ], [ map { length } @messages ], '... with their number');
    unlike(slurp($server->{log}), qr/[^\n\x20-\x7e\x80-\xff]/, '... without control characters');
    like(slurp($server->{log}), qr{"received".*"utf8":"</p>"}, '... and what is text can be searched for');
}
SKIP: {
    skip 'no IPv6', 1 if !have_ipv6();
    my $server = serve(lab('udp', 'echo'), '--host', '::1');
    exchange(udp($server), 'six');
    like(event($server, sub { $_[0]{event} eq 'received' })->{peer} // '', qr/^\[::1\]:\d+$/, 'IPv6');
    stop_server($server);
}

# ------------------------------------------------------------ where a log can go --

{
    my ($status, $out, $err) = run_protolab("hello\n", 'run', "$labs/udp-uppercase.json", '--port', 0,
        '--log', '-');
    is($status, 0, 'a log on standard output');
    is(names(objects($out)), 'start ' . 'created bound created connecting connected sent send recv '
        . 'received sent send recv received closed closed', '... is alone there');
    like($err, qr/^HELLO$/m, '... and the reply is said on standard error');

    ($status, $out, $err) = run_protolab('', 'serve', "$labs/udp-uppercase.json", '--log', '-', '--pcap', '-');
    is("$status$out$err", "2protolab: serve: only one of --log, --pcap and --report can be \"-\"\n",
        'two cannot go there');
}
for (
    [ '/nonexistent/log', 'No such file or directory' ],
    [ scratch(),          'Is a directory' ],
    [ do { my $pipe = log_file(); mkfifo $pipe, 0600 or die $!; $pipe },
        'nobody reads this pipe; start its reader first' ],
  )
{
    my ($path, $why) = @$_;
    my ($status, $out, $err) = run_protolab('', 'serve', "$labs/udp-echo.json", '--port', 0, '--log', $path);
    is("$status$out$err", "1protolab: $path: $why\n", "a log that cannot be: $why");
}
SKIP: {
    skip 'no /dev/full', 3 if !-c '/dev/full';
    my ($status, $out, $err) = run_protolab("a\nb\n", 'run', "$labs/udp-echo.json", '--port', 0,
        '--log', '/dev/full', '--trace=calls');
    is($status, 1, 'a full disk: status 1');
    is($out, "a\nb\n", '... the lab goes on');
    is(join('', $err =~ /^protolab: .*\n/mg),
        "protolab: /dev/full: No space left on device; what came after that is missing\n", '... it is said once');
}
{
    pipe my $from, my $to or die $!;
    my $flags = fcntl $to, F_GETFD, 0;
    fcntl $to, F_SETFD, 0 or die $!;
    my $server = start_server(lab('udp', 'echo'), '--log', '/dev/fd/' . fileno $to);
    close $to;
    my $socket = udp($server);
    is(exchange($socket, 'one'), 'one', 'a pipe');
    like(read_line($from), qr/"event":"start"/, '... gets the log');
    close $from;
    is(exchange($socket, $_), $_, '... closed by its reader') for qw(two three);
    is(stop_server($server), 1, '... status 1');
    like($server->{said}, qr{\Aprotolab: /dev/fd/\d+: Broken pipe; what came after that is missing\n\z},
        '... it is said once');
}
{
    my $pipe = log_file();
    mkfifo $pipe, 0600 or die $!;
    sysopen my $reader, $pipe, O_RDONLY | O_NONBLOCK or die $!;
    my $server = start_server(lab('udp', 'echo'), '--log', $pipe);
    my $socket = udp($server);
    my $large = "\xff" x 30000;
    # 0.24 MiB of log for each.
    is((grep { exchange($socket, $large) ne $large } 1 .. 40), 0, 'a reader that sleeps halts nothing');
    my $text = '';
    fcntl $reader, F_SETFL, 0 or die $!;
    # There is room for the word about what is missing once the rest has been read; something must
    # happen for it to be written.
    for (1 .. 1000) {
        sysread $reader, $text, 65536, length $text;
        last if $text =~ /"event":"gap"/;
        exchange($socket, 'x');
    }
    is(stop_server($server), 1, '... is told at the end: status 1');
    like($server->{said}, qr/\Aprotolab: \Q$pipe\E: its reader was too slow; \d+ records are missing\n\z/,
        '... how much is missing');
    $text .= read_all($reader);
    my @objects = objects($text);
    my ($gap) = grep { $_->{event} eq 'gap' } @objects;
    my ($told) = $server->{said} =~ /(\d+) records/;
    is($gap->{missing}, $told, '... as in the log');
    my $path = log_file();
    spew($path, $text);
    my ($status, $out, $err) = run_protolab('', 'render', $path);
    is($status, 0, '... which can be rendered');
    like($err, qr/\Aprotolab: \Q$path\E:\d+: $told events are missing here: whoever read the log was slow\n\z/,
        '... with a word about it');
}

{
    # Standard output is shared with others, and so cannot be made non-blocking.
    my $server = start_command({ talk => 1 }, $protolab, 'serve', lab('udp', 'echo'), '--log', '-');
    my ($host, $port) = (read_until($server, qr/^ready: .*\n/m, $server->{talk}) // '') =~ /(\S+):(\d+)$/;
    my $socket = udp({ host => $host, port => $port });
    my $large = "\xff" x 30000;
    is((grep { exchange($socket, $large) ne $large } 1 .. 3), 0, 'nor does a standard output that nobody reads');
    is(stop_server($server), 1, '... status 1');
    like(read_all($server->{out}), qr/\A\{"protolab_events":1,.*\n\{/, '... it is the log alone');
}
{
    my $pipe = log_file();
    mkfifo $pipe, 0600 or die $!;
    sysopen my $reader, $pipe, O_RDONLY | O_NONBLOCK or die $!;
    my $server = start_server(lab('udp', 'echo'), '--log', $pipe);
    my $socket = udp($server);
    exchange($socket, "\xff" x 30000) for 1 .. 3;
    is(stop_server($server), 1, 'a reader that never reads: status 1');
    is($server->{said}, "protolab: $pipe: nobody reads it any more; what came after that is missing\n",
        '... and a word about it');
}

# ------------------------------------------------------------ the manual page --

my $log = log_file();
run_protolab("hello\n", 'run', "$labs/udp-uppercase.json", '--port', 0, '--log', $log);
my @lines = slurp($log) =~ /.*\n/g;

# The log with the numbers of the page instead of those of the run.
sub as_in_the_page {
    my (@log) = @_;
    my ($n, %fds, %ports) = 0;
    my @fds   = (5, 7);
    my @ports = (12000, 51324);
    for (@log) {
        my $when = sprintf '%03d', 120 * $n++ / 2;
        s/"t":[\d.]+/"t":0.000${when}000/;
        s/"time":"[^"]*"/"time":"2026-09-01T08:15:00.000${when}000Z"/;
        s/"monotonic":[\d.]+/"monotonic":5211.840000000/;
        s/"protolab":"[^"]*"/"protolab":"0.1.0"/;
        s/"fd":(\d+)/'"fd":' . ($fds{$1} \/\/= shift @fds)/e;
        s/(?<=127\.0\.0\.1:)(\d+)/$ports{$1} \/\/= shift @ports/ge;
    }
    return @log;
}

# Lines of at most 76 columns; what goes on begins with a blank.
sub fold {
    my ($line) = @_;
    my @folded = '';
    for my $part ($line =~ /[^,]+,?/g) {
        push @folded, ' ' if length($folded[-1] . $part) > 76;
        $folded[-1] .= $part;
    }
    return join "\n", @folded;
}

my $source = slurp($page);
my ($example) = $source =~ /^\.Bd -literal\n(.*?)^\.Ed\n/ms;
my $made = join "\n", map { fold(s/\n//r) } as_in_the_page(@lines);
if ($ENV{PROTOLAB_WRITE_GOLDEN}) {
    $source =~ s/^(\.Bd -literal\n).*?(^\.Ed\n)/$1$made\n$2/ms;
    spew($page, $source);
    $example = "$made\n";
}
is("$made\n", $example, 'protolab-events.5 shows what a log is');
{
    my ($status, $out, $err) = run_command($example =~ s/\n //gr, $protolab, 'render', '-');
    is("$status$err", '0', '... which can be rendered');
}

my $event_c = slurp("$srcdir/core/observe/event.c");
my @names = $event_c =~ /\[EVENT_\w+\] = "([\w-]+)"/g;
cmp_ok(scalar @names, '>=', 18, 'there are events');
is(join(' ', grep { $source !~ /^\.It \\\(dq\Q$_\E\\\(dq$/m } @names, 'gap'), '', '... the page has each');
my $writer = slurp("$srcdir/core/observe/event_json.c") . slurp("$srcdir/core/observe/json_log.c");
my %keys = map { $_ => 1 } $writer =~ /\\"(\w+)\\":/g, $writer =~ /write_(?:word|text) \("(\w+)"/g;
cmp_ok(scalar keys %keys, '>=', 30, 'there are keys');
is(join(' ', grep { $source !~ /^\.It .*\\\(dq$_\\\(dq/m } sort keys %keys), '', '... the page has each');
my ($words) = $writer =~ /fate_words\[\]\s*=\s*\{(.*?)\}/s;
is(join(' ', grep { $source !~ /^\.Qq \Q$_\E\b/m } $words =~ /"(\w+)"/g), '', '... and what the link does');

done_testing;
