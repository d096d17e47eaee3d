"""What an upright animal wears on its back: a sheet, bands, a dome, scutes, a ridge, plates."""

from math import pi
from typing import NamedTuple

import numpy as np

from pdengine.shapes.bodies import fin, jointed
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, skin


class Spine(NamedTuple):
    """The torso section by section, hip first, in the plane x = 0.

    Attributes:
        middle: [R, 3].
        half: [R, 2], half of the width and of the depth.
        behind: [R, 3], unit vectors to the back.
    """

    middle: Array
    half: Array
    behind: Array


def back_surfaces(dice: Dice, kind: str, spine: Spine) -> list[Surface]:
    if kind in ("ridge", "plates"):
        return [_shell(dice, "sheet", spine, narrow=True), *_crest(dice, kind, spine)]
    return [_shell(dice, kind, spine)]


def _shell(dice: Dice, kind: str, spine: Spine, narrow: bool = False) -> Surface:
    """A shield over the rear of the torso; its inner side is buried in the body."""
    count = 36 if kind in ("bands", "scutes") else 28
    low, high = dice.between(0.0, 0.12), dice.between(0.86, 1.0)
    t = np.linspace(low, high, count)
    at = t * (len(spine.middle) - 1)
    index = np.arange(len(spine.middle))
    middle, behind = (
        np.stack([np.interp(at, index, values[:, k]) for k in range(3)], 1)
        for values in (spine.middle, spine.behind)
    )
    half = np.stack([np.interp(at, index, spine.half[:, k]) for k in range(2)], 1)
    span = dice.between(0.25, 0.45) * pi if narrow else dice.between(0.38, 0.58) * pi
    turn = np.linspace(-1, 1, 25)
    size = float(spine.half.max())
    thick = size * (0.04 if kind == "sheet" else dice.between(0.06, 0.14))
    s = (t - low) / (high - low)
    lift = np.full((count, 25), thick)
    if kind == "dome":
        tall = size * dice.between(0.2, 0.7)
        lift = lift + tall * np.outer(np.sin(pi * s) ** 0.7, np.cos(turn * pi / 2) ** 0.7)
    elif kind == "bands":
        bands = dice.whole(4, 11)
        phase = (s * bands) % 1.0
        lift = lift * (0.6 + 0.9 * (1 - phase) ** 0.6)[:, None]
    elif kind == "scutes":
        rows, columns = dice.whole(5, 10), dice.whole(4, 8)
        checks = np.outer(np.sin(pi * rows * s), np.sin(pi * columns * (turn + 1) / 2))
        lift = lift * (0.7 + 0.9 * np.abs(checks) ** 0.5)
    else:
        lift = lift * (0.75 + 0.5 * np.sin(pi * s))[:, None]
    lip = dice.between(0.3, 1.0)  # of the thickness that is left at the rim
    lift = lift * np.minimum(1.0, lip + (1 - np.abs(turn)) * 6)

    def arc(grow: Array, angle: Array) -> Array:
        wide, deep = half[:, :1] + grow, half[:, 1:] + grow
        out = (deep * np.cos(angle))[..., None] * behind[:, None]
        out[..., 0] += wide * np.sin(angle)
        return np.asarray(middle[:, None] + out)

    buried = np.broadcast_to(-0.12 * half.min(1)[:, None], (count, 9))
    return skin(np.concatenate([arc(lift, span * turn), arc(buried, -span * turn[::3])], 1))


def _crest(dice: Dice, kind: str, spine: Spine) -> list[Surface]:
    """Thorns or plates along the middle of the back, the largest between the shoulders."""
    count = dice.whole(5, 9)
    rows = (-1.0, 1.0) if kind == "plates" and dice.chance(0.4) else (0.0,)
    tall = float(spine.half.max()) * dice.between(0.3, 0.75)
    surfaces = []
    for k in range(count):
        share = (k + 0.5) / count
        station = round((0.04 + 0.92 * share) * (len(spine.middle) - 1))
        middle, half, behind = spine.middle[station], spine.half[station], spine.behind[station]
        size = tall * (0.4 + 0.6 * np.sin(pi * share))
        along = np.array([0.0, behind[2], -behind[1]])
        for row in rows:
            aside = np.array([0.3 * row * half[0], 0.0, 0.0])
            root = middle + 0.85 * half[1] * behind + aside
            if kind == "ridge":
                tip = root + size * (behind + 0.25 * along) + 0.12 * half[1] * behind
                surfaces.append(jointed([root, tip], [0.28 * size, 0.08 * size], 7))
                continue
            t = np.linspace(0, 1, 7)[:, None]
            path = root + t * (1.1 * size) * (behind + 0.2 * along + 0.3 * aside)
            edge = 0.45 * size * np.sin(pi * (0.3 + 0.68 * t)) ** 0.7 * along
            surfaces.append(fin(path + edge, path - edge, 0.14 * size, 0.0, 10))
    return surfaces
