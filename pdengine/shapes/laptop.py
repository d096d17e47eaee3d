"""Laptops: thin and thick, wedges, clamshells, tablets with a keyboard, at any opening angle."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, reshaped, turned
from pdengine.shapes.curves import (
    Array,
    circle,
    interpolate,
    rounded_rectangle,
    straight,
    superellipse,
)
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, Y, skin, slab, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("keyboard", "screen")

KINDS = {
    "modern": 5.0,
    "wedge": 2.5,
    "business": 3.0,
    "old": 2.5,
    "clamshell": 1.5,
    "gaming": 1.5,
    "tablet": 1.5,
    "netbook": 1.5,
}
# Thickness of the base and of the screen, and depth of the base, over the width of the base.
SIZES: dict[str, tuple[tuple[float, float], ...]] = {
    "modern": ((0.025, 0.06), (0.013, 0.03), (0.62, 0.75)),
    "wedge": ((0.025, 0.06), (0.012, 0.022), (0.62, 0.72)),
    "business": ((0.05, 0.09), (0.02, 0.045), (0.65, 0.8)),
    "old": ((0.08, 0.18), (0.035, 0.08), (0.7, 0.95)),
    "clamshell": ((0.06, 0.13), (0.03, 0.07), (0.72, 0.9)),
    "gaming": ((0.05, 0.1), (0.02, 0.04), (0.65, 0.8)),
    "tablet": ((0.014, 0.03), (0.018, 0.035), (0.6, 0.75)),
    "netbook": ((0.06, 0.12), (0.025, 0.06), (0.62, 0.78)),
}


@dataclass(frozen=True)
class Plan:
    """The base is 1 wide and stands at y = 0, its middle at x = z = 0; the hinge is behind."""

    kind: str
    base: float  # thickness
    lid: float
    depth: float
    outline: Array  # [P, 2], of the base, of extent 1 x 1
    edge: float  # rounding of the edges as a share of a thickness
    hinge: float  # z


def make_laptop(seed: int) -> LabelledMesh:
    dice = Dice("laptop", seed)
    laptop = Assembly(dice, PARTS)
    opening = _opening(dice)
    plan = _plan(dice, opening)
    _add_base(dice, laptop, plan, bare=opening < 0.3)
    _add_screen(dice, laptop, plan, opening)
    return laptop.mesh(warp(dice, (0.15, 0.1, 0.15)))


def _plan(dice: Dice, opening: float) -> Plan:
    kind = dice.weighted(KINDS)
    base, lid, depth = (dice.log_between(*limits) for limits in SIZES[kind])
    outline = rounded_rectangle(1.0, 1.0, dice.log_between(0.005, 0.09), 48)
    if kind == "clamshell" or dice.chance(0.08):
        outline = superellipse(1.0, 1.0, dice.between(3.5, 9.0), 56)
    if dice.chance(0.2):  # a front that bulges, or narrows
        x, z = outline.T
        bow, narrow = dice.between(-0.02, 0.06), dice.between(-0.06, 0.08)
        outline = np.stack([x * (1 - narrow * (z + 0.5)), z + bow * (1 - 4 * x**2) * (z > 0)], 1)
    back = dice.between(0.02, 0.16) if kind == "gaming" or dice.chance(0.1) else 0.0
    if opening > 2.9:  # nothing behind the hinge is in the way of the screen
        back = 0.0
    return Plan(
        kind=kind,
        base=base,
        lid=lid,
        depth=depth,
        outline=outline,
        edge=dice.between(0.08, 0.5),
        hinge=(back - 0.5) * depth,
    )


def _opening(dice: Dice) -> float:
    """0 is closed, pi lies flat, more is folded back."""
    usual = {(85, 130): 7.0, (30, 85): 1.8, (130, 175): 1.8, (176, 182): 0.8, (0, 28): 0.9}
    low, high = dice.weighted({**usual, (0, 1): 0.4, (250, 330): 0.25})
    return dice.between(low, high) * pi / 180


def _panel(outline: Array, thick: float, edge: float, rim: float, sunk: float) -> Surface:
    """A plate with y from 0 to thick, rounded edges and a field on its top inside a rim.

    Args:
        outline: [P, 2] (x, z), its middle at the origin.
        rim: width of the rim around the field.
        sunk: how far the field lies below the rim.
    """
    radius = max(edge * thick, 1e-3)
    turn = np.linspace(0, pi / 2, 4)
    inset, rise = radius * (1 - np.sin(turn)), radius * (1 - np.cos(turn))
    half = np.ptp(outline, axis=0) / 2
    rings, heights = [], []
    for share in (0.2, 0.5, 0.8):
        rings.append(outline * share)
        heights.append(0.0)
    for i, y in zip(inset, rise, strict=True):
        rings.append(outline * (1 - i / half))
        heights.append(y)
    for i, y in zip(inset[::-1], thick - rise[::-1], strict=True):
        rings.append(outline * (1 - i / half))
        heights.append(y)
    inner = outline * (1 - (rim + radius) / half)
    for share, y in ((1.0, thick), (0.995, thick - sunk), (0.8, thick - sunk)):
        rings.append(inner * share)
        heights.append(y)
    for share in (0.5, 0.2):
        rings.append(inner * share)
        heights.append(thick - sunk)
    flat = np.stack(rings)
    high = np.broadcast_to(np.array(heights)[:, None], flat.shape[:2])
    return skin(np.stack([flat[..., 0], high, flat[..., 1]], -1))


def _add_base(dice: Dice, laptop: Assembly, plan: Plan, bare: bool) -> None:
    outline = plan.outline * (1.0, plan.depth)
    sunk = dice.between(0.0, 0.006) if dice.chance(0.3) else 0.0
    body = _panel(outline, plan.base, plan.edge, dice.between(0.02, 0.06), sunk)
    wedge = dice.between(0.25, 0.75) if plan.kind == "wedge" else 0.0
    if plan.kind in ("old", "business", "netbook") and dice.chance(0.3):
        wedge = dice.between(0.0, 0.35)

    def rise(z: Array) -> Array:
        """A wedge keeps its top level and its bottom comes up towards the front."""
        return wedge * plan.base * np.clip(z / plan.depth + 0.5, 0, 1)

    def thinned(vertices: Array) -> Array:
        x, y, z = vertices.T
        return np.stack([x, y + rise(z) * (1 - y / plan.base), z], 1)

    laptop.add("keyboard", reshaped(body, thinned))
    if plan.kind in ("old", "netbook") and dice.chance(0.4):  # a battery below
        pack = slab(rounded_rectangle(dice.between(0.4, 0.9), 0.2, 0.01), 0.06, 0.015)
        laptop.add("keyboard", moved(pack, y=-0.01, z=-0.5 * plan.depth + 0.13))
    elif dice.chance(0.5):
        foot = slab(circle(dice.between(0.015, 0.03), 12), 0.016, 0.004)
        for z in (-0.42, 0.42):
            y = float(rise(np.array([z * plan.depth]))[0]) - 0.004
            laptop.add("keyboard", *mirrored(moved(foot, x=0.42, y=y, z=z * plan.depth)))
    if bare:
        return
    top = plan.base - sunk
    if dice.chance(0.85):
        _add_keys(dice, laptop, plan, top)
    if dice.chance(0.8):
        long = dice.between(0.1, 0.26)
        pad = slab(
            rounded_rectangle(dice.between(0.16, 0.42), long * plan.depth, 0.01, 24),
            0.008,
            0.002,
        )
        at = dice.pick([0.0, 0.0, -0.08])
        laptop.add("keyboard", moved(pad, x=at, y=top + 0.001, z=(0.46 - long / 2) * plan.depth))
        if plan.kind in ("old", "business") and dice.chance(0.5):
            button = slab(rounded_rectangle(0.09, 0.03, 0.006, 16), 0.012, 0.003)
            z = (0.46 - long) * plan.depth - 0.02
            laptop.add("keyboard", *mirrored(moved(button, x=0.05, y=top + 0.002, z=z)))


def _add_keys(dice: Dice, laptop: Assembly, plan: Plan, top: float) -> None:
    """Rows of keys, perhaps on a tray of their own, perhaps with speakers beside them."""
    rows, pad = dice.whole(4, 7), dice.chance(0.25)
    columns = dice.whole(11, 16) + (4 if pad else 0)
    wide = dice.between(0.74, 0.95)
    long = dice.between(0.36, 0.52) * plan.depth
    behind = plan.hinge + dice.between(0.05, 0.14) * plan.depth
    pitch = wide / columns, long / rows
    gap = dice.between(0.12, 0.4)
    high = dice.between(0.005, 0.014) * (1.4 if plan.kind == "old" else 1.0)
    boxes = []
    for row in range(rows):
        z = behind + (row + 0.5) * pitch[1]
        cells = [(c + 0.5, 1.0) for c in range(columns)]
        if row == rows - 1:  # the space bar
            first = columns // 4
            count = max(3, int(columns * 0.4))
            rest = [cell for k, cell in enumerate(cells) if not first <= k < first + count]
            cells = [*rest, (first + count / 2, float(count))]
        elif row and not pad:  # rows are shifted; the keys at their ends are broader
            shift = 0.25 * row
            cells = [(c + 0.5 + shift, 1.0) for c in range(1, columns - 2)]
            left, right = 1 + shift, columns - (columns - 2 + shift)
            cells += [(left / 2, left), (columns - right / 2, right)]
        boxes += [
            ((c - columns / 2) * pitch[0], z, (w - gap) * pitch[0], (1 - gap) * pitch[1])
            for c, w in cells
        ]
    laptop.add(
        "keyboard", _blocks(np.array(boxes), top - 0.002, top + high, dice.between(0.6, 0.97))
    )
    if dice.chance(0.3):
        tray = slab(rounded_rectangle(wide + 0.03, long + 0.03, 0.01), 0.006, 0.002)
        laptop.add("keyboard", moved(tray, y=top, z=behind + long / 2))
    if wide < 0.85 and dice.chance(0.4):
        grille = slab(rounded_rectangle(0.04, 0.8 * long, 0.012, 16), 0.008, 0.002)
        place = moved(grille, x=(wide + 1) / 4, y=top + 0.001, z=behind + long / 2)
        laptop.add("keyboard", *mirrored(place))
    if dice.chance(0.25):  # a bar with a power button
        bar = superellipsoid((dice.between(0.1, 0.8), 0.02, 0.03), 6.0, 3.0)
        laptop.add("keyboard", moved(bar, y=top, z=0.5 * (plan.hinge + behind)))


def _blocks(boxes: Array, low: float, high: float, narrow: float) -> Surface:
    """Blunt pyramids on a plane, all in one surface.

    Args:
        boxes: [K, 4] middle x, middle z, width, depth.
        narrow: size of the top over the size of the foot.
    """
    corner = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) / 2
    unit = np.stack([np.insert(corner * s, 1, y, 1) for s, y in ((1, 0), (1, 0.5), (narrow, 1.0))])
    one = skin(unit)
    size = np.stack([boxes[:, 2], np.full(len(boxes), high - low), boxes[:, 3]], 1)
    at = np.stack([boxes[:, 0], np.full(len(boxes), low), boxes[:, 1]], 1)
    vertices = one.vertices * size[:, None] + at[:, None]  # [K, V, 3]
    offsets = np.arange(len(boxes))[:, None, None] * len(one.vertices)
    return Surface(vertices.reshape(-1, 3), (one.faces + offsets).reshape(-1, 3))


def _add_screen(dice: Dice, laptop: Assembly, plan: Plan, opening: float) -> None:
    """The screen is built lying open behind the hinge, its picture upwards, and then raised."""
    long = min(plan.depth * dice.between(0.92, 1.02), plan.depth / 2 - plan.hinge + 0.01)
    wide = dice.between(0.96, 1.0) if dice.chance(0.8) else dice.between(0.88, 1.0)
    outline = plan.outline * (wide, -long)
    rim = dice.log_between(0.012, 0.05)
    if plan.kind in ("old", "netbook", "clamshell"):
        rim = dice.log_between(0.035, 0.12)
    sunk = min(dice.between(0.001, 0.01), 0.4 * plan.lid) if dice.chance(0.85) else 0.0
    panel = _panel(outline, plan.lid, plan.edge, rim, sunk)
    gap = dice.between(0.0, 0.03)
    pieces = [moved(panel, y=-plan.lid, z=-long / 2 - gap)]
    if plan.kind in ("clamshell", "old") and dice.chance(0.5):  # a lid that bulges
        crown = slab(outline * 0.9, plan.lid, 0.3 * plan.lid)
        bulge = dice.between(0.2, 0.7) * plan.lid
        pieces.append(moved(crown, y=-0.5 * plan.lid - bulge, z=-long / 2 - gap))
    if dice.chance(0.3):  # a badge on the lid
        badge = slab(circle(dice.between(0.03, 0.07), 24), 0.01, 0.003)
        pieces.append(moved(badge, y=-plan.lid, z=-long / 2 - gap))
    if plan.kind == "tablet" and dice.chance(0.4) and 1.3 < opening < 2.4:
        pieces.append(_kickstand(dice, long, plan.lid))
    raised = [turned(piece, "x", pi - opening) for piece in pieces]
    top = plan.base + 0.003
    laptop.add("screen", *(moved(piece, y=top, z=plan.hinge) for piece in raised))
    _add_hinges(dice, laptop, plan, gap, opening)


def _kickstand(dice: Dice, long: float, lid: float) -> Surface:
    """A flap that swings out of the back of a tablet."""
    reach = dice.between(0.45, 0.6) * long
    flap = moved(slab(rounded_rectangle(0.9, reach, 0.02), 0.015, 0.004), z=reach / 2)
    return moved(
        turned(flap, "x", dice.between(0.4, 0.8)), y=-lid, z=-dice.between(0.5, 0.6) * long
    )


def _add_hinges(dice: Dice, laptop: Assembly, plan: Plan, gap: float, opening: float) -> None:
    """Two short barrels or one long one; they bridge the gap in any case."""
    radius = max(0.5 * plan.lid, 0.6 * gap, 0.008) * dice.between(0.9, 1.3)
    ends = [(0.25, 0.42)] if dice.chance(0.6) else [(0.0, dice.between(0.25, 0.45))]
    part = "screen" if dice.chance(0.5) else "keyboard"
    for near, far in ends:
        barrel = sweep(straight((near, 0, 0), (far, 0, 0), 8), circle(radius, 16), 1.0, Y)
        placed = moved(barrel, y=plan.base + 0.2 * radius, z=plan.hinge - 0.3 * gap)
        laptop.add(part, *mirrored(placed))
    lengths = interpolate(np.array([opening]), [(0, 0.3), (pi, 1.0)])
    tongue = slab(rounded_rectangle(0.12, 2 * radius + gap + 0.01, 0.004, 16), 0.6 * radius, 0.002)
    turned_tongue = turned(moved(tongue, z=-0.5 * gap), "x", (pi - opening) * float(lengths[0]))
    place = moved(turned_tongue, x=0.33, y=plan.base, z=plan.hinge)
    laptop.add("screen", *mirrored(place))
