"""raster_triangles: a generated chair as a mesh, 10 views."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import cameras, clock, on_threads, same

from pdengine.kernels.raster_triangles import raster_triangles
from pdengine.shapes import make


@on_threads
@pytest.mark.parametrize("side", [224, 512])
def test_raster_triangles_10_views(benchmark: Any, side: int, threads: int) -> None:
    shape = make("chair", 0)
    vertices, faces = torch.from_numpy(shape.vertices), torch.from_numpy(shape.faces)
    vertices = vertices / vertices.norm(dim=1).max()
    small = (vertices, faces[:200], *cameras(2), (24, 24))
    same(raster_triangles(*small), raster_triangles(*small, backend="reference"))
    scene = (vertices, faces, *cameras())
    clock(benchmark, threads, lambda: raster_triangles(*scene, (side, side)))
