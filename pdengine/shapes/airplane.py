"""Airplanes: airliners, propeller planes, fighters, gliders, biplanes, business jets, toys.

stabilizer is the horizontal tail (or a canard), rudder the vertical fin; both include fixed parts.
"""

from math import pi

import numpy as np

from pdengine.shapes.airplane_engines import jet_engine, nozzles, prop_nacelle, propeller
from pdengine.shapes.airplane_plan import Plan
from pdengine.shapes.airplane_sculpted import sculpted
from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import Array, interpolate, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface, limb, skin, slab, superellipsoid, wing
from pdengine.shapes.warp import warp

PARTS = ("body", "wing", "engine", "stabilizer", "rudder")


def make_airplane(seed: int) -> LabelledMesh:
    dice = Dice("airplane", seed)
    plane = Assembly(dice, PARTS)
    if dice.chance(0.42):
        dice.style = "sculpted"
        sculpted(dice, plane)
        return plane.mesh(warp(dice, (0.18, 0.18, 0.18)))
    plan = Plan(dice)
    _body(dice, plan, plane)
    _wings(dice, plan, plane)
    _tail(dice, plan, plane)
    return plane.mesh(warp(dice, (0.18, 0.18, 0.18)))


def _body(dice: Dice, plan: Plan, plane: Assembly) -> None:
    z = 1 - 2 * (0.5 - 0.5 * np.cos(np.linspace(0.0, pi, 44)))
    radius, y = plan.hull(z)
    outline = superellipse(2.0, 2.0, plan.power, 32)
    rings = np.empty((len(z), 32, 3))
    rings[..., 0] = radius[:, None] * outline[:, 0] * plan.wide
    rings[..., 1] = radius[:, None] * outline[:, 1] + y[:, None]
    rings[..., 2] = z[:, None]
    plane.add("body", skin(rings))
    if plan.fast or plan.type in ("light", "glider", "biplane", "twin"):
        long = dice.between(0.25, 0.5)
        z_cabin = dice.between(0.25, 0.5)
        r, y_cabin = plan.at(z_cabin)
        size = (r * dice.between(1.0, 1.5), r * dice.between(1.0, 1.6), long)
        cabin = superellipsoid(size, 2.0, dice.between(2.0, 2.8))
        plane.add("body", moved(cabin, y=y_cabin + r * dice.between(0.6, 0.85), z=z_cabin))
    if plan.fast and dice.chance(0.7):  # air intakes along the flanks
        long, tall = dice.between(0.5, 1.0), plan.radius * dice.between(0.9, 1.5)
        intake = superellipsoid((plan.radius * 1.2, tall, long), 6.0, 5.0)
        plane.add(
            "body",
            *mirrored(
                moved(intake, x=plan.radius * plan.wide * 0.9, z=-0.2 + dice.between(-0.1, 0.15))
            ),
        )
    if plan.type == "airliner" and dice.chance(0.6):  # the belly fairing under the wing root
        belly = superellipsoid((plan.radius * 2.1, plan.radius * 1.0, 0.7), 2.5, 2.5)
        plane.add("body", moved(belly, y=-plan.radius * 0.65, z=0.05))
    if dice.chance(0.15):
        _gear(dice, plan, plane)


def _gear(dice: Dice, plan: Plan, plane: Assembly) -> None:
    """Wheels on struts: two under the wing and one at the nose or the tail."""
    wheel = plan.radius * dice.between(0.3, 0.5)
    low = -plan.radius * dice.between(1.5, 2.1)
    disc = turned(
        slab(superellipse(2 * wheel, 2 * wheel, 2.0, 16), wheel * 0.6, wheel * 0.25), "z", pi / 2
    )
    x, z = plan.radius * dice.between(0.8, 1.6), dice.between(-0.05, 0.25)
    strut = limb((plan.radius * 0.4, -plan.radius * 0.5, z), (x, low, z), wheel * 0.3, wheel * 0.2)
    plane.add("body", *mirrored(strut, moved(disc, x, low, z)))
    third = dice.pick([0.72, -0.85])
    y = plan.at(third)[1]
    plane.add(
        "body",
        limb((0, y, third), (0, low, third), wheel * 0.25, wheel * 0.2),
        moved(disc, 0, low, third),
    )


def _plan_form(
    span: Array, chord: float, taper: float, sweep: float, kink: float
) -> tuple[Array, Array]:
    """Leading edge offset (towards the tail) and chord along the half span. [R], [R]."""
    t = (span - span[0]) / (span[-1] - span[0])
    width = chord * (1 + (taper - 1) * t)
    extra = kink * chord * np.clip(1 - t / 0.35, 0, 1)
    back = sweep * (span - span[0]) - extra * 0.2
    return back, width + extra


