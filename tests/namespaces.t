# Two hosts with an address each, in network namespaces of their own.
use strict;
use warnings;

use Test::More;
use ProtolabTest;

plan skip_all => 'unshare, nsenter or ip is missing'
  if grep { !have($_) } qw(unshare nsenter ip);
$ENV{PATH} .= ':/usr/sbin:/sbin';

# A process that keeps a network namespace alive for as long as its pipe is open.
sub namespace {
    my @as = $> == 0 ? () : ('--user', '--map-root-user');
    my $pid = open(my $pipe, '|-', 'unshare', @as, '--net', 'cat') // return;
    for (1 .. 200) {
        my $theirs = readlink "/proc/$pid/ns/net";
        my $name   = eval { slurp("/proc/$pid/comm") } // last;
        return { pid => $pid, pipe => $pipe }
          if $name eq "cat\n" && $theirs ne readlink "/proc/$$/ns/net";
        select undef, undef, undef, 0.02;
    }
    return;
}

sub inside {
    my ($host, @command) = @_;
    my @as = $> == 0 ? () : ('--user', '--preserve-credentials');
    return ('nsenter', @as, '--net', '--target', $host->{pid}, @command);
}

plan skip_all => 'not root: namespaces that one user made cannot be joined by a wire' if $> != 0;
my ($near, $far) = (namespace(), namespace());
plan skip_all => 'network namespaces are not to be had here' if !$near || !$far;

my ($status, undef, $err) = run_command('', inside($near, 'ip', 'link', 'add', 'wire', 'type', 'veth',
        'peer', 'name', 'wire', 'netns', $far->{pid}));
plan skip_all => "no wire between namespaces: $err" if $status != 0;
for ([$near, '10.77.0.1'], [$far, '10.77.0.2']) {
    my ($host, $address) = @$_;
    for my $command (['addr', 'add', "$address/24", 'dev', 'wire'], ['link', 'set', 'wire', 'up'],
        ['link', 'set', 'lo', 'up']) {
        ($status, undef, $err) = run_command('', inside($host, 'ip', @$command));
        BAIL_OUT("ip @$command: $err") if $status != 0;
    }
}

my $program = $protolab;
for my $transport (qw(udp tcp)) {
    my $lab = lab_file(qq({ "transport": "$transport", "transform": "uppercase", "port": 12000 }));
    my $script = scratch() . "/near-$transport";
    open my $to, '>', $script or die $!;
    print $to "#!/bin/sh\nexec ", join(' ', inside($near, $program)), " \"\$@\"\n";
    close $to;
    chmod 0755, $script;
    my $server = do { local $ProtolabTest::protolab = $script; start_server($lab, '--host', '0.0.0.0', '--port', 12000) };
    my ($got, $out, $said) = run_command("hello\nfar away\n",
        inside($far, $program, 'client', $lab, '--host', '10.77.0.1'));
    is($got, 0, "$transport: a client on another host") or diag($said);
    is($out, "HELLO\nFAR AWAY\n", '... gets its replies');
    ($got) = run_command("hello\n", inside($far, $program, 'client', $lab, '--host', '10.77.0.2'));
    is($got, 1, '... but not from its own host');
    is(stop_server($server), 0, '... and the server ends');
    like($server->{said}, qr/open to every machine that reaches this one/,
        '... having said that it is open to all');
}

close $_->{pipe} for $near, $far;
done_testing;
