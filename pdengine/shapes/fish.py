"""Fish: eels, tuna, angel fish, sharks, puffers, flatfish and dolphins, straight or mid-stroke."""

from collections.abc import Callable
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, turned
from pdengine.shapes.bodies import ball, curl, fin, tube
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp

PARTS = ("body", "fin", "tail")
KINDS = {
    "common": 5.0,
    "tuna": 3.0,
    "disc": 3.0,
    "shark": 3.0,
    "eel": 2.2,
    "puffer": 1.0,
    "whale": 1.5,
    "flat": 0.8,
}
# Greatest height and width of a body of length 1: (low, high) each.
GIRTHS = {
    "common": ((0.22, 0.45), (0.1, 0.24)),
    "tuna": ((0.2, 0.36), (0.15, 0.28)),
    "disc": ((0.5, 1.05), (0.09, 0.2)),
    "shark": ((0.14, 0.26), (0.13, 0.24)),
    "eel": ((0.06, 0.13), (0.05, 0.1)),
    "puffer": ((0.45, 0.75), (0.4, 0.7)),
    "whale": ((0.2, 0.36), (0.2, 0.38)),
    "flat": ((0.08, 0.14), (0.4, 0.75)),
}
TAILS = {"fork": 4.0, "moon": 2.5, "fan": 3.0, "round": 2.0, "veil": 1.5, "shark": 2.0}
FINS = {"triangle": 3.0, "sail": 2.5, "ribbon": 2.0, "hook": 2.5}


class _Body:
    """The trunk of the fish from the nose (z = 0.5) to the root of the tail (z = -0.5)."""

    def __init__(self, dice: Dice, kind: str) -> None:
        height, width = (dice.log_between(*limits) for limits in GIRTHS[kind])
        at = dice.between(0.15, 0.6) if kind != "puffer" else dice.between(0.35, 0.55)
        nose = dice.between(0.12, 0.75)
        slim = dice.between(0.1, 0.34) if kind != "eel" else dice.between(0.3, 0.8)
        full = dice.between(0.55, 0.92) if kind != "eel" else dice.between(0.8, 1.0)
        shares = [(0.0, nose * 0.6), (at * 0.45, 0.55 + 0.4 * nose), (at, 1.0)]
        shares += [((at + 1) / 2, full), (0.93, slim + 0.1 * full), (1.0, slim)]
        knots = smooth([np.array(s) for s in shares], 60)
        self.z = np.linspace(0.5, -0.5, 36)
        share = np.interp(0.5 - self.z, knots[:, 0], np.maximum(knots[:, 1], 0.05))
        narrow = 1 - (1 - dice.between(0.5, 1.0)) * (0.5 - self.z)
        self.half = np.stack([share * width * narrow, share * height], 1) / 2
        arch = dice.between(-0.25, 0.35) * min(height, 0.4)
        rise = dice.between(-0.3, 0.3) * height
        t = 0.5 - self.z
        self.middle = arch * np.sin(pi * t) - rise * np.exp(-t / 0.15)
        self.tail_height = 2 * float(self.half[-1, 1])

    def surface(self, cap: float) -> Surface:
        # Sections stay upright and are shifted: across a curved spine, tall ones would collide.
        straight = tube(np.stack([0 * self.z, 0 * self.z, self.z], 1), self.half, 28, cap)
        shift = self._at(straight.vertices[:, 2], self.middle)
        return Surface(
            straight.vertices + shift[:, None] * np.array([0.0, 1.0, 0.0]), straight.faces
        )

    def _at(self, z: Array | float, values: Array) -> Array:
        return np.asarray(np.interp(z, self.z[::-1], values[::-1]))

    def edge(self, z: Array | float, side: float) -> Array:
        """Height of the back (side 1), the belly (-1) or what lies between."""
        return self._at(z, self.middle) + side * self._at(z, self.half[:, 1])

    def flank(self, z: float, side: float) -> float:
        """Half width at a height given as in ``edge``."""
        return float(self._at(z, self.half[:, 0])) * float(np.sqrt(max(1 - side * side, 0.0)))


def make_fish(seed: int) -> LabelledMesh:
    dice = Dice("fish", seed)
    fish = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    body = _Body(dice, kind)
    fat = dice.log_between(2.0, 5.0) if dice.chance(0.3) else 1.0  # sculpted, not grown
    fish.add("body", body.surface(dice.between(0.5, 1.2)))
    if dice.chance(0.2):
        _add_eyes(dice, fish, body)
    fish.add("tail", _tail(dice, kind, body, fat))
    if kind == "flat":
        fish.add("fin", *_rims(dice, body, fat))
    else:
        fish.add("fin", *_middle_fins(dice, kind, body, fat))
    if dice.chance(0.9):
        fish.add("fin", *_paired_fins(dice, kind, body, fat))

    finish, bend = warp(dice, (0.12, 0.15, 0.15)), _bend(dice, kind)
    return fish.mesh(lambda vertices: finish(bend(vertices)))


