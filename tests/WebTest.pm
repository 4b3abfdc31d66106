# WebTest.pm - what the tests of the live page share: requests, and the stream of events.
package WebTest;

use strict;
use warnings;

use Exporter qw(import);
use IO::Socket::IP;
use JSON::PP;
use ProtolabTest;
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::More ();

our @EXPORT = qw(start_web web_of has_web request knock open_stream next_message read_events_until);

# Whether this protolab was built with libmicrohttpd.
sub has_web {
    my (undef, undef, $said) = run_protolab('', 'client', lab_file(qq({ "transport": "udp",
        "transform": "echo", "port": 9 })), '--web');
    return $said !~ /without libmicrohttpd/;
}

# The port that a command has printed.
sub web_of {
    my ($said) = @_;
    return $said =~ m{^protolab: watch it at http://127\.0\.0\.1:(\d+)/$}m ? $1 : undef;
}

# A server with a live page: {web} is its port.
sub start_web {
    my ($lab, @options) = @_;
    my $server = start_server($lab, '--web', @options);
    $server->{web} = web_of(said_so_far($server)) // die 'no page: ' . said_so_far($server);
    return $server;
}

# A connection to the page's server.
sub knock {
    my ($server, %more) = @_;
    return tcp({ host => '127.0.0.1', port => $server->{web} }, %more);
}

# Sends a request, and reads the answer to its end.  Status, header (a hash, names in lower case), body.
sub request {
    my ($server, $path, %how) = @_;
    my $socket = knock($server);
    my %headers = (Host => "127.0.0.1:$server->{web}", %{ $how{headers} // {} });
    my $lines = join '', map { defined $headers{$_} ? "$_: $headers{$_}\r\n" : '' } sort keys %headers;
    my $method = $how{method} // 'GET';
    send_all($socket, "$method $path HTTP/1.1\r\nConnection: close\r\n$lines\r\n" . ($how{body} // ''));
    return parse(read_all($socket) // '');
}

sub parse {
    my ($answer) = @_;
    my ($head, $body) = split /\r\n\r\n/, $answer, 2;
    my ($first, @lines) = split /\r\n/, $head // '';
    my ($status) = ($first // '') =~ m{^HTTP/1\.1 (\d+) };
    my %header = map { /^([^:]+): *(.*)$/ ? (lc $1 => $2) : () } @lines;
    return ($status, \%header, $body);
}

# Follows the events.  {status} tells whether it may.
sub open_stream {
    my ($server, %how) = @_;
    my $socket = knock($server, $how{small} ? (Sockopts => [[SOL_SOCKET, SO_RCVBUF, 4096]]) : ());
    my $last = defined $how{last} ? "Last-Event-ID: $how{last}\r\n" : '';
    send_all($socket, "GET /events HTTP/1.1\r\nHost: 127.0.0.1:$server->{web}\r\n$last\r\n");
    my $stream = { socket => $socket, unread => '', text => '' };
    return $stream if $how{small};
    read_head($stream);
    return $stream;
}

sub read_head {
    my ($stream) = @_;
    my $head = '';
    while ($head !~ /\r\n\r\n\z/) {
        my $byte = read_exactly($stream->{socket}, 1);
        last if $byte eq '';
        $head .= $byte;
    }
    ($stream->{status}, $stream->{header}) = parse($head);
    return;
}

# One more chunk of the body; false at its end.
sub read_chunk {
    my ($stream) = @_;
    my $socket = $stream->{socket};
    read_head($stream) if !defined $stream->{status};
    my $size = hex((read_line($socket) // return 0) =~ s/\r\z//r);
    $stream->{text} .= read_exactly($socket, $size);
    read_exactly($socket, 2);
    return $size;
}

# The next message: { event, id, data => [lines] }; undef at the end of the stream.
sub next_message {
    my ($stream) = @_;
    while (1) {
        while ($stream->{text} =~ s/\A(.*?)\n\n//s) {
            my $text = $1;
            my ($event) = $text =~ /^event: (.*)$/m;
            my ($id) = $text =~ /^id: (.*)$/m;
            my @data = $text =~ /^data: (.*)$/mg;
            next if !@data;
            $stream->{id} = $id // $stream->{id};
            return { event => $event // 'message', id => $id, data => \@data };
        }
        return if !read_chunk($stream);
    }
}

# The events, or only those whose JSON matches, until one of them is what is asked for; all where the
# stream ends.
sub read_events_until {
    my ($stream, $is_it, $only) = @_;
    my @events;
    while (my $message = next_message($stream)) {
        $stream->{ended} = 1 if $message->{event} eq 'end';
        for my $line (grep { !$only || /$only/ } @{ $message->{data} }) {
            my $event = JSON::PP->new->utf8->decode($line);
            $event->{kind} = $message->{event};
            push @events, $event;
        }
        return @events if grep { $is_it->($_) } @events;
    }
    return @events;
}

1;
