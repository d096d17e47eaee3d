"""Bags: totes, handbags, hobos, satchels, briefcases, duffels, backpacks, clutches, belt bags."""

import numpy as np

from pdengine.shapes.assembly import Assembly, moved, turned
from pdengine.shapes.bag_bodies import Body, box_body, hand_body, open_body
from pdengine.shapes.bag_handles import (
    back_straps,
    belt,
    panel_handles,
    shoulder_strap,
    top_handles,
    wrist_loop,
)
from pdengine.shapes.bag_packs import bucket_body, doctor_body, duffel_body, pack_body
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.luggage import telescope
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp

PARTS = ("body", "handle")

KINDS = {
    "tote": 3.5,
    "shopper": 2.0,
    "handbag": 5.0,
    "hobo": 2.0,
    "bucket": 1.3,
    "satchel": 2.5,
    "briefcase": 2.0,
    "duffel": 2.0,
    "backpack": 3.0,
    "clutch": 1.2,
    "doctor": 1.5,
    "wheeled": 0.8,
    "belt": 0.6,
}


def make_bag(seed: int) -> LabelledMesh:
    """A bag stands on y = 0, about 1 wide or high; its broad side looks to the front."""
    dice = Dice("bag", seed)
    bag = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    body, handles = _made(dice, kind)
    bag.add("body", *body.pieces)
    if handles:
        bag.add("handle", *handles)
    change = warp(dice, (0.15, 0.15, 0.15))
    lean = dice.between(-0.25, 0.25) if dice.chance(0.2) else 0.0
    if dice.chance(0.06):
        lean = -np.pi / 2  # lies on its back

    def finish(vertices: Array) -> Array:
        tipped = turned(Surface(vertices, np.empty((0, 3), np.int64)), "x", lean)
        return change(tipped.vertices)

    return bag.mesh(finish)


def _made(dice: Dice, kind: str) -> tuple[Body, list[Surface]]:
    if kind in ("tote", "shopper"):
        body = open_body(dice, crisp=kind == "shopper")
        if dice.chance(0.2):
            return body, shoulder_strap(dice, body)
        return body, panel_handles(dice, body)
    if kind == "handbag":
        body = hand_body(dice)
        handles = panel_handles(dice, body) if dice.chance(0.4) else top_handles(dice, body)
        if dice.chance(0.12):
            handles += shoulder_strap(dice, body)
        return body, handles
    if kind == "hobo":
        body = hand_body(dice, sag=dice.between(0.1, 0.4))
        return body, shoulder_strap(dice, body)
    if kind == "bucket":
        body = bucket_body(dice)
        return body, shoulder_strap(dice, body) if dice.chance(0.7) else panel_handles(dice, body)
    if kind == "satchel":
        body = box_body(dice, flap=True)
        handles = shoulder_strap(dice, body) if dice.chance(0.75) else []
        if not handles or dice.chance(0.3):
            handles = handles + top_handles(dice, body, single=True)
        return body, handles
    if kind == "briefcase":
        body = box_body(dice, flap=dice.chance(0.3))
        handles = top_handles(dice, body, single=dice.chance(0.7), small=True)
        if dice.chance(0.15):
            handles = handles + shoulder_strap(dice, body)
        return body, handles
    if kind == "duffel":
        body = duffel_body(dice)
        handles = panel_handles(dice, body, low=0.5) if dice.chance(0.85) else []
        if not handles or dice.chance(0.3):
            handles = handles + shoulder_strap(dice, body)
        return body, handles
    if kind == "backpack":
        body = pack_body(dice)
        return body, back_straps(dice, body)
    if kind == "clutch":
        body = hand_body(dice, flat=True)
        pick = dice.weighted({"none": 1.0, "loop": 2.0, "chain": 1.5})
        if pick == "none":
            return body, []
        return body, wrist_loop(dice, body) if pick == "loop" else shoulder_strap(dice, body)
    if kind == "doctor":
        body = doctor_body(dice)
        handles = top_handles(dice, body)
        return body, handles
    if kind == "wheeled":
        body = pack_body(dice, wheels=True)
        up = body.height + dice.between(0.04, 0.6)
        rods = telescope(dice, 0.45 * body.width, up, 0.8 * body.height, dice.between(0.014, 0.026))
        return body, [moved(rod, z=-0.3 * body.depth) for rod in rods]
    body = hand_body(dice, flat=True)
    return body, belt(dice, body)