def _wings(dice: Dice, plan: Plan, plane: Assembly) -> None:
    fast = plan.fast
    chord = dice.between(0.5, 0.9) if fast else dice.log_between(0.25, 0.45)
    if plan.type == "delta":
        chord = dice.between(0.9, 1.25)
    if plan.type == "glider":
        chord = dice.between(0.15, 0.24)
    taper = dice.between(0.08, 0.3) if fast else dice.between(0.25, 0.6)
    if plan.type in ("light", "biplane"):
        taper = dice.between(0.55, 1.0)
    root_z = dice.between(0.15, 0.4) + (0.05 if not fast else 0.05 + chord * 0.25)
    middle_z = root_z - chord * 0.4
    radius, y = plan.at(middle_z)
    level = dice.between(0.7, 0.98) if plan.high else dice.between(-0.75, -0.1)
    root_y = y + level * radius
    droops = plan.high and plan.sweep > 0.2
    dihedral = dice.between(-0.12, 0.02) if droops else dice.between(0, 0.13)
    span = np.linspace(0.0 if abs(level) > 0.8 else 0.3 * radius, plan.span, 15)
    kink = dice.between(0.1, 0.5) if plan.sweep > 0.3 and dice.chance(0.5) else 0.0
    if fast and dice.chance(0.35):  # strakes along the flanks of a fighter
        kink = dice.between(0.3, 0.8)
    back, width = _plan_form(span, chord, taper, plan.sweep, kink)
    if taper > 0.2 and dice.chance(0.25):  # elliptic tips
        t = span / plan.span
        round_tip = np.sqrt(np.clip(1 - t**4, 0.04, 1))
        back, width = back + width * (1 - round_tip) * 0.4, width * round_tip
    thick = dice.between(0.05, 0.08) if fast else dice.between(0.1, 0.16)
    thickness = thick * interpolate(span / plan.span, [(0, 1.15), (0.3, 1), (1, 0.8)])
    if dice.chance(0.4):  # a fillet where the wing leaves the body
        thickness = thickness * (1 + 0.7 * np.exp(-np.clip(span - radius, 0, 9) / (0.4 * radius)))
    height = root_y + dihedral * span + dice.between(0, 0.06) * (span / plan.span) ** 2
    nose = np.stack([height, root_z - back], 1)
    camber = dice.between(0, 0.04)
    plane.add("wing", *mirrored(wing(span, nose, width, thickness, camber)))

    tip = (plan.span, float(height[-1]), float(nose[-1, 1]))
    if not fast and plan.type not in ("light", "biplane") and dice.chance(0.35):
        plane.add("wing", *mirrored(_winglet(dice, tip, float(width[-1]))))
    if dice.chance(0.35 if fast else 0.06):  # missiles and tip tanks
        long = dice.between(0.2, 0.4)
        thin = long * dice.between(0.08, 0.16)
        pod = superellipsoid((thin, thin, long), 2.0, 2.6)
        plane.add("wing", *mirrored(moved(pod, tip[0], tip[1], tip[2] - 0.5 * float(width[-1]))))
    if plan.type == "biplane":
        _second_wing(dice, plan, plane, (span, nose, width, thickness))
    _engines(dice, plan, plane, (span, nose, width))


def _winglet(dice: Dice, tip: tuple[float, float, float], chord: float) -> Surface:
    """A small wing standing on the tip."""
    tall = dice.between(0.06, 0.16)
    span = np.linspace(-0.02, tall, 6)
    t = np.clip(span / tall, 0, 1)
    nose = np.stack([dice.between(0.05, 0.5) * span, -dice.between(0.5, 0.9) * t * tall], 1)
    surface = wing(span, nose, chord * (0.95 - 0.5 * t), np.full(6, 0.1))
    return moved(turned(surface, "z", pi / 2), tip[0], tip[1], tip[2] - 0.03 * chord)


def _second_wing(
    dice: Dice, plan: Plan, plane: Assembly, lower: tuple[Array, Array, Array, Array]
) -> None:
    """The other wing of a biplane and the struts between both."""
    span, nose, width, thickness = lower
    gap = plan.radius * dice.between(2.2, 3.2) * (-1 if plan.high else 1)
    stagger = dice.between(-0.02, 0.12)
    other = nose + np.array([gap, stagger])
    plane.add("wing", *mirrored(wing(span, other, width, thickness)))
    thin = dice.between(0.006, 0.014)
    for where in (0.12, dice.between(0.6, 0.85)):
        k = int(where * (len(span) - 1))
        for share in (0.25, 0.65):
            a = (float(span[k]), float(nose[k, 0]), float(nose[k, 1] - share * width[k]))
            b = (float(span[k]), float(other[k, 0]), float(other[k, 1] - share * width[k]))
            plane.add("wing", *mirrored(limb(a, b, thin, thin, 8)))


