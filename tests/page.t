# The live page in a real browser: what it shows, that a peer's bytes stay text, keys, many clients.
use strict;
use warnings;
use utf8;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use Chromium;
use ProtolabTest;
use WebTest;

plan skip_all => 'no Chromium here: the page was not tried in a browser' if !Chromium::program();
plan skip_all => 'built without libmicrohttpd' if !has_web();

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $browser = Chromium->new;

sub address { my ($server) = @_; return "http://127.0.0.1:$server->{web}/" }

# The rows of the diagram that are drawn, as text.
sub rows { return join "\n", @{ $browser->value(q([...document.querySelectorAll('.row')]
    .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
    .map((row) => row.querySelector('.lanes').innerText.replace(/\s+/g, ' ')))) } }

sub doors { return join '|', @{ $browser->value(q([...document.querySelectorAll('.door')]
    .map((door) => door.title + ' ' + door.innerText.replace(/\s+/g, ' ')))) } }

sub text { my ($id) = @_; return $browser->value("document.getElementById('$id').innerText") }

# Waits until a row says that.
sub shows { my ($text) = @_; return $browser->until(
    "[...document.querySelectorAll('.row')].some((row) => row.textContent.includes('$text'))") }

# --- one client ---

my $lab = lab_file('{ "transport": "tcp", "transform": "uppercase", "framing": "line", "port": 0,
  "title": "Title </script><script>alert(2)</script> & \u202e" }', 'upper.json');
my $server = start_web($lab);
$browser->open_page(address($server));
ok(shows('listen()'), 'the page shows what was before it came');
is(text('state'), 'Live', 'it is live');
ok($browser->until(q(document.querySelector('.door'))), 'sockets are doors');
like(doors(), qr/welcoming door, listening .*0 clients let in/, 'a welcoming door');

my $client = tcp($server);
print $client "hello, door\n";
ok(shows('HELLO, DOOR'), 'a message and its answer appear by themselves');
like(rows(), qr/connect\naccept\(\) → connection socket, fd \d+\nhello, door 11 bytes\nHELLO, DOOR 11 bytes\z/,
    '... in the order of the book');
my $port = $client->sockport;
ok($browser->until(q(document.querySelectorAll('.door').length === 2)), 'a connection door beside the welcoming one');
like(doors(), qr/1 client let in.*\|connection door of client 1, connected, 127\.0\.0\.1:$port .*1 message in, 1 out/,
    '... with its peer, state and messages');

# --- hostile bytes ---

my @hostile = ('<script>alert(1)</script>', '</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>',
    "'; alert(1); //", "\e[31mred\e]0;title\a", "\xe2\x80\xae\xef\xbb\xbfbidi", '${alert(1)} {{1}} &lt;b&gt;',
    "\xff\xfe\x00\x80", '<svg/onload=alert(1)>', '-->' . '<!--', ']]>', 'javascript:alert(1)');
print $client "$_\n" for @hostile;
print $client "last\n";
ok(shows('LAST'), 'hostile bytes do not stop the page');
my $shown = $browser->value(q(diagram.shown.map((row) => row.kind === 'message' ? shownData(row.events[0]) : '').join('\n')));
like($shown, qr/^\Q$_\E$/m, "$_ is text") for $hostile[0], $hostile[1], $hostile[2], $hostile[6], $hostile[8],
  '\x1b[31mred\x1b]0;title\x07', '\u202e\ufeffbidi', '\xff\xfe\x00\x80';
$browser->press('Home');
$browser->press('ArrowDown') for 1 .. 30;
is_deeply($browser->value(q([document.scripts.length, document.images.length, document.querySelectorAll(
    'iframe, object, embed, [onerror], [onload], body svg:not(.door-picture), #title *, .what *').length])),
    [1, 0, 0], 'nothing of it has become a part of the page');
