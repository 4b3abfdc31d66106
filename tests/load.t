#!/usr/bin/perl
# load.t - what "protolab serve" says of plugins that are broken, missing, or given wrong
# parameters; and that the sound ones work.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Copy qw(copy);
use ProtolabTest;
use Test::More;

my $folder = abs_path($fixture_plugins);
my $more   = scratch() . '/more';
mkdir $more or die $!;
copy("$srcdir/tests/fixtures/plugins/not_elf.so", $more) or die $!;
# In a build in the source folder, $folder has a not_elf.so too.
$ENV{PROTOLAB_PLUGIN_PATH} = "$more:$folder";

# The first lines of the fixtures tell which ones are broken: none may be left out below.
my (%broken, @sound);
for my $source (glob "$srcdir/tests/fixtures/plugins/*.c") {
    my ($name, $state) = slurp($source) =~ m{^/\* (\w+)\.c - (\w+)} or die $source;
    $broken{$name} = 1   if $state eq 'broken';
    push @sound, $name if $state eq 'sound';
}

sub lab_of {
    my ($name, $kind) = @_;
    my $other = $kind eq 'transform' ? '"transport": "tcp"' : '"transform": "echo"';
    return lab_file(qq({ $other, "$kind": "$name", "port": 12000 }), "$name.json");
}

# "serve" has to refuse the lab in these words.
sub refuses {
    my ($about, $lab, $wanted, @words) = @_;
    my ($status, $out, $err) = run_protolab('', 'serve', $lab, '--port', 0);
    is($status, $wanted, "$about: status $wanted");
    is($out, '', "$about: never ready");
    ok(index($err, $_) != -1, "$about: says " . s{\n}{}r) || diag($err) for @words;
    unlike($err, qr/Sanitizer|runtime error|core dumped|constructor ran/, "$about: and does no harm");
    return;
}

# --- broken plugins: what is wrong, and what can be done ---

my $foot    = 'End it with PL_TRANSFORM or PL_TRANSPORT of protolab.h';
my $rebuild = "Build it again with this protolab's protolab.h";
my %files = (
    bad_kind      => ["its kind is 9, neither a transport nor a transform. $foot"],
    bad_magic     => ["its magic number is 0x504c4143, not 0x504c4142. $foot"],
    bad_offset    => ['parameter "times": its member lies outside of the lab state', 'protolab-plugin(3)'],
    bad_params    => ['parameter "times": its preset "many" is not a whole number', 'protolab-plugin(3)'],
    future_abi    => ["is made for ABI 2, and this protolab's is 1. $rebuild"],
    name_mismatch => ['calls itself "another_name", unlike its file. Name the file another_name.so'],
    no_entry      => ["does not export protolab_plugin. $foot"],
    no_message    => ['the required hook "message" is missing. Give .message = ... to its PL_TRANSFORM'],
    null_entry    => ["refuses this protolab, whose ABI is 1. $rebuild"],
    null_name     => ["has no name. $foot"],
    null_summary  => ["has no summary. $foot"],
    null_table    => ["is a transform by its kind, and has no struct pl_transform. $foot"],
    short_plugin  => ['its struct pl_plugin has 32 bytes, not ', $rebuild],
    short_struct  => ["its struct pl_transform ends before the required hook \"message\". $rebuild"],
    undefined_symbol => ['undefined symbol: undefined_symbol_elsewhere. Link it with -Wl,-z,defs'],
);
for my $name (sort keys %files) {
    delete $broken{$name} or fail("$name is no broken fixture");
    refuses($name, lab_of($name, 'transform'), 2, "$name.json:1:36: $folder/$name.so: ", @{ $files{$name} });
}
refuses('not_elf', lab_of('not_elf', 'transform'), 2,
    "not_elf.json:1:36: $more/not_elf.so: is not an ELF file. cc -shared -fPIC -o NAME.so NAME.c makes one");
refuses('no_ready', lab_of('no_ready', 'transport'), 2,
    "$folder/no_ready.so: the required hook \"ready\" is missing. Give .ready = ... to its PL_TRANSPORT");
refuses('wrong_kind', lab_of('wrong_kind', 'transform'), 2,
    'wrong_kind.json:1:36: "wrong_kind" is a transport, not a transform. Name it under "transport"');
refuses('uppercase', lab_of('uppercase', 'transport'), 2,
    '"uppercase" is a transform, not a transport. Name it under "transform"');
refuses('Bad_Name', lab_of('Bad_Name', 'transform'), 2,
    'the name of a plugin has small letters, digits and _ only, unlike "Bad_Name". Write "bad_name"');

# These load, and fail at work.
refuses('setup_fails', lab_of('setup_fails', 'transform'), 2,
    '/setup_fails.json: setup_fails: the fixture refuses');
refuses('setup_silent', lab_of('setup_silent', 'transform'), 2,
    '/setup_silent.json: setup_silent: the plugin "setup_silent" failed and did not say why');
# The lab is right: it is the run that failed.
refuses('listen_fails', lab_of('listen_fails', 'transport'), 1,
    'protolab: listen_fails 127.0.0.1:0: the fixture does not listen');

