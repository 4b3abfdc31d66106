#!/usr/bin/perl
# seeing.t - docs/SEEING.md shows what the program does: each example is run, and what comes is
# compared with what the chapter shows.
#
#   ```console           "$ command", and what it prints on both outputs; all share one folder
#   ```python FILE       a file of that folder, of any language; a lab's port becomes a free one
#   ```sh                commands that are not run; their options must be there
#
# To write the chapter's output anew, from the top of the source, and to read it before it is kept:
#   PROTOLAB=BUILD/protolab perl -Itests tests/seeing.t --update
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use ProtolabTest;
use Test::More;

my $chapter = "$srcdir/docs/SEEING.md";
my $update  = grep { $_ eq '--update' } @ARGV;

sub spew {
    my ($path, $text) = @_;
    open my $to, '>', $path or die "$path: $!";
    print $to $text;
    close $to or die "$path: $!";
    return;
}

# As a student who stands in the source's folder, with protolab in the search path.  Relative
# names stay as the chapter has them, and no port is taken from anybody.
my $work = scratch() . '/seeing';
mkdir $_ or die "$_: $!" for $work, "$work/labs", "$work/bin";
symlink abs_path($protolab), "$work/bin/protolab" or die $!;

sub spew_lab {
    my ($path, $text) = @_;
    return spew($path, $text =~ s/("port": )12000\b/${1}0/r);
}
spew_lab("$work/labs/" . basename($_), slurp($_)) for glob "'$srcdir/labs/*.json'";

# ------------------------------------------------------------------ running --

# Descriptor numbers are in the diagrams: whoever runs the tests may have left some open.
sub run_example {
    my ($command) = @_;
    local $ENV{PATH} = "$work/bin:$ENV{PATH}";
    return run_command('', 'sh', '-c',
        "cd '$work' && exec 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-\n$command");
}

sub without_clock {
    my ($text) = @_;
    $text =~ s/("(?:t|monotonic)":)[\d.]+/${1}0/g;
    $text =~ s/("time":")[^"]*/$1/g;
    return masked($text);
}

# How two ends of a stream take leave of each other, after the last send, depends on whose packets
# are faster: which sockets are closed is what remains the same.
my $leave = qr/end \(FIN\)|\b(?:shutdown|close)\(|\brecv\(\d+\) = 0\b/;

sub without_leave {
    my ($text) = @_;
    return $text if $text !~ /\blisten\(/;
    my ($talk, $end) = $text =~ /\A(.*\bsend\(.*?\n)(.*)\z/s;
    my @closed = sort $end =~ /\b(close\(\d+\))/g;
    return join '', $talk, (grep { /\(RST\)/ || !/$leave/ } split /^/, $end), map { "$_\n" } @closed;
}

# A link's delay and a client's patience may take longer on a busy machine, and never less; other
# programs take as long as they like.
sub is_no_earlier {
    my ($came, $shown) = @_;
    my @times = map { [ without_leave($_) =~ /^ *(\d+\.\d{3}) /gm ] } $came, $shown;
    my @early = grep { $times[0][$_] < int($times[1][$_] * 10) / 10 } 0 .. $#{ $times[1] };
    return is("@early", '', '... at the times shown, or later');
}

# The server's port as the labs have it, the others in their order.
sub with_book_ports {
    my ($text, @ports) = @_;
    my %port;
    for my $met ($text =~ /(?<=[\d\]]:)(\d{4,5})\b/g) {
        $port{$met} //= shift @ports;
    }
    return $text =~ s/(?<=[\d\]]:)(\d{4,5})\b/$port{$1}/gr;
}

sub is_shown {
    my ($command, $shown) = @_;
    my ($status, $came) = run_example($command);
    my $same = without_leave(without_clock($came)) eq without_leave(without_clock($shown));
    if ($update) {
        my $server = $command =~ / -- / ? 40000 : 12000;
        return $same ? $shown : with_book_ports($came, $server, 50001 .. 50999);
    }
    is(without_leave(without_clock($came)), without_leave(without_clock($shown)), $command);
    is_no_earlier($came, $shown) if $same && $command !~ / -- /;
    is($status, $shown =~ /^protolab: /m ? 1 : 0, '... and its status');
    return $shown;
}

# ------------------------------------------------------------------ reading --

# One block's commands, each with the lines below it.
sub console {
    my ($text, $line) = @_;
    my @examples = $text =~ /\G(\$ (?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)/g;
    is(join('', @examples), $text, "line $line: a console begins with a command") if !$update;
    my $written = '';
    while (my ($command, $shown) = splice @examples, 0, 2) {
        my $bare = $command =~ s/^\$ //r =~ s/\n\z//r;
      SKIP: {
            skip 'python3 is not installed', 3 if $bare =~ /\bpython3\b/ && !have('python3');
            $shown = is_shown($bare, $shown);
        }
        $written .= $command . $shown;
    }
    return $written;
}

my $help = join '', map { (run_protolab('', 'help', $_))[1] } qw(run serve client render);

sub sh {
    my ($text, $line) = @_;
    my @options = map { /(--[a-z]+[a-z-]*)/g } grep { /^protolab / } split /\n/, $text;
    my @unknown = grep { $help !~ /\Q$_\E\b/ } @options;
    is("@unknown", '', "line $line: there are such options") if !$update;
    return $text;
}

sub file {
    my ($text, $name) = @_;
    spew_lab("$work/$name", $text);
    return $text;
}

my $line = 1;
my %count;
my $written = '';
for my $part (split /^(```\w.*?^```\n)/ms, slurp($chapter)) {
    if (my ($fence, $language, $name, $text) = $part =~ /^(```(\w+)(?: (\S+))?\n)(.*)^```\n/ms) {
        $count{$language}++;
        my $new = $name ? file($text, $name)
          : $language eq 'console' ? console($text, $line)
          : $language eq 'sh' ? sh($text, $line)
          : die "$chapter:$line: a block of $language needs the name of a file\n";
        $written .= "$fence$new```\n";
    }
    else {
        $written .= $part;
    }
    $line += $part =~ tr/\n//;
}

if ($update) {
    spew($chapter, $written);
    diag("$chapter is written: see what has changed");
}
cmp_ok($count{console} // 0, '>=', 12, 'the chapter has examples');
my @links = grep { !-e dirname($chapter) . "/$_" } slurp($chapter) =~ /\]\(([^):#]+)\)/g;
is("@links", '', 'what it links to is there');

done_testing;