def _bend(dice: Dice, kind: str) -> Callable[[Array], Array]:
    """Straight, a curve or an S; eels wriggle more."""
    most = 2.2 if kind == "eel" else 0.75
    strength = dice.between(-most, most) if dice.chance(0.65) else 0.0
    waves = dice.between(0.6, 1.4) if kind == "eel" else dice.between(0.2, 0.8)
    phase = dice.between(0, pi)
    side = dice.chance(0.5)

    def heading(z: Array) -> Array:
        # The head leads, the tail swings.
        swing = np.clip(0.6 - z, 0.2, 1.3)
        return np.asarray(strength * swing * np.sin(2 * pi * waves * z + (phase if side else 0.0)))

    return curl(heading)


def _add_eyes(dice: Dice, fish: Assembly, body: _Body) -> None:
    z, size = dice.between(0.34, 0.42), dice.between(0.03, 0.06)
    at = (body.flank(z, 0.3), float(body.edge(z, 0.3)), z)
    fish.add("body", *mirrored(ball(at, [size] * 3, 10)))


def _blade(
    lead: list[tuple[float, float]], trail: list[tuple[float, float]], thick: float
) -> Surface:
    """A fin in the plane x = 0 from two edges of (y, z) points, root first."""
    a, b = (smooth([np.array(p) for p in edge], 18) for edge in (lead, trail))
    span = np.linspace(0, 1, 18)
    middle, half = (a + b) / 2, (a - b) / 2 * ((1.04 - span**6) ** 0.5)[:, None]
    a, b = middle + half, middle - half
    return fin(
        np.concatenate([np.zeros((18, 1)), a], 1),
        np.concatenate([np.zeros((18, 1)), b], 1),
        thick * (1 - 0.6 * span),
    )


def _tail(dice: Dice, kind: str, body: _Body, fat: float) -> Surface:
    """Both lobes as one blade, from the lower tip to the upper one, stalk included."""
    shape = dice.weighted(TAILS) if kind != "shark" or dice.chance(0.3) else "shark"
    if kind == "eel" and dice.chance(0.7):
        shape = "round"
    height = body.tail_height
    big = dice.log_between(0.14, 0.42)
    if shape == "veil":
        big = dice.log_between(0.35, 0.8)
    if kind == "eel":
        big *= 0.5
    long = big * {"round": 0.9, "fan": 0.9, "veil": 1.2}.get(shape, dice.between(0.5, 0.9))
    notch = {"fork": 0.45, "moon": 0.25, "fan": 0.8, "round": 1.1, "veil": 0.7, "shark": 0.4}[shape]
    notch *= long * dice.between(0.8, 1.1)
    half = big * {"round": 0.42, "fan": 0.6, "moon": 0.85, "veil": 0.65}.get(shape, 0.65)
    upper = dice.between(1.2, 1.7) if shape == "shark" else dice.between(0.9, 1.1)
    root = -0.44
    y = float(body.middle[-1])
    t = np.linspace(-1, 1, 30)
    reach = np.where(t > 0, t * upper, t) * half
    spread = np.abs(t) ** (1.0 if shape != "moon" else 0.8)
    # The front edge leaves the stalk flat, then sweeps back to the tips.
    front = root - 0.85 * long * np.clip(spread - 0.5 * height / half, 0, 1)
    back_tip = -0.5 - long * np.where(t > 0, upper**0.7, 1.0)
    if shape in ("round", "fan", "veil"):
        droop = 0.35 if shape == "round" else 0.12
        back = -0.5 - notch - (long - notch) * spread - 0.0 * t
        back = back + long * droop * spread**3
    else:
        back = (-0.5 - notch) * (1 - spread) + back_tip * spread
    # Tips are rounded off: the chord shrinks around its middle.
    middle, chord = (front + back) / 2, np.maximum(front - back, 0.02) * (1.06 - t**8) ** 0.6
    front, back = middle + chord / 2, middle - chord / 2
    lead = np.stack([0 * t, y + reach, front], 1)
    trail = np.stack([0 * t, y + reach, back], 1)
    thick = max(0.018, 0.5 * float(body.half[-1, 0])) * (1.15 - np.abs(t))
    if fat > 1:  # flukes of one piece with the stalk, their tips as round as the rest
        thick = np.maximum(thick, 0.02 * fat) * (1.1 - 0.5 * np.abs(t))
    blade = fin(lead, trail, thick)
    return turned(blade, "z", pi / 2) if kind in ("whale", "flat") else blade


