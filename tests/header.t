#!/usr/bin/perl
# header.t - core/protolab.h stands alone, in each C that a plugin may be written in, and in C++.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

$ENV{LC_ALL} = 'C';
my $core   = "$FindBin::RealBin/../core";
my $cc     = $ENV{CC} || 'cc';
my $cxx    = $ENV{CXX} || 'g++';
my $strict = '-fsyntax-only -pedantic -Wall -Wextra -Werror';
my $work   = tempdir(CLEANUP => 1);

my $twice = qq{#include <protolab.h>\n} x 2;
my $plugin = $twice . <<'C';

struct sample_lab
{
  int64_t number;
  bool flag;
  const char *text, *choice;
};

static const struct pl_param sample_params[] = {
  PL_INTEGER_PARAM (struct sample_lab, number, "1", 1, 3, "a number"),
  PL_BOOLEAN_PARAM (struct sample_lab, flag, "false", "a flag"),
  PL_STRING_PARAM (struct sample_lab, text, NULL, 1, 8, "a text"),
  PL_CHOICE_PARAM (struct sample_lab, choice, "a", "a|b", "a choice"),
  PL_PARAMS_END,
};
C
my $transform = $plugin . <<'C';

static int
sample_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  return pl_send (s, in, n);
}

PL_TRANSFORM (sample, "A sample", .lab_size = sizeof (struct sample_lab), .params = sample_params,
              .message = sample_message)
C
my $wrong_type = $plugin . <<'C';

static const struct pl_param wrong_params[] = {
  PL_INTEGER_PARAM (struct sample_lab, text, "1", 1, 3, "a number"),
  PL_BOOLEAN_PARAM (struct sample_lab, number, "true", "a flag"),
};
C

sub compiles {
    my ($compiler, $name, $source) = @_;
    open my $file, '>', "$work/$name" or die "$work/$name: $!";
    print $file $source;
    close $file or die "$work/$name: $!";
    my $said = qx{$compiler $strict -I'$core' '$work/$name' 2>&1};
    return ($? == 0, $said);
}

sub ok_compiles {
    my ($compiler, $name, $source, $about) = @_;
    my ($compiled, $said) = compiles($compiler, $name, $source);
    ok($compiled, $about) or diag($said);
    return;
}

for my $std (qw(c99 c11 c17)) {
    ok_compiles("$cc -std=$std", 'alone.c',  $twice,     "$std: the header alone, twice");
    ok_compiles("$cc -std=$std", 'sample.c', $transform, "$std: a transform");
}

my ($compiled, $said) = compiles("$cc -std=c99", 'wrong.c', $wrong_type);
ok(!$compiled, 'a parameter whose member has another type is refused');
like($said, qr/pointer/, '... for its type');

SKIP: {
    skip "no $cxx", 2 if system("$cxx --version >/dev/null 2>&1") != 0;
    ok_compiles("$cxx -std=c++11", 'alone.cc',  $twice,  'C++11: the header alone, twice');
    ok_compiles("$cxx -std=c++11", 'params.cc', $plugin . "\nextern const void *used;\n"
            . "const void *used = sample_params;\n", 'C++11: a table of parameters');
}

done_testing;
