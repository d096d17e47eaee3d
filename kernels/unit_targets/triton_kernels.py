"""unit_targets on a GPU: a bit per unit and point, then every point adds what its bits say.

Units of a part take consecutive bits in their own order, a part's bits start with a new word, and
words of one index lie side by side for all points: [words, N].  So a point adds its scores in the
order of the units, whatever the order in which the bits were set.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from pdengine.kernels._triton import Build
from pdengine.kernels._triton_math import count_bits, divide, row_of

_MEMBERS = 1024  # of one block
_POINTS = 256  # of one block


@triton.jit
def _mark(
    offsets,  # [K + 1] int64
    point,  # [M] int64
    slot,  # [K] int64: the bit of each unit, 32 to a word
    marks,  # [words, N] int32 in and out
    units,  # K
    members,  # M
    count,  # N
    steps,
    BLOCK_M: tl.constexpr,
):
    member = tl.program_id(0).to(tl.int64) * BLOCK_M + tl.arange(0, BLOCK_M)
    live = member < members
    unit = row_of(offsets, units, member, steps)
    bit = tl.load(slot + unit, mask=live, other=0)
    at = (bit // 32) * count + tl.load(point + member, mask=live, other=0)
    one = tl.full((BLOCK_M,), 1, tl.int32)
    # "Or" has no order: the marks are the same whichever thread comes first.
    tl.atomic_or(marks + at, one << (bit % 32).to(tl.int32), mask=live, sem="relaxed")


@triton.jit
def _add_up(
    marks,  # [words, N] int32
    first_word,  # [R + 1] int64: the words of each part
    score,  # [32 * words]: of the unit of each bit
    class_weight,  # [R]
    targets,  # [N, R] out
    count,  # N
    parts,  # R
    BLOCK_N: tl.constexpr,
):
    n = tl.program_id(0).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    live = n < count
    covering = tl.zeros((BLOCK_N,), tl.int32)
    for w in range(tl.load(first_word + parts)):
        covering += count_bits(tl.load(marks + w * count + n, mask=live, other=0))
    covering = tl.maximum(covering, 1).to(score.dtype.element_ty)

    for c in range(parts):
        total = tl.zeros((BLOCK_N,), score.dtype.element_ty)
        for w in range(tl.load(first_word + c), tl.load(first_word + c + 1)):
            word = tl.load(marks + w * count + n, mask=live, other=0)
            for bit in tl.static_range(32):
                held = ((word >> bit) & 1) != 0
                total += tl.where(held, tl.load(score + w * 32 + bit), 0.0)
        target = divide(total * tl.load(class_weight + c), covering)
        tl.store(targets + n * parts + c, target, mask=live)


def _slots(label: Tensor, parts: int) -> tuple[Tensor, Tensor]:
    """The bit of each unit [K], and the first word of each part [R + 1]."""
    order = label.argsort(stable=True)
    ascending = label[order]
    before = torch.searchsorted(ascending, torch.arange(parts + 1, device=label.device))
    words = (before.diff() + 31) // 32
    first_word = torch.cat([before.new_zeros(1), words.cumsum(0)])
    rank = torch.arange(len(label), device=label.device) - before[ascending]
    slot = torch.empty_like(label)
    slot[order] = 32 * first_word[ascending] + rank
    return slot, first_word


def unit_targets(
    label: Tensor,  # [K]
    score: Tensor,  # [K]
    offsets: Tensor,  # [K + 1]
    point: Tensor,  # [M], M at least 1
    class_weight: Tensor,  # [R]
    count: int,
) -> Tensor:  # [N, R]
    """Takes at most 4 N (K / 32 + R) bytes besides."""
    units, parts, members = len(label), len(class_weight), len(point)
    with torch.cuda.device_of(score):
        slot, first_word = _slots(label, parts)
        words = units // 32 + min(parts, units)  # or a few less: asking how many would wait
        score_of_bit = score.new_zeros(32 * words)
        score_of_bit[slot] = score
        marks = torch.zeros((words, count), dtype=torch.int32, device=score.device)
        targets = torch.empty((count, parts), dtype=score.dtype, device=score.device)
        _mark[(triton.cdiv(members, _MEMBERS),)](
            offsets, point, slot, marks, units, members, count, units.bit_length(), _MEMBERS,
            num_warps=4, num_stages=1, enable_fp_fusion=False,
        )  # fmt: skip
        _add_up[(triton.cdiv(count, _POINTS),)](
            marks, first_word, score_of_bit, class_weight, targets, count, parts, _POINTS,
            num_warps=4, num_stages=1, enable_fp_fusion=False,
        )  # fmt: skip
    return targets


_MARK = Build(
    "_mark",
    _mark,
    {
        **dict.fromkeys(("offsets", "point", "slot"), "*i64"),
        "marks": "*i32",
        **dict.fromkeys(("units", "members", "count", "steps"), "i32"),
    },
    {"BLOCK_M": _MEMBERS},
    stages=1,
    fused=False,
)


def _add_up_build(dtype: str) -> Build:
    return Build(
        f"_add_up {dtype}",
        _add_up,
        {
            "marks": "*i32",
            "first_word": "*i64",
            **dict.fromkeys(("score", "class_weight", "targets"), f"*{dtype}"),
            **dict.fromkeys(("count", "parts"), "i32"),
        },
        {"BLOCK_N": _POINTS},
        stages=1,
        fused=False,
    )


BUILDS = [
    _MARK,
    _MARK.with_ones("units", "members", "count", "steps"),
    _add_up_build("fp32"),
    _add_up_build("fp64"),
    _add_up_build("fp32").with_ones("count", "parts"),
]
