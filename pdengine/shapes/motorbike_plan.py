"""Measures of a motorbike in metres; the front at +z, the ground at y = 0."""

from dataclasses import dataclass
from math import cos, sin

from pdengine.shapes.bodies import vector
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice

Range = tuple[float, float]
KINDS = {
    "naked": 3.0,
    "sport": 3.5,
    "cruiser": 3.0,
    "chopper": 2.0,
    "dirt": 2.2,
    "cafe": 1.8,
    "tourer": 1.6,
    "scooter": 1.6,
    "mini": 0.8,
}
# Wheelbase, radius of the front wheel, of the rear wheel over the front one.
WHEELS: dict[str, tuple[Range, ...]] = {
    "naked": ((1.3, 1.5), (0.29, 0.34), (0.95, 1.02)),
    "sport": ((1.32, 1.46), (0.28, 0.32), (0.98, 1.05)),
    "cruiser": ((1.5, 1.8), (0.3, 0.36), (0.86, 1)),
    "chopper": ((1.65, 2.2), (0.3, 0.38), (0.8, 1)),
    "dirt": ((1.35, 1.52), (0.32, 0.37), (0.88, 0.96)),
    "cafe": ((1.3, 1.46), (0.29, 0.34), (0.96, 1.02)),
    "tourer": ((1.45, 1.75), (0.29, 0.34), (0.92, 1)),
    "scooter": ((1.15, 1.4), (0.19, 0.26), (0.95, 1.02)),
    "mini": ((0.85, 1.15), (0.2, 0.28), (0.95, 1.05)),
}
# Rake of the fork, its length over the radius of the front wheel, height of the seat, width of
# the rear tyre.
SEATS: dict[str, tuple[Range, ...]] = {
    "naked": ((0.4, 0.5), (1.7, 2.1), (0.7, 0.84), (0.1, 0.19)),
    "sport": ((0.38, 0.46), (1.6, 1.95), (0.74, 0.86), (0.15, 0.23)),
    "cruiser": ((0.5, 0.62), (1.7, 2.1), (0.58, 0.7), (0.13, 0.24)),
    "chopper": ((0.6, 0.85), (2, 2.9), (0.52, 0.66), (0.14, 0.3)),
    "dirt": ((0.42, 0.5), (2, 2.4), (0.85, 1), (0.09, 0.13)),
    "cafe": ((0.4, 0.5), (1.65, 2), (0.7, 0.8), (0.09, 0.15)),
    "tourer": ((0.46, 0.56), (1.7, 2.1), (0.68, 0.8), (0.13, 0.2)),
    "scooter": ((0.4, 0.5), (2.4, 3.2), (0.68, 0.8), (0.09, 0.14)),
    "mini": ((0.4, 0.55), (1.6, 2.2), (0.52, 0.68), (0.1, 0.2)),
}


@dataclass
class Plan:
    """One motorbike.

    Attributes:
        front, rear: radius of the wheels; front_tyre, rear_tyre: their widths.
        axle_front, axle_rear, head: middle of the axles and of the steering head. [3].
        rake: of the fork from the vertical, radians.
        seat: height of the rider's seat; seat_z: its middle.
        tank_back: z where the tank ends and the seat begins.
        pivot: where the swing arm is hinged. [3].
        tube: radius of the frame's tubes.
        nose: foremost point of a sport bike's fairing. [3].
    """

    kind: str
    front: float
    rear: float
    front_tyre: float
    rear_tyre: float
    axle_front: Array
    axle_rear: Array
    head: Array
    rake: float
    seat: float
    seat_z: float
    tank_back: float
    pivot: Array
    tube: float
    nose: Array

    @staticmethod
    def draw(dice: Dice) -> "Plan":
        kind = dice.weighted(KINDS)
        base, front, ratio, rake, fork, seat, wide = (
            dice.between(*limits) for limits in (*WHEELS[kind], *SEATS[kind])
        )
        rear = front * ratio
        axle_front, axle_rear = vector(0, front, base / 2), vector(0, rear, -base / 2)
        reach = fork * front
        head = axle_front + reach * vector(0, cos(rake), -sin(rake))
        head[1] = max(head[1], seat + 0.02)
        share = dice.between(0.22, 0.36)
        seat_z = -base / 2 + share * base
        pivot = vector(0, 0.9 * rear + dice.between(0.0, 0.08), -base / 2 + 0.36 * base)
        return Plan(
            kind,
            front,
            rear,
            wide * dice.between(0.55, 0.95),
            wide,
            axle_front,
            axle_rear,
            head,
            rake,
            max(seat, 2 * rear + 0.02),
            seat_z,
            max(seat_z + dice.between(0.12, 0.2), head[2] - dice.between(0.5, 0.66)),
            pivot,
            dice.between(0.014, 0.024),
            axle_front + vector(0, head[1] - front - 0.12, dice.between(-0.05, 0.12)),
        )

    def up_fork(self, distance: float, out: float = 0.0, ahead: float = 0.0) -> Array:
        """A point along the fork's line above the head; out to +x, ahead at right angles."""
        line = vector(0, cos(self.rake), -sin(self.rake))
        normal = vector(0, sin(self.rake), cos(self.rake))
        return self.head + distance * line + ahead * normal + vector(out, 0, 0)
