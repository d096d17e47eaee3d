"""Caps and hats: baseball and flat caps, peaked caps, visors, fedoras, cowboy and sun hats."""

from collections.abc import Callable
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, moved, reshaped, turned
from pdengine.shapes.cap_rims import brim, visor
from pdengine.shapes.curves import Array, circle, interpolate, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Y, lathe, slab, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("crown", "peak")

KINDS = {
    "baseball": 11.0,
    "trucker": 2.5,
    "flat": 2.5,
    "newsboy": 1.5,
    "visor": 1.5,
    "military": 2.0,
    "kepi": 1.5,
    "helmet": 1.2,
    "fedora": 2.0,
    "cowboy": 1.8,
    "bowler": 1.0,
    "top hat": 1.0,
    "boater": 0.8,
    "bucket": 2.0,
    "sun": 1.8,
    "cone": 0.8,
    "beanie": 1.0,
}
# Radius over height of the crown, both from 0 to 1, from the head band to the top.
CROWNS: dict[str, list[tuple[float, float]]] = {
    "baseball": [(1.0, 0.0), (1.0, 0.3), (0.93, 0.58), (0.72, 0.85), (0.35, 0.98), (0.02, 1.0)],
    "trucker": [(1.0, 0.0), (0.99, 0.35), (0.92, 0.65), (0.75, 0.9), (0.35, 1.0), (0.02, 1.01)],
    "flat": [(0.95, 0.0), (1.04, 0.2), (1.08, 0.5), (0.85, 0.85), (0.4, 0.98), (0.02, 1.0)],
    "newsboy": [(0.92, 0.0), (0.95, 0.2), (1.22, 0.42), (1.12, 0.75), (0.6, 0.97), (0.02, 1.0)],
    "military": [(0.98, 0.0), (0.98, 0.35), (1.12, 0.55), (1.35, 0.85), (1.2, 0.97), (0.02, 1.0)],
    "kepi": [(1.0, 0.0), (0.97, 0.4), (0.9, 0.9), (0.85, 1.0), (0.4, 1.0), (0.02, 1.0)],
    "helmet": [(1.0, 0.0), (1.02, 0.3), (0.92, 0.65), (0.65, 0.92), (0.3, 1.0), (0.02, 1.01)],
    "fedora": [(1.0, 0.0), (0.97, 0.3), (0.9, 0.7), (0.8, 0.93), (0.5, 1.0), (0.02, 1.0)],
    "cowboy": [(1.0, 0.0), (0.98, 0.3), (0.92, 0.7), (0.8, 0.95), (0.5, 1.0), (0.02, 1.0)],
    "bowler": [(1.0, 0.0), (1.0, 0.35), (0.92, 0.7), (0.65, 0.93), (0.3, 0.99), (0.02, 1.0)],
    "top hat": [(1.0, 0.0), (0.94, 0.3), (0.95, 0.7), (1.04, 0.98), (0.95, 1.0), (0.02, 1.0)],
    "boater": [(1.0, 0.0), (1.0, 0.5), (0.99, 0.93), (0.92, 1.0), (0.4, 1.0), (0.02, 1.0)],
    "bucket": [(1.0, 0.0), (0.95, 0.4), (0.86, 0.9), (0.75, 1.0), (0.4, 1.01), (0.02, 1.02)],
    "sun": [(1.0, 0.0), (0.98, 0.35), (0.88, 0.7), (0.6, 0.94), (0.3, 1.0), (0.02, 1.01)],
    "cone": [(1.0, 0.0), (0.8, 0.25), (0.5, 0.55), (0.22, 0.85), (0.1, 0.98), (0.02, 1.0)],
    "beanie": [(0.97, 0.0), (1.02, 0.3), (0.95, 0.65), (0.65, 0.93), (0.3, 1.0), (0.02, 1.01)],
}
# Height of the crown over its width.
HEIGHTS = {
    "flat": (0.28, 0.5),
    "newsboy": (0.38, 0.6),
    "military": (0.4, 0.75),
    "kepi": (0.4, 0.8),
    "top hat": (0.7, 1.4),
    "boater": (0.3, 0.5),
    "cone": (0.6, 1.8),
    "fedora": (0.55, 0.8),
    "cowboy": (0.6, 0.9),
    "baseball": (0.5, 0.85),
    "trucker": (0.6, 0.95),
}
BRIMMED = ("fedora", "cowboy", "bowler", "top hat", "boater", "bucket", "sun", "cone")
BANDED = {"fedora": 0.8, "cowboy": 0.7, "bowler": 0.7, "top hat": 0.7, "boater": 0.8, "sun": 0.5}


