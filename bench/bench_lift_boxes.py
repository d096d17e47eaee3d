"""lift_boxes: 50 boxes over 10 views of a chair."""

from __future__ import annotations

from functools import partial

from cases import boxes
from harness import Case, Cost, Work, same, size_of
from peers import in_torch

from pdengine.kernels.lift_boxes import lift_boxes


def gate() -> None:
    small = boxes(2_000, 64)
    same(lift_boxes(*small), lift_boxes(*small, backend="reference"))


def work(points: int) -> Work:
    inputs = boxes(points, 512)
    found = lift_boxes(*inputs)
    seen = int((inputs[0] >= 0).sum())
    return Work(
        run=lambda: lift_boxes(*inputs),
        cost=Cost(size_of(inputs, found)),
        # Rows, columns and numbers of the points that are seen, and rows that are joined.
        most_bytes=2 * size_of(found) + 12 * seen,
        peers=(in_torch(lambda: lift_boxes(*inputs, backend="reference")),),
    )


CASES = [
    Case(
        "lift_boxes",
        {"views": 10, "boxes": 50, "points": points},
        partial(work, points),
        gate,
        quick=points < 100_000,
    )
    for points in (10_000, 100_000, 1_000_000)
]
