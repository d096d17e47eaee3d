"""Glasses: spectacles, sunglasses, pince-nez, shields and swimming goggles, open or folded."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, reshaped, turned, upright
from pdengine.shapes.curves import (
    Array,
    circle,
    filleted,
    interpolate,
    rounded_rectangle,
    smooth,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Z, limb, slab, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("lens", "bridge", "frame")

# A solid pair has thick lenses without rims, as cast or scanned ones have.
KINDS = {
    "metal": 5.0,
    "plastic": 5.0,
    "solid": 5.0,
    "rimless": 1.5,
    "half": 2.5,
    "brow": 1.5,
    "goggles": 1.8,
}
LENSES = {
    "round": 3.0,
    "oval": 2.0,
    "rectangle": 3.0,
    "wayfarer": 2.5,
    "aviator": 2.5,
    "cat": 2.0,
    "polygon": 1.0,
    "moon": 0.6,
}


class Front:
    """The lenses and what holds them, in the plane z = 0 before it is curved; the lens at x > 0.

    Lengths are in lens widths.
    """

    def __init__(self, dice: Dice) -> None:
        self.kind = dice.weighted(KINDS)
        lens = dice.weighted(LENSES)
        ratio = {"round": (0.92, 1.08), "aviator": (0.75, 0.98), "moon": (0.4, 0.55)}
        self.height = dice.between(*ratio.get(lens, (0.42, 0.85)))
        self.gap = dice.log_between(0.12, 0.6)
        middle = np.array([0.5 + self.gap / 2, 0.0])
        self.outline = middle + _outline(dice, lens, self.height)
        thick = self.kind in ("plastic", "solid", "brow", "goggles")
        self.bar = dice.log_between(0.035, 0.1) if thick else dice.log_between(0.012, 0.035)
        # Cast of one piece, for a toy or a statue.
        if thick and dice.chance(0.6 if self.kind == "solid" else 0.3):
            self.bar = min(dice.log_between(0.09, 0.16), 0.2 * self.height)
        self.depth = self.bar * dice.log_between(0.7, 1.8)
        self.curve = dice.between(0.0, 0.16) if dice.chance(0.8) else dice.between(0.16, 0.32)
        self.outer = float(self.outline[:, 0].max())

    def bent(self, surface: Surface) -> Surface:
        """Curve the front around the face."""
        return reshaped(surface, lambda v: v - self.curve * v[:, :1] ** 2 * np.array(Z))

    def behind(self, x: float) -> float:
        """The z of the curved front at x."""
        return -self.curve * x * x

    def level(self, share: float) -> float:
        """The y at a share of the lens's height, from -0.5 at its lowest point to 0.5."""
        low, high = self.outline[:, 1].min(), self.outline[:, 1].max()
        return float(low + (share + 0.5) * (high - low))

    def side(self, y: float, inner: bool) -> float:
        """Where the lens ends at height y, on the nose's side or on the temple's."""
        near = np.abs(self.outline[:, 1] - y)
        middle = 0.5 + self.gap / 2
        on_side = (self.outline[:, 0] < middle) == inner
        return float(self.outline[np.argmin(np.where(on_side, near, np.inf)), 0])


def make_glasses(seed: int) -> LabelledMesh:
    dice = Dice("glasses", seed)
    glasses = Assembly(dice, PARTS)
    front = Front(dice)
    glasses.add("lens", *_lenses(dice, front))
    glasses.add("frame", *_rims(dice, front))
    glasses.add("bridge", *_bridge(dice, front))
    if front.kind in ("metal", "rimless", "half") and dice.chance(0.5):
        glasses.add("frame", *_nose_pads(dice, front))
    if front.kind == "goggles" and dice.chance(0.6):
        glasses.add("frame", *_strap(dice, front))
    elif front.kind != "metal" or dice.chance(0.95):  # else a pince-nez
        glasses.add("frame", *_temples(dice, front))
    return glasses.mesh(warp(dice, (0.15, 0.2, 0.2)))