def make_cap(seed: int) -> LabelledMesh:
    """The head band is about 1 wide at y = 0; the peak looks along +z."""
    dice = Dice("cap", seed)
    cap = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    long = dice.between(1.0, 1.3)
    outline = superellipse(1.0, long, dice.between(1.9, 2.4), 54)
    crown_kind = kind
    if kind == "visor":
        cap.add("crown", _band_of_visor(dice, outline))
    else:
        height = dice.log_between(*HEIGHTS.get(kind, (0.45, 0.8)))
        cap.add("crown", *_crown(dice, crown_kind, height, outline, long))
    if kind in BRIMMED:
        cap.add("peak", brim(dice, kind, long))
    elif kind != "beanie" or dice.chance(0.4):
        cap.add("peak", *visor(dice, kind, long))
    if kind == "helmet" and dice.chance(0.3):
        cap.add("peak", brim(dice, "rim", long))
    tilt = dice.between(-0.25, 0.25) if dice.chance(0.3) else 0.0
    change = warp(dice, (0.15, 0.15, 0.15))

    def finish(vertices: Array) -> Array:
        return change(turned(Surface(vertices, np.empty((0, 3), np.int64)), "x", tilt).vertices)

    return cap.mesh(finish)


def _band_of_visor(dice: Dice, outline: Array) -> Surface:
    """A band around the head, open above, often lower behind."""
    tall, thick = dice.between(0.1, 0.3), dice.between(0.02, 0.06)
    lean = dice.between(0.85, 1.02)
    y = np.linspace(0, tall, 8)
    out = np.linspace(1, lean, 8)
    wall = np.stack([out, y], 1)
    inside = np.stack([out - 2 * thick, y], 1)[::-1]
    # The last ring meets the first one, so the band is a closed tube.
    rings = np.concatenate([wall, inside, wall[:1]])
    band = lathe(rings, outline)
    lower = dice.between(0.0, 0.7)

    def shaped(v: Array) -> Array:
        behind = np.clip(-v[:, 2], 0, None)
        return np.stack([v[:, 0], v[:, 1] * (1 - lower * np.minimum(2 * behind, 1)), v[:, 2]], 1)

    count = len(rings) * len(outline)
    keep = (band.faces < count).all(1)  # without the two discs that would close its ends
    return reshaped(Surface(band.vertices[:count], band.faces[keep]), shaped)


def _crown(dice: Dice, kind: str, height: float, outline: Array, long: float) -> list[Surface]:
    knots = CROWNS[kind]
    strength = dice.between(0.6, 1.25)
    knots = [(1 + strength * (r - 1) if r > 0.7 else r, y * height) for r, y in knots]
    outer = smooth(knots, 34)
    outer[:, 0] = np.maximum(outer[:, 0], 0.02)
    shell = _shell(dice, outer, height)
    shape = _shape(dice, kind, height, long)
    rows = lathe(shell, outline)
    panels = {"baseball": 0.7, "trucker": 0.7, "newsboy": 0.9, "flat": 0.3, "helmet": 0.3}
    if dice.chance(panels.get(kind, 0.08)):
        rows = reshaped(rows, _seams(dice, kind, height))
    pieces = [reshaped(rows, shape)]
    if kind in ("baseball", "trucker") and dice.chance(0.45):
        pieces = [reshaped(pieces[0], _gap_behind(dice, height)), _strap(dice, long)]
    if dice.chance(BANDED.get(kind, 0.0)):
        tall = height * dice.between(0.1, 0.3)
        heights = np.linspace(0.01, tall, 8)
        radius = np.interp(heights, outer[:, 1], outer[:, 0])
        out = dice.between(0.015, 0.05)
        low = np.array([(radius[0] - 0.03, heights[0])])
        top = np.array([(radius[-1] - 0.03, heights[-1])])
        ribbon = np.concatenate([low, np.stack([radius + out, heights], 1), top])
        pieces.append(reshaped(lathe(ribbon, outline), shape))
        if dice.chance(0.5):  # a bow at the side
            bow = superellipsoid((0.05, tall, 0.25), 4.0, 3.0)
            pieces.append(moved(bow, x=0.5 * float(radius[4]) + 0.02, y=tall / 2))
    pieces += _trimmings(dice, kind, height, long, shape)
    return pieces


