"""lift_boxes on a GPU: blocks of points are counted for each box, then written where they belong.

A point is looked at twice: what a box calls is known only when all is counted, and to look again
costs less than to keep what was found.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from pdengine.kernels._triton import Build

_POINTS = 1024  # of one block
_LAUNCH = {"num_warps": 4, "num_stages": 1, "enable_fp_fusion": False}


@triton.jit
def _inside(
    pixel,  # [V, N] int32: row * W + col, -1 where the view does not see the point
    boxes,  # [B, 4] float32
    view,  # [B] int64
    points,  # N
    width,  # W
    blocks,  # of one box
    BLOCK_N: tl.constexpr,
):
    """The points of this program's block, and which of them its box calls."""
    program = tl.program_id(0).to(tl.int64)  # view * N overflows int32 on a large cloud
    box = program // blocks
    n = (program % blocks) * BLOCK_N + tl.arange(0, BLOCK_N)
    seen = tl.load(pixel + tl.load(view + box) * points + n, mask=n < points, other=-1)
    # A side has at most 16384 pixels, so a centre is exact.
    x = (seen % width).to(tl.float32) + 0.5
    y = (seen // width).to(tl.float32) + 0.5
    # A comparison with NaN is false.
    within_x = (tl.load(boxes + box * 4) <= x) & (x <= tl.load(boxes + box * 4 + 2))
    within_y = (tl.load(boxes + box * 4 + 1) <= y) & (y <= tl.load(boxes + box * 4 + 3))
    return n, within_x & within_y & (seen >= 0)


@triton.jit
def _count(
    pixel,  # [V, N] int32
    boxes,  # [B, 4] float32
    view,  # [B] int64
    counts,  # [B, blocks] int32 out
    points,  # N
    width,  # W
    blocks,
    BLOCK_N: tl.constexpr,
):
    _, inside = _inside(pixel, boxes, view, points, width, blocks, BLOCK_N)
    tl.store(counts + tl.program_id(0), tl.sum(inside.to(tl.int32), axis=0))


@triton.jit
def _write(
    pixel,  # [V, N] int32
    boxes,  # [B, 4] float32
    view,  # [B] int64
    starts,  # [B, blocks] int64: where each block's points go
    point,  # [M] int64 out
    points,  # N
    width,  # W
    blocks,
    BLOCK_N: tl.constexpr,
):
    n, inside = _inside(pixel, boxes, view, points, width, blocks, BLOCK_N)
    before = tl.cumsum(inside.to(tl.int32), axis=0) - 1
    tl.store(point + tl.load(starts + tl.program_id(0)) + before, n, mask=inside)


def lift_boxes(
    pixel: Tensor,  # [V, N], N at least 1
    boxes: Tensor,  # [B, 4], B at least 1
    view: Tensor,  # [B]
    size: tuple[int, int],
) -> tuple[Tensor, Tensor]:  # [B + 1], [M]
    """Waits for the GPU once, to know M."""
    points, count = pixel.shape[1], len(boxes)
    blocks = triton.cdiv(points, _POINTS)
    programs = count * blocks
    sizes = (points, size[1], blocks, _POINTS)
    with torch.cuda.device_of(pixel):
        counts = torch.empty(programs, dtype=torch.int32, device=pixel.device)
        _count[(programs,)](pixel, boxes, view, counts, *sizes, **_LAUNCH)
        starts = torch.cat([view.new_zeros(1), counts.cumsum(0)])
        offsets = starts[::blocks].contiguous()
        point = torch.empty(int(starts[-1]), dtype=torch.int64, device=pixel.device)
        _write[(programs,)](pixel, boxes, view, starts, point, *sizes, **_LAUNCH)
    return offsets, point


def _build(kernel: triton.JITFunction, **out: str) -> Build:
    return Build(
        kernel.__name__,
        kernel,
        {
            "pixel": "*i32",
            "boxes": "*fp32",
            "view": "*i64",
            **out,
            **dict.fromkeys(("points", "width", "blocks"), "i32"),
        },
        {"BLOCK_N": _POINTS},
        stages=1,
        fused=False,
    )


_COUNT = _build(_count, counts="*i32")
_WRITE = _build(_write, starts="*i64", point="*i64")

BUILDS = [
    _COUNT,
    _COUNT.with_ones("blocks"),
    _COUNT.with_ones("points", "width", "blocks"),
    _WRITE,
    _WRITE.with_ones("blocks"),
    _WRITE.with_ones("points", "width", "blocks"),
]
