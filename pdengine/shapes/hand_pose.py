"""What a hand does, and how it is held."""

from math import cos, pi, sin

import numpy as np

from pdengine.shapes.bodies import unit
from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice

POSES = {
    "open": 3.0,
    "spread": 2.5,
    "together": 2.0,
    "relaxed": 3.0,
    "grasping": 2.5,
    "claw": 1.2,
    "fist": 2.5,
    "pointing": 2.0,
    "counting": 2.0,
    "pinching": 1.5,
    "blade": 1.0,
    "thumb up": 1.0,
    "stiff": 4.0,
    "mixed": 2.0,
}
# How far the three joints of a curled finger bend, from stretched (0) to a fist (1), radians.
FIST = np.array([1.5, 1.75, 1.05])


def turn_of(dice: Dice) -> Array:
    """Hands are held any way: mostly up, often ahead, to the side or down, now and then askew."""
    held = dice.weighted({"up": 5.0, "ahead": 2.5, "aside": 1.5, "down": 1.5, "askew": 1.5})
    if held == "askew":
        q = unit(np.array([dice.between(-1, 1) for _ in range(4)]))
        w, x, y, z = q
        return np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )
    roll = dice.pick([0.0, 0.5 * pi, pi, -0.5 * pi]) + dice.between(-0.3, 0.3)
    nod = {"up": 0.0, "ahead": 0.5 * pi, "aside": 0.0, "down": pi}[held] + dice.between(-0.3, 0.3)
    tilt = 0.5 * pi * dice.pick([-1.0, 1.0]) if held == "aside" else dice.between(-0.3, 0.3)
    c, s = cos(roll), sin(roll)
    about_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = cos(nod), sin(nod)
    about_x = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    c, s = cos(tilt), sin(tilt)
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def curls_of(dice: Dice, pose: str, count: int) -> tuple[Array, float]:
    """Bends of the three joints of every finger, index finger first [count, 3], and the spread."""
    place = np.linspace(0, 1, count)[:, None] if count > 1 else np.full((1, 1), 0.5)
    jitter = np.array([dice.between(-0.06, 0.06) for _ in range(count)])[:, None]
    stretched = np.array([dice.between(-0.25, 0.15), dice.between(0.0, 0.2), 0.05])
    spread = dice.between(0.0, 0.35)
    if pose == "spread":
        spread = dice.between(0.45, 0.9)
    elif pose in ("together", "blade"):
        spread = dice.between(-0.05, 0.05)
    if pose in ("open", "spread", "together", "blade"):
        return stretched + np.maximum(jitter, 0) * FIST + 0 * place, spread
    if pose == "stiff":
        return _stiff(dice, count) + 0.1 * jitter, dice.between(0.0, 0.5)
    closed = jitter + dice.between(0.93, 1.0)
    if pose == "relaxed":
        least, slope = dice.between(0.1, 0.4), dice.between(-0.05, 0.35)
        share = least + slope * place + jitter
    elif pose == "grasping":
        share = dice.between(0.35, 0.65) + dice.between(-0.1, 0.15) * place + jitter
    elif pose == "claw":
        bends = np.array([dice.between(-0.4, 0.2), dice.between(0.9, 1.5), dice.between(0.4, 0.9)])
        return bends + 3 * jitter, dice.between(0.1, 0.7)
    elif pose == "mixed":
        share = np.array([dice.between(0.0, 0.9) for _ in range(count)])[:, None]
    elif pose in ("fist", "thumb up"):
        share, spread = closed, 0.0
    elif pose == "pointing":
        share = np.where(
            place == place[0], dice.between(-0.05, 0.15), closed * dice.between(0.6, 1)
        )
    elif pose == "counting":
        up = np.array([dice.chance(0.5) for _ in range(count)])[:, None]
        share, spread = np.where(up, 0.03 + 0.3 * np.abs(jitter), closed), dice.between(0.05, 0.6)
    else:  # pinching: the index finger meets the thumb
        rest = dice.between(0.05, 0.3) if dice.chance(0.7) else dice.between(0.6, 0.9)
        share = np.where(place == place[0], dice.between(0.42, 0.55), rest + 3 * jitter * place)
    return np.asarray(share * FIST), spread


def _stiff(dice: Dice, count: int) -> Array:
    """Straight fingers that bend where they leave the palm, each as far as it likes [count, 3]."""
    ahead = dice.between(0.9, 1.6)
    knuckles = [
        dice.weighted({0.0: 2.0, ahead: 2.0, dice.between(0.1, 1.4): 1.5}) for _ in range(count)
    ]
    rest = np.array([dice.between(0.0, 0.25), dice.between(0.0, 0.15)])
    return np.array([[knuckle, *rest] for knuckle in knuckles])
