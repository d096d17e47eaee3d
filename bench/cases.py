"""The real workloads: a generated chair, its views, class maps, boxes, masks, units and voxels.

Every workload is named by its sizes and is the same on every machine.  bench_<op>.py says which of
them an op is timed on, and gpu_ops.py times them on a GPU.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from pdengine.cameras import rig
from pdengine.io import mesh_from_arrays, sample_mesh
from pdengine.kernels.kernel_map import KernelMap, submanifold_map
from pdengine.kernels.label_components import label_components
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points
from pdengine.kernels.voxelize import voxelize
from pdengine.shapes import make

SPLAT_POINTS = (2_048, 16_384, 100_000, 1_000_000)
VIEWS = (1, 2, 5, 10, 20)
SIDES = (128, 224, 512, 1024)
GRIDS = ((2_048, 32), (10_000, 64), (100_000, 128))  # points, voxels along an axis
SHAPES = (1, 2, 5, 10, 20)

Scene = tuple[Tensor, Tensor, Tensor, Tensor]  # xyz, rotation, translation, focal


@lru_cache(maxsize=24)
def chair(points: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Points on a generated chair and their parts: xyz [N, 3] float32, part [N] int32."""
    shape = make("chair", seed)
    sampled = sample_mesh(mesh_from_arrays(shape.vertices, shape.faces.astype("int64")), points, 0)
    part = torch.as_tensor(shape.face_label)[sampled.face]
    return sampled.cloud.xyz.contiguous(), part.to(torch.int32)


def chair_normals(points: int) -> Tensor:
    """The normals of the same points. [N, 3] float32, of length 1."""
    shape = make("chair", 0)
    sampled = sample_mesh(mesh_from_arrays(shape.vertices, shape.faces.astype("int64")), points, 0)
    a, b, c = torch.from_numpy(shape.vertices)[torch.from_numpy(shape.faces).long()].unbind(1)
    normal = torch.nn.functional.normalize(torch.linalg.cross(b - a, c - a), dim=1)
    return normal[sampled.face]


@lru_cache(maxsize=2)
def chair_mesh() -> tuple[Tensor, Tensor]:
    """The chair as triangles, in the unit sphere: vertices [P, 3] float32, faces [F, 3] int32."""
    shape = make("chair", 0)
    vertices = torch.from_numpy(shape.vertices)
    return vertices / vertices.norm(dim=1).max(), torch.from_numpy(shape.faces)


def cameras(views: int = 10) -> tuple[Tensor, Tensor, Tensor]:
    """Rotation, translation and focal; ten are PartSLIP's rig."""
    around = rig(views)
    return around.rotation, around.translation, around.focal


def scene(points: int, views: int = 10) -> Scene:
    """A chair's points before the cameras."""
    return (chair(points)[0], *cameras(views))


@lru_cache(maxsize=4)
def class_maps(kind: str, side: int) -> Tensor:
    """Classes of 10 views, [10, side, side] int32, -1 is background.

    "parts" are rendered parts; "blobs" are a few pixels wide, some thousand components; "noise" is
    a class for each pixel by itself.
    """
    if kind == "parts":
        xyz, part = chair(100_000)
        index = splat_points(xyz, *cameras(), (side, side), 2.0).index
        return torch.where(index >= 0, part[index.long()], -1)
    fine = side if kind == "noise" else side // 8
    noise = torch.rand(10, 5, fine, fine, generator=torch.Generator().manual_seed(0))
    smooth = torch.nn.functional.interpolate(noise, (side, side), mode="bilinear")
    return (smooth.argmax(dim=1) - 1).to(torch.int32)


def seen_boxes(points: int, side: int) -> tuple[Any, ...]:
    """10 views, and five boxes in each, up to half the image wide: lift_seen_boxes' inputs."""
    views = scene(points)
    depth = splat_points(*views, (side, side), 2.0).depth
    random = torch.Generator().manual_seed(0)
    corner = torch.rand(50, 2, generator=random) * side * 0.6
    extent = torch.rand(50, 2, generator=random) * side * 0.5
    view = torch.arange(50) // 5
    corners = torch.cat([corner, corner + extent], dim=1)
    return (*views, depth, 0.02, corners, view)


def boxes(points: int, side: int) -> tuple[Tensor, Tensor, Tensor, tuple[int, int]]:
    """What those views see, and their boxes: lift_boxes' inputs."""
    *seen, corners, view = seen_boxes(points, side)
    return visible_points(*seen), corners, view, (side, side)


def seen_regions(points: int, side: int, kind: str) -> tuple[Any, ...]:
    """10 views, and the parts that they show: lift_seen_pixels' inputs.

    "maps" are one map a view; "masks" are 50 masks of a layer each.
    """
    xyz, part = chair(points)
    views = (xyz, *cameras())
    seen = splat_points(*views, (side, side), 2.0)
    looked = (*views, seen.depth, 0.02)
    found = label_components(torch.where(seen.index >= 0, part[seen.index.long()], -1))
    if kind == "maps":
        return (*looked, found.label, torch.arange(10), len(found))
    chosen = torch.arange(50) % len(found)
    mask = found.label[found.view[chosen]] == chosen[:, None, None]
    layer = torch.arange(50, dtype=torch.int32)[:, None, None]
    return (*looked, torch.where(mask, layer, -1), found.view[chosen], 50)


def regions(points: int, side: int, kind: str) -> tuple[Tensor, Tensor, Tensor, int]:
    """What those views see, and its parts: lift_pixels' inputs."""
    *seen, layers, view, count = seen_regions(points, side, kind)
    return visible_points(*seen), layers, view, count


@lru_cache(maxsize=8)
def units(points: int, count: int, parts: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Balls of 5 to 35 % of the radius on a chair: label [K], score [K], offsets [K + 1], point."""
    xyz, _ = chair(points)
    g = torch.Generator().manual_seed(count)
    centre = xyz[torch.randint(points, (count,), generator=g)]
    radius = 0.05 + 0.3 * torch.rand(count, 1, generator=g)
    inside = [
        ((xyz - c).norm(dim=1) <= r).nonzero()[:, 0] for c, r in zip(centre, radius, strict=True)
    ]
    size = torch.tensor([0, *map(len, inside)])
    label = torch.randint(parts, (count,), generator=g)
    return label, torch.rand(count, generator=g), size.cumsum(0), torch.cat(inside)


def logits(points: int, parts: int) -> tuple[Tensor, Tensor]:
    """Logits that ask for a gradient, and soft targets: [N, R] each."""
    g = torch.Generator().manual_seed(0)
    values = torch.randn(points, parts, generator=g).requires_grad_()
    return values, torch.rand(points, parts, generator=g)


def voxels(points: int, grid: int) -> Tensor:
    """The chair's voxels, so many along an axis of the unit sphere's box. [M, 3] int32."""
    return voxelize(chair(points)[0], 2 / grid).coords


def convolution(points: int, grid: int, width: int) -> tuple[Tensor, Tensor, KernelMap, Tensor]:
    """Features, weight, the map between the chair's voxels, and a gradient of the output."""
    kernel_map = submanifold_map(voxels(points, grid))
    g = torch.Generator().manual_seed(0)
    features = torch.randn(len(kernel_map.forward), width, generator=g)
    weight = torch.randn(27, width, width, generator=g)
    gradient = torch.randn(features.shape, generator=g)
    return features.requires_grad_(), weight.requires_grad_(), kernel_map, gradient
