"""Fins of rockets: blades in the plane z = 0 that leave a tube around the y axis towards +x."""

import numpy as np

from pdengine.shapes.bodies import fin
from pdengine.shapes.curves import Array, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface

# Which fins a kind of rocket may have, and how often.
FINS = {
    "model": {"clipped": 4.0, "swept": 3.0, "delta": 2.0, "round": 1.5, "rectangle": 1.0},
    "missile": {"clipped": 3.0, "swept": 2.0, "delta": 3.0, "rectangle": 1.0},
    "toy": {"clipped": 2.0, "round": 2.0, "leg": 3.0, "swept": 2.0, "delta": 1.5},
    "storybook": {"leg": 5.0, "swept": 2.5, "round": 1.5, "clipped": 1.5, "delta": 1.0},
    "launcher": {"clipped": 3.0, "delta": 3.0, "rectangle": 1.0, "swept": 1.0},
}
# Leading and trailing edge at the root, half way and the tip: (share of the span, height as a
# share of the root chord); the trailing edge of the root is at 0.
EDGES: dict[str, tuple[list[tuple[float, float]], list[tuple[float, float]]]] = {
    "clipped": ([(0, 1.0), (0.5, 0.75), (1, 0.5)], [(0, 0.0), (0.5, 0.0), (1, 0.0)]),
    "swept": ([(0, 1.0), (0.5, 0.55), (1, 0.1)], [(0, 0.0), (0.5, -0.15), (1, -0.3)]),
    "delta": ([(0, 1.0), (0.5, 0.55), (1, 0.1)], [(0, 0.0), (0.5, 0.0), (1, 0.0)]),
    "rectangle": ([(0, 1.0), (0.5, 1.0), (1, 0.97)], [(0, 0.0), (0.5, 0.0), (1, 0.0)]),
    "strake": ([(0, 1.0), (0.5, 0.93), (1, 0.85)], [(0, 0.0), (0.5, 0.0), (1, 0.0)]),
    "round": (
        [(0, 1.0), (0.55, 0.9), (0.9, 0.6), (1, 0.35)],
        [(0, 0.0), (0.5, 0.05), (0.88, 0.15), (1, 0.3)],
    ),
    "leg": (
        [(0, 1.0), (0.45, 0.8), (0.8, 0.3), (1, -0.45)],
        [(0, 0.1), (0.3, 0.15), (0.6, -0.1), (0.9, -0.5)],
    ),
}


def draw_fin(
    dice: Dice, kind: str, radius: float, y: float, thick: bool, inside: float | None = None
) -> Surface:
    """One fin on a tube of this radius, its trailing edge at height y.

    Args:
        thick: as moulded in plastic rather than cut from a sheet.
        inside: where the root begins when the tube narrows towards its foot.
    """
    chord = dice.between(0.14, 0.34)
    span = radius * 0.5 + dice.between(0.07, 0.24)
    if kind == "strake":
        chord, span = dice.between(0.25, 0.5), dice.between(0.04, 0.1)
    elif kind == "leg":
        span = radius * 0.7 + dice.between(0.12, 0.26)
    elif y > 0:  # the front set is smaller
        chord, span = 0.6 * chord, 0.7 * span
    elif dice.chance(0.2):  # stubs
        span = radius * 0.5 + 0.03
    lead, trail = EDGES[kind]
    bend = dice.between(0.75, 1.3)
    root = 0.6 * (radius if inside is None else min(radius, inside))
    lean = dice.between(-0.06, 0.1) if kind in ("clipped", "swept", "round") else 0.0
    foot = 0.02 if y == 0.0 else y
    width = dice.between(0.035, 0.07) if thick else dice.between(0.012, 0.025)
    taper = np.linspace(1.0, dice.between(0.5, 1.0), 14)

    def edge(knots: list[tuple[float, float]]) -> Array:
        points = [(root + s * (span + radius - root), h) for s, h in knots]
        curve = smooth(points, 14) if len(points) > 3 else _straight(points)
        out = np.clip((curve[:, 0] - root) / (span + radius - root), 0, 1) ** bend
        high = foot + chord * curve[:, 1] - lean * out
        return np.stack([curve[:, 0], high, 0 * high], 1)

    return fin(edge(lead), edge(trail), np.maximum(width * taper, 0.011), points=18)


def _straight(points: list[tuple[float, float]]) -> Array:
    t = np.linspace(0, 1, 14)
    knots = np.array(points)
    where = np.linspace(0, 1, len(knots))
    return np.stack([np.interp(t, where, knots[:, k]) for k in range(2)], 1)
