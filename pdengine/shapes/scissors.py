"""Scissors: office, kitchen, tailor's, nail, surgical and safety scissors, at any opening."""

from collections.abc import Callable
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import (
    Array,
    circle,
    interpolate,
    polygon,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, lathe, skin, slab, sweep
from pdengine.shapes.scissors_plan import Plan, plan_of
from pdengine.shapes.warp import warp

PARTS = ("blade", "handle", "screw")


def make_scissors(seed: int) -> LabelledMesh:
    dice = Dice("scissors", seed)
    scissors = Assembly(dice, PARTS)
    plan = plan_of(dice)
    opening = 0.0
    if dice.chance(0.75):
        opening = dice.between(0.05, 0.7) if dice.chance(0.65) else dice.between(0.7, 1.9)
    curve = dice.between(-0.35, 0.35) if plan.kind in ("nail", "surgical") else 0.0
    blade = _blade(dice, plan, curve)
    other = _blade(dice, plan, curve) if dice.chance(0.25) else blade
    handle, second = _handles(dice, plan)
    for side, metal, grip in ((0, blade, handle), (1, other, second)):
        lap = (0.5 - side) * plan.thick * 0.95
        for part, pieces in (("blade", [*metal, grip[0]]), ("handle", grip[1])):
            for piece in pieces:
                half = turned(mirrored(piece)[1] if side else piece, "z", _sign(side) * opening / 2)
                level = lap if part == "blade" or not plan.plastic else 0.15 * lap
                scissors.add(part, moved(half, z=level))
    scissors.add("screw", *_screw(dice, plan))
    posed = _pose(dice)
    change = warp(dice, (0.15, 0.15, 0.15))
    return scissors.mesh(lambda vertices: change(posed(vertices)))


def _sign(side: int) -> float:
    """The half whose blade is at x > 0 opens clockwise."""
    return 1.0 if side else -1.0


def _blade(dice: Dice, plan: Plan, curve: float) -> list[Surface]:
    """The blade whose back is at x > 0, from below the screw to the tip at +y."""
    style = plan.style
    t = 1 - (1 - np.linspace(0, 1, 50)) ** 1.3
    start = -0.5 * plan.wide
    y = start + t * (plan.blade - start)
    tip = dice.log_between(*style.tip)
    belly = dice.between(0.85, 1.2)
    back = interpolate(
        t, [(0, 0.8), (0.1, 1.0), (0.35, belly), (0.6, 0.55 * belly + 0.45 * tip), (1, tip)]
    )
    if dice.chance(0.4):  # straight backs, and tips that are sharp only at their very end
        back = interpolate(t, [(0, 0.8), (0.1, 1.0), (0.75, dice.between(0.5, 0.95)), (1, tip)])
    back = smooth(list(np.stack([t, back], 1)[::7]), 50)[:, 1]
    rounded = np.clip((1 - t) / dice.between(0.02, 0.1), 0, 1)
    back = back * np.sqrt(np.maximum(1 - (1 - rounded) ** 2, 0.03))
    # The halves lap around the screw, and less towards the tip.
    edge = (dice.between(0.05, 0.35) * np.clip(t / 0.3, 0, 1) - 0.35) * (1 - t**3)
    edge = np.minimum(edge, back - 0.02)
    if dice.chance(0.12):  # pinking shears, or a serrated edge
        edge = edge + dice.between(0.03, 0.1) * (np.arange(50) % 2) * (t > 0.2) * (t < 0.95)
    hollow = dice.between(0.2, 0.8)
    across = np.array([1.0, 0.97, 0.7, hollow, 0.1, 0.0])
    half = np.array([0.35, 0.5, 0.5, 0.5, 0.12, 0.06])
    section = np.concatenate([np.stack([across, half], 1), np.stack([across, -half], 1)[::-1]])
    thick = plan.thick * (1 - dice.between(0.0, 0.5) * t)
    low, high = edge * plan.wide, back * plan.wide
    # The lower part is round about the screw, not an edge.
    rings = np.empty((50, len(section), 3))
    rings[..., 0] = low[:, None] + section[:, 0] * (high - low)[:, None]
    rings[..., 1] = y[:, None]
    rings[..., 2] = section[:, 1] * thick[:, None] + (curve * np.clip(y, 0, None) ** 2)[:, None]
    pieces = [skin(rings)]
    if dice.chance(0.5):  # a flat boss around the screw
        boss = slab(circle(0.55 * plan.wide, 24), plan.thick, 0.1 * plan.thick)
        pieces.append(moved(turned(boss, "x", pi / 2), x=0.12 * plan.wide))
    return pieces


Grip = tuple[Surface, list[Surface]]


def _handles(dice: Dice, plan: Plan) -> tuple[Grip, Grip]:
    """(tang, loop and shank) of the half with its blade at x > 0, and of the other one.

    Both are drawn for the first half; the second is mirrored later.
    """
    style = plan.style
    long = dice.log_between(*style.loop)
    round_ = dice.log_between(*style.round)
    out = dice.between(0.0, 0.14)
    lift = dice.between(0.05, 0.3) * dice.pick([-1.0, 1.0]) if _bent(dice, plan) else 0.0
    lean, egg = dice.between(-0.35, 0.35), dice.between(-0.25, 0.3)
    swell = dice.between(0.0, 0.9) if plan.plastic else dice.between(0.0, 0.3)
    first = _loop(dice, plan, long, round_, out, lean, egg, swell, lift)
    if not dice.chance(style.uneven):
        return first, first
    larger = min(long * dice.between(1.15, 1.6), 0.48)
    again = _loop(
        dice,
        plan,
        larger,
        dice.between(0.8, 1.1) * round_ * long / larger,
        out,
        lean,
        egg,
        swell,
        lift,
    )
    return first, again


def _bent(dice: Dice, plan: Plan) -> bool:
    return plan.kind in ("tailor", "hair") and dice.chance(0.4)


def _loop(
    dice: Dice,
    plan: Plan,
    long: float,
    round_: float,
    out: float,
    lean: float,
    egg: float,
    swell: float,
    lift: float,
) -> Grip:
    """A loop at x < 0 with its lowest point near y = -1, and the way to it from the screw.

    Args:
        long: half length; round_: width over length.
        out: gap between the two loops of closed scissors, halved.
        lean: sideways shift of the top over the bottom.
        egg: how much narrower the top is.
        swell: extra thickness of the outer and lower side.
        lift: how far out of the plane the loops are bent.
    """
    bar = plan.bar
    wide = max(long * round_, 1.6 * bar)
    angle = np.arange(48) * (2 * pi / 48)
    # Squarer loops, and loops like a D with their flat side inwards.
    power = dice.between(2.0, 3.2)
    cos, sin = np.cos(angle), np.sin(angle)
    reach = (np.abs(cos) ** power + np.abs(sin) ** power) ** (-1 / power)
    x, y = wide * cos * reach * (1 - egg * sin), long * sin * reach
    ring = np.stack([x + lean * y * wide / long, y, 0 * x], 1)
    inner = float(ring[:, 0].max())
    ring = ring + np.array([-inner - bar * (1 + 0.5 * swell) - out, long - 1.0, 0.0])
    fat = 1 + swell * np.clip(-cos * 0.6 - sin * 0.4, 0, 1)
    cut = superellipse(2 * bar * plan.depth, 2 * bar, plan.power, 16)
    joint = ring[dice.whole(9, 15)]
    neck = 0.15 * plan.wide
    knots = [(neck, 0.4 * plan.wide), (0, -0.1 * plan.wide)]
    middle = (joint[0] * dice.between(0.15, 0.5), 0.5 * joint[1] - 0.1 * plan.wide)
    path = smooth([*knots, middle, (joint[0], joint[1])], 40)
    path = np.concatenate([path, np.zeros((40, 1))], 1)
    t = np.linspace(0, 1, 40)
    # How far the bare metal goes, and where the loop's own material begins.
    cut_at = int(12 + 26 * plan.tang)
    metal_wide = interpolate(t, [(0, 0.9 * plan.wide), (0.25, 0.75 * plan.wide), (1, 1.4 * bar)])
    metal = np.stack([np.full(40, 0.9 * plan.thick), np.minimum(metal_wide, plan.wide)], 1)
    flat = rounded_rectangle(1.0, 1.0, 0.15, 16)
    last = min(cut_at + 3, 40) if plan.plastic else cut_at + 1
    tang = sweep(path[:last], flat, metal[:last], Z)
    first = cut_at
    broad = interpolate(
        t, [(0, 0.8 * plan.wide), (0.35, dice.between(2.0, 3.2) * bar), (1, 2 * bar)]
    )
    if not plan.plastic:
        broad = interpolate(
            t, [(0, 0.75 * plan.wide), (0.3, 0.75 * plan.wide), (0.7, 2.1 * bar), (1, 2 * bar)]
        )
    deep = 2 * bar * plan.depth * interpolate(t, [(0, 1.0), (1, 1.0)])
    if not plan.plastic:
        deep = interpolate(t, [(0, plan.thick), (0.3, plan.thick), (0.8, 2 * bar * plan.depth)])
    size = np.stack([deep, broad], 1)[first:]
    shank = sweep(path[first:], superellipse(1.0, 1.0, 3.0, 16), size, Z, ends=0.4 * bar)
    pieces = [sweep(ring, cut, fat, Z, loop=True), shank]
    if plan.kind == "hair" and dice.chance(0.5):  # a rest for the little finger
        low = ring[np.argmin(ring[:, 1])]
        rest = smooth(list(low + np.array([(0, 0, 0), (-0.02, -0.1, 0), (-0.1, -0.17, 0)])), 12)
        pieces.append(
            sweep(rest, circle(0.8 * bar, 12), np.linspace(1, 0.6, 12), Z, ends=0.5 * bar)
        )
    if not lift:
        return tang, pieces

    def raise_(surface: Surface) -> Surface:
        v = surface.vertices
        return surface._replace(
            vertices=v + lift * np.clip(-v[:, 1:2] - 0.15, 0, 0.4) * np.array(Z)
        )

    return raise_(tang), [raise_(piece) for piece in pieces]


def _screw(dice: Dice, plan: Plan) -> list[Surface]:
    """A rivet, a slotted or a hexagonal screw, a broad plastic cap."""
    radius = plan.wide * dice.log_between(0.2, 0.48)
    radius = max(radius, 0.04, 0.02 * (1 + plan.blade))
    long = 2 * plan.thick * dice.between(1.15, 1.9)
    dome = dice.between(0.0, 0.7)
    outline = circle(1.0, 32) if dice.chance(0.85) else polygon(2.0, 2.0, 6, 36)
    share = np.array([0.05, 0.45, 0.75, 0.93, 1.0])
    side = np.stack([share * radius, long / 2 * (1 - dome * share**2 * 0.6)], 1)
    pieces = [lathe(np.concatenate([side * [1, -1], side[::-1]]), outline)]
    if dice.chance(0.4):  # the head sits on a washer, or has a knob to turn
        small = dice.between(0.35, 0.7)
        pieces.append(
            lathe(np.concatenate([side * [small, -1.3], side[::-1] * [small, 1.3]]), outline)
        )
    return [turned(piece, "x", pi / 2) for piece in pieces]


def _pose(dice: Dice) -> Callable[[Array], Array]:
    """Upright with the tips up or down, or lying on a table, turned any way."""
    kind = dice.weighted({"up": 3.0, "lying": 4.0, "down": 1.0, "level": 1.5})
    quarter = dice.pick([0.0, 0.5, 1.0, 1.5]) * pi
    tilt = dice.between(-0.5, 0.5) if dice.chance(0.4) else 0.0

    def change(vertices: Array) -> Array:
        surface = turned(Surface(vertices, np.empty((0, 3), np.int64)), "z", tilt)
        if kind == "lying":
            surface = turned(surface, "x", pi / 2)
        elif kind != "up":
            surface = turned(surface, "z", pi if kind == "down" else pi / 2)
        return turned(surface, "y", quarter).vertices

    return change