def _shell(dice: Dice, outer: Array, height: float) -> Array:
    """Outside up to the top, and down again inside; or filled, as many models are."""
    if dice.chance(0.3):
        sunk = dice.between(0.0, 0.12) * height
        below = [(outer[0, 0] * s, sunk) for s in (0.03, 0.4, 0.8, 0.93)]
        return np.concatenate([np.array(below), outer])
    thick = dice.log_between(0.03, 0.1)
    inner = outer[1:-1][::-1] * (1.0, 1 - thick) - (thick, 0.0)
    inner = inner[inner[:, 0] > 0.04]
    inner = np.concatenate([[[0.02, (1 - thick) * outer[-1, 1]]], inner])
    rim = np.array([(outer[0, 0] - thick, 0.0), (outer[0, 0] - 0.4 * thick, -0.012)])
    return np.concatenate([inner, rim, outer])


def _seams(dice: Dice, kind: str, height: float) -> Callable[[Array], Array]:
    """Panels that meet in seams from the button downwards."""
    count = dice.pick([8, 8, 6]) if kind == "newsboy" else dice.pick([6, 6, 6, 5, 8])
    depth = dice.between(0.01, 0.04) * (2.5 if kind == "newsboy" else 1.0)
    sharp = dice.between(2.0, 8.0)

    def change(v: Array) -> Array:
        angle = np.arctan2(v[:, 0], v[:, 2])
        crease = np.abs(np.cos(angle * count / 2)) ** sharp
        share = np.clip(v[:, 1] / height, 0, 1)
        shrink = 1 - depth * crease * (share > 0.05) * 2
        return np.stack([v[:, 0] * shrink, v[:, 1], v[:, 2] * shrink], 1)

    return change


def _shape(dice: Dice, kind: str, height: float, long: float) -> Callable[[Array], Array]:
    """What makes a body of revolution a hat: leaning, a high front, dents and pinches."""
    lean = {"flat": -0.45, "newsboy": -0.2, "kepi": -0.3, "military": 0.35, "trucker": 0.15}
    slope = dice.between(0.2, 1.2) * lean.get(kind, dice.between(-0.12, 0.12))
    shift = dice.between(-0.15, 0.12) * height
    if kind in ("flat", "newsboy"):
        shift = dice.between(0.1, 0.3)  # hangs over the peak
    elif kind == "kepi":
        shift = dice.between(-0.05, 0.2)
    dent = pinch = 0.0
    if kind in ("fedora", "cowboy") or (kind in ("bucket", "sun") and dice.chance(0.2)):
        dent = dice.between(0.1, 0.4) * height
        pinch = dice.between(0.0, 0.4)
    narrow = dice.between(0.12, 0.28)
    droop = dice.between(0.0, 0.5) if kind == "cone" and dice.chance(0.4) else 0.0

    def change(v: Array) -> Array:
        x, y, z = v.T
        share = np.clip(y / height, 0, 1.1)
        high = share * share
        y_new = y + slope * high * z * height / (0.5 * long) * 0.6
        y_new = y_new - dent * np.exp(-((x / narrow) ** 2)) * np.clip(share - 0.55, 0, 1) / 0.45
        front = np.exp(-(((z - 0.35 * long) / 0.22) ** 2))
        x_new = x * (1 - pinch * high * front)
        fall = droop * np.clip(share - 0.4, 0, None) ** 2
        return np.stack([x_new, y_new - 0.5 * fall, z + shift * high - fall], 1)

    return change


