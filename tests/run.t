#!/usr/bin/perl
# run.t - protolab run: with the keyboard, its replies and colours; with a command, what that sees
# of it.
use strict;
use warnings;

use IO::Socket::IP;
use ProtolabTest;
use Socket qw(SOCK_DGRAM SOCK_STREAM);
use Test::More;

# An address of this process alone, where every port is free.
my $own_host = sprintf '127.%d.%d.%d', 1 + ($$ >> 16) % 250, $$ >> 8 & 255, 1 + ($$ & 255) % 254;

sub lab {
    my ($transport, $transform, $more) = @_;
    return lab_file(
        qq({ "transport": "$transport", "transform": "$transform", "port": 0 @{[$more // '']} }));
}

# ---------------------------------------------------------------- sentences --

{
    my ($status, $out, $err) = run_protolab("one\n", 'run',
        lab('udp', 'echo', ', "client": { "timeout_ms": 5000 }'));
    is("$status $out", "0 one\n", 'run with a sentence from a pipe');

    local $ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;
    ($status, $out, $err)
      = run_protolab("one\n", 'run', lab('udp', 'silent', ', "client": { "timeout_ms": 50 }'));
    is("$status $out", '1 ', 'a transform that does not answer: status 1');
    like($err, qr/^protolab: udp \S+: timed out/m, '... timed out');
    ($status, $out, $err) = run_protolab("one\n", 'run', lab('tcp', 'failing'));
    is("$status $out", '1 ', 'a transform that fails: status 1');
}

# ------------------------------------------------------------------- colour --

sub colours {
    my ($env, @options) = @_;
    local @ENV{ keys %$env } = values %$env;
    my (undef, $out, $err) = run_protolab("one\n", 'run', lab('udp', 'echo'), @options);
    is($out, "one\n", "@{[%$env]} @options: no colour in replies");
    return $err =~ /\e\[/ ? 'coloured' : 'plain';
}

is(colours({ NO_COLOR => '',  TERM => 'xterm' }), 'plain', '... nor in a diagram that is piped');
is(colours({ NO_COLOR => '1', TERM => 'xterm' }, '--color=always'), 'coloured', '... but in this');
is(colours({ NO_COLOR => '',  TERM => 'xterm' }, '--color', 'never'), 'plain', '... not in this');

SKIP: {
    skip 'python3 is not installed', 3 if !have('python3');
    for (
        [ 'coloured', { NO_COLOR => '',  TERM => 'xterm' } ],
        [ 'plain',    { NO_COLOR => '1', TERM => 'xterm' } ],
        [ 'plain',    { NO_COLOR => '',  TERM => 'dumb' } ]
      )
    {
        my ($wanted, $env) = @$_;
        my $terminal
          = start_terminal({ env => $env }, $protolab, 'run', lab('udp', 'echo'));
        my $screen = read_until($terminal, qr/sentence: /) // '';
        is($screen =~ /\e\[[0-9]*m/ ? 'coloured' : 'plain', $wanted, "terminal, @{[%$env]}: $wanted");
        syswrite $terminal->{in}, "\x04";
        read_all($terminal->{out});
        finish($terminal);
    }
}

# ------------------------------------------------------------- with COMMAND --

# Runs a shell script under run.
sub run_script {
    my ($script, $input, @options) = @_;
    return run_protolab($input // '', 'run', lab('tcp', 'uppercase'), @options, '--', 'sh', '-c',
        $script);
}

my $report = 'echo "$PROTOLAB_HOST $PROTOLAB_PORT"; echo talk >&2';
# What stands in the environment before gives way.
@ENV{qw(PROTOLAB_HOST PROTOLAB_PORT)} = ('elsewhere', 1);
my ($status, $out, $err) = run_script($report);
like($out, qr/\A127\.0\.0\.1 [1-9]\d*\n\z/, 'COMMAND gets host and port');
is($status, 0, '... its status');
is($err, "talk\n", '... and its talk alone');
is((run_script($report, '', '--host', $own_host, '--port', 12000))[1], "$own_host 12000\n",
    '--host and --port decide them');
like((run_script($report, '', '--host', '0.0.0.0'))[1], qr/\A127\.0\.0\.1 \d+\n\z/,
    'a server at every address is reached at 127.0.0.1');
is((run_script('cat', "to the\ncommand"))[1], "to the\ncommand", 'standard input is for COMMAND');
is((run_script('exit 7'))[0], 7, 'its status is returned');
is((run_script('kill -TERM $$'))[0], 143, '... and a signal as a shell has it');
is((run_script('kill -KILL $$'))[0], 137, '... KILL too');
is((run_protolab('', 'run', lab('tcp', 'echo'), '--', 'printf', '%s|', 'a b', '--', '--port'))[1],
    'a b|--|--port|', 'its arguments are its own');

for (['no-such-program-here', qr/No such file or directory/], ["$srcdir/labs", qr/Permission denied/]) {
    my ($program, $why) = @$_;
    ($status, $out, $err) = run_protolab('', 'run', lab('tcp', 'echo'), '--', $program);
    is($status, 3, "$program cannot be started: status 3");
    like($err, qr/\Aprotolab: \Q$program\E: $why/, '... and why');
}

# The lab's own port is taken.
for my $protocol (qw(udp tcp)) {
    my $taken = IO::Socket::IP->new(LocalHost => '127.0.0.1',
        $protocol eq 'udp' ? (Type => SOCK_DGRAM) : (Type => SOCK_STREAM, Listen => 1));
    my $port = $taken->sockport;
    my $lab  = lab_file(qq({ "transport": "$protocol", "transform": "echo", "port": $port }));
    ($status, $out, $err) = run_protolab('', 'run', $lab, '--', 'sh', '-c', $report);
    like($out, qr/\A127\.0\.0\.1 (?!$port\n)\d+\n\z/, "$protocol: a free port, where the lab's is taken");
    is($status, 0, '... with success');
    ($status, $out, $err) = run_protolab("one\n", 'run', $lab);
    is("$status $out", '1 ', '... without COMMAND that is an error');
    like($err, qr/^protolab: $protocol 127\.0\.0\.1:$port: .*Address already in use\n.* --port 0 /m,
        '... with a remedy');
}

($status, $out) = run_script('echo here', '', '--host', $own_host, '--port', 12001);
is($out, "here\n", 'a server at an address of its own');
ok(!IO::Socket::IP->new(PeerHost => $own_host, PeerPort => 12001, Type => SOCK_STREAM),
    '... is gone at the end');

# ------------------------------------------------------------------ signals --

my $waits = '$| = 1; $SIG{TERM} = $SIG{INT} = sub { print "got $_[0]\n"; exit 5 if !shift @ARGV };'
  . ' print "ready\n"; sleep 60 while 1';
for my $signal (qw(TERM INT HUP)) {
    my $run = start_command({}, $protolab, 'run', lab('tcp', 'echo'), '--', 'perl', '-e', $waits);
    is(read_line($run->{out}), 'ready', "SIG$signal to run");
    kill $signal, $run->{pid};
    is(read_line($run->{out}), $signal eq 'HUP' ? undef : "got $signal", '... reaches COMMAND');
    is(finish($run), $signal eq 'HUP' ? 129 : 5, '... whose status is returned');
}
my $run = start_command({}, $protolab, 'run', lab('tcp', 'echo'), '--', 'perl', '-e', $waits, 'stay');
read_line($run->{out});
kill 'TERM', $run->{pid};
is(read_line($run->{out}), 'got TERM', 'a COMMAND that stays');
kill 'TERM', $run->{pid};
is(finish($run), 137, '... is killed by the second signal');

$run = start_command({}, $protolab, 'run', lab('tcp', 'uppercase'));
print { $run->{in} } "one\n";
is(read_line($run->{out}), 'ONE', 'a run at the keyboard');
kill 'TERM', $run->{pid};
is(finish($run), 0, '... is ended by SIGTERM');

done_testing;
