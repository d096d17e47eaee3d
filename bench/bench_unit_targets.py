"""unit_targets: 200 units on a chair."""

from __future__ import annotations

from functools import partial

import torch
from cases import units
from harness import Case, Cost, Work, same, size_of
from peers import in_torch

from pdengine.kernels.unit_targets import unit_targets

PARTS = 10
WEIGHT = torch.linspace(1, 4, PARTS)


def gate() -> None:
    few = (*units(500, 40, PARTS), WEIGHT, 500)
    same(unit_targets(*few), unit_targets(*few, backend="reference"))


def work(points: int) -> Work:
    inputs = (*units(points, 200, PARTS), WEIGHT, points)
    members, out = len(inputs[3]), 4 * points * PARTS
    return Work(
        run=lambda: unit_targets(*inputs),
        # A membership adds to the score and to the count of its point.
        cost=Cost(size_of(inputs) + out, 2 * members + 2 * points * PARTS),
        most_bytes=out + 4 * points + 9 * members,  # checking the order takes most of it
        peers=(in_torch(lambda: unit_targets(*inputs, backend="reference")),),
    )


CASES = [
    Case(
        "unit_targets",
        {"units": 200, "parts": PARTS, "points": points},
        partial(work, points),
        gate,
        quick=points < 100_000,
    )
    for points in (10_000, 100_000)
]
