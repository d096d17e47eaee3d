"""Ray guns and water pistols."""

from math import pi

from pdengine.shapes.assembly import Assembly, around, mirrored, moved, turned
from pdengine.shapes.bodies import trunk
from pdengine.shapes.curves import circle
from pdengine.shapes.dice import Dice
from pdengine.shapes.pistol_parts import (
    Grip,
    add_sights,
    add_trigger,
    bar,
    barrel,
    box_grip,
    curved_grip,
    hollow,
)
from pdengine.shapes.primitives import slab, superellipsoid
from pdengine.shapes.wheels import cylinder


def add_ray(dice: Dice, gun: Assembly) -> None:
    """A ray gun: a swelling body with rings, fins and a bulb or a dish at the muzzle."""
    long, fat = dice.between(9, 16), dice.between(1.6, 3.2)
    if dice.chance(0.6):
        knots = [
            (0, 0, 0, 1.2 * fat, 1.2 * fat),
            (0, 0, 0.3 * long, 2 * fat, 2 * fat * dice.between(0.8, 1.3)),
        ]
        knots += [(0, 0, 0.75 * long, 1.5 * fat, 1.6 * fat), (0, 0, long, fat, fat)]
        gun.add("barrel", trunk(knots, 22, 26, 0.7))
    else:
        gun.add(
            "barrel",
            bar((-0.9 * fat, 0.0), (0.9 * fat, long), 1.6 * fat, dice.between(0.2, 0.7) * fat),
        )
        gun.add(
            "barrel",
            bar(
                (0.4 * fat, 0.15 * long), (1.4 * fat, dice.between(0.6, 1.1) * long), fat, 0.3 * fat
            ),
        )
    thin, more = fat * dice.between(0.25, 0.6), dice.between(3, 12)
    end = long + more
    gun.add("barrel", barrel([(long - 1, 1.1 * thin), (end, 0.9 * thin)], 0.0))
    for k in range(dice.whole(0, 5)):
        z = long + (k + 0.5) * more / 5
        size = thin * (1.9 - 0.15 * k)
        gun.add("barrel", barrel([(z - 0.2, size), (z + 0.2, size)], 0.0))
    tip = dice.weighted({"bulb": 3.0, "dish": 2.0, "cone": 2.0, "tube": 3.0})
    if tip == "bulb":
        size = 2.2 * thin * dice.between(1.0, 1.6)
        gun.add("barrel", moved(superellipsoid((size, size, size), 2.0, 2.0, 24), z=end))
    elif tip == "dish":
        gun.add(
            "barrel",
            barrel(
                [
                    (end - 0.5, thin),
                    (end + 0.6, 2.6 * thin),
                    (end + 0.7, 2.5 * thin),
                    (end, 0.5 * thin),
                ],
                0.0,
            ),
        )
    elif tip == "cone":
        gun.add("barrel", barrel([(end - 0.5, 1.4 * thin), (end + 2.5, 0.15 * thin)], 0.0))
    else:
        gun.add("barrel", hollow(1.4 * thin, end + 0.5, 0.0, 3.0))
    if dice.chance(0.5):  # fins
        blade = superellipsoid((0.5, dice.between(1.0, 2.4), dice.between(3, 7)), 4.0, 2.0, 18)
        count = dice.pick([1, 2, 3])
        upright = moved(turned(blade, "x", dice.between(-0.2, 0.3)), y=0.95 * fat, z=0.3 * long)
        fins = {
            1: [upright],
            2: mirrored(turned(upright, "z", 0.9)),
            3: [upright, *mirrored(turned(upright, "z", pi / 2))],
        }
        gun.add("barrel", *fins[count])
    else:
        add_sights(dice, gun, 0.9 * fat, 0.2 * long, 0.7 * long, dice.between(0.6, 1.2))
    if dice.chance(0.3):
        for knob in around(cylinder(0.7, 2.2 * fat, 0.2, 16), 1):
            gun.add("barrel", moved(knob, z=0.4 * long))
    deep = dice.between(2.8, 4.6)
    rake = dice.between(0.05, 0.6)
    grip = Grip(
        -0.6 * fat,
        0.12 * long + 0.5 * deep,
        rake,
        dice.between(7, 11),
        deep,
        dice.between(1.8, 2.8),
    )
    bent = dice.chance(0.35)
    gun.add("handle", *(curved_grip(dice, grip, "plow") if bent else box_grip(dice, grip)))
    rear = grip.z + 0.5 * deep
    low = -0.8 * fat if rear < 0.6 * long else -0.55 * fat
    add_trigger(
        dice,
        gun,
        low,
        rear + dice.between(3.0, 4.6),
        rear,
        dice.between(2.0, 3.0),
        dice.chance(0.75),
    )


def add_toy(dice: Dice, gun: Assembly) -> None:
    """A water pistol: fat and soft, with a tank on top or behind."""
    long, tall, wide = dice.between(11, 18), dice.between(3.2, 5.0), dice.between(2.2, 4.0)
    gun.add("barrel", bar((-0.5 * tall, 0.0), (0.5 * tall, long), wide, 0.4 * wide))
    thin = dice.between(0.5, 1.2)
    end = long + dice.between(1.0, 5.0)
    gun.add(
        "barrel",
        barrel(
            [(long - 1, 1.5 * thin), (end - 1, thin), (end, 1.1 * thin)],
            dice.between(0, 0.2) * tall,
        ),
    )
    if dice.chance(0.6):
        size = (1.1 * wide, dice.between(3, 5), dice.between(5, 9))
        tank = superellipsoid(size, 2.5, 2.5, 24)
        z = long * dice.between(0.25, 0.6)
        cap = slab(circle(0.8, 18), 1.0, 0.2)
        gun.add("barrel", moved(tank, y=0.5 * tall + 0.35 * size[1], z=z))
        gun.add("barrel", moved(cap, y=0.5 * tall + 0.86 * size[1], z=z))
    else:
        add_sights(dice, gun, 0.5 * tall, 0.5, long - 0.5, dice.between(0.8, 1.4))
    deep = dice.between(3.6, 5.2)
    grip = Grip(
        -0.3 * tall, 0.6 * deep, dice.between(0.1, 0.5), dice.between(8, 11), deep, 0.9 * wide
    )
    gun.add("handle", *box_grip(dice, grip))
    rear = grip.z + 0.48 * deep
    add_trigger(
        dice, gun, -0.5 * tall, rear + dice.between(4.0, 5.5), rear, dice.between(2.6, 3.8), True
    )
