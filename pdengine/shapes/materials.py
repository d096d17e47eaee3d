"""Plausible colours for parts: what things are made of, each with the range of its tint."""

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """The range of a material's tint, as (low, high).

    Attributes:
        hue: share of the colour circle, 0 is red; above 1 it goes round.
        saturation: 0 is grey.
        value: 0 is black.
        grain: standard deviation of the brightness from point to point.
    """

    hue: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]
    grain: float


MATERIALS = {
    "wood": Material((0.05, 0.11), (0.35, 0.75), (0.25, 0.85), 0.06),
    "metal": Material((0.50, 0.66), (0.00, 0.08), (0.35, 0.85), 0.03),
    "brass": Material((0.10, 0.14), (0.35, 0.70), (0.50, 0.85), 0.03),
    "plastic": Material((0.00, 1.00), (0.30, 0.95), (0.25, 0.95), 0.015),
    "rubber": Material((0.00, 1.00), (0.00, 0.15), (0.08, 0.25), 0.02),
    "fabric": Material((0.00, 1.00), (0.05, 0.60), (0.20, 0.85), 0.05),
    "leather": Material((0.02, 0.07), (0.30, 0.70), (0.12, 0.50), 0.04),
    "ceramic": Material((0.00, 1.00), (0.00, 0.15), (0.80, 0.97), 0.015),
    "fur": Material((0.03, 0.11), (0.10, 0.60), (0.10, 0.85), 0.07),
}


def material_colours(parts: int, rng: np.random.Generator) -> tuple[Colours, Colours]:
    """A material colour for every part, and how much it varies from point to point.

    A thing is made of one to three materials, so parts often share one, tint and all.

    Returns:
        [parts, 3] float32, red green blue in [0, 1], and [parts] float32, the standard deviation.
    """
    names = list(MATERIALS)
    tints, grains = [], []
    for _ in range(int(rng.integers(1, 4))):
        material = MATERIALS[names[int(rng.integers(len(names)))]]
        h, s, v = (rng.uniform(*r) for r in (material.hue, material.saturation, material.value))
        tints.append(colorsys.hsv_to_rgb(h % 1, s, v))
        grains.append(material.grain)
    made_of = rng.integers(len(tints), size=parts)
    return np.array(tints, np.float32)[made_of], np.array(grains, np.float32)[made_of]
