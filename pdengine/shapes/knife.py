"""Knives: kitchen, table, hunting, folding, curved and fighting ones, swords that are short."""

from collections.abc import Callable
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import Array, interpolate, rounded_rectangle, smooth, straight
from pdengine.shapes.dice import Dice
from pdengine.shapes.knife_handles import front_fitting, grip, pocket_handle
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, skin, sweep
from pdengine.shapes.warp import warp

PARTS = ("blade", "handle")

KINDS = {
    "chef": 4.0,
    "santoku": 2.0,
    "cleaver": 2.0,
    "bread": 1.5,
    "paring": 2.0,
    "slicer": 1.5,
    "table": 3.0,
    "spreader": 1.0,
    "dagger": 3.0,
    "hunting": 3.0,
    "tanto": 1.0,
    "machete": 1.0,
    "kukri": 0.8,
    "curved": 1.2,
    "sword": 1.6,
    "folding": 3.5,
    "butterfly": 0.6,
    "cutter": 1.0,
}
Knots = list[tuple[float, float]]
# Spine and edge from heel (0) to tip (1); 0 is the spine at the heel, -1 the edge there.
OUTLINES: dict[str, tuple[Knots, Knots]] = {
    "chef": (
        [(0, 0), (0.5, -0.03), (0.85, -0.2), (1, -0.5)],
        [(0, -1), (0.4, -1), (0.7, -0.95), (0.9, -0.76), (1, -0.54)],
    ),
    "santoku": (
        [(0, 0), (0.6, 0.0), (0.82, -0.08), (0.94, -0.4), (1, -0.85)],
        [(0, -1), (0.6, -1.02), (0.9, -0.98), (1, -0.9)],
    ),
    "cleaver": ([(0, 0), (0.5, 0.02), (1, 0.0)], [(0, -1), (0.5, -1.04), (1, -1.0)]),
    "bread": (
        [(0, 0), (0.7, 0.0), (0.93, -0.04), (0.98, -0.25), (1, -0.6)],
        [(0, -1), (0.5, -1), (0.95, -1), (1, -0.8)],
    ),
    "slicer": (
        [(0, 0), (0.6, 0.05), (0.9, 0.05), (1, -0.25)],
        [(0, -1), (0.4, -0.95), (0.8, -0.8), (1, -0.3)],
    ),
    "table": (
        [(0, -0.2), (0.3, -0.06), (0.7, 0.0), (0.93, -0.08), (0.98, -0.25), (1, -0.5)],
        [(0, -0.75), (0.3, -0.95), (0.7, -1.1), (0.93, -1.0), (1, -0.6)],
    ),
    "spreader": (
        [(0, -0.25), (0.25, -0.2), (0.6, 0.1), (0.92, 0.0), (1, -0.4)],
        [(0, -0.7), (0.25, -0.8), (0.6, -1.2), (0.92, -1.0), (1, -0.55)],
    ),
    "spear": (
        [(0, 0), (0.6, -0.02), (0.85, -0.2), (1, -0.49)],
        [(0, -1), (0.6, -0.98), (0.85, -0.8), (1, -0.51)],
    ),
    "leaf": (
        [(0, -0.15), (0.25, -0.2), (0.6, 0.05), (0.85, -0.15), (1, -0.49)],
        [(0, -0.85), (0.25, -0.8), (0.6, -1.05), (0.85, -0.85), (1, -0.51)],
    ),
    "even": (
        [(0, 0), (0.8, -0.22), (0.93, -0.3), (1, -0.49)],
        [(0, -1), (0.8, -0.78), (0.93, -0.7), (1, -0.51)],
    ),
    "bowie": (
        [(0, 0), (0.6, 0.0), (0.66, -0.02), (0.8, -0.22), (1, -0.3)],
        [(0, -1), (0.5, -1.02), (0.75, -0.98), (0.92, -0.7), (1, -0.33)],
    ),
    "tanto": (
        [(0, 0), (0.5, 0.0), (0.85, 0.0), (1, -0.08)],
        [(0, -1), (0.5, -1), (0.8, -0.98), (0.83, -0.9), (1, -0.1)],
    ),
    "machete": (
        [(0, -0.1), (0.5, 0.05), (0.85, 0.15), (0.97, -0.1), (1, -0.4)],
        [(0, -0.7), (0.4, -0.9), (0.75, -1.2), (0.92, -1.1), (1, -0.6)],
    ),
    "kukri": (
        [(0, 0), (0.35, 0.25), (0.55, 0.0), (0.8, -0.75), (1, -1.5)],
        [(0, -0.7), (0.3, -0.5), (0.55, -1.0), (0.8, -1.75), (0.95, -1.8), (1, -1.55)],
    ),
    "sheepsfoot": (
        [(0, 0), (0.6, 0.0), (0.85, -0.15), (0.97, -0.6), (1, -0.95)],
        [(0, -1), (0.5, -1), (1, -1.0)],
    ),
    "snap": ([(0, 0), (0.4, 0), (0.55, 0), (1, -0.95)], [(0, -1), (0.5, -1), (1, -1.0)]),
}
SHAPES: dict[str, tuple[str, ...]] = {
    "paring": ("chef", "sheepsfoot", "slicer"),
    "dagger": ("spear", "leaf", "even"),
    "hunting": ("bowie", "spear", "chef", "slicer"),
    "curved": ("slicer", "chef", "even"),
    "sword": ("even", "slicer", "spear", "even"),
    "folding": ("bowie", "spear", "chef", "sheepsfoot", "tanto"),
    "butterfly": ("bowie", "spear", "tanto"),
    "cutter": ("snap",),
}
# Length of the blade over the handle, and its height over its length.
SIZES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "chef": ((1.0, 2.2), (0.15, 0.33)),
    "santoku": ((1.0, 1.7), (0.2, 0.36)),
    "cleaver": ((1.0, 1.8), (0.35, 0.65)),
    "bread": ((1.4, 2.3), (0.1, 0.2)),
    "paring": ((0.6, 1.1), (0.16, 0.32)),
    "slicer": ((1.2, 2.3), (0.08, 0.18)),
    "table": ((0.6, 1.3), (0.13, 0.24)),
    "spreader": ((0.6, 1.2), (0.2, 0.4)),
    "dagger": ((0.9, 2.2), (0.11, 0.26)),
    "hunting": ((0.8, 1.7), (0.17, 0.32)),
    "tanto": ((0.8, 1.9), (0.14, 0.26)),
    "machete": ((1.8, 3.2), (0.12, 0.24)),
    "kukri": ((1.3, 2.2), (0.14, 0.24)),
    "curved": ((0.7, 2.2), (0.14, 0.26)),
    "sword": ((2.0, 3.6), (0.06, 0.13)),
    "folding": ((0.6, 0.95), (0.16, 0.32)),
    "butterfly": ((0.7, 0.95), (0.13, 0.22)),
    "cutter": ((0.25, 0.7), (0.2, 0.45)),
}
DOUBLE = ("dagger", "sword")


