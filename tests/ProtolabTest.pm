# ProtolabTest.pm - what the end-to-end tests share: commands with their output,
# servers that are waited for and always ended, sockets on loopback.
package ProtolabTest;

use strict;
use warnings;
no warnings 'exec'; # each exec is followed by what happens where it fails

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Temp qw(tempdir);
use IO::Socket::IP;
use IPC::Open3;
use POSIX qw(:sys_wait_h);
use Socket qw(SOCK_DGRAM SOCK_STREAM SOL_SOCKET SO_LINGER SHUT_WR);
use Symbol qw(gensym);
use Test::More ();

our @EXPORT = qw($protolab $srcdir $fixture_plugins lab_file run_protolab run_command
  start_command start_book_server start_terminal finish read_until
  start_server stop_server read_line tcp udp read_all read_exactly exchange slurp
  have have_ipv6 masked is_golden scratch said_so_far eventually send_all cut_off freeze thaw);

our $protolab = $ENV{PROTOLAB} // './protolab';
our $srcdir = abs_path($ENV{srcdir} // '.');
our $fixture_plugins = $ENV{PROTOLAB_FIXTURE_PLUGINS} // 'tests/fixtures/plugins';

# A cap that only a hang reaches; no test waits for it otherwise.
our $patience = $ENV{PROTOLAB_TEST_PATIENCE} // 60;

my $scratch = tempdir(CLEANUP => 1);
my %servers;
$SIG{PIPE} = 'IGNORE';

sub scratch { return $scratch; }

# Writes a lab (a text) to a file of its own and returns its path.
my $labs = 0;
sub lab_file {
    my ($text, $name) = @_;
    $name //= 'lab' . ++$labs . '.json';
    open my $to, '>', "$scratch/$name" or die "$scratch/$name: $!";
    print $to $text;
    close $to or die $!;
    return "$scratch/$name";
}

sub slurp {
    my ($path) = @_;
    open my $from, '<', $path or die "$path: $!";
    local $/;
    my $text = <$from>;
    return $text // '';
}

# Runs a command with some standard input.  Returns status, output, errors;
# a signal is 128 and its number, as in a shell.
sub run_command {
    my ($input, @command) = @_;
    open my $in, '+>', undef or die $!;
    print $in $input // '';
    $in->flush;
    seek $in, 0, 0;
    return run_with($in, @command);
}

sub run_with {
    my ($in, @command) = @_;
    open my $out, '+>', undef or die $!;
    open my $err, '+>', undef or die $!;
    my $pid = fork // die $!;
    if ($pid == 0) {
        open STDIN,  '<&', $in  or die $!;
        open STDOUT, '>&', $out or die $!;
        open STDERR, '>&', $err or die $!;
        exec { $command[0] } @command;
        print STDERR "exec $command[0]: $!\n";
        POSIX::_exit(127);
    }
    my $status = status_of($pid);
    my @texts;
    for my $file ($out, $err) {
        seek $file, 0, 0;
        local $/;
        push @texts, scalar(<$file>) // '';
    }
    return ($status, @texts);
}

# Waits for a process, and kills it when patience is at its end.
sub status_of {
    my ($pid) = @_;
    my $gone = eval {
        local $SIG{ALRM} = sub { die "stuck\n" };
        alarm $patience;
        waitpid $pid, 0;
        alarm 0;
        1;
    };
    if (!$gone) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
    return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

sub run_protolab {
    my ($input, @arguments) = @_;
    return run_command($input, $protolab, @arguments);
}

# Starts "protolab serve" on a free port and waits until it says "ready".
# Options of serve may follow the lab.  Returns { pid, host, port, errors }.
sub start_server {
    my ($lab, @options) = @_;
    push @options, '--port', 0 if !grep { /^--port/ } @options;
    pipe my $from, my $to or die $!;
    open my $err, '+>', undef or die $!;
    my $pid = fork // die $!;
    if ($pid == 0) {
        open STDIN,  '<',  '/dev/null' or die $!;
        open STDOUT, '>&', $to or die $!;
        open STDERR, '>&', $err or die $!;
        close $from;
        exec { $protolab } $protolab, 'serve', $lab, @options;
        POSIX::_exit(127);
    }
    close $to;
    my $ready = read_line($from);
    my $server = { pid => $pid, ready => $ready, errors => $err, out => $from };
    $servers{$pid} = $server;
    if (defined $ready && $ready =~ /^ready: .* on \S+ (?:\[(.*)\]|([\d.]+)):(\d+)$/) {
        @$server{qw(host port)} = ($1 // $2, $3);
    }
    else {
        stop_server($server);
        die 'no server: ' . ($ready // '') . $server->{said};
    }
    return $server;
}

# Ends a server.  Returns its status; $server->{said} is what it wrote to stderr.
sub stop_server {
    my ($server, $signal) = @_;
    delete $servers{$server->{pid}} or return;
    kill $signal // 'TERM', $server->{pid};
    my $status = status_of($server->{pid});
    seek $server->{errors}, 0, 0;
    local $/;
    $server->{said} = readline($server->{errors}) // '';
    if ($server->{said} =~ /Sanitizer|: runtime error: /) {
        Test::More::fail('no report by a sanitizer');
        Test::More::diag($server->{said});
    }
    return $status;
}

# What a server has written to stderr until now.  Its file is opened anew: the server writes
# where the offset of ours stands.
sub said_so_far {
    my ($server) = @_;
    return slurp('/proc/self/fd/' . fileno $server->{errors});
}

# Asks again and again until the answer is yes; no when patience is at its end.
sub eventually(&) {
    my ($question) = @_;
    my $end = time + $patience;
    while (!$question->()) {
        return 0 if time > $end;
        select undef, undef, undef, 0.01;
    }
    return 1;
}

# Halts a server until thaw: what is sent meanwhile is all there when it goes on.
sub freeze {
    my ($server) = @_;
    kill 'STOP', $server->{pid};
    waitpid $server->{pid}, WUNTRACED;
    return;
}

sub thaw {
    my ($server) = @_;
    kill 'CONT', $server->{pid};
    return;
}

# Starts a command that is talked to while it runs: {in} and {out} are pipes, what it
# writes to stderr goes to a file, or to {talk}, another pipe, where talk is asked for.  Ended by
# stop_server, or by itself: then finish gives its status.
sub start_command {
    my ($more, @command) = @_;
    pipe my $child_in, my $in or die $!;
    pipe my $out, my $child_out or die $!;
    my ($talk, $err);
    if ($more->{talk}) { pipe $talk, $err or die $! }
    else               { open $err, '+>', undef or die $! }
    my $pid = fork // die $!;
    if ($pid == 0) {
        open STDIN,  '<&', $child_in  or die $!;
        open STDOUT, '>&', $child_out or die $!;
        open STDERR, '>&', $err       or die $!;
        %ENV = (%ENV, %{ $more->{env} // {} });
        exec { $command[0] } @command;
        POSIX::_exit(127);
    }
    close $_ for $child_in, $child_out;
    $in->autoflush(1);
    if ($talk) { close $err; open $err, '<', '/dev/null' or die $!; }
    my $command = { pid => $pid, in => $in, out => $out, errors => $err, talk => $talk };
    $servers{$pid} = $command;
    return $command;
}

# Waits for a command to end by itself.  Its status; {said} is what it wrote to stderr.
sub finish {
    my ($command) = @_;
    close delete $command->{in} if $command->{in};
    return stop_server($command, 0);
}

# Starts one of the textbook's servers on a port that was free a moment ago.
sub start_book_server {
    my ($program) = @_;
    for (1 .. 10) {
        my $type = $program =~ /udp/ ? SOCK_DGRAM : SOCK_STREAM;
        my $port = IO::Socket::IP->new(LocalHost => '0.0.0.0', Type => $type)->sockport;
        my $server = start_command({ env => { PROTOLAB_PORT => $port } },
            'python3', "$srcdir/tests/students/book/$program");
        my $ready = read_line($server->{out});
        if (($ready // '') eq 'The server is ready to receive') {
            @$server{qw(host port)} = ('127.0.0.1', $port);
            return $server;
        }
        stop_server($server);
        die "$program: $server->{said}" if $server->{said} !~ /Address already in use/;
    }
    die "$program: no free port";
}

# Runs a command on a terminal of its own: {in} is the keyboard, {out} the screen.
sub start_terminal {
    my ($more, @command) = @_;
    my $script = 'import os, pty, sys; status = pty.spawn(sys.argv[1:]); '
      . 'sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))';
    return start_command({ env => { TERM => 'xterm', %{ $more->{env} // {} } } },
        'python3', '-c', $script, @command);
}

# Reads until what has come since the last call matches.  That text; undef where the stream ends
# or patience does, with what has come in {unread}.
sub read_until {
    my ($command, $pattern, $from) = @_;
    $from //= $command->{out};
    my $unread = \($command->{unread}{ fileno $from } //= '');
    while ($$unread !~ $pattern) {
        return if !readable($from);
        return if !sysread $from, $$unread, 4096, length $$unread;
    }
    $$unread =~ $pattern;
    return substr $$unread, 0, $+[0], '';
}

END {
    my $status = $?;
    stop_server($_, 'KILL') for values %servers;
    $? = $status;
}

# Whether something comes, or can be sent, before patience is at its end.  The time that IO::Select
# takes grows with the number of the descriptor.
sub readable {
    my ($from) = @_;
    vec(my $bits = '', fileno $from, 1) = 1;
    return select($bits, undef, undef, $patience) > 0;
}

sub writable {
    my ($to) = @_;
    vec(my $bits = '', fileno $to, 1) = 1;
    return select(undef, $bits, undef, $patience) > 0;
}

# One line from a pipe or socket, without its newline; undef at the end or when
# patience is at its end.
sub read_line {
    my ($from) = @_;
    my $line = '';
    while (readable($from)) {
        my $n = sysread $from, my $byte, 1;
        return length $line ? $line : undef if !$n;
        return $line if $byte eq "\n";
        $line .= $byte;
    }
    return;
}

sub read_exactly {
    my ($from, $count) = @_;
    my $bytes = '';
    while (length $bytes < $count && readable($from)) {
        my $n = sysread $from, $bytes, $count - length $bytes, length $bytes;
        last if !$n;
    }
    return $bytes;
}

# All until the end of the stream; undef where it is reset or never ends.
sub read_all {
    my ($from) = @_;
    my $bytes = '';
    while (readable($from)) {
        my $n = sysread $from, $bytes, 65536, length $bytes;
        return if !defined $n;
        return $bytes if $n == 0;
    }
    return;
}

# Whether all of it went out.
sub send_all {
    my ($to, $bytes) = @_;
    my $sent = 0;
    while ($sent < length $bytes && writable($to)) {
        $sent += syswrite($to, $bytes, length($bytes) - $sent, $sent) // last;
    }
    return $sent == length $bytes;
}

# Closes a connection with a reset.
sub cut_off {
    my ($socket) = @_;
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 or die $!;
    close $socket;
    return;
}

sub tcp {
    my ($server, %more) = @_;
    my $socket = IO::Socket::IP->new(
        PeerHost => $server->{host}, PeerPort => $server->{port}, Type => SOCK_STREAM, %more)
      or die "connect: $@";
    $socket->autoflush(1);
    return $socket;
}

sub udp {
    my ($server, %more) = @_;
    return IO::Socket::IP->new(
        PeerHost => $server->{host}, PeerPort => $server->{port}, Type => SOCK_DGRAM, %more)
      // die "udp: $@";
}

# Sends one datagram, returns the reply; undef where none comes.
sub exchange {
    my ($socket, $message) = @_;
    $socket->send($message) // return;
    readable($socket) or return;
    $socket->recv(my $reply, 65536);
    return $reply;
}

# What differs from run to run of a diagram: ports become letters, A for the first that is met, as
# wide as they were; times become zero.
sub masked {
    my ($text) = @_;
    my %letters;
    my $next = 'A';
    $text =~ s/(?<=[\d\]]:)(\d{4,5})\b/($letters{$1} \/\/= $next++) x length $1/ge;
    $text =~ s/^ *\d+\.\d+(?= )/ 0.000/gm;
    return $text;
}

# PROTOLAB_WRITE_GOLDEN=1 writes the text down, to be read before it is kept.
sub is_golden {
    my ($text, $name) = @_;
    my $path = "$srcdir/tests/golden/$name.txt";
    if ($ENV{PROTOLAB_WRITE_GOLDEN}) {
        open my $to, '>', $path or die "$path: $!";
        print $to masked($text);
        close $to or die $!;
    }
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return Test::More::is(masked($text), slurp($path), "$name: the diagram");
}

sub have {
    my ($program) = @_;
    return scalar grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

sub have_ipv6 {
    return defined IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Type => SOCK_DGRAM);
}

1;
