"""raster_triangles: a generated chair as a mesh, 10 views."""

from __future__ import annotations

from functools import partial

from cases import SIDES, cameras, chair_mesh
from harness import Case, Cost, Work, same, size_of
from peers import open3d_rays

from pdengine.kernels.raster_triangles import raster_triangles


def gate() -> None:
    vertices, faces = chair_mesh()
    small = (vertices, faces[:200], *cameras(2), (24, 24))
    same(raster_triangles(*small), raster_triangles(*small, backend="reference"))


def work(side: int) -> Work:
    mesh, views = chair_mesh(), cameras()
    pixels = 10 * side * side  # index, depth and two weights each
    return Work(
        run=lambda: raster_triangles(*mesh, *views, (side, side)),
        cost=Cost(size_of(mesh, views) + 16 * pixels),
        most_bytes=16 * pixels + 2 * 32 * len(mesh[0]),  # corners of one view for each thread
        peers=(open3d_rays(mesh, views, side),),
    )


CASES = [
    Case("raster_triangles", {"views": 10, "side": side}, partial(work, side), gate, side < 512)
    for side in SIDES
]
