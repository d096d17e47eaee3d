"""The measures that all pieces of one table agree on."""

from pdengine.shapes.curves import Array, polygon, rounded_rectangle, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.furniture import Stock

WITHOUT_DRAWERS = {"dining": 4.0, "coffee": 2.5, "bar": 1.5, "side": 2.0, "desk": 2.0}
WITH_DRAWERS = {"dining": 1.5, "coffee": 1.5, "bar": 0.5, "side": 3.5, "desk": 5.0, "bench": 1.5}
# Height and width in metres.
SIZES = {
    "dining": (0.74, 1.3),
    "coffee": (0.4, 1.0),
    "bar": (1.1, 0.85),
    "side": (0.58, 0.5),
    "desk": (0.74, 1.3),
    "bench": (0.85, 1.4),
}


class Plan:
    """The measures all pieces of one table agree on, in metres before the final scaling."""

    def __init__(self, dice: Dice, drawn: bool) -> None:
        use = dice.weighted(WITH_DRAWERS if drawn else WITHOUT_DRAWERS)
        height, width = SIZES[use]
        self.use = use
        self.height = height * dice.log_between(0.8, 1.25)
        self.width = width * dice.log_between(0.65, 1.6)
        self.depth = self.width * dice.log_between(0.4, 1.0)
        self.shape = dice.weighted(
            {"rectangle": 12.0, "soft": 1.0, "oval": 0.5}
            if drawn
            else {"rectangle": 6.0, "round": 3.5, "oval": 1.5, "soft": 2.0, "polygon": 1.2}
        )
        if self.shape in ("round", "polygon") and dice.chance(0.85):
            self.depth = self.width
        self.power = {"rectangle": 12.0, "soft": dice.between(3, 6)}.get(self.shape, 2.0)
        self.corners = dice.pick([3, 5, 6, 8, 8])
        self.corner = dice.log_between(0.005, 0.12)
        self.thick = dice.log_between(0.015, 0.11) * (0.7 + 0.3 * self.width)
        if use == "bench":
            self.thick *= 1.4
        self.under = self.height - self.thick
        thickest = min(0.055, 0.07 * min(self.width, self.depth))
        self.stock = Stock.draw(dice, 0.03 if use == "bench" else 0.014, max(thickest, 0.04))

    def outline(self, scale: float = 1.0) -> Array:
        w, d = self.width * scale, self.depth * scale
        if self.shape == "rectangle":
            return rounded_rectangle(w, d, self.corner * scale, 48)
        if self.shape == "polygon":
            return polygon(w, d, self.corners, 48)
        return superellipse(w, d, self.power, 48)

    def reach(self) -> tuple[float, float]:
        """Half width and half depth of the rectangle whose corners lie on the outline."""
        inside = 0.36 if self.shape == "polygon" else 0.5 * 2 ** (-1 / self.power)
        return self.width * inside, self.depth * inside
