"""lift_pixels on a GPU: what the layers' points see, kept in order, then sorted by unit.

Every point of every layer is an entry, numbered layer * N + point.  Entries on a unit are counted
in blocks and written where they belong, so they ascend; a stable sort by unit keeps each unit's
points ascending and its layers together.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from pdengine.kernels._triton import Build

_POINTS = 1024  # of one block
_MEMBERS = 512  # of one block
_LAUNCH = {"num_warps": 4, "num_stages": 1, "enable_fp_fusion": False}


@triton.jit
def _look_up(
    pixel,  # [V, N] int32: row * W + col, -1 where the view does not see the point
    regions,  # [L, H, W] int32
    view,  # [L] int64
    points,  # N
    area,  # H * W
    blocks,  # of one layer
    BLOCK_N: tl.constexpr,
):
    """The entries of this program's block, and the unit each is on, -1 where none."""
    program = tl.program_id(0).to(tl.int64)  # layer * H * W overflows int32 on many masks
    layer = program // blocks
    n = (program % blocks) * BLOCK_N + tl.arange(0, BLOCK_N)
    seen = tl.load(pixel + tl.load(view + layer) * points + n, mask=n < points, other=-1)
    unit = tl.load(regions + layer * area + seen, mask=seen >= 0, other=-1)
    return layer * points + n, unit


@triton.jit
def _count(
    pixel,  # [V, N] int32
    regions,  # [L, H, W] int32
    view,  # [L] int64
    counts,  # [3, L, blocks] int32 out: entries on a unit, lowest and highest id
    points,  # N
    area,  # H * W
    blocks,
    BLOCK_N: tl.constexpr,
):
    _, unit = _look_up(pixel, regions, view, points, area, blocks, BLOCK_N)
    at = counts + tl.program_id(0)
    programs = tl.num_programs(0).to(tl.int64)
    tl.store(at, tl.sum((unit >= 0).to(tl.int32), axis=0))
    tl.store(at + programs, tl.min(unit, axis=0))
    tl.store(at + 2 * programs, tl.max(unit, axis=0))


@triton.jit
def _write(
    pixel,  # [V, N] int32
    regions,  # [L, H, W] int32
    view,  # [L] int64
    starts,  # [L, blocks] int64: where each block's entries go
    units,  # [M] int32 out
    entries,  # [M] int64 out: layer * N + point
    points,  # N
    area,  # H * W
    blocks,
    BLOCK_N: tl.constexpr,
):
    entry, unit = _look_up(pixel, regions, view, points, area, blocks, BLOCK_N)
    before = tl.cumsum((unit >= 0).to(tl.int32), axis=0) - 1
    to = tl.load(starts + tl.program_id(0)) + before
    tl.store(units + to, unit, mask=unit >= 0)
    tl.store(entries + to, entry, mask=unit >= 0)


@triton.jit
def _settle(
    units,  # [M] int32 ascending
    entries,  # [M] int64: layer * N + point
    order,  # [M] int64: which entry comes at each place
    point,  # [M] int64 out
    shared,  # [blocks] int32 out: the lowest unit in several layers, 2^31 - 1 where none
    members,  # M
    points,  # N
    BLOCK_M: tl.constexpr,
):
    block = tl.program_id(0).to(tl.int64)
    member = block * BLOCK_M + tl.arange(0, BLOCK_M)
    live = member < members
    follows = live & (member > 0)
    entry = tl.load(entries + tl.load(order + member, mask=live, other=0), mask=live, other=0)
    before = tl.load(order + member - 1, mask=follows, other=0)
    before = tl.load(entries + before, mask=follows, other=0)
    unit = tl.load(units + member, mask=live, other=-1)
    same = follows & (tl.load(units + member - 1, mask=follows, other=-1) == unit)
    layer = entry // points
    apart = same & (before // points != layer)
    tl.store(shared + block, tl.min(tl.where(apart, unit, 0x7FFFFFFF), axis=0))
    tl.store(point + member, entry - layer * points, mask=live)


def lift_pixels(
    pixel: Tensor,  # [V, N], N at least 1
    regions: Tensor,  # [L, H, W], L at least 1
    view: Tensor,  # [L]
    count: int,
) -> tuple[Tensor, Tensor]:  # [K + 1], [M]
    """Waits for the GPU twice: to know M, and whether each unit is in one layer."""
    points, layers = pixel.shape[1], len(regions)
    blocks = triton.cdiv(points, _POINTS)
    programs = layers * blocks
    scene = (pixel, regions, view)
    sizes = (points, regions[0].numel(), blocks, _POINTS)
    with torch.cuda.device_of(pixel):
        counts = torch.empty((3, programs), dtype=torch.int32, device=pixel.device)
        _count[(programs,)](*scene, counts, *sizes, **_LAUNCH)
        starts = torch.cat([view.new_zeros(1), counts[0].cumsum(0)])
        found = [starts[-1], counts[1].min().clamp(max=-1).long(), counts[2].max().long()]
        members, lowest, highest = torch.stack(found).tolist()
        if lowest < -1 or highest >= count:
            raise ValueError(
                f"regions must be in [-1, {count}) where points see them, got {lowest} to {highest}"
            )
        point = torch.empty(members, dtype=torch.int64, device=pixel.device)
        if members == 0:
            return view.new_zeros(count + 1), point

        units = torch.empty(members, dtype=torch.int32, device=pixel.device)
        entries = torch.empty(members, dtype=torch.int64, device=pixel.device)
        _write[(programs,)](*scene, starts, units, entries, *sizes, **_LAUNCH)
        units, order = units.sort(stable=True)
        settled = triton.cdiv(members, _MEMBERS)
        shared = torch.empty(settled, dtype=torch.int32, device=pixel.device)
        _settle[(settled,)](
            units, entries, order, point, shared, members, points, _MEMBERS, **_LAUNCH
        )
        several = int(shared.min())
        if several < count:
            raise ValueError(
                f"regions must have each unit in one layer, unit {several} is in several"
            )
        each = torch.arange(count + 1, dtype=torch.int32, device=pixel.device)
        return torch.searchsorted(units, each), point


def _scene_build(kernel: triton.JITFunction, **out: str) -> Build:
    return Build(
        kernel.__name__,
        kernel,
        {
            **dict.fromkeys(("pixel", "regions"), "*i32"),
            "view": "*i64",
            **out,
            **dict.fromkeys(("points", "area", "blocks"), "i32"),
        },
        {"BLOCK_N": _POINTS},
        stages=1,
        fused=False,
    )


_COUNT = _scene_build(_count, counts="*i32")
_WRITE = _scene_build(_write, starts="*i64", units="*i32", entries="*i64")
_SETTLE = Build(
    "_settle",
    _settle,
    {
        **dict.fromkeys(("units", "shared"), "*i32"),
        **dict.fromkeys(("entries", "order", "point"), "*i64"),
        **dict.fromkeys(("members", "points"), "i32"),
    },
    {"BLOCK_M": _MEMBERS},
    stages=1,
    fused=False,
)

BUILDS = [
    _COUNT,
    _COUNT.with_ones("blocks"),
    _COUNT.with_ones("points", "area", "blocks"),
    _WRITE,
    _WRITE.with_ones("blocks"),
    _WRITE.with_ones("points", "area", "blocks"),
    _SETTLE,
    _SETTLE.with_ones("members", "points"),
]
