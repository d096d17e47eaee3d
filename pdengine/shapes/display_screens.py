"""Screens with their housings: the middle of the front is near the origin and looks along +z."""

from collections.abc import Callable

import numpy as np

from pdengine.shapes.assembly import moved, reshaped
from pdengine.shapes.curves import Array, rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block
from pdengine.shapes.primitives import Surface, Y, skin, sweep


def _stack(levels: list[tuple[float, float, float, float]], lift: float = 0.0) -> Surface:
    """Upright rounded rectangles (width, height, corner, z), one behind the other."""
    rings = []
    for wide, high, corner, z in levels:
        flat = rounded_rectangle(wide, high, corner, 96)
        rings.append(np.stack([flat[:, 0], flat[:, 1] + lift, np.full(len(flat), z)], 1))
    return skin(np.stack(rings))


def _front(dice: Dice, high: float, corner: float) -> list[tuple[float, float, float, float]]:
    """The bezel from its outer edge to the sunken picture."""
    bezel = dice.log_between(0.008, 0.06)
    sunk = dice.between(0.004, 0.015)
    wide, tall = 1 - 2 * bezel, high - 2 * bezel
    small = 0.4 * corner
    return [
        (1 - 0.004, high - 0.004, corner, 0.0),
        (wide, tall, small, -0.001),
        (wide - 0.004, tall - 0.004, small, -sunk),
        *((s * wide, s * tall, small, -sunk) for s in (0.75, 0.5, 0.25)),
    ]


def flat(dice: Dice, high: float, thick: float) -> tuple[list[Surface], float]:
    """A flat panel 1 wide, and how far behind it something must be fixed."""
    corner = dice.log_between(0.004, 0.06)
    slim = dice.between(0.4, 1.0) * thick  # at the edge
    belly = dice.between(0.55, 0.95)
    rear = [
        *((s * belly, s * high * belly, corner, -thick) for s in (0.3, 0.65)),
        (belly, high * belly, 2 * corner, -thick),
        (1 - 0.01, high - 0.01, corner, -slim),
        (1.0, high, corner, 0.4 * -slim),
    ]
    pieces = [_stack(rear + _front(dice, high, corner))]
    back = thick
    if dice.chance(0.45):  # the box with the electronics
        wide, tall = dice.between(0.3, 0.85), high * dice.between(0.3, 0.7)
        deep = dice.between(0.02, 0.07)
        y = -dice.between(0.0, 0.9) * 0.5 * (high - tall)
        box = block((wide, tall, deep + 0.02), (0, 0, 0), 0.4 * deep, 32)
        pieces.append(moved(box, y=y, z=-thick - 0.5 * deep + 0.01))
        if abs(y) < 0.35 * tall:
            back += deep
    if dice.chance(0.25):  # a chin
        chin, deep = dice.between(0.04, 0.14), max(slim, 0.02)
        bar = block((1.0, chin, deep), (0, -0.5 * (high + chin) + 0.01, -0.5 * deep), 0.006, 32)
        pieces.append(bar)
        pieces = [reshaped(p, _squeezed(high, chin)) for p in pieces]
    if dice.chance(0.06):  # loudspeakers at both sides
        side = dice.between(0.06, 0.14)
        for sign in (-1, 1):
            at = (sign * (0.5 + side / 2), 0, -0.5 * thick)
            pieces.append(block((side, high, thick), at, 0.01, 32))
    return pieces, back


def _squeezed(high: float, chin: float) -> Callable[[Array], Array]:
    """Make room for a chin below a panel without moving its lower edge."""

    def change(vertices: Array) -> Array:
        x, y, z = vertices.T
        low = -0.5 * high - chin + 0.01
        return np.stack([x, (y - low) * (high / (high / 2 - low)) - 0.5 * high, z], 1)

    return change


def curved(dice: Dice, high: float, thick: float, bow: float) -> list[Surface]:
    """A panel bent around whoever sits in front; its ends come forward by ``bow``."""
    x = np.linspace(-0.5, 0.5, 49)
    z = bow * (x / 0.5) ** 2 - 0.5 * thick
    path = np.stack([x, 0 * x, z], 1)
    bezel, sunk = dice.log_between(0.01, 0.04), 0.008
    half, deep = high / 2, thick / 2
    # The section: y is its first axis; the picture is sunk between two lips.
    belly = dice.between(0.6, 0.95)
    section = [(-half, deep), (-half, 0.2 * -deep), (-belly * half, -deep), (0.0, -deep)]
    section += [(belly * half, -deep), (half, 0.2 * -deep), (half, deep), (half - bezel, deep)]
    inner = half - bezel
    section += [(s * inner, deep - sunk) for s in (1.0, 0.5, 0.0, -0.5, -1.0)] + [(-inner, deep)]
    outline = np.array(section)
    shell = sweep(path, outline * [1.0, -1.0], 1.0, Y)
    front = shell.vertices[:, 2].max() - bow
    ends = []
    for sign in (-1, 1):
        at = (sign * 0.5, 0.0, bow - 0.5 * thick)
        ends.append(block((0.02, high, thick), at, 0.004, 32))
    # The sweep does not say which side its second axis takes; the lips must be in front.
    return [moved(shell, z=min(0.0, -front)), *ends]


def tube(dice: Dice, high: float, deep: float) -> list[Surface]:
    """A picture tube: a frame, a bulging glass, a housing that narrows to the rear."""
    corner = dice.between(0.02, 0.08)
    chest = dice.between(0.1, 0.35) * deep
    narrow, low = dice.between(0.45, 0.8), dice.between(0.4, 0.8)
    waist = dice.between(0.8, 0.97)
    bezel = dice.between(0.05, 0.12)
    wide, tall = 1 - 2 * bezel, high - 2 * bezel
    bulge = dice.between(0.01, 0.05)
    levels = [
        (0.3 * narrow, 0.3 * low * high, corner, -deep),
        (narrow - 0.04, low * high - 0.04, corner, -deep),
        (narrow, low * high, corner, -0.95 * deep),
        (waist, waist * high, corner, -chest - 0.03),
        (0.98, 0.98 * high, corner, -chest),
        (1.0, high, corner, -0.98 * chest),
        (1.0, high, corner, -0.02),
        (0.98, high - 0.02, corner, 0.0),
        (wide, tall, corner, 0.0),
        (wide - 0.01, tall - 0.01, corner, -0.03),
    ]
    for s in (0.8, 0.55, 0.25):
        levels.append((s * wide, s * tall, corner, -0.03 + bulge * (1 - s * s)))
    pieces = [_stack(levels)]
    if dice.chance(0.4):  # a row of keys or a panel with loudspeakers
        strip = dice.between(0.06, 0.2)
        box = (0.96, strip, min(chest, 0.4))
        pieces.append(block(box, (0, -0.5 * high + 0.4 * strip, -0.5 * box[2] + 0.01), 0.015, 32))
    return pieces
