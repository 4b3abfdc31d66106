"""Charts as SVG: axes, lines with markers, and labels that keep out of each other's way.

Greys and colours are such as can be read on white and on black.
"""
import html
import math

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 78, 150, 46, 58
GREY = '#767676'
LINE_HEIGHT = 16  # of a label

STYLE = '''text { font: 13px system-ui, sans-serif; fill: %(grey)s }
.title { font-size: 15px; font-weight: 600 }
.grid { stroke: %(grey)s; stroke-opacity: .25 }
.mark { stroke: %(grey)s; stroke-opacity: .8 }
.line { fill: none; stroke-width: 2 }
.spread { stroke-width: 1.5; stroke-opacity: .6 }''' % {'grey': GREY}

# Around (0, 0).
SHAPES = {
    'circle': 'M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z',
    'square': 'M-3.6,-3.6h7.2v7.2h-7.2z',
    'diamond': 'M0,-5l5,5l-5,5l-5,-5z',
    'up': 'M0,-5l4.8,8.4h-9.6z',
    'down': 'M0,5l4.8,-8.4h-9.6z',
    'cross': 'M-4,-4l8,8m0,-8l-8,8',
}


def si(value):
    """1500 as "1.5 k"."""
    for factor, prefix in ((1e9, ' G'), (1e6, ' M'), (1e3, ' k')):
        if value >= factor:
            return '%.4g%s' % (value / factor, prefix)
    return '%.4g' % value


def time_of(us):
    """1500 microseconds as "1.5 ms"."""
    for factor, unit in ((1e6, 's'), (1e3, 'ms')):
        if us >= factor:
            return '%.4g %s' % (us / factor, unit)
    return '%.4g µs' % us


class Scale:
    """From values to places on one axis."""

    def __init__(self, values, start, end, log=True, zero=False):
        low, high = (0 if zero else min(values)), max(values)
        if low == high:
            low, high = (low / 2, high * 2) if log else (low, low + 1)
        self.log, self.start, self.end = log, start, end
        self.low, self.high = (low / 1.25, high * 1.25) if log else (low, high * 1.04)

    def __call__(self, value):
        if self.log:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self):
        return self._log_ticks() if self.log else self._even_ticks()

    def _log_ticks(self):
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        few = math.log10(self.high / self.low) < 2
        steps = (1, 2, 5) if few else (1,)
        ticks = [step * 10.0 ** decade for decade in decades for step in steps]
        return [tick for tick in ticks if self.low <= tick <= self.high]

    def _even_ticks(self):
        rough = (self.high - self.low) / 6
        step = 10 ** math.floor(math.log10(rough))
        step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= rough)
        count = int((self.high - self.low) / step + 1e-9)
        return [self.low + i * step for i in range(count + 1)]


class Drawing:
    """An SVG file while it grows."""

    def __init__(self, title, height=HEIGHT):
        self.height = height
        self.parts = []
        self.text(LEFT, 26, title, 'class="title"')

    def add(self, form, *values):
        self.parts.append(form % values)

    def text(self, x, y, words, more=''):
        self.add('<text x="%.1f" y="%.1f" %s>%s</text>', x, y, more, html.escape(words))

    def line(self, x1, y1, x2, y2, more='class="grid"'):
        self.add('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/>', x1, y1, x2, y2, more)

    def marker(self, x, y, look, hollow=False):
        fill = 'none' if hollow or look.shape == 'cross' else look.colour
        self.add('<path d="%s" transform="translate(%.1f,%.1f)" fill="%s" stroke="%s"'
                 ' stroke-width="1.5"/>', SHAPES[look.shape], x, y, fill, look.colour)

    def x_axis(self, scale, label):
        bottom = self.height - BOTTOM
        for tick in scale.ticks():
            x = scale(tick)
            self.line(x, TOP, x, bottom)
            self.text(x, bottom + 18, si(tick), 'text-anchor="middle"')
        self.text((scale.start + scale.end) / 2, self.height - 14, label, 'text-anchor="middle"')

    def y_axis(self, scale, label, form=si):
        for tick in scale.ticks():
            y = scale(tick)
            self.line(LEFT, y, WIDTH - RIGHT, y)
            self.text(LEFT - 8, y + 4.5, form(tick), 'text-anchor="end"')
        middle = (scale.start + scale.end) / 2
        self.text(18, middle, label,
                  'text-anchor="middle" transform="rotate(-90 18 %.1f)"' % middle)

    def series(self, look, points, x, y):
        """points: (x, y, lowest y, highest y, whether to draw it hollow)"""
        places = ['%.1f,%.1f' % (x(point[0]), y(point[1])) for point in points]
        self.add('<polyline class="line" points="%s" stroke="%s" %s/>', ' '.join(places),
                 look.colour, 'stroke-dasharray="%s"' % look.dashes if look.dashes else '')
        for at, value, low, high, hollow in points:
            self.line(x(at), y(low), x(at), y(high), 'class="spread" stroke="%s"' % look.colour)
            self.marker(x(at), y(value), look, hollow)

    def labels(self, wanted):
        """wanted: (y, name, look); each near its y, none over another."""
        wanted = sorted(wanted, key=lambda label: label[0])
        places = []
        for y, _, _ in wanted:
            places.append(max(y, places[-1] + LINE_HEIGHT) if places else y)
        limit = self.height - BOTTOM
        for i in reversed(range(len(places))):
            places[i] = min(places[i], limit)
            limit = places[i] - LINE_HEIGHT
        for place, (_, name, look) in zip(places, wanted):
            self.marker(WIDTH - RIGHT + 16, place, look)
            self.text(WIDTH - RIGHT + 27, place + 4.5, name)

    def write(self, path):
        with open(path, 'w') as file:
            file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d"'
                       ' height="%d">\n<style>\n%s\n</style>\n%s\n</svg>\n'
                       % (WIDTH, self.height, WIDTH, self.height, STYLE, '\n'.join(self.parts)))
