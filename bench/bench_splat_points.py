"""splat_points: a chair in views of some pixels, over points, radii, views and image sizes."""

from __future__ import annotations

from functools import partial

from cases import SIDES, SPLAT_POINTS, VIEWS, cameras, chair, scene
from harness import Case, Cost, Work, same, size_of
from peers import in_torch, numba_splat

from pdengine.kernels.splat_points import splat_points

# To the camera 9 products and 9 sums, to the image 2 quotients, 4 products and 2 sums.
PROJECTION = 26
PEERS_UPTO = 100_000  # points; above it the library in torch takes seconds and gigabytes


def gate() -> None:
    for points, radius in ((50, 2.0), (2_000, 2.0), (2_000, 4.0)):
        small = (chair(points)[0], *cameras(2), (48, 40), radius)
        same(splat_points(*small), splat_points(*small, backend="reference"))


def work(views: int, side: int, radius: float, points: int) -> Work:
    shape, size = scene(points, views), (side, side)
    pixels = views * side * side
    inputs = (*shape, size, radius)
    peers = [numba_splat(shape, size, radius)]
    if points <= PEERS_UPTO:
        peers.append(in_torch(lambda: splat_points(*inputs, backend="reference")))
    # Outputs, and for each of two threads the keys of one view with a rim.
    rim = 2 * (int(radius) + 1)
    scratch = 2 * 8 * ((side + rim) ** 2 + (rim + 2) * side)
    return Work(
        run=lambda: splat_points(*inputs),
        cost=Cost(size_of(shape) + 8 * pixels, PROJECTION * views * points),
        most_bytes=8 * pixels + scratch,
        peers=tuple(peers),
    )


def case(views: int = 10, side: int = 512, radius: float = 2, points: int = 100_000) -> Case:
    sizes = {"views": views, "side": side, "radius": radius, "points": points}
    make = partial(work, views, side, float(radius), points)
    return Case("splat_points", dict(sizes), make, gate, quick=points < 100_000)


CASES = [
    *(case(points=points) for points in SPLAT_POINTS),
    *(case(radius=4, points=points) for points in (100_000, 1_000_000)),
    *(case(views=views) for views in VIEWS if views != 10),
    *(case(side=side) for side in SIDES if side != 512),
]
