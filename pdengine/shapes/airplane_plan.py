"""The measures that all pieces of one airplane agree on."""

from math import pi

import numpy as np

from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice

TYPES = {
    "airliner": 5.0,
    "fighter": 4.0,
    "light": 3.0,
    "glider": 1.0,
    "biplane": 1.2,
    "business": 1.8,
    "twin": 1.5,
    "delta": 1.0,
    "transport": 1.2,
}


class Plan:
    """The measures of one airplane; the fuselage is 2 long, nose at z = 1, tail at z = -1."""

    def __init__(self, dice: Dice) -> None:
        self.type = dice.weighted(TYPES)
        jet = self.type in ("airliner", "business", "transport")
        fast = self.type in ("fighter", "delta")
        self.fast = fast
        self.radius = dice.log_between(0.085, 0.16)
        if self.type == "glider":
            self.radius = dice.between(0.06, 0.09)
        self.wide = dice.between(1.0, 1.7) if fast else dice.between(0.85, 1.15)
        self.power = dice.between(2.0, 3.2)
        self.blunt = dice.between(0.9, 1.5) if fast else dice.between(0.45, 0.75)
        self.nose = dice.between(0.35, 0.6) if fast else dice.between(0.12, 0.35)
        small = self.type in ("light", "biplane", "glider", "twin")
        self.tail = dice.between(0.8, 1.35) if small else dice.between(0.35, 0.85)
        self.end = dice.between(0.5, 0.8) if fast else dice.between(0.06, 0.25)
        self.upsweep = 0.0 if fast else dice.between(0.2, 0.85) * self.radius
        sweeps = {
            "airliner": (0.4, 0.8),
            "transport": (0.2, 0.6),
            "business": (0.3, 0.7),
            "fighter": (0.4, 1.1),
            "delta": (0.9, 1.5),
        }
        self.sweep = dice.between(*sweeps.get(self.type, (-0.05, 0.15)))
        spans = {"glider": (1.3, 2.0), "fighter": (0.5, 0.8), "delta": (0.5, 0.75)}
        self.span = dice.between(*spans.get(self.type, (0.75, 1.15)))
        self.high = dice.chance(
            {"transport": 0.95, "light": 0.55, "glider": 0.8}.get(self.type, 0.15)
        )
        self.t_tail = dice.chance(
            {"business": 0.7, "glider": 0.6, "transport": 0.6}.get(self.type, 0.12 if jet else 0.08)
        )

    def hull(self, z: Array) -> tuple[Array, Array]:
        """Radius and height of the middle of the fuselage at z. [R], [R]."""
        front = np.clip((1 - z) / self.nose, 1e-4, 1)
        grow = (1 - (1 - front) ** 2) ** self.blunt
        back = np.clip((z + 1) / self.tail, 0, 1)
        shrink = self.end + (1 - self.end) * np.sin(back * pi / 2)
        y = self.upsweep * (1 - back) ** 1.5
        return self.radius * grow * shrink, y

    def at(self, z: float) -> tuple[float, float]:
        radius, y = self.hull(np.array([z]))
        return float(radius[0]), float(y[0])
