"""Every CUDA op once on a small input, for compute-sanitizer: python bench/gpu_smoke.py"""

from __future__ import annotations

import sys

import torch
from cases import cameras, chair
from gpu_cases import moved

from pdengine.kernels import _dispatch
from pdengine.kernels.farthest_points import farthest_points
from pdengine.kernels.kernel_map import stride_map, submanifold_map
from pdengine.kernels.knn import knn
from pdengine.kernels.label_components import label_components
from pdengine.kernels.lift_seen import lift_seen_boxes, lift_seen_pixels
from pdengine.kernels.raster_triangles import raster_triangles
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points
from pdengine.kernels.voxelize import voxelize
from pdengine.shapes import make


def main() -> int:
    xyz, part = moved(chair(2_000), "cuda")
    views = moved(cameras(2), "cuda")
    for radius in (0.0, 1.0, 6.0):
        seen = splat_points(xyz, *views, (60, 52), radius)
        visible_points(xyz, *views, seen.depth, 0.02)
        maps = torch.where(seen.index >= 0, part[seen.index.clamp_min(0).long()], -1)
        found = label_components(maps)
        scene, both = (xyz, *views, seen.depth, 0.02), torch.arange(2, device="cuda")
        lift_seen_pixels(*scene, found.label, both, len(found))
        lift_seen_boxes(*scene, torch.tensor([[9.0, 9, 40, 30]] * 2, device="cuda"), both)
    shape = make("mug", 0)
    mesh = moved((torch.from_numpy(shape.vertices), torch.from_numpy(shape.faces)), "cuda")
    raster_triangles(*mesh, *views, (40, 40))
    coords = voxelize(xyz, 0.1).coords
    submanifold_map(coords)
    stride_map(coords)
    knn(xyz[:500], xyz[:500], 8)
    farthest_points(xyz, 20)
    torch.cuda.synchronize()
    for op, backend in _dispatch.taken.items():
        print(op, backend)
    return 0


if __name__ == "__main__":
    sys.exit(main())
