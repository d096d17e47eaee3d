"""Cars from bubble cars to buses, closed and open, of every decade, and racing cars.

roof is the top of the greenhouse, hood the engine's cover; windows and all the rest are body.
"""

from pdengine.shapes.assembly import Assembly, mirrored, moved
from pdengine.shapes.car_body import add_greenhouse, add_hull, add_open_top
from pdengine.shapes.car_details import add_details
from pdengine.shapes.car_plan import KINDS, Plan
from pdengine.shapes.car_vintage import add_racer, add_vintage
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.warp import warp
from pdengine.shapes.wheels import CAR_RIMS, car_wheel

PARTS = ("roof", "hood", "wheel", "body")


def make_car(seed: int) -> LabelledMesh:
    dice = Dice("car", seed)
    car = Assembly(dice, PARTS)
    kind = dice.weighted({**KINDS, "vintage": 2.6, "racer": 0.8})
    if kind == "vintage":
        add_vintage(dice, car)
    elif kind == "racer":
        add_racer(dice, car)
    else:
        _modern(dice, car, kind)
    return car.mesh(warp(dice, (0.15, 0.16, 0.15)))


def _modern(dice: Dice, car: Assembly, kind: str) -> None:
    plan = Plan.draw(dice, kind)
    end = 0.5 * plan.length
    if plan.open:
        seats_end = plan.roof_rear - (0.6 if kind != "roadster" else 0.1)
        plan.sunk.append((max(seats_end, -end + 0.4), plan.cowl - 0.12, 0.45))
    if kind == "pickup":
        plan.sunk.append((-end + plan.round_tail + 0.06, plan.glass - 0.1, plan.belt * 0.42))
    add_hull(dice, plan, car)
    if plan.open:
        add_open_top(dice, plan, car)
    else:
        add_greenhouse(dice, plan, car)
    rubber = dice.between(0.22, 0.45)
    wheel = car_wheel(dice, dice.weighted(CAR_RIMS), plan.wheel, plan.tyre, rubber)
    x = plan.half - 0.5 * plan.tyre + dice.between(-0.05, 0.03)
    for z in plan.axles:
        car.add("wheel", *mirrored(*(moved(piece, x, plan.wheel, z) for piece in wheel)))
    add_details(dice, plan, car, wheel)
