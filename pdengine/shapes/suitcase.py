"""Suitcases: hard and soft trolleys, vintage cases, cabin bags, children's and flight cases."""

from collections.abc import Callable
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, reshaped, turned
from pdengine.shapes.bodies import ball
from pdengine.shapes.curves import Array, rounded_rectangle
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.luggage import (
    box,
    bulged,
    grip,
    heights,
    leaned,
    rounding,
    stack,
    telescope,
    wheel,
)
from pdengine.shapes.primitives import Surface, Y, limb, slab, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("body", "handle", "wheel")

KINDS = {"hard": 6.0, "soft": 4.0, "vintage": 3.0, "pilot": 1.2, "children": 1.2, "trunk": 0.8}
# Width, height and depth.
SIZES = {
    "hard": ((0.55, 0.8), (0.75, 1.25), (0.25, 0.45)),
    "soft": ((0.55, 0.85), (0.75, 1.3), (0.25, 0.5)),
    "vintage": ((0.8, 1.3), (0.5, 0.9), (0.2, 0.4)),
    "pilot": ((0.7, 1.0), (0.6, 0.9), (0.35, 0.5)),
    "children": ((0.6, 1.0), (0.55, 0.9), (0.25, 0.5)),
    "trunk": ((0.9, 1.3), (0.5, 0.8), (0.45, 0.7)),
}
WHEELED = {"hard": 0.95, "soft": 0.92, "vintage": 0.12, "pilot": 0.6, "children": 0.7, "trunk": 0.3}


class Case:
    """Sizes and places; the body stands on y = 0, its broad side looks to the front."""

    def __init__(self, dice: Dice) -> None:
        self.kind = dice.weighted(KINDS)
        self.width, self.height, self.depth = (dice.log_between(*r) for r in SIZES[self.kind])
        self.wheeled = dice.chance(WHEELED[self.kind])
        self.edge = dice.between(0.03, 0.14) if self.kind != "trunk" else 0.02
        self.edge = min(self.edge, 0.45 * self.depth)
        self.power = dice.between(4.5, 10.0)
        if self.kind == "children":
            self.edge = dice.between(0.5, 0.99) * 0.5 * self.depth
            self.power = dice.between(2.4, 5.0)


def make_suitcase(seed: int) -> LabelledMesh:
    dice = Dice("suitcase", seed)
    suitcase = Assembly(dice, PARTS)
    case = Case(dice)
    if case.kind == "vintage" and not case.wheeled and dice.chance(0.18):
        _add_open_case(dice, suitcase, case)
        return suitcase.mesh(warp(dice, (0.12, 0.12, 0.12)))
    _add_body(dice, suitcase, case)
    _add_handles(dice, suitcase, case)
    if case.wheeled:
        _add_wheels(dice, suitcase, case)
    pose = dice.weighted({"standing": 8.0, "lying": 1.0, "leaning": 1.5})
    change = warp(dice, (0.15, 0.15, 0.15))
    lean = {"standing": 0.0, "lying": dice.pick([-0.5, 0.5]) * pi}.get(
        pose, -dice.between(0.2, 0.9)
    )

    def finish(vertices: Array) -> Array:
        tipped = turned(Surface(vertices, np.empty((0, 3), np.int64)), "x", lean)
        return change(tipped.vertices)

    return suitcase.mesh(finish)


def _add_body(dice: Dice, suitcase: Assembly, case: Case) -> None:
    w, h, d = case.width, case.height, case.depth
    t = heights(34)
    round_ = rounding(t, case.edge / h, case.edge / h)
    cut = 1 - round_
    wide = w - 2 * case.edge * cut
    deep = d - 2 * case.edge * cut
    body = stack(t * h, wide, deep, case.power, 52)
    if case.kind in ("hard", "children") and dice.chance(0.7):
        body = reshaped(body, _ribs(dice, case))
    elif case.kind in ("soft", "pilot"):
        body = reshaped(body, bulged(d, w, h, dice.between(-0.02, 0.12)))
    suitcase.add("body", body)
    if case.kind in ("hard", "vintage", "trunk") and dice.chance(0.7):
        suitcase.add("body", _seam(dice, case))
    if case.kind == "soft":
        _add_pockets(dice, suitcase, case)
    if case.kind in ("vintage", "trunk"):
        _add_fittings(dice, suitcase, case)


