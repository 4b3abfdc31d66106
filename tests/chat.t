#!/usr/bin/perl
# chat.t - the chat room: who may come in, who hears what, who is told that somebody has gone.
use strict;
use warnings;

use ProtolabTest;
use Socket qw(SHUT_WR SOL_SOCKET SO_RCVBUF);
use Test::More;

my $lab     = "$srcdir/labs/tcp-chat.json";
my $welcome = 'Welcome to budgetchat! What shall I call you?';

sub say_line {
    my ($client, $text) = @_;
    return send_all($client, "$text\n");
}

sub hears {
    my ($client, $wanted, $about) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(read_line($client) // 'nothing', $wanted, $about // "\"$wanted\" is heard");
}

# Comes in under that name.  The client, and what it is told of who is there.
sub join_room {
    my ($server, $name, %more) = @_;
    my $client = tcp($server, %more);
    read_line($client);
    say_line($client, $name);
    return ($client, read_line($client));
}

{
    my $server = start_server($lab);
    my ($alice, $bob, $carol) = map { tcp($server) } 1 .. 3;
    hears($alice, $welcome, 'the server speaks first');
    say_line($alice, 'alice');
    hears($alice, '* The room contains: ', 'the first one is alone');
    hears($bob, $welcome);
    say_line($bob, "Bob1\r");
    hears($bob,   '* The room contains: alice');
    hears($alice, '* Bob1 has entered the room');

    say_line($alice, 'Hi, Bob!');
    hears($bob, '[alice] Hi, Bob!');
    say_line($bob, "telnet ends lines so\r");
    hears($alice, '[Bob1] telnet ends lines so', 'what one says comes back to nobody: alice');
    hears($carol, $welcome, 'who has no name yet hears nothing');
    say_line($carol, 'CAROL');
    like(read_line($carol), qr/^\* The room contains: (?:alice, Bob1|Bob1, alice)$/, 'two are here');
    hears($_, '* CAROL has entered the room') for $alice, $bob;
    send_all($carol, "one\ntw");
    send_all($carol, "o\n\nthree\n");
    for my $text ('one', 'two', '', 'three') {
        hears($_, "[CAROL] $text") for $alice, $bob;
    }

    close $bob;
    hears($_, '* Bob1 has left the room', 'who closes is missed') for $alice, $carol;
    cut_off($carol);
    hears($alice, '* CAROL has left the room', 'who is cut off too');
    my ($dave) = join_room($server, 'dave');
    hears($alice, '* dave has entered the room');
    send_all($dave, "bye\nnot a li");
    shutdown $dave, SHUT_WR;
    hears($alice, '[dave] bye', 'the last words');
    hears($alice, '* dave has left the room', '... of one who finishes');
    is(read_all($dave), '', '... and whose connection ends');

    my ($again, $here) = join_room($server, 'dave');
    is($here, '* The room contains: alice', 'a name that has gone is free again');
    hears($alice, '* dave has entered the room');
    is(stop_server($server), 0, 'the server ends');
    is(read_all($again), '', '... with everybody in it');
}

# ------------------------------------------------------------------- names --

{
    my $server = start_server($lab);
    my ($alice) = join_room($server, 'alice');
    my $size    = 'A name has 1 to 16 characters. Good bye!';
    my $letters = 'A name has letters and digits only. Good bye!';
    my $taken   = 'Somebody here has that name. Good bye!';
    for (
        [ '',            $size ],
        [ "\r",          $size ],
        [ 'a' x 17,      $size ],
        [ 'a b',         $letters ],
        [ ' a',          $letters ],
        [ 'a_b',         $letters ],
        [ '*',           $letters ],
        [ "a\0b",        $letters ],
        [ "a\r\r",       $letters ],
        [ "\xc3\xbc",    $letters ],
        [ "\xe9",        $letters ],
        [ "\e[31m",      $letters ],
        [ 'alice',       $taken ],
      )
    {
        my ($name, $objection) = @$_;
        my $client = tcp($server);
        send_all($client, "$name\nHello, is anybody there?\n");
        (my $shown = $name) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
        is(read_all($client), "$welcome\n$objection\n", "the name \"$shown\" is refused");
    }
    my $quiet = tcp($server);
    read_line($quiet);
    close $quiet;
    for my $name ('a', 'Z', '0', 'Alice', 'alic', 'a' x 16, 'B' x 16) {
        my ($client) = join_room($server, $name);
        hears($alice, "* $name has entered the room", "nobody was told of them; \"$name\" is let in");
        close $client;
        hears($alice, "* $name has left the room");
    }
    is(stop_server($server), 0, 'the server ends');
    is($server->{said}, '', '... without complaint');
}

# ------------------------------------------------------------------ lengths --

{
    my $server = start_server($lab);
    my ($alice) = join_room($server, 'alice');
    my ($bob)   = join_room($server, 'bob');
    hears($alice, '* bob has entered the room');
    for my $text ('x' x 1000, "\xe4\xbd\xa0", "\xff\xfe\x01", '%s%n', '[bob] it was not me') {
        say_line($bob, $text);
        ok((read_line($alice) // '') eq "[bob] $text", length($text) . ' bytes are passed on');
    }
    say_line($bob, 'x' x 1001);
    is(read_all($bob), '', 'a line of 1001 bytes ends its session');
    close $bob;
    hears($alice, '* bob has left the room');
    like(said_so_far($server), qr/: a message is longer than limits\.message_bytes$/m, '... says why');

    my @many = map { (join_room($server, "guest$_"))[0] } 1 .. 54;
    hears($alice, "* guest$_ has entered the room") for 1 .. 54;
    my (undef, $here) = join_room($server, 'late');
    is(() = $here =~ /guest\d+/g, 49 + ($here !~ /alice/), 'a newcomer is told 50 names');
    like($here, qr/ and 5 more$/, '... and how many others are there');
    stop_server($server);
}

# ----------------------------------------------------------- who does not read --

{
    my $server = start_server(lab_file('{ "transport": "tcp", "transform": "chat", "port": 0,'
          . ' "limits": { "unsent_bytes": 20000 } }'));
    my ($alice) = join_room($server, 'alice');
    my ($deaf)
      = join_room($server, 'deaf', Sockopts => [[SOL_SOCKET, SO_RCVBUF, pack 'i', 4096]]);
    my ($carol) = join_room($server, 'carol');
    hears($alice, "* $_ has entered the room") for qw(deaf carol);
    my $text  = 'x' x 5000;
    my $lines = 0;
    my ($from_carol, $got) = ({});
    do {
        say_line($alice, $text);
        $got = read_until($from_carol, qr/\n/, $carol) // 'nothing';
    } while ($got eq "[alice] $text\n" && ++$lines < 5000);
    is($got, "* deaf has left the room\n", 'one who does not read is out in the end');
    my $why = qr/: the peer does not read: more than limits\.unsent_bytes wait for it$/m;
    ok(eventually { said_so_far($server) =~ $why }, '... and the server says why');
    say_line($carol, 'and now?');
    hears($alice, '* deaf has left the room', 'the others are told');
    hears($alice, '[carol] and now?', '... and go on');
    close $deaf;
    is(stop_server($server), 0, 'the server ends');
}

{
    my $lab = lab_file('{ "transport": "tcp", "transform": "chat", "port": 0,
        "client": { "timeout_ms": 100 } }');
    my ($status, $out, $err) = run_protolab("alice\nhello\nis nobody here?\n", 'run', $lab);
    is($status, 0, 'a chat at the keyboard: a line that only others hear is no failure');
    unlike($err, qr/timed out/, '... and no reply is missed');
}

done_testing;
