#!/usr/bin/perl
# http.t - http_hello: requests cut and glued, bodies, connections kept and closed, and what is no
# HTTP.
use strict;
use warnings;

use ProtolabTest;
use Socket qw(SHUT_WR);
use Test::More;

my $server = start_server("$srcdir/labs/tcp-http-hello.json");
my $url    = "http://$server->{host}:$server->{port}";

sub answer {
    my ($status, $page, @fields) = @_;
    return join "\r\n", "HTTP/1.1 $status", @fields, 'Content-Type: text/plain',
      'Content-Length: ' . length $page, '', $page;
}

my $close   = 'Connection: close';
my $hello   = answer('200 OK', "hello\n");
my $last    = answer('200 OK', "hello\n", $close);
my $none    = answer('404 Not Found', '');
my $not_get = answer('405 Method Not Allowed', '', 'Allow: GET, HEAD');
my $bad     = answer('400 Bad Request', '', $close);
(my $head = $hello) =~ s/hello\n//;

sub request {
    my ($line, @fields) = @_;
    return join "\r\n", $line, 'Host: a', @fields, '', '';
}

my $get = request('GET / HTTP/1.1');

# What the server says until it closes the connection; the client closes nothing.
sub all_of {
    my ($bytes) = @_;
    my $client = tcp($server);
    send_all($client, $bytes);
    return read_all($client);
}

# The same where the client finishes first.
sub until_end {
    my ($bytes) = @_;
    my $client = tcp($server);
    send_all($client, $bytes);
    shutdown $client, SHUT_WR;
    return read_all($client);
}

# ----------------------------------------------------------------- one by one --

for (
    [ 'GET',                 $hello,   $get ],
    [ 'HEAD',                $head,    request('HEAD / HTTP/1.1') ],
    [ 'another path',        $none,    request('GET /hello HTTP/1.1') ],
    [ 'a query',             $none,    request('GET /?a=b HTTP/1.1') ],
    [ 'HEAD, another path',  $none,    request('HEAD /x HTTP/1.1') ],
    [ 'POST',                $not_get, request('POST / HTTP/1.1', 'Content-Length: 3') . 'a=b' ],
    [ 'DELETE',              $not_get, request('DELETE /x HTTP/1.1') ],
    [ 'an unknown method',   $not_get, request('BREW / HTTP/1.1') ],
    [ 'GET with a body',     $hello,   request('GET / HTTP/1.1', 'content-length:3 ') . 'abc' ],
    [ 'a length of 0',       $hello,   request('GET / HTTP/1.1', 'Content-Length: 0') ],
    [ 'a length said twice', $hello, request('GET / HTTP/1.1', ('Content-Length: 1') x 2) . 'a' ],
    [ 'no field at all',     $hello, "GET / HTTP/1.1\r\n\r\n" ],
    [ 'an empty field',      $hello, request('GET / HTTP/1.1', 'X:') ],
    [ 'a body of 65536',     $hello, request('GET / HTTP/1.1', 'Content-Length: 65536') . 'x' x 65536 ],
    [ 'a head of 8192',      $hello, request('GET / HTTP/1.1', 'X: ' . 'y' x (8187 - length $get)) ],
  )
{
    my ($about, $wanted, $bytes) = @$_;
    is(until_end($bytes), $wanted, $about);
    is(until_end($bytes . $get), $wanted . $hello, '... and the connection is kept');
}

for (
    [ 'Connection: close', request('GET / HTTP/1.1', 'Connection: close') ],
    [ '... in capitals',   request('GET / HTTP/1.1', 'CONNECTION: CLOSE') ],
    [ '... among others',  request('GET / HTTP/1.1', 'Connection: TE, close') ],
    [ 'HTTP/1.0',          "GET / HTTP/1.0\r\n\r\n" ],
    [ '... with keep-alive', request('GET / HTTP/1.0', 'Connection: keep-alive') ],
  )
{
    my ($about, $bytes) = @$_;
    is(all_of($bytes . $get), $last, "$about: one answer, and the server closes");
}

# ----------------------------------------------------------------- pipelining --

is(until_end($get x 200), $hello x 200, '200 requests at once');
my $hidden = request('POST / HTTP/1.1', 'Content-Length: ' . length $get) . $get;
is(until_end($hidden . request('HEAD / HTTP/1.1') . request('GET /x HTTP/1.1') . $get),
    $not_get . $head . $none . $hello, 'a request in a body is no request');
is(all_of($get . request('GET / HTTP/1.1', 'Connection: close') . $get), $hello . $last,
    'what stands behind the last one is not answered');
is(all_of("$get$get\r\n"), $hello x 2 . $bad, 'what is broken is told behind good answers');

# ------------------------------------------------------------------- cut --

{
    my $bytes = request('POST /x HTTP/1.1', 'Content-Length: 5') . "a\r\n\r\n" . $get;
    my $other = tcp($server);
    my @wrong;
    for my $cut (1 .. length($bytes) - 1) {
        my $client = tcp($server);
        send_all($client, substr $bytes, 0, $cut);
        send_all($other, $get); # once this is answered, the server has read the first part
        read_exactly($other, length $hello);
        send_all($client, substr $bytes, $cut);
        push @wrong, $cut if read_exactly($client, length $not_get . $hello) ne $not_get . $hello;
    }
    is("@wrong", '', 'two requests that are cut once, at each byte');

    my $client = tcp($server);
    for my $byte (split //, $bytes) {
        send_all($client, $byte);
        send_all($other, $get);
        read_exactly($other, length $hello);
    }
    is(read_exactly($client, length $not_get . $hello), $not_get . $hello, '... and byte by byte');
    is(until_end($get . substr $get, 0, -1), $hello, 'half a request at the end has no answer');
}

