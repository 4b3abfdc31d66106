#!/usr/bin/perl
# svg.t - a log as a picture: whatever was sent, it is XML that needs nothing else.
use strict;
use warnings;

use ProtolabTest;
use Test::More;

# Runs a lab with sentences, and returns the picture of its log.
sub picture {
    my ($sentences, $lab, @options) = @_;
    my $log = scratch() . '/log';
    my ($status, undef, $err) = run_protolab($sentences, 'run', $lab, '--log', $log, @options);
    is($status, 0, "run $lab @options") or diag($err);
    ($status, my $svg, $err) = run_protolab('', 'render', $log, '--as', 'svg');
    is($status, 0, '... whose log is rendered') or diag($err);
    return $svg;
}

# The texts of the picture in their order, by an XML parser; undef where it takes offence.
sub texts {
    my ($svg) = @_;
    my $script = 'import sys, xml.etree.ElementTree as tree;'
      . 'root = tree.fromstring(sys.stdin.buffer.read());'
      . 'sys.stdout.buffer.write("\n".join(t.text or "" for t in root.iter()'
      . ' if t.tag == "{http://www.w3.org/2000/svg}text").encode())';
    my ($status, $out, $err) = run_command($svg, 'python3', '-c', $script);
    is($status, 0, '... is well-formed') or diag($err);
    return split /\n/, $out;
}

plan skip_all => 'python3 is not installed' if !have('python3');

{
    my $svg   = picture("hello\n", "$srcdir/labs/tcp-uppercase-lines.json", '--port', 0);
    my @texts = texts($svg);
    my @calls = grep { /^\w+\(/ } @texts;
    s/\d+/N/g for @calls;
    is_deeply(
        [ grep { !/shutdown|close|= 0/ } @calls[ 0 .. 9 ] ],
        [
            'socket() = N',
            'bind(N) to N.N.N.N:N',
            'listen(N): welcoming socket',
            'socket() = N',
            'connect(N)',
            'accept() = N: connection socket',
            'send(N) = N',
            'recv(N) = N',
            'send(N) = N',
            'recv(N) = N',
        ],
        '... has the calls of both sides in the order of the book'
    );
    is((grep { $_ eq '"hello\n" 6 bytes' || $_ eq '"HELLO\n" 6 bytes' } @texts), 2, '... and the bytes');
    unlike($svg, qr/<script|<image|href|url\((?!#)/, '... and refers to nothing else');
}
{
    my $evil = "</text><script>alert(1)</script>&\x01\x1b[31m\xff\xef\xbf\xbe]]>";
    my $svg = picture("$evil\n", "$srcdir/labs/udp-echo.json", '--port', 0);
    ok((grep { /^"<\/text><script>/ } texts($svg)), '... has hostile bytes as text');
    unlike($svg, qr/<script|[\x00-\x08\x0b-\x1f]/, '... and as nothing else');
}
{
    my $svg = picture("one\ntwo\n",
        lab_file('{ "transport": "udp", "transform": "echo", "port": 0,'
              . ' "link": { "script": ["duplicate 1 in", "delay 2 in 30ms"] } }'));
    my $texts = join "\n", texts($svg);
    like($texts, qr/^duplicated \(script\)$/m, '... has what the link did');
    like($texts, qr/^delayed 30 ms \(script\)$/m, '... to each packet');
}

done_testing;
