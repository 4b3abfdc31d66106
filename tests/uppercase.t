#!/usr/bin/perl
# uppercase.t - the transform uppercase answers what Python's str.upper () gives.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;

my $folder = $ENV{PROTOLAB_TRANSFORMS} // 'transforms';
my $run    = $ENV{PROTOLAB_RUN_TRANSFORM} // 'tests/unit/run_transform';
my $python = $ENV{PYTHON} || 'python3';

plan skip_all => "no $python" if system("$python -c 'import sys' >/dev/null 2>&1") != 0;
plan tests    => 5;

my $work = tempdir(CLEANUP => 1);

# Writes NAME.in and NAME.want for each group: messages, each behind its length.
my $oracle = <<'PYTHON';
import random, struct, sys

# Letters that got their capital after Unicode 14, the version of the older libraries in use.
LATER = {0x19b, 0x264, 0x1c8a, 0xa7cd, 0xa7cf, 0xa7d3, 0xa7d5, 0xa7db}
LATER |= set(range(0x10d70, 0x10d86)) | set(range(0x16ebb, 0x16ed4))
EVERY = [chr(c) for c in range(0x110000) if not 0xd800 <= c < 0xe000 and c not in LATER]

CASED = [c for c in EVERY if c != c.upper() or c != c.lower()]
GROWING = [c for c in EVERY if len(c.upper()) > 1]
MARKS = [chr(c) for c in (*range(0x300, 0x370), 0x1dc0, 0x20d0, 0x1e130)]
ODD = 'ßẞŉǰΐΰևﬀﬃﬆςσΣᾳᾼᾷιͅǆǅǄǳǲǱiıIİ\u0307\u200d\xad\'.:\0'
POOLS = [EVERY, CASED, GROWING, MARKS, ODD, [chr(c) for c in range(128)]]
PIECES = [c.encode() for c in 'azAZ\0ßé€😀'] + [bytes([b]) for b in range(128, 256)]

def write(name, messages, upper):
    for suffix, of in ('in', lambda m: m), ('want', upper):
        with open(f'{sys.argv[1]}/{name}.{suffix}', 'wb') as file:
            file.write(b''.join(struct.pack('!I', len(of(m))) + of(m) for m in messages))

def text():
    pools = random.sample(POOLS, random.randint(1, len(POOLS)))
    return ''.join(random.choice(random.choice(pools)) for _ in range(random.randint(0, 150)))

def is_utf8(m):
    try:
        m.decode()
        return True
    except UnicodeDecodeError:
        return False

random.seed(1)
texts = [text().encode() for _ in range(5000)]
noise = [b''.join(random.choices(PIECES, k=random.randint(0, 80))) for _ in range(5000)]
unicode_upper = lambda m: m.decode().upper().encode()
write('every', [c.encode() for c in EVERY], unicode_upper)
write('between', [f'aΑ{c}\u0301ς'.encode() for c in CASED + MARKS], unicode_upper)
write('texts', texts, unicode_upper)
write('ascii', texts + noise, bytes.upper)
write('broken', [m for m in noise if not is_utf8(m)], bytes.upper)
PYTHON

open my $script, '>:raw', "$work/oracle.py" or die "$work/oracle.py: $!";
print $script $oracle;
close $script or die "$work/oracle.py: $!";
system($python, "$work/oracle.py", $work) == 0 or die "$python failed";

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$file>;
}

sub same_answers {
    my ($group, $about, @parameters) = @_;
    my $parameters = join ' ', @parameters;
    my $status = system("$run $folder/uppercase.so $parameters <$work/$group.in >$work/$group.got");
    my ($want, $got) = map { slurp("$work/$group.$_") } qw(want got);

    return if ok($status == 0 && $got eq $want, $about);
    diag("$run ended with status $status") if $status != 0;
    my @in   = unpack '(N/a)*', slurp("$work/$group.in");
    my @want = unpack '(N/a)*', $want;
    my @got  = unpack '(N/a)*', $got;
    my ($i) = grep { $want[$_] ne ($got[$_] // 'no answer') } 0 .. $#want;
    return if !defined $i;
    diag("message $i: ", unpack 'H*', $in[$i]);
    diag('wanted:    ', unpack 'H*', $want[$i]);
    diag('got:       ', defined $got[$i] ? unpack 'H*', $got[$i] : 'no answer');
    return;
}

same_answers('every',   'every character');
same_answers('between', 'every letter between others');
same_answers('texts',   'random texts');
same_answers('ascii',   'ascii: the letters a to z only', 'ascii=true');
same_answers('broken',  'what is not UTF-8: the letters a to z only');
