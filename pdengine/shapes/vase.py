"""Vases and their kin: amphoras, bottles, jugs, teapots, bowls, urns, jars and flasks."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, reshaped
from pdengine.shapes.curves import Array, circle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, lathe, skin
from pdengine.shapes.vase_attachments import Joint, grips, spout
from pdengine.shapes.vase_feet import foot
from pdengine.shapes.warp import warp

PARTS = ("base", "body", "neck", "handle", "spout")


@dataclass(frozen=True)
class Style:
    """Ranges from which a vessel of one kind is drawn.

    Attributes:
        high: height of the body over its width.
        bottom, top: radius at the two ends of the body over its greatest radius.
        belly: where the greatest radius is, a share of the body's height.
        neck: height of the neck over the height of the body, and how many have one.
        waist, lip: radius of the neck half-way and at its mouth, over that where it starts.
        base: how many have a base.
        handles: how likely 0, 1 and 2 are.
        spout: how many have a spout.
        lid: how many necks are lids.
    """

    high: tuple[float, float]
    bottom: tuple[float, float]
    top: tuple[float, float]
    belly: tuple[float, float]
    neck: tuple[float, float, float]
    waist: tuple[float, float]
    lip: tuple[float, float]
    base: float
    handles: tuple[float, float, float]
    spout: float = 0.0
    lid: float = 0.0


# fmt: off
STYLES = {
    "vase": Style((0.8, 2.2), (0.3, 0.8), (0.25, 0.75), (0.35, 0.8),
                  (0.1, 0.8, 0.85), (0.6, 1.1), (0.9, 2.0), 0.5, (8, 0.3, 1.5)),
    "bottle": Style((0.7, 2.4), (0.5, 1.0), (0.15, 0.4), (0.15, 0.7),
                    (0.3, 1.6, 0.98), (0.6, 1.0), (0.8, 1.5), 0.3, (6, 1, 0.6), 0.0, 0.08),
    "amphora": Style((1.0, 2.2), (0.12, 0.4), (0.25, 0.45), (0.55, 0.75),
                     (0.25, 0.6, 0.97), (0.7, 1.0), (1.0, 1.6), 0.75, (0.5, 0.2, 9)),
    "jug": Style((0.7, 1.7), (0.4, 0.9), (0.35, 0.7), (0.25, 0.6),
                 (0.15, 0.8, 0.8), (0.75, 1.1), (0.9, 1.5), 0.5, (0.3, 9, 0.3), 0.6),
    "teapot": Style((0.5, 1.1), (0.35, 0.8), (0.3, 0.6), (0.35, 0.65),
                    (0.12, 0.4, 0.95), (0.8, 1.0), (0.9, 1.2), 0.6, (0.2, 9, 0), 0.97, 0.8),
    "bowl": Style((0.3, 0.7), (0.2, 0.5), (0.8, 1.0), (0.75, 0.98),
                  (0.05, 0.15, 0.25), (0.95, 1.05), (1.0, 1.2), 0.65, (5, 0.5, 3), 0.08, 0.4),
    "urn": Style((0.7, 1.4), (0.1, 0.35), (0.5, 0.95), (0.5, 0.85),
                 (0.08, 0.4, 0.9), (0.7, 1.0), (1.0, 1.7), 0.97, (2.5, 0.2, 5), 0.0, 0.35),
    "jar": Style((0.7, 1.5), (0.4, 0.8), (0.35, 0.7), (0.5, 0.8),
                 (0.08, 0.3, 0.9), (0.9, 1.05), (0.95, 1.25), 0.4, (6, 0.2, 1.5), 0.0, 0.6),
    "tube": Style((1.0, 3.2), (0.6, 1.0), (0.7, 1.0), (0.2, 0.9),
                  (0.05, 0.3, 0.6), (0.9, 1.1), (1.0, 1.5), 0.4, (8, 0.5, 0.7)),
    "ewer": Style((0.8, 1.6), (0.2, 0.6), (0.2, 0.4), (0.3, 0.65),
                  (0.5, 1.3, 1.0), (0.55, 0.95), (0.8, 1.7), 0.8, (0.1, 9, 0), 0.8, 0.1),
}
# fmt: on
KINDS = {
    "vase": 5.0,
    "bottle": 2.5,
    "amphora": 2.5,
    "jug": 2.0,
    "teapot": 1.8,
    "bowl": 1.5,
    "urn": 2.0,
    "jar": 1.5,
    "tube": 1.2,
    "ewer": 1.5,
}


def make_vase(seed: int) -> LabelledMesh:
    dice = Dice("vase", seed)
    vase = Assembly(dice, PARTS)
    style = STYLES[dice.weighted(KINDS)]
    height = dice.log_between(*style.high)
    wall = _wall(dice, style, height)
    relief = Relief(dice, height)
    thick = dice.log_between(0.022, 0.07)
    lid = dice.chance(style.lid)
    low, high, share = style.neck
    neck = height * dice.log_between(low, high) if lid or dice.chance(share) else 0.0
    if lid and dice.chance(0.35):  # the dome is one with the body, only its knob is apart
        wall = _domed(dice, wall)
        neck = min(neck, 2.5 * float(wall[-1, 0]))
    solid = dice.chance(0.2)  # moulded or scanned: a plane closes the mouth
    vase.add("body", reshaped(_body(wall, thick, lid or (solid and not neck)), relief))
    mouth = wall
    if lid:
        vase.add("neck", _lid(dice, wall, neck))
    elif neck:
        mouth = _neck_wall(dice, style, wall, neck)
        vase.add("neck", _stopped(mouth) if solid else _neck(mouth, thick))
    outer = wall if lid else np.concatenate([wall, mouth])
    joint = Joint(outer, height, relief.at_side, float(outer[:, 1].max()))
    handles = dice.weighted(dict(enumerate(style.handles)))
    pours = dice.chance(style.spout)
    alone = not (neck or handles or pours)  # then it would have nothing to tell apart
    if alone or dice.chance(style.base):
        vase.add("base", *foot(dice, float(wall[0, 0]), height))
    if handles:
        vase.add("handle", *grips(dice, joint, handles, lid))
    if pours:
        piece = spout(dice, joint, long=lid or dice.chance(0.25))
        vase.add("spout", mirrored(piece)[1])
    flat = dice.between(0.35, 0.8) if dice.chance(0.12) else 1.0
    finish = warp(dice, (0.12, 0.2, 0.12))
    return vase.mesh(lambda vertices: finish(vertices * [1.0, 1.0, flat]))


def _wall(dice: Dice, style: Style, height: float) -> Array:
    """The outside of the body from its bottom to its top, (radius, height). [R, 2]."""
    belly = dice.between(*style.belly)
    bottom, top = dice.between(*style.bottom), dice.between(*style.top)
    t = np.linspace(0, 1, 30)
    # Powers below one are full like a ball, above one hollow like a trumpet.
    rise = np.sin(pi / 2 * np.minimum(t / belly, 1)) ** dice.log_between(0.5, 2.2)
    fall = np.cos(pi / 2 * np.clip((t - belly) / (1 - belly), 0, 1)) ** dice.log_between(0.4, 1.8)
    radius = np.where(t < belly, bottom + (1 - bottom) * rise, top + (1 - top) * fall)
    if dice.chance(0.15):  # a gourd
        radius *= 1 - dice.between(0.2, 0.5) * np.exp(-(((t - dice.between(0.4, 0.7)) / 0.12) ** 2))
    if dice.chance(0.12):  # a sharp shoulder
        at = dice.between(0.4, 0.8)
        radius = np.interp(t, [0, at, 1], [bottom, 1.0, top])
    if dice.chance(0.15):
        radius = radius + dice.between(0.01, 0.035) * np.sin(t * pi * dice.whole(6, 14)) ** 2
    return np.stack([0.5 * radius, height * t], 1)


class Relief:
    """Lobes, facets or a twist that fade out towards both ends of the body."""

    def __init__(self, dice: Dice, height: float) -> None:
        self.height = height
        self.kind = dice.weighted({"plain": 8.0, "lobed": 1.5, "faceted": 1.2, "square": 0.8})
        self.count = 4 if self.kind == "square" else dice.pick([5, 6, 8, 10, 12])
        self.depth = dice.between(0.03, 0.12) * 5 / max(self.count, 5)
        self.twist = dice.between(-2, 2) if self.kind == "lobed" and dice.chance(0.5) else 0.0

    def scale(self, angle: Array, height: Array) -> Array:
        """What the radius is multiplied with."""
        if self.kind == "plain":
            return np.ones_like(angle)
        t = np.clip(height / self.height, 0, 1)
        fade = np.sin(pi * t) ** 0.5
        if self.kind == "lobed":
            return 1 + fade * self.depth * np.cos(self.count * angle + self.twist * 2 * pi * t)
        sector = 2 * pi / self.count
        reach = np.cos(sector / 2) / np.cos((angle + sector / 2) % sector - sector / 2)
        return np.asarray(1 + fade * (reach / np.sqrt(np.cos(sector / 2)) - 1))

    def __call__(self, vertices: Array) -> Array:
        x, y, z = vertices.T
        grow = self.scale(np.arctan2(z, x), y)
        return np.stack([x * grow, y, z * grow], 1)

    def at_side(self, height: float) -> float:
        """The smaller of the scales at -x and +x, where handles and spouts end."""
        return float(self.scale(np.array([0.0, pi]), np.full(2, height)).min())


def _round() -> Array:
    return circle(1.0, 44)


def _body(wall: Array, thick: float, closed: bool) -> Surface:
    """The body, hollow unless a lid or a narrow neck hides the inside."""
    bottom, top = wall[0, 0], wall[-1]
    low = np.array([(bottom * s, 0.0) for s in (0.05, 0.5, 0.9)])
    if closed or top[0] - thick < 0.06:
        cap = np.array([(top[0] * s, top[1]) for s in (0.9, 0.5, 0.05)])
        return lathe(np.concatenate([low, wall, cap]), _round())
    floor = max(1.5 * thick, 0.03)
    down = np.linspace(top[1] - 0.3 * thick, floor, 16)
    inside = np.stack([np.interp(down, wall[:, 1], wall[:, 0]) - thick, down], 1)
    inside[:, 0] = np.maximum(inside[:, 0], 0.03)
    rim = np.array([(top[0] - 0.5 * thick, top[1] + 0.3 * thick)])
    basin = np.array([(inside[-1, 0] * s, floor) for s in (0.6, 0.1)])
    return lathe(np.concatenate([low, wall, rim, inside, basin]), _round())


def _neck_wall(dice: Dice, style: Style, wall: Array, neck: float) -> Array:
    """The outside of the neck, from the top of the body to the mouth. [R, 2]."""
    start, height = wall[-1]
    waist, lip = dice.between(*style.waist), dice.between(*style.lip)
    middle = dice.between(0.3, 0.75)
    knots = [(start, 0.0), (start * waist, middle * neck), (start * lip, neck)]
    if dice.chance(0.3):  # the mouth folds out at the very top
        knots.insert(2, (start * waist * dice.between(0.9, 1.15), 0.88 * neck))
    if dice.chance(0.12):  # an onion below the mouth
        knots.insert(1, (start * dice.between(1.1, 1.5), 0.3 * middle * neck))
    curve = smooth(knots, 20) + np.array([0.0, height])
    curve[:, 0] = np.maximum(curve[:, 0], 0.04)
    if dice.chance(0.3):  # a ring around it
        at = height + neck * dice.between(0.15, 0.95)
        swell = np.exp(-(((curve[:, 1] - at) / (0.06 * neck + 0.01)) ** 2))
        curve[:, 0] += dice.between(0.015, 0.05) * swell
    return np.asarray(curve)


def _neck(outer: Array, thick: float) -> Surface:
    """A tube that stands a little inside the wall of the body."""
    thick = min(thick, 0.5 * float(outer[:, 0].min()))
    inner = (outer - np.array([thick, 0.0]))[::-1]
    foot_ring = np.array([(outer[0, 0] - 0.5 * thick, outer[0, 1] - 0.02)])
    lip = outer[-1:] + np.array([[-0.5 * thick, 0.4 * thick]])
    tube = np.concatenate([foot_ring, outer, lip, inner])
    unit = _round()
    rings = np.stack(
        [np.stack([r * unit[:, 0], 0 * unit[:, 0] + y, r * unit[:, 1]], 1) for r, y in tube]
    )
    return skin(rings, loop=True)


def _stopped(outer: Array) -> Surface:
    """A neck without an inside."""
    below = outer[:1] - np.array([[0.0, 0.02]])
    caps = np.array([[0.1, 1.0], [0.6, 1.0]])
    return lathe(np.concatenate([below * caps, outer, outer[-1:] * caps[::-1]]), _round())


def _domed(dice: Dice, wall: Array) -> Array:
    """The wall and the dome that closes it but for a small round where the knob stands. [R, 2]."""
    radius, top = wall[-1]
    rise = radius * dice.between(0.15, 1.2)
    t = np.linspace(0, 1, 12)[1:]
    dome = np.stack([radius * (1 - 0.8 * t), top + rise * np.sin(pi / 2 * t)], 1)
    return np.concatenate([wall, dome])


def _lid(dice: Dice, wall: Array, neck: float) -> Surface:
    """A dome with a knob, or a stopper."""
    radius, height = wall[-1]
    over = radius * dice.between(0.9, 1.15)
    knob = radius * dice.log_between(0.12, 0.4)
    dome = neck * dice.between(0.25, 0.75)
    knots = [(over, -0.02), (over, 0.1 * dome), (0.75 * over, 0.6 * dome), (0.5 * knob, dome)]
    top = [
        (knob, dome + 0.5 * knob),
        (0.9 * knob, dome + 1.2 * knob),
        (0.1 * knob, dome + 1.6 * knob),
    ]
    bottom = np.array([(over * s, height - 0.02) for s in (0.1, 0.6)])
    curve = smooth(knots + top if dice.chance(0.85) else knots, 24) + np.array([0.0, height])
    curve[:, 0] = np.maximum(curve[:, 0], 0.004)
    return lathe(np.concatenate([bottom, curve]), _round())
