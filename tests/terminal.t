#!/usr/bin/perl
# terminal.t - protolab client and run at a terminal: prompt, line editing, escaped bytes, the end.
use strict;
use warnings;

use IO::Select;
use IO::Socket::IP;
use ProtolabTest;
use Socket qw(SOCK_DGRAM);
use Test::More;

plan skip_all => 'python3 is not installed' if !have('python3');

my $prompt = 'Input lowercase sentence: ';
my $lab = lab_file('{ "transport": "udp", "transform": "uppercase", "port": 0 }');

sub type {
    my ($terminal, $keys) = @_;
    syswrite $terminal->{in}, $keys;
    return;
}

# What is on the screen from now on, as far as the pattern.
sub sees {
    my ($terminal, $pattern, $about) = @_;
    my $text = read_until($terminal, $pattern);
    ok(defined $text, $about) or diag("on the screen: $terminal->{unread}{fileno $terminal->{out}}");
    return $text // '';
}

sub client_of {
    my ($server, $env, @more) = @_;
    return start_terminal($env, $protolab, 'client', $lab, '--port', $server->{port}, @more);
}

# The rest of the screen, and the status.
sub is_over {
    my ($terminal, $status, $about) = @_;
    my $rest = read_all($terminal->{out});
    is(finish($terminal), $status, $about) or diag($rest);
    return $rest;
}

my $server = start_server($lab);
{
    my $terminal = client_of($server, {});
    sees($terminal, qr/\A\Q$prompt\E\z/, 'the prompt, and nothing else');
    type($terminal, "hello\r");
    sees($terminal, qr/hello\r\n/, 'what is typed is shown');
    sees($terminal, qr/^HELLO\r\n\Q$prompt\E/m, '... the reply, and the prompt again');
    type($terminal, "helo\e[Dl\r");
    sees($terminal, qr/^HELLO\r\n\Q$prompt\E/m, 'a line can be edited');
    type($terminal, "second\r");
    sees($terminal, qr/^SECOND\r\n\Q$prompt\E/m, 'another sentence');
    type($terminal, "\e[A\e[A\r");
    sees($terminal, qr/^HELLO\r\n\Q$prompt\E/m, 'arrow-up brings an older one back');
    type($terminal, "stra\xc3\x9fe\r");
    sees($terminal, qr/^STRASSE\r\n\Q$prompt\E/m, 'letters beyond ASCII');
    type($terminal, "\x04");
    is_over($terminal, 0, 'Ctrl-D ends it');
}
{
    my $terminal = client_of($server, { env => { LC_ALL => 'C' } });
    sees($terminal, qr/\Q$prompt\E/, 'in the locale C');
    type($terminal, "stra\xc3\x9fe\r");
    sees($terminal, qr/^STRASSE\r\n\Q$prompt\E/m, '... too');
    type($terminal, "\x03");
    is_over($terminal, 0, 'Ctrl-C ends it');
}
stop_server($server);

# ------------------------------------------------------------------- a peer --

