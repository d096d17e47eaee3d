"""Storage furniture: dressers, wardrobes, sideboards, shelves, kitchen units, lockers, files."""

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.cabinet_fronts import Front
from pdengine.shapes.cabinet_grid import Cell
from pdengine.shapes.cabinet_plan import Plan, draw_plan
from pdengine.shapes.cabinet_stands import add_stand
from pdengine.shapes.dice import Dice
from pdengine.shapes.household import block
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp

PARTS = ("body", "door", "drawer", "handle", "leg")


def make_cabinet(seed: int) -> LabelledMesh:
    dice = Dice("cabinet", seed)
    cabinet = Assembly(dice, PARTS)
    plan = draw_plan(dice)
    front = Front.draw(dice, plan)
    _add_fronts(dice, cabinet, plan, front)
    cabinet.add("body", *_carcass(plan), *_top(dice, plan), *_inside(dice, plan))
    add_stand(dice, cabinet, plan)
    return cabinet.mesh(warp(dice, (0.15, 0.12, 0.15), 0.25))


def _carcass(plan: Plan) -> list[Surface]:
    """Sides, floor, lid, back, and a board between neighbouring cells; or one closed block."""
    w, h, d, t = plan.wide, plan.high, plan.deep, plan.board
    if plan.is_closed:
        return [block((w, h, d), (0, h / 2, 0), 0.006, 96)]
    x = (w - t) / 2
    pieces = mirrored(block((t, h, d), (x, h / 2, 0), 0.005, 32))
    pieces += [block((w - t, t, d - 0.01), (0, y, 0), 0.004, 32) for y in (t / 2, h - t / 2)]
    if plan.has_back:
        pieces.append(block((w - t, h - t, 0.6 * t), (0, h / 2, -d / 2 + 0.4 * t), 0.004, 32))
    edges_x = {round(c.x1, 4) for c in plan.cells} - {round(plan.wide / 2, 4)}
    for edge in sorted(edges_x):
        spans = [c for c in plan.cells if abs(c.x1 - edge) < 1e-3]
        low, high = min(c.y0 for c in spans), max(c.y1 for c in spans)
        if edge < w / 2 - t:
            size = (0.9 * t, high - low, d - 0.02)
            pieces.append(block(size, (edge, (low + high) / 2, -0.005), 0.004))
    for cell in plan.cells:
        if cell.y1 < h - t:
            size = (cell.x1 - cell.x0, 0.9 * t, d - 0.02)
            pieces.append(block(size, ((cell.x0 + cell.x1) / 2, cell.y1, -0.005), 0.004))
    return pieces


def _inside(dice: Dice, plan: Plan) -> list[Surface]:
    """Shelves where one can look in."""
    pieces = []
    for cell in plan.cells:
        if cell.kind == "drawer" or not (cell.ajar or cell.kind in ("open", "glass")):
            continue
        room = cell.y1 - cell.y0
        most = int(room / 0.2)
        least = min(2 if plan.kind == "shelf" else 0, most)
        count = dice.whole(least, min(most, 5)) if cell.kind == "open" else min(most, 3)
        for k in range(count):
            y = cell.y0 + room * (k + 1) / (count + 1)
            size = (cell.x1 - cell.x0, 0.8 * plan.board, 0.94 * plan.deep)
            at = ((cell.x0 + cell.x1) / 2, y, -0.02 * plan.deep)
            pieces.append(block(size, at, 0.004))
    return pieces


def _top(dice: Dice, plan: Plan) -> list[Surface]:
    """A worktop, a cornice, a gallery, or nothing."""
    w, h, d, t = plan.wide, plan.high, plan.deep, plan.board
    form = dice.weighted(plan.tops)
    if form == "none":
        return []
    over = dice.between(0.01, 0.05)
    if form == "board":
        thick = t * dice.between(0.8, 2.2)
        size = (w + 2 * over, thick, d + over + plan.front)
        return [block(size, (0, h + thick / 2 - 0.002, (over + plan.front) / 2), 0.25 * thick, 32)]
    if form == "cornice":
        steps = []
        for k in range(3):
            grow = over * (k + 1)
            size = (w + 2 * grow, 0.8 * t, d + plan.front + grow)
            steps.append(block(size, (0, h + 0.75 * t * k, (plan.front + grow) / 2), 0.006))
        return steps
    rim, tall = 0.7 * t, dice.between(0.06, 0.2)  # a gallery along the back and the sides
    back = block((w, tall, rim), (0, h + tall / 2 - 0.01, -d / 2 + rim / 2), 0.005)
    side = block((rim, 0.7 * tall, 0.9 * d), (w / 2 - rim / 2, h + 0.35 * tall - 0.01, 0), 0.005)
    return [back, *mirrored(side)] if dice.chance(0.5) else [back]