delete @broken{qw(Bad_Name no_ready wrong_kind setup_fails setup_silent listen_fails)};
delete $broken{crash};    # workers.t has it: it breaks only when it is spoken to
is_deeply([sort keys %broken], [], 'every broken fixture was tried');

# --- missing plugins ---

refuses('a slip', lab_of('upercase', 'transform'), 2,
    'upercase.json:1:36: no transform "upercase". Did you mean "uppercase"? Looked in '
      . "$more, $folder, ");
refuses('a slip in a fixture', lab_of('greter', 'transform'), 2, 'Did you mean "greeter"?');
refuses('a transport', lab_of('tpc', 'transport'), 2, 'no transport "tpc". Did you mean "tcp"?');
refuses('a name from nowhere', lab_of('zzzzzzzz', 'transform'), 2, 'no transform "zzzzzzzz". Looked in ');
{
    local $ENV{PROTOLAB_PLUGIN_PATH} = scratch() . '/nowhere';
    refuses('a folder that is not there', lab_of('greeter', 'transform'), 2,
        'no transform "greeter". Looked in ' . scratch() . '/nowhere (not there), ');
}
refuses('a path', lab_file('{ "transport": "tcp", "transform": "./echo.so", "port": 1 }', 'path.json'), 2,
    'path.json:1:36: "transform": a descriptor names a plugin, not a file. Write "echo"');
refuses('two at once', lab_file(
        '{ "transport": "tpc", "transform": ["echo", "bad_kind", "upercase"], "port": 1 }', 'two.json'), 2,
    'two.json:1:16: no transport "tpc"', 'two.json:1:45: ', 'its kind is 9', 'two.json:1:57: no transform "upercase"');

# --- sound plugins ---

sub sound {
    my ($about, $transform, %wanted) = @_;
    my $server = start_server(lab_file(
        qq({ "transport": "tcp", "transform": $transform, "port": 12000 })));
    my $client = tcp($server);
    for my $line (sort keys %wanted) {
        send_all($client, "$line\n");
        is(read_line($client), $wanted{$line}, "$about: $line");
    }
    close $client;
    is(stop_server($server), 0, "$about: ends well");
    is($server->{said}, '', "$about: in silence");
    return;
}

# What a plugin insists on being given.
my %given = (picky => '"few": 1');
for my $name (@sound) {
    my $given = join ', ', qq("plugin": "$name"), grep { defined } $given{$name};
    my ($status, $out, $err) = run_protolab('', 'lint',
        lab_file(qq({ "transport": "tcp", "transform": { $given }, "port": 1 })));
    is($status, 0, "$name loads") || diag($err);
}
sound('longer_table', '"longer_table"', abc => 'abc');
sound('older_table', '"older_table"', abc => 'abc');

# --- parameters ---

sub shout {
    return lab_file(qq({ "transport": "tcp", "port": 1,
  "transform": { "plugin": "shout", $_[0] } }), 'shout.json');
}

sound('shout', '"shout"', hey => 'hey!', '' => '!');
sound('shout, all given',
    '{ "plugin": "shout", "times": 3, "spaced": true, "mark": "?\u00e9", "side": "before" }',
    hey => " ?\xc3\xa9 ?\xc3\xa9 ?\xc3\xa9hey");
sound('shout, twice', '[{ "plugin": "shout", "times": 2 }, { "plugin": "shout", "mark": "12345678" }]',
    hey => 'hey!!12345678');

for (
    ['"times": 0',         '"times": a number from 1 to 3 is wanted, not 0'],
    ['"times": 4',         '"times": a number from 1 to 3 is wanted, not 4'],
    ['"times": 2.5',       '"times": a whole number is wanted, not 2.5'],
    ['"times": "2"',       '"times": a number from 1 to 3 is wanted, not the text "2". Take the quotes away'],
    ['"times": null',      '"times": a number from 1 to 3 is wanted, not null. Leave the key out'],
    ['"spaced": 1',        '"spaced": true or false is wanted, not 1. Write true'],
    ['"mark": ""',         '"mark": a text of 1 to 8 bytes is wanted, and this one has 0'],
    ['"mark": "123456789"', '"mark": a text of 1 to 8 bytes is wanted, and this one has 9'],
    ['"mark": 1',          '"mark": a text of 1 to 8 bytes is wanted, not 1. Put it in quotes: "1"'],
    ['"side": "left"',     '"side": "left" is none of its words. Write "before" or "after"'],
    ['"side": "befor"',    '"side": "befor" is none of its words. Did you mean "before"?'],
    ['"tmes": 1',          '"tmes": shout has no such parameter. Did you mean "times"?'],
    ['"times": 1, "times": 2', '"times": this key stands in the same object already. Leave one of them out'],
) {
    my ($given, $message) = @$_;
    refuses($given, shout($given), 2, 'shout.json:2:', ": $message\n");
}
refuses('three wrong ones', shout('"times": 9, "mark": "", "side": 1'), 2,
    '"times": a number from 1 to 3', '"mark": a text of 1 to 8', '"side": ');
refuses('echo', lab_file('{ "transport": "tcp", "port": 1,
  "transform": { "plugin": "echo", "times": 1 } }', 'echo.json'), 2,
    '"times": echo has no ');

done_testing();