def _outline(dice: Dice, kind: str, height: float) -> Array:
    """One lens around its middle, the nose at -x, 1 wide. [P, 2]."""
    power = {"round": 2.0, "oval": dice.between(2.0, 2.6), "polygon": 2.0, "aviator": 2.3}
    flat = superellipse(1.0, height, power.get(kind, dice.between(2.6, 7.0)), 48)
    x, y = flat.T.copy()
    up, out = 2 * y / height, 2 * x
    if kind == "wayfarer":
        x = x * (1 + dice.between(0.06, 0.18) * up)
        y = y + dice.between(0.0, 0.08) * out * (up > 0) * height
    elif kind == "aviator":
        x = x * (1 + 0.12 * up) + dice.between(0.05, 0.16) * np.where(up < 0, up**2, 0.1 * up)
        y = np.where(y > 0, 0.75 * y, y)
    elif kind == "cat":
        y = y + dice.between(0.12, 0.35) * height * np.maximum(out, 0) ** 2 * (0.4 + 0.6 * (up > 0))
        x = x * (1 + 0.1 * up)
    elif kind == "polygon":
        angle = np.arctan2(y / height, x)
        sector = 2 * pi / dice.pick([6, 7, 8])
        reach = np.cos(sector / 2) / np.cos((angle + 0.1) % sector - sector / 2)
        x, y = 0.5 * np.cos(angle) * reach, 0.5 * height * np.sin(angle) * reach
    elif kind == "moon":
        y = np.where(y > 0, 0.35 * y, y)
    if dice.chance(0.3):  # cut away towards the nose
        y = y * (1 + dice.between(-0.15, 0.05) * (out < 0) * np.abs(out))
    return np.stack([x, y], 1)


def _lenses(dice: Dice, front: Front) -> list[Surface]:
    solid = front.kind == "solid"
    thickness = dice.log_between(0.06, 0.24) if solid else dice.log_between(0.012, 0.05)
    crown = dice.between(0.0, 0.06) if dice.chance(0.6) else 0.0
    # An upright slab shows its -z side upwards.
    lens = upright(slab(front.outline * [1, -1], thickness, thickness / 3, crown))
    return mirrored(front.bent(lens))


def _path(flat: Array) -> Array:
    """An outline in the plane of the front as a path. [P, 3]."""
    return np.concatenate([flat, np.zeros((len(flat), 1))], 1)


def _rims(dice: Dice, front: Front) -> list[Surface]:
    if front.kind in ("rimless", "solid"):
        return []
    path = _path(front.outline)
    up = (front.outline[:, 1] - front.level(-0.5)) / (front.level(0.5) - front.level(-0.5)) - 0.5
    if front.kind == "goggles":
        cup = dice.log_between(0.08, 0.4)
        cut = rounded_rectangle(cup, 2 * front.bar, 0.03, 16)
        return mirrored(front.bent(moved(sweep(path, cut, 1.0, Z, loop=True), z=-cup / 3)))
    power = dice.pick([2.0, 3.0, 5.0])
    cut = superellipse(2 * front.depth, 2 * front.bar, power, 12)
    scale = np.ones((len(path), 2))
    if front.kind == "plastic" and dice.chance(0.6):  # heavy above
        scale[:, 1] += dice.between(0.2, 1.4) * np.maximum(up + 0.1, 0)
    if front.kind in ("half", "brow"):
        keep = up > dice.between(-0.12, 0.2)
        if front.kind == "half" and dice.chance(0.15):
            keep = ~keep
        start = int(np.argmax(keep & ~np.roll(keep, 1)))
        path = np.roll(path, -start, 0)[: int(keep.sum())]
        t = np.linspace(0, 1, len(path))
        if front.kind == "brow":
            swell = interpolate(t, [(0, 0.8), (0.35, dice.between(1.2, 2.2)), (1, 0.7)])
            arc = sweep(path, cut, np.stack([np.ones(len(path)), swell], 1), Z, ends=front.bar / 2)
            wire = sweep(_path(front.outline), circle(0.02, 10), 1.0, Z, loop=True)
            return mirrored(front.bent(arc), front.bent(wire))
        return mirrored(front.bent(sweep(path, cut, 1.0, Z, ends=front.bar / 2)))
    return mirrored(front.bent(sweep(path, cut, scale, Z, loop=True)))


