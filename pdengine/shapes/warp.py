"""Take the ruler out of a shape: other proportions, a little bend, a hand-made wobble."""

from collections.abc import Callable
from math import pi

import numpy as np

from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice


def warp(
    dice: Dice, stretch: tuple[float, float, float], bent: float = 1.0
) -> Callable[[Array], Array]:
    """A random smooth deformation of space.

    Args:
        stretch: greatest log-scale along x, y, z; 0.3 means between 0.74 and 1.35.
        bent: how far it may be tapered, twisted and bent; things of wide flat boards stay true
            below 0.4, as a board is bent only at its corners.
    """
    size = np.exp([dice.between(-s, s) for s in stretch])
    strength = bent * dice.between(0.2, 1.0) if dice.chance(0.4) else 0.0
    lopsided = dice.chance(0.4)
    taper, twist = strength * dice.between(-0.2, 0.2), strength * dice.between(-0.15, 0.15)
    bend = strength * np.array([dice.between(-0.1, 0.1) for _ in range(4)])
    wobble = dice.log_between(0.002, 0.012) if dice.chance(0.35) else 0.0
    waves = np.array([[dice.between(-1, 1) for _ in range(3)] for _ in range(5)])
    pushes = np.array([[dice.between(-1, 1) for _ in range(3)] for _ in range(5)])
    phase = np.array([dice.between(0, 2 * pi) for _ in range(5)])

    def change(vertices: Array) -> Array:
        low, high = vertices.min(0), vertices.max(0)
        p = (vertices - (low + high) / 2) * (2 / (high - low).max()) * size
        if strength:
            x, y, z = p.T
            side = x if lopsided else np.abs(x)
            grow = 1 + taper * y
            turn = twist * y * lopsided
            wide, deep = x * grow, z * grow
            p = np.stack(
                [
                    wide * np.cos(turn) - deep * np.sin(turn) + bend[0] * y * y * lopsided,
                    y + bend[1] * z * z + bend[2] * side * side,
                    wide * np.sin(turn) + deep * np.cos(turn) + bend[3] * y * y,
                ],
                axis=1,
            )
        if wobble:
            q = p if lopsided else np.abs(p * [1, 0, 0]) + p * [0, 1, 1]
            push = pushes if lopsided else pushes * [0, 1, 1]
            p = p + wobble * np.sin(q @ (waves.T * 7) + phase) @ push
        return np.asarray(p)

    return change
