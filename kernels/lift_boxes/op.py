"""lift_boxes: the points inside each box."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_range, check_same_device, check_shape
from pdengine.kernels._dispatch import Backend, choose, cpu_only, thread_limit, triton_only
from pdengine.kernels._pinhole import check_size
from pdengine.kernels.lift_boxes import reference


def lift_boxes(
    pixel: Tensor,  # [V, N]
    boxes: Tensor,  # [B, 4]
    view: Tensor,  # [B]
    size: tuple[int, int],
    *,
    backend: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The points that each box calls, in compressed rows.

    A box calls the points its view sees at a pixel whose centre (col + 0.5, row + 0.5) lies in
    x0 <= x <= x1 and y0 <= y <= y1.

    Args:
        pixel: [V, N] int32, row * W + col of each point, -1 where the view does not see it.
        boxes: [B, 4] float32, XYXY in pixels.  A box that is inside out or not finite in the wrong
            way (NaN) calls nothing; an infinite side is no limit.
        view: [B] int64 in [0, V).
        size: height and width of the image in pixels, each in [1, 16384].
        backend: "cpu", "triton" or "reference"; None takes the first that can run.

    Returns:
        offsets [B + 1] int64 and point [M] int64: box b calls point[offsets[b]:offsets[b + 1]],
        ascending.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, or a value is outside its range.

    Source: PartSLIP (CVPR 2023), the points of a GLIP box.
    """
    sizes = check_shape("pixel", pixel, "V", "N")
    boxed = check_shape("boxes", boxes, "B", 4)
    check_shape("view", view, "B", **boxed)
    check_dtype("pixel", pixel, torch.int32)
    check_dtype("boxes", boxes, torch.float32)
    check_dtype("view", view, torch.int64)
    check_same_device(pixel=pixel, boxes=boxes, view=view)
    size = check_size(size)
    check_range("pixel", pixel, -1, size[0] * size[1])
    check_range("view", view, 0, sizes["V"])

    if sizes["N"] == 0 or boxed["B"] == 0:
        return view.new_zeros(boxed["B"] + 1), view.new_zeros(0)

    run = choose("lift_boxes", BACKENDS, backend, pixel).run
    offsets, point = run(pixel.contiguous(), boxes.detach().contiguous(), view.contiguous(), size)
    return offsets, point


def _run_cpu(
    pixel: Tensor, boxes: Tensor, view: Tensor, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    rows = _C.lift_boxes(pixel.numpy(), boxes.numpy(), view.numpy(), *size, thread_limit())
    return torch.from_numpy(rows[0]), torch.from_numpy(rows[1])


def _run_triton(
    pixel: Tensor, boxes: Tensor, view: Tensor, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    from pdengine.kernels.lift_boxes import triton_kernels

    return triton_kernels.lift_boxes(pixel, boxes, view, size)


BACKENDS = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("triton", _run_triton, triton_only),
    Backend("reference", reference.lift_boxes),
)
