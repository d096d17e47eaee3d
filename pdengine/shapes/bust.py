"""Busts: a head and a neck on shoulders, on a socle or on both, as statues and scans are."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved
from pdengine.shapes.bodies import ball, posed, trunk, tube
from pdengine.shapes.bust_face import Head, ears, eyes, mouth, nose
from pdengine.shapes.bust_hair import COVERED_EARS, HAIR, beard, hair
from pdengine.shapes.bust_stone import hewn
from pdengine.shapes.curves import circle, profile, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, cut_skin, lathe, rings_of, skin, slab
from pdengine.shapes.warp import warp

PARTS = ("face", "hair", "ear", "eye", "nose", "mouth", "neck", "pedestal")
BASES = {"shoulders": 4.0, "shoulders on a socle": 3.5, "socle": 3.0, "block": 1.5, "bare": 1.2}


def make_bust(seed: int) -> LabelledMesh:
    """The head is 1 high and turns about the top of the neck; shoulders belong to the pedestal."""
    dice = Dice("bust", seed)
    bust = Assembly(dice, PARTS)
    head = Head(dice)
    style = dice.weighted(HAIR)
    plain = 0.06 if dice.chance(0.5) else 0.0  # features that weather or style took away
    parts: list[tuple[str, list[Surface]]] = [("face", [head.surface()])]
    parts.append(("hair", hair(dice, head, style) + beard(dice, head, style)))
    if not dice.chance(COVERED_EARS.get(style, 0.04)):
        parts.append(("ear", ears(dice, head)))
    for part, make_part in (("eye", eyes), ("nose", nose), ("mouth", mouth)):
        if not dice.chance(plain):
            parts.append((part, make_part(dice, head)))
    parts = hewn(dice, parts)
    lively = dice.chance(0.5)
    nod = dice.between(-0.35, 0.25) if lively else dice.between(-0.08, 0.05)
    turn = dice.between(-0.8, 0.8) if lively else 0.0
    tilt = dice.between(-0.2, 0.2) if lively else 0.0
    pivot = np.array([0.0, 0.32, 0.1 * head.deep])  # from the top of the neck up to the middle
    for part, surfaces in parts:
        raised = [Surface(s.vertices + pivot, s.faces) for s in surfaces]
        bust.add(part, *posed(raised, (0, 0, 0), nod, turn, tilt))

    base = dice.weighted(BASES)
    thick = dice.between(0.36, 0.56) * (0.5 + 0.7 * head.wide)
    long = dice.between(0.22, 0.48)
    back = -dice.between(0.02, 0.15)
    flare = dice.between(1.0, 1.25) if base == "bare" else dice.between(1.1, 1.5)
    deep = dice.between(0.9, 1.1)
    knots = [
        (0.0, 0.12, 0.0, 0.9 * thick, 0.9 * deep * thick),
        (0.0, -0.05, 0.3 * back, thick, deep * thick),
        (0.0, -0.6 * long, 0.7 * back, 1.02 * thick, 1.02 * deep * thick),
        (0.0, -long, back, flare * thick, flare * deep * thick),
        (0.0, -long - 0.1, back, 1.1 * flare * thick, 1.1 * flare * deep * thick),
    ]
    bust.add("neck", trunk(knots, 12, 18, 0.08))
    if base.startswith("shoulders"):
        bottom = _add_shoulders(dice, bust, -long, back, thick)
        if base != "shoulders":
            _add_socle(dice, bust, bottom, 0.0, dice.between(0.18, 0.35), dice.between(0.25, 0.6))
    elif base == "socle":
        radius = 0.55 * flare * thick
        _add_socle(dice, bust, -long - 0.06, back, radius, dice.between(0.15, 0.7))
    elif base == "block":
        wide = thick * dice.between(1.2, 2.0)
        tall = dice.log_between(0.12, 1.2)
        outline = superellipse(wide, wide * dice.between(0.8, 1.1), dice.pick([4.0, 12.0]), 24)
        bust.add("pedestal", moved(slab(outline, tall, 0.03), y=-long - 0.07 - tall / 2, z=back))
    change = warp(dice, (0.1, 0.14, 0.1))
    tall = dice.between(1.15, 1.5) if dice.chance(0.06) else 1.0  # an idol
    return bust.mesh(lambda vertices: change(vertices * [1.0, tall, 1.0]))


def _add_shoulders(dice: Dice, bust: Assembly, neck: float, back: float, thick: float) -> float:
    """The chest, cut off at or above the arms; returns where it ends below."""
    wide = dice.between(1.3, 2.1) if dice.chance(0.8) else dice.between(0.95, 1.3)
    deep = dice.between(0.5, 0.85)
    tall = dice.between(0.3, 0.9)
    slope = dice.between(0.12, 0.36) * (0.4 + 0.4 * wide)
    cut = dice.weighted({"flat": 2.0, "round": 2.5, "pointed": 1.0})
    low = {"flat": 1.0, "round": 0.65, "pointed": 0.3}[cut] * dice.between(0.85, 1.05)
    hunch = 0.5 * (thick + deep)
    top = neck - slope
    knots = [
        (0.0, neck + 0.05, back, 1.15 * thick, 1.05 * thick),
        (0.0, neck - 0.35 * slope, back, 0.38 * wide + 0.55 * thick, hunch),
        (0.0, neck - 0.7 * slope, back, 0.7 * wide + 0.15 * thick, 0.5 * (hunch + deep)),
        (0.0, top, back, 0.93 * wide, 0.92 * deep),
        (0.0, top - 0.17, back + 0.02, wide, deep),
        (0.0, top - 0.2 - 0.6 * tall, back + 0.05, wide * (0.3 + 0.67 * low), deep),
        (0.0, top - 0.2 - tall, back + 0.05, wide * low * 0.92, deep * (0.4 + 0.55 * low)),
    ]
    chest = trunk(knots, 18, 24, 0.1 if cut == "flat" else 0.5)
    if dice.chance(0.5):  # the neck ends where it has flared into the shoulders
        end = neck - dice.between(0.1, 0.75) * slope
        ring = int(np.flatnonzero(rings_of(chest, 24).mean(1)[:, 1] < end)[0])
        flare, chest = cut_skin(chest, 24, ring)
        bust.add("neck", flare)
    bust.add("pedestal", chest)
    if dice.chance(0.2):  # the breast
        size = (dice.between(0.32, 0.42) * wide, max(0.55 * tall, 0.3), 0.5 * deep)
        at = (0.2 * wide, top - 0.15 - 0.3 * tall, back + dice.between(0.25, 0.31) * deep)
        bust.add("pedestal", *mirrored(ball(at, size, 12)))
    if dice.chance(0.4):
        _add_garment(dice, bust, neck, back, thick, wide, deep)
    return top - 0.2 - tall


def _add_garment(
    dice: Dice, bust: Assembly, neck: float, back: float, thick: float, wide: float, deep: float
) -> None:
    """A collar, or folds of a cloth thrown over a shoulder."""
    turn = np.linspace(0, 2 * pi, 33)[:-1]
    ring = np.stack([np.sin(turn), 0 * turn, np.cos(turn)], 1)
    angle = np.arange(8) * (2 * pi / 8)
    outline = np.cos(angle)[:, None] * ring[:, None] + np.sin(angle)[:, None] * np.array(
        [0, 1.0, 0]
    )
    if dice.chance(0.5):
        low = dice.between(0.0, 0.12)
        path = ring * [0.62 * thick + 0.04, 0, 0.6 * thick + 0.04] + [0, neck - 0.02, back]
        path[:, 1] -= low * np.cos(turn).clip(0)
        fat = dice.between(0.03, 0.08)
        bust.add("pedestal", skin(path[:, None] + fat * outline, loop=True))
        return
    side = dice.pick([-1.0, 1.0])
    for k in range(dice.whole(2, 4)):
        drop = 0.1 * k + dice.between(0.0, 0.05)
        start = (side * 0.3 * wide, neck - 0.02, back - 0.1 * deep)
        middle = (0.0, neck - 0.28 - drop, back + 0.48 * deep)
        end = (-side * 0.44 * wide, neck - 0.4 - 1.2 * drop, back + 0.15 * deep)
        top = (side * 0.2 * wide, neck - 0.1 - 0.6 * drop, back + 0.36 * deep)
        bust.add(
            "pedestal", tube(smooth([start, top, middle, end], 12), np.linspace(0.062, 0.05, 12), 8)
        )


def _add_socle(
    dice: Dice, bust: Assembly, top: float, back: float, radius: float, tall: float
) -> None:
    """A turned foot, often on a plate; round or square."""
    waist = radius * dice.between(0.4, 0.9)
    foot = radius * dice.between(0.9, 1.5)
    knots = [
        (foot, 0.0),
        (foot, 0.12 * tall),
        (0.8 * foot + 0.2 * waist, 0.2 * tall),
        (waist, 0.5 * tall),
        (0.6 * waist + 0.4 * radius, 0.85 * tall),
        (radius, 0.95 * tall),
        (radius, tall),
        (0.9 * radius, tall + 0.08),
    ]
    outline = circle(1.0, 24)
    if dice.chance(0.3):
        outline = superellipse(2.0, 2.0, 8.0, 24)
    if dice.chance(0.25):  # a plain pillar
        knots = [(foot, 0.0), (0.9 * foot, 0.5 * tall), (radius, tall), (0.9 * radius, tall + 0.08)]
    turned = lathe(profile(knots, 18), outline)
    bust.add("pedestal", moved(turned, y=top - tall, z=back))
    if dice.chance(0.5):
        plate = 2 * foot * dice.between(1.05, 1.4)
        high = dice.between(0.05, 0.25)
        shape = superellipse(plate, plate, dice.pick([2.0, 12.0]), 24)
        bust.add("pedestal", moved(slab(shape, high, 0.02), y=top - tall - 0.45 * high, z=back))
