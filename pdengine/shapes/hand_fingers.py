"""Fingers and thumbs: of flesh, of balloons, with claws, of boxes on hinges, of wood on balls."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pdengine.shapes.bodies import across, ball, jointed, tube, unit, vector
from pdengine.shapes.curves import Array, circle, rounded_rectangle, straight
from pdengine.shapes.primitives import Surface, sweep


class Digit(NamedTuple):
    """One finger.

    Attributes:
        joints: [J, 3] from inside the palm to the tip.
        radii: [J] at the joints.
        palm_side: where the palm looks.
    """

    joints: Array
    radii: Array
    palm_side: Array


def digit_surfaces(digit: Digit, style: str) -> list[Surface]:
    if style in ("boxes", "rods"):
        return _machine(digit, style == "boxes")
    if style == "mannequin":
        return _wooden(digit)
    if style == "claw":
        return _clawed(digit)
    if style == "cartoon":
        swollen = digit.radii * np.interp(
            np.linspace(0, 1, len(digit.radii)), [0, 0.6, 1], [0.9, 1.0, 1.1]
        )
        return [jointed(list(digit.joints), list(swollen), 16)]
    return [jointed(list(digit.joints), list(digit.radii), 14)]


def _clawed(digit: Digit) -> list[Surface]:
    """A finger that ends in a nail like a hook; the nail is part of the finger."""
    tip, before = digit.joints[-1], digit.joints[-2]
    ahead = unit(tip - before)
    long = float(digit.radii[0]) * 3.0
    down = across(ahead, digit.palm_side)
    nail = [
        tip - 0.3 * long * ahead,
        tip + 0.3 * long * ahead,
        tip + long * unit(ahead + 0.7 * down),
    ]
    return [
        jointed(list(digit.joints), list(digit.radii), 14),
        jointed(nail, list(digit.radii[-1] * np.array([0.9, 0.8, 0.35])), 12),
    ]


def _wooden(digit: Digit) -> list[Surface]:
    """Swollen pieces with balls between them."""
    surfaces = []
    pieces = list(pairwise(range(len(digit.joints))))[1 if len(digit.joints) > 4 else 0 :]
    for a, b in pieces:
        start, end = digit.joints[a], digit.joints[b]
        radius = np.interp(np.linspace(0, 1, 10), [0, 1], [digit.radii[a], digit.radii[b]])
        swell = np.array([0.65, 0.85, 0.98, 1.05, 1.06, 1.03, 0.98, 0.9, 0.8, 0.65])
        inset = 0.06 * (end - start)
        surfaces.append(tube(straight(start + inset, end - inset, 10), radius * swell, 14, 0.4))
        surfaces.append(ball(start, [1.75 * digit.radii[a]] * 3, 12))
    root = digit.joints[0]
    surfaces.append(jointed([root, digit.joints[1]], [0.6 * digit.radii[0]] * 2, 12))
    return surfaces


def _machine(digit: Digit, square: bool) -> list[Surface]:
    """Links, boxes or rods, with hinges between them."""
    surfaces = []
    outline = rounded_rectangle(1.8, 1.8, 0.3, 16) if square else circle(1.0, 16)
    for a, b in pairwise(range(len(digit.joints))):
        start, end = digit.joints[a], digit.joints[b]
        along = unit(end - start)
        side = across(along, vector(1, 0, 0))
        radius = float(digit.radii[a])
        gap = 0.5 * radius
        path = straight(start + gap * along, end - gap * along, 3)
        surfaces.append(sweep(path, outline * radius * 0.92, 1.0, side, 0.15 * radius))
        axle = straight(start - 1.05 * radius * side, start + 1.05 * radius * side, 3)
        surfaces.append(tube(axle, [0.72 * radius] * 3, 14, 0.1))
    return surfaces
