"""unit_agreement on a GPU: blocks of members count for their units, then one quotient each."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from pdengine.kernels._triton import Build
from pdengine.kernels._triton_math import row_of

_MEMBERS = 1024  # of one block
_UNITS = 256  # of one block


@triton.jit
def _count_hits(
    label,  # [K] int64, at least 0
    offsets,  # [K + 1] int64
    point,  # [M] int64
    prediction,  # [N] int64
    hits,  # [K] int64 in and out
    units,  # K
    members,  # M
    steps,
    BLOCK_M: tl.constexpr,
):
    begin = tl.program_id(0).to(tl.int64) * BLOCK_M
    member = begin + tl.arange(0, BLOCK_M)
    live = member < members
    n = tl.load(point + member, mask=live, other=0)
    said = tl.load(prediction + n, mask=live, other=-1)  # no unit is of part -1
    stop = tl.minimum(begin + BLOCK_M, members)
    unit = row_of(offsets, units, begin, steps)
    while begin < stop:
        end = tl.load(offsets + unit + 1)
        agrees = (said == tl.load(label + unit)) & (member >= begin) & (member < end)
        # Whole numbers: their sum has no order.
        tl.atomic_add(hits + unit, tl.sum(agrees.to(tl.int64), axis=0), sem="relaxed")
        begin = end
        unit += 1


@triton.jit
def _share(
    offsets,  # [K + 1] int64
    hits,  # [K] int64
    agreement,  # [K] float32 out
    units,  # K
    BLOCK_K: tl.constexpr,
):
    unit = tl.program_id(0).to(tl.int64) * BLOCK_K + tl.arange(0, BLOCK_K)
    live = unit < units
    first = tl.load(offsets + unit, mask=live, other=0)
    size = tl.load(offsets + unit + 1, mask=live, other=0) - first
    share = tl.load(hits + unit, mask=live, other=0).to(tl.float64)
    share = share / tl.maximum(size, 1).to(tl.float64)
    tl.store(agreement + unit, share.to(tl.float32), mask=live)


def unit_agreement(
    label: Tensor,  # [K]
    offsets: Tensor,  # [K + 1]
    point: Tensor,  # [M], M at least 1
    prediction: Tensor,  # [N]
) -> Tensor:  # [K]
    units, members = len(label), len(point)
    with torch.cuda.device_of(label):
        hits = torch.zeros_like(label)
        agreement = torch.empty(units, dtype=torch.float32, device=label.device)
        _count_hits[(triton.cdiv(members, _MEMBERS),)](
            label, offsets, point, prediction, hits, units, members, units.bit_length(), _MEMBERS,
            num_warps=4, num_stages=1, enable_fp_fusion=False,
        )  # fmt: skip
        _share[(triton.cdiv(units, _UNITS),)](
            offsets, hits, agreement, units, _UNITS,
            num_warps=4, num_stages=1, enable_fp_fusion=False,
        )  # fmt: skip
    return agreement


_COUNT_HITS = Build(
    "_count_hits",
    _count_hits,
    {
        **dict.fromkeys(("label", "offsets", "point", "prediction", "hits"), "*i64"),
        **dict.fromkeys(("units", "members", "steps"), "i32"),
    },
    {"BLOCK_M": _MEMBERS},
    stages=1,
    fused=False,
)
_SHARE = Build(
    "_share",
    _share,
    {"offsets": "*i64", "hits": "*i64", "agreement": "*fp32", "units": "i32"},
    {"BLOCK_K": _UNITS},
    stages=1,
    fused=False,
)

BUILDS = [
    _COUNT_HITS,
    _COUNT_HITS.with_ones("units", "members", "steps"),
    _SHARE,
    _SHARE.with_ones("units"),
]
