"""Rockets: toys, model rockets, storybook rockets, launchers with boosters, missiles and bombs.

nose is the pointed front, also of boosters; the nozzles and a launcher's boosters are body.
"""

from collections.abc import Callable
from itertools import pairwise
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, around, moved, turned
from pdengine.shapes.bodies import fin
from pdengine.shapes.curves import Array, circle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import limb, slab, superellipsoid, sweep
from pdengine.shapes.rocket_ends import NOSES, fine, nose_cone, nozzle, solid, tail
from pdengine.shapes.rocket_fins import FINS, draw_fin
from pdengine.shapes.warp import warp

PARTS = ("body", "fin", "nose")
KINDS: dict[str, float] = {
    "model": 4.0,
    "storybook": 4.0,
    "launcher": 4.0,
    "missile": 3.0,
    "bomb": 1.2,
    "toy": 2.0,
}


def make_rocket(seed: int) -> LabelledMesh:
    """Stands upright at y = 0 until its last step: missiles and bombs may lie."""
    dice = Dice("rocket", seed)
    rocket = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    if kind == "launcher":
        _launcher(dice, rocket)
    elif kind in ("storybook", "bomb"):
        _spindle(dice, rocket, bomb=kind == "bomb")
    else:
        _tube(dice, rocket, kind)
    change = warp(dice, (0.15, 0.2, 0.15))
    if not dice.chance({"missile": 0.35, "bomb": 0.5}.get(kind, 0.04)):
        return rocket.mesh(change)

    def lying(vertices: Array) -> Array:
        x, y, z = vertices.T
        return change(np.stack([x, -z, y], 1))

    return rocket.mesh(lying)


def _tube(dice: Dice, rocket: Assembly, kind: str) -> None:
    """A straight body 1 long: model rockets, missiles and fat toys."""
    radius = {
        "model": lambda: dice.log_between(0.03, 0.09),
        "missile": lambda: dice.log_between(0.028, 0.07),
        "toy": lambda: dice.log_between(0.1, 0.26),
    }[kind]()
    head = radius * dice.log_between(1.2, 5.0 if kind != "toy" else 3.0)
    noses = NOSES if kind != "missile" else {**NOSES, "ball": 3.0}
    tip, upper = dice.weighted(noses), radius
    knots = [(radius, 0.0), (radius, 1.0)]
    if dice.chance(0.25):  # a boat tail
        knots = [(radius * dice.between(0.6, 0.9), 0.0), (radius, 2 * radius), (radius, 1.0)]
    if dice.chance(0.25):  # a wider or narrower payload
        upper = radius * dice.between(0.55, 1.4)
        step = dice.between(0.55, 0.85)
        knots[-1:] = [(radius, step), (upper, min(step + radius, 0.95)), (upper, 1.0)]
    rocket.add("body", solid(fine(knots)))
    for _ in range(dice.whole(0, 3)):  # bands
        y = dice.between(0.1, 0.5)
        band = dice.between(0.01, 0.03)
        wide = 1.06 * radius
        rocket.add("body", moved(solid([(wide, 0.0), (wide, band)], 32), y=y))
    rocket.add("nose", moved(nose_cone(dice, tip, upper, head * upper / radius), y=1.0))
    if dice.chance(0.15):  # a spike
        thin = max(0.006, 0.08 * upper)
        rocket.add("nose", limb((0, 1.0, 0), (0, 1.08 + head, 0), thin, thin, 8))
    if dice.chance(0.5):
        rocket.add("body", *tail(dice, knots[0][0]))
    count = dice.weighted({3: 4.0, 4: 5.0, 6: 0.7, 5: 0.4})
    start = dice.pick([0.0, pi / 4, pi / count, dice.between(0, pi)])
    styles = FINS[kind]
    low = draw_fin(dice, dice.weighted(styles), radius, 0.0, kind == "toy")
    rocket.add("fin", *around(low, count, start))
    if kind == "missile" and dice.chance(0.75):
        y = dice.between(0.35, 0.85)
        style = dice.weighted({"strake": 2.0, "delta": 2.0, "clipped": 1.5})
        if style == "strake":
            y = dice.between(0.2, 0.4)
        rocket.add("fin", *around(draw_fin(dice, style, radius, y, False), count, start))
    if kind == "model" and dice.chance(0.4):  # launch lug
        long, at = dice.between(0.05, 0.2), dice.between(0.2, 0.5)
        lug = limb((0, at, 0), (0, at + long, 0), 0.012, 0.012, 8)
        rocket.add("body", turned(moved(lug, x=radius + 0.006), "y", start + pi / count))
    if kind == "toy":
        _portholes(dice, rocket, lambda _: radius, 0.5, 0.9)


