"""Revolvers, flintlocks and derringers."""

import numpy as np

from pdengine.shapes.assembly import Assembly, moved
from pdengine.shapes.bodies import jointed, trunk
from pdengine.shapes.curves import circle
from pdengine.shapes.dice import Dice
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
from pdengine.shapes.primitives import limb, skin, superellipsoid


def add_revolver(dice: Dice, gun: Assembly) -> None:
    """A drum in a frame; the grip is curved."""
    drum_radius, drum = dice.between(1.5, 2.3), dice.between(3.0, 4.8)
    back = dice.between(1.2, 2.2)  # the frame behind the drum
    bore = dice.between(0.45, 0.62) * drum_radius  # axis of the barrel above that of the drum
    z = back
    strap = drum_radius + dice.between(0.2, 0.7)
    wide = dice.between(1.5, 2.2)
    open_top = dice.chance(0.12)
    low = -drum_radius - dice.between(0.2, 0.8)
    gun.add("barrel", bar((low, 0.0), (strap, back), wide, 0.5))
    gun.add("barrel", bar((low, 0.0), (low + 1.2, z + drum + 1.5), wide, 0.4))
    gun.add(
        "barrel",
        bar((low, z + drum), (strap if not open_top else bore + 0.6, z + drum + 1.6), wide, 0.4),
    )
    if not open_top:
        gun.add("barrel", bar((strap - 0.9, 0.2), (strap, z + drum + 1.5), 0.8 * wide, 0.3))
    outline = circle(1.0, 48)
    angle = np.arctan2(outline[:, 1], outline[:, 0])
    shots = dice.pick([5, 6, 6, 6, 7])
    depth = dice.between(0.0, 0.16)
    flutes = np.clip(np.cos(shots * angle), 0, 1)[:, None] ** 2
    long_drum = z + drum
    rings, shares = [], [0.0, 0.02, 0.1, 0.3, 0.42, 0.5, 0.75, 0.97, 1.0]
    for share in shares:
        cut = depth if share > 0.4 else 0.0
        size = drum_radius * (0.96 if share in (0.0, 1.0) else 1.0)
        ring = outline * (size * (1 - cut * flutes))
        rings.append(np.stack([ring[:, 0], ring[:, 1], np.full(48, z + share * drum)], 1))
    gun.add("barrel", skin(np.stack(rings)))
    long = dice.log_between(4.0, 24.0)
    thick = dice.between(0.7, 1.15)
    end = long_drum + long
    corners = 8 if dice.chance(0.2) else 0
    taper = dice.between(0.85, 1.0)
    gun.add(
        "barrel",
        barrel(
            [(long_drum - 0.1, 1.1 * thick), (long_drum + 1.5, thick), (end - 0.5, thick * taper)],
            bore,
            24,
            corners,
        ),
    )
    gun.add("barrel", hollow(taper * thick, end, bore, min(2.0, 0.5 * long)))
    lug = dice.weighted({"rod": 3.0, "full": 2.0, "half": 1.5, "none": 1.5})
    if lug == "rod":
        gun.add(
            "barrel",
            limb(
                (0, bore - thick - 0.25, long_drum),
                (0, bore - thick - 0.25, long_drum + 0.7 * long),
                0.45,
                0.4,
                10,
            ),
        )
    elif lug != "none":
        far = end - 0.3 if lug == "full" else long_drum + 0.55 * long
        gun.add("barrel", bar((bore - thick - 1.0, long_drum), (bore, far), 1.5 * thick, 0.4))
    if dice.chance(0.35):
        gun.add(
            "barrel", bar((bore, long_drum), (bore + thick + 0.45, end - 0.3), 0.6 * thick, 0.1)
        )
    add_sights(dice, gun, bore + thick, 0.5, end - 0.2, dice.between(0.4, 0.9))
    add_hammer(dice, gun, strap - 0.4, 0.3)
    deep = dice.between(2.8, 4.2)
    kind = dice.weighted({"plow": 3.0, "bulb": 3.0, "bird": 1.0, "box": 1.0})
    rake = dice.between(0.25, 0.6)
    grip = Grip(
        low + 1.4,
        0.4 * deep - 0.3,
        rake,
        dice.between(7.0, 11.0),
        deep,
        wide * dice.between(1.1, 1.6),
    )
    pieces = (
        box_grip(dice, grip, magazine=False) if kind == "box" else curved_grip(dice, grip, kind)
    )
    gun.add("handle", *pieces)
    gun.add("barrel", bar((low - 0.5, 0.0), (low + 1.4, back + 0.5), 0.95 * wide, 0.4))
    rear = grip.z + 0.5 * deep
    add_trigger(
        dice, gun, low + 0.2, rear + dice.between(3.4, 4.8), rear, dice.between(2.0, 3.0), True
    )