def _middle_fins(dice: Dice, kind: str, body: _Body, fat: float) -> list[Surface]:
    """On the back one to three, under the belly none to two."""
    fins = []
    on_back = dice.weighted({0: 0.5, 1: 5.0, 2: 3.0, 3: 0.8})
    scale = 0.5 if kind in ("eel", "puffer") else 1.0
    start = dice.between(0.0, 0.28)
    for _ in range(on_back):
        long = dice.log_between(0.12, 0.55) / on_back**0.6
        fins.append(_ridge(dice, body, 1.0, start, long, scale, fat))
        start -= long + dice.between(0.02, 0.12)
    start = dice.between(-0.25, -0.05)
    for _ in range(dice.weighted({0: 2.5, 1: 5.0, 2: 1.0})):
        long = dice.log_between(0.08, 0.35)
        fins.append(_ridge(dice, body, -1.0, start, long, scale, fat))
        start -= long + 0.03
    return fins


def _ridge(
    dice: Dice, body: _Body, side: float, start: float, long: float, scale: float, fat: float
) -> Surface:
    """A fin along the back (side 1) or the belly (-1), sunk into the body."""
    end = max(start - long, -0.47)
    start = max(start, end + 0.06)
    long = start - end
    kind = dice.weighted(FINS)
    tall = scale * {"triangle": 0.8, "sail": 0.9, "ribbon": 0.3, "hook": 0.9}[kind]
    tall *= dice.between(0.5, 1.3) * min(max(long, 0.1), 0.35)
    if dice.chance(0.12):
        tall *= 2.0
    if kind in ("sail", "ribbon"):
        # Along the body: the edges run nose to tail, the height rises and falls.
        t = np.linspace(0, 1, 24)
        z = start - t * long
        rise = tall * np.clip(np.sin(pi * t ** dice.between(0.5, 1.0)), 0, 1) ** 0.6
        spikes = 1 - dice.between(0, 0.25) * np.abs(np.sin(dice.whole(3, 6) * pi * t))
        root = body.edge(z, side * 0.75)
        top = body.edge(z, side) + side * rise * spikes
        back = dice.between(0, 0.5) * rise
        lead = np.stack([0 * z, root, z], 1)
        return fin(lead, np.stack([0 * z, top, z - back], 1), 0.022 * min(fat, 3.0))
    sweep = dice.between(0.2, 0.9) * tall + (0.4 * tall if kind == "hook" else 0.0)
    low = [float(body.edge(z, side * 0.6)) for z in (start, end)]
    high = float(body.edge((start + end) / 2, side)) + side * tall
    tip = start - 0.7 * long - sweep
    middle_height = [(y + high) / 2 for y in low]
    hollow = 0.25 * long if kind == "hook" else 0.0
    front = [
        (low[0], start),
        (middle_height[0], start - 0.25 * long - 0.25 * sweep),
        (high, tip + 0.06 * long),
    ]
    rear = [
        (low[1], end),
        (middle_height[1], (end + tip) / 2 + hollow),
        (high - side * 0.03 * tall, tip - 0.05 * long),
    ]
    return _blade(front, rear, 0.03 * fat)


def _paired_fins(dice: Dice, kind: str, body: _Body, fat: float) -> list[Surface]:
    """Breast fins, and often belly fins, on both sides; now and then one side paddles."""
    pairs = []
    for z in (dice.between(0.1, 0.28), dice.between(-0.12, 0.05))[: 2 if dice.chance(0.5) else 1]:
        long = dice.log_between(0.12, 0.42) * (0.4 if kind == "eel" else 1.0)
        chord = long * dice.between(0.25, 0.6)
        down, back = dice.between(-0.9, 0.2), dice.between(0.1, 1.2)
        side = dice.between(-0.75, -0.1)
        x, y = 0.7 * body.flank(z, side), float(body.edge(z, side))
        t = np.linspace(0, 1, 16)
        width = chord * (1 - t ** dice.between(1.5, 4.0) * 0.85) * (0.6 + 0.4 * np.sin(pi * t))
        outwards = np.stack([np.cos(down) + 0 * t, np.sin(down) + 0 * t, -np.sin(back) + 0 * t], 1)
        path = np.array([x, y, z]) + outwards * (t * long)[:, None]
        twist = np.array([0.0, dice.between(-0.4, 0.4), 1.0])
        lead, trail = (path + s * 0.5 * width[:, None] * twist for s in (1, -1))
        pairs += mirrored(fin(lead, trail, 0.028 * fat * (1 - 0.6 * t), 0.05 * long))
    return pairs


def _rims(dice: Dice, body: _Body, fat: float) -> list[Surface]:
    """The fins that run all around a flatfish or a ray."""
    t = np.linspace(0, 1, 30)
    z = 0.42 - 0.86 * t
    inner = np.array([body.flank(float(s), 0.0) for s in z])
    wide = dice.log_between(0.06, 0.3) * np.sin(pi * t) ** 0.7
    y = body.edge(z, 0.0)
    lead = np.stack([0.8 * inner, y, z], 1)
    trail = np.stack([inner + wide + 0.01, y + dice.between(-0.3, 0.3) * wide, z - 0.3 * wide], 1)
    return mirrored(fin(lead, trail, 0.03 * fat))
