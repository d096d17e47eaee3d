"""sparse_conv on a GPU: one masked implicit GEMM, one split matrix product, one fixed-order sum."""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl

from pdengine.kernels._triton import Build
from pdengine.kernels.sparse_conv.blocks import (
    FEW_ROWS,
    Block,
    block_of_convolution,
    block_of_gradient,
)

SUM_BLOCK = 256  # elements that one program of add_partials sums


@triton.jit
def _add_product(total, a, b, PRECISION: tl.constexpr):
    """total + a @ b, and where float32 is meant to be exact the product is summed by itself.

    One chain over thousands of products errs three times as much as a sum of short ones, and tensor
    cores truncate as they add.  tl.fma, because Triton merges a plain sum into the chain.

    Source: Ootomo and Yokota, Recovering single precision accuracy from tensor cores, 2022.
    """
    if a.dtype == tl.float32 and PRECISION != "tf32":
        product = tl.dot(a, b, input_precision=PRECISION)
        total = tl.fma(product, tl.full(product.shape, 1.0, tl.float32), total)
    else:
        total = tl.dot(a, b, total, input_precision=PRECISION)
    return total


@triton.jit(do_not_specialize=["rows_out"])
def convolve(
    features,  # [rows_in, INPUTS]
    weight,  # [TAPS, INPUTS, OUTPUTS], or where TRANSPOSED [TAPS, OUTPUTS, INPUTS]
    bias,  # [OUTPUTS]
    source,  # [tiles, TAPS, BLOCK_ROWS] int32, the input row of each live tap and slot, -1 none
    row,  # [slots] int32, the output row of each slot, -1 past the end
    taps,  # [tiles, TAPS] int32, the taps that a tile's slots have, ascending
    count,  # [tiles] int32, how many those are
    out,  # [rows_out, OUTPUTS], or where programs share taps float32 [splits, rows_out, OUTPUTS]
    rows_out,
    TAPS: tl.constexpr,
    INPUTS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    TRANSPOSED: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    PRECISION: tl.constexpr,
    BLOCK_ROWS: tl.constexpr,
    BLOCK_COLUMNS: tl.constexpr,
    BLOCK_DEPTH: tl.constexpr,
):
    """One tile of rows and block of output channels, over a share of the tile's taps.

    Programs: tiles * blocks of columns, splits.
    """
    COLUMN_BLOCKS: tl.constexpr = (OUTPUTS + BLOCK_COLUMNS - 1) // BLOCK_COLUMNS
    DEPTH_BLOCKS: tl.constexpr = (INPUTS + BLOCK_DEPTH - 1) // BLOCK_DEPTH
    tile = tl.program_id(0) // COLUMN_BLOCKS
    column = tl.program_id(0) % COLUMN_BLOCKS * BLOCK_COLUMNS + tl.arange(0, BLOCK_COLUMNS)
    split = tl.program_id(1)
    slot = tile * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)

    live = tl.load(count + tile)
    share = tl.cdiv(live, tl.num_programs(1))
    first = split * share
    end = tl.minimum(first + share, live)
    own_taps = taps + tile * TAPS
    own_source = source + tile.to(tl.int64) * (TAPS * BLOCK_ROWS) + tl.arange(0, BLOCK_ROWS)

    total = tl.zeros((BLOCK_ROWS, BLOCK_COLUMNS), tl.float32)
    # One loop over (tap, depth): a loop of two levels would drain its pipeline at every tap.
    for step in range(first * DEPTH_BLOCKS, end * DEPTH_BLOCKS):
        tap = tl.load(own_taps + step // DEPTH_BLOCKS)
        channel = step % DEPTH_BLOCKS * BLOCK_DEPTH + tl.arange(0, BLOCK_DEPTH)
        from_row = tl.load(own_source + step // DEPTH_BLOCKS * BLOCK_ROWS)
        gathered = tl.load(
            features + from_row.to(tl.int64)[:, None] * INPUTS + channel[None, :],
            mask=(from_row >= 0)[:, None] & (channel < INPUTS)[None, :],
            other=0.0,
        )  # [BLOCK_ROWS, BLOCK_DEPTH]
        if TRANSPOSED:
            at = column[None, :] * INPUTS + channel[:, None]
        else:
            at = channel[:, None] * OUTPUTS + column[None, :]
        matrix = tl.load(
            weight + tap * (INPUTS * OUTPUTS) + at,
            mask=(channel < INPUTS)[:, None] & (column < OUTPUTS)[None, :],
            other=0.0,
        )  # [BLOCK_DEPTH, BLOCK_COLUMNS]
        total = _add_product(total, gathered, matrix, PRECISION)

    if HAS_BIAS:
        total += tl.load(bias + column, mask=column < OUTPUTS, other=0.0).to(tl.float32)[None, :]
    to_row = tl.load(row + slot)
    start = split.to(tl.int64) * rows_out
    tl.store(
        out + (start + to_row)[:, None] * OUTPUTS + column[None, :],
        total.to(out.dtype.element_ty),
        mask=(to_row >= 0)[:, None] & (column < OUTPUTS)[None, :],
    )


@triton.jit
def weight_gradient(
    features,  # [rows_in, INPUTS]
    grad,  # [rows_out, OUTPUTS]
    source,  # [pairs] int32, by tap
    target,  # [pairs] int32
    first_pair,  # [TAPS + 1] int32, where each tap's pairs begin
    out,  # [TAPS, INPUTS, OUTPUTS], or where programs share pairs float32 with splits in front
    TAPS: tl.constexpr,
    INPUTS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    PRECISION: tl.constexpr,
    BLOCK_INPUTS: tl.constexpr,
    BLOCK_OUTPUTS: tl.constexpr,
    BLOCK_PAIRS: tl.constexpr,
):
    """One tap's block of input and output channels, over a share of the tap's pairs.

    Programs: TAPS, splits, blocks.
    """
    INPUT_BLOCKS: tl.constexpr = (INPUTS + BLOCK_INPUTS - 1) // BLOCK_INPUTS
    tap = tl.program_id(0)
    split = tl.program_id(1)
    i = tl.program_id(2) % INPUT_BLOCKS * BLOCK_INPUTS + tl.arange(0, BLOCK_INPUTS)
    o = tl.program_id(2) // INPUT_BLOCKS * BLOCK_OUTPUTS + tl.arange(0, BLOCK_OUTPUTS)

    first = tl.load(first_pair + tap)
    end = tl.load(first_pair + tap + 1)
    share = tl.cdiv(end - first, tl.num_programs(1))
    first += split * share
    end = tl.minimum(first + share, end)

    total = tl.zeros((BLOCK_INPUTS, BLOCK_OUTPUTS), tl.float32)
    for start in range(first, end, BLOCK_PAIRS):
        pair = start + tl.arange(0, BLOCK_PAIRS)
        live = pair < end
        from_row = tl.load(source + pair, mask=live, other=0).to(tl.int64)
        to_row = tl.load(target + pair, mask=live, other=0).to(tl.int64)
        x = tl.load(
            features + from_row[:, None] * INPUTS + i[None, :],
            mask=live[:, None] & (i < INPUTS)[None, :],
            other=0.0,
        )  # [BLOCK_PAIRS, BLOCK_INPUTS]
        g = tl.load(
            grad + to_row[:, None] * OUTPUTS + o[None, :],
            mask=live[:, None] & (o < OUTPUTS)[None, :],
            other=0.0,
        )  # [BLOCK_PAIRS, BLOCK_OUTPUTS]
        total = _add_product(total, tl.trans(x), g, PRECISION)

    start = (split * TAPS + tap).to(tl.int64) * INPUTS
    tl.store(
        out + (start + i)[:, None] * OUTPUTS + o[None, :],
        total.to(out.dtype.element_ty),
        mask=(i < INPUTS)[:, None] & (o < OUTPUTS)[None, :],
    )


@triton.jit(do_not_specialize=["elements"])
def add_partials(
    partial,  # [SPLITS, elements] float32
    bias,  # [COLUMNS]
    out,  # [elements] out
    elements,
    SPLITS: tl.constexpr,
    COLUMNS: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """The sum over splits, first to last, and the bias of each element's column."""
    element = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = element < elements
    at = partial + element
    total = tl.zeros((BLOCK,), tl.float32)
    for _ in tl.static_range(SPLITS):  # unrolled: no load waits for another
        total += tl.load(at, mask=inside, other=0.0)
        at += elements
    if HAS_BIAS:
        total += tl.load(bias + element % COLUMNS, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + element, total.to(out.dtype.element_ty), mask=inside)


KINDS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}  # Triton's names
_CHECKED = (  # what a student has: kind, precision, input and output channels
    ("fp32", "ieee", 64, 64),
    ("fp32", "ieee", 96, 96),
    ("fp32", "tf32x3", 64, 64),
    ("fp32", "tf32", 64, 64),
    ("fp32", "tf32", 96, 96),
    ("bf16", "ieee", 64, 64),
    ("bf16", "ieee", 96, 96),
    ("fp16", "ieee", 128, 128),
)


def convolution_constants(
    block: Block, taps: int, inputs: int, outputs: int, transposed: bool, precision: str
) -> dict[str, Any]:
    """convolve's, but for HAS_BIAS."""
    return {
        "TAPS": taps, "INPUTS": inputs, "OUTPUTS": outputs, "TRANSPOSED": transposed,
        "PRECISION": precision, "BLOCK_ROWS": block.rows, "BLOCK_COLUMNS": block.columns,
        "BLOCK_DEPTH": block.depth,
    }  # fmt: skip


def gradient_constants(
    block: Block, taps: int, inputs: int, outputs: int, precision: str
) -> dict[str, Any]:
    """weight_gradient's."""
    return {
        "TAPS": taps, "INPUTS": inputs, "OUTPUTS": outputs, "PRECISION": precision,
        "BLOCK_INPUTS": block.rows, "BLOCK_OUTPUTS": block.columns, "BLOCK_PAIRS": block.depth,
    }  # fmt: skip


def _pointers(kind: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, f"*{kind}")


def _convolution(
    kind: str,
    precision: str,
    inputs: int,
    outputs: int,
    rows: int,
    transposed: bool = False,
    taps: int = 27,
) -> Build:
    """Over many rows, or over few: then programs share the taps, and add_partials the bias."""
    block = block_of_convolution(rows, inputs, outputs, KINDS[kind], precision)
    few = rows <= FEW_ROWS
    way = "transposed" if transposed else "forward"
    return Build(
        f"convolve {kind} {precision} {inputs} to {outputs}, {taps} taps, {rows} rows, {way}",
        convolve,
        _pointers(kind, "features", "weight", "bias")
        | _pointers("i32", "source", "row", "taps", "count")
        | {"out": "*fp32" if few else f"*{kind}", "rows_out": "i32"},
        convolution_constants(block, taps, inputs, outputs, transposed, precision)
        | {"HAS_BIAS": not few},
        block.warps,
        block.stages,
        instructions=_products(kind, precision, "HMMA" if few else "HGMMA"),
        # A multiprocessor has four programs of 128.  Few rows give it two, and the ptxas of Triton
        # 3.6 takes 132 for tf32x3.
        registers=168 if few else 128,
    )


def _gradient(kind: str, precision: str, inputs: int, outputs: int, taps: int = 27) -> Build:
    block = block_of_gradient(inputs, outputs, KINDS[kind], precision)
    return Build(
        f"weight_gradient {kind} {precision} {inputs} to {outputs}, {taps} taps",
        weight_gradient,
        _pointers(kind, "features", "grad")
        | _pointers("i32", "source", "target", "first_pair")
        | _pointers("fp32", "out"),
        gradient_constants(block, taps, inputs, outputs, precision),
        block.warps,
        block.stages,
        # The tensor cores of a warp group take 64 rows.
        instructions=_products(kind, precision, "HGMMA" if block.rows == 64 else "HMMA"),
        registers=168,
    )


def _products(kind: str, precision: str, tensor_cores: str) -> tuple[str, ...]:
    """The instruction that multiplies: strict float32 has no tensor cores."""
    return ("FFMA",) if kind == "fp32" and precision == "ieee" else (tensor_cores,)


_STRICT = ("fp32", "ieee")
# The encoder's layers that are not among these: input and output channels, taps.
_LAYERS = (
    *((32, 32, 27), (128, 128, 27)),
    *((32, 64, 8), (64, 96, 8), (96, 128, 8)),
    *((64, 32, 8), (96, 64, 8), (128, 96, 8)),
)

BUILDS = (
    *(
        _convolution(*_STRICT, inputs, outputs, rows, transposed, taps)
        for inputs, outputs, taps in _LAYERS
        for rows in (1_000, 10_000)
        for transposed in (False, True)
    ),
    *(_gradient(*_STRICT, *layer) for layer in _LAYERS),
    *(_convolution(*case, 1_000, transposed=True) for case in _CHECKED if case[:2] == _STRICT),
    *(_convolution(*case, rows) for case in _CHECKED for rows in (1_000, 10_000)),
    *(_convolution(*case, 100_000) for case in _CHECKED if case[0] != "fp32"),  # wider blocks
    *(_convolution(*case, 10_000, transposed=True) for case in _CHECKED),
    *(_convolution(kind, "ieee", 3, 32, 10_000) for kind in ("fp32", "bf16")),
    *(_gradient(*case) for case in _CHECKED),
    _gradient("fp32", "ieee", 3, 32),
    *(
        Build(
            f"add_partials to {kind}, {splits}",
            add_partials,
            _pointers("fp32", "partial") | _pointers(kind, "bias", "out") | {"elements": "i32"},
            {"SPLITS": splits, "COLUMNS": 64, "HAS_BIAS": True, "BLOCK": SUM_BLOCK},
            registers=64,
        )
        for kind in ("fp32", "bf16")
        for splits in (2, 32)
    ),
)
