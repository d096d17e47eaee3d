"""Measures of cars, drawn once per car: lengths in metres, the front at +z, the ground at y = 0."""

from dataclasses import dataclass, field

import numpy as np

from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice

Range = tuple[float, float]

KINDS = {
    "sedan": 4.0,
    "hatchback": 3.0,
    "wagon": 1.3,
    "suv": 2.5,
    "van": 1.8,
    "pickup": 1.8,
    "coupe": 2.5,
    "muscle": 1.5,
    "super": 2.0,
    "roadster": 1.8,
    "bubble": 1.2,
    "jeep": 1.0,
    "limousine": 0.5,
    "bus": 0.9,
    "classic": 1.6,
}
# Length, half width, height.
SIZES: dict[str, tuple[Range, ...]] = {
    "sedan": ((4.2, 5.1), (0.84, 0.94), (1.38, 1.54)),
    "hatchback": ((3.5, 4.4), (0.8, 0.92), (1.4, 1.62)),
    "wagon": ((4.3, 5), (0.84, 0.94), (1.4, 1.56)),
    "suv": ((4.1, 5.2), (0.88, 1), (1.62, 1.95)),
    "van": ((3.9, 5.6), (0.85, 1), (1.7, 2.5)),
    "pickup": ((4.8, 5.9), (0.88, 1.02), (1.65, 1.98)),
    "coupe": ((4, 4.8), (0.86, 0.97), (1.2, 1.38)),
    "muscle": ((4.6, 5.3), (0.9, 1), (1.28, 1.42)),
    "super": ((4.1, 4.8), (0.92, 1.05), (1.05, 1.24)),
    "roadster": ((3.6, 4.7), (0.8, 0.96), (1.12, 1.35)),
    "bubble": ((2.5, 3.8), (0.72, 0.86), (1.36, 1.62)),
    "jeep": ((3.2, 4.4), (0.76, 0.92), (1.65, 1.95)),
    "limousine": ((6, 8.6), (0.88, 0.98), (1.4, 1.55)),
    "bus": ((6.5, 12), (1.1, 1.3), (2.6, 3.4)),
    "classic": ((4.3, 5.8), (0.85, 1), (1.4, 1.65)),
}
# As a share of the length from the front bumper: the windscreen's foot and top, the roof's end,
# the rear window's foot.
PLACES: dict[str, tuple[Range, ...]] = {
    "sedan": ((0.25, 0.32), (0.39, 0.46), (0.64, 0.72), (0.78, 0.88)),
    "hatchback": ((0.2, 0.28), (0.35, 0.43), (0.8, 0.9), (0.92, 0.985)),
    "wagon": ((0.24, 0.31), (0.38, 0.45), (0.85, 0.93), (0.95, 0.985)),
    "suv": ((0.22, 0.3), (0.35, 0.42), (0.84, 0.94), (0.93, 0.985)),
    "van": ((0.06, 0.19), (0.18, 0.33), (0.92, 0.975), (0.965, 0.988)),
    "pickup": ((0.22, 0.28), (0.33, 0.38), (0.44, 0.62), (0.47, 0.655)),
    "coupe": ((0.29, 0.38), (0.45, 0.53), (0.6, 0.7), (0.82, 0.97)),
    "muscle": ((0.34, 0.41), (0.46, 0.52), (0.64, 0.7), (0.78, 0.96)),
    "super": ((0.18, 0.28), (0.38, 0.48), (0.54, 0.62), (0.76, 0.94)),
    "roadster": ((0.3, 0.42), (0.4, 0.5), (0.55, 0.62), (0.7, 0.76)),
    "bubble": ((0.18, 0.28), (0.32, 0.42), (0.62, 0.82), (0.86, 0.97)),
    "jeep": ((0.27, 0.36), (0.33, 0.41), (0.85, 0.97), (0.95, 0.985)),
    "limousine": ((0.17, 0.22), (0.26, 0.3), (0.78, 0.84), (0.87, 0.92)),
    "bus": ((0.0, 0.02), (0.004, 0.04), (0.98, 0.995), (0.985, 0.999)),
    "classic": ((0.28, 0.35), (0.38, 0.45), (0.58, 0.66), (0.68, 0.8)),
}
# As a share of the height: the hood's front edge, the belt line, the deck, the clearance.
HEIGHTS: dict[str, tuple[Range, ...]] = {
    "sedan": ((0.46, 0.58), (0.62, 0.68), (0.62, 0.7), (0.11, 0.16)),
    "hatchback": ((0.48, 0.6), (0.6, 0.67), (0.58, 0.64), (0.11, 0.16)),
    "wagon": ((0.46, 0.58), (0.62, 0.67), (0.6, 0.65), (0.11, 0.15)),
    "suv": ((0.5, 0.62), (0.58, 0.65), (0.56, 0.62), (0.14, 0.2)),
    "van": ((0.38, 0.5), (0.46, 0.58), (0.45, 0.56), (0.09, 0.14)),
    "pickup": ((0.52, 0.62), (0.58, 0.64), (0.55, 0.63), (0.15, 0.24)),
    "coupe": ((0.46, 0.58), (0.64, 0.7), (0.62, 0.72), (0.09, 0.13)),
    "muscle": ((0.52, 0.62), (0.62, 0.68), (0.6, 0.68), (0.11, 0.15)),
    "super": ((0.36, 0.5), (0.58, 0.68), (0.62, 0.76), (0.07, 0.1)),
    "roadster": ((0.48, 0.6), (0.62, 0.72), (0.62, 0.72), (0.09, 0.14)),
    "bubble": ((0.4, 0.56), (0.58, 0.64), (0.52, 0.64), (0.1, 0.16)),
    "jeep": ((0.54, 0.6), (0.55, 0.61), (0.54, 0.6), (0.18, 0.26)),
    "limousine": ((0.5, 0.58), (0.62, 0.66), (0.62, 0.68), (0.11, 0.15)),
    "bus": ((0.36, 0.45), (0.38, 0.5), (0.38, 0.48), (0.08, 0.12)),
    "classic": ((0.54, 0.64), (0.58, 0.66), (0.58, 0.66), (0.11, 0.15)),
}


