"""Chairs of a dozen kinds, from bar stools to armchairs; a stretcher is a leg, a footrest too."""

import numpy as np

from pdengine.shapes.assembly import Assembly, between_floors, mirrored, moved, reshaped
from pdengine.shapes.chair_arms import arms
from pdengine.shapes.chair_backs import back
from pdengine.shapes.chair_legs import legs
from pdengine.shapes.chair_plan import Plan
from pdengine.shapes.chair_sculpted import add_sculpted
from pdengine.shapes.chair_upholstered import add_armchair, add_tub
from pdengine.shapes.curves import Array, rounded_rectangle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, X, slab, superellipsoid, sweep
from pdengine.shapes.warp import warp

PARTS = ("back", "seat", "leg", "arm")
ARM_CHANCE = {
    "stool": 0.2,
    "rocking": 0.85,
    "throne": 0.95,
    "bench": 0.8,
    "folding": 0.25,
    "office": 0.75,
    "lounge": 0.7,
    "shell": 0.35,
}

UNLIKE_SCULPTURES = ("armchair", "bench", "folding", "office")


def make_chair(seed: int) -> LabelledMesh:
    dice = Dice("chair", seed)
    plan = Plan(dice)
    chair = Assembly(dice, PARTS)
    if plan.kind not in UNLIKE_SCULPTURES and dice.chance(0.25):
        add_sculpted(dice, plan, chair)
    elif plan.kind == "armchair" and dice.chance(0.25):
        add_tub(dice, plan, chair)
    elif plan.kind == "armchair":
        add_armchair(dice, plan, chair)
    elif plan.kind == "shell":
        _shell(dice, plan, chair)
    else:
        chair.add("seat", *_seat(dice, plan))
        chair.add("back", *back(dice, plan, plan.seat_thick * 0.6))
        base = legs(dice, plan)
        if plan.kind != "rocking":
            base = between_floors(base, 0.0, plan.seat_y - 0.65 * plan.seat_thick)
        chair.add("leg", *base)
        if dice.chance(ARM_CHANCE.get(plan.kind, 0.5)):
            chair.add("arm", *arms(dice, plan))
    return chair.mesh(warp(dice, (0.22, 0.25, 0.22)))


def _seat(dice: Dice, plan: Plan) -> list[Surface]:
    """A board, a cushion, slats or a frame; its top is at seat_y, give or take the upholstery."""
    thick = plan.seat_thick
    sag = min(dice.between(0.0, 0.05), 0.5 * thick) if dice.chance(0.4) else 0.0
    roll = dice.between(0.02, 0.12) if dice.chance(0.3) else 0.0

    def settle(vertices: Array) -> Array:
        """Hollow the middle and let the front edge fall away."""
        x, y, z = vertices.T
        u, v = 2 * x / plan.width, 2 * z / plan.depth
        hollow = sag * np.clip(1 - u**2, 0, 1) * np.clip(1 - v**2, 0, 1)
        return np.stack([x, y - hollow - roll * np.clip(v - 0.3, 0, 1) ** 2, z], 1)

    if (plan.kind == "bench" and dice.chance(0.7)) or dice.chance(0.06):
        return _slatted(dice, plan)
    edge = thick * dice.pick([0.12, 0.3, 0.5])
    crown = dice.between(0.0, 0.6) * thick if dice.chance(0.4) else 0.0
    board = moved(slab(plan.outline(), thick, edge, crown), y=plan.seat_y - thick / 2)
    pieces = [reshaped(board, settle)]
    if dice.chance(0.3):  # a cushion on the board
        soft = dice.log_between(0.025, 0.09)
        pad = slab(plan.outline(dice.between(0.86, 0.99)), soft, soft * 0.48, soft * 0.3)
        pieces.append(reshaped(moved(pad, y=plan.seat_y + soft * 0.3), settle))
    elif dice.chance(0.3) and plan.kind not in ("office", "cantilever"):  # an apron below
        tall = dice.between(0.03, 0.08)
        apron = slab(plan.outline(dice.between(0.86, 0.95)), tall, 0.004)
        pieces.append(moved(apron, y=plan.under - tall * 0.4))
    return pieces