def _ribs(dice: Dice, case: Case) -> Callable[[Array], Array]:
    """Grooves in the shells, upright, level or slanted."""
    count, depth = dice.whole(3, 7), dice.between(0.008, 0.025)
    slant = dice.pick([0.0, 0.0, 0.0, 0.5, pi / 2, pi / 2, -0.6])
    sharp = dice.pick([1.0, 3.0, 8.0])
    inner = dice.between(0.6, 0.95)

    def change(v: Array) -> Array:
        x, y, z = v.T
        along = x / case.width * np.cos(slant) + (y / case.height - 0.5) * np.sin(slant)
        wave = np.tanh(sharp * np.cos(2 * pi * count * along)) / np.tanh(sharp)
        u, w = np.abs(2 * x / case.width), np.abs(2 * y / case.height - 1)
        flat = np.clip((inner - np.maximum(u, w)) / 0.1, 0, 1)
        front = np.clip(np.abs(2 * z / case.depth) * 4 - 3, 0, 1)
        return np.stack([x, y, z - np.sign(z) * depth * wave * flat * front], 1)

    return change


def _seam(dice: Dice, case: Case) -> Surface:
    """Where the two shells meet: a rail all around in the plane z = 0 or nearer to the front."""
    out = dice.between(0.006, 0.02)
    rail = rounded_rectangle(case.width + 2 * out, case.height + 2 * out, case.edge + out, 24)
    plate = slab(rail, dice.between(0.02, 0.05), 0.008)
    return moved(
        turned(plate, "x", pi / 2), y=case.height / 2, z=dice.between(-0.1, 0.2) * case.depth
    )


def _add_pockets(dice: Dice, suitcase: Assembly, case: Case) -> None:
    """Bags sewn to the front, and piping along the edges."""
    kind = dice.weighted({"one": 2.0, "two": 3.0, "none": 1.0})
    wide = case.width * dice.between(0.75, 0.92)
    thick = dice.between(0.05, 0.14)
    front = case.depth / 2
    if kind == "one":
        tall = case.height * dice.between(0.4, 0.85)
        pocket = box(wide, tall, 2 * thick, min(thick * 0.7, 0.05), 6.0, 32)
        suitcase.add("body", moved(pocket, y=0.06 * case.height, z=front - 0.15 * thick))
    elif kind == "two":
        split = dice.between(0.35, 0.65)
        for low, high, deep in ((0.05, split - 0.02, thick), (split + 0.02, 0.93, 0.7 * thick)):
            tall = (high - low) * case.height
            pocket = box(wide, tall, 2 * deep, min(0.7 * deep, 0.04), 6.0, 32)
            suitcase.add("body", moved(pocket, y=low * case.height, z=front - 0.15 * deep))
    if dice.chance(0.6):
        bar = dice.between(0.008, 0.016)
        # The body is this much narrower where its front starts to turn away.
        share = (1 - (1 - 0.9 * case.edge / case.depth) ** case.power) ** (1 / case.power)
        tall = case.height - 0.33 * case.edge
        ring = rounded_rectangle(case.width * share, tall, case.edge, 36)
        path = np.stack([ring[:, 0], ring[:, 1] + case.height / 2, 0 * ring[:, 0]], 1)
        for z in (-1, 1):
            piping = sweep(
                path, rounded_rectangle(2 * bar, 2 * bar, bar, 8), 1.0, (0, 0, 1), loop=True
            )
            suitcase.add("body", moved(piping, z=z * (front - 0.45 * case.edge)))


