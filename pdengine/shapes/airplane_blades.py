"""The soft solids that airplanes of one piece are made of: a cigar and flattened sausages."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.curves import Array, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, skin


@dataclass(frozen=True)
class Blade:
    """A wing, half a stabilizer or a fin: thick, its tip round, its root swollen.

    Attributes:
        chord: length of the section at the root.
        taper: chord at the tip over that at the root.
        back: how far the tip lies behind the root, a share of the span.
        thick: of the section, as a share of its chord.
        tip: length over which the tip rounds off, as a share of the chord there.
        swell: how much longer and thicker the section is in the body than outside, a share.
        section: 2 is an ellipse, 3 a flat sausage.
        drop: where the section is thickest, 0 in the middle, 1 at the front, as on true wings.
    """

    chord: float
    taper: float
    back: float
    thick: float
    tip: float
    swell: float
    section: float
    drop: float

    def make(self, inner: float, reach: float, rise: float, root: float) -> Surface:
        """Along x from ``inner`` to ``reach``; the middle of its chord starts at the origin.

        Args:
            rise: how far the tip is above the root.
            root: how far from ``inner`` the swelling reaches.
        """
        t = np.concatenate([np.linspace(0, 0.82, 16), 0.82 + 0.18 * np.sin([0.4, 0.8, 1.2, 1.5])])
        t[-1] = 1.0
        x = inner + t * (reach - inner)
        chord = self.chord * (1 + (self.taper - 1) * t)
        tip = min(self.tip * float(chord[-1]), 0.6 * (reach - inner))
        left = np.clip((reach - x) / tip, 0.0, 1.0)
        rounded = np.sqrt(np.maximum(1 - (1 - left) ** 2, 0.01))
        grow = 1 + self.swell * np.exp(-(((x - inner) / root) ** 2))
        chord = chord * rounded * grow
        thick = chord * self.thick * grow**0.8
        section = superellipse(1.0, 1.0, self.section, 24)
        along = section[:, 1]
        wedge = 1 + 0.8 * self.drop * along  # thinner towards the tail
        z = -self.back * (x - inner)
        rings = np.empty((len(x), 24, 3))
        rings[..., 0] = x[:, None]
        rings[..., 1] = (rise * t)[:, None] + thick[:, None] * (section[:, 0] * wedge)
        rings[..., 2] = z[:, None] + chord[:, None] * along
        return skin(rings)


class Hull:
    """A cigar with a blunt nose and a tail that thins out."""

    def __init__(self, dice: Dice, radius: float) -> None:
        self.radius = radius
        self.nose = dice.between(0.15, 0.8)
        self.blunt = dice.between(0.4, 0.8)
        self.tail = dice.between(0.5, 1.5)
        self.end = dice.between(0.15, 0.75)
        self.lift = dice.between(-0.1, 0.8) * radius
        self.wide = dice.between(0.85, 1.25)
        self.power = dice.between(2.0, 2.6)

    def hull(self, z: Array) -> tuple[Array, Array]:
        """Radius and height of the middle at z. [R], [R]."""
        front = np.clip((1 - z) / self.nose, 0, 1)
        grow = np.maximum(1 - (1 - front) ** 2, 1e-5) ** self.blunt
        back = np.clip((z + 1) / self.tail, 0, 1)
        shrink = self.end + (1 - self.end) * np.sin(back * pi / 2) ** 1.3
        short = np.clip((z + 1) / (1.2 * self.end * self.radius), 0, 1)  # the end is round too
        shrink = shrink * np.sqrt(np.maximum(1 - (1 - short) ** 2, 1e-3))
        return self.radius * grow * shrink, self.lift * (1 - back) ** 1.5

    def at(self, z: float) -> tuple[float, float]:
        radius, y = self.hull(np.array([z]))
        return float(radius[0]), float(y[0])

    def surface(self, dice: Dice) -> Surface:
        z = np.cos(np.linspace(0.0, pi, 48))
        radius, y = self.hull(z)
        outline = superellipse(2.0, 2.0, self.power, 32)
        rings = np.empty((len(z), 32, 3))
        rings[..., 0] = radius[:, None] * outline[:, 0] * self.wide
        rings[..., 1] = radius[:, None] * outline[:, 1] + y[:, None]
        rings[..., 2] = z[:, None]
        return skin(rings)
