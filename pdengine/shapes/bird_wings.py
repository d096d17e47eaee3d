"""What a bird flies with: wings folded, half open, spread or raised, and the tail."""

from math import cos, pi, sin
from typing import NamedTuple

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bodies import direction, fin, posed, vector
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface

SIDES = (-1.0, 1.0)
TAILS = {"fan": 4.0, "wedge": 3.0, "long": 2.0, "fork": 2.0, "stub": 2.0}


class BodyPlan(NamedTuple):
    """Half extents of the body along its own z, ascending. [R] each."""

    z: Array
    half_width: Array
    half_height: Array
    belly: float  # height of the middle of the fullest section


def add_wings(
    dice: Dice, bird: Assembly, kind: str, plan: BodyPlan, pitch: float, flying: bool, fat: float
) -> None:
    """In the frame of the body, then pitched with it; ``fat`` times as thick as feathers."""
    if not flying and dice.chance(0.72 if kind != "penguin" else 0.4):
        loose = dice.between(0.0, 0.5) if dice.chance(0.35) else 0.0
        wing = _folded(dice, plan, fat**0.6)
        for side in SIDES:
            mine = wing if side > 0 else _flipped(wing)
            shoulder = vector(side * 0.5 * float(plan.half_width.max()), 0, 0.3)
            around = [Surface(s.vertices - shoulder, s.faces) for s in mine]
            opened = posed(around, shoulder, 0.0, -side * loose)
            bird.add("wing", *posed(opened, (0, 0, 0), pitch))
        return
    small = 0.45 if kind in ("penguin", "ostrich", "rooster") else 1.0
    span = small * dice.log_between(*((0.95, 2.2) if kind == "glider" else (0.7, 1.9)))
    raise_inner = dice.between(-0.35, 0.5) if dice.chance(0.6) else dice.between(0.5, 1.3)
    if fat > 1 and dice.chance(0.6):  # spread out like those of a glider
        raise_inner = dice.between(-0.15, 0.25)
    raise_outer = raise_inner + dice.between(-0.9, 0.4)
    sweep = dice.between(-0.1, 0.5), dice.between(-0.1, 1.0)  # inner forwards, outer backwards
    chords = [small * dice.between(0.3, 0.6), small * dice.between(0.28, 0.55)]
    chords.append(small * dice.between(0.12, 0.35))
    fingers = dice.whole(4, 6) if kind in ("eagle", "wader", "owl") and dice.chance(0.7) else 0
    if kind == "glider":  # as wide at the wrist as at the body
        chords[1] = chords[0] * dice.between(0.8, 1.15)
        chords[2] = chords[0] * dice.between(0.4, 1.0)
        if dice.chance(0.4):  # along the whole flank, as sails are
            chords[0] *= dice.between(1.2, 1.7)
    if fat > 1:
        fingers, raise_outer = 0, raise_inner + dice.between(-0.4, 0.2)
        chords = [dice.between(1.0, 1.4) * chord for chord in chords]
        if dice.chance(0.4):  # straight, or swept like a boomerang, either way
            back = dice.between(-0.45, 0.7)
            sweep = dice.between(-0.2, 0.2) - back, dice.between(-0.1, 0.3) + back
    ripple = dice.between(0.0, 0.1)
    lopsided = dice.chance(0.3)
    for side in SIDES:
        extra = dice.between(-0.35, 0.35) if lopsided else 0.0
        bends = (raise_inner + extra, raise_outer + extra)
        wing = _spread(dice, plan, span, bends, sweep, chords, ripple, fingers, fat)
        bird.add("wing", *posed(wing if side > 0 else _flipped(wing), (0, 0, 0), pitch))


def _flipped(surfaces: list[Surface]) -> list[Surface]:
    return [Surface(s.vertices * np.array([-1.0, 1.0, 1.0]), s.faces) for s in surfaces]


def _folded(dice: Dice, plan: BodyPlan, fat: float) -> list[Surface]:
    """A blade that lies on the right flank from the shoulder towards the tail."""
    start = dice.between(0.28, 0.38)
    end = dice.between(-0.75, -0.4)
    t = np.linspace(0, 1, 26)
    z = start + (end - start) * t
    inside = np.clip(z, -0.45, 0.45)
    wide = np.interp(inside, plan.z, plan.half_width)
    tall = np.interp(inside, plan.z, plan.half_height)
    # Heights as shares of the half height: the back edge stays high, the other comes up to it.
    high = dice.between(0.45, 0.75)
    low = dice.between(-0.5, 0.05) + (high - 0.1 - dice.between(-0.1, 0.1)) * t**2
    low = np.minimum(low, high - 0.15)
    opening = np.sqrt(np.clip(1.02 - (1 - t / 0.15).clip(0, 1) ** 2, 0.1, 1))
    middle, half = (high + low) / 2, (high - low) / 2 * opening
    thick = fat * dice.between(0.05, 0.1)

    def edge(share: Array) -> Array:
        out = wide * np.sqrt(np.clip(1 - share**2, 0.05, 1))
        y = share * tall + plan.belly * wide / wide.max()
        return np.stack([out + 0.25 * thick, y, z], 1)

    lead, trail = edge(middle + half), edge(middle - half)
    flat = (lead[:, 0] + trail[:, 0]) / 2
    bulge = np.maximum(wide * np.sqrt(np.clip(1 - middle**2, 0, 1)) - flat, 0.0)
    return [fin(lead, trail, thick * (1.1 - 0.7 * t), _outwards(lead, trail, bulge), 18)]


