# Chromium.pm - a real browser without a window, driven over its DevTools pipe.
package Chromium;

use strict;
use warnings;
no warnings 'exec'; # what follows it is for where it fails

use Fcntl qw(F_DUPFD);
use IO::Handle;
use IO::Select;
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use POSIX ();
use ProtolabTest;

my @names = qw(chromium chromium-browser google-chrome);

# The program, or undef where there is none.
sub program {
    my ($name) = grep { have($_) } @names;
    return $name;
}

# Starts the browser with a window of that size; dark: what people with that wish see.
sub new {
    my ($class, %how) = @_;
    my $program = program();
    my $home = scratch() . '/chromium';
    my ($width, $height) = map { 0 + $_ } $how{width} // 1280, $how{height} // 800;
    mkdir $home;
    pipe my $their_in, my $our_out or die $!;
    pipe my $our_in, my $their_out or die $!;
    my $pid = fork // die $!;
    if ($pid == 0) {
        open STDIN,  '<', '/dev/null' or die $!;
        open STDOUT, '>', '/dev/null' or die $!;
        open STDERR, '>', "$home/stderr" or die $!;
        # Two steps: the pipes' own numbers may be 3 and 4.
        my ($in, $out) = map { fcntl $_, F_DUPFD, 20 } $their_in, $their_out;
        POSIX::dup2($in, 3);
        POSIX::dup2($out, 4);
        setpgrp;
        $ENV{HOME} = $home;
        exec $program, '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run',
          '--disable-dev-shm-usage', '--hide-scrollbars', '--mute-audio', '--disable-background-networking',
          '--remote-debugging-pipe', "--user-data-dir=$home/profile", "--window-size=$width,$height",
          'about:blank';
        POSIX::_exit(127);
    }
    close $their_in;
    close $their_out;
    $our_out->autoflush(1);
    my $self = bless { pid => $pid, in => $our_in, out => $our_out, read => '', id => 0, notes => [] }, $class;
    my $target = $self->call('Target.createTarget', { url => 'about:blank' });
    $self->{session} = $self->call('Target.attachToTarget',
        { targetId => $target->{targetId}, flatten => JSON::PP::true })->{sessionId};
    $self->call('Page.enable');
    $self->call('Runtime.enable');
    $self->call('Log.enable');
    $self->call('Emulation.setDeviceMetricsOverride',
        { width => $width, height => $height, deviceScaleFactor => 1, mobile => JSON::PP::false });
    $self->call('Emulation.setEmulatedMedia',
        { features => [{ name => 'prefers-color-scheme', value => $how{dark} ? 'dark' : 'light' }] });
    return $self;
}

# The next message of the browser; dies where none comes.
sub message {
    my ($self) = @_;
    my $end;
    while (($end = index $self->{read}, "\0") == -1) {
        IO::Select->new($self->{in})->can_read(2 * $ProtolabTest::patience) or die 'the browser says nothing';
        sysread $self->{in}, $self->{read}, 65536, length $self->{read} or die 'the browser has gone';
    }
    my $text = substr $self->{read}, 0, $end + 1, '';
    chop $text;
    return JSON::PP->new->utf8->decode($text);
}

# Calls a method of the DevTools protocol and returns its result; events that come meanwhile are kept.
sub call {
    my ($self, $method, $params) = @_;
    my $id = ++$self->{id};
    my %request = (id => $id, method => $method, params => $params // {});
    $request{sessionId} = $self->{session} if defined $self->{session};
    print { $self->{out} } JSON::PP->new->utf8->encode(\%request), "\0";
    while (1) {
        my $answer = $self->message;
        if (!defined $answer->{id}) {
            push @{ $self->{notes} }, $answer;
            next;
        }
        next if $answer->{id} != $id;
        die "$method: $answer->{error}{message}" if $answer->{error};
        return $answer->{result};
    }
}

sub open_page {
    my ($self, $url) = @_;
    $self->{notes} = [];
    $self->call('Page.navigate', { url => $url });
    $self->until(q(document.readyState === 'complete'));
    return;
}

# The value of an expression; of a promise, what it is kept with.
sub value {
    my ($self, $expression) = @_;
    my $result = $self->call('Runtime.evaluate',
        { expression => $expression, returnByValue => JSON::PP::true, awaitPromise => JSON::PP::true });
    die "$expression: $result->{exceptionDetails}{exception}{description}" if $result->{exceptionDetails};
    return $result->{result}{value};
}

# Waits until the expression is true; the page itself looks again each time that it is drawn.
sub until {
    my ($self, $condition) = @_;
    my $milliseconds = 1000 * $ProtolabTest::patience;
    return $self->value(<<"END");
new Promise((found) => {
  const end = Date.now() + $milliseconds;
  const look = () => {
    let is = false;
    try { is = Boolean($condition); } catch { }
    if (is || Date.now() > end) found(is); else setTimeout(look, 20);
  };
  look();
})
END
}

# Presses a key, as KeyboardEvent.key names it.
sub press {
    my ($self, $key) = @_;
    my %text = length $key == 1 ? (text => $key) : ();
    $self->call('Input.dispatchKeyEvent', { type => 'keyDown', key => $key, %text });
    $self->call('Input.dispatchKeyEvent', { type => 'keyUp', key => $key });
    return;
}

# What the page's scripts and its Content-Security-Policy complained about.
sub complaints {
    my ($self) = @_;
    $self->value('1');
    my @said;
    for my $note (@{ $self->{notes} }) {
        push @said, $note->{params}{exceptionDetails}{exception}{description}
          if $note->{method} eq 'Runtime.exceptionThrown';
        push @said, "$note->{params}{entry}{text} $note->{params}{entry}{url}"
          if $note->{method} eq 'Log.entryAdded' && $note->{params}{entry}{level} eq 'error';
    }
    return @said;
}

sub screenshot {
    my ($self, $path) = @_;
    open my $to, '>:raw', $path or die "$path: $!";
    print $to decode_base64($self->call('Page.captureScreenshot', { format => 'png' })->{data});
    close $to or die $!;
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    kill 'KILL', -$self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

1;
