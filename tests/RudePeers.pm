# RudePeers.pm - what the tests of tests/rude share: labs, the end of them, and what a server
# costs meanwhile.
package RudePeers;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use POSIX qw(_SC_CLK_TCK _SC_OPEN_MAX sysconf);
use ProtolabTest;
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::More;

our @EXPORT = qw(serve ends_well ask insist says few_bytes sanitized resident_kib cpu_seconds
  sockets all_gone descriptors_allowed);

$ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;
# What was freed counts as resident while the sanitizer keeps it.
$ENV{ASAN_OPTIONS} = join ':', grep { defined } $ENV{ASAN_OPTIONS}, 'quarantine_size_mb=1';

# A server for a lab: its transport, its transform as JSON, what else the descriptor says.
sub serve {
    my ($transport, $transform, @more) = @_;
    my $keys = join '', map { ", $_" } @more;
    my $server = start_server(lab_file(
        qq({ "transport": "$transport", "transform": $transform, "port": 12000$keys })));
    $server->{sockets} = sockets($server);
    return $server;
}

# Stopped by a signal, with status 0 and without a report by a sanitizer.
sub ends_well {
    my ($server, $about) = @_;
    is(stop_server($server), 0, "$about: the server ends well");
    return;
}

# One line and its answer.
sub ask {
    my ($socket, $line) = @_;
    send_all($socket, "$line\n");
    return read_line($socket);
}

# Like exchange, while the server's buffer may be full: then a datagram is lost, which UDP allows,
# and the client asks again.
sub insist {
    my ($client, $question) = @_;
    my $answer = '';
    eventually {
        $client->send($question);
        IO::Select->new($client)->can_read(0.2) && $client->recv($answer, 65536);
    };
    return $answer;
}

# Whether the server has said so, so many times, or does before long.
sub says {
    my ($server, $times, $what, $about) = @_;
    my $count = 0;
    return ok(eventually { ($count = () = said_so_far($server) =~ /$what/g) >= $times }, $about)
      || diag("$count times of $times, in:\n", substr said_so_far($server), 0, 2000);
}

# For tcp: the client's end takes few bytes that it does not read.
sub few_bytes { return (Sockopts => [[SOL_SOCKET, SO_RCVBUF, pack 'i', 8192]]); }

sub sanitized {
    my ($server) = @_;
    return slurp("/proc/$server->{pid}/maps") =~ /libasan/;
}

sub resident_kib {
    my ($server) = @_;
    return slurp("/proc/$server->{pid}/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : die 'no VmRSS';
}

sub cpu_seconds {
    my ($server) = @_;
    my ($user, $system) = slurp("/proc/$server->{pid}/stat") =~ /\) \S (?:\S+ ){10}(\d+) (\d+)/
      or die 'no times';
    return ($user + $system) / sysconf(_SC_CLK_TCK);
}

# How many sockets a server has open.
sub sockets {
    my ($server) = @_;
    return scalar grep { (readlink // '') =~ /^socket:/ } glob "/proc/$server->{pid}/fd/*";
}

# Whether the server holds no connection any more, or soon none.
sub all_gone {
    my ($server, $about) = @_;
    return ok(eventually { sockets($server) <= $server->{sockets} },
        "$about: the server keeps no socket of theirs")
      || diag(sockets($server) - $server->{sockets}, ' too many');
}

# How many connections one process here may have, some descriptors left over.
sub descriptors_allowed { return sysconf(_SC_OPEN_MAX) - 64; }

1;
