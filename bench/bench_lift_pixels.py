"""lift_pixels: the components of 10 class maps, and 50 masks, of a chair."""

from __future__ import annotations

from functools import partial

from cases import regions
from harness import Case, Cost, Work, same, size_of
from peers import in_torch

from pdengine.kernels.lift_pixels import lift_pixels


def gate() -> None:
    for kind in ("maps", "masks"):
        small = regions(2_000, 64, kind)
        same(lift_pixels(*small), lift_pixels(*small, backend="reference"))


def work(kind: str, points: int) -> Work:
    inputs = regions(points, 512, kind)
    pixel, _, view, _ = inputs
    found = lift_pixels(*inputs)
    looked = int((pixel >= 0).sum(dim=1)[view].sum())  # a layer is read where points are seen
    return Work(
        run=lambda: lift_pixels(*inputs),
        cost=Cost(size_of(pixel, view, found) + 4 * looked, gathers=looked),
        # The points that are seen, and units and points of every hit before they are sorted.
        most_bytes=size_of(found) + 8 * len(found[1]) + 8 * int((pixel >= 0).sum()),
        peers=(in_torch(lambda: lift_pixels(*inputs, backend="reference")),),
    )


CASES = [
    Case(
        "lift_pixels",
        {"views": 10, "side": 512, "kind": kind, "points": points},
        partial(work, kind, points),
        gate,
        quick=points < 100_000,
    )
    for kind in ("maps", "masks")
    for points in (10_000, 100_000, 1_000_000)
]