def _slatted(dice: Dice, plan: Plan) -> list[Surface]:
    """Boards side by side on two or three bearers."""
    count = dice.whole(3, 8)
    pitch = plan.depth / count
    thick = min(plan.seat_thick, 0.035)
    plank = slab(
        rounded_rectangle(plan.width, pitch * dice.between(0.65, 0.95), 0.004), thick, thick * 0.3
    )
    tall = 0.5 * thick  # flat enough that any leg reaches the boards
    plan.seat_thick = thick + tall
    y = plan.seat_y - thick / 2
    pieces = [moved(plank, y=y, z=pitch * (k + 0.5) - plan.depth / 2) for k in range(count)]
    bearer = slab(rounded_rectangle(0.05, plan.depth * 0.96, 0.004), tall, 0.004)
    cross = slab(rounded_rectangle(plan.width * 0.9, 0.07, 0.004), tall, 0.004)
    level = plan.seat_y - thick * 0.7 - tall / 2
    x = plan.corner(1, -1, 0.04)[0]
    pieces += mirrored(moved(bearer, x=x, y=level))
    pieces.append(moved(cross, y=level))
    if plan.width > 1:
        pieces.append(moved(bearer, y=level))
    return pieces


def _shell(dice: Dice, plan: Plan, chair: Assembly) -> None:
    """Seat and back from one bent sheet, cut where it bends; sometimes with the arms moulded on."""
    thick = dice.log_between(0.012, 0.05)
    plan.seat_thick = max(thick, 0.03)
    front, rear = plan.depth / 2, -plan.depth / 2
    y, high = plan.seat_y - thick / 2, plan.seat_y + plan.back
    lip = dice.between(0.0, 0.04)
    lean = 0.05 + plan.recline
    path = smooth(
        [
            (0, y - lip, front),
            (0, y, front * 0.6),
            (0, y - 0.015, 0.0),
            (0, y + 0.015, rear * 0.62),
            (0, y + 0.1, rear * 0.98),
            (0, y + plan.back * 0.5, rear - lean * plan.back * 0.4),
            (0, high, rear - lean * plan.back),
        ],
        61,
    )
    t = np.linspace(0, 1, 61)
    waist = 1 - dice.between(0.0, 0.3) * np.exp(-(((t - 0.5) / 0.12) ** 2))
    front_round = np.clip(t / 0.08, 0.0, 1)
    top_round = np.clip((1 - t) / dice.between(0.08, 0.3), 0.0, 1)
    corner = dice.between(0.4, 0.75)
    wide = waist * (corner + (1 - corner) * np.sqrt(1 - (1 - front_round) ** 2))
    wide = wide * (corner + (1 - corner) * np.sqrt(1 - (1 - top_round) ** 2))
    wide = wide * (1 + (dice.between(0.7, 1.1) - 1) * t)
    cup = dice.between(0.0, 1.1) * 0.45 / plan.width
    depth_of_cup = 0.4 + 0.6 * np.exp(-(((t - 0.5) / 0.25) ** 2))
    outline = rounded_rectangle(plan.width, thick, thick * 0.45, 48)
    outline[:, 1] = -outline[:, 1]
    bend = cup * outline[:, 0] ** 2
    cut = 31
    for part, rows in (("seat", slice(0, cut + 1)), ("back", slice(cut, 61))):
        scale = np.stack([wide[rows], np.ones(len(t[rows]))], 1)
        surface = sweep(path[rows], outline, scale, X)
        rings = surface.vertices[:-2].reshape(-1, len(outline), 3)
        along = np.gradient(path[rows], axis=0)
        normal = np.stack([0 * along[:, 0], -along[:, 2], along[:, 1]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        push = bend * (wide[rows, None] * depth_of_cup[rows, None])
        rings = rings + push[..., None] * normal[:, None]
        vertices = np.concatenate([rings.reshape(-1, 3), rings[:1].mean(1), rings[-1:].mean(1)])
        chair.add(part, Surface(vertices, surface.faces))
    if dice.chance(0.25):
        pad = superellipsoid((plan.width * 0.8, 0.05, plan.depth * 0.75), 4.0, 3.0)
        chair.add("seat", moved(pad, y=plan.seat_y + 0.01, z=0.01))
    chair.add("leg", *between_floors(legs(dice, plan), 0.0, plan.seat_y - 0.02 - 0.6 * thick))
    if dice.chance(ARM_CHANCE["shell"]):
        plan.width *= float(wide[cut - 12])
        chair.add("arm", *arms(dice, plan))
