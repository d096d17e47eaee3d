"""What displays stand on or hang from; everything fits a panel whose middle is the origin."""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import filleted, rounded_rectangle, smooth, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block, solid
from pdengine.shapes.primitives import Surface, X, Y, limb, slab, superellipsoid, sweep

BASES = {"plate": 4.0, "oval": 3.0, "disc": 2.0, "ring": 1.5, "fork": 2.0, "fan": 1.5, "block": 1.0}


@dataclass(frozen=True)
class Panel:
    """A screen that hangs with its middle at the origin and looks along +z.

    Attributes:
        wide, high: its extent.
        back: how far it reaches behind the origin.
        tilt: how far its top leans back, radians.
    """

    wide: float
    high: float
    back: float
    tilt: float


def base_of(dice: Dice, half: float, y: float, z: float) -> list[Surface]:
    """What stands on the table: ``half`` as wide to either side, its top at y."""
    kind = dice.weighted(BASES)
    deep = half * dice.between(0.4, 0.85)
    thick = dice.log_between(0.018, 0.05)
    if kind == "plate":
        radius = dice.between(0.02, 0.5) * deep
        plate = slab(rounded_rectangle(2 * half, 2 * deep, radius, 40), thick, 0.4 * thick)
    elif kind == "oval":
        outline = superellipse(2 * half, 2 * deep, dice.between(2.0, 3.5), 40)
        plate = slab(outline, thick, 0.45 * thick, dice.between(0.0, 0.05))
    elif kind == "disc":
        radius = min(half, 0.3)
        top = dice.between(0.3, 1.0)
        plate = solid([(radius, -thick / 2), (radius, 0.0), (top * radius, thick)], 0.01)
    elif kind == "block":
        plate = block((2 * half, 2.5 * thick, 2 * deep), (0, -0.75 * thick, 0), 0.4 * thick, 32)
    elif kind == "ring":
        t = np.arange(48) * (2 * pi / 48)
        path = np.stack([0.9 * half * np.cos(t), 0 * t, 0.9 * deep * np.sin(t)], 1)
        section = rounded_rectangle(0.22 * deep + 0.02, thick, 0.3 * thick, 16)
        bridge = block((0.25 * half, thick, 1.9 * deep), (0, 0, 0), 0.3 * thick)
        ring = sweep(path, section[:, ::-1], 1.0, Y, loop=True)
        return [moved(piece, y=y - thick / 2, z=z) for piece in (ring, bridge)]
    else:  # two or three toes
        angles = [pi / 2 + s * dice.between(0.5, 1.3) for s in (-1, 1)]
        if kind == "fan":
            angles = [k * 2 * pi / 3 - pi / 6 for k in range(3)] if dice.chance(0.3) else angles
            angles += [-pi / 2]
        section = rounded_rectangle(dice.between(0.05, 0.1), thick, 0.4 * thick, 16)
        toes = []
        for a in angles:
            far = (half * cos(a), -0.3 * thick, half * sin(a) * (1.0 if sin(a) > 0 else 0.6))
            path = filleted([(0, 0, 0), (0.5 * far[0], 0, 0.5 * far[2]), far], 0.1)
            toes.append(sweep(path, section, np.linspace(1.3, 0.8, len(path)), Y, 0.3 * thick))
        hub = solid([(0.09, -thick / 2), (0.08, thick / 2)], 0.3 * thick)
        return [moved(piece, y=y - thick / 2, z=z) for piece in (*toes, hub)]
    return [moved(plate, y=y - thick / 2, z=z)]


