"""What holds the things in a bag; each body knows where a handle may be sewn on."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, reshaped, turned, upright
from pdengine.shapes.curves import (
    Array,
    circle,
    rounded_rectangle,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.luggage import box, bulged, heights, rounding, stack
from pdengine.shapes.primitives import Surface, slab, sweep


@dataclass(frozen=True)
class Body:
    """A bag without its handles.

    Attributes:
        pieces: its surfaces; it stands on y = 0.
        width, height, depth: full extents; the height is that of the middle of the rim.
        corner: where a strap may leave at the right: (x, y).
        front: z of the front panel at a height y [R] -> [R], above the rim as at the rim.
    """

    pieces: list[Surface]
    width: float
    height: float
    depth: float
    corner: tuple[float, float]
    front: Callable[[Array], Array]


def front_of(y: Array, deep: Array) -> Callable[[Array], Array]:
    return lambda at: np.asarray(np.interp(at, y, deep / 2))


def open_body(dice: Dice, crisp: bool) -> Body:
    """A tote or a paper bag, open above: outside up, over the rim, inside down."""
    w = 1.0
    h, d = dice.log_between(0.6, 1.5), dice.log_between(0.15, 0.5)
    flare = dice.between(-0.15, 0.35) if not crisp else dice.between(-0.02, 0.05)
    pinch = dice.between(0.0, 0.75) if not crisp else dice.between(-0.05, 0.4)
    edge = dice.between(0.01, 0.03) if crisp else dice.between(0.03, 0.12)
    wall = dice.between(0.012, 0.03)
    t = heights(30)
    round_ = rounding(t, edge / h, 0.0)
    wide = w * (1 + flare * (t - 0.5)) - 2 * edge * (1 - round_)
    deep = d * (1 - pinch * t ** dice.between(1.0, 2.0)) - edge * (1 - round_)
    deep = np.maximum(deep, 3.2 * wall)
    power = dice.between(6.0, 12.0) if crisp else dice.between(2.3, 7.0)
    inside = slice(None, 3, -1)
    rows = np.concatenate([t, t[inside] * (1 - wall / h) + wall / h])
    surface = stack(
        rows * h,
        np.concatenate([wide, wide[inside] - 2 * wall]),
        np.concatenate([deep, deep[inside] - 2 * wall]),
        power,
        54,
    )
    sag = dice.between(0.0, 0.15) * h if not crisp and dice.chance(0.5) else 0.0
    top = float(wide[-1])

    def sink(v: Array) -> Array:
        """The rim hangs through between its corners."""
        x, y, z = v.T
        hang = sag * np.clip(1 - (2 * x / top) ** 2, 0, 1) * np.clip(y / h, 0, 1) ** 2
        return np.stack([x, y - hang, z], 1)

    pieces = [reshaped(surface, sink)]
    if dice.chance(0.3):
        pieces += front_trim(dice, w, h, lambda y: np.interp(y, t * h, deep / 2))
    front = front_of(t * h, deep)
    return Body(pieces, w, h - sag, d, (top / 2 - wall, h), front)


def hand_body(dice: Dice, sag: float = 0.0, flat: bool = False) -> Body:
    """A closed bag, broader below or above, its top pinched or with a zip.

    Args:
        sag: how far a hobo hangs through between its corners, share of the height.
        flat: a clutch.
    """
    w, h = 1.0, dice.log_between(0.45, 1.1)
    d = dice.log_between(0.2, 0.55)
    if flat:
        h, d = dice.log_between(0.4, 0.75), dice.log_between(0.1, 0.25)
    taper = dice.between(-0.2, 0.4)
    pinch = dice.between(0.2, 0.9)
    low, high = dice.between(0.03, 0.3), dice.between(0.02, 0.25)
    t = heights(40)
    round_ = rounding(t, low, high)
    swell = dice.between(0.0, 0.25) * np.sin(pi * t)
    wide = (
        w
        * (1 - taper * (t - 0.3) + swell)
        * (1 - 0.35 * low - 0.35 * high + (0.35 * low + 0.35 * high) * round_)
    )
    deep = d * (1 - pinch * t ** dice.between(1.0, 2.5)) * (0.25 + 0.75 * round_)
    power = dice.between(2.2, 8.0)
    top_wide = float(np.interp(0.95, t, wide))

    def sink(v: Array) -> Array:
        x, y, z = v.T
        across = np.clip(1 - (2 * x / top_wide) ** 2, -0.5, 1)
        return np.stack([x, y - sag * h * across * np.clip(y / h, 0, 1) ** 1.5, z], 1)

    pieces = [reshaped(stack(t * h, wide, deep, power, 54), sink)]
    front = front_of(t * h, deep)
    if not sag and dice.chance(0.45):
        pieces += _flap(dice, top_wide, h, front, dice.between(0.3, 0.75))
    elif dice.chance(0.45):
        pieces += front_trim(dice, w, h, front)
    if not sag and not flat and dice.chance(0.3):  # feet
        foot = slab(circle(0.03, 14), 0.04, 0.01)
        x, z = 0.36 * float(wide[4]), 0.3 * float(deep[6])
        for side in (-1, 1):
            pieces += mirrored(moved(foot, x=x, y=-0.006, z=side * z))
    corner = (0.47 * top_wide, 0.93 * h)
    return Body(pieces, w, (1 - sag) * h, d, corner, front)


def on_front(plate: Surface, front: Callable[[Array], Array], out: float) -> Surface:
    """Lay an upright plate around z = 0 on the front panel."""

    def change(v: Array) -> Array:
        return np.stack([v[:, 0], v[:, 1], v[:, 2] + front(v[:, 1]) + out], 1)

    return reshaped(plate, change)


def _flap(
    dice: Dice, width: float, h: float, front: Callable[[Array], Array], reach: float
) -> list[Surface]:
    """A lid that hangs over the front, with a clasp."""
    long = reach * h
    thick = dice.log_between(0.025, 0.06)
    outline = superellipse(width * dice.between(0.85, 1.0), 2 * long, dice.between(2.2, 9.0), 48)
    if dice.chance(0.25):  # pointed like an envelope
        x, z = outline.T
        outline = np.stack([x * (1 - 0.8 * np.clip(z / long, 0, 1)), z], 1)
    outline[:, 1] = np.clip(outline[:, 1], -0.03, None)
    plate = moved(upright(slab(outline, thick, 0.4 * thick)), y=0.98 * h)
    pieces = [on_front(plate, front, 0.2 * thick)]
    roll = np.linspace((-0.46 * width, 0.98 * h, 0.0), (0.46 * width, 0.98 * h, 0.0), 12)
    edge = float(front(np.array([0.98 * h]))[0])
    size = superellipse(2 * edge + 1.4 * thick, 2.2 * thick, 3.0, 20)
    pieces.append(sweep(roll, size, 1.0, (0.0, 0.0, 1.0), ends=0.5 * thick))
    if dice.chance(0.7):
        style = dice.pick(["round", "plate", "belts"])
        if style == "belts":
            tall = dice.between(0.3, 0.6) * h
            one = box(0.07, tall, thick, 0.01, count=24)
            strap = on_front(moved(one, y=0.95 * h - long - 0.25 * tall), front, 0.6 * thick)
            pieces += mirrored(moved(strap, x=0.28 * width))
        else:
            shape = circle(dice.between(0.03, 0.06), 20)
            if style == "plate":
                shape = rounded_rectangle(dice.between(0.08, 0.2), 0.08, 0.02, 24)
            clasp = moved(upright(slab(shape, 0.05, 0.012)), y=h - long + 0.02)
            pieces.append(on_front(clasp, front, thick))
    return pieces


def front_trim(dice: Dice, w: float, h: float, front: Callable[[Array], Array]) -> list[Surface]:
    """A pocket, a badge or a bow in front."""
    kind = dice.pick(["pocket", "badge", "band"])
    if kind == "pocket":
        tall = dice.between(0.3, 0.55) * h
        deep = dice.between(0.03, 0.1)
        one = box(w * dice.between(0.4, 0.75), tall, deep, 0.02, 6.0)
        return [on_front(moved(one, y=dice.between(0.08, 0.2) * h), front, 0.1 * deep)]
    if kind == "badge":
        plate = slab(circle(dice.between(0.04, 0.1), 24), 0.04, 0.01)
        return [on_front(moved(upright(plate), y=dice.between(0.4, 0.75) * h), front, 0.0)]
    tall = 0.85 * h
    one = box(dice.between(0.05, 0.1), tall, 0.05, 0.01, count=24)
    band = on_front(moved(one, y=0.08 * h), front, 0.0)
    return mirrored(moved(band, x=0.26 * w))


def box_body(dice: Dice, flap: bool) -> Body:
    """A satchel or a briefcase: a box with straight sides, with or without a flap."""
    w, h = 1.0, dice.log_between(0.55, 0.85)
    d = dice.log_between(0.12, 0.4)
    edge = dice.between(0.02, 0.09)
    t = heights(34)
    round_ = rounding(t, edge / h, edge / h)
    wide, deep = w - 2 * edge * (1 - round_), d - min(2 * edge, 0.8 * d) * (1 - round_)
    deep = deep * (1 - dice.between(0.0, 0.5) * t if dice.chance(0.4) else 1.0)
    body = stack(t * h, wide, deep, dice.between(5.0, 11.0), 54)
    if dice.chance(0.4):
        body = reshaped(body, bulged(d, w, h, dice.between(0.02, 0.1)))
    pieces = [body]
    front = front_of(t * h, deep)
    if flap:
        pieces += _flap(dice, 0.98 * w, h, front, dice.between(0.45, 0.92))
    elif dice.chance(0.5):
        pieces += front_trim(dice, w, h, front)
    if not flap and dice.chance(0.5):  # a frame or a zip around it
        rail = rounded_rectangle(w + 0.02, h + 0.02, edge + 0.01, 48)
        plate = turned(slab(rail, dice.between(0.02, 0.05), 0.008), "x", pi / 2)
        pieces.append(moved(plate, y=h / 2))
    return Body(pieces, w, h, d, (w / 2 - 0.012, h * dice.between(0.75, 0.95)), front)
