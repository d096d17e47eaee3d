"""How a bust is worked: features that hardly stand out, and a skin that chisel and weather left."""

from math import pi

import numpy as np

from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface

Parts = list[tuple[str, list[Surface]]]
SUNK = ("eye", "nose", "mouth")


def hewn(dice: Dice, parts: Parts) -> Parts:
    """The parts of a head in low relief, or rough all over, so that a face is no smooth egg."""
    sunk = dice.between(0.003, 0.018) if dice.chance(0.4) else 0.0
    rough = dice.log_between(0.003, 0.016) if dice.chance(0.45) else 0.0
    rate = dice.log_between(6.0, 26.0)
    ways = np.array([[dice.between(-1, 1) for _ in range(3)] for _ in range(6)])
    ways *= rate / np.sqrt((ways * ways).sum(1, keepdims=True))
    pushes = np.array([[dice.between(-1, 1) for _ in range(3)] for _ in range(6)])
    phase = np.array([dice.between(0, 2 * pi) for _ in range(6)])

    def worked(part: str, vertices: Array) -> Array:
        if part in SUNK:
            vertices = vertices - [0.0, 0.0, sunk]
        if rough:
            vertices = vertices + rough * np.sin(vertices @ ways.T + phase) @ pushes
        return vertices

    return [(part, [Surface(worked(part, v), f) for v, f in made]) for part, made in parts]
