"""Toasters: two slots or four, long or short, of chrome, plastic or painted like in the fifties."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, reshaped, turned
from pdengine.shapes.curves import Array, circle, rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block, edged, knurled, solid
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, lathe, limb, skin, superellipsoid
from pdengine.shapes.warp import warp

PARTS = ("body", "slider", "button")

KINDS = {"classic": 4.0, "modern": 4.0, "retro": 3.0, "long": 2.0, "four": 2.5}


@dataclass(frozen=True)
class Case:
    """The housing, 1 long along x, standing on y = 0.

    Attributes:
        deep, high: its extent along z and y.
        corner: roundness seen from above.
        crown: radius of the upper edge.
        belly: how far the sides bulge half-way up, share of the width.
        slots: how many lie side by side, and how many one behind the other.
    """

    deep: float
    high: float
    corner: float
    crown: float
    belly: float
    slots: tuple[int, int]


def make_toaster(seed: int) -> LabelledMesh:
    """The slots run along x; slider and buttons are at the end +x or on the long side +z."""
    dice = Dice("toaster", seed)
    toaster = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    case = _case(dice, kind)
    swell = _swell(case)
    toaster.add("body", *(reshaped(piece, swell) for piece in _housing(dice, case)))
    toaster.add("body", *_feet(dice, case))
    end = 0.5 * (1 + 0.45 * case.belly)
    if kind == "classic" or dice.chance(0.2):
        thick = dice.between(0.04, 0.1)
        toaster.add("body", *_end_caps(dice, case, thick))
        end = 0.47 + thick
    _controls(dice, toaster, case, end, in_front=dice.chance(0.6 if kind == "four" else 0.2))
    return toaster.mesh(warp(dice, (0.14, 0.14, 0.14), 0.5))


def _case(dice: Dice, kind: str) -> Case:
    deep, high = dice.between(0.5, 0.75), dice.between(0.55, 0.85)
    slots = (2, 1)
    if kind == "long":
        deep, high = dice.between(0.3, 0.5), dice.between(0.4, 0.6)
        slots = (dice.pick([1, 1, 2]), 1)
    elif kind == "four":
        deep, high = dice.between(0.8, 1.15), dice.between(0.5, 0.75)
        slots = dice.pick([(4, 1), (2, 2), (2, 2)])
        if slots == (2, 2):
            deep = dice.between(0.45, 0.65)
    corner, crown, belly = dice.between(0.03, 0.15), dice.between(0.02, 0.1), 0.0
    if kind == "retro":
        corner, crown = dice.between(0.3, 0.5), dice.between(0.12, 0.28)
        belly = dice.between(0.0, 0.12)
    elif kind == "classic":
        crown = dice.between(0.05, 0.25)
        belly = dice.between(0.0, 0.06)
    corner = min(corner * deep * 2, 0.48 * deep)
    return Case(deep, high, corner, min(crown, 0.35 * deep), belly, slots)


def _swell(case: Case) -> Callable[[Array], Array]:
    def change(vertices: Array) -> Array:
        x, y, z = vertices.T
        grow = 1 + case.belly * np.sin(pi * np.clip(y / case.high, 0, 1))
        return np.stack([x * (1 + 0.5 * (grow - 1)), y, z * grow], 1)

    return change


def _housing(dice: Dice, case: Case) -> list[Surface]:
    """The shell, sunk where the bread goes, and the bars between the slots."""
    columns, rows = case.slots
    long = dice.between(0.68, 0.82) * (1 - 1.2 * case.crown)
    slot = dice.between(0.09, 0.15)
    bar = dice.between(0.05, 0.14)
    most = 0.86 * case.deep - case.crown
    wide = columns * slot + (columns - 1) * bar
    slot, bar, wide = (v * min(1.0, most / wide) for v in (slot, bar, wide))
    sunk = 0.35 * case.high
    turn = np.linspace(0, pi / 2, 6)

    def ring(shrink: float, y: float) -> Array:
        flat = rounded_rectangle(
            1 - 2 * shrink, case.deep - 2 * shrink, max(case.corner - shrink, 0.02), 56
        )
        return np.stack([flat[:, 0], np.full(len(flat), y), flat[:, 1]], 1)

    def mouth(shrink: float, y: float) -> Array:
        flat = rounded_rectangle(long - 2 * shrink, wide - 2 * shrink, 0.3 * slot, 56)
        return np.stack([flat[:, 0], np.full(len(flat), y), flat[:, 1]], 1)

    low = 0.02
    walls = [ring(low, 0.0), *(ring(0.0, y) for y in np.linspace(low, case.high - case.crown, 7))]
    for a in turn[1:]:
        walls.append(ring(case.crown * (1 - cos(a)), case.high - case.crown * (1 - sin(a))))
    walls += [mouth(-0.012, case.high), mouth(0.0, case.high - 0.01)]
    walls += [mouth(0.0, case.high - 0.5 * sunk), mouth(0.0, case.high - sunk)]
    pieces = [skin(np.stack(walls))]
    pitch = slot + bar
    for k in range(columns - 1):
        z = (k - (columns - 2) / 2) * pitch
        size = (long + 0.01, sunk, bar)
        pieces.append(block(size, (0, case.high - 0.5 * sunk - 0.002, z), 0.008))
    if rows == 2:
        size = (1.4 * bar, sunk, wide + 0.01)
        pieces.append(block(size, (0, case.high - 0.5 * sunk - 0.004, 0), 0.008))
    if dice.chance(0.35):  # wires that hold the bread
        for k in range(columns):
            z = (k - (columns - 1) / 2) * pitch
            for side in (-0.3, 0.3):
                y = case.high - 0.15 * sunk
                a, b = (-0.49 * long, y, z + side * slot), (0.49 * long, y, z + side * slot)
                pieces.append(limb(a, b, 0.008, 0.008, 6))
    return pieces


def _feet(dice: Dice, case: Case) -> list[Surface]:
    """A dark base, four feet, or nothing."""
    form = dice.weighted({"plinth": 3.0, "feet": 3.0, "none": 1.5})
    if form == "none":
        return []
    if form == "plinth":
        high, inset = dice.between(0.03, 0.12), dice.between(-0.02, 0.04)
        outline = rounded_rectangle(
            1 - 2 * inset, case.deep - 2 * inset, max(case.corner - inset, 0.03), 40
        )
        return [lathe(edged([(1.0, -high), (1.0, 0.02)], 0.01), outline)]
    high, radius = dice.between(0.03, 0.07), dice.between(0.03, 0.06)
    foot = solid([(0.8 * radius, -high), (radius, 0.02)], 0.01, circle(1.0, 16))
    x, z = 0.5 - 0.4 * case.corner - radius - 0.03, case.deep / 2 - 0.4 * case.corner - radius
    return [moved(foot, x=s * x, z=t * z) for s in (-1, 1) for t in (-1, 1)]


def _end_caps(dice: Dice, case: Case, thick: float) -> list[Surface]:
    """Plastic sides that stand out a little from the metal."""
    out = dice.between(0.0, 0.025)
    deep = case.deep * (1 + case.belly)
    outline = rounded_rectangle(case.high + 2 * out, deep + 2 * out, case.crown + out, 40)
    cap = lathe(edged([(1.0, 0.0), (1.0, 0.6 * thick), (0.93, thick)], 0.01), outline)
    return mirrored(moved(turned(cap, "z", -pi / 2), x=0.47, y=case.high / 2))


def _controls(dice: Dice, toaster: Assembly, case: Case, end: float, in_front: bool) -> None:
    """Levers and knobs, drawn on a wall z = 0 and then carried to the end or to the long side."""
    columns, rows = case.slots
    count = 2 if columns * rows == 4 and dice.chance(0.85) else 1
    face = 1.0 if in_front else case.deep
    field = face / count * 0.8  # room of one set
    low, high = 0.12 * case.high, case.high - case.crown - 0.06
    tall = high - low
    layout = dice.weighted({"below": 4.0 if tall > 0.3 else 0.0, "beside": 3.0})
    slider = _slider(dice, field if layout == "below" else 0.5 * field)
    track = dice.chance(0.6)
    if layout == "below":  # the lever keeps clear of what is under it
        button_y = low + dice.between(0.02, 0.2) * tall
        lever_y = low + dice.between(0.75, 1.0) * tall
    else:
        button_y = low + dice.between(0.15, 0.8) * tall
        lever_y = low + dice.between(0.1, 1.0) * tall
    shift = 0.0 if layout == "below" else 0.23 * field
    buttons = _buttons(dice, min(field if layout == "below" else 0.42 * field, 0.8 * tall), tall)
    has_buttons = dice.chance(0.93)

    def place(pieces: list[Surface], x: float, y: float) -> list[Surface]:
        bulge = case.belly * sin(pi * min(y / case.high, 1.0))
        wall = 0.5 * case.deep * (1 + bulge) if in_front else end
        on_wall = [moved(piece, x=x, y=y, z=wall - 0.012) for piece in pieces]
        return on_wall if in_front else [turned(piece, "y", pi / 2) for piece in on_wall]

    for k in range(count):
        x = (k - (count - 1) / 2) * face / count
        toaster.add("slider", *place(slider, x - shift, lever_y))
        if has_buttons:
            toaster.add("button", *place(buttons, x + shift, button_y))
        if track:
            rail = block((0.02, tall + 0.08, 0.012), (0, 0, 0.012), 0.004)
            rails = [moved(rail, x=s * 0.025) for s in (-1, 1)]
            toaster.add("body", *place(rails, x - shift, (low + high) / 2))


def _slider(dice: Dice, room: float) -> list[Surface]:
    """The lever that pushes the bread down; its stalk starts behind the wall at z = 0."""
    wide = min(dice.between(0.1, 0.24), room)
    high, reach = dice.between(0.04, 0.09), dice.between(0.05, 0.12)
    stalk = block((0.035, 0.03, reach + 0.08), (0, 0, reach / 2 - 0.04), 0.006)
    form = dice.weighted({"bar": 3.0, "soft": 3.0, "ball": 1.0, "disc": 1.0, "wedge": 1.5})
    if form == "ball":
        size = max(0.6 * wide, 0.08)
        return [stalk, moved(superellipsoid((size, size, size)), z=reach)]
    if form == "disc":
        radius = max(0.4 * wide, 0.045)
        disc = turned(solid([(radius, 0.0), (0.9 * radius, 0.04)], 0.01), "x", pi / 2)
        return [stalk, moved(disc, z=reach - 0.02)]
    if form == "bar":
        return [stalk, block((wide, high, 0.05), (0, 0, reach), 0.012, 32)]
    power = 4.0 if form == "soft" else 8.0
    pad = superellipsoid((wide, high, 0.8 * reach + 0.04), power, 4.0)
    if form == "wedge":
        pad = turned(pad, "x", dice.between(-0.4, 0.4))
    return [stalk, moved(pad, z=0.6 * reach + 0.01)]


def _buttons(dice: Dice, room: float, high: float) -> list[Surface]:
    """A dial, a row or a column of keys, or both."""
    form = dice.weighted({"dial": 5.0, "row": 2.0, "dial and keys": 3.0, "column": 1.5})
    radius = min(dice.between(0.045, 0.1), 0.3 * room)
    if form == "dial":
        return _dial(dice, radius)
    key = min(dice.between(0.05, 0.08), room / 4)
    round_keys = dice.chance(0.4)
    count = dice.whole(2, 4)
    pieces = []
    for k in range(count):
        step = (k - (count - 1) / 2) * 1.25 * key
        at = (step, 0.0) if form != "column" else (0.0, max(step, -0.1 * high) + 0.1)
        if round_keys:
            disc = solid([(0.45 * key, 0.0), (0.4 * key, 0.04)], 0.006, circle(1.0, 16))
            pieces.append(moved(turned(disc, "x", pi / 2), x=at[0], y=at[1]))
        else:
            pieces.append(block((key, 0.6 * key, 0.06), (*at, 0.005), 0.008))
    if form == "dial and keys":
        lift = radius + 0.5 * key + 0.02
        pieces = [moved(p, y=-0.3 * lift) for p in pieces]
        pieces += [moved(p, y=0.7 * lift) for p in _dial(dice, radius)]
    return pieces


def _dial(dice: Dice, radius: float) -> list[Surface]:
    """A knob to turn, perhaps with a pointer across."""
    deep = radius * dice.between(0.5, 1.2)
    outline = knurled(18, 0.06) if dice.chance(0.4) else circle(1.0, 28)
    knob = solid([(radius, 0.0), (0.9 * radius, deep)], 0.15 * radius, outline)
    pieces = [turned(knob, "x", pi / 2)]
    if dice.chance(0.4):
        pointer = block((0.35 * radius, 1.7 * radius, 0.5 * radius), (0, 0, deep), 0.1 * radius)
        pieces.append(turned(pointer, "z", dice.between(-1, 1)))
    return pieces