def _portholes(
    dice: Dice, rocket: Assembly, radius_at: Callable[[float], float], low: float, high: float
) -> None:
    """Round windows in a row, as raised rings."""
    if not dice.chance(0.6):
        return
    count, size = dice.whole(1, 3), dice.between(0.03, 0.08)
    for k in range(count):
        y = low + (high - low) * (k + 0.5) / count
        far = radius_at(y)
        size_here = min(size, 0.6 * far)
        pane = slab(circle(size_here, 20), 0.25 * size_here + 0.02, 0.01)
        pane = moved(turned(pane, "x", pi / 2), y=y, z=far)
        sides = 2 if dice.chance(0.3) else 1
        rocket.add("body", *around(pane, sides))


def _spindle(dice: Dice, rocket: Assembly, bomb: bool) -> None:
    """A body that swells, its nose cut from the same curve: V2, storybook rocket, aerial bomb."""
    fat = dice.log_between(0.09, 0.16) if bomb else dice.log_between(0.09, 0.26)
    foot = fat * (dice.between(0.25, 0.5) if bomb else dice.between(0.35, 0.85))
    waist = dice.between(0.5, 0.68) if bomb else dice.between(0.35, 0.6)
    shoulder = dice.between(0.86, 0.97) if bomb else dice.between(0.6, 0.85)
    blunt = 0.3 if bomb else dice.between(0.02, 0.12)
    knots = [(foot, 0.0), (0.5 * (foot + fat) + 0.12 * fat, 0.45 * waist), (fat, waist)]
    knots += [(fat * dice.between(0.66, 0.85), 0.5 + 0.5 * waist), (blunt * fat, 1.0)]
    curve = smooth(knots, 61)
    curve[:, 0] = np.maximum(curve[:, 0], 0.01 * fat)
    cut = int(np.argmin(np.abs(curve[:, 1] - shoulder)))
    pairs = [(float(r), float(y)) for r, y in curve]

    def radius_at(y: float) -> float:
        return float(np.interp(y, curve[:, 1], curve[:, 0]))

    rocket.add("body", solid([*pairs[: cut + 1 : 2], pairs[cut]], 36))
    brim = 1.0 + (dice.between(0.02, 0.1) if dice.chance(0.35) else 0.0)
    rocket.add("nose", solid([(brim * r, y) for r, y in pairs[cut:]], 36))
    if not bomb and dice.chance(0.45):  # an aerial with or without a ball
        thin, long = dice.between(0.008, 0.014), dice.between(0.05, 0.2)
        rocket.add("nose", limb((0, 0.97, 0), (0, 1 + long, 0), thin, 0.8 * thin, 8))
        if dice.chance(0.5):
            size = 2 * dice.between(0.015, 0.035)
            rocket.add("nose", moved(superellipsoid((size, size, size)), y=1 + long))
    if not bomb:
        rocket.add("body", *tail(dice, 0.9 * foot))
        _portholes(dice, rocket, radius_at, 0.45 * waist, 0.98 * shoulder)
    if dice.chance(0.25):  # a belt
        y = dice.between(0.3, 0.55)
        wide = 1.05 * radius_at(y)
        rocket.add("body", moved(solid([(wide, -0.015), (wide, 0.015)], 36), y=y))
    count = 4 if bomb else dice.weighted({3: 4.0, 4: 4.0, 5: 0.5, 6: 0.4})
    start = dice.pick([0.0, pi / 4, pi / 6])
    if bomb:
        _bomb_tail(dice, rocket, radius_at, start)
        return
    style = dice.weighted(FINS["storybook"])
    leg = draw_fin(dice, style, radius_at(0.12), 0.0, dice.chance(0.5), inside=0.9 * foot)
    rocket.add("fin", *around(leg, count, start))
    if dice.chance(0.2):  # pods at the tips
        reach = float(leg.vertices[:, 0].max())
        low = float(leg.vertices[leg.vertices[:, 0] > 0.97 * reach, 1].mean())
        size, long = dice.between(0.03, 0.06), dice.between(0.15, 0.3)
        pod = superellipsoid((size, long, size), 2.0, 2.3)
        rocket.add("fin", *around(moved(pod, reach, low), count, start))


def _bomb_tail(
    dice: Dice, rocket: Assembly, radius_at: Callable[[float], float], start: float
) -> None:
    """Four blades, perhaps in a box or a ring."""
    reach = radius_at(0.55) * dice.between(0.9, 1.3)
    low, high = -dice.between(0.0, 0.12), dice.between(0.15, 0.3)
    span = np.array([0.2 * reach, reach])[:, None]
    lead = np.concatenate([span, np.array([[high], [high - dice.between(0.02, 0.1)]]), 0 * span], 1)
    trail = np.concatenate([span, np.full((2, 1), low), 0 * span], 1)
    blade = fin(_dense(lead), _dense(trail), dice.between(0.014, 0.025))
    rocket.add("fin", *around(blade, 4, start))
    if dice.chance(0.6):
        tall = dice.between(0.3, 0.9) * (high - low - 0.1)
        square = dice.chance(0.5)
        angle = np.arange(4 if square else 32) * (2 * pi / (4 if square else 32))
        angle = angle + (start if square else 0.0)
        far = 0.98 * reach
        if square:  # points along the sides of the box
            angle = np.concatenate([[a - 0.01, a + 0.01] for a in angle])
        path = np.stack([far * np.cos(angle), 0 * angle + low + tall / 2, -far * np.sin(angle)], 1)
        band = np.array(
            [(1.0, -1), (1, -0.3), (1, 0.3), (1, 1), (-1, 1), (-1, 0.3), (-1, -0.3), (-1, -1)]
        )
        section = band[:, ::-1] * [tall / 2, 0.008]
        rocket.add("fin", sweep(path, section, 1.0, (0.0, 1.0, 0.0), loop=True))


