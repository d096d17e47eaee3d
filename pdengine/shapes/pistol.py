"""Pistols: magazine pistols, revolvers, flintlocks, machine pistols, ray guns, toys.

barrel is all along the bore with slide, receiver, lock, cylinder and sights; handle the grip with
its magazine; trigger the trigger with its guard.
"""

import numpy as np

from pdengine.shapes.assembly import Assembly
from pdengine.shapes.curves import superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.pistol_old import add_derringer, add_flintlock, add_revolver
from pdengine.shapes.pistol_parts import (
    Grip,
    add_hammer,
    add_sights,
    add_trigger,
    bar,
    barrel,
    box_grip,
    curved_grip,
    hollow,
)
from pdengine.shapes.pistol_toys import add_ray, add_toy
from pdengine.shapes.primitives import X, sweep
from pdengine.shapes.warp import warp

PARTS = ("barrel", "handle", "trigger")
KINDS = {
    "magazine": 6.0,
    "revolver": 4.0,
    "flintlock": 2.0,
    "machine": 1.8,
    "ray": 2.0,
    "toy": 1.2,
    "derringer": 0.7,
}


def make_pistol(seed: int) -> LabelledMesh:
    dice = Dice("pistol", seed)
    gun = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    makers = {
        "magazine": _magazine,
        "revolver": add_revolver,
        "flintlock": add_flintlock,
        "machine": _machine,
        "ray": add_ray,
        "toy": add_toy,
        "derringer": add_derringer,
    }
    makers[kind](dice, gun)
    return gun.mesh(warp(dice, (0.25, 0.15, 0.18)))


def _magazine(dice: Dice, gun: Assembly) -> None:
    """A slide on a frame; the magazine is in the grip."""
    long = dice.between(12, 22)
    tall, wide = dice.between(2.2, 3.4), dice.between(1.9, 3.2)
    under = dice.between(0.9, 2.2)  # height of the frame below the slide
    edge = dice.between(0.08, 0.45) * wide
    top, low = tall, -under
    slide_end = long
    pocket = dice.chance(0.2)  # a thin barrel before a short slide, as old pistols have
    if pocket:
        slide_end = long * dice.between(0.45, 0.7)
        thin = dice.between(0.25, 0.42) * tall
        y = tall * dice.between(0.5, 0.65)
        gun.add("barrel", barrel([(slide_end - 1, 1.1 * thin), (long - 1, thin)], y))
        gun.add("barrel", hollow(thin, long, y, 3.0))
    else:
        thin = 0.32 * tall
        out = dice.between(0.0, 1.2)
        gun.add("barrel", hollow(thin, long + out, 0.58 * tall, out + 2.0))
    gun.add("barrel", bar((0.0, 0.0), (top, slide_end), wide, edge))
    front = slide_end * dice.between(0.55, 0.98)
    gun.add("barrel", bar((low, -0.3), (0.2, front), 0.9 * wide, 0.2 * wide))
    if dice.chance(0.4):  # serrations
        for k in range(dice.whole(4, 7)):
            z = 0.6 + 0.6 * k
            gun.add("barrel", bar((0.25 * tall, z), (0.9 * tall, z + 0.25), wide + 0.3, 0.05))
    if dice.chance(0.6):
        add_hammer(dice, gun, 0.7 * tall, 0.0)
    add_sights(dice, gun, top, 0.4, slide_end - 0.4, dice.between(0.5, 1.0))
    if dice.chance(0.15):  # a silencer
        fat = dice.between(0.5, 0.75) * tall
        end = long + dice.between(8, 16)
        gun.add(
            "barrel", barrel([(long - 0.5, 0.9 * fat), (long, fat), (end - 3, fat)], 0.55 * tall)
        )
        gun.add("barrel", hollow(fat, end, 0.55 * tall, 4.0))
    if dice.chance(0.5):
        lever = bar((-0.4, 4.0), (0.4, 6.5), wide + 0.5, 0.2)
        gun.add("barrel", lever)
    deep = dice.between(3.8, 5.6)
    rake = dice.between(0.12, 0.5)
    grip = Grip(
        low + 0.4, 0.62 * deep, rake, dice.between(7.5, 12), deep, wide * dice.between(0.95, 1.25)
    )
    gun.add("handle", *box_grip(dice, grip))
    rear = grip.z + 0.48 * deep
    guard = rear + max(min(dice.between(4.2, 6.0), front - rear - 0.2), 2.5)
    if guard > front:  # the frame reaches the guard
        gun.add("barrel", bar((low, 0.0), (0.2, guard + 0.4), 0.85 * wide, 0.2 * wide))
    add_trigger(dice, gun, low, guard, rear, dice.between(2.2, 3.4), True)
    if front - guard > 3.0 and dice.chance(0.3):  # a lamp under the frame
        size, y = dice.between(0.9, 1.3), low - 0.8
        lamp = [(guard + 0.4, size), (front - 1.2, size), (front + 0.5, 1.2 * size)]
        gun.add("barrel", barrel(lamp, y))


def _machine(dice: Dice, gun: Assembly) -> None:
    """A receiver with a magazine before the trigger or in the grip, a thin barrel ahead."""
    long, tall, wide = dice.between(13, 22), dice.between(3.0, 5.0), dice.between(2.2, 3.6)
    edge = dice.between(0.1, 0.4) * wide
    if dice.chance(0.3):
        gun.add("barrel", barrel([(0, 0.5 * tall), (long, 0.5 * tall)], 0.5 * tall, 28))
        gun.add("barrel", bar((-0.8, 0.0), (0.4 * tall, 0.9 * long), 0.7 * wide, 0.3))
    else:
        gun.add("barrel", bar((-0.8, 0.0), (tall, long), wide, edge))
    thick, more = dice.between(0.6, 1.2), dice.between(3.0, 14.0)
    y = tall * dice.between(0.5, 0.75)
    if dice.chance(0.35):
        thick *= 1.8
    gun.add("barrel", barrel([(long - 1, thick), (long + more - 1, thick)], y))
    gun.add("barrel", hollow(thick, long + more, y, 2.5))
    add_sights(dice, gun, tall, 0.8, long - 0.3, dice.between(0.6, 1.2))
    deep = dice.between(3.4, 5.0)
    place = dice.between(0.05, 0.45) * long
    rake = dice.between(-0.05, 0.35)
    grip = Grip(-0.4, place + 0.5 * deep, rake, dice.between(8, 12), deep, 0.9 * wide)
    if dice.chance(0.3):
        gun.add("handle", *curved_grip(dice, grip, "bulb"))
    else:
        gun.add("handle", *box_grip(dice, grip))
    rear = grip.z + 0.48 * deep
    front = rear + dice.between(3.6, 5.0)
    add_trigger(dice, gun, -0.8, front, rear, dice.between(2.2, 3.2), True)
    if front + 3.2 < long and dice.chance(0.75):
        drop, lean = dice.between(3, 14), dice.between(-0.25, 0.3)
        path = np.array(
            [
                (0, 0.5, front + 1.8),
                (0, -0.5 * drop, front + 1.8 + 0.4 * lean * drop),
                (0, -drop, front + 1.8 + lean * drop),
            ]
        )
        gun.add("barrel", sweep(path, superellipse(0.7 * wide, 2.6, 8.0, 24), 1.0, X))
