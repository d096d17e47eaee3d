"""The plane of glasses: two lenses, their outline, their gap, and how the front is curved."""

from __future__ import annotations

from math import pi

import numpy as np

from pdengine.shapes.assembly import reshaped
from pdengine.shapes.curves import Array, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, Z

# A solid pair has thick lenses without rims, as cast or scanned ones have.
KINDS = {
    "metal": 5.0,
    "plastic": 5.0,
    "solid": 8.0,
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
        self.gap = dice.log_between(0.05 if self.kind == "solid" else 0.12, 0.6)
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
