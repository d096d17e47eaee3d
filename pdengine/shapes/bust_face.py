"""A sculpted head: skull and face in one skin, with eyes, nose, mouth and ears set into it."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored
from pdengine.shapes.bodies import ball, posed, trunk, tube
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, skin

# Height, then half width, front and back as shares of width and depth; the chin is at -0.5.
SECTIONS = np.array(
    [
        (-0.5, 0.14, 0.4, 0.02),
        (-0.48, 0.2, 0.45, -0.05),
        (-0.42, 0.27, 0.475, -0.12),
        (-0.3, 0.36, 0.48, -0.25),
        (-0.16, 0.425, 0.475, -0.38),
        (0.02, 0.48, 0.465, -0.48),
        (0.14, 0.5, 0.48, -0.52),
        (0.28, 0.48, 0.44, -0.5),
        (0.39, 0.4, 0.34, -0.4),
        (0.46, 0.27, 0.2, -0.26),
        (0.495, 0.13, 0.06, -0.12),
    ]
)
RINGS, POINTS = 29, 34


class Head:
    """Proportions of one head, 1 high, chin at -0.5, looking along +z; and its skin.

    Attributes:
        grid: [R, P, 3] the skin, from the chin up, each ring around the y axis.
    """

    def __init__(self, dice: Dice) -> None:
        child = dice.chance(0.15)
        self.wide = dice.between(0.62, 0.82)
        self.deep = dice.between(0.76, 0.98)
        jaw = dice.between(0.8, 1.25) if not child else dice.between(0.75, 0.95)
        chin = dice.between(0.9, 1.12)
        self.eye_y = dice.between(0.0, 0.07) - (0.08 if child else 0.0)
        self.eye_x = self.wide * dice.between(0.21, 0.27)
        self.nose_y = self.eye_y - dice.between(0.18, 0.26) * (0.8 if child else 1.0)
        self.mouth_y = self.nose_y - dice.between(0.08, 0.13)
        self.relief = dice.between(0.5, 1.5)  # depth of the modelling
        y, half, front, back = SECTIONS.T
        half = half * np.interp(y, [-0.5, -0.2, 0.1], [jaw, 0.5 + 0.5 * jaw, 1.0])
        front = front * np.interp(y, [-0.5, -0.3, 0.0], [chin, 1.0, 1.0])
        self._sections = smooth(
            list(np.stack([y, half * self.wide, front * self.deep, back * self.deep], 1)), 60
        )
        self.cheeks = dice.between(-0.3, 1.4)
        self.full = dice.between(0.7, 1.2)  # of the lips' barrel and the chin
        self.squareness = dice.between(2.1, 2.7)
        height = np.sin(np.linspace(-0.5, 0.5, RINGS) * pi * 0.94)
        height = height / height.max() * 0.495
        step = np.arange(POINTS) * (2 * pi / POINTS)
        angle = step - 0.35 * np.sin(step)  # finer in front
        half_at, front_at, back_at = (
            np.interp(height, self._sections[:, 0], self._sections[:, k])[:, None]
            for k in (1, 2, 3)
        )
        middle = np.minimum(0.15 * front_at, (front_at + back_at) / 2 + 0.02)
        s, c = np.sin(angle), np.cos(angle)
        power = np.where(c > 0, self.squareness, 2.0)
        reach = (np.abs(s) ** power + np.abs(c) ** power) ** (-1 / power)
        x = half_at * s * reach
        z = middle + np.where(c > 0, front_at - middle, middle - back_at) * c * reach
        tall = np.broadcast_to(height[:, None], x.shape)
        facing = np.clip(c * 1.6, 0, 1)
        self.grid = np.stack([x, tall, z + facing * self._modelling(x, tall)], -1)
        self.angle = np.abs((angle + pi) % (2 * pi) - pi)  # 0 in front, pi behind

    def _modelling(self, x: Array, y: Array) -> Array:
        """How far the face stands out in front, by place."""

        def bump(at_x: float, at_y: float, wide: float, high: float) -> Array:
            aside = (np.abs(x) - at_x) / wide
            return np.asarray(np.exp(-(aside**2) - ((y - at_y) / high) ** 2))

        eye_x, eye_y, mouth = self.eye_x, self.eye_y, self.mouth_y
        return np.asarray(
            self.relief
            * (
                -0.05 * bump(0.9 * eye_x, eye_y, 0.085, 0.055)
                + 0.02 * bump(eye_x, eye_y + 0.1, 0.12, 0.035)
                + 0.022 * self.cheeks * bump(0.3 * self.wide, eye_y - 0.13, 0.08, 0.07)
                + 0.028 * self.full * bump(0.0, mouth, 0.12, 0.06)
                - 0.016 * bump(0.0, mouth - 0.075, 0.1, 0.022)
                + 0.035 * self.full * bump(0.0, -0.43, 0.09, 0.05)
            )
        )

    def front(self, x: Array, y: Array) -> Array:
        """z of the skin in front, by place."""
        half, front, back = (
            np.interp(y, self._sections[:, 0], self._sections[:, k]) for k in (1, 2, 3)
        )
        middle = np.minimum(0.15 * front, (front + back) / 2 + 0.02)
        share = np.clip(np.abs(x) / half, 0, 0.98) ** self.squareness
        rise = (1 - share) ** (1 / self.squareness)
        return np.asarray(middle + (front - middle) * rise + self._modelling(x, y))

    def side(self, y: float) -> float:
        """Half of the width at a height."""
        return float(np.interp(y, self._sections[:, 0], self._sections[:, 1]))

    def around(self, turn: Array, y: Array) -> Array:
        """Points on the skin in the direction ``turn``, 0 in front, at heights y. [R, 3]."""
        half, front, back = (
            np.interp(y, self._sections[:, 0], self._sections[:, k]) for k in (1, 2, 3)
        )
        z = np.cos(turn) * np.where(np.cos(turn) > 0, front, -back)
        return np.stack([np.sin(turn) * half, y, z], 1)

    def surface(self) -> Surface:
        return skin(self.grid)


def eyes(dice: Dice, head: Head) -> list[Surface]:
    """Eyeballs in their sockets, most of them between lids; closed ones are a single lid."""
    wide = dice.between(0.15, 0.21) * (1.35 if dice.chance(0.12) else 1.0)
    high = wide * dice.between(0.42, 0.75)
    x, y = head.eye_x, head.eye_y
    z = float(head.front(np.array(x), np.array(y)))
    bulge = dice.between(0.0, 0.02)
    pieces = [ball((x, y, z - 0.02 + bulge), (0.92 * wide, high, 0.1), 14)]
    if dice.chance(0.75):
        thick = dice.between(0.012, 0.022)
        t = np.linspace(-1, 1, 11)
        for upper in (1.0, -1.0):
            lift = upper * 0.5 * high * (1 - t * t) * (1.0 if upper > 0 else 0.85)
            out = 0.032 * (1 - t * t) + 0.002 + bulge
            path = np.stack([x + 0.52 * wide * t, y + lift, 0 * t], 1)
            path[:, 2] = z + out - 0.15 * wide * np.clip(t, 0, 1) ** 2
            radius = thick * (0.55 + 0.45 * (1 - t * t)) * (1.0 if upper > 0 else 0.75)
            pieces.append(tube(path, radius, 7))
    if dice.chance(0.3):  # the iris, as a raised disc
        pieces.append(ball((x, y, z + 0.022 + bulge), (0.55 * high, 0.55 * high, 0.04), 10))
    return mirrored(*pieces)


def nose(dice: Dice, head: Head) -> list[Surface]:
    """Bridge, tip and wings, from a button to a beak."""
    size = dice.log_between(0.7, 1.5)
    top, low = head.eye_y + dice.between(0.0, 0.06), head.nose_y
    out = dice.between(0.08, 0.15) * size**0.7
    wide = dice.between(0.075, 0.11) * size**0.7
    hook = dice.between(-0.02, 0.035) * size
    heights = np.array([top, top + 0.45 * (low - top), top + 0.8 * (low - top), low])
    ahead = np.array([0.015, 0.5 * out + hook, 0.9 * out, 0.85 * out])
    flat = head.front(np.zeros(4), heights)
    bridge = dice.between(0.5, 0.8)
    # The ridge; the sections reach back into the face.
    knots = [
        (0.0, y, z + a - 0.5 * (0.05 + a), w, 0.05 + a)
        for y, z, a, w in zip(
            heights, flat, ahead, wide * np.array([bridge, bridge, 1.1, 1.0]), strict=True
        )
    ]
    pieces = [trunk(knots, 14, 14, 0.35)]
    tip = wide * dice.between(1.0, 1.4)
    base = float(flat[-1])
    pieces.append(ball((0, low + 0.015, base + 0.78 * out), (tip, 0.85 * tip, tip), 10))
    wing = wide * dice.between(0.65, 1.0)
    pieces += mirrored(
        ball(
            (0.62 * wide, low + 0.01, base + 0.35 * out), (wing, 0.85 * wing, 0.9 * out + 0.02), 14
        )
    )
    return pieces


def mouth(dice: Dice, head: Head) -> list[Surface]:
    """Two lips, smiling or grim, sometimes with a gap between them."""
    half = dice.between(0.11, 0.17) * (1.25 if dice.chance(0.12) else 1.0)
    smile = dice.between(-0.02, 0.045)
    thick = dice.between(0.017, 0.032)
    gape = dice.between(0.01, 0.04) if dice.chance(0.2) else 0.0
    t = np.linspace(-1, 1, 17)
    pieces = []
    for upper in (1.0, -1.0):
        lip = thick * (0.9 if upper > 0 else 1.15)
        height = head.mouth_y + smile * t * t + upper * (0.8 * lip + gape) * (1 - t * t)
        if upper > 0:  # the bow
            height = height - 0.35 * lip * np.exp(-((t / 0.15) ** 2))
        path = np.stack([half * t, height, head.front(half * t, height) + 0.1 * lip], 1)
        pieces.append(tube(path, lip * (0.3 + 0.7 * (1 - t * t) ** 0.7), 8))
    if gape:
        z = float(head.front(np.array(0.0), np.array(head.mouth_y)))
        pieces.append(ball((0, head.mouth_y, z - 0.005), (1.4 * half, 2 * gape + thick, 0.03), 10))
    return pieces


def ears(dice: Dice, head: Head) -> list[Surface]:
    """A shell with a rim and a lobe on either side."""
    tall = dice.between(0.2, 0.32) * (1.3 if dice.chance(0.1) else 1.0)
    deep = tall * dice.between(0.5, 0.68)
    rim = tall * dice.between(0.07, 0.12)
    turn = np.linspace(-0.2, 1.35, 12) * pi  # from the front over the top to the lobe
    swing = 1 + 0.12 * np.cos(turn - 0.6 * pi)
    path = np.stack(
        [0 * turn, 0.5 * tall * np.sin(turn) * swing, 0.5 * deep * np.cos(turn) * swing], 1
    )
    pieces = [
        ball((0, 0, 0), (0.5 * rim + 0.05, 0.95 * tall, 0.95 * deep), 10),
        tube(path + np.array([0.25 * rim, 0, 0]), np.linspace(0.7, 1.0, 12) * rim, 7),
        ball((0, -0.45 * tall, 0.08 * deep), (1.8 * rim, 0.32 * tall, 0.5 * deep), 10),
    ]
    y = head.eye_y - dice.between(0.06, 0.12)
    out = dice.between(0.2, 0.7)
    # Turned about the vertical, the rear of the ear stands off the head.
    at = (head.side(y) + 0.02, y, -0.03 * head.deep - 0.25 * deep)
    return mirrored(
        *posed(pieces, at, dice.between(0.0, 0.25), -out * 0.6, dice.between(-0.1, 0.2))
    )
