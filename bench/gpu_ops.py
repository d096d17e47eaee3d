"""Time every op on the GPU, each as a share of the machine's own limit.

    python bench/gpu_ops.py --csv FILE [--limits FILE] [--only NAME]

Each case is first compared with the CPU's answer on the same input: indices bit for bit, floats
within the error of float32 sums.  A case that differs or fails is not timed, and the run ends with
1.  The time is that of a call (median, 20 % and 80 %) and, where the call can be captured, of a
graph.  An op without a GPU backend is listed as such, and counts as wrong.  Without the limits, or
where their file is not there, no share is told.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import torch
from cases import boxes as box_case
from cases import cameras, chair, class_maps, convolution, seen_boxes, seen_regions, units
from cases import logits as loss_case
from cases import regions as pixel_case
from gpu_clock import captured, table, times_ms
from run import commit
from torch import Tensor

from pdengine.kernels import _dispatch
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

COLUMNS = (
    *("case", "ms", "p20", "p80", "graph_ms", "floor_ms", "share_of_limit", "limit"),
    *("gpu", "torch", "commit"),
)


@dataclass(frozen=True)
class Case:
    """One op on one workload.

    Attributes:
        run: the op on tensors that are given.
        inputs: of the op, on the CPU.
        floor: what it must move or compute: ("copy_bytes_per_s", bytes) and the like.
        exact: whether the answer is equal bit for bit.
    """

    name: str
    run: Callable[..., Any]
    inputs: tuple[Any, ...]
    floor: tuple[str, float]
    exact: bool = True


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


def size(*values: Any) -> int:
    """Bytes."""
    return sum(t.numel() * t.element_size() for value in values for t in tensors(value))


def loss_step(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    loss = soft_cross_entropy(logits, targets)
    return loss, torch.autograd.grad(loss, logits)[0]


def conv_step(features: Tensor, weight: Tensor, kernel_map: Any, gradient: Tensor) -> Any:
    out = sparse_conv(features, weight, kernel_map)
    return (out, *torch.autograd.grad(out, (features, weight), gradient))


def cases() -> Iterator[Case]:
    moves = "copy_bytes_per_s"
    for points in (16_000, 100_000, 1_000_000):
        scene = (chair(points)[0], *cameras())
        seen = splat_points(*scene, (512, 512), 2.0)
        name = f"10x512_{points}"
        inputs = (*scene, (512, 512), 2.0)
        yield Case(f"splat_points_{name}", splat_points, inputs, (moves, size(scene, seen)))
        inputs = (*scene, seen.depth, 0.02)
        out = visible_points(*inputs)
        yield Case(
            f"visible_points_{name}", visible_points, inputs, (moves, size(scene, seen, out))
        )
    shape = make("chair", 0)
    mesh = (torch.from_numpy(shape.vertices), torch.from_numpy(shape.faces))
    raster = (*mesh, *cameras(), (512, 512))
    pixels = 10 * 512 * 512 * 16
    yield Case("raster_triangles_10x512", raster_triangles, raster, (moves, size(mesh) + pixels))
    for kind in ("parts", "blobs", "noise"):
        maps = class_maps(kind, 512)
        floor = (moves, 2.0 * size(maps))
        yield Case(f"label_components_10x512_{kind}", label_components, (maps,), floor)
    boxes = box_case(100_000, 512)
    out = lift_boxes(*boxes)
    yield Case("lift_boxes_50_100000", lift_boxes, boxes, (moves, size(boxes, out)))
    for kind in ("maps", "masks"):
        maps = pixel_case(100_000, 512, kind)
        out = lift_pixels(*maps)
        yield Case(f"lift_pixels_{kind}_100000", lift_pixels, maps, (moves, size(maps[0], out)))
    for points in (10_000, 100_000, 1_000_000):
        seen_case = seen_boxes(points, 512)
        lifted = lift_seen_boxes(*seen_case)
        floor = (moves, size(seen_case, lifted))
        yield Case(f"lift_seen_boxes_{points}", lift_seen_boxes, seen_case, floor)
        seen_case = seen_regions(points, 512, "maps")
        lifted = lift_seen_pixels(*seen_case)
        floor = (moves, size(seen_case[:5], lifted))
        yield Case(f"lift_seen_maps_{points}", lift_seen_pixels, seen_case, floor)
    label, score, offsets, point = units(100_000, 200, 10)
    inputs = (label, score, offsets, point, torch.linspace(1, 4, 10), 100_000)
    out = unit_targets(*inputs)
    yield Case("unit_targets_k200", unit_targets, inputs, (moves, size(point, out)), False)
    said = torch.arange(100_000) % 10
    inputs = (label, offsets, point, said)
    yield Case("unit_agreement_k200", unit_agreement, inputs, (moves, size(point, said)))
    for points, parts in ((2_048, 4), (100_000, 10)):
        inputs = loss_case(points, parts)
        floor = (moves, 3.0 * size(inputs[1]))
        yield Case(f"soft_cross_entropy_{points}_{parts}", loss_step, inputs, floor, False)
    for points, grid in ((10_000, 64), (100_000, 128)):
        xyz = chair(points)[0]
        found = voxelize(xyz, 2 / grid)
        yield Case(f"voxelize_{points}", voxelize, (xyz, 2 / grid), (moves, size(xyz, found)))
        coords = found.coords
        out = submanifold_map(coords)
        yield Case(f"submanifold_map_{points}", submanifold_map, (coords,), (moves, size(out)))
        out = stride_map(coords)
        yield Case(f"stride_map_{points}", stride_map, (coords,), (moves, size(out)))
    for points, grid, width in ((2_048, 32, 64), (10_000, 64, 64), (100_000, 128, 96)):
        inputs = convolution(points, grid, width)
        pairs = int((inputs[2].forward >= 0).sum())
        floor = ("bf16_flop_per_s", 3.0 * 2 * pairs * width * width)
        yield Case(f"sparse_conv_step_{points}_{width}", conv_step, inputs, floor, False)
    xyz = chair(100_000)[0]
    yield Case("knn_k20_100000", knn, (xyz, xyz, 20), (moves, size(xyz) + 100_000 * 20 * 12))
    yield Case("farthest_points_1024_100000", farthest_points, (xyz, 1024), (moves, size(xyz)))


def differs(found: Any, expected: Any, exact: bool) -> str | None:
    """One sentence, or None where the two answers are the same."""
    for k, (one, other) in enumerate(zip(tensors(found), tensors(expected), strict=True)):
        one = one.detach().cpu()
        other = other.detach()
        if one.shape != other.shape or one.dtype != other.dtype:
            got, due = (f"{t.dtype} {list(t.shape)}" for t in (one, other))
            return f"output {k} is {got}, not {due}"
        if exact or not other.is_floating_point():
            if not torch.equal(one, other):
                wrong = int((one != other).sum())
                return f"output {k} differs in {wrong} of {one.numel()} values"
            continue
        error = float((one - other).norm() / other.norm().clamp_min(1e-30))
        if not error < 1e-5:  # also NaN
            return f"output {k} has the relative error {error:.1e}"
    return None


def one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def compare(case: Case) -> str | None:
    """What is wrong with the GPU's answer, or None."""
    expected = case.run(*case.inputs)
    _dispatch.taken.clear()
    try:
        found = case.run(*moved(case.inputs, "cuda"))
    except Exception as error:  # of ours, of torch or of Triton's compiler: told, and not timed
        return one_line(error)
    slow = [op for op, backend in _dispatch.taken.items() if backend == "reference"]
    if slow:
        return f"{', '.join(slow)} has no GPU backend"
    return differs(found, expected, case.exact)