def _add_fronts(dice: Dice, cabinet: Assembly, plan: Plan, front: Front) -> None:
    for cell in plan.cells:
        if cell.kind == "open":
            continue
        if cell.kind == "drawer":
            _add_drawer(dice, cabinet, plan, front, cell)
        elif cell.kind == "doors":
            middle = (cell.x0 + cell.x1) / 2
            for x0, x1, hinge in ((cell.x0, middle, -1), (middle, cell.x1, 1)):
                half = Cell(x0, x1, cell.y0, cell.y1, "door", cell.ajar)
                _add_door(dice, cabinet, plan, front, half, hinge)
        else:
            hinge = plan.hinge if plan.hinge else dice.pick([-1, 1])
            _add_door(dice, cabinet, plan, front, cell, hinge)


def _add_door(
    dice: Dice, cabinet: Assembly, plan: Plan, front: Front, cell: Cell, hinge: int
) -> None:
    """Hinged at its left edge (-1) or right edge (1)."""
    wide, high = front.size(cell)
    glass = cell.kind == "glass" or plan.glass
    leaf = front.leaf(wide, high, glass)
    x = (-hinge) * (wide / 2 - min(front.margin, 0.2 * wide))
    share = {"low": 0.85, "middle": 0.5, "high": 0.2}[plan.grip_level(cell)]
    edge = min(0.12 * high, 2.5 * front.margin)
    y = (share - 0.5) * (high - 2 * edge)
    grip = [moved(p, x=x, y=y) for p in front.grip(0.6 * high, upright=True)]
    angle = dice.between(0.25, 1.9) if cell.ajar else 0.0
    axis = hinge * wide / 2
    centre = ((cell.x0 + cell.x1) / 2, (cell.y0 + cell.y1) / 2, front.level(plan))

    def hung(pieces: list[Surface]) -> list[Surface]:
        opened = [turned(moved(p, x=-axis), "y", hinge * angle) for p in pieces]
        return [moved(p, x=centre[0] + axis, y=centre[1], z=centre[2]) for p in opened]

    cabinet.add("door", *hung(leaf))
    if front.pull:
        cabinet.add("handle", *hung(grip))


def _add_drawer(dice: Dice, cabinet: Assembly, plan: Plan, front: Front, cell: Cell) -> None:
    wide, high = front.size(cell)
    out = dice.between(0.15, 0.75) * plan.deep if cell.ajar else 0.0
    x, y = (cell.x0 + cell.x1) / 2, (cell.y0 + cell.y1) / 2
    z = front.level(plan) + out
    leaf = front.leaf(wide, high, glass=False)
    if out:  # one sees that it is a box
        t = 0.6 * plan.board
        long, tall = 0.92 * plan.deep, 0.7 * high
        inner = 0.94 * wide
        middle = -long / 2
        leaf += mirrored(block((t, tall, long), (inner / 2 - t / 2, -0.05 * high, middle), 0.003))
        leaf.append(block((inner, t, long), (0, -0.4 * high + t / 2, middle), 0.003))
        leaf.append(block((inner, tall, t), (0, -0.05 * high, -long + t), 0.003))
    cabinet.add("drawer", *(moved(p, x=x, y=y, z=z) for p in leaf))
    if not front.pull:
        return
    grip = front.grip(0.8 * wide, upright=False)
    lift = plan.drawer_lift * 0.3 * high
    places = [0.0]
    if front.pull.kind in ("knob", "ring", "cup") and wide > plan.two_knobs * high:
        places = [-0.28 * wide, 0.28 * wide]
    for place in places:
        cabinet.add("handle", *(moved(p, x=x + place, y=y + lift, z=z + front.field) for p in grip))