def _add_fittings(dice: Dice, suitcase: Assembly, case: Case) -> None:
    """Corner caps, straps with buckles, and locks of old cases."""
    w, h, d = case.width, case.height, case.depth
    if dice.chance(0.5):
        size = dice.between(0.1, 0.2)
        for y in (0.0, h):
            for z in (-d / 2, d / 2):
                corner = box(size, size, size, 0.4 * size, 3.0, 20)
                inside = 0.5 * size - 0.012
                y_in = y - 0.012 if y == 0 else y + 0.012 - size
                at = moved(corner, x=w / 2 - inside, y=y_in, z=z - np.sign(z) * inside)
                suitcase.add("body", *mirrored(at))
    if dice.chance(0.55):  # belts around the case
        belt = rounded_rectangle(d + 0.03, h + 0.03, case.edge, 24)
        band = slab(belt[:, ::-1], dice.between(0.04, 0.08), 0.008)
        upright_band = moved(turned(band, "z", pi / 2), x=w * dice.between(0.22, 0.36), y=h / 2)
        suitcase.add("body", *mirrored(upright_band))
    if dice.chance(0.6):
        lock = box(0.09, 0.08, 0.04, 0.012, count=24)
        place = moved(lock, x=0.28 * w, y=h - 0.1, z=d / 2 - 0.01)
        suitcase.add("body", *mirrored(place))


def _add_handles(dice: Dice, suitcase: Assembly, case: Case) -> None:
    w, h, d = case.width, case.height, case.depth
    back = -d / 2 * dice.between(0.55, 0.8)
    trolley = case.wheeled and dice.chance(0.88)
    if trolley:
        bar = dice.log_between(0.014, 0.028)
        out = dice.weighted({"in": 2.5, "half": 2.0, "out": 4.0})
        above = {"in": dice.between(0.02, 0.06), "half": dice.between(0.12, 0.35)}
        up = h + above.get(out, dice.between(0.35, 0.8))
        parts = telescope(dice, w * dice.between(0.28, 0.6), up, h - 0.12, bar)
        suitcase.add("handle", *(moved(p, z=back) for p in parts))
        if dice.chance(0.5):  # the housing of the rods
            house = superellipsoid((0.7 * w, 0.06, 0.12), 6.0, 3.0)
            suitcase.add("body", moved(house, y=h, z=back))
    if not trolley or dice.chance(0.75):
        wide, thick = dice.log_between(0.035, 0.08), dice.log_between(0.02, 0.045)
        half = min(w * dice.between(0.13, 0.24), 0.22)
        rise = dice.between(0.05, 0.16) if not trolley else dice.between(0.035, 0.08)
        top = [moved(p, y=h - 0.015, z=0.0) for p in grip(dice, half, rise, wide, thick)]
        flop = dice.between(-1.2, 1.2) if dice.chance(0.25) else 0.0
        suitcase.add("handle", *(leaned(p, flop, (0, h, 0)) for p in top))
        for x in (-half, half) if dice.chance(0.6) else ():
            foot = ball((0, 0, 0), (0.06, 0.05, 1.3 * wide), 14)
            suitcase.add("handle", moved(foot, x=x, y=h))
    if trolley and dice.chance(0.6):  # one at the side
        wide, thick = dice.log_between(0.035, 0.07), dice.log_between(0.02, 0.04)
        half = min(h * 0.16, 0.16)
        side = grip(dice, half, dice.between(0.035, 0.08), wide, thick)
        placed = (moved(turned(p, "z", -pi / 2), x=w / 2 - 0.012, y=0.52 * h) for p in side)
        suitcase.add("handle", *placed)


