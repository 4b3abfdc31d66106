# What a server gives up once it is ready, and which plugins it does not trust.
use strict;
use warnings;

use File::Copy qw(copy);
use Test::More;
use ProtolabTest;

$ENV{PROTOLAB_PLUGIN_PATH} = $fixture_plugins;

sub lab {
    my ($transform) = @_;
    return lab_file(qq({ "transport": "tcp", "transform": "$transform", "port": 0 }));
}

# What the plugin answers to each question.
sub tries {
    my ($server, @questions) = @_;
    my $client = tcp($server);
    print $client map { "$_\n" } @questions;
    return map { read_line($client) } @questions;
}

my $sanitized = slurp($protolab) =~ /__asan_init/;

SKIP: {
    skip 'a build with a sanitizer is not locked down', 9 if $sanitized;
    my $server = start_server(lab('burglar'));
    my %answer;
    @answer{qw(read write socket exec)} = tries($server, qw(read write socket exec));
    like($answer{$_}, qr/denied|not permitted/, "a plugin cannot $_") for qw(read write socket exec);
    my $status = slurp("/proc/$server->{pid}/status");
    like($status, qr/^NoNewPrivs:\s*1$/m, 'no new privileges');
  SKIP: {
        skip 'not root', 2 if $> != 0;
        unlike($status, qr/^Uid:.*\b0\b/m, 'root is given up');
        like((tries($server, 'root'))[0], qr/not permitted/, '... for good');
    }
    is(stop_server($server), 0, 'it ends as ever');

    $server = start_server(lab('licensed'));
    is((tries($server, 'x'))[0], 'done', 'a plugin may do what it says that it needs');
    stop_server($server);
}

{
    my $server = start_server(lab('burglar'), '--no-lockdown');
    is((tries($server, 'read'))[0], 'done', '--no-lockdown keeps all');
    stop_server($server);
}

# --- who else can write there ---

my $folder = scratch() . '/plugins';
mkdir $folder or die $!;
copy("$fixture_plugins/twice.so", "$folder/twice.so")
  or die $!;
$ENV{PROTOLAB_PLUGIN_PATH} = $folder;
chmod 0755, $folder;
chmod 0644, "$folder/twice.so";

sub list { return run_protolab('', 'help', "$folder/twice.so"); }

my ($status, $out, $err) = list();
is($status, 0, 'a plugin that is ours alone is loaded') or diag($err);

chmod 0666, "$folder/twice.so";
($status, $out, $err) = list();
is($status, 2, 'a plugin that others can write is refused');
like($err, qr{/twice\.so: others can write there and change the plugin}, '... by its name');
like($err, qr{chmod go-w \S+/twice\.so}, '... with the remedy');

chmod 0644, "$folder/twice.so";
chmod 0777, $folder;
($status, $out, $err) = list();
is($status, 2, 'and so is one in a folder that others can write');
like($err, qr{/plugins: others can write there}, '... which is named');
chmod 01777, $folder;
($status) = list();
is($status, 0, 'but not in a sticky one, such as /tmp');
chmod 0755, $folder;

SKIP: {
    skip 'only root can give files away', 2 if $> != 0;
    chown 12345, -1, "$folder/twice.so" or skip 'files cannot be given away here', 2;
    ($status, $out, $err) = list();
    is($status, 2, 'a plugin of another user is refused');
    like($err, qr/belongs to another user/, '... says why');
}

done_testing;