# ------------------------------------------------------------------ refused --

my $field = sub { return request('GET / HTTP/1.1', @_) };
for (
    [ '',                  '400 Bad Request', "hello\r\n" ],
    [ 'SSH',               '400 Bad Request', "SSH-2.0-OpenSSH_9.2\r\n" ],
    [ 'TLS, no line',      '400 Bad Request', "\x16\x03\x01\x02\0\1" ],
    [ 'an empty line',     '400 Bad Request', "\r\n" ],
    [ 'HTTP/2',            '400 Bad Request', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" ],
    [ 'HTTP/0.9',          '400 Bad Request', "GET /\r\n" ],
    [ 'two blanks',        '400 Bad Request', request('GET  / HTTP/1.1') ],
    [ 'a blank behind',    '400 Bad Request', request('GET / HTTP/1.1 ') ],
    [ 'small letters',     '400 Bad Request', request('GET / http/1.1') ],
    [ 'a tab',             '400 Bad Request', request("GET\t/ HTTP/1.1") ],
    [ 'no method',         '400 Bad Request', request(' / HTTP/1.1') ],
    [ 'no word',           '400 Bad Request', request('G(T / HTTP/1.1') ],
    [ 'LF alone',          '400 Bad Request', "GET / HTTP/1.1\n\n" ],
    [ 'LF alone, later',   '400 Bad Request', "GET / HTTP/1.1\r\nHost: a\n\r\n" ],
    [ 'CR alone',          '400 Bad Request', $field->("X: a\rContent-Length: 5") ],
    [ 'NUL',               '400 Bad Request', $field->("X: a\0b") ],
    [ 'NUL in front',      '400 Bad Request', "GET / HTTP/1.1\0\r\n\r\n" ],
    [ 'no colon',          '400 Bad Request', $field->('Content-Length 5') ],
    [ 'no name',           '400 Bad Request', $field->(': 5') ],
    [ 'a folded line',     '400 Bad Request', $field->('X: a', ' Content-Length: 5') ],
    [ 'blank and colon',   '400 Bad Request', $field->('Content-Length : 5') ],
    [ 'two lengths',       '400 Bad Request', $field->('Content-Length: 5', 'Content-Length: 6') ],
    [ 'a list of lengths', '400 Bad Request', $field->('Content-Length: 5, 5') ],
    [ 'a length below 0',  '400 Bad Request', $field->('Content-Length: -5') ],
    [ 'a length with +',   '400 Bad Request', $field->('Content-Length: +5') ],
    [ 'hexadecimal',       '400 Bad Request', $field->('Content-Length: 0x5') ],
    [ 'an empty length',   '400 Bad Request', $field->('Content-Length:') ],
    [ 'chunks',        '501 Not Implemented', $field->('Transfer-Encoding: chunked') ],
    [ 'both',  '501 Not Implemented', $field->('Content-Length: 5', 'transfer-encoding: x') ],
    [ 'a body of 65537', '413 Content Too Large', $field->('Content-Length: 65537') ],
    [ '2^64 and 5',      '413 Content Too Large', $field->('Content-Length: 18446744073709551621') ],
    [ 'a head of 8193', '431 Request Header Fields Too Large',
        $field->('X: ' . 'y' x (8188 - length $get)) ],
    [ 'an endless line',   '431 Request Header Fields Too Large', 'GET /' . 'x' x 8188 ],
    [ 'an endless field',  '431 Request Header Fields Too Large',
        "GET / HTTP/1.1\r\nX: " . 'y' x 8192 ],
  )
{
    my ($about, $status, $bytes) = @$_;
    is(all_of($bytes), answer($status, '', $close), "$about: $status, and the server closes");
}
is(all_of(request('HEAD / HTTP/1.1', 'Transfer-Encoding: chunked') . "0\r\n\r\n$get"),
    answer('501 Not Implemented', '', $close), 'what is behind a refused request is not answered');

# --------------------------------------------------------------------- curl --

SKIP: {
    skip 'curl is not installed', 5 if !have('curl');
    my @curl = ('curl', '--silent', '--show-error', '--noproxy', '*', '--max-time', 60);
    my @talk = ('--write-out', '%{http_code} %{num_connects}\n');
    is((run_command('', @curl, $url))[1], "hello\n", 'curl');
    is((run_command('', @curl, @talk, $url, "$url/x", $url, @talk))[1],
        "hello\n200 1\n404 0\nhello\n200 0\n", '... keeps its connection for three pages');
    is((run_command('', @curl, '--head', $url))[1], $head, '... HEAD');
    is((run_command('', @curl, @talk, '--http1.0', $url))[1], "hello\n200 1\n", '... HTTP/1.0');
    is((run_command('x' x 60000, @curl, @talk, '--data-binary', '@-', $url, '--next', @curl[1 .. 4],
        @talk, $url))[1], "405 1\nhello\n200 0\n", '... keeps it after a body too');
}
is(stop_server($server), 0, 'the server ends');
is($server->{said} =~ s/.* in the middle of a message; that part is dropped\n//r, '',
    '... without complaint but about the half request');

{
    my $lines = start_server(lab_file('{ "transport": "tcp", "transform": "http_hello", "port": 0 }'));
    my $client = tcp($lines);
    send_all($client, $get);
    is(read_all($client), '', 'with another framing');
    like(said_so_far($lines), qr/: not one whole request; write "framing": "plugin"$/m, '... a hint');
    stop_server($lines);
}

done_testing;