def make_knife(seed: int) -> LabelledMesh:
    """The handle is 1 long and lies along -x, the blade points to +x, its edge to -y."""
    dice = Dice("knife", seed)
    knife = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    lengths, heights = SIZES[kind]
    long = dice.log_between(*lengths)
    tall = long * dice.log_between(*heights)
    thick = dice.log_between(0.02, 0.06) * (1 + long) / 2.2
    blade = _blade(dice, kind, long, tall, thick)
    if kind in ("folding", "butterfly"):
        _add_folding(dice, knife, kind, blade, tall, thick)
    else:
        rise = tall * dice.between(0.3, 0.7)  # how the blade sits on the handle
        if kind in ("chef", "santoku", "bread", "paring", "slicer", "cleaver", "cutter"):
            rise = tall * dice.between(0.1, 0.45) + 0.03
        knife.add("blade", *(moved(piece, x=-0.02, y=rise) for piece in blade))
        top, low = rise, rise - tall
        handle = grip(dice, kind, tall, thick)
        knife.add("handle", *handle, *front_fitting(dice, kind, top, low, thick))
        _add_tang(knife, rise, tall, thick)
    posed = _pose(dice)
    change = warp(dice, (0.12, 0.12, 0.12))
    return knife.mesh(lambda vertices: change(posed(vertices)))


