"""Bodies of guitars and their kin: hollow, solid, horned, winged, pear-shaped and round."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, turned
from pdengine.shapes.curves import Array, circle, interpolate, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, Z, lathe, limb, skin, superellipsoid, sweep


@dataclass(frozen=True)
class Body:
    """A body between y = 0 and y = 1, its strings towards +z.

    Attributes:
        pieces: its surfaces.
        front: z of its top plate in the middle.
        depth: thickness in the middle.
        bridge: y of the bridge.
    """

    pieces: list[Surface]
    front: float
    depth: float
    bridge: float


# Half widths over the body's length at the lower bout, the waist and the upper bout.
BOUTS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "acoustic": ((0.34, 0.46), (0.22, 0.36), (0.25, 0.36)),
    "violin": ((0.27, 0.33), (0.14, 0.2), (0.22, 0.28)),
    "solid": ((0.28, 0.42), (0.2, 0.3), (0.24, 0.36)),
    "horned": ((0.28, 0.42), (0.2, 0.32), (0.2, 0.3)),
    "pear": ((0.33, 0.5), (0.24, 0.36), (0.1, 0.2)),
}
DEPTHS = {
    "acoustic": (0.14, 0.34),
    "violin": (0.09, 0.18),
    "solid": (0.06, 0.14),
    "horned": (0.06, 0.13),
    "pear": (0.15, 0.4),
    "angular": (0.06, 0.13),
    "wings": (0.06, 0.13),
    "round": (0.1, 0.25),
    "box": (0.07, 0.25),
}


def body(dice: Dice, kind: str) -> Body:
    """A body of one of the kinds in ``DEPTHS``."""
    depth = dice.log_between(*DEPTHS[kind])
    t = 0.5 - 0.5 * np.cos(np.linspace(0.02, 0.98, 40) * pi)
    if kind == "wings":
        pieces = _wings(dice, depth)
    elif kind == "round":
        pieces = _drum(dice, depth)
    else:
        left, right = _sides(dice, kind, t)
        pieces = [_loft(dice, kind, t, left, right, depth)]
        if kind == "horned":
            pieces += _horns(dice, left, right, t, depth)
    # Between two wings there is no body low down.
    bridge = dice.between(0.4, 0.5) if kind == "wings" else dice.between(0.2, 0.38)
    pieces += _fittings(dice, kind, 0.5 * depth, bridge)
    return Body(pieces, 0.5 * depth, depth, bridge)


def _sides(dice: Dice, kind: str, t: Array) -> tuple[Array, Array]:
    """How far the body reaches to -x and to +x along its length. [R] each, positive."""
    if kind == "angular":
        at = [0.0, dice.between(0.1, 0.3), dice.between(0.4, 0.6), dice.between(0.7, 0.9), 1.0]
        size = dice.between(0.7, 1.1)
        sides = []
        for _ in range(2):
            reach = [dice.between(*r) for r in ((0.02, 0.4), (0.25, 0.5), (0.12, 0.35))]
            reach += [dice.between(0.12, 0.42), dice.between(0.05, 0.2)]
            sides.append(size * np.interp(t, at, reach))
        return sides[0], sides[1]
    if kind == "box":
        wide, narrow = dice.between(0.2, 0.42), dice.between(0.6, 1.1)
        side = wide * (1 - (1 - narrow) * t) * (1 - np.abs(2 * t - 1) ** 14) ** 0.3
        return side, side
    lower, waist, upper = (dice.between(*r) for r in BOUTS[kind])
    at_waist = dice.between(0.52, 0.64)
    knots = [(0.0, 0.9 * lower), (dice.between(0.2, 0.32), lower), (at_waist, waist)]
    knots += [(dice.between(0.76, 0.86), upper), (1.0, dice.between(0.75, 0.98) * upper)]
    bout = np.interp(t, *smooth(knots, 60).T)
    if kind == "violin":  # corners at the C-shaped waist
        for corner in (at_waist - 0.13, at_waist + 0.12):
            bout = bout + 0.05 * np.exp(-np.abs(t - corner) / 0.025)
    low, high = dice.between(2.2, 4.5), dice.between(2.0, 6.0)
    ends = (1 - np.maximum(1 - 2 * t, 0) ** low) ** (1 / low)
    ends = ends * (1 - np.maximum(2 * t - 1, 0) ** high) ** (1 / high)
    left, right = bout * ends, bout * ends
    if kind == "solid" or (kind == "acoustic" and dice.chance(0.3)):  # a cutaway
        start = dice.between(0.72, 0.82)
        cut = np.clip((t - start) / dice.between(0.05, 0.15), 0, 1)
        right = right * (1 - dice.between(0.4, 0.75) * cut * cut * (3 - 2 * cut))
        if dice.chance(0.25):
            left = left * (1 - dice.between(0.3, 0.7) * cut)
    if kind in ("solid", "horned") and dice.chance(0.5):  # an offset waist
        lean = dice.between(-0.08, 0.08) * np.sin(2 * pi * t)
        left, right = np.maximum(left + lean * ends, 0.01), np.maximum(right - lean * ends, 0.01)
    return left, right


def _loft(dice: Dice, kind: str, t: Array, left: Array, right: Array, depth: float) -> Surface:
    """Sections across y between both sides, flat or arched."""
    hollow_back = kind == "pear" and dice.chance(0.6)
    section = superellipse(2.0, 2.0, dice.between(5, 12), 36)
    if hollow_back:
        section = np.where(section[:, 1:] < 0, superellipse(2.0, 2.0, 2.2, 36), section)
    half, middle = (left + right) / 2, (right - left) / 2
    thick = 0.5 * depth * interpolate(t, [(0, 1), (1, dice.between(0.8, 1.0))])
    if hollow_back:
        thick = thick * np.clip(half / half.max(), 0.15, 1) ** 0.5
    bulge = dice.between(0.1, 0.35) if kind == "violin" else 0.0
    bulge = dice.between(0.05, 0.2) if kind == "solid" and dice.chance(0.4) else bulge
    rings = np.empty((len(t), 36, 3))
    rings[..., 0] = middle[:, None] + half[:, None] * section[:, 0]
    rings[..., 1] = t[:, None]
    rings[..., 2] = thick[:, None] * section[:, 1]
    if hollow_back:  # all fronts in one plane
        rings[..., 2] += 0.5 * depth - thick[:, None]
    else:
        rings[..., 2] *= 1 + bulge * (0.6 - section[:, 0] ** 2) * np.sin(pi * t)[:, None]
    return skin(rings)


def _horns(dice: Dice, left: Array, right: Array, t: Array, depth: float) -> list[Surface]:
    """Two arms of the body beside the neck, seldom alike."""
    long = dice.between(0.12, 0.4)
    horns = []
    for side, sides, share in ((-1, left, 1.0), (1, right, dice.between(0.4, 1.0))):
        root = float(np.interp(0.7, t, sides))
        wide = dice.between(0.1, 0.16)
        out = dice.between(-0.06, 0.1)
        knots = [(0.6 * root, 0.55), (0.9 * root, 0.78), (0.9 * root + 0.6 * out, 0.88)]
        knots.append((0.85 * root + out, 0.85 + share * long))
        path = smooth([(side * x, y, 0.0) for x, y in knots], 20)
        taper = interpolate(
            np.linspace(0, 1, 20), [(0, 1.8), (0.4, 1.1), (1, dice.between(0.2, 0.8))]
        )
        size = np.stack([np.full(20, 0.96 * depth), wide * taper], 1)
        horns.append(sweep(path, superellipse(1.0, 1.0, 6.0, 20), size, Z, ends=0.02))
    return horns


def _wings(dice: Dice, depth: float) -> list[Surface]:
    """A flying V: two wings that meet at the neck."""
    wide, spread = dice.log_between(0.16, 0.36), dice.between(0.28, 0.55)
    other = spread * (dice.between(0.6, 1.0) if dice.chance(0.4) else 1.0)
    t = np.linspace(0, 1, 22)
    grow = interpolate(t, [(0, dice.between(0.6, 1.0)), (0.5, 1), (1, dice.between(0.5, 1.3))])
    size = np.stack([np.full(22, depth), wide * grow], 1)
    wings = []
    for reach in (-other, spread):
        bow = dice.between(-0.06, 0.06)
        path = smooth([(0.0, 1.02, 0), (0.5 * reach + bow, 0.55, 0), (reach, 0.02, 0)], 22)
        wings.append(sweep(path, superellipse(1.0, 1.0, 6.0, 28), size, Z, ends=0.02))
    core = moved(superellipsoid((1.3 * wide, 0.75, 0.98 * depth), 5.0, 4.0), y=0.62)
    return [*wings, core]


def _drum(dice: Dice, depth: float) -> list[Surface]:
    """A banjo: a round frame with a skin."""
    radius = 0.5
    half = depth / 2
    rim = dice.between(0.88, 0.95)
    knots = [(0.05, -0.8), (0.85, -0.8), (0.9, -1.0), (1.0, -0.95), (1.0, 0.0), (1.0, 0.9)]
    knots += [(0.98, 1.05), (rim, 1.05), (rim - 0.02, 0.95), (0.5, 0.95), (0.05, 0.95)]
    drum = lathe(np.array([(r * radius, z * half) for r, z in knots]), circle(1.0, 48))
    pieces = [moved(turned(drum, "x", pi / 2), y=radius)]
    count = dice.pick([0, 6, 8, 12])
    lug = limb((radius, 0, -0.8 * half), (radius, 0, 0.8 * half), 0.02, 0.02, 8)
    for k in range(count):
        pieces.append(moved(turned(lug, "z", 2 * pi * (k + 0.5) / count), y=radius))
    return pieces


def _fittings(dice: Dice, kind: str, front: float, bridge: float) -> list[Surface]:
    """Bridge, sound hole or pickups, knobs, tailpiece: all on the front."""
    wide = dice.between(0.12, 0.3)
    high = dice.between(0.02, 0.06)
    block = superellipsoid((wide, dice.between(0.025, 0.07), high), 5.0, 5.0)
    pieces = [moved(block, y=bridge, z=front + 0.3 * high)]
    hollow = kind in ("acoustic", "pear") or (kind == "box" and dice.chance(0.5))
    if hollow:
        radius = dice.between(0.08, 0.14)
        angle = np.arange(36) * (2 * pi / 36)
        ring = np.stack(
            [radius * np.cos(angle), 0.62 + radius * np.sin(angle), 0 * angle + front], 1
        )
        rosette = sweep(ring, circle(0.012, 8), 1.0, Z, loop=True)
        pieces.append(rosette)
    elif kind not in ("violin", "round"):
        for k in range(dice.whole(0, 2)):
            size = (0.17, dice.between(0.03, 0.07), 0.03)
            pickup = superellipsoid(size, 6.0, 6.0)
            pieces.append(moved(pickup, y=bridge + 0.12 + 0.14 * k, z=front))
        for k in range(dice.whole(0, 3) if kind != "wings" else 0):
            at = (0.14 + 0.05 * k, 0.3 - 0.07 * k, front)
            pieces.append(limb(at, (at[0], at[1], front + 0.03), 0.02, 0.018, 8))
    if kind == "violin" or (kind != "wings" and dice.chance(0.25)):
        low, top = 0.03, bridge - 0.05
        tail = superellipsoid((dice.between(0.05, 0.12), top - low, 0.025), 4.0, 4.0)
        pieces.append(moved(tail, y=(low + top) / 2, z=front + 0.01))
    if kind == "violin" and dice.chance(0.5):  # a chin rest
        rest = superellipsoid((0.16, 0.12, 0.04))
        pieces.append(mirrored(moved(rest, x=0.13, y=0.08, z=front + 0.01))[1])
    return pieces
