"""One measurement: a server is started, asked, and ended."""
import contextlib
import json
import math
import os
import resource
import signal
import socket
import subprocess
import time

import servers

STARTS = 20  # of a program in one measurement
PATIENCE = 60  # seconds, which only a hang reaches


class Failure(Exception):
    """Nothing could be measured."""


def run(mode, server, bench, rate):
    """What bench/load or a measure of that form says; raises a Failure where it cannot."""
    if mode.load == 'first-answer':
        return times(bench, lambda: first_answer(mode, server, bench))
    if mode.load == 'exit':
        return times(bench, lambda: until_exit(mode, server, bench))
    with servers.running(server, mode.kind, bench.places, bench.server_cores(server)) as running:
        return load(mode, running, bench, rate)


# ------------------------------------------------------------------ the others --

class Watch:
    """Sees how much of the cores somebody else takes, or the machine around a virtual one."""

    def __init__(self, cores, pids):
        self.cores = ['cpu%d' % core for core in cores]
        self.pids = pids
        self.began, self.others = time.monotonic(), self._others()

    def _others(self):
        """Seconds, counted from some moment on."""
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        return self._busy() - own.ru_utime - own.ru_stime - sum(map(cpu_seconds, self.pids))

    def _busy(self):
        with open('/proc/stat') as file:
            rows = [line.split() for line in file]
        # user nice system idle iowait irq softirq steal
        ticks = sum(sum(map(int, row[1:9])) - int(row[4]) - int(row[5])
                    for row in rows if row[0] in self.cores)
        return ticks / os.sysconf('SC_CLK_TCK')

    def part(self):
        """Of one core, since the watch began."""
        return max(0, (self._others() - self.others) / (time.monotonic() - self.began))


def cpu_seconds(pid):
    tasks = '/proc/%d/task' % pid
    total = 0
    # One that has ended used nothing since.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in os.listdir(tasks):
            with open('%s/%s/schedstat' % (tasks, task)) as file:
                total += int(file.read().split()[0])
    return total / 1e9


# -------------------------------------------------------------------- the load --

def load(mode, running, bench, rate):
    words = [bench.load, '--to', '127.0.0.1:%d' % running.port, '--seconds', str(bench.seconds),
             '--warmup', str(bench.warmup), *mode.load.split()]
    if bench.shares_a_core and '--spin' in words:
        words.remove('--spin')
    if rate is not None:
        words += ['--rate', '%.0f' % rate]
    for pid in running.pids:
        words += ['--server-pid', str(pid)]
    cores = bench.load_cores | bench.server_cores(running.server)
    watch = Watch(cores, running.pids) if running.pids else None
    try:
        result = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=bench.seconds + bench.warmup + PATIENCE,
                                preexec_fn=lambda: os.sched_setaffinity(0, bench.load_cores))
    except subprocess.TimeoutExpired:
        raise Failure('the load did not end') from None
    others = watch.part() if watch else None
    said = result.stderr.strip().split('\n')[0]
    if result.returncode not in (0, 1) or result.stdout == '':
        raise Failure(said or 'the load ended with status %d' % result.returncode)
    try:
        # Before it, --shape idle says when all connections are there.
        run = json.loads(result.stdout.splitlines()[-1])
    except ValueError as error:
        raise Failure('the load has written no JSON: %s' % error) from None
    if result.returncode == 1 and run['mismatched'] + run['errors'] == 0:
        raise Failure(said)
    return dict(run, said=said, others_busy=others)


# ------------------------------------------------------------------- the start --

def times(bench, measure):
    """The same in the form of the load's report."""
    found = sorted(measure() for _ in range(1 if bench.quick else STARTS))

    def quantile(part):
        return found[max(0, math.ceil(part * len(found)) - 1)]

    return {'latency_ns': {'p50': quantile(.5), 'p90': quantile(.9), 'p99': quantile(.99),
                           'p999': quantile(.999), 'max': found[-1]},
            'mismatched': 0, 'lost': 0, 'errors': 0, 'said': ''}


def start(mode, server, bench, port):
    """Starts the program on its cores; returns its id and when that was."""
    command = bench.places.command(server, mode.kind, port)
    silent = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    # It inherits the cores.  A process that is forked here would first be a copy of this one.
    os.sched_setaffinity(0, bench.server_cores(server))
    began = time.perf_counter_ns()
    pid = os.posix_spawnp(command[0], command, bench.places.environment(), file_actions=silent)
    os.sched_setaffinity(0, bench.load_cores)
    return pid, began


def first_answer(mode, server, bench):
    port = servers.free_port(mode.kind)
    pid, began = start(mode, server, bench, port)
    try:
        ask(mode.kind, port, pid)
        return time.perf_counter_ns() - began
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def ask(kind, port, pid):
    """Asks again and again until somebody answers."""
    give_up = time.monotonic() + servers.PATIENCE
    while time.monotonic() < give_up:
        kind_of_socket = servers.SOCKET_TYPES.get(kind, socket.SOCK_STREAM)
        with socket.socket(socket.AF_INET, kind_of_socket) as client:
            client.settimeout(servers.PATIENCE)
            try:
                client.connect(('127.0.0.1', port))
                client.send(b'hello\n')
                if client.recv(64) == b'HELLO\n':
                    return
                raise Failure('a wrong first answer')
            except ConnectionError:
                if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                    raise Failure('it ended before it answered') from None
    raise Failure('no answer within %d s' % servers.PATIENCE)


def until_exit(mode, server, bench):
    pid, began = start(mode, server, bench, 0)
    status = os.waitpid(pid, 0)[1]
    took = time.perf_counter_ns() - began
    if status != 0:
        raise Failure('it ended with status %d' % os.waitstatus_to_exitcode(status))
    return took