@dataclass
class Plan:
    """One car. Heights are y, places along the car are z; sizes in metres.

    Attributes:
        cowl, roof_front, roof_rear, glass: z of the windscreen's foot and top, of the rear
            window's top and foot.
        nose, belt, deck, sill: heights of the hood's front edge, the windows' lower edge, the
            trunk and the underside.
        wheel, tyre: radius and width; axles: z of the front and rear axle.
        arch: radius of the wheel arches.
        boxy: 0 for pebbles, 1 for bricks.
        open: has no roof.
        tumble: width of the roof over that of the windows' lower edge.
        flare: how far the fenders bulge over the wheels.
        round_nose, round_tail: over which length the ends are rounded off.
        sunk: (rear z, front z, depth) of places where the top sinks in: a hood's bed, seats, cargo.
    """

    kind: str
    length: float
    half: float
    height: float
    cowl: float
    roof_front: float
    roof_rear: float
    glass: float
    nose: float
    belt: float
    deck: float
    sill: float
    wheel: float
    tyre: float
    axles: tuple[float, float]
    arch: float
    boxy: float
    open: bool
    tumble: float
    flare: float
    round_nose: float
    round_tail: float
    sunk: list[tuple[float, float, float]] = field(default_factory=list)

    @staticmethod
    def draw(dice: Dice, kind: str) -> "Plan":
        drawn = [
            dice.between(*limits) for table in (SIZES, PLACES, HEIGHTS) for limits in table[kind]
        ]
        long, half, tall = drawn[:3]
        cowl, roof_front, roof_rear, glass = (long * (0.5 - share) for share in drawn[3:7])
        nose, belt, deck, sill = (tall * share for share in drawn[7:])
        wheel = dice.between(0.28, 0.35)
        if kind in ("suv", "pickup", "jeep"):
            wheel = dice.between(0.34, 0.45)
        elif kind == "bus":
            wheel = dice.between(0.42, 0.52)
        elif kind == "bubble":
            wheel = dice.between(0.24, 0.31)
        wheel *= dice.between(1.1, 1.35) if dice.chance(0.08) else 1.0  # toys and show cars
        wheel = min(wheel, 0.43 * belt)  # so that its arch stays below the windows
        arch = wheel * dice.between(1.08, 1.22)
        ahead, behind = dice.between(0.15, 0.21), dice.between(0.16, 0.23)
        if kind in ("bubble", "jeep", "super"):
            ahead, behind = dice.between(0.14, 0.19), dice.between(0.13, 0.19)
        elif kind in ("limousine", "bus"):
            ahead, behind = dice.between(0.11, 0.2), dice.between(0.14, 0.26)
        front = 0.5 * long - max(ahead * long, arch + 0.12)
        rear = -0.5 * long + max(behind * long, arch + 0.12)
        boxy = dice.between(0.0, 1.0)
        if kind in ("jeep", "bus", "classic", "muscle", "van"):
            boxy = dice.between(0.5, 1.0)
        elif kind in ("bubble", "super"):
            boxy = dice.between(0.0, 0.5)
        soft = 0.05 + 0.3 * (1 - boxy) * dice.between(0.4, 1.0)
        tumble = dice.between(0.74, 0.88) + 0.06 * boxy
        if kind in ("bus", "van", "jeep"):
            tumble = dice.between(0.86, 0.99)
        return Plan(
            kind=kind,
            length=long,
            half=half,
            height=tall,
            cowl=cowl,
            roof_front=roof_front,
            roof_rear=roof_rear,
            glass=glass,
            nose=min(nose, belt - 0.02),
            belt=belt,
            deck=deck if kind != "pickup" else belt,
            sill=sill,
            wheel=wheel,
            tyre=wheel * dice.between(0.5, 0.8),
            axles=(front, rear),
            arch=arch,
            boxy=boxy,
            open=kind == "roadster" or (kind in ("jeep", "muscle", "classic") and dice.chance(0.2)),
            tumble=tumble,
            flare=dice.between(0.0, 0.07) if dice.chance(0.6) else 0.0,
            round_nose=soft if kind != "bus" else 0.06,
            round_tail=(soft if kind not in ("bus", "van") else 0.06) * dice.between(0.5, 1.0),
        )

    def top(self, z: Array) -> Array:
        """Height of the body without the greenhouse along its middle."""
        end = 0.5 * self.length
        sag = 0.03 * (1 - self.boxy)
        # Low noses rise to clear the front wheels.
        axle, over = self.axles[0], self.wheel + 0.97 * self.arch
        share = np.clip((end - axle) / (end - self.cowl), 0, 1)
        hill = max(over, self.nose + (self.belt - self.nose) * share + sag)
        knots = [
            (-end, 0.97 * self.deck),
            (-end + 0.25, self.deck),
            (min(self.glass, self.roof_rear) - 0.02, max(self.deck, self.belt - 0.02)),
            (self.cowl - 0.5, self.belt),
            (self.cowl, self.belt),
            (axle, min(hill, max(self.belt, over))),
            (end, self.nose),
        ]
        where, value = zip(*sorted(knots), strict=True)
        return np.asarray(np.interp(z, where, value))

    def rounding(self, z: Array) -> Array:
        """From 1 along the car to 0 at both bumpers. [R]."""
        end = 0.5 * self.length
        ahead = np.clip((z - end + self.round_nose) / self.round_nose, 0, 1)
        behind = np.clip((-z - end + self.round_tail) / self.round_tail, 0, 1)
        return np.asarray(np.sqrt((1 - 0.97 * ahead**2) * (1 - 0.97 * behind**2)))

    def under(self, z: Array) -> Array:
        """Lower edge of the flanks: the sill, and the arches above the wheels."""
        edge = np.full_like(z, self.sill)
        for axle in self.axles:
            inside = np.clip(self.arch**2 - (z - axle) ** 2, 0, None)
            edge = np.where(inside > 0, np.maximum(edge, self.wheel + np.sqrt(inside)), edge)
        return edge