def _bridge(dice: Dice, front: Front) -> list[Surface]:
    """One bar from lens to lens, or two, or a strap between goggles."""
    bar = front.bar * dice.log_between(0.8, 1.8)
    if front.kind == "rimless":
        bar = dice.log_between(0.018, 0.04)
    count = 2 if front.kind == "metal" and dice.chance(0.35) else 1
    heights = [dice.between(0.1, 0.42)] if count == 1 else [0.4, dice.between(0.02, 0.22)]
    low = front.kind == "half" and dice.chance(0.5)
    arch = dice.between(0.0, 0.3) * front.gap if dice.chance(0.75) else 0.0
    if front.gap < 0.2:
        bar *= 0.8
    forward = dice.between(-0.1, 0.2) * front.gap
    cut = superellipse(2 * bar * dice.log_between(0.5, 1.6), 2 * bar, dice.pick([2.0, 3.0]), 12)
    bars = []
    for k, share in enumerate(heights):
        y = front.level(share * 0.8 if low else share)
        # A rimless lens is thin: the bar must end on the glass, not beyond it.
        x = front.side(y, inner=True) + (0.08 if front.kind in ("rimless", "solid") else 0.02)
        rise = arch if k == 0 else 0.3 * arch
        half = [(x, y, 0.0), (0.62 * x, y + 0.6 * rise, 0.6 * forward)]
        top = (0.0, y + rise, forward)
        path = smooth([*half, top, *[(-a, b, c) for a, b, c in half[::-1]]], 20)
        waist = dice.between(0.6, 1.3)
        t = np.linspace(-1, 1, len(path)) ** 2
        bars.append(front.bent(sweep(path, cut, waist + (1 - waist) * t, Z, ends=0.3 * bar)))
    if front.kind in ("plastic", "solid") and dice.chance(0.4):  # a keyhole is filled above
        y = front.level(0.28)
        wide = front.side(y, inner=True) + 0.03
        plate = superellipsoid((2 * wide, 0.3 * front.height, 2 * front.depth), 4.0, 4.0)
        bars.append(front.bent(moved(plate, y=y)))
    return bars


def _nose_pads(dice: Dice, front: Front) -> list[Surface]:
    y = front.level(-dice.between(0.0, 0.2))
    x = front.side(y, inner=True)
    back = dice.between(0.08, 0.2)
    at = (x - min(0.12, 0.3 * x), y - 0.04, -back)
    wire = limb((x + 0.01, y + 0.05, 0.0), at, 0.012, 0.01, 8)
    pad = superellipsoid((0.03, dice.between(0.12, 0.2), 0.09))
    pad = moved(turned(turned(pad, "y", -0.5), "z", -0.2), *at)
    return mirrored(front.bent(wire), front.bent(pad))


def _hinge(dice: Dice, front: Front) -> tuple[Surface, tuple[float, float, float]]:
    """The end piece at the side of the front, and where the temple turns."""
    y = front.level(dice.between(0.15, 0.42) if dice.chance(0.75) else dice.between(-0.1, 0.1))
    inside = 0.07 if front.kind in ("rimless", "solid") else 0.02
    x = front.side(y, inner=False)
    out = max(front.outer, x) + max(front.bar, 0.02) * dice.between(0.5, 2.0)
    z, back = front.behind(x), dice.between(0.06, 0.14)
    path = filleted(
        [(x - inside, y, z), (out, y, front.behind(out)), (out, y, front.behind(out) - back)], 0.04
    )
    size = max(front.bar, 0.02)
    piece = sweep(path, superellipse(2.2 * size, 1.8 * size, 4.0, 12), 1.0, (0.0, 1.0, 0.0))
    return piece, (out, y, front.behind(out) - 0.8 * back)


