# Several processes at one port, and plugins that crash or hang.
use strict;
use warnings;

use Test::More;
use ProtolabTest;

$ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;
$ENV{PROTOLAB_HOOK_SECONDS} = 1;

sub lab {
    my ($transform, $transport) = @_;
    $transport //= 'tcp';
    return lab_file(qq({ "transport": "$transport", "transform": "$transform", "port": 0 }));
}

# The processes that a supervisor has started.
sub workers_of {
    my ($server) = @_;
    my $pids = slurp("/proc/$server->{pid}/task/$server->{pid}/children");
    return split ' ', $pids;
}

# Waits until something holds, for as long as patience lasts.
sub eventually {
    my ($holds) = @_;
    for (1 .. 1200) {
        return 1 if $holds->();
        select undef, undef, undef, 0.05;
    }
    return 0;
}

sub gone { my ($pid) = @_; return !kill 0, $pid; }

sub answers {
    my ($server, $count) = @_;
    my $right = 0;
    for my $i (1 .. $count) {
        my $client = tcp($server);
        print $client "hello $i\n";
        $right++ if (read_line($client) // '') eq "HELLO $i";
    }
    return $right;
}

SKIP: {
    skip 'no list of child processes in /proc', 8
      if !-e "/proc/$$/task/$$/children";
    my $server = start_server(lab('uppercase'), '--workers', 3);
    ok(eventually(sub { workers_of($server) == 3 }), 'three workers');
    is(answers($server, 30), 30, '... answer at one port');

    my ($victim) = workers_of($server);
    kill 'KILL', $victim;
    ok(eventually(sub { my @now = workers_of($server); @now == 3 && !grep { $_ == $victim } @now }),
        'another worker takes the place of one that was killed');
    is(answers($server, 30), 30, '... and all answer');
    my @workers = workers_of($server);
    is(stop_server($server), 0, 'SIGTERM ends them: status 0');
    is(scalar(grep { !gone($_) } @workers), 0, '... all of them');
    like($server->{said}, qr/worker 1 was ended by signal 9 \(Killed\); another takes its place/,
        '... and the one that died was named');

    $server = start_server(lab('uppercase'), '--workers', 2);
    eventually(sub { (@workers = workers_of($server)) == 2 });
    stop_server($server, 'KILL');
    ok(eventually(sub { !grep { !gone($_) } @workers }),
        'workers end when their supervisor is killed');
}

{
    my $server = start_server(lab('uppercase', 'udp'), '--workers', 2);
    my $right = 0;
    for (1 .. 20) {
        my $client = udp($server);
        $right++ if (exchange($client, "hello $_") // '') eq "HELLO $_";
    }
    is($right, 20, 'workers share a UDP port');
    stop_server($server);
}

{
    my $server = start_server(lab('crash'), '--workers', 2);
    my $rounds = 0;
    while ($rounds < 40) {
        my $client = eval { tcp($server) } or last;
        print $client "go\n";
        read_all($client);
        $rounds++;
    }
    kill 'KILL', $server->{pid} if $rounds == 40;
    waitpid $server->{pid}, 0;
    ok($rounds > 5 && $rounds < 40, "a crash loop comes to an end ($rounds crashes)");
    is($? >> 8, 4, '... with status 4');
    stop_server($server, 'KILL');
    like($server->{said}, qr/^protolab: crash: the plugin crashed in its message hook: SIGABRT/m,
        '... plugin, hook and signal named');
    like($server->{said}, qr/worker \d ended with status 4; another takes its place/,
        '... the worker replaced');
    like($server->{said}, qr/they die too often, so protolab ends/, '... until it is too often');
}

for my $case (['crash', qr/crash: the plugin crashed in its message hook: SIGABRT/],
    ['hang', qr/hang: the plugin hangs in its message hook/]) {
    my ($transform, $sentence) = @$case;
    my $server = start_server(lab($transform));
    my $client = tcp($server);
    print $client "go\n";
    read_all($client);
    waitpid $server->{pid}, 0;
    is($? >> 8, 4, "without workers $transform ends the host: status 4");
    stop_server($server, 'KILL');
    like($server->{said}, $sentence, '... plugin and hook named');
}

{
    my ($status, $out, $err) = run_protolab('', 'serve', lab('shared'), '--workers', 2);
    is($status, 2, 'sessions that share state have one worker');
    like($err, qr/--workers 2: the sessions of shared share state/, '... says why');
    ($status, $out, $err) = run_protolab('', 'lint',
        lab_file('{ "transport": "tcp", "transform": "shared", "port": 0, "workers": 2 }'));
    is($status, 2, '... and so does the descriptor');
    like($err, qr/:1:68: "workers": the sessions of shared share state/, '... at its place');
}

done_testing;
