"""Birds as statuettes are: a head that is a stump of the body, a paddle of a tail, stubs of legs.

Everything is made in the frame of the body, which is 1 long and lies along z, then pitched with it.
"""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.bird_wings import BodyPlan
from pdengine.shapes.bodies import direction, fin, jointed, posed, trunk, vector
from pdengine.shapes.dice import Dice

SIDES = (-1.0, 1.0)
ORIGIN = (0.0, 0.0, 0.0)


def add_stub_head(dice: Dice, bird: Assembly, plan: BodyPlan, pitch: float) -> None:
    """One piece from the breast to the tip of the beak, without a neck that could be seen."""
    wide, tall = 2 * float(plan.half_width.max()), 2 * float(plan.half_height.max())
    size = min(wide, tall) * dice.between(0.5, 0.95)
    long = dice.log_between(0.1, 0.42)
    rise = dice.between(-0.5, 0.7)
    turn = dice.between(-0.6, 0.6) if dice.chance(0.3) else 0.0
    along = direction(rise, turn)
    breast = vector(0, plan.belly, 0.15)
    neck = vector(0, dice.between(0.0, 0.25) * tall, dice.between(0.34, 0.46))
    crown, tip = neck + 0.55 * long * along, neck + long * along
    tip = tip - vector(0, dice.between(0.0, 0.25) * size, 0)
    round_ = size * dice.between(0.75, 1.15)
    blunt = size * (dice.between(0.35, 0.65) if dice.chance(0.6) else dice.between(0.12, 0.3))
    knots = [(breast, 0.9 * size), (neck, size), (crown, round_), (tip, blunt)]
    flat = dice.between(0.8, 1.15)
    surfaces = [trunk([(*p, w * flat, w) for p, w in knots], 24, 22, 0.9)]
    if dice.chance(0.35):
        beak = 0.5 * blunt * dice.between(0.4, 0.8)
        end = tip + along * size * dice.between(0.3, 0.8) - vector(0, 0.15 * size, 0)
        surfaces.append(jointed([crown, tip, end], [beak, beak, 0.35 * beak], 12))
    bird.add("head", *posed(surfaces, ORIGIN, pitch))


def add_paddle_tail(dice: Dice, bird: Assembly, plan: BodyPlan, pitch: float) -> None:
    """Flat and thick, at its root as wide as the rump; it fans out, stays even, or narrows."""
    rump = 2 * float(np.interp(-0.25, plan.z, plan.half_width))
    long = 0.2 + dice.log_between(0.18, 0.6)  # from the middle of the rump
    root = rump * dice.between(0.8, 1.6)
    spread = dice.log_between(0.8, 3.2)
    square = dice.pick((2.5, 5.0, 12.0))  # how square its end is cut
    t = np.concatenate([np.linspace(0, 0.85, 18), [0.9, 0.94, 0.97, 0.99, 1.0]])
    half = root / 2 * (1 + (spread - 1) * t**1.5) * np.sqrt(1.02 - t**square)
    up, aside = dice.between(-0.4, 0.4), dice.between(-0.3, 0.3) if dice.chance(0.25) else 0.0
    path = vector(0, 0.5 * plan.belly, -0.25) + direction(up, pi + aside) * (t * long)[:, None]
    path[:, 1] += dice.between(-0.4, 0.3) * long * t**2
    roll = dice.between(-0.35, 0.35) if dice.chance(0.3) else 0.0
    edge = half[:, None] * vector(cos(roll) * cos(aside), sin(roll), sin(aside))
    thick = dice.log_between(0.06, 0.18) * (1 - dice.between(0.2, 0.7) * t)
    cup = dice.between(-0.12, 0.12) * root
    feathers = fin(path + edge, path - edge, thick * np.sqrt(1.03 - t**8), cup, 18)
    bird.add("tail", *posed([feathers], ORIGIN, pitch))


def add_stub_legs(dice: Dice, bird: Assembly, plan: BodyPlan, pitch: float) -> None:
    """Two short sticks under the rump: hanging down, tucked back, or thrown forward to land."""
    at, long = dice.between(-0.38, 0.0), dice.log_between(0.12, 0.45)
    low = float(np.interp(at, plan.z, plan.half_height))
    wide = float(np.interp(at, plan.z, plan.half_width))
    thick = dice.log_between(0.03, 0.075)
    thigh = thick * dice.between(1.0, 2.0)
    down = dice.between(0.2, 2.4)  # radians below straight back
    toes = thick * dice.between(1.0, 4.0)
    for side in SIDES:
        hip = vector(side * dice.between(0.4, 0.6) * wide, -0.55 * low, at)
        foot = hip + (0.4 * low + long) * direction(-down, pi + side * dice.between(-0.2, 0.3))
        claw = foot + toes * direction(dice.between(-1.0, 0.2))
        leg = jointed([hip, foot, claw], [thigh, thick, 0.8 * thick], 12)
        bird.add("leg", *posed([leg], ORIGIN, pitch))
