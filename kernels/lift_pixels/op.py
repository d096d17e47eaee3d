"""lift_pixels: the points of each region of a map of units."""

from __future__ import annotations

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
from pdengine.kernels._dispatch import Backend, choose, cpu_only, thread_limit, triton_only
from pdengine.kernels._pinhole import check_size
from pdengine.kernels.lift_pixels import reference


def lift_pixels(
    pixel: Tensor,  # [V, N]
    regions: Tensor,  # [L, H, W]
    view: Tensor,  # [L]
    count: int,
    *,
    backend: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The points that each unit calls, in compressed rows.

    A layer is a map of unit ids over one view; a unit lives in one layer and calls the points that
    the layer's view sees at the unit's pixels.  Overlapping masks are a layer each; the components
    of a class map are one layer per view.

    Args:
        pixel: [V, N] int32, row * W + col of each point, -1 where the view does not see it.
        regions: [L, H, W] int32 in [-1, count), the unit of each pixel, -1 where none.
        view: [L] int64 in [0, V).
        count: the number of units K, at least 0.
        backend: "cpu", "triton" or "reference"; None takes the first that can run.

    Returns:
        offsets [K + 1] int64 and point [M] int64: unit k calls point[offsets[k]:offsets[k + 1]],
        ascending.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, a value is outside its range, or points see
            one unit in several layers.  Of regions only what points see is read.
    """
    sizes = check_shape("pixel", pixel, "V", "N")
    layers = check_shape("regions", regions, "L", "H", "W")
    check_shape("view", view, "L", L=layers["L"])
    check_dtype("pixel", pixel, torch.int32)
    check_dtype("regions", regions, torch.int32)
    check_dtype("view", view, torch.int64)
    check_same_device(pixel=pixel, regions=regions, view=view)
    check_size((layers["H"], layers["W"]))
    check_range("pixel", pixel, -1, layers["H"] * layers["W"])
    check_range("view", view, 0, sizes["V"])
    count = check_whole("count", count)
    if count < 0:
        raise ValueError(f"count must be at least 0, got {count}")

    if sizes["N"] == 0 or layers["L"] == 0:
        return view.new_zeros(count + 1), view.new_zeros(0)

    run = choose("lift_pixels", BACKENDS, backend, pixel).run
    offsets, point = run(pixel.contiguous(), regions.contiguous(), view.contiguous(), count)
    return offsets, point


def _run_cpu(pixel: Tensor, regions: Tensor, view: Tensor, count: int) -> tuple[Tensor, Tensor]:
    rows = _C.lift_pixels(pixel.numpy(), regions.numpy(), view.numpy(), count, thread_limit())
    return torch.from_numpy(rows[0]), torch.from_numpy(rows[1])


def _run_triton(pixel: Tensor, regions: Tensor, view: Tensor, count: int) -> tuple[Tensor, Tensor]:
    from pdengine.kernels.lift_pixels import triton_kernels

    return triton_kernels.lift_pixels(pixel, regions, view, count)


BACKENDS = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("triton", _run_triton, triton_only),
    Backend("reference", reference.lift_pixels),
)