def _add_wheels(dice: Dice, suitcase: Assembly, case: Case) -> None:
    """Four that turn any way, or two at the rear edge with feet in front."""
    w, d = case.width, case.depth
    four = dice.chance(0.65 if case.kind != "pilot" else 0.2)
    radius = dice.log_between(0.028, 0.07)
    wide = radius * dice.between(0.5, 1.1)
    x, z = w / 2 - dice.between(0.06, 0.12), d / 2 - dice.between(0.05, 0.09)
    if four:
        twin = dice.chance(0.5)
        drop = dice.between(0.9, 1.4) * radius
        for front in (-1, 1):
            for side in (-1, 1):
                swivel = dice.between(0, 2 * pi) if dice.chance(0.5) else 0.0
                trail = dice.between(0.0, 0.5) * radius
                discs = [wheel(radius, wide)]
                if twin:
                    discs = [moved(wheel(radius, 0.6 * wide), x=s * 0.55 * wide) for s in (-1, 1)]
                fork = limb((0, 0, 0), (0, drop + 0.02, -trail), 0.45 * radius, 0.8 * radius, 8)
                for piece in [*discs, fork]:
                    spun = turned(moved(piece, z=trail), "y", swivel)
                    suitcase.add("wheel", moved(spun, x=side * x, y=-drop, z=front * z))
        return
    out = dice.between(-0.3, 0.4) * radius
    for side in (-1, 1):
        place = (side * (w / 2 - wide), 0.15 * radius, -d / 2 - out + 0.3 * radius)
        suitcase.add("wheel", moved(wheel(radius, wide), *place))
        if dice.chance(0.7):  # the guard around it belongs to the wheel
            guard = ball((0, 0, 0), (1.6 * wide, 1.5 * radius, 1.8 * radius), 14)
            suitcase.add("wheel", moved(guard, place[0], 0.75 * radius, place[2] + 0.4 * radius))
    foot = box(0.1, radius + 0.02, 0.06, 0.012, count=24)
    if dice.chance(0.5):
        bar = sweep(
            np.linspace((-x, 0, 0), (x, 0, 0), 12), rounded_rectangle(0.05, 0.07, 0.015, 16), 1.0, Y
        )
        suitcase.add("body", moved(bar, y=-0.02, z=z))
    suitcase.add("body", *mirrored(moved(foot, x=x, y=-0.85 * radius, z=z)))


def _add_open_case(dice: Dice, suitcase: Assembly, case: Case) -> None:
    """An old case that lies open: two trays, one of them raised about the hinge behind."""
    w, h, d = case.width, case.height, case.depth
    opening = dice.between(0.5, 1.9)
    low, high = 0.6 * d, 0.4 * d
    base = _tray(w, h, low, case.edge)
    lid = Surface(_tray(w, h, high, case.edge).vertices * (1, -1, 1), base.faces)
    hinged = moved(lid, y=high, z=h / 2)
    raised = moved(turned(hinged, "x", -opening), y=low, z=-h / 2)
    suitcase.add("body", base, raised)
    wide, thick = dice.log_between(0.04, 0.08), dice.log_between(0.02, 0.045)
    bow = grip(dice, 0.16, dice.between(0.06, 0.14), wide, thick)
    placed = (moved(turned(p, "x", pi / 2), y=0.6 * low, z=h / 2 - 0.015) for p in bow)
    suitcase.add("handle", *placed)
    for side in (-1, 1):  # the stay of the lid
        far = turned(Surface(np.array([[side * 0.46 * w, 0.0, 0.5 * h]]), lid.faces), "x", -opening)
        end = far.vertices[0] + [0, low, -h / 2]
        suitcase.add(
            "body", limb((side * 0.46 * w, low - 0.02, 0.1 * h), tuple(end), 0.012, 0.012, 8)
        )


def _tray(w: float, h: float, deep: float, edge: float) -> Surface:
    """An open box: outside up, over the rim, inside down."""
    wall = 0.03
    y = np.array(
        [
            0,
            0,
            0,
            0.3 * edge,
            edge,
            0.5 * deep,
            deep,
            deep,
            0.6 * deep,
            wall + 0.01,
            wall,
            wall,
            wall,
        ]
    )
    inset = np.array(
        [0.3, 0.1, 0.5 * edge, 0.15 * edge, 0, 0, 0, wall, wall, wall, wall + 0.01, 0.12, 0.3]
    )
    return stack(y, w - 2 * inset, h - 2 * inset, 9.0, 64)
