"""Line charts on two logarithmic axes, as plain SVG: the same bytes for the same numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 88, 190, 44, 52
COLOURS = ("#0b5394", "#4a90d9", "#b45f06", "#38761d", "#7b3f9d", "#990000", "#667788")


@dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        name: stands at its end.
        points: x and y, positive.
        spans: the lowest and highest y of each point, or nothing.
        style: "solid", "dashed" for a floor, "hollow" for what is quoted.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    spans: tuple[tuple[float, float], ...] = ()
    style: str = "solid"


def ticks(low: float, high: float) -> list[float]:
    """The powers of ten in and just around a range; 1, 2 and 5 times them where those are few."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(decades) <= 3 else (1,)
    found = [step * 10.0**decade for decade in decades for step in steps]
    below = [tick for tick in found if tick <= low * (1 + 1e-9)]
    above = [tick for tick in found if tick >= high * (1 - 1e-9)]
    return [tick for tick in found if below[-1] <= tick <= above[0]]


def label(value: float) -> str:
    """1000000 as 1,000,000 and 0.05 as 0.05."""
    return f"{value:,.0f}" if value >= 1 else f"{value:.6f}".rstrip("0")


def spaced(wanted: Sequence[float], gap: float) -> list[float]:
    """Heights of labels, moved down until none is nearer than gap to the one above it."""
    order = sorted(range(len(wanted)), key=lambda k: (wanted[k], k))
    found = list(wanted)
    for above, below in itertools.pairwise(order):
        found[below] = max(found[below], found[above] + gap)
    return found


def chart(title: str, x_title: str, y_title: str, lines: Sequence[Line]) -> str:
    """An SVG document.

    Raises:
        ValueError: there is no line, or a value is not positive.
    """
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    ys += [y for line in lines for span in line.spans for y in span]
    if not xs or min(*xs, *ys) <= 0:
        raise ValueError("a chart needs a point, and every value positive")
    x_ticks, y_ticks = ticks(min(xs), max(xs)), ticks(min(ys), max(ys))

    def place(value: float, low: float, high: float, start: float, end: float) -> float:
        share = math.log(value / low) / math.log(high / low) if high > low else 0.5
        return start + share * (end - start)

    def at_x(x: float) -> float:
        return place(x, x_ticks[0], x_ticks[-1], LEFT, WIDTH - RIGHT)

    def at_y(y: float) -> float:
        return place(y, y_ticks[0], y_ticks[-1], HEIGHT - BOTTOM, TOP)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    for tick in x_ticks:
        x = f"{at_x(tick):.1f}"
        out.append(f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#e3e3e3"/>')
        out.append(
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{label(tick)}</text>'
        )
    for tick in y_ticks:
        y = at_y(tick)
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e3e3e3"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label(tick)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    out.append(
        f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_title)}</text>'
    )
    across = (TOP + HEIGHT - BOTTOM) / 2
    out.append(
        f'<text transform="translate(16 {across}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_title)}</text>"
    )
    heights = spaced([at_y(line.points[-1][1]) for line in lines], 15)
    solid = 0
    for line, height in zip(lines, heights, strict=True):
        colour = "#555555"
        if line.style != "dashed":
            colour = COLOURS[solid % len(COLOURS)]
            solid += 1
        out += _curve(line, colour, at_x, at_y)
        out.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{height + 4:.1f}" fill="{colour}">'
            f"{escape(line.name)}</text>"
        )
    return "\n".join([*out, "</svg>", ""])


def _curve(line: Line, colour: str, at_x, at_y) -> list[str]:  # type: ignore[no-untyped-def]
    points = [(at_x(x), at_y(y)) for x, y in line.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="6 4"' if line.style == "dashed" else ""
    width = 1 if line.style == "hollow" else 2
    out = []
    if len(points) > 1:
        out.append(
            f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'
        )
    for (x, _), (low, high) in zip(points, line.spans, strict=False):
        out.append(
            f'<path d="M{x:.1f} {at_y(low):.1f}V{at_y(high):.1f}" stroke="{colour}" '
            'stroke-width="6" stroke-opacity="0.3"/>'
        )
    if line.style != "dashed":
        fill = "#ffffff" if line.style == "hollow" else colour
        out += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{fill}" stroke="{colour}"/>'
            for x, y in points
        ]
    return out
