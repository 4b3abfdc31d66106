#!/usr/bin/perl
# book.t - the textbook's clients and servers, and everybody's tools, talk to protolab's.
use strict;
use warnings;

use ProtolabTest;
use Test::More;

my $book   = "$srcdir/tests/students/book";
my $labs   = "$srcdir/labs";
my %prefix = (udp => '', tcp => 'From Server: ');
my $prompt = 'Input lowercase sentence:';

sub is_book_reply {
    my ($protocol, $said, $reply, $about) = @_;
    return is($said, "$prompt$prefix{$protocol}$reply\n", $about);
}

# The book's client against a server of ours.
sub book_clients {
    my ($protocol) = @_;
    my $server = start_server("$labs/$protocol-uppercase.json");
    local $ENV{PROTOLAB_HOST} = $server->{host};
    local $ENV{PROTOLAB_PORT} = $server->{port};
    for ([ 'hello world', 'HELLO WORLD' ], [ 'straße', 'STRASSE' ], [ 'x' x 1000, 'X' x 1000 ]) {
        my ($sentence, $reply) = @$_;
        my ($status, $out, $err)
          = run_command("$sentence\n", 'python3', "$book/${protocol}_client.py");
        is_book_reply($protocol, $out, $reply,
            "$protocol: the book's client and serve: " . substr $sentence, 0, 20);
        is($status, 0, '... and it ends well') or diag($err);
    }
    is(stop_server($server), 0, "$protocol: serve ends well");
    is($server->{said}, '', '... and had nothing to complain of');
    return;
}

sub book_client_under_run {
    my ($protocol) = @_;
    my ($status, $out, $err) = run_protolab("hello\n", 'run', "$labs/$protocol-uppercase.json",
        '--', 'python3', "$book/${protocol}_client.py");
    is_book_reply($protocol, $out, 'HELLO', "$protocol: the book's client under run");
    is($status, 0,  '... ends with its own status');
    is($err,    '', '... and run adds nothing');
    return;
}

# Our client against the book's server, which takes one connection after the other.
sub book_server {
    my ($protocol) = @_;
    my $server = start_book_server("${protocol}_server.py");
    my @client = ($protolab, 'client', "$labs/$protocol-uppercase.json", '--port', $server->{port});
    my ($status, $out, $err) = run_command("one\ntwo words\nstraße\nfour", @client);
    is($out, "ONE\nTWO WORDS\nSTRASSE\nFOUR\n", "$protocol: client and the book's server");
    is($status, 0, '... ends well');
    is($err, '', '... without complaint');

    ($status, $out) = run_command("again\n", @client);
    is($out, "AGAIN\n", "$protocol: another client and the same server");
    is($status, 0, '... ends well');
    stop_server($server);
    is($server->{said}, '', "... the book's server saw nothing odd");
    return;
}

# A program that copies its standard input to the server and the replies to its output.
sub tool {
    my ($protocol, $name, @command) = @_;
  SKIP: {
        skip "$command[0] is not installed", 2 if !have($command[0]);
        my $server = start_server("$labs/$protocol-uppercase.json");
        my $tool   = start_command({}, map { s/HOST/$server->{host}/r =~ s/PORT/$server->{port}/r }
              @command);
        print { $tool->{in} } "hello, world\n";
        is(read_line($tool->{out}), 'HELLO, WORLD', "$name and $protocol-uppercase");
        stop_server($tool);
        stop_server($server);
        is($server->{said}, '', '... without complaint');
    }
    return;
}

for my $protocol (qw(udp tcp)) {
  SKIP: {
        skip 'python3 is not installed', 17 if !have('python3');
        book_clients($protocol);
        book_client_under_run($protocol);
        book_server($protocol);
    }
}
tool('udp', 'ncat -u', qw(ncat -u HOST PORT));
tool('tcp', 'ncat',    qw(ncat HOST PORT));
tool('udp', 'socat',   qw(socat - UDP:HOST:PORT));
tool('tcp', 'socat',   qw(socat - TCP:HOST:PORT));

done_testing;
