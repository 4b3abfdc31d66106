#!/usr/bin/env python3
"""Draws what run.py --json has written: plot.py RESULTS.json FOLDER"""
import collections
import json
import os
import sys

sys.dont_write_bytecode = True
from chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Drawing, Scale, si, time_of  # noqa: E402

Look = collections.namedtuple('Look', 'colour shape dashes', defaults=[None])

LOOKS = {
    'limit': Look('#767676', 'circle', '7 4'),
    'limit-segment': Look('#767676', 'square', '2 4'),
    'protolab': Look('#d1495b', 'circle'),
    'libuv': Look('#2a7fbf', 'square'),
    'node': Look('#3a9a4e', 'diamond'),
    'python-book': Look('#8a63c9', 'down'),
    'asyncio': Look('#b07d12', 'up'),
    'socat': Look('#2aa198', 'cross'),
    'ncat': Look('#b35c9e', 'diamond'),
}
OTHER = Look('#8a63c9', 'cross')

KEEPS_UP = 0.98  # of the rate that was asked for
ROW = 34  # pixels


def look_of(server):
    return LOOKS.get(server, OTHER)


def by_server(modes, point):
    """The points of each server in some modes; point returns None where there is none."""
    lines = collections.OrderedDict()
    for mode in modes:
        for entry in mode['results']:
            found = point(mode, entry)
            if found is not None:
                lines.setdefault(entry['server'], []).append(found)
    return lines


def ours_on_top(pairs):
    """(server, anything) in the order in which to draw them."""
    return sorted(pairs, key=lambda pair: pair[0].startswith('protolab'))


def draw_lines(path, title, lines, x_label, y_label, log_x, form=si):
    """Writes a chart of lines; False where there is nothing to draw."""
    points = [point for line in lines.values() for point in line]
    if not points:
        return False
    x = Scale([point[0] for point in points], LEFT, WIDTH - RIGHT, log=log_x, zero=not log_x)
    y = Scale([edge for point in points for edge in point[2:4]], HEIGHT - BOTTOM, TOP)
    drawing = Drawing(title)
    drawing.x_axis(x, x_label)
    drawing.y_axis(y, y_label, form)
    for server, line in ours_on_top(lines.items()):
        drawing.series(look_of(server), line, x, y)
    drawing.labels([(y(line[-1][1]), server, look_of(server)) for server, line in lines.items()])
    drawing.write(path)
    return True


# ------------------------------------------------------------------ the charts --

def throughput(mode, entry):
    rate = entry['rate']
    if rate is None or rate['min'] <= 0:
        return None
    return mode['connections'], rate['median'], rate['min'], rate['max'], False


def latency(mode, entry):
    p99, rate = entry['latency_ns']['p99'], entry['rate']
    if p99 is None or rate is None or p99['min'] <= 0:
        return None
    return (mode['asked_rate'], p99['median'] / 1e3, p99['min'] / 1e3, p99['max'] / 1e3,
            rate['median'] < KEEPS_UP * mode['asked_rate'])


def growth_chart(results, protocol, path):
    modes = [mode for mode in results['modes'] if mode['name'].startswith(protocol + '-peers-')]
    return draw_lines(path, '%s: throughput against connections' % protocol.upper(),
                      by_server(modes, throughput), 'UDP sockets' if protocol == 'udp' else
                      'TCP connections, one line in flight on each', 'replies a second', True)


def load_chart(results, protocol, path):
    modes = [mode for mode in results['modes'] if mode['name'].startswith(protocol + '-load-')]
    return draw_lines(path, '%s: latency against load' % protocol.upper(),
                      by_server(modes, latency),
                      'requests a second that are made (hollow: the server does not keep up)',
                      'p99 latency', False, time_of)


def ratio_chart(results, path):
    """A row for each mode of the main table, and in it everybody by the ratio to the first."""
    modes = [mode for mode in results['modes'] if mode['group'] == 'main'
             and any(entry['rate_of_first'] for entry in mode['results'])]
    ratios = [(entry['server'], (row, entry['rate_of_first'])) for row, mode in enumerate(modes)
              for entry in mode['results']
              if entry['rate_of_first'] and entry['rate_of_first']['min'] > 0]
    if not ratios:
        return False
    left = LEFT + 120
    x = Scale([ratio[edge] for _, (_, ratio) in ratios for edge in ('min', 'max')],
              left, WIDTH - RIGHT)
    drawing = Drawing('Throughput, as a part of the hand-written server\'s',
                      TOP + BOTTOM + ROW * len(modes))
    drawing.x_axis(x, 'ratio')
    drawing.line(x(1), TOP, x(1), drawing.height - BOTTOM, 'class="mark"')
    for row, mode in enumerate(modes):
        y = TOP + ROW * (row + 0.5)
        drawing.line(left, y, WIDTH - RIGHT, y)
        drawing.text(left - 10, y + 4.5, mode['name'], 'text-anchor="end"')
    for server, (row, ratio) in ours_on_top(ratios):
        y = TOP + ROW * (row + 0.5)
        drawing.line(x(ratio['min']), y, x(ratio['max']), y,
                     'class="spread" stroke="%s"' % look_of(server).colour)
        drawing.marker(x(ratio['median']), y, look_of(server))
    names = list(dict.fromkeys(server for server, _ in ratios))
    drawing.labels([(TOP + 10 + 20 * i, name, look_of(name)) for i, name in enumerate(names)])
    drawing.write(path)
    return True


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: plot.py RESULTS.json FOLDER')
    try:
        with open(sys.argv[1]) as file:
            results = json.load(file)
    except (OSError, ValueError) as error:
        sys.exit('%s: %s' % (sys.argv[1], error))
    charts = {
        'ratio.svg': lambda path: ratio_chart(results, path),
        'connections-udp.svg': lambda path: growth_chart(results, 'udp', path),
        'connections-tcp.svg': lambda path: growth_chart(results, 'tcp', path),
        'latency-udp.svg': lambda path: load_chart(results, 'udp', path),
        'latency-tcp.svg': lambda path: load_chart(results, 'tcp', path),
    }
    for name, draw in charts.items():
        path = os.path.join(sys.argv[2], name)
        if draw(path):
            print(path)


if __name__ == '__main__':
    main()
