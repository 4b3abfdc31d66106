#!/usr/bin/perl
# install.t - what "make install" leaves behind works on its own, a plugin can be built against it,
# and "make uninstall" takes it all away.
use strict;
use warnings;

use File::Find;
use ProtolabTest;
use Test::More;

my $dest = scratch() . '/dest';
my @make = (split(' ', $ENV{MAKE} || 'make'), '-C', $ENV{builddir} // '.');

# A make around this one has flags, and a server of jobs, that are not for these.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR PROTOLAB_PLUGIN_PATH)};

sub make_target {
    my ($target) = @_;
    my ($status, $out, $err) = run_command('', @make, $target, "DESTDIR=$dest");
    is($status, 0, "make $target") or BAIL_OUT($out . $err);
    return;
}

# The files in the folder, without its name.
sub files {
    my @files;
    find({ no_chdir => 1, wanted => sub { push @files, $_ if !-d || -l } }, $dest) if -d $dest;
    return map { substr $_, length $dest } sort @files;
}

# The one file with that ending.
sub file {
    my ($ending, @of) = @_;
    my @found = grep { /\Q$ending\E$/ } @of;
    is(scalar @found, 1, "$ending is installed") or diag("@of");
    return $dest . ($found[0] // '');
}

sub words {
    my ($variable) = @_;
    my ($list) = slurp("$srcdir/Makefile.am") =~ /^$variable = ((?:.*\\\n)*.*)\n/m;
    return grep { length } split /[\s\\]+/, $list;
}

make_target('install');
my @files = files();
file("/protolab/transports/$_.so", @files) for words('TRANSPORTS');
file("/protolab/transforms/$_.so", @files) for words('TRANSFORMS');
file("/protolab/labs/$_.json",     @files) for words('LABS');
file("/$_", @files) for qw(protolab.1 protolab-events.5 protolab-lab.5 protolab-plugin.3);
my $header  = file('/include/protolab.h',       @files);
my $pc      = file('/pkgconfig/protolab.pc',    @files);
my $udp     = file('/protolab/transports/udp.so', @files);
my $lab     = file('/protolab/labs/udp-uppercase.json', @files);
my $program = file('/bin/protolab',             @files);
is((grep { /\.(?:[chao]|la)$/ && !m{/include/protolab\.h$} } @files), 0, 'nothing of the build is');

# ------------------------------------------------------------------ running --

# The folders of plugins are compiled in, without DESTDIR.
my $plugins = $udp =~ s{/transports/udp\.so$}{}r;
$ENV{PROTOLAB_PLUGIN_PATH} = $plugins;

sub installed {
    my ($input, @arguments) = @_;
    return run_command($input, $program, @arguments);
}

my ($status, $out, $err) = installed('', 'list');
is($status, 0, 'the installed program lists plugins') or diag($err);
like($out, qr/^  $_ /m, "... $_") for words('TRANSPORTS'), words('TRANSFORMS');
($status, $out, $err) = installed('', 'help', 'udp');
like($out, qr/^  file +\Q$udp\E$/m, '... the installed ones');
($status, $out, $err) = installed("hello\n", 'run', $lab, '--port', 0);
is($out, "HELLO\n", '... and runs an installed lab') or diag($err);

# ------------------------------------------------------------------- a plugin --

my $work = scratch() . '/plugin';
mkdir $work or die "$work: $!";

sub write_file {
    my ($name, $text) = @_;
    open my $to, '>', "$work/$name" or die "$work/$name: $!";
    print $to $text;
    close $to or die $!;
    return;
}

write_file('twice.c', <<'C');
#include <protolab.h>

static int
twice_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  uint8_t *out = pl_reserve (s, 2 * n);

  if (out == NULL)
    return -1;
  memcpy (out, in, n);
  memcpy (out + n, in, n);
  return pl_commit (s, 2 * n);
}

PL_TRANSFORM (twice, "Says everything twice", .message = twice_message)
C
write_file('twice.json', '{ "transport": "udp", "transform": "twice", "port": 0 }');

my $pkg_config = $ENV{PKG_CONFIG} || 'pkg-config';
SKIP: {
    skip "no $pkg_config", 5 if !have($pkg_config) && !-x $pkg_config;
    local @ENV{qw(PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR)} = ($pc =~ s{/[^/]*$}{}r, $dest);
    local @ENV{qw(PKG_CONFIG_DISABLE_UNINSTALLED PKG_CONFIG_ALLOW_SYSTEM_CFLAGS)} = (1, 1);
    my $flags;
    ($status, $flags, $err) = run_command('', $pkg_config, '--cflags', 'protolab');
    is($status, 0, 'protolab.pc is sound') or diag($err);
    like($flags, qr/^-I\Q$dest\E/, '... and leads to the installed header');
    ($status, $out, $err) = run_command('', split(' ', $ENV{CC} || 'cc'), '-std=gnu11', '-Wall',
        '-Wextra', '-Werror', split(' ', $flags), '-fPIC', '-shared', '-Wl,-z,defs',
        '-o', "$work/twice.so", "$work/twice.c");
    is($status, 0, 'a plugin is built against it') or diag($err);
    local $ENV{PROTOLAB_PLUGIN_PATH} = "$work:$plugins";
    ($status, $out, $err) = installed('', 'lint', "$work/twice.json");
    is($status, 0, '... is found') or diag($err);
    ($status, $out, $err) = installed("ab\n", 'run', "$work/twice.json");
    is($out, "abab\n", '... and works') or diag($err);
}

make_target('uninstall');
is_deeply([ files() ], [], '... leaves no file');

done_testing;
