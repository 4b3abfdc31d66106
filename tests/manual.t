#!/usr/bin/perl
# manual.t - the manual pages agree with the program: their examples compile and load, and they
# name every key, command and option.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;

my $srcdir   = abs_path($ENV{srcdir} // '.');
my $builddir = abs_path($ENV{builddir} // '.');
my $protolab = $ENV{PROTOLAB} // "$builddir/protolab";
my $cc       = $ENV{CC} || 'cc';
my $cflags   = "-std=gnu11 -Wall -Wextra -Werror -I'$srcdir/core'";
my $work     = tempdir(CLEANUP => 1);

my %escaped = (
    '\e' => q{\\}, '\&' => q{}, '\-' => q{-},
    '\(aq' => q{'}, '\(dq' => q{"}, '\(ga' => q{`}, '\(ha' => q{^}, '\(ti' => q{~},
);

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!";
    local $/;
    return scalar <$file>;
}

sub spew {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
    return;
}

# What stands between .Bd -literal and .Ed, as a reader sees it.
sub literal_blocks {
    my ($page) = @_;
    my @blocks = slurp("$srcdir/docs/$page") =~ /^\.Bd -literal\n(.*?)^\.Ed\n/gms;
    for (@blocks) {
        s{(\\(?:\(..|.))}{$escaped{$1} // die "$page: $1 in a literal block"}ge;
    }
    return @blocks;
}

sub ok_command {
    my ($command, $about) = @_;
    my $said = qx{cd '$work' && $command 2>&1};
    return ok($? == 0, $about) || diag("$command\n$said");
}

# ------------------------------------------------------------------- mdoc --

my @pages = qw(protolab.1 protolab-plugin.3 protolab-lab.5 protolab-events.5);
SKIP: {
    skip 'no mandoc', scalar @pages if system('command -v mandoc >/dev/null 2>&1') != 0;
    for my $page (@pages) {
        my $said = qx{mandoc -Tlint -W warning '$srcdir/docs/$page' 2>&1};
        is($said, '', "$page: mandoc finds nothing wrong");
    }
}

# --------------------------------------------------------------- examples --

my %source = map { m{^/\* (\w+)\.c - } ? ($1 => $_) : () } literal_blocks('protolab-plugin.3');
my @programs = grep { $source{$_} =~ /^main \(/m } sort keys %source;
my @plugins  = grep { $source{$_} !~ /^main \(/m } sort keys %source;

cmp_ok(scalar @plugins, '>=', 5, 'protolab-plugin.3 teaches by examples');
cmp_ok(scalar(grep { $source{$_} =~ /^PL_TRANSPORT /m } @plugins), '>=', 1, '... one a transport');
spew("$work/$_.c", $source{$_}) for keys %source;
for (@plugins) {
    ok_command("$cc $cflags -fPIC -shared -Wl,-z,defs -o $_.so $_.c", "$_.c compiles");
    like($source{$_}, qr/^PL_TRANS(?:FORM|PORT) \(\s*$_,/m, "... and is named as its file");
}

# A program NAME_test.c is linked with the plugin that it tests, NAME.c.
for (@programs) {
    my $tested = s/_test$//r;
    ok_command("$cc $cflags -o $_ $_.c $tested.c && ./$_", "$_.c compiles with $tested.c and runs");
}

my @labs = grep { /^\{/ } map { literal_blocks($_) } qw(protolab-plugin.3 protolab-lab.5);
cmp_ok(scalar @labs, '>=', 8, 'the pages show labs');
SKIP: {
    skip "no $protolab", @plugins + @labs if !-x $protolab;
    local $ENV{PROTOLAB_PLUGIN_PATH} = $work;
    ok_command("'$protolab' help ./$_.so", "$_.so loads") for @plugins;
    for my $i (1 .. @labs) {
        spew("$work/lab$i.json", $labs[$i - 1]);
        ok_command("'$protolab' lint lab$i.json", "lab $i is sound") || diag($labs[$i - 1]);
    }
}

# ---------------------------------------------------------------- diagrams --

# Rows of sequence diagrams, with ports alike.
sub rows {
    my ($text) = @_;
    return map { s/(?<=[\d\]]:)(?:\d{4,5}|[A-Z]{4,5})\b/PORT/gr }
      grep { /^ *(?:\d+\.\d{3} |seconds |\S* +\|.*\|)/ } split /\n/, $text;
}

my %drawn = map { $_ => 1 } map { rows(slurp($_)) } glob "'$srcdir/tests/golden/run-*.txt'";
my %shown = ('README.md' => [ rows(slurp("$srcdir/README.md")) ],
    'protolab.1' => [ map { rows($_) } literal_blocks('protolab.1') ]);
for my $page (sort keys %shown) {
    cmp_ok(scalar @{ $shown{$page} }, '>=', 7, "$page shows diagrams");
    is(join("\n", grep { !$drawn{$_} } @{ $shown{$page} }), '', '... of which a run draws each row');
}

# ------------------------------------------------------------------ tables --

# The quoted words of a page.
sub is_quoted {
    my ($text, $word) = @_;
    return $text =~ /(?:\\\(dq|")\Q$word\E(?:\\\(dq|")/ || $text =~ /\bQq "?\Q$word\E"?(?:\s|$)/m;
}

my $lab_page = slurp("$srcdir/docs/protolab-lab.5");
my $rules    = slurp("$srcdir/core/lab/rules.c");
my @keys     = $rules =~ /^\s*\{ "([^"]+)", RULE_/gm;
cmp_ok(scalar @keys, '>', 30, 'rules.c has a row for each key');
is(join(' ', grep { !is_quoted($lab_page, $_) } @keys), '', 'protolab-lab.5 has every key');

my ($framings) = $rules =~ /RULE_FRAMING, \.words = "([^"]+)"/;
is(join(' ', grep { $lab_page !~ /^\.It Qq \Q$_\E$/m } split /\|/, $framings), '',
    '... and every framing');

# Those of keys that are for later versions are left out.
my @defaults = grep { $_ ne 'textbook' } $rules =~ /\.preset\s*=\s*"([^"]+)"/g;
is(join(' ', grep { $lab_page !~ /Default:\s[^:]*?\Q$_\E(?!\w)/ } @defaults), '',
    '... and every default');

my $page = slurp("$srcdir/docs/protolab.1");
SKIP: {
    skip 'no core/command/options.c', 2 if !-e "$srcdir/core/command/options.c";
    my @options = slurp("$srcdir/core/command/options.c") =~ /^\s*\{ (?:'.'|OPTION_\w+), '.', "([a-z-]+)",/gm;
    cmp_ok(scalar @options, '>', 8, 'there are options');
    is(join(' ', grep { $page !~ /^\.It Fl .*-\Q$_\E\b/m } @options), '',
        'protolab.1 has every option');
}
SKIP: {
    skip 'no core/command/usage.c', 1 if !-e "$srcdir/core/command/usage.c";
    my @commands = slurp("$srcdir/core/command/usage.c") =~ /^\s*\{ "([a-z]+)", "/gm;
    is(join(' ', grep { $page !~ /^\.It Cm \Q$_\E\b/m } @commands), '', '... and every command');
}

# What a plugin's author is told of a table of parameters, and so of each row.
my $plugin_page = slurp("$srcdir/docs/protolab-plugin.3") =~ s/\\\(dq/"/gr;
my @refusals = map { s/\\"/"/gr } slurp("$srcdir/core/host/load.c")
    =~ /(?:return|:|\?) "((?:it|its|is|has|a) (?:[^"\\]|\\.)+)";?$/gm;
cmp_ok(scalar @refusals, '>', 8, 'load.c refuses bad parameters');
is(join("\n", grep { index($plugin_page, $_) == -1 } @refusals), '',
    'protolab-plugin.3 has every such refusal');

done_testing;
