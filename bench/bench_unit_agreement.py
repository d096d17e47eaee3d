"""unit_agreement: 200 units on a chair."""

from __future__ import annotations

from functools import partial

import torch
from cases import units
from harness import Case, Cost, Work, same, size_of
from peers import in_torch
from torch import Tensor

from pdengine.kernels.unit_agreement import unit_agreement

PARTS = 10


def inputs_of(points: int, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    label, _, offsets, point = units(points, count, PARTS)
    return label, offsets, point, torch.arange(points) % PARTS


def gate() -> None:
    few = inputs_of(500, 40)
    same(unit_agreement(*few), unit_agreement(*few, backend="reference"))


def work(points: int) -> Work:
    inputs = inputs_of(points, 200)
    members = len(inputs[2])
    return Work(
        run=lambda: unit_agreement(*inputs),
        cost=Cost(size_of(inputs) + 4 * 200, members, gathers=members),
        most_bytes=4 * 200 + 9 * members,  # checking the order takes all of it
        peers=(in_torch(lambda: unit_agreement(*inputs, backend="reference")),),
    )


CASES = [
    Case(
        "unit_agreement",
        {"units": 200, "points": points},
        partial(work, points),
        gate,
        quick=points < 100_000,
    )
    for points in (10_000, 100_000)
]
