#!/usr/bin/perl
# example.t - the example of docs/example, copied elsewhere: an author builds, looks at, runs and
# installs plugins with nothing but pkg-config and the program.  "make check" tries it against the
# build tree, "make installcheck" against what is installed.
use strict;
use warnings;

use File::Copy qw(copy);
use JSON::PP;
use ProtolabTest;
use Test::More;

my $pkg_config = $ENV{PKG_CONFIG} || 'pkg-config';
plan skip_all => "no $pkg_config" if !have($pkg_config) && !-x $pkg_config;
plan skip_all => 'PKG_CONFIG_PATH is not set' if !$ENV{PKG_CONFIG_PATH};

# A make around this one has flags, and a server of jobs, that are not for an author.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR)};

my $work = scratch() . '/example';
mkdir $work or die "$work: $!";
for my $file (glob "$srcdir/docs/example/*") {
    copy($file, $work) or die "$file: $!";
}

sub author_makes {
    my ($target, @more) = @_;
    my ($status, $out, $err) = run_command('', split(' ', $ENV{MAKE} || 'make'), '-C', $work,
        $target, "PKG_CONFIG=$pkg_config", 'CFLAGS=-O2 -Wall -Wextra -Werror',
        'CC=' . ($ENV{CC} || 'cc'), @more);
    return is($status, 0, "make $target") || diag($out, $err);
}

# What the pkg-config file says of itself.
sub variable {
    my ($name) = @_;
    my ($status, $out) = run_command('', $pkg_config, "--variable=$name", 'protolab');
    chomp $out;
    return $out;
}

my (undef, $version) = run_command('', $pkg_config, '--modversion', 'protolab');
my (undef, $said) = run_protolab('', '--version');
is($said, sprintf("protolab %s (plugin ABI %s)\n", $version =~ s/\n//r, variable('abi')),
    'program and pkg-config are of one version');
ok(-f variable($_->[0]) . "/$_->[1].so", "$_->[1] is in $_->[0]")
  for [qw(transportdir udp)], [qw(transformdir uppercase)];

author_makes('all');
{
    local $ENV{PROTOLAB_PLUGIN_PATH} = $work;
    my $lab = "$work/shout-back.json";
    my ($status, $out, $err) = run_protolab('', 'help', "$work/shout_back.so");
    is("$status $err", '0 ', 'help explains it');
    like($out, qr/mark .* "!" /, '... with its parameters');
    is_deeply([ run_protolab('', 'lint', $lab) ], [ 0, "$lab: ok\n", '' ], 'its lab is sound');
    ($status, $out) = run_protolab('', 'schema');
    like($out, qr/"const":\s*"$_"/, "the schema knows $_") for qw(shout_back ttl_udp);

    my $server = start_server($lab);
    is(exchange(udp($server), 'hello, 1'), 'HELLO, 1!!', 'it is served');
    is(stop_server($server), 0, '... to the end');
    ($status, $out, $err) = run_protolab("one\ntwo\n", 'run', $lab, '--', 'sh', '-c',
        'exec "$0" client "$1" --port "$PROTOLAB_PORT"', $protolab, $lab);
    is("$status $out$err", "0 ONE!!\nTWO!!\n", '... and talked to over its transport');
}

author_makes('install', "DESTDIR=$work/root");
ok(-x "$work/root" . variable('transformdir') . '/shout_back.so', 'the transform is installed');
ok(-x "$work/root" . variable('transportdir') . '/ttl_udp.so', '... and the transport');
author_makes('clean');
is(join(' ', glob "$work/*.so"), '', 'nothing is left');

done_testing;
