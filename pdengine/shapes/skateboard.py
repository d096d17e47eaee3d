"""Skateboards: popsicle decks, longboards, cruisers, old-school shapes and downhill boards."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import Array, interpolate, rounded_rectangle, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, limb, skin, slab, superellipsoid, sweep
from pdengine.shapes.warp import warp
from pdengine.shapes.wheels import cylinder, disc

PARTS = ("wheel", "deck", "truck")
KINDS = {
    "popsicle": 5.0,
    "cruiser": 2.5,
    "old school": 2.0,
    "pintail": 1.5,
    "drop": 1.5,
    "downhill": 1.0,
    "toy": 1.0,
}


@dataclass
class Board:
    """The deck and where the trucks sit under it; the deck is 1 long along z.

    Attributes:
        width: of the deck, half of it is never more than a sixth of the length.
        thick: of the wood.
        kick_front, kick_rear: height of the raised ends.
        bends: z where the two ends begin to rise.
        wheelbase: half of the distance between the axles.
        rocker: how far the middle hangs below the trucks, or, negative, rises above them.
        concave: how far the rails rise above the middle.
    """

    kind: str
    width: float
    thick: float
    kick_front: float
    kick_rear: float
    bends: float
    wheelbase: float
    rocker: float
    concave: float

    @staticmethod
    def draw(dice: Dice) -> "Board":
        kind = dice.weighted(KINDS)
        flat = kind in ("pintail", "drop", "downhill")
        width = dice.between(0.2, 0.29)
        if kind in ("cruiser", "old school", "toy"):
            width = dice.between(0.24, 0.38)
        elif flat:
            width = dice.between(0.18, 0.27)
        kick = 0.0 if flat and dice.chance(0.7) else dice.between(0.03, 0.13)
        front = kick if kind in ("popsicle", "toy", "drop") else kick * dice.between(0.0, 0.7)
        bends = dice.between(0.27, 0.34)
        wheelbase = dice.between(0.34, 0.4) if flat else bends - dice.between(0.02, 0.06)
        rocker = dice.between(-0.02, 0.05) if flat else dice.between(-0.01, 0.01)
        thick = dice.log_between(0.014, 0.03 if kind != "toy" else 0.05)
        concave = dice.between(0.0, 0.035) if dice.chance(0.7) else 0.0
        return Board(kind, width, thick, front, kick, bends, wheelbase, rocker, concave)

    def height(self, z: Array) -> Array:
        """Of the middle of the wood above the place of the trucks."""
        ahead, behind = np.clip(z - self.bends, 0, 1), np.clip(-z - self.bends, 0, 1)
        reach = 0.5 - self.bends
        # A short fillet, then a straight ramp, as decks are pressed.
        lift = self.kick_front * ahead**1.3 + self.kick_rear * behind**1.3
        middle = np.clip(1 - (z / self.wheelbase) ** 2, -0.3, 1)
        return np.asarray(lift / reach**1.3 - self.rocker * middle)


def make_skateboard(seed: int) -> LabelledMesh:
    dice = Dice("skateboard", seed)
    board = Assembly(dice, PARTS)
    plan = Board.draw(dice)
    _add_deck(dice, plan, board)
    _add_trucks(dice, plan, board)
    return board.mesh(warp(dice, (0.2, 0.2, 0.15)))


def _width(dice: Dice, plan: Board, z: Array) -> Array:
    """Half width of the deck, with round, pointed, straight or shaped ends. [R]."""
    half = plan.width / 2
    blunt = {"popsicle": (0.95, 1.25), "toy": (0.6, 1.3)}.get(plan.kind, (0.5, 1.3))
    ends = [half * dice.between(*blunt) for _ in range(2)]  # depth of the round ends
    power = dice.between(1.9, 2.6) if plan.kind == "popsicle" else dice.between(1.8, 4.5)
    wide = np.ones_like(z)
    if plan.kind == "pintail":
        ends = [dice.between(0.15, 0.35), dice.between(0.35, 0.6)]
        power = dice.between(1.5, 2.0)
    elif plan.kind == "old school":
        back = dice.between(0.7, 1.0)
        wide = interpolate(
            z, [(-0.5, back), (-0.1, 1.0), (0.2, 0.95), (0.5, dice.between(0.5, 0.8))]
        )
        ends[0] = dice.between(0.1, 0.3) * half
    elif plan.kind == "drop":
        neck = dice.between(0.45, 0.75)
        dip = np.exp(-(((np.abs(z) - plan.wheelbase) / 0.05) ** 2))
        nose = np.where(np.abs(z) > plan.wheelbase, dice.between(0.6, 1.0), 1.0)
        wide = nose * (1 - (1 - neck) * dip)
    elif plan.kind in ("cruiser", "downhill"):
        wide = interpolate(
            z, [(-0.5, dice.between(0.8, 1.0)), (0.0, 1.0), (0.5, dice.between(0.65, 1))]
        )
    behind = np.clip((-0.5 + ends[0] - z) / ends[0], 0, 1)
    ahead = np.clip((z - 0.5 + ends[1]) / ends[1], 0, 1)
    round_ = (1 - behind**power) ** (1 / power) * (1 - ahead**power) ** (1 / power)
    return np.asarray(half * np.maximum(wide * round_, 0.03))


def _add_deck(dice: Dice, plan: Board, board: Assembly) -> None:
    z = -0.5 * np.cos(np.linspace(0.02, pi - 0.02, 60))
    wide = _width(dice, plan, z)
    section = rounded_rectangle(2.0, plan.thick, 0.45 * plan.thick, 40)
    lift = plan.concave * np.clip(section[:, 0], -1, 1) ** 2
    calm = np.clip((wide / wide.max()) ** 2, 0, 1)
    rings = np.empty((len(z), len(section), 3))
    # The edge keeps its rounding where the deck narrows.
    rings[..., 0] = section[:, 0] * wide[:, None]
    rings[..., 1] = plan.height(z)[:, None] + section[:, 1] + lift * calm[:, None]
    rings[..., 2] = z[:, None]
    board.add("deck", skin(rings))
    if dice.chance(0.15):  # rails screwed under an old board
        x, far = 0.6 * plan.width / 2, plan.wheelbase - 0.1
        along = np.linspace(-far, far, 9)
        bow = plan.concave * 0.36
        path = np.stack([0 * along + x, plan.height(along) - 0.5 * plan.thick + bow, along], 1)
        board.add("deck", *mirrored(sweep(path, superellipse(0.03, 0.03), ends=0.01)))
    if dice.chance(0.12):  # a skid plate or a nose guard
        at = -0.45
        y = float(plan.height(np.array([at]))[0])
        skid = superellipsoid((plan.width * 0.5, plan.thick * 1.4, 0.06), 5.0, 4.0)
        board.add("deck", moved(skid, y=y - 0.5 * plan.thick, z=at))


def _add_trucks(dice: Dice, plan: Board, board: Assembly) -> None:
    wheel = dice.log_between(0.028, 0.05)
    if plan.kind in ("pintail", "drop", "downhill", "cruiser"):
        wheel = dice.log_between(0.035, 0.06)
    thick = wheel * dice.between(0.9, 2.0)
    gauge = plan.width / 2 * dice.between(0.7, 1.05)
    # Height of the truck: the wheels stay clear of the wood.
    tall = wheel * dice.between(1.05, 1.5) + plan.thick / 2
    if plan.kind == "drop":  # the trucks go through the wood
        gauge = plan.width / 2 * dice.between(0.85, 1.15)
        tall = wheel * dice.between(0.6, 1.0)
    soft = dice.between(0.15, 0.5) * thick
    hanger = dice.weighted({"cast": 4.0, "bar": 1.5, "wing": 1.5})
    core = dice.chance(0.5)
    riser = dice.between(0.2, 0.8) * plan.thick if dice.chance(0.4) else 0.0
    steer = dice.between(-0.15, 0.15) if dice.chance(0.2) else 0.0
    for side in (1.0, -1.0):
        z = side * plan.wheelbase
        y = float(plan.height(np.array([z]))[0])
        pieces = _truck(hanger, gauge, tall + riser, wheel, plan, side)
        tyre = cylinder(wheel, thick, soft, 28)
        wheels = mirrored(moved(tyre, gauge + 0.1 * thick, -tall - riser, 0.0))
        if core:
            bearing = disc(
                [(0.45 * wheel, 0.0), (0.4 * wheel, 0.58 * thick), (0.01, 0.58 * thick)], 16
            )
            wheels += mirrored(moved(bearing, gauge + 0.1 * thick, -tall - riser, 0.0))
        for part, surfaces in (("truck", pieces), ("wheel", wheels)):
            board.add(part, *(moved(turned(s, "y", side * steer), 0, y, z) for s in surfaces))


def _truck(
    kind: str, gauge: float, tall: float, wheel: float, plan: Board, side: float
) -> list[Surface]:
    """Base plate, king pin, hanger and axle under the origin; the axle is at -tall."""
    under = -0.5 * plan.thick
    plate = 0.3 * wheel
    base = slab(
        rounded_rectangle(0.9 * wheel + 0.028, 2.2 * wheel + 0.03, 0.01), plate, 0.3 * plate
    )
    gap = tall + under - plate
    pin = limb(
        (0, under, -side * 0.5 * wheel), (0, -tall, side * 0.1 * wheel), 0.42 * wheel, 0.34 * wheel
    )
    pivot = limb((0, under, side * 0.9 * wheel), (0, -tall, 0), 0.3 * wheel, 0.3 * wheel, 10)
    axle = limb((-gauge, -tall, 0), (gauge, -tall, 0), 0.17 * wheel, 0.17 * wheel, 10)
    t = np.linspace(-1, 1, 13)
    reach = 0.82 * gauge
    path = np.stack([t * reach, 0 * t - tall, 0 * t], 1)
    if kind == "cast":  # deep in the middle, thin at the wheels
        deep = 0.3 * wheel + 0.5 * wheel * np.clip(1 - np.abs(t) ** 1.2, 0, 1)
        path[:, 1] += 0.25 * wheel * np.clip(1 - np.abs(t), 0, 1)
    elif kind == "wing":
        deep = 0.28 * wheel + 0.35 * wheel * np.exp(-((t / 0.35) ** 2))
    else:
        deep = np.full(13, 0.38 * wheel)
    arm = sweep(path, superellipse(2.0, 2.0, 2.5, 14), np.stack([deep, 0.9 * deep], 1), (0, 0, 1.0))
    bushing = limb((0, under - plate, 0), (0, -tall - 0.1 * gap, 0), 0.5 * wheel, 0.4 * wheel, 14)
    return [moved(base, y=under - 0.4 * plate), pin, pivot, axle, arm, bushing]
