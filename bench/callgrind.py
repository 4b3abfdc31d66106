"""A server under callgrind: started, stopped and let go on, and its profile read."""
import collections
import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 20  # seconds, which only a hang reaches
SOCKET_TYPES = {'udp': socket.SOCK_DGRAM, 'tcp': socket.SOCK_STREAM}


class Failure(Exception):
    """A case that could not be counted."""


class Server:
    """A program under callgrind, from its start to its profile."""

    def __init__(self, command, transport, folder):
        self.address = ('127.0.0.1', free_port(transport))
        self.out = os.path.join(folder, 'profile')
        self.errors = tempfile.TemporaryFile('w+', dir=folder)
        self.process = subprocess.Popen(
            ['valgrind', '--quiet', '--tool=callgrind', '--dump-line=no',
             '--callgrind-out-file=' + self.out]
            + [word.format(port=self.address[1]) for word in command],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors)
        try:
            self.wait('is not ready', lambda: is_bound(transport, self.address[1]))
        except BaseException:
            self.kill()
            raise

    def said(self):
        self.errors.seek(0)
        return self.errors.read().strip() or 'it said nothing'

    def wait(self, trouble, is_so):
        end = time.monotonic() + PATIENCE
        while True:
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failure('the server %s: %s' % (trouble, self.said()))
            if is_so():
                return
            os.sched_yield()

    def fall_asleep(self):
        """Waits until the server has done all that there was to do."""
        self.wait('comes to no rest', lambda: state_of(self.process.pid) == 'S')

    @contextlib.contextmanager
    def stopped(self):
        """What is sent in here is all there when the server goes on."""
        self.fall_asleep()
        self.process.send_signal(signal.SIGSTOP)
        self.wait('does not stop', lambda: state_of(self.process.pid) == 'T')
        yield
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        """Returns the profile: instructions by function."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
            return profile(self.out)
        except (subprocess.TimeoutExpired, OSError):
            raise Failure('the server does not end well: ' + self.said())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.errors.close()


def free_port(transport):
    with socket.socket(socket.AF_INET, SOCKET_TYPES[transport]) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def is_bound(transport, port):
    """Whether /proc/net lists a server's socket at that port."""
    state = {'udp': '07', 'tcp': '0A'}[transport]
    with open('/proc/net/' + transport) as sockets:
        return any(line.split()[1:4:2] == ['0100007F:%04X' % port, state] for line in sockets)


def state_of(pid):
    with open('/proc/%d/stat' % pid) as stat:
        return stat.read().rpartition(') ')[2][0]


def profile(path):
    """Reads callgrind's file: each name once with its number, and lines of costs.  A cost behind
    calls= is that of the function called, and is counted there."""
    names, counts, function, of_callee = {}, collections.Counter(), None, False
    with open(path) as lines:
        for line in lines:
            named = re.match(r'(c?fn)=\((\d+)\)(?: (.*))?', line)
            if named:
                kind, number, name = named.groups()
                if name:
                    names[number] = re.sub(r"@.*|'\d+$", '', name)
                if kind == 'fn':
                    function = names[number]
            elif line.startswith('calls='):
                of_callee = True
            elif line[0] in '0123456789+-*':
                if not of_callee:
                    counts[function] += int(line.split()[1])
                of_callee = False
    return counts
