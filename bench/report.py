"""Measurements to medians, and these to a table."""
import statistics

import modes

DISTURBED = 0.2  # of a core that somebody else takes
COUNTED = ('mismatched', 'lost', 'errors')
QUANTILES = ('p50', 'p99', 'p999')


# --------------------------------------------------------------- the medians --

def spread(values):
    values = [value for value in values if value is not None]
    if not values:
        return None
    return {'median': statistics.median(values), 'min': min(values), 'max': max(values)}


def ratios(mine, theirs, value):
    """Round by round: what disturbs one round disturbs both, more or less."""
    pairs = [(value(a), value(b)) for a, b in zip(mine, theirs) if a and b]
    return spread([a / b if a is not None and b else None for a, b in pairs])


def rate(run):
    return run.get('rate')


def cpu(run):
    return run.get('server_cpu_per_reply_ns')


def quantile(name):
    return lambda run: (run.get('latency_ns') or {}).get(name)


def summary(name, runs, reference):
    """The runs of one server in one mode, by round; None where one failed."""
    good = [run for run in runs if run is not None]
    return {
        'server': name,
        'rate': spread([rate(run) for run in good]),
        'rate_of_first': ratios(runs, reference, rate),
        'bytes_per_second': spread([run['bytes'] / run['seconds'] for run in good
                                    if 'bytes' in run]),
        'cpu_ns': spread([cpu(run) for run in good]),
        'cpu_of_first': ratios(runs, reference, cpu),
        'latency_ns': {q: spread([quantile(q)(run) for run in good]) for q in QUANTILES},
        'p99_of_first': ratios(runs, reference, quantile('p99')),
        'p50_of_first': ratios(runs, reference, quantile('p50')),
        'server_busy': spread([run.get('server_busy') for run in good]),
        'load_busy': spread([run.get('load_busy') for run in good]),
        'others_busy': spread([run.get('others_busy') for run in good]),
        'bytes_per_session': spread([run.get('bytes_per_session') for run in good]),
        'bottlenecks': sorted({run['bottleneck'] for run in good if run.get('bottleneck')}),
        **{what: sum(run.get(what, 0) for run in good) for what in COUNTED},
        'said': next((run['said'] for run in good if run['said']), ''),
        'runs': runs,
    }


def is_wrong(entry):
    return bool(entry['mismatched'] or entry['errors'] or entry['failed'])


# ------------------------------------------------------------------ the table --

def scaled(value):
    """Three digits and a prefix."""
    for factor, prefix in ((1e9, ' G'), (1e6, ' M'), (1e3, ' k')):
        if value >= factor * 0.9995:
            return three(value / factor) + prefix
    return three(value)


def three(value):
    return '%.3g' % value if value < 999.5 else '%.0f' % value


def two(value):
    return '%.2f' % value if value >= 0.1 else '%.2g' % value


def us(value):
    """Nanoseconds as microseconds."""
    return three(value / 1e3)


def middle(form):
    return lambda one: '-' if one is None else form(one['median'])


def ends(form):
    return lambda one: '-' if one is None else '%s-%s' % (form(one['min']), form(one['max']))


def disturbance(others):
    if others is None or others['max'] < DISTURBED:
        return ''
    return 'disturbed: others took up to %.2f of a core' % others['max']


def remarks(entry):
    words = [('WRONG REPLIES: %d' % entry['mismatched']) if entry['mismatched'] else '',
             ('errors: %d' % entry['errors']) if entry['errors'] else '',
             ('lost: %d' % entry['lost']) if entry['lost'] else '',
             'the load is the bottleneck' if 'load' in entry['bottlenecks'] else '',
             disturbance(entry['others_busy']),
             'failed: ' + entry['failed'] if entry['failed'] else '',
             entry['said'] if entry['mismatched'] or entry['errors'] else '']
    return '; '.join(filter(None, words))


# heading, what of a summary, how it is written
RATE = [('replies/s', 'rate', middle(scaled)), ('spread', 'rate', ends(scaled))]
STREAM = [('bytes/s', 'bytes_per_second', middle(scaled)),
          ('spread', 'bytes_per_second', ends(scaled))]
OF_FIRST = [('ratio', 'rate_of_first', middle(two)), ('spread', 'rate_of_first', ends(two))]
CPU = [('CPU ns', 'cpu_ns', middle(scaled)), ('ratio', 'cpu_of_first', middle(two)),
       ('busy', 'server_busy', middle(two))]
LATENCY = [('p50 us', ('latency_ns', 'p50'), middle(us)),
           ('p99 us', ('latency_ns', 'p99'), middle(us)), ('ratio', 'p99_of_first', middle(two)),
           ('p99.9 us', ('latency_ns', 'p999'), middle(us))]
IDLE = [('bytes per session', 'bytes_per_session', middle(scaled)),
        ('spread', 'bytes_per_session', ends(scaled))]
TIMES = [('p50 us', ('latency_ns', 'p50'), middle(us)), ('ratio', 'p50_of_first', middle(two)),
         ('p99 us', ('latency_ns', 'p99'), middle(us)), ('spread', ('latency_ns', 'p99'), ends(us))]


def columns(mode):
    if modes.is_timing(mode):
        return TIMES
    if modes.is_idle(mode):
        return IDLE
    if modes.is_stream(mode):
        return STREAM + OF_FIRST + CPU
    return RATE + OF_FIRST + CPU + LATENCY


def cell(entry, what):
    for name in what if isinstance(what, tuple) else (what,):
        entry = entry[name]
    return entry


def table(mode, entries):
    """The lines that show one mode."""
    wanted = columns(mode)
    rows = [['server', *[heading for heading, _, _ in wanted], '']]
    rows += [[entry['server'], *[form(cell(entry, what)) for _, what, form in wanted],
              remarks(entry)] for entry in entries]
    widths = [max(len(row[i]) for row in rows) for i in range(len(wanted) + 1)]
    lines = ['%s: %s' % (mode.name, mode.about)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *[row[i].rjust(widths[i]) for i in range(1, len(widths))]]
        lines.append(('  ' + '  '.join(cells) + '  ' + row[-1]).rstrip())
    return '\n'.join(lines) + '\n'