def _engines(dice: Dice, plan: Plan, plane: Assembly, wing_: tuple[Array, Array, Array]) -> None:
    span, nose, width = wing_
    if plan.type in ("airliner", "transport"):
        count = dice.weighted({1: 7.0, 2: 3.0})
        places = [0.33] if count == 1 else [0.3, 0.58]
        thick = plan.radius * dice.between(0.36, 0.6) * (1.0 if count == 1 else 0.85)
        if plan.type == "transport" and dice.chance(0.6):
            plane.add("engine", *_wing_props(dice, wing_, thick * 0.7, places))
            return
        for where in places:
            k = int(where * (len(span) - 1))
            y, z = float(nose[k, 0]), float(nose[k, 1])
            drop = thick * dice.between(1.05, 1.35)
            ahead = dice.between(0.5, 2.8) * thick
            plane.add(
                "engine",
                *mirrored(
                    *jet_engine(
                        dice, (float(span[k]), y - drop, z + ahead), thick, drop, float(width[k])
                    )
                ),
            )
        return
    if plan.type == "business":
        z = -dice.between(0.3, 0.5)
        radius, y = plan.at(z)
        thick = radius * dice.between(0.35, 0.55)
        x = radius * plan.wide + thick * dice.between(0.9, 1.3)
        body = jet_engine(dice, (x, y + radius * dice.between(0.2, 0.6), z + 0.1), thick, 0.0, 0.0)
        pylon = slab(superellipse(x, thick * 5, 3.0, 20), thick * 0.3, thick * 0.1)
        plane.add(
            "engine", *mirrored(*body, moved(pylon, x * 0.55, y + radius * 0.35, z - thick * 1.2))
        )
        return
    if plan.type == "twin":
        plane.add("engine", *_wing_props(dice, wing_, plan.radius * dice.between(0.4, 0.6), [0.3]))
        return
    if plan.fast:
        plane.add("engine", *nozzles(dice, plan))
        return
    if plan.type != "glider":
        radius, y = plan.at(0.97)
        screw = propeller(dice, plan.radius * dice.between(1.2, 1.9), max(radius, 0.02) * 0.8)
        plane.add("engine", *(moved(s, 0, y, 1.0) for s in screw))


def _wing_props(
    dice: Dice, wing_: tuple[Array, Array, Array], thick: float, places: list[float]
) -> list[Surface]:
    span, nose, width = wing_
    pieces: list[Surface] = []
    long = dice.between(1.6, 2.4)
    blades = dice.chance(0.85)
    for where in places:
        k = int(where * (len(span) - 1))
        x, y, z = float(span[k]), float(nose[k, 0]), float(nose[k, 1])
        nacelle = prop_nacelle(dice, thick, long * thick * 2 + 0.6 * float(width[k]))
        ahead = z + long * thick
        pieces += mirrored(moved(nacelle, x, y, ahead))
        if blades:
            screw = propeller(dice, thick * dice.between(2.2, 3.0), thick * 0.4)
            pieces += mirrored(*(moved(s, x, y, ahead) for s in screw))
    return pieces


def _tail(dice: Dice, plan: Plan, plane: Assembly) -> None:
    fast = plan.fast
    z = -dice.between(0.5, 0.72) if fast else -dice.between(0.6, 0.8)
    radius, y = plan.at(z - 0.1)
    tall = dice.between(0.25, 0.45) * (0.85 if plan.type == "glider" else 1.0)
    chord = dice.between(0.25, 0.45)
    lean = dice.between(0.2, 0.5) if plan.sweep < 0.2 else dice.between(0.5, 1.1)
    taper = dice.between(0.3, 0.75)
    span = np.linspace(-0.5 * radius, tall, 11)
    back, width = _plan_form(span, chord, taper, lean, dice.between(0, 0.5))
    nose = np.stack([0 * span, -back], 1)
    fin = turned(wing(span, nose, width, np.full(11, dice.between(0.06, 0.11))), "z", pi / 2)
    twins = dice.chance(0.45) if fast else dice.chance(0.04)
    base = y + radius * 0.5
    if twins:
        cant = dice.between(-0.05, 0.45)
        x = radius * plan.wide * dice.between(0.5, 0.8)
        plane.add("rudder", *mirrored(moved(turned(fin, "z", -cant), x, base, z)))
    else:
        plane.add("rudder", moved(fin, 0, base, z))

    if plan.type == "delta" and dice.chance(0.6):
        return
    half = dice.between(0.26, 0.42) * (0.9 if fast else 1.0)
    chord_h = dice.between(0.18, 0.32)
    sweep = plan.sweep * dice.between(0.6, 1.1)
    level = y + radius * dice.between(-0.1, 0.3)
    z_h, inner = z - dice.between(0.0, 0.12), 0.2 * radius
    if plan.t_tail and not twins:
        share = dice.pick([0.96, 0.98, dice.between(0.4, 0.7)])
        k = int(share * 10)
        level = base + float(span[k])
        z_h = z - float(back[k]) - 0.1 * float(width[k])
        chord_h, inner = min(chord_h, float(width[k]) * 0.95), 0.0
    if fast and dice.chance(0.2):  # canards
        z_h = dice.between(0.3, 0.5)
        radius_c, y_c = plan.at(z_h - 0.05)
        level, half = y_c + 0.2 * radius_c, dice.between(0.2, 0.3) + radius_c
    span_h = np.linspace(inner, half, 9)
    back, width = _plan_form(span_h, chord_h, dice.between(0.35, 0.8), sweep, 0.0)
    nose = np.stack([level + dice.between(-0.05, 0.15) * span_h, z_h - back], 1)
    plane.add("stabilizer", *mirrored(wing(span_h, nose, width, np.full(9, 0.08))))