def _monitor(dice: Dice, display: Assembly, panel: Panel) -> None:
    """A neck behind the panel, standing on a foot."""
    half = dice.between(0.18, 0.42)
    gap = dice.log_between(0.04, 0.45)
    foot = -0.5 * panel.high - gap
    at = dice.between(-0.25, 0.1) * panel.high  # where the neck meets the panel
    back = -panel.back * cos(panel.tilt) - at * sin(panel.tilt)
    rear = back - dice.between(0.02, 0.12)
    wide = dice.log_between(0.05, 0.25)
    form = dice.weighted({"plate": 4.0, "tube": 3.0, "bow": 2.0, "posts": 1.0})
    if form == "plate":
        deep = dice.between(0.025, 0.06)
        lean = dice.between(-0.12, 0.06)
        path = filleted([(0, foot - 0.01, rear + lean), (0, at, rear), (0, at, back + 0.01)], 0.06)
        scale = np.linspace(dice.between(0.8, 1.5), 1.0, len(path))
        section = rounded_rectangle(wide, deep, 0.3 * deep, 16)
        neck = [sweep(path, section, np.stack([scale, np.ones(len(path))], 1), X)]
    elif form == "tube":
        radius = min(0.5 * wide, 0.07)
        neck = [limb((0, foot - 0.01, rear), (0, at, rear), radius, 0.9 * radius, 20)]
    elif form == "posts":
        radius, away = dice.between(0.015, 0.03), 0.5 * wide + 0.04
        neck = mirrored(limb((away, foot, rear), (0.8 * away, at, rear), radius, radius))
    else:
        reach = dice.between(0.05, 0.2)
        knots = [(0, foot - 0.01, rear + reach), (0, foot + 0.3 * gap, rear - 0.3 * reach)]
        path = smooth([*knots, (0, at, rear), (0, at + 0.02, back + 0.01)], 24)
        section = superellipse(wide, dice.between(0.03, 0.06), 3.0, 20)
        neck = [sweep(path, section, 1.0, X, 0.01)]
    display.add("support", *neck)
    hub = max(0.55 * wide, 0.06)
    # It ends in the back of the panel; further forward it would show in the picture.
    near, far = back + 0.008, rear - 0.03
    size = (1.6 * hub, 1.4 * hub, near - far)
    display.add("support", moved(superellipsoid(size, 4.0, 4.0), y=at, z=(near + far) / 2))
    display.add("base", *base_of(dice, half, foot, rear + dice.between(0.0, 0.1)))


def _television(dice: Dice, display: Assembly, panel: Panel) -> None:
    """A short neck straight below a wide panel."""
    gap, wide = dice.log_between(0.02, 0.12), dice.log_between(0.06, 0.4)
    low = -0.5 * panel.high * cos(panel.tilt)
    middle = -0.5 * panel.back + 0.5 * panel.high * sin(panel.tilt)
    deep = dice.between(0.03, 0.07)
    slope = dice.between(0.6, 1.3)
    path = np.linspace([0, low - gap - 0.01, middle], [0, low + 0.04, middle], 10)
    section = superellipse(wide, deep, dice.pick([2.0, 4.0, 10.0]), 32)
    neck = sweep(path, section, np.linspace(slope, 1.0, 10), X)
    if dice.chance(0.9):
        display.add("support", neck)
    else:  # the foot reaches up to the panel
        display.add("base", neck)
    display.add("base", *base_of(dice, dice.between(0.2, 0.45), low - gap, middle))


def _two_feet(dice: Dice, display: Assembly, panel: Panel) -> None:
    """A foot under either end, as sheds, blades or bent wire."""
    gap, reach = dice.between(0.04, 0.14), dice.between(0.1, 0.25)
    low = -0.5 * panel.high * cos(panel.tilt)
    z = -0.5 * panel.back + 0.5 * panel.high * sin(panel.tilt)
    x = dice.between(0.15, 0.46)
    splay = dice.between(-0.5, 0.5) if dice.chance(0.5) else 0.0
    bar = dice.between(0.014, 0.028)
    form = dice.pick(["tent", "blade", "T"])
    if form == "tent":
        knots = [(0, low - gap, reach), (0, low + 0.03, 0), (0, low - gap, -reach)]
        path = filleted(knots, dice.between(0.02, 0.1))
        foot = [sweep(path, rounded_rectangle(2.4 * bar, 1.6 * bar, 0.4 * bar, 16), 1.0, X, bar)]
    elif form == "T":
        post = block((3 * bar, gap + 0.04, 2.5 * bar), (0, low - 0.5 * gap, 0), 0.3 * bar)
        sole = block((2.5 * bar, 1.5 * bar, 2 * reach), (0, low - gap, 0), 0.4 * bar)
        if dice.chance(0.5):
            display.add("support", *(moved(turned(p, "y", splay), x=x, z=z) for p in [post]))
            display.add("support", moved(turned(post, "y", -splay), x=-x, z=z))
            foot = [sole]
        else:
            foot = [post, sole]
    else:
        flat_foot = slab(superellipse(3 * bar, 2 * reach, 2.5, 24), gap + 0.03, 0.01)
        foot = [moved(flat_foot, y=low - 0.5 * gap + 0.01)]
    placed = [moved(turned(p, "y", splay), x=x, z=z) for p in foot]
    display.add("base", *mirrored(*placed))


