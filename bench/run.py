#!/usr/bin/env python3
"""Measures protolab's server side by side with others; bench/README.md says how to read it."""
import argparse
import collections
import json
import math
import os
import platform
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import measure  # noqa: E402
import modes  # noqa: E402
import namespace  # noqa: E402
import report  # noqa: E402
import servers  # noqa: E402

Bench = collections.namedtuple(
    'Bench', 'places load seconds warmup quick server_cores load_cores shares_a_core')

USUAL = {'rounds': 5, 'seconds': 1, 'warmup': 0.3}
QUICK = {'rounds': 1, 'seconds': 0.05, 'warmup': 0.02}


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', default='.', metavar='FOLDER', help='where make has built; .')
    parser.add_argument('--protolab', metavar='PATH', help='the program; that of the build')
    parser.add_argument('--load', metavar='PATH', help='the load generator; that of the build')
    parser.add_argument('--modes', default='*', metavar='LIST',
                        help='modes, groups of modes and patterns with *, by commas; all')
    parser.add_argument('--servers', metavar='LIST', help='servers by commas; all')
    parser.add_argument('--rounds', type=int, metavar='N', help='how often all is measured; 5')
    parser.add_argument('--seconds', type=float, metavar='S', help='how long, each time; 1')
    parser.add_argument('--warmup', type=float, metavar='S',
                        help='how long the server is asked before that; 0.3')
    parser.add_argument('--quick', action='store_true',
                        help='one round of 0.05 s, to see that all works: no figure means anything')
    parser.add_argument('--json', metavar='FILE', help='write all that was measured there')
    parser.add_argument('--list', action='store_true', help='print the modes and servers')
    arguments = parser.parse_args()
    for name, value in (QUICK if arguments.quick else USUAL).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    if arguments.rounds < 1 or arguments.seconds <= 0 or arguments.warmup < 0:
        parser.error('--rounds and --seconds must be above 0, --warmup not below')
    try:
        arguments.modes = modes.chosen(arguments.modes.split(','))
    except ValueError as error:
        parser.error('%s: --list names them' % error)
    names = [server.name for server in servers.SERVERS]
    wanted = arguments.servers.split(',') if arguments.servers else names
    for name in wanted:
        if name not in names:
            parser.error('no server is called "%s": --list names them' % name)
    arguments.servers = wanted
    return arguments


def list_all(arguments):
    for mode in arguments.modes:
        print('%-24s %-9s %s' % (mode.name, mode.group, mode.about))
    print('\nservers: ' + ' '.join(arguments.servers))


# -------------------------------------------------------------- the machine --

def cores():
    """What a server may use, what the load may use, and whether that is the same."""
    mine = sorted(os.sched_getaffinity(0))[:2]
    return lambda server: set(mine[:server.cores]), {mine[-1]}, len(mine) < 2


def processor():
    with open('/proc/cpuinfo') as file:
        lines = [line.split(':', 1) for line in file if line.startswith('model name')]
    return '%d x %s' % (len(lines), lines[0][1].strip()) if lines else platform.machine()