def add_flintlock(dice: Dice, gun: Assembly) -> None:
    """A long barrel on a stock that bends down into the grip; sometimes two barrels or a flare."""
    long = dice.between(14, 34)
    thick = dice.between(0.75, 1.3)
    flare = dice.between(1.6, 2.6) if dice.chance(0.2) else dice.between(0.8, 1.1)
    corners = 8 if dice.chance(0.4) else 0
    profile = [(0.0, 1.25 * thick), (0.3 * long, 1.05 * thick), (0.8 * long, 0.85 * thick)]
    profile += [(0.95 * long, 0.85 * thick * (0.6 + 0.4 * flare)), (long, 0.85 * thick * flare)]
    gun.add("barrel", barrel(profile, 0.0, 24, corners))
    gun.add("barrel", hollow(0.85 * thick * flare, long + 0.4, 0.0, 1.5))
    wood = long * dice.between(0.35, 0.95)
    deep = dice.between(1.4, 2.4)
    stock = [
        (0, -0.6 * thick, -1.0, 2.3 * thick, 1.3 * deep),
        (0, -0.8 * thick, 4.0, 2.5 * thick, 1.3 * deep),
        (0, -0.7 * thick, 0.6 * wood, 2.2 * thick, 0.9 * deep),
        (0, -0.6 * thick, wood, 1.9 * thick, 0.7 * deep),
    ]
    gun.add("barrel", trunk(stock, 18, 20, 0.3))
    if dice.chance(0.5):  # the ramrod
        y = -0.7 * thick - 0.5 * deep
        gun.add("barrel", limb((0, y, 0.3 * long), (0, y, 0.97 * long), 0.3, 0.3, 8))
    if dice.chance(0.4):
        for share in (0.45, 0.75):
            band = [(share * long, 1.5 * thick), (share * long + 0.8, 1.5 * thick)]
            gun.add("barrel", barrel(band, -0.3 * thick, 24))
    side = 1.25 * thick
    plate = bar((-0.9 * deep, -1.0), (0.3, 5.0), 2.6 * thick, 0.4)
    gun.add("barrel", plate)
    cock = [(side, -0.3, 0.5), (side + 0.3, 1.2, -0.3), (side, 2.0, 0.8), (side, 1.9, 1.8)]
    gun.add("barrel", jointed(cock, [0.5, 0.35, 0.45, 0.4], 10))
    if dice.chance(0.8):  # pan and frizzen
        pan = moved(superellipsoid((1.0, 0.7, 1.6), 4.0, 3.0, 14), side, 0.2, 2.8)
        steel = [(side, 0.3, 3.2), (side, 1.6, 2.9)]
        gun.add("barrel", pan, jointed(steel, [0.35, 0.3], 10))
    rake = dice.between(0.45, 1.0)
    grip = Grip(-0.6 * thick, -1.0, rake, dice.between(8, 13), 1.25 * deep + 0.6, 2.2 * thick)
    gun.add("handle", *curved_grip(dice, grip, "swan"))
    low = -0.6 * thick - 0.6 * deep
    add_trigger(
        dice,
        gun,
        low,
        dice.between(4.5, 6.0),
        dice.between(-0.5, 0.3),
        dice.between(1.8, 2.6),
        dice.chance(0.9),
    )


def add_derringer(dice: Dice, gun: Assembly) -> None:
    """One or two short barrels on a small curved grip."""
    long, thick = dice.between(5, 9), dice.between(0.8, 1.1)
    for y in (0.0, 1.9 * thick)[: dice.whole(1, 2)]:
        gun.add("barrel", barrel([(0, 1.1 * thick), (long - 0.5, thick)], y))
        gun.add("barrel", hollow(thick, long, y, 1.5))
    low = -1.3 * thick
    top = 2.2 * thick
    gun.add("barrel", bar((low, -1.5), (top, 1.2), 1.8 * thick, 0.5))
    gun.add("barrel", bar((low, -1.5), (-0.3, 0.6 * long), 1.5 * thick, 0.3))
    add_hammer(dice, gun, top - 0.3, -1.4)
    grip = Grip(
        low + 1.4,
        -1.2,
        dice.between(0.4, 0.8),
        dice.between(5.5, 8.0),
        dice.between(2.6, 3.4),
        2.0 * thick,
    )
    gun.add("handle", *curved_grip(dice, grip, dice.pick(["bird", "bulb", "plow"])))
    add_trigger(
        dice, gun, low + 0.2, dice.between(2.8, 3.6), 0.3, dice.between(1.6, 2.2), dice.chance(0.6)
    )
