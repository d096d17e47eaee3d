"""Displays: monitors, televisions, all-in-ones, tubes, signs; on a foot, on two, on the wall."""

from math import cos, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.display_screens import curved, flat, tube
from pdengine.shapes.display_stands import STANDS, Panel
from pdengine.shapes.household import block, solid
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, lathe, limb
from pdengine.shapes.warp import warp

PARTS = ("screen", "support", "base")

KINDS = {
    "monitor": 6.0,
    "television": 3.5,
    "two feet": 2.5,
    "all in one": 2.0,
    "tube": 1.8,
    "bare": 1.2,
    "arm": 0.8,
    "sign": 1.0,
    "easel": 0.8,
    "pair": 0.6,
}


def make_display(seed: int) -> LabelledMesh:
    dice = Dice("display", seed)
    display = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    if kind == "tube":
        _tube(dice, display)
    else:
        panel, pieces = _panel(dice, kind)
        if kind == "pair":
            _pair(dice, display, panel, pieces)
        else:
            display.add("screen", *pieces)
        STANDS[kind](dice, display, panel)
    return display.mesh(warp(dice, (0.1, 0.1, 0.15), 0.3))


def _panel(dice: Dice, kind: str) -> tuple[Panel, list[Surface]]:
    high = dice.log_between(0.5, 0.82)
    if kind in ("sign", "easel") and dice.chance(0.5):
        high = dice.between(1.2, 1.8)
    elif dice.chance(0.06):
        high = dice.between(1.2, 1.7)  # turned upright
    elif dice.chance(0.08):
        high = dice.between(0.38, 0.45)  # very wide
    thick = dice.log_between(0.025, 0.12)
    tilt = dice.between(-0.05, 0.3) if dice.chance(0.5) else 0.0
    if kind == "easel":
        tilt = dice.between(0.15, 0.5)
    if high < 0.7 and dice.chance(0.15):
        bow = dice.between(0.03, 0.14)
        pieces, back = curved(dice, high, thick, bow), thick
    else:
        pieces, back = flat(dice, high, thick)
    if kind == "all in one":
        tilt = dice.between(0.0, 0.25)
    return Panel(1.0, high, back, tilt), [turned(p, "x", -tilt) for p in pieces]


def _pair(dice: Dice, display: Assembly, panel: Panel, pieces: list[Surface]) -> None:
    """Two panels side by side, a little turned towards each other."""
    angle = dice.between(0.0, 0.35)
    half = 0.5 * panel.wide + 0.01
    side = [moved(turned(moved(p, x=half), "y", -angle), z=0.0) for p in pieces]
    display.add("screen", *mirrored(*side))
    beam = block((1.1 * panel.wide, 0.06, 0.05), (0, 0, -panel.back - 0.02), 0.01)
    display.add("support", beam)
    reach = half * cos(angle)
    hand = (reach, 0.0, half * sin(angle) - panel.back - 0.03)
    wing = limb((0.3 * reach, 0, -panel.back - 0.02), hand, 0.035, 0.035)
    display.add("support", *mirrored(wing))


def _tube(dice: Dice, display: Assembly) -> None:
    """A cathode-ray tube in its deep housing, on a swivel foot, on legs or on nothing."""
    high = dice.between(0.7, 0.95)
    deep = dice.between(0.45, 1.0)
    display.add("screen", *tube(dice, high, deep))
    low, middle = -0.5 * high, -0.35 * deep
    form = dice.weighted({"swivel": 5.0, "none": 2.0, "legs": 1.5, "feet": 1.0})
    if form == "swivel":
        gap, radius = dice.between(0.04, 0.12), min(dice.between(0.15, 0.3), 0.4 * deep)
        neck = solid([(0.6 * radius, low - gap), (0.8 * radius, low + 0.12)], 0.02)
        display.add("support", moved(neck, z=middle))
        thick = dice.between(0.03, 0.06)
        outline = superellipse(2 * radius * 1.25, 2 * radius, dice.pick([2.0, 4.0, 8.0]), 40)
        plate = lathe(
            np.array([(0.05, -1.0), (1.0, -1.0), (1.0, 0.0), (0.85, 1.0), (0.05, 1.0)]), outline
        )
        flat_plate = Surface(plate.vertices * [1.0, thick / 2, 1.0], plate.faces)
        display.add("base", moved(flat_plate, y=low - gap, z=middle))
    elif form == "legs":
        long = dice.between(0.3, 0.7)
        legs = []
        for z in (-0.65 * deep, -0.1):
            top, foot = (0.3, low + 0.08, z), (0.42, low - long, z * 1.1)
            legs += mirrored(limb(top, foot, 0.04, 0.022, 12))
        display.add("base", *legs)
    elif form == "feet":
        shelf = block((0.8, 0.06, 0.6 * deep), (0, low - 0.01, middle), 0.015)
        display.add("base", shelf)
