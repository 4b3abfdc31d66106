#!/usr/bin/perl
# render.t - "protolab render" shows the log of a run as the run was shown, and says what is wrong with
# what is no log.
use strict;
use warnings;

use ProtolabTest;
use Test::More;

my $labs = "$srcdir/labs";
my $logs = 0;
sub log_file { return scratch() . '/' . ++$logs . '.jsonl' }

sub spew {
    my ($path, $text) = @_;
    open my $to, '>', $path or die "$path: $!";
    print $to $text;
    close $to or die $!;
    return $path;
}

sub lab {
    my ($transport, $transform, $more) = @_;
    return lab_file(
        qq({ "transport": "$transport", "transform": "$transform", "port": 0 @{[$more // '']} }));
}

# What a run shows is what its log shows.
for my $name (qw(tcp-uppercase tcp-http-hello tcp-sliced udp-uppercase udp-pinger udp-lossy-uppercase)) {
    my ($log, $capture, $report) = (log_file(), log_file(), log_file());
    my (undef, undef, $shown) = run_protolab("Ping 1 0\n\e[31m\xff\n", 'run', "$labs/$name.json", '--port', 0,
        '--log', $log, '--pcap', $capture, '--report', $report, '--trace=calls');
    $shown =~ s/^protolab: .*\n//mg;
    ok((run_protolab('', 'render', $log, '--trace=calls'))[1] eq $shown,
        "$name: render shows the calls that the run has shown");
    for my $trace (qw(messages hex)) {
        my ($status, $out, $err) = run_protolab('', 'render', $log, "--trace=$trace");
        is("$status$err", '0', "... --trace=$trace");
        cmp_ok($out =~ tr/\n//, '>', 8, '... has something to show');
    }
    for my $form ([ 'pcapng', $capture ], [ 'html', $report ]) {
        my $rendered = log_file();
        is_deeply([ run_protolab('', 'render', $log, '--as', $form->[0], '--output', $rendered) ],
            [ 0, '', '' ], "$name: render --as $form->[0]");
        ok(slurp($rendered) eq slurp($form->[1]), '... makes the same file');
    }
    my ($status, $out, $err) = run_protolab('', 'render', $log, '--as=svg');
    is("$status$err", '0', "$name: render --as=svg");
    like($out, qr/<svg\b.*<\/svg>\s*\z/s, '... makes a picture');
}
{
    my ($log, $report) = (log_file(), log_file());
    my $hostile = '</script><script>alert(1)</script><!--';
    run_protolab("$hostile\n", 'run', lab('udp', 'echo', qq(, "title": "$hostile")), '--log', $log, '--report', $report);
    is(scalar(() = slurp($log) =~ /\Q$hostile\E/g), 9, 'bytes that are HTML are themselves in a log');
    run_protolab('', 'render', $log, '--as=html', "--output=$report");
    is(scalar(() = slurp($report) =~ m{</?script|<!--}gi), 4, '... and no part of a page');
}
my $log = log_file();
run_protolab("hello\n", 'run', "$labs/udp-uppercase.json", '--port', 0, '--log', $log);
my (undef, $text) = run_protolab('', 'render', $log);
{
    is_deeply([ run_command(slurp($log), $protolab, 'render', '-') ], [ 0, $text, '' ], 'render -');
    is_deeply([ run_protolab('', 'render', '--as', 'text', $log, '--output=-') ], [ 0, $text, '' ],
        '--output=- is standard output');
    my $file = log_file();
    is_deeply([ run_protolab('', 'render', $log, '--output', $file) ], [ 0, '', '' ], '--output');
    is(slurp($file), $text, '... writes a file');
    like((run_protolab('', 'render', $log, '--color=always'))[1], qr/\e\[/, '--color');

    # While the log grows.
    my $command = start_command({}, $protolab, 'render', '-', '--as=pcapng');
    my @lines = slurp($log) =~ /.*\n/g;
    my $in = $command->{in};
    my ($first) = grep { $lines[$_] =~ /"received","side":"server"/ } 0 .. $#lines;
    print $in @lines[ 0 .. $first ];
    ok(read_until($command, qr/hello/), 'a log that grows is shown as far as it goes');
    print $in @lines[ $first + 1 .. $#lines ];
    ok(read_until($command, qr/HELLO/), '... and on');
    is(finish($command), 0, '... until it ends');
}

# ---------------------------------------------------------------------- refusals --

my @lines = slurp($log) =~ /.*\n/g;
my $as_written = 'A log is read as protolab has written it; protolab-events(5) has the form.';
my $from_where = 'Such a log comes from protolab run, serve or client with --log.';
for (
    [ '',            ':1: the file is empty', $from_where ],
    [ "\n",          ":1: this is no log of protolab's events", $from_where ],
    [ slurp("$labs/udp-echo.json"), ":1: this is no log of protolab's events", $from_where ],
    [ slurp($protolab), ":1: this is no log of protolab's events", $from_where ],
    [ $lines[0] =~ s/:1,/:2,/r, ':1: the log has form 2, and this protolab reads form 1',
        'Use the protolab that wrote it, or a later one.' ],
    [ "$lines[0]\n", ':2:1: an empty line', $as_written ],
    [ "$lines[0]\e[31m\n", ':2:1: the { of an event is wanted', $as_written ],
    [ $lines[0] . $lines[1] =~ s/"side":"server"/"side":"\e[31m"/r, qr/:2:\d+: no JSON from here on/, $as_written ],
    [ $lines[0] . $lines[2] =~ s/"local":"[^"]*"/"local":"localhost"/r,
        qr/:2:\d+: "local": an address like "127\.0\.0\.1:12000" or "\[::1\]:12000" is wanted/, $as_written ],
    [ $lines[0] . $lines[2] . $lines[1],
        qr/:3:6: the time of this event is before that of the line above/, $as_written ],
    [ $lines[0] . $lines[0], ':2:1: another log begins here; each is rendered by itself', $as_written ],
  )
{
    my ($bytes, $what, $remedy) = @$_;
    my $path = spew(log_file(), $bytes);
    $what = quotemeta $what if !ref $what;
    my ($status, $out, $err) = run_protolab('', 'render', $path);
    is($status, 2, 'a bad log: status 2');
    like($err, qr/\Aprotolab: \Q$path\E$what\n\Q$remedy\E\n\z/, "... $what");
}
{
    my $whole = join '', @lines[ 0 .. 10 ];
    my ($status, $out, $err) = run_command(substr($whole, 0, -5), $protolab, 'render', '-');
    is($status, 0, 'a log that is cut short');
    is($err, "protolab: standard input:11: the last line is cut short: its writer was stopped; all "
        . "before it is used\n", '... is told');
    is($out, (run_command(join('', @lines[ 0 .. 9 ]), $protolab, 'render', '-'))[1], '... all before it is shown');

    # A part of what was wrong already is shown as well.
    ($status, $out, $err) = run_command(join('', @lines[ 0 .. 9 ], "x\n"), $protolab, 'render', '-');
    is($status, 2, 'a log that is broken in its middle');
    like($out, qr/bind/, '... is shown until there');

    ($status, $out, $err) = run_command($lines[0] . qq({"t":0,"event":"dreamt"}\n) . join('', @lines[ 1 .. $#lines ]),
        $protolab, 'render', '-');
    is("$status$out", "0$text", 'an event of a later version is passed over');
    is($err, "protolab: standard input: 1 events are of a kind that this protolab does not know\n"
        . "A later protolab shows them.\n", '... which is told');
}
{
    my $log = log_file();
    my $server = start_server(lab('tcp', 'echo', ', "framing": "line"'), '--log', $log);
    my $socket = tcp($server);
    print $socket "still here\n";
    read_line($socket);
    ok(eventually { slurp($log) =~ /"event":"send".*\n/ }, 'a log is written while the server serves');
    stop_server($server, 'KILL');
    my ($status, $out) = run_protolab('', 'render', $log);
    is($status, 0, '... where that is killed');
    like($out, qr/still here/, '... has what came before');
}
for (
    [ [ 'render', 'none.jsonl' ], "2protolab: none.jsonl: No such file or directory\nIs the name right?\n" ],
    [ [ 'render', scratch() ], '2protolab: ' . scratch() . ": Is a directory\n" ],
    [ [ 'render' ], "2protolab: render: FILE is missing\nUsage: protolab render FILE\n" ],
    [ [ 'render', '--as=pdf', $log ],
        qq(2protolab: render: --as "pdf": text, html, svg or pcapng is wanted\n) ],
    [ [ 'render', '--as=svg', '--trace', $log ], "2protolab: render: --trace: only with --as text\n" ],
    [ [ 'render', '--output=', $log ], qq(2protolab: render: --output "": a file's name is wanted\n) ],
    (map { [ [ 'render', "--as=$_", '--output=/nonexistent/x', $log ],
                "1protolab: /nonexistent/x: No such file or directory\n" ] } qw(text html svg pcapng)),
  )
{
    my ($command, $wanted) = @$_;
    my ($status, $out, $err) = run_protolab('', @$command);
    is("$status$err", $wanted, join ' ', 'protolab', @$command);
}
SKIP: {
    skip 'no /dev/full', 4 if !-c '/dev/full';
    for my $form (qw(text html svg pcapng)) {
        my ($status, $out, $err) = run_protolab('', 'render', "--as=$form", '--output=/dev/full', $log);
        like("$status$err", qr{\A1protolab: /dev/full: No space left on device}, "a full disk, as $form");
    }
}
{
    # 101 MiB that are one line.
    my ($status, $out, $err) = run_command('', 'sh', '-c', "head -c 105906176 /dev/zero 2>/dev/null | '$protolab' render -");
    is("$status$err", "2protolab: standard input:1: the line is longer than 100 MiB\n", 'a line without an end');
}


done_testing;
