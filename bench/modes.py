"""What is measured: a mode is a row of MODES."""
import collections
import fnmatch

# Who takes part; the first is the one that the others are compared with.
ALL = ('limit', 'limit-segment', 'protolab', 'libuv', 'node', 'python-book', 'asyncio', 'socat',
       'ncat')
STEADY = ('limit', 'limit-segment', 'protolab', 'libuv', 'node', 'asyncio')
VARIANTS = ('protolab', 'protolab-chain', 'protolab-send', 'protolab-sessions')
WORKERS = ('protolab', 'protolab-2-workers')
STARTS = ('limit', 'protolab', 'protolab-no-lockdown', 'libuv', 'node', 'asyncio')

# name     what --modes calls it
# group    so does this, for all rows that have it
# kind     which of its commands a server is started with; see servers.py
# servers  who takes part
# about    the mode in words
# load     bench/load's options; or, as a word without dashes, another measure of measure.py
# base     None, or for a fixed rate: a part of what the first server makes in another mode
Mode = collections.namedtuple('Mode', 'name group kind servers about load base', defaults=[None])

CONNECTIONS = (1, 10, 100, 1000, 10000)
PARTS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1)

MODES = [
    Mode('udp-batch', 'main', 'udp', ALL, 'UDP, 4 sockets x 32 outstanding, 64 B',
         '--udp --connections 4 --outstanding 32 --size 64'),
    Mode('udp-one', 'main', 'udp', ALL, 'UDP, one outstanding, 64 B',
         '--udp --size 64 --spin'),
    Mode('udp-1400', 'main', 'udp', ALL, 'UDP, 4 sockets x 8 outstanding, 1400 B',
         '--udp --connections 4 --outstanding 8 --size 1400'),
    Mode('tcp-64', 'main', 'lines', ALL, 'TCP, 64 connections x one line of 64 B',
         '--tcp --connections 64 --size 64'),
    Mode('tcp-pipelined', 'main', 'lines', ALL, 'TCP, 16 connections x 32 lines of 64 B in flight',
         '--tcp --connections 16 --outstanding 32 --size 64'),
    Mode('tcp-connect', 'main', 'close', ALL, 'TCP, connect, one line, close: one at a time',
         '--tcp --shape connect --size 64 --spin'),
    Mode('tcp-connect-16', 'main', 'close', ALL, 'TCP, connect, one line, close: 16 at a time',
         '--tcp --shape connect --connections 16 --size 64'),
    Mode('tcp-stream-64', 'main', 'lines', ALL, 'TCP, one stream of lines of 64 B',
         '--tcp --shape stream --size 64'),
    Mode('tcp-stream-64-unframed', 'main', 'recv', ALL, 'TCP, one stream of 64 B, unframed',
         '--tcp --shape stream --framing recv --size 64'),
    Mode('tcp-stream-64k', 'main', 'lines', ALL, 'TCP, one stream of lines of 64 KiB',
         '--tcp --shape stream --size 65536'),
    Mode('tcp-idle-10000', 'main', 'lines', STEADY, 'TCP, 10000 connections that say nothing',
         '--tcp --shape idle --connections 10000 --size 64'),

    *[Mode('udp-peers-%d' % n, 'growth', 'udp', STEADY,
           'UDP, %d sockets, a datagram each, 128 in flight at most' % n,
           '--udp --connections %d --in-flight %d --size 64' % (n, min(n, 128)))
      for n in CONNECTIONS],
    *[Mode('tcp-peers-%d' % n, 'growth', 'lines', STEADY, 'TCP, %d connections x one line' % n,
           '--tcp --connections %d --size 64' % n) for n in CONNECTIONS],

    *[Mode('udp-load-%.0f' % (100 * part), 'load', 'udp', STEADY,
           'UDP, 64 B, at %.1f of the rate of udp-batch' % part,
           '--udp --connections 4 --outstanding 32 --size 64 --spin', ('udp-batch', part))
      for part in PARTS],
    *[Mode('tcp-load-%.0f' % (100 * part), 'load', 'lines', STEADY,
           'TCP, 64 connections, at %.1f of the rate of tcp-64' % part,
           '--tcp --connections 64 --size 64 --spin', ('tcp-64', part))
      for part in PARTS],

    Mode('udp-variants', 'variants', 'udp', VARIANTS, 'udp-batch, other transforms',
         '--udp --connections 4 --outstanding 32 --size 64'),
    Mode('udp-variants-10000', 'variants', 'udp', VARIANTS, 'udp-peers-10000, other transforms',
         '--udp --connections 10000 --in-flight 128 --size 64'),
    Mode('tcp-variants', 'variants', 'lines', VARIANTS, 'tcp-pipelined, other transforms',
         '--tcp --connections 16 --outstanding 32 --size 64'),

    Mode('udp-workers', 'workers', 'udp', WORKERS, 'udp-batch at 0.5 of its rate, on both cores',
         '--udp --connections 4 --outstanding 32 --size 64', ('udp-batch', 0.5)),
    Mode('tcp-workers', 'workers', 'lines', WORKERS, 'tcp-64 at 0.5 of its rate, on both cores',
         '--tcp --connections 64 --size 64', ('tcp-64', 0.5)),

    Mode('first-answer-udp', 'start', 'udp', STARTS, 'from exec to the first answer, UDP',
         'first-answer'),
    Mode('first-answer-tcp', 'start', 'lines', STARTS, 'from exec to the first answer, TCP',
         'first-answer'),
    Mode('version', 'start', 'version', ('nothing', 'protolab'), 'from exec to the end, --version',
         'exit'),
]


def is_stream(mode):
    return '--shape stream' in mode.load


def is_idle(mode):
    return '--shape idle' in mode.load


def is_timing(mode):
    """Its result is a time and nothing else."""
    return not mode.load.startswith('--')


def connections(mode):
    words = mode.load.split()
    return int(words[words.index('--connections') + 1]) if '--connections' in words else 1


def chosen(patterns):
    """The rows whose name or group fits one of the patterns, in the table's order."""
    for pattern in patterns:
        if not any(fits(mode, pattern) for mode in MODES):
            raise ValueError('no mode and no group of modes is called "%s"' % pattern)
    return [mode for mode in MODES if any(fits(mode, pattern) for pattern in patterns)]


def fits(mode, pattern):
    return fnmatch.fnmatchcase(mode.name, pattern) or mode.group == pattern
