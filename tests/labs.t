#!/usr/bin/perl
# labs.t - every lab that is shipped is sound, says what it is about, and works.
use strict;
use warnings;

use JSON::PP;
use ProtolabTest;
use Test::More;

# What comes back for these sentences, lab by lab; a lab without a row here is an error.  A lab that
# does not answer sentence by sentence has a test of its own.
my @sentences = ('hello world', 'Mississippi runs South', 'straße', '', '12, 34!');
my @upper     = ('HELLO WORLD', 'MISSISSIPPI RUNS SOUTH', 'STRASSE', '', '12, 34!');
my @count     = (0, 5, 1, 0, 0);
my %replies   = (
    'tcp-count-s'           => \@count,
    'udp-count-s'           => \@count,
    'tcp-echo'              => \@sentences,
    'udp-echo'              => \@sentences,
    'tcp-uppercase'         => \@upper,
    'tcp-uppercase-lines'   => \@upper,
    'tcp-sliced'            => \@upper,
    'udp-uppercase'         => \@upper,
    'tcp-reverse-uppercase' =>
      [ 'DLROW OLLEH', 'HTUOS SNUR IPPISSISSIM', undef, '', '!43 ,21' ],
    'udp-pinger'     => [ 'HELLO WORLD', 'MISSISSIPPI RUNS SOUTH', 'STRAßE', '', '12, 34!' ],
    'tcp-chat'       => 'chat.t',
    'tcp-http-hello' => 'http.t',
    'tcp-chargen'    => 'sessions.t',
    'udp-chargen'    => 'sessions.t',
    'tcp-sum'        => 'sessions.t',
    'udp-lossy-uppercase' => 'link.t',
    'udp-pinger-lossy'    => 'link.t',
);

my @files = glob "$srcdir/labs/*.json";
cmp_ok(scalar @files, '>=', 8, 'there are labs');

my ($listed) = slurp("$srcdir/Makefile.am") =~ /^LABS = ((?:.*\\\n)*.*)\n/m;
my @names = map { m{([^/]*)\.json$} } @files;
is_deeply([ sort grep { /[a-z]/ } split /[\s\\]+/, $listed ], [ sort @names ],
    'LABS of Makefile.am names them all');
is_deeply([ sort keys %replies ], [ sort @names ], 'each has its replies here');

# Sentences by run and client, which have the lab's framing.
sub is_talked {
    my ($file, $lab, $replies) = @_;
    # A stream whose messages are what one recv returns cannot carry an empty one.
    my $recv  = ($lab->{framing} // '') eq 'recv';
    my @which = grep { defined $replies->[$_] && (!$recv || length $sentences[$_]) } 0 .. $#sentences;
    my ($input, $wanted) = map { my $list = $_; join '', map { "$list->[$_]\n" } @which }
      \@sentences, $replies;
    my ($status, $out, $err) = run_protolab($input, 'run', $file, '--', 'sh', '-c',
        'exec "$0" client "$1" --port "$PROTOLAB_PORT"', $protolab, $file);
    is($out, $wanted, '... run and client exchange sentences');
    is($status, 0,  '... with success');
    is($err,    '', '... and without complaint');
    return;
}

for my $file (@files) {
    my ($stem) = $file =~ m{([^/]*)\.json$};
    my $text   = slurp($file);
    my $lab    = JSON::PP->new->decode($text);
    like($lab->{title} // '', qr/\w/, "$stem has a title");
    cmp_ok(length($lab->{about} // ''), '>', 40, '... and says what it is about');
    is($lab->{port}, 12000, "... and has the book's port");
    ok(!exists $lab->{host}, '... on this machine only');
    is_deeply([ run_protolab('', 'lint', $file) ], [ 0, "$file: ok\n", '' ], '... lint is content');

    my ($status, $out) = run_protolab('', 'help', $file);
    is($status, 0, '... help explains it');
    like($out, qr/\Q$lab->{title}\E/, '... with its title');

    if (!ref $replies{$stem}) {
        like(slurp("$srcdir/tests/$replies{$stem}"), qr{/\Q$stem\E\.json},
            "... $replies{$stem} tries it");
        next;
    }
    is_talked($file, $lab, $replies{$stem});
}

done_testing;
