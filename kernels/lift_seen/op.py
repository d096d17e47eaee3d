"""lift_seen: which points each view sees, and which of them each box or region calls, in one pass.

visible_points and lift_boxes or lift_pixels in one: what a prompt asks of a shape that was drawn.
On a GPU a point is projected, compared with the depth and looked up in the marks of its view
without leaving its registers, and the host waits once, for the number of memberships: one after
the other the two ops wait three or four times and sort.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import (
    check_dtype,
    check_range,
    check_same_device,
    check_shape,
    check_whole,
)
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only, thread_limit
from pdengine.kernels._pinhole import check_surface
from pdengine.kernels.lift_seen import cuda_kernels, reference
from pdengine.kernels.lift_seen.reference import Scene
from pdengine.kernels.visible_points import visible_points


@dataclass(frozen=True)
class Lifted:
    """What the views see, and what is called of it.

    Attributes:
        pixel: [V, N] int32, row * W + col of each point, -1 where the view does not see it.
        offsets: [K + 1] int64, from 0 to M.
        point: [M] int64: box or unit k calls point[offsets[k]:offsets[k + 1]], ascending.
    """

    pixel: Tensor
    offsets: Tensor
    point: Tensor


def lift_seen_boxes(
    xyz: Tensor,  # [N, 3]
    rotation: Tensor,  # [V, 3, 3]
    translation: Tensor,  # [V, 3]
    focal: Tensor,  # [V]
    depth: Tensor,  # [V, H, W]
    tolerance: float,
    boxes: Tensor,  # [B, 4]
    view: Tensor,  # [B]
    *,
    backend: str | None = None,
) -> Lifted:
    """What visible_points sees, and what lift_boxes calls of it.

    Args:
        xyz, rotation, translation, focal, depth, tolerance: as of visible_points.
        boxes: [B, 4] float32, XYXY in pixels, as of lift_boxes.
        view: [B] int64 in [0, V).
        backend: "cpu", "cuda" or "reference"; None takes the first that can run.

    Raises:
        TypeError, ValueError: as the two ops do.

    Source: PartSLIP (CVPR 2023), the points of a GLIP box that its depth test sees.
    """
    sizes = check_surface(xyz, rotation, translation, focal, depth, tolerance)
    boxed = check_shape("boxes", boxes, "B", 4)
    check_dtype("boxes", boxes, torch.float32)
    _check_view(view, xyz, boxed, boxes=boxes)

    if sizes["N"] == 0 or sizes["V"] == 0 or boxed["B"] == 0:
        check_range("view", view, 0, sizes["V"])
        seen = visible_points(xyz, rotation, translation, focal, depth, tolerance, backend=backend)
        return Lifted(seen, view.new_zeros(boxed["B"] + 1), view.new_zeros(0))

    run = choose("lift_seen", BACKENDS, backend, xyz).run
    scene = _plain(xyz, rotation, translation, focal, depth)
    return Lifted(*run(scene, float(tolerance), *_plain(boxes, view)))


def lift_seen_pixels(
    xyz: Tensor,  # [N, 3]
    rotation: Tensor,  # [V, 3, 3]
    translation: Tensor,  # [V, 3]
    focal: Tensor,  # [V]
    depth: Tensor,  # [V, H, W]
    tolerance: float,
    regions: Tensor,  # [L, H, W]
    view: Tensor,  # [L]
    count: int,
    *,
    backend: str | None = None,
) -> Lifted:
    """What visible_points sees, and what lift_pixels calls of it.

    Args:
        xyz, rotation, translation, focal, depth, tolerance: as of visible_points.
        regions: [L, H, W] int32 in [-1, count), the unit of each pixel, as of lift_pixels.
        view: [L] int64 in [0, V), the view that each layer is of.
        count: the number of units K, at least 0.
        backend: "cpu", "cuda" or "reference"; None takes the first that can run.

    Raises:
        TypeError, ValueError: as the two ops do.  Of regions only what points see is read.
    """
    sizes = check_surface(xyz, rotation, translation, focal, depth, tolerance)
    image = {"H": sizes["H"], "W": sizes["W"]}
    layers = check_shape("regions", regions, "L", "H", "W", **image)
    check_dtype("regions", regions, torch.int32)
    _check_view(view, xyz, {"L": layers["L"]}, regions=regions)
    count = check_whole("count", count)
    if count < 0:
        raise ValueError(f"count must be at least 0, got {count}")

    if sizes["N"] == 0 or sizes["V"] == 0 or layers["L"] == 0:
        check_range("view", view, 0, sizes["V"])
        seen = visible_points(xyz, rotation, translation, focal, depth, tolerance, backend=backend)
        return Lifted(seen, view.new_zeros(count + 1), view.new_zeros(0))

    run = choose("lift_seen", BACKENDS, backend, xyz).run
    scene = _plain(xyz, rotation, translation, focal, depth)
    return Lifted(*run(scene, float(tolerance), *_plain(regions, view), count))


def _check_view(view: Tensor, xyz: Tensor, marks: dict[str, int], **marked: Tensor) -> None:
    check_shape("view", view, *marks, **marks)
    check_dtype("view", view, torch.int64)
    check_same_device(xyz=xyz, view=view, **marked)


def _plain(*tensors: Tensor) -> tuple[Tensor, ...]:
    return tuple(tensor.detach().contiguous() for tensor in tensors)


def _run_cpu(
    scene: Scene, tolerance: float, marks: Tensor, view: Tensor, count: int | None = None
) -> tuple[Tensor, ...]:
    check_range("view", view, 0, len(scene[-1]))
    pixel = torch.empty((len(scene[-1]), len(scene[0])), dtype=torch.int32)
    xyz, rotation, translation, focal, depth = (tensor.numpy() for tensor in scene)
    looked = (xyz, rotation, translation, focal, depth, tolerance, pixel.numpy())
    said = (marks.numpy(), view.numpy())
    if count is None:
        rows = _C.lift_seen_boxes(*looked, *said, thread_limit())
    else:
        rows = _C.lift_seen_pixels(*looked, *said, count, thread_limit())
    return (pixel, *map(torch.from_numpy, rows))


BACKENDS = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("cuda", cuda_kernels.lift_seen, cuda_only),
    Backend("reference", reference.lift_seen),
)
