# --report: one self-contained page, to hand in.
use strict;
use warnings;

use Digest::SHA qw(sha256_base64);
use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use Chromium;
use ProtolabTest;

my $folder = scratch();
my $lab = lab_file('{ "transport": "tcp", "transform": "uppercase", "framing": "line", "port": 0,
  "title": "</script><script>alert(1)</script>" }', 'upper.json');
my @hostile = ('</script><script>alert(1)</script>', '<!--<script>', ']]>', '"><img src=x onerror=alert(1)>',
    "\e]0;title\a", "\xff\xfe", "\xe2\x80\xae", '&lt;b&gt;');

# The lines of JSON in a report.
sub events_of {
    my ($html) = @_;
    my ($lines) = $html =~ m{<script type="application/json" id="events">\n(.*?)</script>}s;
    return map { JSON::PP->new->utf8->decode($_) } split /\n/, $lines // '';
}

# --- what it holds ---

my $file = "$folder/run.html";
my ($status, $out, $err) = run_protolab(join("\n", 'hello', @hostile) . "\n", 'run', $lab, '--port', 0,
    "--report=$file", "--log=$folder/run.log");
is($status, 0, 'run --report') or diag($err);
my $html = slurp($file);
my ($scene, @events) = events_of($html);
is($scene->{lab}, 'upper', 'a report names its lab');
is_deeply([map { $_->{event} } @events[0 .. 2]], [qw(created bound listening)], '... and tells of it from the beginning');
is($events[-1]{event}, 'closed', '... to the end');
my @told = map { defined $_->{utf8} ? $_->{utf8} : pack 'H*', $_->{hex} }
  grep { $_->{event} eq 'received' && $_->{side} eq 'server' } @events;
utf8::encode($_) for @told;
is_deeply([@told], ['hello', @hostile[0 .. 4], "\xc3\xbf\xc3\xbe", @hostile[6, 7]], 'every byte of a peer is there');

# --- that nothing gets out of it, or in ---

is(() = $html =~ /<script/g, 2, 'two scripts: the events, and the page');
is(() = $html =~ m{</script}g, 2, '... which nothing ends early');
my $page = $html =~ s{id="events">.*?</script>}{}sr;
unlike($page =~ s{http://www\.w3\.org/\S+}{}gr, qr{https?:|\ssrc=|\shref=|url\(|\@import|//cdn}, 'it loads nothing');
my ($policy) = $html =~ /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/;
like($policy, qr/^default-src 'none';/, 'its policy allows nothing');
my ($script) = $html =~ m{<script>(.*)</script>}s;
my ($style) = $html =~ m{<style>(.*?)</style>}s;
like($policy, qr/script-src '\Qsha256-@{[sha256_base64($script)]}=\E';/, '... but its own script');
like($policy, qr/style-src '\Qsha256-@{[sha256_base64($style)]}=\E';/, '... and its own style');
cmp_ok(index($html, $policy), '<', index($html, '<style>'), '... which it stands before');

# --- from a log ---

($status, $out, $err) = run_protolab('', 'render', "$folder/run.log", '--as', 'html');
is($status, 0, 'render --as html') or diag($err);
ok($out eq $html, '... makes the same page from the log');

# --- where it cannot be written ---

($status, undef, $err) = run_protolab("x\n", 'run', $lab, '--port', 0, "--report=$folder/none/run.html");
is($status, 1, 'a folder that is not there');
like($err, qr{^protolab: \Q$folder/none/run.html\E: No such file or directory$}m, '... is named');
SKIP: {
    skip 'no /dev/full', 2 if !-w '/dev/full';
    ($status, undef, $err) = run_protolab("x\n", 'run', $lab, '--port', 0, '--report=/dev/full');
    is($status, 1, 'a full disk');
    like($err, qr{^protolab: /dev/full: No space left on device}m, '... is told');
}
($status, $out) = run_protolab('', 'run', $lab, '--port', 0, '--report=-');
like($out, qr/^<!DOCTYPE html>.*<\/html>\n\z/s, 'standard output');

# --- server and client, and a long run ---

{
    my $server = start_server(lab_file('{ "transport": "tcp", "transform": "echo", "framing": "line", "port": 0 }'),
        "--report=$folder/serve.html");
    my $client = tcp($server);
    for my $round (1 .. 40) {
        my $lines = sprintf("%04d%s\n", $round, 'x' x 4000) x 30;
        send_all($client, $lines);
        read_exactly($client, length $lines);
    }
    print $client "the last\n";
    read_line($client);
    is(stop_server($server), 0, 'serve --report, locked down');
    my $long = slurp("$folder/serve.html");
    cmp_ok(length $long, '<', 9 * 1024 * 1024, 'the report of a long run is bounded');
    my @kept = events_of($long);
    my ($gap) = grep { defined $_->{skipped} } @kept;
    cmp_ok($gap->{skipped} // 0, '>', 100, '... says how much it left out');
    like($kept[4]{event} . ' ' . $kept[-1]{event}, qr/^accepted closed$/, '... between the beginning and the end');
    ok((grep { ($_->{utf8} // '') eq 'the last' } @kept[-20 .. -1]), '... which is whole');
}
{
    my $server = start_server($lab);
    ($status) = run_protolab("one\n", 'client', $lab, '--port', $server->{port}, "--report=$folder/client.html");
    is($status, 0, 'client --report');
    is_deeply([grep { ($_->{side} // 'client') ne 'client' } events_of(slurp("$folder/client.html"))], [], '... is of its side');
    stop_server($server);
}

# --- in a browser ---

SKIP: {
    skip 'no Chromium here: the report was not tried in a browser', 6 if !Chromium::program();
    my $browser = Chromium->new;
    $browser->open_page("file://$file");
    ok($browser->until(q(document.querySelectorAll('.row').length > 0)), 'it opens without a server');
    like($browser->value(q(document.getElementById('state').innerText)), qr/^Report, \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
        '... says what it is');
    is($browser->value(q(document.getElementById('title').innerText)), '</script><script>alert(1)</script>', '... of which lab');
    my $text = $browser->value(q(diagram.shown.filter((row) => row.kind === 'message')
        .map((row) => shownData(row.events[0])).join('\n')));
    like($text, qr/^\Q$_\E$/m, "$_ stays text") for @hostile[0 .. 3], '\x1b]0;title\x07', '\u202e';
    is_deeply($browser->value(q([document.images.length, document.querySelectorAll('.what *, h1 *').length])), [0, 0],
        'nothing of it has become a part of the page');
    is_deeply([$browser->complaints], [], 'no policy was broken');
    $browser->open_page("file://$folder/serve.html");
    ok($browser->until(q(/\d events missing/.test(document.getElementById('count').innerText))),
        'a long one says how much is missing');
}

done_testing;