def _dense(edge: Array, count: int = 8) -> Array:
    t = np.linspace(0, 1, count)
    return np.stack([np.interp(t, np.linspace(0, 1, len(edge)), edge[:, k]) for k in range(3)], 1)


def _launcher(dice: Dice, rocket: Assembly) -> None:
    """Stages of several widths, a fairing or a capsule on top, and perhaps boosters."""
    radius = dice.log_between(0.04, 0.085)
    stages = dice.whole(1, 3)
    cuts = [0.0, *sorted(dice.between(0.4, 0.85) for _ in range(stages - 1)), 1.0]
    wide, knots = radius, [(radius, 0.0)]
    for _, high in pairwise(cuts):
        knots.append((wide, high))
        if high < 1.0:
            slope = dice.between(0.2, 1.2) * wide
            wide *= dice.between(0.55, 0.95)
            knots.append((wide, min(high + slope, 0.99)))
    rocket.add(
        "body", solid(fine([k for i, k in enumerate(knots) if not i or k[1] > knots[i - 1][1]]))
    )
    if dice.chance(0.4):  # an inter-tank ring
        ring = dice.between(0.1, 0.3)
        rocket.add("body", moved(solid([(1.05 * radius, 0), (1.05 * radius, 0.02)]), y=ring))
    _payload(dice, rocket, wide)
    rocket.add("body", *tail(dice, radius))
    count = dice.weighted({0: 5.0, 2: 4.0, 4: 2.0, 6: 0.6})
    start = dice.pick([0.0, pi / 4, pi / 2])
    if count:
        size = radius * (dice.between(0.45, 0.95) if count < 6 else dice.between(0.3, 0.5))
        tall, far = dice.between(0.3, 0.85), radius + size * dice.between(0.85, 1.02)
        lift = dice.between(-0.05, 0.08)
        tip = nose_cone(dice, dice.weighted(NOSES), size, size * dice.between(1.2, 3.5), 20)
        tube = solid(fine([(size, 0.0), (size, tall)]), 20)
        bell = nozzle(0.7 * size, 0.9 * size)
        for part, piece in (("nose", moved(tip, y=tall)), ("body", tube), ("body", bell)):
            rocket.add(part, *around(moved(piece, far, lift), count, start))
        strut = limb((0, tall * 0.8, 0), (far, tall * 0.8, 0), 0.01, 0.01, 8)
        rocket.add("body", *around(moved(strut, y=lift), count, start))
    if dice.chance(0.6):
        kind = dice.weighted(FINS["launcher"])
        blades = 4 if count != 3 else 3
        blade = draw_fin(dice, kind, radius, 0.0, False)
        rocket.add("fin", *around(blade, blades, start + (pi / blades if count else 0.0)))


def _payload(dice: Dice, rocket: Assembly, wide: float) -> None:
    """What flies on top: a fairing, often wider than its stage, or a capsule with a tower."""
    if dice.chance(0.65):
        size = wide * dice.between(0.9, 1.5)
        tall = size * dice.between(0.3, 3.0)
        knots = [(wide * 0.98, 0.97), (size, 1.0 + 0.5 * abs(size - wide)), (size, 1.0 + tall)]
        if knots[1][1] < knots[2][1] - 0.01:
            rocket.add("nose", solid(fine(knots)))
        cone = nose_cone(dice, dice.weighted(NOSES), size, size * dice.between(1.0, 3.0))
        rocket.add("nose", moved(cone, y=1.0 + tall))
        return
    tall = wide * dice.between(1.2, 2.2)
    tip = wide * dice.between(0.2, 0.4)
    rocket.add("nose", solid(fine([(wide, 0.99), (wide, 1.02), (tip, 1.02 + tall)])))
    if dice.chance(0.7):  # the escape tower
        mast = dice.between(0.08, 0.2)
        rocket.add("nose", limb((0, 1 + tall, 0), (0, 1 + tall + mast, 0), 0.45 * tip, 0.45 * tip))
        rocket.add(
            "nose",
            limb((0, 1 + tall + 0.5 * mast, 0), (0, 1 + tall + mast, 0), 0.7 * tip, 0.5 * tip),
        )