def _gap_behind(dice: Dice, height: float) -> Callable[[Array], Array]:
    """The arch above the strap that fits a cap to the head."""
    wide, tall = dice.between(0.16, 0.26), dice.between(0.2, 0.4) * height

    def change(v: Array) -> Array:
        x, y, z = v.T
        arch = tall * np.sqrt(np.clip(1 - (x / wide) ** 2, 0, 1)) * (z < -0.1)
        left = np.clip(1 - y / height, 0, 1)
        return np.stack([x, y + arch * left, z], 1)

    return change


def _strap(dice: Dice, long: float) -> Surface:
    angle = np.linspace(-0.65, 0.65, 24)
    tall = dice.between(0.03, 0.08)
    path = np.stack(
        [-0.485 * np.sin(angle), 0 * angle + 0.5 * tall, -0.485 * long * np.cos(angle)], 1
    )
    return sweep(path, superellipse(tall, 0.03, 6.0, 16), 1.0, Y)


def _trimmings(
    dice: Dice, kind: str, height: float, long: float, shape: Callable[[Array], Array]
) -> list[Surface]:
    """Buttons, badges, pompons, ear flaps and ridges; all of them belong to the crown."""
    pieces = []
    top = shape(np.array([[0.0, height, 0.0]]))[0]
    if kind in ("baseball", "trucker", "newsboy", "flat", "helmet") and dice.chance(0.65):
        size = dice.between(0.05, 0.1)
        pieces.append(moved(superellipsoid((size, 0.55 * size, size)), *top))
    if kind == "beanie" and dice.chance(0.6):
        size = dice.between(0.15, 0.35)
        pieces.append(
            moved(superellipsoid((size, size, size)), *(top + np.array([0, 0.3 * size, 0])))
        )
    if kind == "beanie" and dice.chance(0.6):  # a turned-up cuff
        cuff = np.array([(0.95, 0.0), (1.06, 0.02), (1.07, 0.25 * height), (0.95, 0.28 * height)])
        t = interpolate(np.linspace(0, 3, 13), [(0, 0), (3, 3)])
        rows = np.stack([np.interp(t, np.arange(4), cuff[:, k]) for k in (0, 1)], 1)
        pieces.append(lathe(rows, superellipse(1.0, long, 2.2, 48)))
    if kind in ("military", "kepi", "baseball", "trucker") and dice.chance(0.35):
        wide = dice.between(0.12, 0.4) if kind != "military" else dice.between(0.1, 0.18)
        badge = slab(superellipse(wide, 0.6 * wide, dice.pick([2.0, 5.0]), 28), 0.05, 0.012)
        level = dice.between(0.25, 0.45)
        radius = float(np.interp(level, [0, 1], [0.5 * long, 0.48 * long]))
        spot = shape(np.array([[0.0, level * height, radius]]))[0]
        pieces.append(moved(turned(badge, "x", pi / 2 - 0.2), *spot))
    if kind == "military" and dice.chance(0.6):  # a cord above the peak
        cord = slab(superellipse(1.02, 1.02 * long, 2.0, 40), 0.05, 0.02)
        pieces.append(moved(cord, y=dice.between(0.05, 0.12)))
    if kind in ("beanie", "baseball", "helmet") and dice.chance(0.1):  # ear flaps
        for side in (-1, 1):
            flap = slab(superellipse(0.45, 0.5, 2.6, 28), 0.05, 0.02)
            pieces.append(moved(turned(flap, "z", pi / 2), x=side * 0.49, y=-0.15))
    if kind == "helmet" and dice.chance(0.5):  # ridges from front to back
        for x in dice.pick([(0.0,), (-0.18, 0.18), (-0.2, 0.0, 0.2)]):
            ridge = superellipsoid((0.1, 2 * height, 0.9 * long), 3.0, 2.0)
            flat = ridge.vertices * (1, 1, 1)
            flat[:, 1] = np.maximum(flat[:, 1], 0.3 * height) * (1.04 - 0.35 * abs(x))
            pieces.append(moved(reshaped(Surface(flat, ridge.faces), shape), x=x))
    if kind == "boater" and dice.chance(0.2):
        pieces.append(moved(slab(circle(0.12, 20), 0.06, 0.02), y=height))
    return pieces