unlike($browser->value(q(document.body.innerText)), qr/[\x{1b}\x{7}\x{202e}\x{feff}]/, 'nothing of it steers the writing');
is(text('title'), 'Title </script><script>alert(2)</script> & \u202e', 'the title stays text too');
is_deeply([$browser->complaints], [], 'no script failed, and no policy was broken');

# --- choosing, and the sockets as they were ---

$browser->press('Escape');
$browser->value(q([...document.querySelectorAll('.row')].at(-1).click()));
like(text('details-body'), qr/Message from the server to client 1.*4 bytes as text\s+LAST.*0000  4c 41 53 54\s+LAST/s,
    'a click shows the bytes, as text and in hexadecimal');
$browser->press('ArrowUp');
like(text('details-body'), qr/Message from client 1 to the server.*last/s, 'the arrow keys choose another line');
$browser->press('Home');
is(text('doors-title') =~ s/ at .*//r, 'Sockets', 'the sockets as they were at that line');
like(doors(), qr/^welcoming door, created[^|]*$/, '... when only the welcoming one was made');
$browser->press('Escape');
like(doors(), qr/listening.*\|.*connected/, '... and as they are');

$browser->press('End');

# --- calls, pause, theme, size, keys ---

$browser->press('c');
ok($browser->value(q(diagram.shown.some((row) => row.text?.startsWith('recv() → ')))), 'c: every recv and send');
$browser->press('c');
$browser->press(' ');
is(text('state'), 'Paused', 'Space: a pause');
print $client "while paused\n";
ok($browser->until(q(page.queue.length >= 4)), '... in which events wait');
unlike(rows(), qr/while paused/, '... unseen');
$browser->press(' ');
ok(shows('WHILE PAUSED'), '... and come after it');
my $before = $browser->value(q(getComputedStyle(document.body).backgroundColor));
$browser->press('d');
isnt($browser->value(q(getComputedStyle(document.body).backgroundColor)), $before, 'd: dark');
my $size = $browser->value(q(diagram.height));
$browser->press('+');
cmp_ok($browser->value(q(diagram.height)), '>', $size, '+: larger');
$browser->press('0');
is($browser->value(q(diagram.height)), $size, '0: as before');
$browser->press('?');
like(text('keys'), qr/Space.*pause/s, '?: the keys');
my @unknown = grep { !$browser->value(qq(document.getElementById('keys').innerText.includes('$_'))) }
  @{ $browser->value(q(Object.keys(KEYS).map((key) => ({ ' ': 'Space', ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc',
    PageDown: 'Page', PageUp: 'Page', '=': '+' }[key] ?? key)))) };
is_deeply(\@unknown, [], '... all of them') or diag("@unknown");
$browser->press('?');

# --- half-closed, closed, and the end ---

shutdown $client, 1;
ok(shows('FIN: nothing more to send'), 'a FIN is an arrow');
ok($browser->until(q(document.querySelector('.door.closed'))), 'a closed door');
$browser->value(q(diagram.choose(diagram.shown.find((row) => row.text?.startsWith('FIN')))));
like(doors(), qr/half-closed: the peer has finished sending/, '... that was half-closed before');
$browser->press('End');
my $second = tcp($server);
cut_off($second);
ok(shows('RST') || shows('reset'), 'a reset is seen');
is(stop_server($server), 0, 'the server ends beside an open page');
ok($browser->until(q(document.getElementById('state').textContent === 'The run has ended')), '... which says so');
is_deeply([$browser->complaints], [], '... and finds nothing wrong');
SKIP: {
    my $again = eval { start_server($lab, "--web=$server->{web}") } or skip 'the port has gone to another', 2;
    ok($browser->until(q(document.getElementById('state').textContent === 'Live')), 'the next run at that port');
    ok($browser->until(q(model.events === 3 && diagram.shown.length === 3)), '... takes its place');
    stop_server($again);
}

# --- many clients ---

$server = start_web($lab);
$browser->open_page(address($server));
my @clients = map { tcp($server) } 1 .. 500;
for my $round (1 .. 4) {
    print { $clients[$_ - 1] } "round $round of $_\n" for 1 .. 500;
    read_line($_) for @clients;
}
ok($browser->until(q(model.events >= 3 + 500 * 17 && page.queue.length === 0)), '500 clients: no event is missing');
like(text('heads'), qr/500 clients/, '... share a lifeline');
cmp_ok($browser->value(q(document.querySelectorAll('*').length)), '<', 1500, '... and need few elements');
ok($browser->until(q(document.getElementById('door-count').textContent.startsWith('500 connected; 4'))),
    'not all doors are drawn, and it says so');
$browser->press('f');
$browser->value(q(setFilter('321')));
like(rows(), qr/\Aconnect\naccept\(\).*\nround 1 of 321 14 bytes\n.*ROUND 4 OF 321 14 bytes\z/s,
    'one client of them, from connect to the newest');
like(text('heads'), qr/client 321/, '... with a lifeline of its own');
like(text('count'), qr/showing 10 of /, '... and how many lines are hidden');
$browser->value(q(setFilter('ROUND 2 of 499')));
is($browser->value('diagram.shown.length'), 2, 'lines with a text');
$browser->press('Escape');
close $_ for @clients;
ok($browser->until(q(document.getElementById('door-count').textContent.startsWith('500 closed'))), 'all closed');
stop_server($server);

# --- more than the server keeps ---

$server = start_web(lab_file('{ "transport": "tcp", "transform": "echo", "framing": "line", "port": 0 }'));
$client = tcp($server);
for my $round (1 .. 40) {
    my $lines = 'x' x 4000 . "\n";
    send_all($client, $lines x 30);
    read_exactly($client, length($lines) * 30);
}
$browser->open_page(address($server));
ok($browser->until(q(model.skipped > 0 && page.queue.length === 0)), 'a page that is opened late');
like(text('count'), qr/\d events missing/, '... says how much is missing');
like($browser->value(q(diagram.shown.map((row) => row.text ?? rowTitle(row)).join('|'))),
    qr/listen\(\).*\d events missing/, '... and where');
stop_server($server);

# --- the link ---

$server = start_web(lab_file('{ "transport": "udp", "transform": "uppercase", "port": 0,
  "link": { "script": ["drop 2 in", "drop 2 out", "corrupt 3 out"] } }'));
$browser->open_page(address($server));
my $udp = udp($server);
exchange($udp, 'one');
$udp->send('two, lost');
$udp->send('three, its answer lost');
exchange($udp, 'four, its answer corrupted');
ok(shows('corrupted bit'), 'what the link does is told in the diagram');
my @arrows = @{ $browser->value(q([...document.querySelectorAll('.row')]
    .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
    .map((row) => row.querySelector('.arrow')).filter((arrow) => arrow !== null)
    .map((arrow) => (arrow.classList.contains('lost') ? 'lost ' : '')
                    + (arrow.classList.contains('to-server') ? 'in ' : 'out ') + arrow.querySelector('.what').innerText))) };
is_deeply(\@arrows, ['in one', 'out ONE', 'lost in two, lost', 'in three, its answer lost',
    'lost out THREE, ITS ANSWER LOST', 'in four, its answer corrupted', 'out FOUR, ITS ANSWER CORRUPTED'],
    '... and what it drops does not arrive') or diag(explain(\@arrows));
$browser->until(q(document.querySelectorAll('.packet').length === 7));
like(text('link-in'), qr/4 packets: 3 passed, 1 dropped \(25 %\)/, 'its plan: to the server');
like(text('link-out'), qr/3 packets: 1 passed, 1 dropped \(33 %\), 1 corrupted \(33 %\)/, '... and to the client');
like(doors(), qr/^the one door, open to all [^|]*for 1 client[^|]*$/, 'one door for all datagrams');
stop_server($server);
is_deeply([$browser->complaints], [], 'and nothing was wrong');
undef $browser;

done_testing;