def _add_tang(knife: Assembly, rise: float, tall: float, thick: float) -> None:
    """The neck by which the blade goes into the handle; it bridges blades that sit aside."""
    y = float(np.clip(rise - 0.3 * tall, -0.02, 0.02))
    cut = rounded_rectangle(0.8 * thick, min(0.09, 0.5 * tall), 0.2 * thick, 16)
    knife.add("blade", sweep(straight((-0.08, y, 0), (0.08 * tall + 0.02, y, 0)), cut, 1.0, Z))


def _curve(knots: Knots, t: Array) -> Array:
    drawn = smooth(knots, 80)
    return np.interp(t, np.maximum.accumulate(drawn[:, 0]), drawn[:, 1])


def _blade(dice: Dice, kind: str, long: float, tall: float, thick: float) -> list[Surface]:
    """A blade from x = 0 to x = long; y = 0 is its spine at the heel."""
    shape = dice.pick(SHAPES.get(kind, (kind,)))
    spine_knots, edge_knots = OUTLINES[shape]
    t = 1 - (1 - np.linspace(0, 1, 64)) ** 1.35  # denser at the tip
    spine, edge = _curve(spine_knots, t), _curve(edge_knots, t)
    belly = dice.between(0.6, 1.3)  # how strongly the style shows
    middle = -0.5 + belly * ((spine + edge) / 2 + 0.5)
    spine, edge = middle + (spine - edge) / 2, middle - (spine - edge) / 2
    if (kind not in DOUBLE and dice.chance(0.12)) or kind == "bread":  # teeth
        edge = edge + dice.between(0.03, 0.08) * np.abs(np.sin(t * dice.whole(10, 30) * pi)) * (
            t < 0.93
        )
    if kind == "hunting" and dice.chance(0.25):  # a saw on the back
        spine = spine - 0.08 * (np.sin(t * 90) > 0) * (t > 0.08) * (t < 0.5)
    if kind in ("chef", "hunting", "paring", "folding") and dice.chance(0.4):
        edge = np.where(t < 0.06, edge + (0.06 - t) / 0.06 * 0.35, edge)  # a choil at the heel
    bend = 0.0
    if kind == "curved":
        bend = dice.pick([-1.0, 1.0]) * dice.between(0.25, 0.6) * long
    elif dice.chance(0.35) and kind != "cleaver":
        bend = dice.between(-0.08, 0.1) * long
    lift = bend * t**2
    x = t * long
    if kind == "cleaver":  # a front that leans or is rounded off
        lean = dice.between(-0.1, 0.12)
        high = spine - edge
        tip = np.clip((t - 0.9) / 0.1, 0, 1)
        shrink = dice.between(0.0, 0.3) * tip**2 * high
        spine, edge = spine - shrink - lean * tip * high, edge + 0.4 * shrink
    y_top, y_low = spine * tall + lift, edge * tall + lift
    # A tip of no height would be a needle without area.
    least = 0.02 * tall
    y_low = np.minimum(y_low, y_top - least)
    taper = thick * (1 - dice.between(0.2, 0.7) * t**1.5)
    double = kind in DOUBLE and shape != "slicer"
    section = _double_section(dice) if double else _single_section(dice)
    down = section[:, 1]  # 0 at the spine, 1 at the edge
    rings = np.empty((len(t), len(section), 3))
    rings[..., 0] = x[:, None]
    rings[..., 1] = y_top[:, None] + down * (y_low - y_top)[:, None]
    rings[..., 2] = section[:, 0] * taper[:, None]
    return [skin(rings)]


