"""Doors in their frames: single, double, sliding, folding, swinging, ajar or shut; and gates."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, moved, turned
from pdengine.shapes.curves import rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.door_leaves import Leaf, make_leaf
from pdengine.shapes.household import block
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, sweep
from pdengine.shapes.pulls import KINDS as PULLS
from pdengine.shapes.pulls import Pull, beyond, door_knob, lever
from pdengine.shapes.warp import warp

PARTS = ("frame", "door", "handle")

KINDS = {
    "single": 7.0,
    "double": 3.5,
    "sliding": 2.0,
    "sidelight": 1.5,
    "folding": 1.0,
    "saloon": 0.5,
    "hatch": 1.0,
    "leaf": 1.2,
    "stable": 0.7,
}


@dataclass(frozen=True)
class Opening:
    """The hole in the wall, from y = 0 up, around x = 0.

    Attributes:
        wide, high: clear size.
        arch: how much higher it is in the middle than at the sides.
        jamb, deep: width and depth of the frame's timber.
        thick: thickness of the leaves.
    """

    wide: float
    high: float
    arch: float
    jamb: float
    deep: float
    thick: float


def make_door(seed: int) -> LabelledMesh:
    dice = Dice("door", seed)
    door = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    opening = _opening(dice, kind)
    if kind != "leaf":
        door.add("frame", *_frame(dice, opening))
    if kind == "sliding":
        _sliding(dice, door, opening)
    elif kind == "folding":
        _folding(dice, door, opening)
    elif kind == "stable":
        _stable(dice, door, opening)
    elif kind == "sidelight":
        _beside_windows(dice, door, opening)
    elif kind in ("double", "saloon"):
        _double(dice, door, opening, saloon=kind == "saloon")
    else:
        _single(dice, door, opening, opening.wide)
    return door.mesh(warp(dice, (0.15, 0.12, 0.2), 0.25))


def _opening(dice: Dice, kind: str) -> Opening:
    """A door is 2 high, more or less; a hatch is as wide as high."""
    high = dice.between(1.8, 2.3)
    wide = high * dice.between(0.34, 0.5)
    if kind in ("double", "saloon", "sliding", "folding"):
        wide = high * dice.between(0.55, 1.1)
    elif kind == "sidelight":
        wide = high * dice.between(0.6, 0.95)
    elif kind == "hatch":
        wide = high * dice.between(0.6, 1.1)
    can_bow = kind in ("single", "double", "leaf")
    arch = wide * dice.between(0.1, 0.5) if can_bow and dice.chance(0.18) else 0.0
    thick = dice.log_between(0.04, 0.11)
    deep = max(dice.log_between(0.08, 0.3), 1.3 * thick)
    return Opening(wide, high, arch, dice.log_between(0.04, 0.2), deep, thick)


def _frame(dice: Dice, o: Opening) -> list[Surface]:
    """Jambs and a head, perhaps with a casing on both faces, a sill, a cornice."""
    half = o.wide / 2 + o.jamb / 2 + 0.004
    top = o.high + o.jamb / 2 + 0.004
    if o.arch:
        t = np.linspace(0, pi, 26)
        bow = [(half * np.cos(a), o.high + (o.arch + o.jamb / 2) * np.sin(a), 0.0) for a in t]
        sides = [[(s * half, y * o.high, 0.0) for y in (0.0, 0.4, 0.8)] for s in (1, -1)]
        path = np.array([*sides[0], *bow, *sides[1][::-1]])
        pieces = [sweep(path, rounded_rectangle(o.deep, o.jamb, 0.1 * o.jamb, 24), 1.0, Z)]
    else:
        post = block((o.jamb, top + o.jamb / 2, o.deep), (0, 0, 0), 0.008, 32)
        lintel = block((o.wide + 2 * o.jamb, o.jamb, o.deep), (0, top, 0), 0.008, 32)
        y = (top + o.jamb / 2) / 2
        pieces = [moved(post, x=s * half, y=y) for s in (-1, 1)] + [lintel]
        if dice.chance(0.4):  # casing
            wide, out = o.jamb + dice.between(0.02, 0.12), dice.between(0.01, 0.03)
            faces = (-1, 1) if dice.chance(0.7) else (1,)
            for face in faces:
                z = face * (o.deep / 2 + out / 2)
                x = o.wide / 2 + wide / 2 + 0.01
                tall = o.high + wide
                pieces += [block((wide, tall, out), (s * x, tall / 2, z), 0.006) for s in (-1, 1)]
                pieces.append(block((2 * x + wide, wide, out), (0, o.high + wide / 2, z), 0.006))
                if dice.chance(0.25):
                    size = (2 * x + 1.5 * wide, 0.06, 2.5 * out + 0.03)
                    pieces.append(block(size, (0, o.high + wide + 0.02, z), 0.01))
    if dice.chance(0.4):
        tall = dice.between(0.02, 0.06)
        pieces.append(block((o.wide + 2 * o.jamb, tall, o.deep), (0, -tall / 2, 0), 0.006))
    if not o.arch and dice.chance(0.12):  # a window above
        tall, pane = dice.between(0.25, 0.5), 0.02
        y = o.high + o.jamb + tall
        pieces.append(block((o.wide + 2 * o.jamb, o.jamb, o.deep), (0, y + o.jamb / 2, 0), 0.008))
        x = o.wide / 2 + o.jamb / 2
        for sign in (-1, 1):
            size = (o.jamb, tall + 0.02, o.deep)
            pieces.append(block(size, (sign * x, o.high + o.jamb + tall / 2, 0), 0.008))
        pieces.append(block((o.wide, tall, pane), (0, o.high + o.jamb + tall / 2, 0), 0.004))
    return pieces


def _grip(dice: Dice, size: float) -> list[Surface]:
    """A lever, a knob or a long bar, in front of z = 0, pointing to +x."""
    form = dice.weighted({"lever": 4.0, "knob": 3.0, "pull": 3.0})
    if form == "lever":
        return lever(dice, size)
    if form == "knob":
        return door_knob(dice, size * dice.between(0.9, 1.3))
    odds = {k: w for k, w in PULLS.items() if k in ("bar", "bow", "ring", "plate")}
    pull = Pull.draw(dice, dice.between(2.0, 3.5), odds)
    return pull.make(dice.between(0.3, 1.4), upright=True)


def _hung(pieces: list[Surface], at: float, side: int, angle: float) -> list[Surface]:
    """Put a leaf whose hinge is x = 0 and which reaches to +x into the frame.

    Args:
        at: where the hinge is.
        side: -1 for a hinge at the left, from which it reaches to the right; 1 the other way.
    """
    if side > 0:
        flip = np.array([-1.0, 1.0, 1.0])
        pieces = [Surface(p.vertices * flip, p.faces) for p in pieces]
    return [moved(turned(p, "y", side * angle), x=at) for p in pieces]


def _angle(dice: Dice) -> float:
    """How far a leaf is open: shut, ajar, wide; mostly to the front."""
    if dice.chance(0.55):
        return 0.0
    return dice.between(0.1, 1.8) * (1 if dice.chance(0.8) else -1)


def _add_leaf(
    dice: Dice,
    door: Assembly,
    leaf: Leaf,
    grip: list[Surface] | None,
    at: float,
    side: int,
    angle: float,
) -> None:
    door.add("door", *_hung(make_leaf(leaf), at, side, angle))
    if grip:
        door.add("handle", *_hung(grip, at, side, angle))


def _placed_grip(dice: Dice, leaf: Leaf) -> list[Surface]:
    """Near the free edge, on both faces or on one; the lever points to the hinge."""
    size = dice.between(0.11, 0.19)
    grip = [turned(p, "z", pi) for p in _grip(dice, size)]
    if dice.chance(0.8):
        grip = beyond(grip, leaf.thick / 2)
    else:
        grip = [moved(p, z=leaf.thick / 2) for p in grip]
    x = leaf.wide - min(max(0.06, 0.5 * leaf.stile), 0.12)
    y = leaf.low + (leaf.high - leaf.low) * dice.between(0.4, 0.53)
    return [moved(p, x=x, y=y) for p in grip]


def _single(dice: Dice, door: Assembly, o: Opening, wide: float, x: float = 0.0) -> None:
    leaf = Leaf.draw(dice, wide - 0.008, 0.005, o.high - 0.003, o.thick, o.arch)
    side = dice.pick([-1, 1])
    grip = _placed_grip(dice, leaf) if dice.chance(0.93) else None
    _add_leaf(dice, door, leaf, grip, x + side * (wide / 2 - 0.004), side, _angle(dice))


def _double(dice: Dice, door: Assembly, o: Opening, saloon: bool) -> None:
    low, high = 0.005, o.high - 0.003
    if saloon:
        low, high = o.high * dice.between(0.25, 0.4), o.high * dice.between(0.6, 0.75)
    bow = 0.0 if saloon else o.arch
    leaf = Leaf.draw(dice, o.wide / 2 - 0.006, low, high, o.thick, bow, half=True)
    grip = None if saloon or dice.chance(0.05) else _placed_grip(dice, leaf)
    alike = dice.chance(0.6)
    angle = _angle(dice)
    for side in (-1, 1):
        turn = angle if alike else _angle(dice)
        shown = grip if side < 0 or alike or dice.chance(0.7) else None
        _add_leaf(dice, door, leaf, shown, side * (o.wide / 2 - 0.003), side, turn)


def _sliding(dice: Dice, door: Assembly, o: Opening) -> None:
    """Panels one behind the other, a little or half open; or one in front of the wall."""
    count = dice.pick([2, 2, 2, 3, 4])
    lap = 0.04
    wide = o.wide / count + lap
    thick = min(o.thick, 0.4 * o.deep, 0.06)
    leaf = Leaf.draw(dice, wide, 0.005, o.high - 0.003, thick, 0.0, half=count > 2)
    grip = _placed_grip(dice, leaf)
    z = 0.55 * thick
    moving = dice.between(0.0, 0.9) * (wide - lap) if dice.chance(0.4) else 0.0
    for k in range(count):
        left = -o.wide / 2 + k * (wide - lap)
        shift = moving if k == 0 else 0.0
        layer = z if k % 2 == 0 else -z
        pieces = [moved(p, x=left + shift, z=layer) for p in make_leaf(leaf)]
        door.add("door", *pieces)
        if k == 0 or dice.chance(0.5):
            # Near the end of the row: the grip was made for the right edge of a leaf.
            placed = grip
            if k < count / 2:
                mirror = np.array([-1.0, 1.0, 1.0])
                placed = [moved(Surface(p.vertices * mirror, p.faces), x=wide) for p in grip]
            door.add("handle", *(moved(p, x=left + shift, z=layer) for p in placed))


def _folding(dice: Dice, door: Assembly, o: Opening) -> None:
    """Panels hinged to each other in a zigzag."""
    count = dice.pick([2, 4, 4, 6])
    fold = dice.between(0.05, 1.1)
    wide = o.wide / count
    leaf = Leaf.draw(dice, wide, 0.005, o.high - 0.003, min(o.thick, 0.06), 0.0, half=True)
    panel = make_leaf(leaf)
    x = -o.wide / 2
    z = 0.0
    for k in range(count):
        turn = fold if k % 2 == 0 else -fold
        door.add("door", *(moved(turned(p, "y", -turn), x=x, z=z) for p in panel))
        if k == (1 if count == 2 else count - 2):
            grip = _placed_grip(dice, leaf)
            door.add("handle", *(moved(turned(p, "y", -turn), x=x, z=z) for p in grip))
        x += wide * float(np.cos(turn))
        z += wide * float(np.sin(turn))


def _stable(dice: Dice, door: Assembly, o: Opening) -> None:
    """An upper and a lower half."""
    cut = o.high * dice.between(0.4, 0.6)
    side = dice.pick([-1, 1])
    for low, high in ((0.005, cut - 0.006), (cut + 0.006, o.high - 0.003)):
        leaf = Leaf.draw(dice, o.wide - 0.008, low, high, o.thick, 0.0)
        grip = _placed_grip(dice, leaf) if low < cut or dice.chance(0.4) else None
        _add_leaf(dice, door, leaf, grip, side * (o.wide / 2 - 0.004), side, _angle(dice))


def _beside_windows(dice: Dice, door: Assembly, o: Opening) -> None:
    """A door beside one fixed pane or between two; panes and posts are of the frame."""
    both = dice.chance(0.5)
    side_wide = o.wide * dice.between(0.12, 0.22) if both else o.wide * dice.between(0.25, 0.45)
    wide = o.wide - (2 if both else 1) * (side_wide + o.jamb)
    x = 0.0 if both else (side_wide + o.jamb) / 2
    _single(dice, door, o, wide, x)
    rails = dice.whole(0, 3)
    for sign in (-1, 1) if both else (-1,):
        post = x + sign * (wide / 2 + o.jamb / 2)
        door.add("frame", block((o.jamb, o.high, o.deep), (post, o.high / 2, 0), 0.008, 32))
        middle = post + sign * (o.jamb / 2 + side_wide / 2)
        door.add("frame", block((side_wide, o.high, 0.025), (middle, o.high / 2, 0), 0.004))
        for k in range(rails + 1):
            y = o.high * k / (rails + 1) + 0.03
            door.add("frame", block((side_wide, 0.06, 0.6 * o.deep), (middle, y, 0), 0.006))
