# The live page's server: what it serves, to whom, and that no browser can hold up the lab.
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ProtolabTest;
use WebTest;

plan skip_all => 'built without libmicrohttpd' if !has_web();

my $echo = lab_file('{ "transport": "tcp", "transform": "echo", "framing": "line", "port": 0,
  "limits": { "message_bytes": 8192 } }', 'echo.json');

sub says { my ($text) = @_; return sub { ($_[0]{event} // '') eq 'sent' && ($_[0]{utf8} // '') eq $text } }

# Sends a line to the lab and waits for its echo.
sub speak {
    my ($client, $text) = @_;
    send_all($client, "$text\n");
    return read_exactly($client, 1 + length $text) =~ s/\n\z//r;
}

# Whether the stream tells of that echo.
sub told {
    my ($stream, $text) = @_;
    return scalar grep { says($text)->($_) } read_events_until($stream, says($text), qr/"\Q$text\E"/);
}

my $sanitized = slurp($protolab) =~ /__asan_init/;

# --- the page's files ---

my $server = start_web($echo);
my $client = tcp($server);
is(speak($client, 'before'), 'before', 'the lab works beside its page');

my %types = ('/' => 'text/html', '/page.css' => 'text/css', '/page.js' => 'text/javascript',
    '/icon.svg' => 'image/svg+xml');
for my $path (sort keys %types) {
    my ($status, $header, $body) = request($server, $path);
    is($status, 200, "$path is there");
    like($header->{'content-type'}, qr{^\Q$types{$path}\E}, '... of its type');
    is($header->{'x-content-type-options'}, 'nosniff', '... which no browser is to guess');
    like($header->{'content-security-policy'},
        qr/default-src 'none'; script-src 'self'; style-src 'self';.*connect-src 'self'/,
        '... under a strict policy');
    unlike($header->{'content-security-policy'}, qr/unsafe|\*|http/, '... without exceptions');
    unlike($body =~ s{http://www\.w3\.org/\S+}{}gr, qr{https?:|src="//|href="//}, '... loads nothing from elsewhere');
    unlike($body, qr/\son\w+="|\sstyle="|javascript:/i, '... with no script or style in an attribute');
    is($header->{'cross-origin-resource-policy'}, 'same-origin', '... for no other site');
    is($header->{'cache-control'}, 'no-store', '... kept by no cache');
}
my ($status, $header, $body) = request($server, '/', method => 'HEAD');
is_deeply([$status, $body], [200, ''], 'HEAD has no body');
($status, $header) = request($server, '/', method => 'POST', body => 'x' x 100, headers => { 'Content-Length' => 100 });
is($status, 405, 'POST is refused');
is($header->{allow}, 'GET, HEAD', '... which says what is not');
is((request($server, $_))[0], 404, "$_ is not there") for '/../etc/passwd', '/page.html', '/events/', '//';
SKIP: {
    skip 'a build with a sanitizer is not locked down', 1 if $sanitized;
    like(slurp("/proc/$server->{pid}/status"), qr/^Seccomp:\s*2$/m, 'all that in a locked-down server');
}

# --- who may ask ---

my @refused = (
    ['another name for 127.0.0.1' => Host => 'evil.example'],
    ['... with our port'          => Host => "evil.example:$server->{web}"],
    ['a name that begins like it' => Host => '127.0.0.1.evil.example'],
    ['... or like localhost'      => Host => 'localhost.evil.example'],
    ['a port that is none'        => Host => '127.0.0.1:80@evil.example'],
    ['no name at all'             => Host => ''],
    ['another origin'             => Origin => 'http://evil.example'],
    ['another port of ours'       => Origin => 'http://127.0.0.1:1'],
    ['a page without an origin'   => Origin => 'null'],
    ['another site'               => 'Sec-Fetch-Site' => 'cross-site'],
    ['another port, as a site'    => 'Sec-Fetch-Site' => 'same-site'],
);
for (@refused) {
    my ($what, $name, $value) = @$_;
    for my $path ('/', '/events') {
        my ($got, undef, $text) = request($server, $path, headers => { $name => $value });
        is($got, 403, "$what may not read $path");
        unlike($text, qr/before|<html/, '... and learns nothing');
    }
}
my @let_in = (
    ['localhost' => Host => "localhost:$server->{web}"],
    ['LOCALHOST' => Host => 'LOCALHOST'],
    ['a forwarded port' => Host => '127.0.0.1:8080'],
    ['our own page' => Origin => "http://127.0.0.1:$server->{web}"],
    ['our own page, said otherwise' => 'Sec-Fetch-Site' => 'same-origin'],
    ['an address that was typed' => 'Sec-Fetch-Site' => 'none'],
);
is((request($server, '/', headers => { $_->[1] => $_->[2] }))[0], 200, "$_->[0] may") for @let_in;
is((request($server, '/', headers => { 'Sec-Fetch-Site' => 'cross-site', 'Sec-Fetch-Mode' => 'navigate' }))[0],
    200, 'a link from elsewhere may be followed');

# --- the stream of events ---

{
    my $stream = open_stream($server);
    is($stream->{status}, 200, 'a page that comes late');
    is($stream->{header}{'content-type'}, 'text/event-stream', '... gets server-sent events');
    my ($scene, @events) = read_events_until($stream, says('before'));
    is($scene->{kind}, 'scene', '... first the run');
    is($scene->{lab}, 'echo', '... by its name');
    is_deeply([map { $_->{event} } @events[0 .. 6]], [qw(created bound listening accepted recv received sent)],
        '... then what it has missed');
    speak($client, 'now');
    my @more = read_events_until($stream, says('now'));
    is($more[-1]{session} // $more[-2]{session}, 1, '... then what happens');
    ok(!(grep { ($_->{utf8} // '') eq 'before' } @more), '... and nothing twice');

    my $again = open_stream($server, last => $stream->{id});
    speak($client, 'later');
    my @rest = read_events_until($again, says('later'));
    ok(!(grep { ($_->{utf8} // '') =~ /now/ } @rest), 'a page that comes back goes on where it was');
    my $other = open_stream($server, last => '123abc-7');
    ok(told($other, 'before'), 'a page of another run begins anew');
    my $ahead = open_stream($server, last => ($stream->{id} =~ s/-.*/-99999999/r));
    ok(told($ahead, 'before'), '... and so does one that is ahead of us');
}

# --- many and rude browsers ---

{
    my @idle = map { knock($server) } 1 .. 200;
    is((request($server, '/'))[0], 200, 'a page beside 200 idle connections');
    is(speak($client, 'beside 200'), 'beside 200', '... and the lab');
}
{
    # Those of before that have left are found when something is sent to them.
    my @streams;
    ok(eventually { @streams = (); speak($client, 'knock'); @streams = map { open_stream($server) } 1 .. 64;
        (grep { $_->{status} == 200 } @streams) == 64 }, '64 pages at a time');
    my ($got, undef, $text) = request($server, '/events');
    is($got, 503, '... the next one is told to wait');
    like($text, qr/Too many pages are open/, '... with the reason');
    speak($client, 'to all');
    is((grep { told($_, 'to all') } @streams), 64, '... and each gets every event');
    @streams = ();
    ok(eventually { (request($server, '/events', method => 'HEAD'))[0] == 200 }, '... until others have gone');
}
{
    my @garbage = (
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\0" x 5000, "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        'GET /' . 'a' x 100_000 . " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET / HTTP/1.1\r\n" . ('X: ' . 'y' x 1000 . "\r\n") x 200 . "\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\n" . 'z' x 100_000,
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
        "POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\n" . 'z' x 100_000,
        join('', map { chr(($_ * 7919) % 256) } 1 .. 20_000),
    );
    for my $bytes (@garbage) {
        my $socket = knock($server);
        send_all($socket, $bytes);
        close $socket;
    }
    my @half = map { my $socket = knock($server); send_all($socket, substr "GET /events HTTP/1.1\r\nHost: x", 0, $_); $socket }
      1 .. 30;
    is(speak($client, 'after garbage'), 'after garbage', 'the lab goes on after garbage and half a request');
    is((request($server, '/'))[0], 200, '... and so does the page');
    cut_off($_) for @half;
}

# --- a browser that does not read ---

{
    my $stuck = open_stream($server, small => 1);
    my $text = 'x' x 4000;
    my $same = grep { speak($client, "$text$_") eq "$text$_" } 1 .. 1500;
    is($same, 1500, 'a stuck browser does not hold up the lab');
    speak($client, 'the newest');
    my $short = qr/skipped|the newest|listening/;
    my ($note) = grep { defined $_->{skipped} } read_events_until($stuck, says('the newest'), $short);
    cmp_ok($note->{skipped} // 0, '>', 100, '... and is told how much it has missed, once it reads');
    my ($first, @more) = read_events_until(open_stream($server), says('the newest'), $short);
    is($first->{event}, 'listening', 'a page that comes after that gets the beginning');
    cmp_ok($more[0]{skipped} // 0, '>', 100, '... learns how much is no longer there');
    ok((grep { says('the newest')->($_) } @more), '... and gets the newest');
    my $memory = slurp("/proc/$server->{pid}/status") =~ /^VmRSS:\s*(\d+)/m ? $1 : 0;
    cmp_ok($memory, '<', 60_000, '... from bounded memory') if !$sanitized;
}

# --- the end ---

{
    my $follows = open_stream($server);
    told($follows, 'the newest');
    my $stuck = open_stream($server, small => 1);
    my $half = knock($server);
    send_all($half, 'GET /eve');
    is(stop_server($server), 0, 'SIGTERM ends the server, whoever looks on');
    my @events = read_events_until($follows, sub { 0 });
    ok((grep { ($_->{event} // '') eq 'closed' && $_->{role} eq 'welcoming' } @events),
        'an open page gets the last events');
    ok($follows->{ended}, '... and is told that these are all');
    unlike($server->{said}, qr/MHD|http.*error|assert/i, 'nothing else was said') or diag($server->{said});
}

# --- where it is ---

{
    my $taken = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 1) or die $!;
    my $port = $taken->sockport;
    my ($got, undef, $said) = run_protolab('', 'serve', $echo, "--web=$port");
    is($got, 1, 'a port that is taken');
    is($said, "protolab: --web: port $port: Address already in use; --web alone takes a free one\n", '... is told');
    close $taken;
    my $other = start_server($echo, "--web=$port");
    is(web_of(said_so_far($other)), $port, 'the port that was asked for');
    ok(!defined IO::Socket::IP->new(PeerHost => '127.0.0.2', PeerPort => $port), '... on 127.0.0.1 alone');
    stop_server($other);
}
{
    my $several = start_web($echo, '--workers', 2);
    my $stream = open_stream($several);
    is(speak(tcp($several), 'together'), 'together', 'a lab with several workers');
    ok(told($stream, 'together'), '... is watched as one');
    like(said_so_far($several), qr/what 2 workers see cannot be shown in one place/, '... and says so');
    is(stop_server($several), 0, '... and ends');
}

# --- run and client ---

{
    my $run = start_command({ talk => 1 }, $protolab, 'run', $echo, '--port', 0, '--web');
    my $said = read_until($run, qr{watch it at http://127\.0\.0\.1:\d+/\n}, $run->{talk});
    my $stream = open_stream({ web => web_of($said) });
    print { $run->{in} } "both sides\n";
    my @events = read_events_until($stream, sub { ($_[0]{event} // '') eq 'received' && $_[0]{side} eq 'client' });
    is_deeply([map { "$_->{side} $_->{event}" } grep { ($_->{event} // '') =~ /^(?:sent|received)$/ } @events],
        ['client sent', 'server received', 'server sent', 'client received'], 'run: a page of both sides');
    is(finish($run), 0, '... which ends with it');
    read_events_until($stream, sub { 0 });
    ok($stream->{ended}, '... and is told');
}
{
    my $lab = start_server($echo);
    my $talker = start_command({ talk => 1 }, $protolab, 'client', $echo, '--port', $lab->{port}, '--web');
    my $said = read_until($talker, qr{watch it at http://127\.0\.0\.1:\d+/\n}, $talker->{talk});
    my $stream = open_stream({ web => web_of($said) });
    print { $talker->{in} } "one side\n";
    my @events = read_events_until($stream, sub { ($_[0]{event} // '') eq 'received' });
    is((grep { ($_->{side} // 'client') ne 'client' } @events), 0, 'client: a page of its own side');
    is(finish($talker), 0, '... which ends with it');
    stop_server($lab);
}

done_testing;
