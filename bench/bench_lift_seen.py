"""lift_seen: 50 boxes, and the components of 10 class maps, from the cameras to the points."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bench_splat_points import PROJECTION
from cases import seen_boxes, seen_regions
from harness import Case, Cost, Work, same, size_of
from peers import in_torch

from pdengine.kernels.lift_seen import lift_seen_boxes, lift_seen_pixels


def case(kind: str, points: int, side: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The function of this kind, and what it is given."""
    if kind == "boxes":
        return lift_seen_boxes, seen_boxes(points, side)
    return lift_seen_pixels, seen_regions(points, side, kind)


def gate() -> None:
    for kind in ("boxes", "maps", "masks"):
        op, small = case(kind, 2_000, 64)
        same(op(*small), op(*small, backend="reference"))


def work(kind: str, points: int) -> Work:
    op, inputs = case(kind, points, 512)
    found = op(*inputs)
    looked = int((found.pixel >= 0).sum())
    projected = found.pixel.numel()
    scene = inputs[:5]
    return Work(
        run=lambda: op(*inputs),
        cost=Cost(size_of(scene, found), PROJECTION * projected, gathers=projected + looked),
        # The points that are seen with what is kept of each, and the rows before they are joined.
        most_bytes=size_of(found) + 8 * len(found.point) + 12 * looked,
        peers=(in_torch(lambda: op(*inputs, backend="reference")),),
    )


CASES = [
    Case(
        "lift_seen",
        {"views": 10, "side": 512, "kind": kind, "points": points},
        partial(work, kind, points),
        gate,
        quick=points < 100_000,
    )
    for kind in ("boxes", "maps")
    for points in (10_000, 100_000, 1_000_000)
]
