#!/usr/bin/perl
# abi.t - the promise to authors of plugins: what was built against protolab-1.h is run by today's
# host, and today's header only grew at the ends that it marks with [grows].
use strict;
use warnings;

use ProtolabTest;
use Test::More;

my $cc     = $ENV{CC} || 'cc';
my $folder = $ENV{PROTOLAB_ABI_PLUGINS} // 'tests/abi';
my $frozen = slurp("$srcdir/tests/abi/protolab-1.h");
my $today  = slurp("$srcdir/core/protolab.h");

# ------------------------------------------------------------------ header --

# What a header declares: { structs => { name => [declarations] }, grows => { name => 1 },
# words => { enum constant or number macro => value }, functions => { name => declaration } }
sub declared {
    my ($text) = @_;
    my %all = (structs => {}, grows => {}, words => {}, functions => {});
    while ($text =~ m{/\*((?:(?!\*/).)*)\*/\s*struct (\w+)}gs) {
        my ($comment, $name) = ($1, $2);
        $all{grows}{$name} = 1 if $comment =~ /\[grows\]/;
    }
    $text =~ s{/\*.*?\*/}{}gs;
    $text =~ s{\\\n}{ }g;
    $all{words}{$1} = $2 while $text =~ m{^#define (\w+) (\w+)\s*$}gm;
    $text =~ s{^#.*$}{}gm;
    while ($text =~ m/^enum(?: \w+)?\s*\{(.*?)\}/gms) {
        my $list = $1;
        $all{words}{$1} = $2 while $list =~ m{(\w+) = (\w+)}g;
    }
    while ($text =~ m/^struct (\w+)\s*\{\n(.*?)^\};/gms) {
        my ($name, $body) = ($1, $2);
        $body =~ s/\s+/ /g;
        1 while $body =~ s/(\{[^}]*);([^}]*\})/$1,$2/; # a union is one member
        $all{structs}{$name} = [ map { s/^ | $//gr } grep { /\S/ } split /;/, $body ];
    }
    while ($text =~ m/^(?:PL_PRINTF \(\d, \d\)\s*)?static inline ([^{;]*?)\s*\{/gms) {
        my $prototype = $1;
        $prototype =~ s/\s+/ /g;
        $all{functions}{$1} = $prototype if $prototype =~ /(\w+) \(/;
    }
    $all{functions}{protolab_plugin} = $1 if $text =~ /^PL_PUBLIC (.*?);/ms;
    return \%all;
}

# How the newer one breaks what was promised with the older one; empty: not at all.
sub breaks {
    my ($old, $new) = map { declared($_) } @_;
    my @breaks;
    for my $name (sort keys %{ $old->{structs} }) {
        my @was = @{ $old->{structs}{$name} };
        my @is  = @{ $new->{structs}{$name} // [] };
        push @breaks, "struct $name: " . ($is[$_] // 'nothing') . ", not $was[$_]"
          for grep { ($is[$_] // '') ne $was[$_] } 0 .. $#was;
        push @breaks, "struct $name: has grown" if @is > @was && !$old->{grows}{$name};
        push @breaks, "struct $name: is not [grows]"
          if $old->{grows}{$name} && !$new->{grows}{$name};
    }
    for my $kind (qw(words functions)) {
        push @breaks, "$_: " . ($new->{$kind}{$_} // 'nothing') . ", not $old->{$kind}{$_}"
          for grep { ($new->{$kind}{$_} // '') ne $old->{$kind}{$_} } sort keys %{ $old->{$kind} };
    }
    return @breaks;
}

my $parts = declared($frozen);
cmp_ok(scalar keys %{ $parts->{structs} },        '==', 11, 'the frozen header has its structs');
is(join(' ', sort keys %{ $parts->{grows} }), 'pl_host pl_plugin pl_transform pl_transport',
    '... four of which may grow');
cmp_ok(scalar keys %{ $parts->{words} },     '>=', 20, '... its numbers');
cmp_ok(scalar keys %{ $parts->{functions} }, '>=', 20, '... and its functions');
is(join("\n", breaks($frozen, $today)), '', 'the header of today keeps all of them');

# Each of these would break somebody, and is seen.
my %broken = (
    'a member in between'      => sub { s/(int \(\*message\))/int (*before) (void);\n  $1/ },
    'a member taken away'      => sub { s/^  void \(\*close\) \(struct pl_session \*s\);\n//m },
    'a member of another type' => sub { s/int64_t min, max;/int32_t min, max;/ },
    'a member in a union'      => sub { s/(struct sockaddr_in6 in6;)/$1 char more[64];/ },
    'a fixed struct that grew' => sub { s/(  struct pl_out \*out;)/$1\n  void *more;/ },
    'another value'            => sub { s/PL_SERVER = 3/PL_SERVER = 5/ },
    'another number'           => sub { s/PL_PADDING 64/PL_PADDING 32/ },
    'another argument'         => sub { s/(pl_timer \(struct pl_session \*s, int)64_t/$1/ },
    'no more room to grow'     => sub { s/(a plugin a table of its own\.)\s+\[grows\]/$1/ },
);
for my $about (sort keys %broken) {
    local $_ = $today;
    ok($broken{$about}->(), "$about can be tried");
    isnt(join("\n", breaks($frozen, $_)), '', '... and is seen');
}
{
    local $_ = $today;
    s/(int \(\*drained\).*\n)/$1  int (*later) (struct pl_session *s);\n/ or die;
    is(join("\n", breaks($frozen, $_)), '', 'a hook at the end breaks nobody');
}

# ----------------------------------------------------------------- offsets --

# Where a compiler puts each member of the frozen header, with one header or the other.
sub offsets {
    my ($header) = @_;
    my $program = "#include \"$header\"\n#include <stdio.h>\nint main (void)\n{\n";
    for my $name (sort keys %{ $parts->{structs} }) {
        my @members;
        for (map { s/\{.*\}//r } @{ $parts->{structs}{$name} }) {
            push @members, /\(\*(\w+)\)/ ? $1 : map { /(\w+)\W*$/ } split /,/;
        }
        $program .= qq{printf ("$name.$_ %zu %zu\\n", offsetof (struct $name, $_),}
          . qq{ sizeof ((struct $name *) 0)->$_);\n} for @members;
        $program .= qq{printf ("$name %zu\\n", sizeof (struct $name));\n};
    }
    my $path = lab_file("$program}\n", 'offsets.c');
    my ($status, undef, $err) = run_command('', split(' ', $cc), '-std=gnu11', '-o',
        scratch() . '/offsets', $path);
    is($status, 0, "offsets with $header") or diag($err);
    my (undef, $out) = run_command('', scratch() . '/offsets');
    return map { /^(\S+) (.*)/ ? ($1 => $2) : () } split /\n/, $out;
}

my %was = offsets("$srcdir/tests/abi/protolab-1.h");
my %is  = offsets("$srcdir/core/protolab.h");
cmp_ok(scalar keys %was, '>', 100, 'there are members');
is(join(' ', grep { $was{$_} ne ($is{$_} // '') && !$parts->{grows}{$_} } sort keys %was), '',
    'members and fixed structs are where they were');
is(join(' ', grep { $was{$_} > $is{$_} } keys %{ $parts->{grows} }), '', 'no struct has shrunk');

# ----------------------------------------------------------- yesterday's .so --

$ENV{PROTOLAB_PLUGIN_PATH} = $folder;

sub lab {
    my ($transport, $more) = @_;
    return lab_file(qq({ "transport": "$transport", "port": 0, "transform":
        { "plugin": "frozen", "greeting": "Welcome" @{[$more // '']} } }));
}

my ($status, $out, $err) = run_protolab('', 'help', "$folder/frozen.so");
is($status, 0, 'the host of today loads it') or diag($err);
like($out, qr/\b$_\b/, "... and knows its $_")
  for qw(open message timer close setup teardown patience_ms greeting style loud);

my $server = start_server(lab('tcp', ', "style": "long", "loud": true'));
my $first  = tcp($server);
like(read_line($first), qr/^Welcome, number 1 from 127\.0\.0\.1:\d+$/, 'tcp: open, parameters');
print $first "a\nbc\n";
is(read_line($first), '1: a',  '... message, written in place');
is(read_line($first), '2: bc', '... with the state of the session');
my $second = tcp($server);
like(read_line($second), qr/^Welcome, number 2 /, '... with the state of the lab');
is(read_line($first), '2 has come', '... to other sessions');
print $second "wait\n";
is(read_line($second), 'patience is over', '... timer');
print $second "look\n";
like(read_line($second), qr/^forward [0-9a-f]{16}$/, '... clock and dice');
print $second "bye\n";
is(read_all($second), "bye\n",    '... which ends itself');
is(read_line($first), '2 has gone', '... close');
print $first "fail\n";
is(read_all($first), '', '... and one that fails');
is(stop_server($server), 0, '... the server ends well');
like($server->{said}, qr/after 3 messages/, '... with the reason told');

$server = start_server(lab('udp'));
my $peer = udp($server);
like(exchange($peer, 'hello'), qr/^Welcome, number 1 /, 'udp: open');
is(exchange($peer, 'bye'), 'hello', '... message');
is(stop_server($server), 0, '... the server ends well');

($status, $out, $err) = run_protolab("one\n", 'run', lab('udp'));
like($err, qr/number 1/, 'run: its remarks are in the diagram');
my $none = lab_file(slurp(lab('udp')) =~ s/Welcome/none/r);
($status, $out, $err) = run_protolab('', 'serve', $none);
isnt($status, 0, 'a setup that fails');
like($err, qr/greeting: "none" is no greeting/, '... says why');

# The same source, against the header of today.
my $source = slurp("$srcdir/tests/abi/frozen.c") =~ s{"protolab-1\.h"}{<protolab.h>}r;
($status, undef, $err) = run_command('', split(' ', $cc), qw(-std=c99 -Wall -Wextra -Werror),
    '-fsyntax-only', "-I$srcdir/core", lab_file($source, 'frozen.c'));
is($status, 0, 'its source compiles with the header of today') or diag($err);

done_testing;
