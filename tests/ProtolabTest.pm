# ProtolabTest.pm - what the end-to-end tests share: commands with their output,
# servers that are waited for and always ended, sockets on loopback.
package ProtolabTest;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use IPC::Open3;
use POSIX qw(:sys_wait_h);
use Socket qw(SOCK_DGRAM SOCK_STREAM SOL_SOCKET SO_LINGER SHUT_WR);
use Symbol qw(gensym);

our @EXPORT = qw($protolab $srcdir $fixture_plugins lab_file run_protolab run_command
  start_server stop_server read_line tcp udp read_all read_exactly exchange slurp
  have have_ipv6 scratch);

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
        alarm $patience;
        exec { $command[0] } @command;
        print STDERR "exec $command[0]: $!\n";
        POSIX::_exit(127);
    }
    waitpid $pid, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    my @texts;
    for my $file ($out, $err) {
        seek $file, 0, 0;
        local $/;
        push @texts, scalar(<$file>) // '';
    }
    return ($status, @texts);
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
    my $gone = 0;
    eval {
        local $SIG{ALRM} = sub { die "stuck\n" };
        alarm $patience;
        waitpid $server->{pid}, 0;
        $gone = 1;
        alarm 0;
    };
    if (!$gone) {
        kill 'KILL', $server->{pid};
        waitpid $server->{pid}, 0;
    }
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    seek $server->{errors}, 0, 0;
    local $/;
    $server->{said} = readline($server->{errors}) // '';
    return $status;
}

END {
    my $status = $?;
    stop_server($_, 'KILL') for values %servers;
    $? = $status;
}

# One line from a pipe or socket, without its newline; undef at the end or when
# patience is at its end.
sub read_line {
    my ($from) = @_;
    my $line = '';
    while (IO::Select->new($from)->can_read($patience)) {
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
    while (length $bytes < $count && IO::Select->new($from)->can_read($patience)) {
        my $n = sysread $from, $bytes, $count - length $bytes, length $bytes;
        last if !$n;
    }
    return $bytes;
}

# All until the end of the stream; undef where it is reset or never ends.
sub read_all {
    my ($from) = @_;
    my $bytes = '';
    while (IO::Select->new($from)->can_read($patience)) {
        my $n = sysread $from, $bytes, 65536, length $bytes;
        return if !defined $n;
        return $bytes if $n == 0;
    }
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
    IO::Select->new($socket)->can_read($patience) or return;
    $socket->recv(my $reply, 65536);
    return $reply;
}

sub have {
    my ($program) = @_;
    return scalar grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

sub have_ipv6 {
    return defined IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Type => SOCK_DGRAM);
}

1;
