"""Leaves of doors: their hinge is the line x = 0, they reach to +x, their middle plane is z = 0."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pdengine.shapes.assembly import moved, turned, upright
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block
from pdengine.shapes.primitives import Surface, limb, slab

STYLES = {
    "flush": 3.0,
    "panels": 5.0,
    "glazed": 4.0,
    "half glazed": 2.0,
    "louvred": 1.2,
    "planks": 1.8,
    "bars": 0.8,
    "grooves": 1.2,
}


@dataclass(frozen=True)
class Leaf:
    """One leaf; all leaves of a double door are the same.

    Attributes:
        style: one of ``STYLES``.
        wide, low, high, thick: its size; high is where it ends at its sides.
        arch: how much higher it is in the middle of the opening.
        half: one of several; an arch has its top at the free edge.
        stile: width of the timber around panels and panes.
        columns, rows: of panels, panes, planks or slats.
        waist: height of the middle rail, a share.
        relief: how far panels stand out, or sink in where negative.
    """

    style: str
    wide: float
    low: float
    high: float
    thick: float
    arch: float
    half: bool
    stile: float
    columns: int
    rows: int
    waist: float
    relief: float

    @property
    def points(self) -> int:
        """Around each board: narrow leaves come in numbers and are made of coarser ones."""
        return 16 if self.half or self.wide < 0.6 else 32

    @staticmethod
    def draw(
        dice: Dice,
        wide: float,
        low: float,
        high: float,
        thick: float,
        arch: float,
        half: bool = False,
    ) -> "Leaf":
        style = dice.weighted(STYLES)
        if arch:  # curved tops are of one board
            style = dice.weighted({"flush": 2.0, "planks": 3.0, "panels": 2.0, "grooves": 1.0})
        stile = min(dice.log_between(0.05, 0.18), 0.24 * wide, 0.2 * (high - low))
        columns, rows = dice.whole(1, 2), dice.whole(1, 4)
        if style in ("glazed", "half glazed"):
            columns, rows = dice.whole(1, 3), dice.whole(1, 5)
        if wide < 0.5:
            columns = 1
        relief = dice.between(0.008, 0.02) * dice.pick([-1, 1])
        waist = dice.between(0.3, 0.6)
        return Leaf(style, wide, low, high, thick, arch, half, stile, columns, rows, waist, relief)


def make_leaf(leaf: Leaf) -> list[Surface]:
    if leaf.arch:
        return _arched(leaf)
    build = {
        "flush": _flush,
        "panels": _panels,
        "glazed": _glazed,
        "half glazed": _glazed,
        "louvred": _louvred,
        "planks": _planks,
        "bars": _bars,
        "grooves": _grooves,
    }
    return build[leaf.style](leaf)


def _board(leaf: Leaf, x0: float, x1: float, y0: float, y1: float, thick: float) -> Surface:
    """A part of the leaf between two widths and two heights."""
    size = (x1 - x0, y1 - y0, thick)
    return block(size, ((x0 + x1) / 2, (y0 + y1) / 2, 0), min(0.008, 0.2 * thick), leaf.points)


def _flush(leaf: Leaf) -> list[Surface]:
    size = (leaf.wide, leaf.high - leaf.low, leaf.thick)
    at = (leaf.wide / 2, (leaf.low + leaf.high) / 2, 0)
    return [block(size, at, 0.15 * leaf.thick, 32 if leaf.points < 32 else 160)]


def _rim(leaf: Leaf, waist: bool) -> list[Surface]:
    """Two stiles, a top and a bottom rail, perhaps one at the height of the waist."""
    s, w, low, high, t = leaf.stile, leaf.wide, leaf.low, leaf.high, leaf.thick
    pieces = [_board(leaf, 0, s, low, high, t), _board(leaf, w - s, w, low, high, t)]
    pieces.append(_board(leaf, s - 0.004, w - s + 0.004, high - s, high, 0.98 * t))
    pieces.append(_board(leaf, s - 0.004, w - s + 0.004, low, low + 1.3 * s, 0.98 * t))
    if waist:
        y = low + leaf.waist * (high - low)
        pieces.append(_board(leaf, s - 0.004, w - s + 0.004, y - 0.5 * s, y + 0.5 * s, 0.98 * t))
    return pieces


def _fields(leaf: Leaf, low: float, high: float) -> list[tuple[float, float, float, float]]:
    """Rectangles between the stiles, (x, y, width, height), with rails between them."""
    gap = 0.6 * leaf.stile
    wide = (leaf.wide - 2 * leaf.stile - (leaf.columns - 1) * gap) / leaf.columns
    # Few people make all panels of the same height: the lower ones are taller.
    weight = 1 + 0.35 * (np.arange(leaf.rows)[::-1] if leaf.waist > 0.45 else np.zeros(leaf.rows))
    tall = (high - low - (leaf.rows - 1) * gap) * weight / weight.sum()
    fields, y = [], low
    for row in range(leaf.rows):
        for column in range(leaf.columns):
            x = leaf.stile + column * (wide + gap)
            fields.append((x + wide / 2, y + tall[row] / 2, wide, float(tall[row])))
        y += tall[row] + gap
    return fields


def _panels(leaf: Leaf) -> list[Surface]:
    """Raised fields on a board, or a frame of timber around thin panels."""
    low, high = leaf.low + 1.3 * leaf.stile, leaf.high - leaf.stile
    fields = _fields(leaf, low, high)
    if leaf.relief > 0:
        pieces = _flush(leaf)
        for x, y, wide, tall in fields:
            size = (0.9 * wide, tall - 0.1 * wide, leaf.thick + 2 * leaf.relief)
            pieces.append(block(size, (x, y, 0), 1.2 * leaf.relief, 16))
        return pieces
    thin = max(leaf.thick + 2.2 * leaf.relief, 0.4 * leaf.thick)
    size = (leaf.wide - leaf.stile, leaf.high - leaf.low - leaf.stile, thin)
    pieces = [
        *_rim(leaf, False),
        block(size, (leaf.wide / 2, (low + high) / 2, 0), 0.004, leaf.points),
    ]
    return pieces + _bars_between(leaf, fields, low, high, 0.96 * leaf.thick)


def _bars_between(
    leaf: Leaf,
    fields: list[tuple[float, float, float, float]],
    low: float,
    high: float,
    thick: float,
) -> list[Surface]:
    """The timber between neighbouring fields."""
    pieces = []
    for column in range(leaf.columns - 1):
        a, b = fields[column], fields[column + 1]
        size = (b[0] - a[0] - a[2], high - low + 0.01, thick)
        pieces.append(block(size, ((a[0] + b[0]) / 2, (low + high) / 2, 0), 0.005))
    for row in range(leaf.rows - 1):
        below, above = fields[row * leaf.columns], fields[(row + 1) * leaf.columns]
        top = below[1] + below[3] / 2
        tall = above[1] - above[3] / 2 - top
        size = (leaf.wide - 2 * leaf.stile + 0.01, tall, 0.98 * thick)
        pieces.append(block(size, (leaf.wide / 2, top + tall / 2, 0), 0.005))
    return pieces


def _glazed(leaf: Leaf) -> list[Surface]:
    """A pane behind a lattice; half glazed doors have a board below their waist."""
    low, high = leaf.low + 1.3 * leaf.stile, leaf.high - leaf.stile
    is_half = leaf.style == "half glazed"
    pieces = _rim(leaf, is_half)
    w = leaf.wide
    if is_half:
        y = leaf.low + leaf.waist * (leaf.high - leaf.low)
        pieces.append(
            _board(leaf, 0.5 * leaf.stile, w - 0.5 * leaf.stile, low, y, 0.6 * leaf.thick)
        )
        low = y + 0.5 * leaf.stile
    pane = (w - leaf.stile, high - low + 0.02, max(0.2 * leaf.thick, 0.012))
    pieces.append(block(pane, (w / 2, (low + high) / 2, 0), 0.003))
    thin = 0.25 * leaf.stile + 0.01
    for k in range(1, leaf.columns):
        x = leaf.stile + (w - 2 * leaf.stile) * k / leaf.columns
        pieces.append(_board(leaf, x - thin, x + thin, low, high, 0.7 * leaf.thick))
    for k in range(1, leaf.rows):
        y = low + (high - low) * k / leaf.rows
        pieces.append(
            _board(leaf, leaf.stile, w - leaf.stile, y - thin, y + thin, 0.66 * leaf.thick)
        )
    return pieces


def _louvred(leaf: Leaf) -> list[Surface]:
    """Slanted slats in a frame."""
    pieces = _rim(leaf, True)
    low, high = leaf.low + 1.3 * leaf.stile, leaf.high - leaf.stile
    count = 12 + 4 * leaf.rows if leaf.points > 16 else 9 + leaf.rows
    pitch = (high - low) / count
    slat = block((leaf.wide - 2 * leaf.stile + 0.01, 1.25 * pitch, 0.014), (0, 0, 0), 0.003)
    slat = turned(slat, "x", 0.6)
    for k in range(count):
        pieces.append(moved(slat, x=leaf.wide / 2, y=low + (k + 0.5) * pitch))
    return pieces


def _planks(leaf: Leaf) -> list[Surface]:
    """Boards side by side on ledges, with a brace from corner to corner."""
    count = 3 + leaf.rows
    pitch = leaf.wide / count
    tall, thin = leaf.high - leaf.low, 0.6 * leaf.thick
    middle = (leaf.low + leaf.high) / 2
    pieces = [
        block((0.96 * pitch, tall, thin), ((k + 0.5) * pitch, middle, 0), 0.15 * thin, leaf.points)
        for k in range(count)
    ]
    z = 0.5 * thin + 0.2 * leaf.thick
    ledge = (0.94 * leaf.wide, 0.07 * tall, 0.45 * leaf.thick)
    faces = (z, -z) if leaf.columns == 2 else (z,)
    for face in faces:
        low, high = leaf.low + 0.13 * tall, leaf.high - 0.13 * tall
        levels = (low, high) if leaf.waist > 0.45 else (low, middle, high)
        pieces += [block(ledge, (leaf.wide / 2, y, face), 0.01) for y in levels]
        if leaf.rows % 2 == 0:
            for a, b in pairwise(levels):
                run, rise = 0.85 * leaf.wide, b - a
                beam = block((float(np.hypot(run, rise)), ledge[1], ledge[2]), (0, 0, 0), 0.01)
                beam = turned(beam, "z", float(np.arctan2(rise, run)))
                pieces.append(moved(beam, x=leaf.wide / 2, y=(a + b) / 2, z=0.98 * face))
    return pieces


def _bars(leaf: Leaf) -> list[Surface]:
    """A gate: bars in a frame."""
    pieces = _rim(leaf, leaf.columns == 2)
    count = 4 + 2 * leaf.rows if leaf.points > 16 else 3 + leaf.rows
    bar = max(0.014, 0.25 * leaf.thick)
    for k in range(count):
        x = leaf.stile + (leaf.wide - 2 * leaf.stile) * (k + 0.5) / count
        a, b = (x, leaf.low + 0.02, 0), (x, leaf.high - 0.02, 0)
        pieces.append(limb(a, b, bar, bar, 8))
    return pieces


def _grooves(leaf: Leaf) -> list[Surface]:
    """A modern door: stripes across or a slit of glass along its edge."""
    pieces = _flush(leaf)
    count = 2 + leaf.rows
    out = leaf.thick + 0.02
    for k in range(count):
        t = (k + 0.7) / (count + 0.4)
        y = leaf.low + t * (leaf.high - leaf.low)
        size = (0.9 * leaf.wide, 0.02, out)
        if leaf.columns == 2:
            size = (0.25 * leaf.wide, 0.4 * (leaf.high - leaf.low) / count, out)
        x = leaf.wide / 2 if leaf.waist > 0.45 or leaf.columns == 1 else 0.3 * leaf.wide
        pieces.append(block(size, (x, y, 0), 0.006))
    return pieces


def _arched(leaf: Leaf) -> list[Surface]:
    """A board with a curved top; planks and panels stand out of it."""

    def top(x: float) -> float:
        t = x / leaf.wide
        across = 1 - t if leaf.half else 2 * t - 1
        reach = np.sqrt(max(1 - across * across, 0.0))
        return leaf.high + leaf.arch * float(reach)

    def outline(x0: float, x1: float, low: float, drop: float) -> np.ndarray:
        x = np.linspace(x0, x1, 15 if leaf.points > 16 else 9)
        upper = [(v, top(v) - drop) for v in x]
        lower = [(v, low) for v in x[::-1]]
        right = [(x1, low + s * (top(x1) - drop - low)) for s in (0.75, 0.5, 0.25)]
        left = [(x0, low + s * (top(x0) - drop - low)) for s in (0.25, 0.5, 0.75)]
        flat = np.array([*upper, *right, *lower, *left])
        return flat * [1.0, -1.0]  # upright() turns the second axis over

    board = upright(slab(outline(0.0, leaf.wide, leaf.low, 0.0), leaf.thick, 0.01))
    pieces = [board]
    if leaf.style == "planks":
        count = 3 + leaf.rows if leaf.points > 16 else 3
        for k in range(count):
            x0, x1 = leaf.wide * (k + 0.06) / count, leaf.wide * (k + 0.94) / count
            plank = slab(outline(x0, x1, leaf.low + 0.02, 0.02), leaf.thick + 0.03, 0.006)
            pieces.append(upright(plank))
    elif leaf.style == "panels":
        s, w = leaf.stile, leaf.wide
        y = leaf.low + leaf.waist * (leaf.high - leaf.low)
        upper = slab(outline(s, w - s, y + 0.5 * s, s), leaf.thick + 0.04, 0.015)
        lower = (w - 2 * s, y - leaf.low - 1.8 * s, leaf.thick + 0.04)
        pieces.append(upright(upper))
        pieces.append(block(lower, (w / 2, (y + leaf.low + 0.8 * s) / 2, 0), 0.015))
    return pieces
