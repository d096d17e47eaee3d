"""The workloads that the ops are timed on on a GPU, and what each must do at least."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import torch
from cases import boxes as box_case
from cases import cameras, chair, class_maps, convolution, seen_boxes, seen_regions, units
from cases import logits as loss_case
from cases import regions as pixel_case
from harness import size_of
from torch import Tensor

from pdengine.kernels.farthest_points import farthest_points
from pdengine.kernels.kernel_map import stride_map, submanifold_map
from pdengine.kernels.knn import knn
from pdengine.kernels.label_components import label_components
from pdengine.kernels.lift_boxes import lift_boxes
from pdengine.kernels.lift_pixels import lift_pixels
from pdengine.kernels.lift_seen import lift_seen_boxes, lift_seen_pixels
from pdengine.kernels.raster_triangles import raster_triangles
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
from pdengine.kernels.sparse_conv import sparse_conv
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.unit_agreement import unit_agreement
from pdengine.kernels.unit_targets import unit_targets
from pdengine.kernels.visible_points import visible_points
from pdengine.kernels.voxelize import voxelize
from pdengine.shapes import make

# What sums in another order, and one rounding, may change: a norm's share.
FLOAT32, HALF = 1e-5, 5e-3


@dataclass(frozen=True)
class Case:
    """One op on one workload.

    Attributes:
        run: the op on tensors that are given.
        inputs: of the op, on the CPU.
        floor: what it must do at least, by the names of gpu_limits.py.
        error: what the answer's floats may differ by, relative; 0 where it is equal bit for bit.
    """

    name: str
    run: Callable[..., Any]
    inputs: tuple[Any, ...]
    floor: dict[str, float]
    error: float = 0.0


def moved(value: Any, device: str) -> Any:
    """Every tensor inside, on the device."""
    if isinstance(value, Tensor):
        return value.detach().to(device).requires_grad_(value.requires_grad)
    if isinstance(value, tuple):
        return tuple(moved(item, device) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: moved(getattr(value, f.name), device) for f in fields(value)}
        )
    return value


def tensors(value: Any) -> Iterator[Tensor]:
    """Every tensor inside, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from tensors(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from tensors(getattr(value, f.name))


def loss_step(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    loss = soft_cross_entropy(logits, targets)
    return loss, torch.autograd.grad(loss, logits)[0]


def conv_step(features: Tensor, weight: Tensor, kernel_map: Any, gradient: Tensor) -> Any:
    out = sparse_conv(features, weight, kernel_map)
    return (out, *torch.autograd.grad(out, (features, weight), gradient))


def moves(*values: Any, minima: float = 0.0, gathers: float = 0.0) -> dict[str, float]:
    """The floor of a case that computes little: these are read or written once."""
    return {
        "copy_bytes_per_s": float(size_of(*values)),
        "minima_64_bit_per_s": minima,
        "l2_gathers_per_s": gathers,
    }


def on_images() -> Iterator[Case]:
    for points in (2_048, 100_000, 1_000_000):
        scene = (chair(points)[0], *cameras())
        seen = splat_points(*scene, (512, 512), 2.0)
        hit = int((splat_points(*scene, (512, 512), 0.0).index >= 0).sum())  # before discs grow
        inputs = (*scene, (512, 512), 2.0)
        yield Case(
            f"splat_points[views=10 side=512 radius=2 points={points}]",
            *(splat_points, inputs, moves(scene, seen, minima=hit)),
        )
        inputs = (*scene, seen.depth, 0.02)
        out = visible_points(*inputs)
        yield Case(
            f"visible_points[views=10 side=512 points={points}]",
            *(visible_points, inputs, moves(scene, out, gathers=out.numel())),
        )
    shape = make("chair", 0)
    mesh = (torch.from_numpy(shape.vertices), torch.from_numpy(shape.faces))
    raster = (*mesh, *cameras(), (512, 512))
    drawn = raster_triangles(*raster)
    floor = moves(mesh, drawn, minima=int((drawn.index >= 0).sum()))
    yield Case("raster_triangles[views=10 side=512]", raster_triangles, raster, floor)
    for kind in ("parts", "blobs", "noise"):
        maps = class_maps(kind, 512)
        name = f"label_components[views=10 side=512 kind={kind}]"
        yield Case(name, label_components, (maps,), moves(maps, maps))


def on_units() -> Iterator[Case]:
    boxes = box_case(100_000, 512)
    floor = moves(boxes, lift_boxes(*boxes))
    yield Case("lift_boxes[views=10 boxes=50 points=100000]", lift_boxes, boxes, floor)
    for kind in ("maps", "masks"):
        maps = pixel_case(100_000, 512, kind)
        floor = moves(maps[0], lift_pixels(*maps), gathers=int((maps[0] >= 0).sum()))
        name = f"lift_pixels[views=10 side=512 kind={kind} points=100000]"
        yield Case(name, lift_pixels, maps, floor)
    for points in (10_000, 100_000, 1_000_000):
        for kind, lift, inputs in (
            ("boxes", lift_seen_boxes, seen_boxes(points, 512)),
            ("maps", lift_seen_pixels, seen_regions(points, 512, "maps")),
        ):
            lifted = lift(*inputs)
            looked = lifted.pixel.numel() + int((lifted.pixel >= 0).sum())
            name = f"lift_seen[views=10 side=512 kind={kind} points={points}]"
            yield Case(name, lift, inputs, moves(inputs[:5], lifted, gathers=looked))
    label, score, offsets, point = units(100_000, 200, 10)
    inputs = (label, score, offsets, point, torch.linspace(1, 4, 10), 100_000)
    name, floor = (
        "unit_targets[units=200 parts=10 points=100000]",
        moves(point, unit_targets(*inputs)),
    )
    yield Case(name, unit_targets, inputs, floor, FLOAT32)
    said = torch.arange(100_000) % 10
    inputs = (label, offsets, point, said)
    floor = moves(point, said, gathers=len(point))
    yield Case("unit_agreement[units=200 points=100000]", unit_agreement, inputs, floor)


def on_voxels() -> Iterator[Case]:
    for points, parts in ((2_048, 4), (100_000, 10)):
        inputs = loss_case(points, parts)
        name, floor = f"soft_cross_entropy[parts={parts} points={points}]", moves(inputs, inputs[1])
        yield Case(name, loss_step, inputs, floor, FLOAT32)
    for points, grid in ((10_000, 64), (100_000, 128)):
        xyz, about_it = chair(points)[0], f"grid={grid} points={points}"
        found = voxelize(xyz, 2 / grid)
        yield Case(f"voxelize[{about_it}]", voxelize, (xyz, 2 / grid), moves(xyz, found))
        coords = found.coords
        floor = moves(coords, submanifold_map(coords))
        yield Case(f"submanifold_map[{about_it}]", submanifold_map, (coords,), floor)
        floor = moves(coords, stride_map(coords))
        yield Case(f"stride_map[{about_it}]", stride_map, (coords,), floor)
    for points, grid, width in ((2_048, 32, 64), (10_000, 64, 64), (100_000, 128, 96)):
        inputs = convolution(points, grid, width)
        features, weight, kernel_map, gradient = inputs
        pairs = int((kernel_map.forward >= 0).sum())
        for kind, gave in (
            ("", features),
            (" dtype=bf16", features.detach().bfloat16().requires_grad_()),
        ):
            given = (gave, weight, kernel_map, gradient.to(gave.dtype))
            # Features, output and two gradients of theirs; weight and its gradient; the map.
            floor = moves(gave, gave, gave, gave, weight, weight, kernel_map)
            floor["bf16_flop_per_s"] = 3.0 * 2 * pairs * width * width
            name = f"sparse_conv[grid={grid} width={width} points={points}{kind}]"
            yield Case(name, conv_step, given, floor, HALF if kind else FLOAT32)


def on_points() -> Iterator[Case]:
    xyz = chair(100_000)[0]
    floor = moves(xyz, knn(xyz, xyz, 20))
    yield Case("knn[k=20 points=100000]", knn, (xyz, xyz, 20), floor)
    floor = {"graph_node_s": 1024.0}  # none can be chosen before the one before it
    inputs = (xyz, 1024)
    yield Case("farthest_points[count=1024 points=100000]", farthest_points, inputs, floor)


def cases() -> Iterator[Case]:
    for some in (on_images, on_units, on_voxels, on_points):
        yield from some()