def _single_section(dice: Dice) -> Array:
    """(across, down) of a blade with one edge, across from -0.5 to 0.5. [P, 2]."""
    bevel = dice.between(0.0, 0.8)
    spine = dice.between(0.5, 1.0)
    knots = [(0.0, 0.5 * spine), (0.06, 0.5), (max(bevel, 0.1), 0.5), (1.0, 0.05)]
    down = np.concatenate([[0.0, 0.06], np.linspace(0.12, 0.9, 7), [0.97, 1.0]])
    half = interpolate(down, knots)
    return np.concatenate([np.stack([half, down], 1), np.stack([-half, down], 1)[::-1]])


def _double_section(dice: Dice) -> Array:
    """Two edges, with a ridge, a rounded back or a groove in between. [P, 2]."""
    down = np.linspace(0, 1, 11)
    away = np.abs(2 * down - 1)
    half = 0.5 * (1 - away ** dice.pick([1.0, 1.0, 2.0, 4.0])) + 0.03
    if dice.chance(0.4):
        half = half - dice.between(0.1, 0.25) * np.exp(-((away / 0.2) ** 2))
    return np.concatenate([np.stack([half, down], 1), np.stack([-half, down], 1)[::-1]])


def _add_folding(
    dice: Dice, knife: Assembly, kind: str, blade: list[Surface], tall: float, thick: float
) -> None:
    """A blade that turns about a pin at the front of its handle, or of two."""
    if kind == "butterfly":
        spread = dice.between(0.0, 0.9) if dice.chance(0.7) else 0.0
        half = [moved(p, y=0.0) for p in pocket_handle(dice, 0.45 * tall, thick)]
        for side, pieces in zip((1.0, -1.0), (half, half), strict=True):
            for piece in pieces:
                arm = moved(turned(piece, "z", -side * spread), y=0.24 * tall * side)
                knife.add("handle", arm)
        knife.add("blade", *(moved(p, x=-0.06, y=0.5 * tall) for p in blade))
        return
    handle_tall = tall * dice.between(0.9, 1.4)
    handle = pocket_handle(dice, handle_tall, thick)
    knife.add("handle", *handle)
    turns = [dice.between(0.0, 0.25) if dice.chance(0.6) else dice.between(0.25, 2.2)]
    if dice.chance(0.2):  # a multi-tool
        turns.append(turns[0] + dice.between(0.4, 0.9))
    for k, turn in enumerate(turns):
        for piece in blade:
            shrunk = piece._replace(vertices=piece.vertices * (1.0, 1.0, 0.8) * (1 - 0.25 * k))
            placed = moved(shrunk, x=-0.04, y=0.45 * tall * (1 - 0.25 * k))
            knife.add("blade", moved(turned(placed, "z", turn), x=-0.05, z=0.4 * k * thick))
    if dice.chance(0.4):  # studs to open it with
        stud = sweep(
            straight((0, 0, 0.3 * thick), (0, 0, 1.3 * thick), 4),
            rounded_rectangle(0.05, 0.05, 0.024, 16),
            1.0,
            (1.0, 0.0, 0.0),
        )
        for piece in mirrored(turned(stud, "y", pi / 2)):
            across = turned(moved(turned(piece, "y", -pi / 2), x=0.12, y=0.3 * tall), "z", turns[0])
            knife.add("blade", moved(across, x=-0.05))


def _pose(dice: Dice) -> Callable[[Array], Array]:
    """Lying on its side, edge down, or standing on its tip or handle, turned any way."""
    kind = dice.weighted({"edge": 3.0, "side": 3.0, "up": 2.0, "down": 1.0})
    quarter = dice.pick([0.0, 0.5, 1.0, 1.5]) * pi
    tilt = dice.between(-0.2, 0.2) if dice.chance(0.3) else 0.0

    def change(vertices: Array) -> Array:
        surface = Surface(vertices, np.empty((0, 3), np.int64))
        surface = turned(surface, "z", tilt)
        if kind == "side":
            surface = turned(surface, "x", pi / 2)
        elif kind != "edge":
            surface = turned(surface, "z", pi / 2 if kind == "up" else -pi / 2)
        return turned(surface, "y", quarter).vertices

    return change
