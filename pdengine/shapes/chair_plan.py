"""The measures that all pieces of one chair agree on."""

import numpy as np

from pdengine.shapes.curves import Array, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import Stock

KINDS = {
    "dining": 9.0,
    "office": 3.5,
    "armchair": 4.0,
    "stool": 1.8,
    "cantilever": 1.6,
    "rocking": 1.0,
    "shell": 2.2,
    "bench": 1.4,
    "throne": 0.7,
    "lounge": 1.6,
    "folding": 0.9,
    "panel": 1.2,
}

# width and depth of the seat, height of its top, height of the back above it, metres
SIZES = {
    "dining": (0.45, 0.43, 0.46, 0.48),
    "office": (0.5, 0.48, 0.48, 0.55),
    "armchair": (0.6, 0.6, 0.42, 0.45),
    "stool": (0.38, 0.36, 0.75, 0.22),
    "cantilever": (0.46, 0.45, 0.46, 0.4),
    "rocking": (0.5, 0.46, 0.42, 0.65),
    "shell": (0.46, 0.44, 0.44, 0.38),
    "bench": (1.2, 0.42, 0.43, 0.42),
    "throne": (0.6, 0.5, 0.5, 0.95),
    "lounge": (0.6, 0.58, 0.36, 0.5),
    "folding": (0.42, 0.4, 0.45, 0.4),
    "panel": (0.48, 0.46, 0.44, 0.45),
}


class Plan:
    """Sizes in metres before the final scaling; the floor is y = 0, the seat is centred on x, z."""

    def __init__(self, dice: Dice) -> None:
        self.kind = dice.weighted(KINDS)
        width, depth, level, back = SIZES[self.kind]
        self.width = width * dice.log_between(0.8, 1.25)
        self.depth = depth * dice.log_between(0.85, 1.2)
        self.seat_y = level * dice.log_between(0.85, 1.15)
        self.back = back * dice.log_between(0.65, 1.4)
        soft = self.kind in ("armchair", "lounge", "throne")
        self.seat_thick = dice.log_between(0.1, 0.22) if soft else dice.log_between(0.018, 0.09)
        if self.kind == "office":
            self.seat_thick = max(self.seat_thick, 0.04)
        self.power = dice.weighted({2.0: 1.2, 3.0: 1.5, 5.0: 2.5, 9.0: 4.0, 14.0: 2.0})
        if self.kind in ("bench", "armchair", "folding", "panel"):
            self.power = max(self.power, 7.0)
        self.narrow = dice.between(0.0, 0.25) if dice.chance(0.4) else 0.0
        self.recline = dice.between(0.0, 0.28) * (1.6 if self.kind == "lounge" else 1.0)
        self.curl = dice.between(-0.25, 0.3) if dice.chance(0.35) else 0.0
        self.bow = dice.between(0.1, 0.9) * 0.25 / self.width if dice.chance(0.4) else 0.0
        self.stock = Stock.draw(dice, 0.011, 0.034)
        self.thick = dice.log_between(0.012, 0.05)

    @property
    def under(self) -> float:
        """The underside of the seat."""
        return self.seat_y - self.seat_thick

    @property
    def back_z(self) -> float:
        """Where the back leaves the seat."""
        return -self.depth / 2 + self.thick * 0.5 + 0.012

    def outline(self, scale: float = 1.0, count: int = 48) -> Array:
        """The seat from above, narrower towards the back. [P, 2]."""
        flat = superellipse(self.width * scale, self.depth * scale, self.power, count)
        flat[:, 0] *= 1 - self.narrow * (0.5 - flat[:, 1] / self.depth)
        return flat

    def corner(self, sx: int, sz: int, inset: float) -> tuple[float, float]:
        """(x, z) of a seat corner, moved inwards by ``inset`` metres."""
        reach = 0.5 * 2 ** (-1 / self.power)
        z = self.depth * reach - inset
        x = self.width * reach * (1 - self.narrow * (0.5 - sz * reach)) - inset
        return sx * x, sz * z

    def side(self, z: float) -> float:
        """Half the width of the seat at depth z."""
        share = min(abs(2 * z / self.depth), 0.97)
        straight = self.width / 2 * float((1 - share**self.power) ** (1 / self.power))
        return straight * (1 - self.narrow * (0.5 - z / self.depth))

    def lean(self, vertices: Array) -> Array:
        """Place a back that was drawn upright on the xy plane: recline, curl and bow it.

        Args:
            vertices: [V, 3], y from 0 at the seat, front is +z.
        """
        x, y, z = vertices.T
        up = np.maximum(y, 0.0)
        # Straight below the seat, so that posts keep running down into the legs.
        back = self.recline * up + self.curl * up**2 / max(self.back, 0.3)
        z = z + self.back_z - back + self.bow * x**2
        return np.stack([x, y + self.seat_y, z], 1)

    def lean_z(self, y: float) -> float:
        """Depth of the middle of the back, y metres above the seat."""
        return float(self.lean(np.array([[0.0, y, 0.0]]))[0, 2])