def measure(case: Case, limits: dict[str, Any]) -> dict[str, Any]:
    inputs = moved(case.inputs, "cuda")
    run: Callable[[], object] = lambda: case.run(*inputs)  # noqa: E731
    spent = sorted(times_ms(run))
    row: dict[str, Any] = {
        "case": case.name,
        "ms": round(statistics.median(spent), 4),
        "p20": round(spent[len(spent) // 5], 4),
        "p80": round(spent[len(spent) * 4 // 5], 4),
        "graph_ms": "",
    }
    best = row["ms"]
    try:
        best = statistics.median(times_ms(captured(run), calls=10))
        row["graph_ms"] = round(best, 4)
    except RuntimeError as error:
        print(f"{case.name}: not captured, {one_line(error)}", file=sys.stderr)
        torch.cuda.synchronize()
    limit, amount = case.floor
    if limit not in limits:
        return row
    floor = 1e3 * amount / limits[limit]
    row |= {"floor_ms": f"{floor:.5f}", "share_of_limit": round(floor / best, 4), "limit": limit}
    return row


def shown(row: dict[str, Any]) -> str:
    share = (
        f"floor {row['floor_ms']}  {100 * row['share_of_limit']:.0f} % of {row['limit']}"
        if "limit" in row
        else ""
    )
    return f"{row['case']:36s} {row['ms']:9.4f} ms  graph {row['graph_ms'] or '-':>9} {share}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--limits", type=Path, help="what gpu_limits.py wrote")
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    known = options.limits is not None and options.limits.exists()
    limits = json.loads(options.limits.read_text()) if known else {}
    about = {
        "gpu": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "commit": commit(),
    }
    wrong = 0
    with table(options.csv, COLUMNS) as write:
        for case in cases():
            if options.only not in case.name:
                continue
            fault = compare(case)
            if fault is not None:
                print(f"{case.name}: NOT TIMED, {fault}", flush=True)
                wrong += 1
                continue
            row = measure(case, limits)
            write(row | about)
            print(shown(row), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