def _temples(dice: Dice, front: Front) -> list[Surface]:
    """Both arms; each opens by its own angle, from straight back to folded behind the lenses."""
    piece, hinge = _hinge(dice, front)
    length = dice.log_between(1.6, 3.2)
    thin = max(front.bar, 0.02) * dice.log_between(0.5, 1.0)
    tall = thin * (dice.log_between(1.0, 4.5) if front.kind != "rimless" else 1.0)
    path = _temple_path(dice, length)
    t = np.linspace(0, 1, len(path))
    scale = np.stack(
        [
            interpolate(t, [(0, 1), (0.7, dice.between(0.6, 1.1)), (1, dice.between(0.7, 1.5))]),
            interpolate(t, [(0, 1), (0.65, dice.between(0.3, 1.0)), (1, dice.between(0.4, 1.4))]),
        ],
        1,
    )
    cut = superellipse(2 * thin, 2 * tall, dice.pick([2.0, 3.5]), 12)
    arm = sweep(path, cut, scale, (1.0, 0.0, 0.0), ends=thin)
    state = dice.weighted({"open": 6.0, "spread": 2.0, "folded": 2.0, "between": 2.0})
    base = {"open": 0.0, "spread": -0.25, "folded": 0.5 * pi, "between": dice.between(0.3, 1.3)}
    arms = []
    for k in range(2):
        angle = base[state] + dice.between(-0.1, 0.12)
        if state in ("folded", "between") and dice.chance(0.2):
            angle = dice.between(0.0, 0.4)
        if state == "folded":  # the second arm lies behind the first
            angle = min(angle, 1.5) - (0.0, 0.1)[k]
        placed = moved(turned(arm, "y", angle), *hinge)
        arms.append(placed if k == 0 else mirrored(placed)[1])
    return [*mirrored(piece), *arms]


def _temple_path(dice: Dice, length: float) -> Array:
    """From the hinge at the origin backwards, down behind the ear. [R, 3]."""
    bow = dice.between(-0.02, 0.1) * length
    kind = dice.weighted({"hockey": 6.0, "straight": 2.0, "cable": 1.0, "wave": 1.0})
    end = {"hockey": 0.25, "straight": 0.02, "cable": 0.45, "wave": 0.1}[kind]
    drop = end * dice.between(0.6, 1.2) * min(length, 2.2) / 2
    ear = dice.between(0.65, 0.8) * length
    knots = [(0.0, 0.0, 0.0), (bow, 0.0, -0.35 * length), (bow, 0.0, -ear)]
    if kind == "cable":
        knots += [(0.5 * bow, -0.4 * drop, -length), (0.3 * bow, -drop, -0.95 * length)]
        knots += [(0.2 * bow, -1.25 * drop, -0.84 * length)]
    elif kind == "wave":
        knots[1] = (bow, drop, -0.35 * length)
        knots.append((0.4 * bow, -drop, -length))
    else:
        knots += [(0.6 * bow, -0.4 * drop, -0.5 * (ear + length)), (0.2 * bow, -drop, -length)]
    return smooth(knots, 26)


def _strap(dice: Dice, front: Front) -> list[Surface]:
    """A band around the head, from one lens's outer edge to the other's."""
    reach = dice.log_between(1.2, 2.6)
    x = front.outer - 0.03
    z = front.behind(x) - 0.05
    angle = np.linspace(0, pi, 30)
    wide = x * (1 + dice.between(0.0, 0.2) * np.sin(angle))
    path = np.stack([wide * np.cos(angle), 0 * angle, z - reach * np.sin(angle)], 1)
    path[:, 1] += dice.between(-0.2, 0.3) * np.sin(angle) ** 2
    cut = rounded_rectangle(dice.log_between(0.08, 0.35), dice.between(0.025, 0.06), 0.02, 16)
    return [sweep(path, cut, 1.0, (0.0, 1.0, 0.0))]
