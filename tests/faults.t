#!/usr/bin/perl
# faults.t - every allocation and every system call that may fail does so once: protolab says so
# and ends, or goes on; it never crashes, spins or hangs.
#
# Each command is run again and again, with its first such call failing, then its second, until a
# run does not come that far.  make check takes every seventh, from a start that the day gives;
# PROTOLAB_FAULTS=all takes all, PROTOLAB_FAULTS=N every N-th.
use strict;
use warnings;
use Test::More;
use ProtolabTest;

my $library = ($ENV{builddir} // '.') . '/tests/faults/faults.so';
my $report  = scratch() . '/report';
my $stride  = $ENV{PROTOLAB_FAULTS} // 7;
$stride = 1 if $stride eq 'all';
my $start = 1 + int(time / 86400) % $stride;
my $most  = 5000;

plan skip_all => 'no tests/faults/faults.so' if !-e $library;
# A preloaded malloc takes the place of the sanitizer's, which then refuses to start.
plan skip_all => 'the address sanitizer brings a malloc of its own'
  if slurp($protolab) =~ /__asan_init/;
diag("every call from $start in steps of $stride");

my %labs = map {
    my $lab = qq({ "transport": "$_", "transform": "uppercase", "port": 12000,)
      . ' "client": { "timeout_ms": 100 } }';
    $_ => lab_file($lab, "$_.json")
} qw(udp tcp);
my $bad = lab_file('{ "transprot": "udp", "transform": ["echo", "uppercase"], "port": "1" }',
    'bad.json');
my $sentences = "one sentence\nanother one\n";

# With that call failing, as environment.
sub fault {
    my ($n, $kind) = @_;
    unlink $report;
    return (LD_PRELOAD => $library, PROTOLAB_FAULT => $n, PROTOLAB_FAULT_KIND => $kind,
        PROTOLAB_FAULT_REPORT => $report);
}

# Why the end of a run is not as it must be; '' where it is.
sub complaint {
    my ($status, $errors) = @_;
    return "status $status" if $status > 4;
    return 'a crash, or a hang' if $errors =~ /(?:itself|the plugin) (?:crashed|hangs)/;
    return "status $status and not a word about it" if $status != 0 && $errors eq '';
    return '';
}

# Runs it with each of its calls failing.  $run gets the environment of the fault, and returns
# status, errors and output; where the status is 0 that must be the output of an undisturbed run.
sub all_faults {
    my ($name, $kind, $run) = @_;
    my (undef, undef, $wanted) = $run->();
    # What "list" and "help" could not find out they leave out, or tell in its place.
    undef $wanted if $name =~ /^(?:list|help)$/;
    my @wrong;
    my $n = $start;
    my $tried = 0;
    for (; $n < $most; $n += $stride) {
        my ($status, $errors, $output) = $run->(fault($n, $kind));
        my $call = -e $report ? slurp($report) : '';
        my $what = complaint($status, $errors);
        $what = "status 0 for: $output"
          if $what eq '' && $status == 0 && $output ne ($wanted // $output);
        push @wrong, "call $n, $call: $what\n$errors" if $what ne '';
        last if $call eq '' || @wrong > 20;
        $tried++;
    }
    ok(!@wrong && $n < $most, "$name: $tried faults" . ($kind eq '' ? '' : ", $kind"));
    diag($_) for @wrong;
    return;
}

# A command that ends by itself.
sub command {
    my ($input, @arguments) = @_;
    return sub {
        local %ENV = (%ENV, @_);
        my ($status, $output, $errors) = run_command($input, $protolab, @arguments);
        return ($status, $errors, $output);
    };
}

# A server that is talked to, if it gets ready, and then told to end.
sub serve {
    my ($transport) = @_;
    return sub {
        my $server = start_command({ env => {@_} },
            $protolab, 'serve', $labs{$transport}, '--port', 0);
        my $ready = read_line($server->{out}) // '';
        talk_to($transport, $1) if $ready =~ /:(\d+)$/;
        my $status = stop_server($server);
        return ($status, $server->{said}, '');
    };
}

# What comes back does not matter: the connection may be the call that failed.
sub talk_to {
    my ($transport, $port) = @_;
    my $at = { host => '127.0.0.1', port => $port };
    # It may have ended already.
    my $socket = eval { $transport eq 'tcp' ? tcp($at) : udp($at) } or return;
    syswrite $socket, "one sentence\n";
    return if $transport eq 'udp';
    shutdown $socket, 1;
    read_all($socket);
    return;
}

my %servers = map { $_ => start_server($labs{$_}) } keys %labs;

for my $kind ('', 'interrupted') {
    all_faults('lint', $kind, command('', 'lint', $labs{udp}));
    all_faults('lint of mistakes', $kind, command('', 'lint', $bad));
    all_faults('list', $kind, command('', 'list'));
    all_faults('help', $kind, command('', 'help', 'uppercase'));
    for my $transport (sort keys %labs) {
        my $lab = $labs{$transport};
        all_faults("run $transport -- true", $kind, command('', 'run', $lab, '--', 'true'));
        all_faults("run $transport", $kind, command($sentences, 'run', $lab, '--port', 0));
        all_faults("client $transport", $kind,
            command($sentences, 'client', $lab, '--host', '127.0.0.1',
                '--port', $servers{$transport}{port}));
        all_faults("serve $transport", $kind, serve($transport));
    }
}
is(stop_server($servers{$_}), 0, "the $_ server is well") for sort keys %servers;
done_testing();
