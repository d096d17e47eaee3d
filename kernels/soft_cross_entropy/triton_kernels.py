"""soft_cross_entropy on a GPU: one pass over the logits, then one sum over its blocks."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from pdengine.kernels._triton import Build
from pdengine.kernels._triton_math import divide, exponential, logarithm
from pdengine.kernels.soft_cross_entropy.op import MOST_PARTS

_TILE_BYTES = 4096  # of the logits of one block, unless one row has more
_PARTIALS = 1024  # added at once by the second kernel


@triton.jit
def _loss_and_gradient(
    logits,  # [N, R]
    targets,  # [N, R]
    gradient,  # [N, R] out
    partial,  # [blocks] float64 out: the sum of a block's losses
    rows,  # N
    parts,  # R
    BLOCK_N: tl.constexpr,
    BLOCK_R: tl.constexpr,
):
    block = tl.program_id(0).to(tl.int64)  # n * R overflows int32 on a large batch
    row = block * BLOCK_N + tl.arange(0, BLOCK_N)
    part = tl.arange(0, BLOCK_R)
    live = (row < rows)[:, None] & (part < parts)[None, :]
    at = row[:, None] * parts + part[None, :]
    logit = tl.load(logits + at, mask=live, other=-float("inf"))  # [BLOCK_N, BLOCK_R]
    target = tl.load(targets + at, mask=live, other=0.0)

    # A row of nothing but -inf becomes NaN here; what is not live must not.
    largest = tl.max(logit, axis=1)
    shift = tl.where(live, logit - largest[:, None], -float("inf"))
    power = exponential(shift)
    total = tl.where(row < rows, tl.sum(power, axis=1), 1.0)
    asked = tl.sum(target, axis=1)

    # A part that is ruled out (-inf) and not asked for (0) costs nothing.
    picked = tl.where((target == 0) & (shift == -float("inf")), 0.0, shift)
    loss = tl.sum(target * (logarithm(total)[:, None] - picked), axis=1)
    loss = tl.where(row < rows, loss, 0.0)
    tl.store(partial + block, tl.sum(loss.to(tl.float64), axis=0))

    scale = divide(tl.full((BLOCK_N,), 1.0, logit.dtype), tl.cast(rows, logit.dtype))
    ratio = divide(asked, total)
    slope = (power * ratio[:, None] - target) * scale[:, None]
    tl.store(gradient + at, slope, mask=live)


@triton.jit
def _mean(
    partial,  # [blocks] float64
    loss,  # [] out
    blocks,
    rows,  # N
    BLOCK: tl.constexpr,
):
    total = tl.zeros((BLOCK,), tl.float64)
    for start in range(0, blocks, BLOCK):
        at = start + tl.arange(0, BLOCK)
        total += tl.load(partial + at, mask=at < blocks, other=0.0)
    mean = tl.sum(total, axis=0) / tl.cast(rows, tl.float64)
    tl.store(loss, mean.to(loss.dtype.element_ty))


def _tile(parts: int, itemsize: int) -> tuple[int, int, int]:
    """Rows and parts of one block, and its warps."""
    block_r = triton.next_power_of_2(parts)
    block_n = max(1, _TILE_BYTES // (itemsize * block_r))
    return block_n, block_r, 4 if block_r <= 1024 else 8


def soft_cross_entropy(
    logits: Tensor,  # [N, R] contiguous
    targets: Tensor,  # [N, R] contiguous
) -> tuple[Tensor, Tensor]:
    """The loss, a scalar, and its gradient [N, R].

    The order of every sum depends on R and the dtype alone.
    """
    rows, parts = logits.shape
    block_n, block_r, warps = _tile(parts, logits.itemsize)
    blocks = triton.cdiv(rows, block_n)
    gradient = torch.empty_like(logits)
    partial = torch.empty(blocks, dtype=torch.float64, device=logits.device)
    loss = torch.empty((), dtype=logits.dtype, device=logits.device)
    with torch.cuda.device_of(logits):
        # Without fused multiply-adds exp and log give the C++ kernel's bits; memory is the limit.
        _loss_and_gradient[(blocks,)](
            logits, targets, gradient, partial, rows, parts, block_n, block_r,
            num_warps=warps, num_stages=1, enable_fp_fusion=False,
        )  # fmt: skip
        _mean[(1,)](
            partial, loss, blocks, rows, _PARTIALS,
            num_warps=4, num_stages=1, enable_fp_fusion=False,
        )  # fmt: skip
    return loss, gradient


def _loss_build(dtype: str, parts: int) -> Build:
    block_n, block_r, warps = _tile(parts, int(dtype[2:]) // 8)
    return Build(
        f"_loss_and_gradient {dtype} R={parts}",
        _loss_and_gradient,
        {
            **dict.fromkeys(("logits", "targets", "gradient"), f"*{dtype}"),
            "partial": "*fp64",
            "rows": "i32",
            "parts": "i32",
        },
        {"BLOCK_N": block_n, "BLOCK_R": block_r},
        warps,
        stages=1,
        fused=False,
    )


def _mean_build(dtype: str) -> Build:
    return Build(
        f"_mean {dtype}",
        _mean,
        {"partial": "*fp64", "loss": f"*{dtype}", "blocks": "i32", "rows": "i32"},
        {"BLOCK": _PARTIALS},
        stages=1,
        fused=False,
    )


BUILDS = [
    *(_loss_build("fp32", parts) for parts in (2, 8, 64, 1024, MOST_PARTS)),
    *(_loss_build("fp64", parts) for parts in (8, MOST_PARTS)),
    _loss_build("fp32", 1).with_ones("parts"),
    _loss_build("fp32", 8).with_ones("rows"),
    _mean_build("fp32"),
    _mean_build("fp64").with_ones("blocks", "rows"),
]
