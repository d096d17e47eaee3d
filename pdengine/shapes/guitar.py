"""Guitars and their kin: acoustic and electric ones, basses, ukuleles, violins, lutes, banjos."""

import numpy as np

from pdengine.shapes.assembly import Assembly, moved, turned
from pdengine.shapes.curves import circle, interpolate, straight, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.guitar_bodies import Body, body
from pdengine.shapes.guitar_heads import PLATES, head
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, X, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("body", "neck", "head")

KINDS = {
    "acoustic": 5.0,
    "solid": 3.5,
    "horned": 4.0,
    "angular": 1.5,
    "wings": 1.2,
    "violin": 1.5,
    "pear": 1.5,
    "round": 0.8,
    "box": 0.7,
}
# Length of the neck from the body to the nut, over the length of the body.
NECKS = {
    "acoustic": (0.4, 1.0),
    "solid": (0.5, 1.25),
    "horned": (0.5, 1.4),
    "angular": (0.45, 1.3),
    "wings": (0.4, 1.1),
    "violin": (0.3, 0.6),
    "pear": (0.35, 1.1),
    "round": (0.7, 1.6),
    "box": (0.7, 1.6),
}


def make_guitar(seed: int) -> LabelledMesh:
    dice = Dice("guitar", seed)
    guitar = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    main = body(dice, kind)
    guitar.add("body", *main.pieces)
    long = dice.log_between(*NECKS[kind])
    half = dice.log_between(0.028, 0.055)
    thick = half * dice.between(0.8, 1.5)
    # How far the fingerboard runs over the body.
    reach = dice.between(0.05, 0.4) if kind != "round" else 0.05
    guitar.add("neck", *_neck(dice, main, kind, long, half, thick, reach))
    style = _head_style(dice, kind)
    tilt = dice.between(0.0, 0.35) if style not in ("inline", "scroll", "none") else 0.0
    if kind == "pear" and dice.chance(0.4):  # a lute's head bends far back
        tilt = dice.between(0.7, 1.5)
    middle = _surface(main) - 0.35 * thick
    for piece in head(dice, style, half, thick):
        guitar.add("head", moved(turned(piece, "x", -tilt), y=1 + long, z=middle))
    if dice.chance(0.35):
        over_body, over_neck = _strings(dice, main, long, half, reach)
        guitar.add("body", *over_body)
        guitar.add("neck", *over_neck)
    return guitar.mesh(warp(dice, (0.15, 0.2, 0.2)))


def _head_style(dice: Dice, kind: str) -> str:
    if kind == "violin":
        return "scroll" if dice.chance(0.85) else "waisted"
    if kind in ("solid", "horned", "angular", "wings"):
        choice = dice.weighted({"inline": 4.0, "plate": 4.5, "none": 0.6})
        return dice.pick(tuple(PLATES)) if choice == "plate" else choice
    if kind == "acoustic":
        return dice.weighted({"paddle": 3.0, "straight": 2.0, "waisted": 2.0, "fan": 1.0})
    return dice.pick(tuple(PLATES))


def _surface(main: Body) -> float:
    """z of the front of the neck: a little above that of the body."""
    return main.front + 0.012


def _neck(
    dice: Dice, main: Body, kind: str, long: float, half: float, thick: float, reach: float
) -> list[Surface]:
    """The neck from inside the body to the nut, its fingerboard, and its heel."""
    widen = dice.between(1.0, 1.5)
    inside = 0.15 if kind in ("wings", "horned") else dice.between(0.03, 0.1)
    y = np.linspace(1 - inside, 1 + long, 20)
    t = np.linspace(0, 1, 20)
    deep = thick * interpolate(t, [(0, dice.between(1.0, 1.4)), (1, 1)])
    wide = 2 * half * interpolate(t, [(0, widen), (1, 1)])
    top = _surface(main)
    path = np.stack([0 * y, y, top - deep / 2], 1)
    shaft = sweep(path, superellipse(1.0, 1.0, 2.6, 18), np.stack([wide, deep], 1), X)
    pieces = [shaft]
    rise = dice.between(0.0, 0.02) + (0.03 if kind == "violin" else 0.0)
    board_y = np.linspace(1 - reach, 1 + long, 12)
    board = np.stack([0 * board_y, board_y, np.linspace(top + rise, top, 12)], 1)
    broad = 2.05 * half * np.interp(board_y, [1 - reach, 1 + long], [widen * 1.05, 1])
    size = np.stack([broad, np.full(12, 0.025 + 0.5 * rise)], 1)
    pieces.append(sweep(board, superellipse(1.0, 1.0, 8.0, 16), size, X))
    if main.depth > 1.5 * thick and dice.chance(0.8):  # a heel down the side of the body
        heel = superellipsoid((1.7 * half * widen, 0.12, 0.75 * main.depth), 4.0, 3.0)
        pieces.append(moved(heel, y=1.0, z=top - 0.4 * main.depth))
    return pieces


def _strings(
    dice: Dice, main: Body, long: float, half: float, reach: float
) -> tuple[list[Surface], list[Surface]]:
    """Thin strings from the bridge to the fingerboard, and on to the nut."""
    count, thin = dice.pick([3, 4, 4, 6]), dice.between(0.003, 0.006)
    high = _surface(main) + 0.025
    over_body, over_neck = [], []
    for share in np.linspace(-0.75, 0.75, count):
        low = np.array([1.4 * share * half, main.bridge, high + 0.01])
        nut = np.array([share * half, 1 + long, high - 0.012])
        board = low + (nut - low) * (1 - reach - main.bridge) / (1 + long - main.bridge)
        over_body.append(sweep(straight(low, board), circle(thin, 6), 1.0, X))
        over_neck.append(sweep(straight(board, nut), circle(thin, 6), 1.0, X))
    return over_body, over_neck
