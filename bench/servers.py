"""Who is measured: a server is a row of SERVERS."""
import collections
import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SOCKET_TYPES = {'udp': socket.SOCK_DGRAM}
PATIENCE = 60  # seconds, which only a hang reaches
LISTENING = {'udp': '07', 'tcp': '0A'}  # the states of /proc/net that say so

# name      what --servers calls it
# commands  by kind: udp; over TCP, lines: keeps the connection; close: answers one line and
#           closes; recv: answers what each recv returns; version: ends by itself
# most      by kind: so many connections, or peers, it can have at a time; not there: any number
# cores     that it may use
# forks     a process for each peer, so that nobody can say what CPU time it takes
# needs     a file that must be there
Server = collections.namedtuple('Server', 'name commands most cores forks needs',
                                defaults=[{}, 1, False, None])


class Failure(Exception):
    """A server that did not come up, or went."""


def each(kinds, command):
    return {kind: command.replace('KIND', kind) for kind in kinds.split()}


KINDS = 'udp lines close recv'


def labs(options='', **names):
    return {kind: '{protolab} serve {bench}/labs/%s.json --port {port} %s' % (name, options)
            for kind, name in names.items()}


SERVERS = [
    Server('limit', {
        'udp': '{built}/limit_udp {port}', 'lines': '{built}/limit_tcp {port}',
        'close': '{built}/limit_tcp {port} --close',
        'recv': '{built}/limit_tcp {port} --unframed'}),
    Server('limit-segment', {'udp': '{built}/limit_udp {port} --segment'}),
    Server('protolab', {
        'version': '{protolab} --version',
        **labs(udp='udp', lines='tcp-lines', close='tcp-close', recv='tcp-recv')}),
    Server('protolab-no-lockdown', labs('--no-lockdown', udp='udp', lines='tcp-lines')),
    Server('protolab-2-workers', labs('--workers 2', udp='udp', lines='tcp-lines'), cores=2),
    Server('protolab-chain', labs(udp='udp-chain', lines='tcp-chain')),
    Server('protolab-send', labs(udp='udp-send', lines='tcp-send'),
           needs='{built}/plugins/uppercase_send.so'),
    Server('protolab-sessions', labs(udp='udp-sessions'),
           needs='{built}/plugins/uppercase_session.so'),
    Server('libuv', each(KINDS, '{built}/peers/uv KIND {port}')),
    Server('node', each(KINDS, 'node {bench}/peers/node.js KIND {port}')),
    Server('python-book', {
        'udp': 'env PROTOLAB_PORT={port} {python} {book}/udp_server.py',
        'close': 'env PROTOLAB_PORT={port} {python} {book}/tcp_server.py'}, most={'close': 1}),
    Server('asyncio', each(KINDS, '{python} {bench}/peers/asyncio_server.py KIND {port}')),
    Server('socat', {
        'udp': "socat UDP-RECVFROM:{port},bind=127.0.0.1,fork EXEC:'tr a-z A-Z'",
        **each('lines recv', "socat TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,backlog=4096"
                             " EXEC:'stdbuf -o0 tr a-z A-Z'"),
        'close': "socat TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,backlog=4096"
                 " SYSTEM:'head -n 1 | tr a-z A-Z'"},
        most=dict.fromkeys(KINDS.split(), 100), forks=True),
    Server('ncat', {
        'udp': "ncat -u -l -k 127.0.0.1 {port} -c 'stdbuf -o0 tr a-z A-Z'",
        **each('lines recv', "ncat -l -k 127.0.0.1 {port} -c 'stdbuf -o0 tr a-z A-Z'"),
        'close': "ncat -l -k 127.0.0.1 {port} -c 'head -n 1 | tr a-z A-Z'"},
        most={'udp': 1, 'lines': 100, 'recv': 100, 'close': 100}, forks=True),
    Server('nothing', {'version': 'true'}),
]


class Places:
    """Where things are on this machine."""

    def __init__(self, built, protolab):
        bench = os.path.dirname(os.path.abspath(__file__))
        self.words = {
            'bench': bench, 'built': built, 'protolab': protolab, 'python': sys.executable,
            'book': os.path.join(bench, os.pardir, 'tests', 'students', 'book')}

    def command(self, server, kind, port=0):
        return [word.format(port=port, **self.words)
                for word in shlex.split(server.commands[kind])]

    def missing(self, server):
        """What must be there for this server and is not; None: nothing."""
        kind = next(iter(server.commands))
        programs = [word for word in self.command(server, kind) if '=' not in word]
        if programs[0] == 'env':
            del programs[0]
        if shutil.which(programs[0]) is None:
            return programs[0]
        needs = (server.needs or '').format(**self.words)
        return needs if needs and not os.path.exists(needs) else None

    def environment(self):
        # The transforms that only the benchmarks have.
        return dict(os.environ, PROTOLAB_PLUGIN_PATH=os.path.join(self.words['built'], 'plugins'))


def free_port(kind):
    with socket.socket(socket.AF_INET, SOCKET_TYPES.get(kind, socket.SOCK_STREAM)) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def is_ready(kind, port):
    protocol = 'udp' if kind == 'udp' else 'tcp'
    at = ':%04X' % port
    with open('/proc/net/' + protocol) as table:
        next(table)
        return any(row[1].endswith(at) and row[3] == LISTENING[protocol]
                   for row in map(str.split, table))


def last_words(errors):
    errors.seek(0)
    lines = errors.read().decode(errors='replace').split('\n')
    return next((line for line in reversed(lines) if line.strip()), 'and says nothing')


def descendants(pid):
    pids = [pid]
    for parent in pids:
        with contextlib.suppress(FileNotFoundError):
            with open('/proc/%d/task/%d/children' % (parent, parent)) as children:
                pids += map(int, children.read().split())
    return pids


def end(process):
    """Ends the process and all that it has started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Running:
    """A server that is ready."""

    def __init__(self, process, port, server):
        self.process, self.port, self.server = process, port, server
        # Of these the CPU time is read.
        self.pids = [] if server.forks else descendants(process.pid)


@contextlib.contextmanager
def running(server, kind, places, cores):
    port = free_port(kind)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            places.command(server, kind, port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=errors, env=places.environment(), start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        try:
            wait_until_ready(process, kind, port, errors)
            try:
                yield Running(process, port, server)
            except Exception:
                # The load may be the first to notice.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(1)
                check_alive(process, errors)
                raise
            check_alive(process, errors)
        finally:
            end(process)


def check_alive(process, errors):
    if process.poll() is not None:
        raise Failure('it ended: ' + last_words(errors)) from None


def wait_until_ready(process, kind, port, errors):
    give_up = time.monotonic() + PATIENCE
    while not is_ready(kind, port):
        if process.poll() is not None:
            raise Failure('it did not start: ' + last_words(errors))
        if time.monotonic() > give_up:
            raise Failure('not ready within %d s: %s' % (PATIENCE, last_words(errors)))
        time.sleep(0.001)