{
    my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', Type => SOCK_DGRAM);
    my $terminal = client_of({ port => $socket->sockport }, {});
    sees($terminal, qr/\Q$prompt\E/, 'a hostile peer');
    type($terminal, "x\r");
    IO::Select->new($socket)->can_read($ProtolabTest::patience) or die 'nothing came';
    my $peer = $socket->recv(my $data, 100);
    $socket->send("\e[31mred\a\xff\r\nnext \xe2\x80\xae", 0, $peer);
    my $text = sees($terminal, qr/x\r\n.*next.*\r\n\Q$prompt\E/s, '... answers');
    like($text, qr/^\\u001b\[31mred\\u0007\\xff\\r\\nnext \\u202e\r$/m,
        '... and what it sends is escaped');
    type($terminal, 'half a sen');
    sees($terminal, qr/sen\z/, 'while a sentence is typed');
    $socket->send('unasked', 0, $peer);
    sees($terminal, qr/\r\e\[K(?:unasked)\r\n.*\Q$prompt\Ehalf a sen/s,
        '... something comes: it has its own line, and the sentence stays');
    type($terminal, "\x15\x04");
    is_over($terminal, 0, 'the end');
}
{
    my $bound = IO::Socket::IP->new(LocalHost => '127.0.0.1', Type => SOCK_DGRAM);
    my $terminal = start_terminal({}, $protolab, 'client',
        lab_file('{ "transport": "udp", "transform": "echo", "port": 1,
                    "client": { "prompt": "Say: ", "timeout_ms": 100 } }'),
        '--port', $bound->sockport);
    sees($terminal, qr/\ASay: \z/, 'the prompt of the lab');
    type($terminal, "x\r");
    sees($terminal, qr/^protolab: .*timed out.*\r\nSay: /m, '... comes again after a complaint');
    type($terminal, "\x04");
    is_over($terminal, 1, 'a sentence without reply: status 1');
}

# ---------------------------------------------------------------------- run --

{
    my $terminal = start_terminal({}, $protolab, 'run',
        lab_file('{ "transport": "tcp", "transform": "uppercase", "port": 0, "framing": "recv",
                    "close": "after-reply" }'));
    my $port = sees($terminal, qr/127\.0\.0\.1:\d+ \|.*welcoming socket \| listen\(\d+\)\r\n\Q$prompt\E/s,
        'run: the socket, and the prompt') =~ /:(\d+)/ ? $1 : 0;
    type($terminal, "one\r");
    my $text = sees($terminal, qr/close\(\d+\) \|.*close\(\d+\)\r\n.*\Q$prompt\E|\| close\(\d+\).*close\(\d+\) \|.*\Q$prompt\E/s,
        '... an exchange, and the prompt');
    like($text, qr/"one" 3 bytes -+>\| recv.*\r\n.*"ONE" 3 bytes -+\| send.*\r\n.*^ONE\r\n/m,
        '... diagram and reply, a line each');
    my $other = tcp({ host => '127.0.0.1', port => $port });
    $other->syswrite('two');
    is(read_all($other), 'TWO', 'another client, while the prompt waits');
    close $other;
    $text = sees($terminal, qr/"two" .*close\(\d+\)\r\n.*\Q$prompt\E\z/s, '... is drawn');
    unlike($text, qr/\Q$prompt\E[^\r]*\|/, '... not behind the prompt');
    type($terminal, "\x04");
    is_over($terminal, 0, 'Ctrl-D ends run');
}
# The diagram is as wide as the terminal; a narrow one has the calls between the lifelines.
for ([ 60, qr/^ +\|<-+ "ONE" 3 bytes -+\|\r\n +\| recvfrom\(\d+\) = 3 +\|\r\n/m ],
    [ 120, qr/^ *\d\.\d+ +recvfrom\(\d+\) = 3 \|<-{20,} "ONE" 3 bytes -{20,}\| sendto\(\d+\) = 3\r\n/m ])
{
    my ($columns, $row) = @$_;
    my $terminal = start_terminal({}, 'sh', '-c', "stty cols $columns; exec \"\$@\"", 'sh', $protolab,
        'run', $lab, '--color=never');
    sees($terminal, qr/\Q$prompt\E/, "a terminal of $columns columns");
    type($terminal, "one\r");
    my $text = sees($terminal, qr/^ONE\r\n.*\Q$prompt\E/ms, '... an exchange');
    like($text, $row, '... is drawn as wide');
    my @rows = grep { /\|/ } split /\r\n/, $text;
    is(join("\n", grep { length > $columns } @rows), '', '... and no wider');
    type($terminal, "\x04");
    is_over($terminal, 0, '... the end');
}
# Signals that come together may be seen as one: a second try sees what the first has missed.
for (1 .. 3) {
    my $counts = '$| = 1; $SIG{INT} = sub { print "got ", ++$n, "\n" }; print "ready\n";'
      . ' <STDIN> until $n; <STDIN>; print "in all $n\n"; exit 3';
    my $terminal = start_terminal({}, $protolab, 'run', $lab, '--', 'perl', '-e', $counts);
    sees($terminal, qr/ready\r\n/, 'run with a command');
    type($terminal, "\x03");
    sees($terminal, qr/got 1\r\n/, '... which Ctrl-C reaches');
    type($terminal, "\r\r");
    like(is_over($terminal, 3, '... and does not end, if it takes care of it'), qr/in all 1\r\n/,
        '... only once');
}

done_testing;
