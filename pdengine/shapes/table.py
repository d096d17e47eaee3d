"""Tables: desks, dining, coffee, side and bar tables, workbenches. The apron belongs to the top."""

from pdengine.shapes.assembly import Assembly, between_floors, moved
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import slab
from pdengine.shapes.table_drawers import chest
from pdengine.shapes.table_legs import legs, shelf
from pdengine.shapes.table_plan import Plan
from pdengine.shapes.warp import warp

PARTS = ("top", "leg", "drawer")
FRAMES = {
    "four": 9.0,
    "pedestal": 4.0,
    "double": 1.5,
    "trestle": 1.5,
    "crossed": 1.5,
    "panels": 2.0,
    "loops": 2.0,
    "three": 1.5,
    "star": 1.0,
    "drum": 0.6,
    "sled": 0.8,
}
# What drawers hang between; where they are, a column in the middle is rare.
DRAWN = {"four": 9.0, "panels": 2.5, "loops": 1.0, "trestle": 0.7, "crossed": 0.4, "pedestal": 0.3}


def make_table(seed: int) -> LabelledMesh:
    dice = Dice("table", seed)
    drawn = dice.chance(0.23)
    plan = Plan(dice, drawn)
    table = Assembly(dice, PARTS)
    edge = plan.thick * dice.pick([0.1, 0.3, 0.5])
    crown = 0.0 if dice.chance(0.9) else -0.2 * plan.thick
    board = slab(plan.outline(), plan.thick, edge, crown)
    table.add("top", moved(board, y=plan.height - plan.thick / 2))
    inset = dice.between(0.8, 1.0 if drawn else 0.97)
    if drawn:
        _drawers(dice, plan, table, inset)
    else:
        if dice.chance(0.4):  # an apron
            apron = dice.log_between(0.04, 0.14) * plan.height / 0.74
            skirt = slab(plan.outline(inset - 0.01), apron * 1.1, 0.004)
            table.add("top", moved(skirt, y=plan.under - apron * 0.45))
        _stand(dice, plan, table, inset, _frame(dice, plan))
    return table.mesh(warp(dice, (0.25, 0.25, 0.25)))


def _frame(dice: Dice, plan: Plan) -> str:
    """What the table stands on."""
    if plan.shape == "polygon" and plan.corners == 3:
        return dice.weighted({"three": 2.0, "pedestal": 1.0})
    odds = dict(FRAMES)
    if plan.shape in ("round", "oval", "polygon"):
        odds |= {"pedestal": 10.0, "trestle": 0.2, "panels": 0.3, "loops": 0.4, "three": 3.0}
    if plan.use == "desk":
        odds |= {"pedestal": 0.5}
    return dice.weighted(odds)


def _stand(dice: Dice, plan: Plan, table: Assembly, inset: float, kind: str) -> None:
    frame = legs(dice, plan, kind, inset)
    table.add("leg", *between_floors(frame, 0.0, plan.height - 0.3 * plan.thick))
    often = 0.5 if plan.use == "bench" else 0.2
    if kind in ("four", "loops", "three") and dice.chance(often):
        table.add("leg", shelf(dice, plan, frame))


def _drawers(dice: Dice, plan: Plan, table: Assembly, inset: float) -> None:
    """Drawers and their carcass, and what the table then still needs to stand."""
    found = chest(dice, plan, inset)
    table.add("top", *found.top)
    table.add("drawer", *found.drawer)
    table.add("leg", *found.leg)
    if not found.stands:
        _stand(dice, plan, table, inset, dice.weighted(DRAWN))