def commit():
    folder = os.path.dirname(os.path.abspath(__file__))
    try:
        return subprocess.run(['git', '-C', folder, 'describe', '--always', '--dirty'],
                              capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


# ------------------------------------------------------------------ the rounds --

def partners(mode, present, bench):
    """The servers that take part in a mode, the first for the others to be compared with."""
    return [present[name] for name in mode.servers
            if name in present and mode.kind in present[name].commands
            and modes.connections(mode) <= most_of(present[name], mode)]


def most_of(server, mode):
    return server.most.get(mode.kind, math.inf)


def in_turn(servers_, round_):
    """A B, B A, ...: who is always first is always the coolest, or the coldest."""
    return servers_ if round_ % 2 == 0 else servers_[::-1]


def measure_mode(mode, partners_, rounds, bench, rate):
    runs = {server.name: [] for server in partners_}
    failed = {}
    for round_ in range(rounds):
        for server in in_turn(partners_, round_):
            say('%s, round %d of %d: %s' % (mode.name, round_ + 1, rounds, server.name))
            try:
                runs[server.name].append(measure.run(mode, server, bench, rate))
            except (measure.Failure, servers.Failure) as failure:
                runs[server.name].append(None)
                failed[server.name] = str(failure)
    say('')
    reference = runs[partners_[0].name]
    return [dict(report.summary(name, of_one, reference), failed=failed.get(name, ''))
            for name, of_one in runs.items()]


def base_rate(mode, done):
    """The fixed rate that a mode asks for; None: it asks for none."""
    if mode.base is None:
        return None
    name, part = mode.base
    rates = [entry['rate']['median'] for entry in done[name] if entry['rate'] is not None]
    if not rates:
        raise measure.Failure('%s has shown no rate' % name)
    return part * rates[0]


def with_bases(chosen):
    """The modes, and those that these are parts of."""
    bases = {mode.base[0] for mode in chosen if mode.base is not None}
    return [mode for mode in modes.MODES if mode in chosen or mode.name in bases]


def say(text):
    """Shows on a terminal what is going on."""
    if sys.stderr.isatty():
        print('\r\x1b[K' + text, end='', file=sys.stderr, flush=True)


def measure_all(arguments, present, bench, head):
    """Returns whether all replies were right."""
    done, results, right = {}, [], True
    if arguments.json:
        write_json(arguments.json, dict(head, modes=[]))
    for mode in with_bases(arguments.modes):
        taking_part = partners(mode, present, bench)
        if not taking_part:
            print('%s: %s\n  no server takes part\n' % (mode.name, mode.about))
            continue
        try:
            rate = base_rate(mode, done)
        except (KeyError, measure.Failure) as failure:
            print('%s: %s\n  not measured: %s\n' % (mode.name, mode.about, failure))
            continue
        entries = measure_mode(mode, taking_part, arguments.rounds, bench, rate)
        done[mode.name] = entries
        results.append({'name': mode.name, 'group': mode.group, 'about': mode.about,
                        'connections': modes.connections(mode), 'asked_rate': rate,
                        'results': entries})
        right = right and not any(map(report.is_wrong, entries))
        print(report.table(mode, entries), flush=True)
        if arguments.json:
            write_json(arguments.json, dict(head, modes=results))
    return right


def write_json(path, results):
    """After each mode: who breaks a long run off has what was measured."""
    try:
        with open(path + '.new', 'w') as file:
            json.dump(results, file, indent=1)
            file.write('\n')
        os.replace(path + '.new', path)
    except OSError as error:
        sys.exit('--json: %s' % error)


def main():
    arguments = parse()
    if arguments.list:
        list_all(arguments)
        return 0
    namespace.enter()
    # So that the server of the moment is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('ended by SIGTERM'))
    built = os.path.join(os.path.abspath(arguments.build), 'bench')
    places = servers.Places(built, os.path.abspath(
        arguments.protolab or os.path.join(arguments.build, 'protolab')))
    bench = Bench(places, os.path.abspath(arguments.load or os.path.join(built, 'load')),
                  arguments.seconds, arguments.warmup, arguments.quick, *cores())
    if not os.access(bench.load, os.X_OK):
        sys.exit('%s: there is no load generator. make bench builds it.' % bench.load)

    wanted = [server for server in servers.SERVERS if server.name in arguments.servers]
    missing = {server.name: places.missing(server) for server in wanted}
    left_out = ['%s: %s is missing' % item for item in missing.items() if item[1] is not None]
    surroundings = [processor(), 'Linux ' + platform.release(), *namespace.prepare()]
    if bench.shares_a_core:
        surroundings.append('ONE CORE for server and load: the figures say little')
    surroundings.append('%d rounds of %g s after %g s' % (
        arguments.rounds, arguments.seconds, arguments.warmup))

    print(', '.join(surroundings))
    for line in left_out:
        print('left out: ' + line)
    print(flush=True)
    present = {server.name: server for server in wanted if missing[server.name] is None}
    head = {'commit': commit(), 'machine': surroundings, 'left_out': left_out}
    return int(not measure_all(arguments, present, bench, head))


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit('broken off')
