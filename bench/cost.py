#!/usr/bin/env python3
"""Counts the instructions that a message costs a server in user space, and compares with cost.json.

A server runs under callgrind, and what it executes does not depend on what else the machine does.
How many messages it finds when it looks does: so each round stops the server, sends, lets it go on
and compares every reply.  Each case runs twice with as many rounds, but in the second time most
rounds send nothing: the difference holds no start, no end, and nothing of being stopped.

For "make check-cost", which says in PROTOLAB_COUNTED where the programs and plugins are.
"""
import argparse
import collections
import json
import os
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

from callgrind import PATIENCE, Failure, Server

SIZE = 64  # bytes of a message; a line's newline is one of them
BATCH = 64  # datagrams a round
BLOCK = 512  # lines a round: they fit into one receive buffer
PEERS = 1024
MAY_GROW = 1.05
IP_PKTINFO = 8  # Linux's; the socket module has no name for it

HERE = os.path.dirname(os.path.abspath(__file__))


# --------------------------------------------------------------------- talks --

LETTERS = str.maketrans('0123456789', 'qrstuvwxyz')


def text(number, size):
    """A message that no other is like."""
    letters = ('%016d' % number).translate(LETTERS)
    return (letters * (size // len(letters) + 1))[:size].encode()


class Talk:
    """What a case says to its server: rounds of sending and of reading the replies."""

    def __init__(self, server):
        self.server = server
        self.number = 0
        self.last = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.last.bind(('127.0.0.1', 0))
        self.last.settimeout(PATIENCE)

    def next_number(self):
        self.number += 1
        return self.number

    def arrive(self):
        """Waits until what was sent is there.  The packets of one processor keep their order:
        where this one has come, so have the others."""
        self.last.sendto(b'last', self.last.getsockname())
        self.last.recv(4)

    def compare(self, sent, reply):
        if reply != sent.upper():
            raise Failure('the reply to %r is %r' % (sent[:SIZE], reply[:SIZE]))


class Datagrams(Talk):
    """So many datagrams a round, from so many peers in turn."""
    transport, a_round, peers = 'udp', BATCH, 1

    def __init__(self, server):
        super().__init__(server)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('0.0.0.0', 0))
        self.socket.settimeout(PATIENCE)

    def peer(self):
        """The peers are addresses of one socket: all of 127.0.0.0/8 is this machine's."""
        address = struct.pack('!BBH', 127, 1, 1 + self.number % self.peers)
        return [(socket.IPPROTO_IP, IP_PKTINFO, struct.pack('=i4s4s', 0, address, bytes(4)))]

    def send(self):
        self.sent = []
        for _ in range(self.a_round):
            self.sent.append(text(self.next_number(), SIZE))
            self.socket.sendmsg(self.sent[-1:], self.peer(), 0, self.server.address)
        self.arrive()

    def receive(self):
        for message in self.sent:
            self.compare(message, self.socket.recv(2 * SIZE))


class OneDatagram(Datagrams):
    a_round = 1


class ManyPeers(Datagrams):
    peers = PEERS


class Lines(Talk):
    """So many lines a round, over one connection."""
    transport, a_round = 'tcp', BLOCK

    def __init__(self, server):
        super().__init__(server)
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(self.server.address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile('rb')

    def send(self):
        self.sent = b''.join(
            text(self.next_number(), SIZE - 1) + b'\n' for _ in range(self.a_round))
        self.socket.sendall(self.sent)
        self.arrive()

    def receive(self):
        self.compare(self.sent, self.replies.read(len(self.sent)))


class OneLine(Lines):
    a_round = 1


class Connections(OneLine):
    """A connection a round: one line, its reply, and the end, which the server begins."""

    def __init__(self, server):
        Talk.__init__(self, server)

    def send(self):
        self.connect()
        super().send()

    def receive(self):
        super().receive()
        if self.replies.read(1) != b'':
            raise Failure('the server says more than one line')
        self.server.fall_asleep()
        self.replies.close()
        self.socket.close()


# --------------------------------------------------------------------- cases --

# warm_up: rounds that are not counted; like: the case to divide by; lab: in labs/.
Case = collections.namedtuple('Case', 'name unit talk warm_up rounds lab limit like')
UDP, TCP, CLOSE = 'limit_udp {port}', 'limit_tcp {port}', 'limit_tcp {port} --close'
CASES = [
    Case('udp-batch', 'datagram', Datagrams, 4, 64, 'udp', UDP, None),
    Case('udp-one', 'datagram', OneDatagram, 4, 1000, 'udp', UDP, None),
    Case('udp-peers', 'datagram', ManyPeers, 16, 64, 'udp', UDP, 'udp-batch'),
    Case('udp-sessions', 'datagram', ManyPeers, 16, 64, 'udp-sessions', UDP, 'udp-peers'),
    Case('udp-chain', 'datagram', Datagrams, 4, 64, 'udp-chain', UDP, 'udp-batch'),
    Case('udp-send', 'datagram', Datagrams, 4, 64, 'udp-send', UDP, 'udp-batch'),
    Case('tcp-lines', 'line', Lines, 4, 16, 'tcp-lines', TCP, None),
    Case('tcp-one', 'line', OneLine, 4, 1000, 'tcp-lines', TCP, None),
    Case('tcp-connect', 'connection', Connections, 4, 200, 'tcp-close', CLOSE, None),
    Case('tcp-chain', 'line', Lines, 4, 16, 'tcp-chain', TCP, 'tcp-lines'),
    Case('tcp-send', 'line', Lines, 4, 16, 'tcp-send', TCP, 'tcp-lines'),
]


def converse(case, command, spoken):
    """Instructions by function, of all rounds, where something is said in so many of them."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(command, case.talk.transport, folder)
        try:
            talk = case.talk(server)
            for number in range(case.warm_up + case.rounds):
                with server.stopped():
                    if number < spoken:
                        talk.send()
                if number < spoken:
                    talk.receive()
            return server.end()
        except OSError as error:
            raise Failure('%s; the server: %s' % (error, server.said()))
        finally:
            server.kill()


def cost(case, command):
    """Instructions a message, by function."""
    functions = converse(case, command, case.warm_up + case.rounds)
    functions.subtract(converse(case, command, case.warm_up))
    messages = case.rounds * case.talk.a_round
    return collections.Counter({name: count / messages for name, count in functions.items()})


def ours(folder, case):
    return [os.path.join(folder, 'protolab'), 'serve', '--no-lockdown', '--port', '{port}',
            os.path.join(HERE, 'labs', case.lab + '.json')]


def limit(folder, case):
    name, *arguments = case.limit.split()
    return [os.path.join(folder, name)] + arguments


# ------------------------------------------------------------------- figures --

def built_by():
    """What the figures depend on: compiler, version, architecture, flags that make other code."""
    compiler = shlex.split(os.environ.get('CC', 'cc'))
    test = '#ifdef __clang__\nclang __clang_version__\n#else\ngcc __VERSION__\n#endif\n'
    version = subprocess.run(compiler + ['-E', '-P', '-x', 'c', '-'], input=test, text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    machine = subprocess.run(compiler + ['-dumpmachine'], text=True,
                             stdout=subprocess.PIPE, check=True).stdout.partition('-')[0]
    flags = [word for word in shlex.split(os.environ.get('CFLAGS', ''))
             if not word.startswith(('-g', '-W'))]
    return ' '.join(version.replace('"', ' ').split() + [machine] + flags)


def read_figures(path):
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        try:
            return json.load(file)
        except ValueError as error:
            sys.exit('cost.py: %s: %s; "make record-cost" writes it anew once it is removed'
                     % (path, error))


def write_figures(path, figures):
    with open(path, 'w') as file:
        json.dump(figures, file, indent=2)
        file.write('\n')


def describe(case, counted, recorded, limit_count, counts):
    notes = []
    if recorded is not None:
        notes.append('recorded %.1f' % recorded)
    notes.append('limit server %.1f' % limit_count)
    if case.like in counts:
        notes.append('%.2f of %s' % (counted / counts[case.like], case.like))
    return '%s: %.1f instructions a %s (%s)' % (case.name, counted, case.unit, ', '.join(notes))


def tell_functions(who, functions):
    for name, count in functions.most_common():
        if abs(count) >= 0.05:
            print('# %s %10.1f  %s' % (who, count, name))


def count_all(options, recorded, say):
    """Prints a line of TAP a case.  Returns the counts, and whether all is well."""
    counts, well = {}, True
    for number, case in enumerate(options.cases, 1):
        try:
            functions = cost(case, ours(options.folder, case))
            limit_functions = cost(case, limit(options.folder, case))
        except Failure as failure:
            print('not ok %d - %s' % (number, case.name))
            print('# ' + str(failure).replace('\n', '\n# '), flush=True)
            well = False
            continue
        counts[case.name] = counted = sum(functions.values())
        known = recorded.get(case.name)
        grown = known is not None and counted > known * MAY_GROW
        line = describe(case, counted, known, sum(limit_functions.values()), counts)
        print('%s %d - %s%s' % ('not ok' if grown else 'ok', number, line, '' if known else say))
        if known is not None and counted * MAY_GROW < known:
            print('# less than recorded: "make record-cost" keeps it so')
        if grown:
            print('# %.1f %% more than recorded; "make record-cost" raises the figure, on purpose'
                  % (100 * (counted / known - 1)))
        if options.functions:
            tell_functions('ours ', functions)
            tell_functions('limit', limit_functions)
        sys.stdout.flush()
        well = well and not grown
    return counts, well


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('names', metavar='CASE', nargs='*',
                        help='one of ' + ', '.join(case.name for case in CASES) + '; default: all')
    parser.add_argument('--record', action='store_true', help='write the figures')
    parser.add_argument('--functions', action='store_true', help='print the counts by function')
    parser.add_argument('--figures', metavar='FILE', default=os.path.join(HERE, 'cost.json'),
                        help='where they stand; default: cost.json')
    options = parser.parse_args()
    options.folder = os.environ['PROTOLAB_COUNTED']
    options.cases = [case for case in CASES if case.name in options.names or not options.names]
    for name in options.names:
        if name not in [case.name for case in CASES]:
            parser.error('%s: no such case; --help lists them' % name)
    return options


def why_not():
    if os.environ.get('SANITIZE_CFLAGS'):
        return 'the sanitizers would be counted too: configure without --enable-sanitizers'
    if shutil.which('valgrind') is None:
        return 'valgrind is missing: apt-get install valgrind'
    return None


def main():
    options = read_options()
    reason = why_not()
    if reason is not None:
        print('1..0 # SKIP ' + reason)
        return 1 if options.record else 0
    os.environ['PROTOLAB_PLUGIN_PATH'] = options.folder
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    key = built_by()
    figures = read_figures(options.figures)
    recorded = {} if options.record else figures.get(key, {})
    print('1..%d\n# %s' % (len(options.cases), key))
    say = '' if options.record else ' # SKIP no figure of this compiler yet: make record-cost'
    counts, well = count_all(options, recorded, say)
    if options.record and well:
        figures.setdefault(key, {}).update({name: round(n, 1) for name, n in counts.items()})
        write_figures(options.figures, figures)
        print('# recorded in ' + options.figures)
    return 0 if well else 1


sys.exit(main())
