"""sparse_conv on a GPU, with its gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from triton import cdiv

from pdengine.kernels.kernel_map.op import KernelMap
from pdengine.kernels.sparse_conv import triton_kernels
from pdengine.kernels.sparse_conv.blocks import (
    block_of_convolution,
    block_of_gradient,
    splits_of_convolution,
    splits_of_gradient,
)
from pdengine.kernels.sparse_conv.plan import pairs_of, tiles_of


def _partial(out: Tensor, splits: int) -> Tensor:
    """Where programs that share a sum put their part: float32 [splits, *out's shape]."""
    return torch.empty((splits, *out.shape), dtype=torch.float32, device=out.device)


def _add_partials(partial: Tensor, bias: Tensor | None, out: Tensor) -> None:
    """Sum partial [splits, *out's shape] and the bias [C] of each last axis into out."""
    block = triton_kernels.SUM_BLOCK
    triton_kernels.add_partials[(cdiv(out.numel(), block),)](
        partial, partial if bias is None else bias, out, out.numel(), SPLITS=len(partial),
        COLUMNS=1 if bias is None else len(bias), HAS_BIAS=bias is not None, BLOCK=block,
        enable_fp_fusion=True,
    )  # fmt: skip


def _convolve(
    features: Tensor,  # [M_in, K]
    weight: Tensor,  # [T, K, C], or where transposed [T, C, K]
    bias: Tensor | None,  # [C]
    kernel_map: KernelMap,
    precision: str,
    transposed: bool = False,
) -> Tensor:  # [M_out, C]
    M, taps = kernel_map.forward.shape
    inputs, outputs = weight.shape[1:] if not transposed else weight.mT.shape[1:]
    out = torch.empty((M, outputs), dtype=features.dtype, device=features.device)
    if out.numel() == 0:
        return out
    if inputs == 0:  # nothing is summed
        return out.zero_() if bias is None else out.copy_(bias.expand_as(out))
    block = block_of_convolution(M, inputs, outputs, features.dtype, precision)
    tiles = tiles_of(kernel_map, block.rows)
    programs = len(tiles.count) * cdiv(outputs, block.columns)
    splits = splits_of_convolution(programs, tiles.most)
    partial = _partial(out, splits) if splits > 1 else out
    adds = bias is not None and splits == 1
    triton_kernels.convolve[(programs, splits)](
        features, weight, bias if adds else weight,
        tiles.source, tiles.row, tiles.taps, tiles.count, partial, M,
        **triton_kernels.convolution_constants(
            block, taps, inputs, outputs, transposed, precision
        ),
        HAS_BIAS=adds, num_warps=block.warps, num_stages=block.stages, enable_fp_fusion=True,
    )  # fmt: skip
    if splits > 1:
        _add_partials(partial, bias, out)
    return out


def _weight_gradient(
    features: Tensor,  # [M_in, Cin]
    grad: Tensor,  # [M_out, Cout]
    kernel_map: KernelMap,
    precision: str,
    out: Tensor,  # [T, Cin, Cout]
) -> None:
    if out.numel() == 0:
        return
    taps, inputs, outputs = out.shape
    block = block_of_gradient(inputs, outputs, features.dtype, precision)
    pairs = pairs_of(kernel_map)
    blocks = cdiv(inputs, block.rows) * cdiv(outputs, block.columns)
    splits = splits_of_gradient(taps * blocks, len(grad))
    partial = _partial(out, splits) if splits > 1 else out
    triton_kernels.weight_gradient[(taps, splits, blocks)](
        features, grad, pairs.source, pairs.target, pairs.first, partial,
        **triton_kernels.gradient_constants(block, taps, inputs, outputs, precision),
        num_warps=block.warps, num_stages=block.stages, enable_fp_fusion=True,
    )  # fmt: skip
    if splits > 1:
        _add_partials(partial, None, out)


class Convolution(torch.autograd.Function):
    """The gradient of the features is a convolution over the transposed map and matrices."""

    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        kernel_map: KernelMap,
        precision: str,
    ) -> Tensor:
        features = features.contiguous()
        matrices = weight.to(features.dtype).contiguous()
        ctx.save_for_backward(features, matrices)
        ctx.kernel_map, ctx.precision = kernel_map, precision
        ctx.weight_dtype = weight.dtype
        ctx.bias_dtype = None if bias is None else bias.dtype
        with torch.cuda.device_of(features):
            added = None if bias is None else bias.contiguous()
            return _convolve(features, matrices, added, kernel_map, precision)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        features, matrices = ctx.saved_tensors
        wants_features, wants_weight, wants_bias, *_ = ctx.needs_input_grad
        grad = grad.contiguous()
        d_features = d_weight = d_bias = None
        with torch.cuda.device_of(grad):
            if wants_features:
                back = ctx.kernel_map.transposed
                d_features = _convolve(grad, matrices, None, back, ctx.precision, transposed=True)
            if wants_weight:
                d_weight = torch.empty(
                    matrices.shape, dtype=ctx.weight_dtype, device=matrices.device
                )
                _weight_gradient(features, grad, ctx.kernel_map, ctx.precision, d_weight)
            if wants_bias:
                d_bias = grad.sum(0, dtype=torch.float32).to(ctx.bias_dtype)
        return d_features, d_weight, d_bias, None, None


def sparse_conv(
    features: Tensor, weight: Tensor, kernel_map: KernelMap, bias: Tensor | None, precision: str
) -> Tensor:
    out: Tensor = Convolution.apply(features, weight, bias, kernel_map, precision)
    return out


def sparse_conv_weight_gradient(
    features: Tensor, weight: Tensor, grad: Tensor, kernel_map: KernelMap, precision: str
) -> tuple[Tensor, Tensor]:
    features, grad = features.contiguous(), grad.contiguous()
    d_weight = torch.empty(weight.shape, dtype=weight.dtype, device=weight.device)
    with torch.cuda.device_of(grad):
        _weight_gradient(features, grad, kernel_map, precision, d_weight)
        return d_weight, grad.sum(0, dtype=torch.float32)