def _all_in_one(dice: Dice, display: Assembly, panel: Panel) -> None:
    """A bent sheet behind: its upright end is the support, its flat end the base."""
    gap, wide = dice.between(0.1, 0.4), dice.between(0.15, 0.4)
    foot = -0.5 * panel.high - gap
    at, thick = dice.between(-0.2, 0.05) * panel.high, dice.between(0.018, 0.035)
    back = -panel.back * cos(panel.tilt) - at * sin(panel.tilt)
    rear, front = back - dice.between(0.05, 0.25), back + dice.between(0.1, 0.3)
    section = rounded_rectangle(wide, thick, 0.3 * thick, 20)
    knots = [
        (0, at, back + 0.01),
        (0, at - 0.05, rear + 0.3 * (back - rear)),
        (0, foot + 0.05, rear),
    ]
    upright = filleted(knots, 0.05)
    display.add(
        "support",
        sweep(upright, section, np.linspace(dice.between(0.5, 1.0), 1.0, len(upright)), X),
    )
    sole = filleted([(0, foot + 0.06, rear), (0, foot, rear), (0, foot, front)], 0.05)
    display.add(
        "base", sweep(sole, section, np.linspace(1.0, dice.between(0.9, 1.3), len(sole)), X)
    )


def _bare(dice: Dice, display: Assembly, panel: Panel) -> None:
    """Nothing but the panel, perhaps with a bracket at its back."""
    if dice.chance(0.4):
        plate = block((0.4, 0.3, 0.05), (0, 0, -panel.back - 0.02), 0.01)
        rails = [
            block((0.03, 0.42, 0.03), (x, 0, -panel.back - 0.01), 0.005) for x in (-0.12, 0.12)
        ]
        display.add("support", plate, *rails)


def _arm(dice: Dice, display: Assembly, panel: Panel) -> None:
    """A jointed arm from a wall plate or a desk clamp behind."""
    bar = dice.between(0.025, 0.05)
    at = (0.0, 0.0, -panel.back)
    elbow = (dice.between(-0.4, 0.4), dice.between(-0.1, 0.2), at[2] - dice.between(0.15, 0.3))
    end = (dice.between(-0.3, 0.3), elbow[1] - dice.between(0.0, 0.15), elbow[2] - 0.25)
    plate = block((0.22, 0.22, 0.03), at, 0.008)
    arms = [limb((0, 0, at[2]), elbow, bar, bar, 14), limb(elbow, end, bar, 1.2 * bar, 14)]
    joint = moved(solid([(1.5 * bar, -0.07), (1.5 * bar, 0.07)], 0.01), *elbow)
    display.add("support", plate, *arms, joint)
    x, y, z = end
    if dice.chance(0.5):
        display.add("base", block((0.2, 0.35, 0.05), (x, y, z - 0.02), 0.01))
        return
    foot = -0.5 * panel.high - dice.between(0.05, 0.3)
    display.add("support", limb((x, y, z), (x, foot, z), 1.1 * bar, 1.1 * bar, 16))
    display.add("base", *(moved(p, x=x) for p in base_of(dice, 0.2, foot, z)))


def _sign(dice: Dice, display: Assembly, panel: Panel) -> None:
    """A panel high on a post, for shops and lectures; the foot may roll."""
    long = dice.between(0.5, 1.3)
    foot = -0.5 * panel.high - long
    radius, z = dice.between(0.03, 0.07), -panel.back - 0.03
    if dice.chance(0.4):
        away = dice.between(0.08, 0.25)
        post = limb((away, foot, z), (away, 0.1 * panel.high, z), radius, radius)
        posts = mirrored(post)
        posts.append(block((2 * away + 0.1, 0.08, 0.05), (0, 0, z), 0.01))
    else:
        posts = [limb((0, foot, z), (0, 0.1 * panel.high, z), radius, radius, 18)]
        posts.append(block((0.3, 0.25, 0.06), (0, 0, z), 0.01))
    display.add("support", *posts)
    display.add("base", *base_of(dice, dice.between(0.3, 0.5), foot, z))


def _easel(dice: Dice, display: Assembly, panel: Panel) -> None:
    """A picture frame or a tablet that leans on a strut."""
    up = dice.between(-0.1, 0.25) * panel.high
    low = -0.5 * panel.high * cos(panel.tilt)
    start = (up * cos(panel.tilt), -panel.back - up * sin(panel.tilt))
    front = 0.5 * panel.high * sin(panel.tilt)
    far = front - panel.high * (0.35 + sin(panel.tilt))
    wide, thick = dice.between(0.08, 0.5), dice.between(0.02, 0.035)
    path = np.linspace([0, start[0], start[1] + 0.01], [0, low, far], 12)
    section = rounded_rectangle(wide, thick, 0.3 * thick, 20)
    display.add("support", sweep(path, section, np.linspace(0.7, 1.1, 12), X))
    if dice.chance(0.4):
        middle = 0.5 * (front + far)
        sole = block((1.3 * wide, 0.03, abs(front - far) + 0.1), (0, low, middle), 0.01)
        display.add("base", sole)


STANDS = {
    "monitor": _monitor,
    "television": _television,
    "two feet": _two_feet,
    "all in one": _all_in_one,
    "bare": _bare,
    "arm": _arm,
    "sign": _sign,
    "easel": _easel,
    "pair": _monitor,
}