def _outwards(lead: Array, trail: Array, bulge: Array) -> Array:
    """The sign that makes a fin's cup point to +x."""
    along = lead[-1] + trail[-1] - lead[0] - trail[0]
    return np.asarray(bulge * np.sign(np.cross(lead[5] - trail[5], along)[0]))


def _spread(
    dice: Dice,
    plan: BodyPlan,
    span: float,
    bends: tuple[float, float],
    sweep: tuple[float, float],
    chords: list[float],
    ripple: float,
    fingers: int,
    fat: float,
) -> list[Surface]:
    """The right wing: an arm up to the wrist and a hand behind it, feathers along the back edge."""
    tall, wide = float(plan.half_height.max()), float(plan.half_width.max())
    root = vector(0.45 * wide, 0.35 * tall, 0.26)
    inner = vector(cos(bends[0]), sin(bends[0]), sin(sweep[0]))
    outer = vector(cos(bends[1]), sin(bends[1]), -sin(sweep[1]))
    wrist = root + (0.45 * span + 0.4 * wide) * inner
    tip = wrist + 0.55 * span * outer
    lead = smooth([root, (root + wrist) / 2, wrist, (wrist + tip) / 2, tip], 40)
    t = np.linspace(0, 1, 40)
    chord = np.interp(t, [0, 0.45, 1], chords) * np.sqrt(1.03 - t**6)
    wave = 1 + ripple * np.abs(np.sin(t * 9 * pi)) * (t > 0.1)
    back = -direction(0.15, 0.25)
    trail = lead + back * (chord * wave)[:, None]
    thick = 0.055 * (1 - 0.7 * t)
    if fat > 1:  # of one piece with the body: swollen at the root, blunt at the tip
        thick = 0.05 * fat * (1 - 0.5 * t**2 + 0.7 * np.exp(-t / 0.12)) * np.sqrt(1.03 - t**6)
    surfaces = [fin(lead, trail, thick, -0.12 * chord, 20)]
    for k in range(fingers):
        turn = 0.15 + 0.28 * k + sweep[1]
        along = outer * cos(turn) + back * sin(turn)
        base = tip + back * (chords[2] * (0.1 + 0.8 * k / fingers)) - 0.12 * span * outer
        path = base + along * (np.linspace(0, 1, 9) * span * 0.36)[:, None]
        half = 0.035 * np.sqrt(1.05 - np.linspace(0, 1, 9) ** 4)[:, None] * back
        surfaces.append(fin(path - half, path + half, 0.02, 0.0, 8))
    return surfaces


def add_tail(
    dice: Dice, bird: Assembly, kind: str, plan: BodyPlan, pitch: float, flying: bool, fat: float
) -> None:
    """Feathers behind the rump: a fan, a wedge, a train, a fork or just a stub."""
    shape = dice.weighted(TAILS)
    if kind in ("duck", "swan", "penguin", "owl") and dice.chance(0.7):
        shape = "stub"
    if kind == "glider" and dice.chance(0.7):
        shape = dice.pick(("fan", "wedge"))
    up = dice.between(-0.35, 0.35)
    if kind == "rooster" or dice.chance(0.1):
        up = dice.between(0.6, 1.5)
    long = {"stub": 0.22, "long": 0.85, "fan": 0.45, "fork": 0.55, "wedge": 0.5}[shape]
    long *= dice.between(0.8, 1.35)
    root = dice.between(1.4, 2.4) * float(plan.half_width[0])
    tip = {"fan": dice.between(1.6, 3.5), "wedge": 1.3, "stub": 1.0, "long": 0.8, "fork": 0.5}[
        shape
    ]
    if flying and shape == "fan":
        tip *= 1.3
    aside = dice.between(-0.5, 0.5) if dice.chance(0.25) else 0.0
    droop = dice.between(-0.5, 0.3)
    splay = dice.between(0.15, 0.45)
    for turn in (-splay, splay) if shape == "fork" else (0.0,):
        t = np.linspace(0, 1, 24)
        along = direction(up, pi + aside + turn)
        length = long + 0.25
        path = vector(0, 0.4 * plan.belly, -0.3) + along * (t * length)[:, None]
        path[:, 1] += droop * long * t**2
        ends = np.sqrt(1.03 - t ** (6 if shape in ("fan", "fork") else 3))
        half = root / 2 * (1 + (tip - 1) * t) * ends
        side = vector(cos(aside + turn), 0.0, sin(aside + turn))
        edge = half[:, None] * side
        feather = fin(path + edge, path - edge, 0.06 * fat * (1 - 0.6 * t), 0.0, 16)
        bird.add("tail", *posed([feather], (0, 0, 0), pitch))
