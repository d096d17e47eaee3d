"""visible_points: a chair in 10 views of 512 pixels, drawn with discs of 2 pixels."""

from __future__ import annotations

from functools import partial

from bench_splat_points import PROJECTION
from cases import cameras, chair, scene
from harness import Case, Cost, Work, same, size_of
from peers import in_torch, open3d_hidden

from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points


def gate() -> None:
    small = (chair(2_000)[0], *cameras(2))
    shallow = splat_points(*small, (48, 40), 1.0).depth
    inputs = (*small, shallow, 0.02)
    same(visible_points(*inputs), visible_points(*inputs, backend="reference"))


def work(points: int) -> Work:
    views = scene(points)
    depth = splat_points(*views, (512, 512), 2.0).depth
    inputs = (*views, depth, 0.02)
    seen = 10 * points
    peers = [in_torch(lambda: visible_points(*inputs, backend="reference"))]
    if points <= 100_000:
        peers.append(open3d_hidden(*views[:3]))
    return Work(
        run=lambda: visible_points(*inputs),
        cost=Cost(size_of(inputs) + 4 * seen, PROJECTION * seen, gathers=seen),
        most_bytes=4 * seen,
        peers=tuple(peers),
    )


CASES = [
    Case(
        "visible_points",
        {"views": 10, "side": 512, "points": points},
        partial(work, points),
        gate,
        quick=points < 100_000,
    )
    for points in (16_384, 100_000, 1_000_000)
]
