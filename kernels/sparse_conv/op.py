"""Convolution over the pairs of a kernel map."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_same_device, check_shape
from pdengine.kernels._dispatch import (
    Backend,
    as_array,
    choose,
    cpu_only,
    thread_limit,
    triton_only,
)
from pdengine.kernels.kernel_map.op import KernelMap
from pdengine.kernels.sparse_conv import reference

# A small layer takes 20 us to multiply: every array that is made costs one of them.
_NONE = {dtype: torch.empty(0, dtype=dtype).numpy() for dtype in (torch.float32, torch.float64)}


class _Convolution(torch.autograd.Function):
    """The gradient of the features is a convolution over the backward map."""

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor | None, kernel_map: KernelMap
    ) -> Tensor:
        ctx.save_for_backward(features, weight)
        ctx.kernel_map = kernel_map
        source, _ = kernel_map.arrays
        added = _NONE[features.dtype] if bias is None else as_array(bias)
        out = torch.empty((source.shape[1], weight.shape[2]), dtype=features.dtype)
        given = as_array(features), as_array(weight), source, added
        _C.sparse_conv(*given, False, False, out.numpy(), thread_limit())
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        features, weight = ctx.saved_tensors
        forward, backward = ctx.kernel_map.arrays
        wants_features, wants_weight, wants_bias, _ = ctx.needs_input_grad
        came, none, threads = as_array(grad), _NONE[grad.dtype], thread_limit()
        d_features = d_weight = d_bias = None
        if wants_features:
            d_features = torch.empty_like(features, memory_format=torch.contiguous_format)
            given = came, as_array(weight), backward, none
            _C.sparse_conv(*given, True, False, d_features.numpy(), threads)
        if wants_weight or wants_bias:
            d_weight = torch.empty_like(weight, memory_format=torch.contiguous_format)
            d_bias = torch.empty(weight.shape[2], dtype=weight.dtype) if wants_bias else None
            summed = none if d_bias is None else d_bias.numpy()
            _C.sparse_conv_weight(
                as_array(features), came, forward, d_weight.numpy(), summed, threads
            )
        return d_features, d_weight, d_bias, None


def _cpu(
    features: Tensor, weight: Tensor, kernel_map: KernelMap, bias: Tensor | None, precision: str
) -> Tensor:
    out: Tensor = _Convolution.apply(features, weight, bias, kernel_map)
    return out


def _why_not_cpu(features: Tensor) -> str | None:
    if features.dtype in HALF:
        return f"the C++ kernel multiplies float32 or float64, got {_name(features.dtype)}"
    return cpu_only(features)


def _triton(*arguments: Any) -> Tensor:
    from pdengine.kernels.sparse_conv import triton_launch

    return triton_launch.sparse_conv(*arguments)


def _why_not_triton(features: Tensor) -> str | None:
    if features.dtype == torch.float64:
        return "the Triton kernel sums in float32, got float64"
    if features.dtype == torch.bfloat16 and os.environ.get("TRITON_INTERPRET") == "1":
        return "Triton's interpreter multiplies bfloat16 wrongly"
    return triton_only(features)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _weight_gradient_cpu(
    features: Tensor, weight: Tensor, grad: Tensor, kernel_map: KernelMap, precision: str
) -> tuple[Tensor, Tensor]:
    d_weight = torch.empty_like(weight, memory_format=torch.contiguous_format)
    d_bias = torch.empty(weight.shape[2], dtype=weight.dtype)
    given = as_array(features), as_array(grad), kernel_map.arrays[0]
    _C.sparse_conv_weight(*given, d_weight.numpy(), d_bias.numpy(), thread_limit())
    return d_weight, d_bias


def _weight_gradient_triton(*arguments: Any) -> tuple[Tensor, Tensor]:
    from pdengine.kernels.sparse_conv import triton_launch

    return triton_launch.sparse_conv_weight_gradient(*arguments)


DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
HALF = frozenset(DTYPES[2:])
PRECISIONS = ("ieee", "tf32x3", "tf32")
BACKENDS = (
    Backend("cpu", _cpu, _why_not_cpu),
    Backend("triton", _triton, _why_not_triton),
    Backend("reference", reference.sparse_conv),
)
WEIGHT_GRADIENT = (
    Backend("cpu", _weight_gradient_cpu, _why_not_cpu),
    Backend("triton", _weight_gradient_triton, _why_not_triton),
    Backend("reference", reference.sparse_conv_weight_gradient),
)


def sparse_conv(
    features: Tensor,  # [M_in, Cin]
    weight: Tensor,  # [T, Cin, Cout]
    kernel_map: KernelMap,
    bias: Tensor | None = None,  # [Cout]
    *,
    precision: str = "ieee",
    backend: str | None = None,
) -> Tensor:  # [M_out, Cout]
    """out[m] = bias + sum over taps t with i = forward[m, t] >= 0 of features[i] @ weight[t].

    Submanifold, strided and transposed convolutions are this one op with another map: the map of
    submanifold_map, of stride_map, or either's transposed.  Gradients reach features, weight and
    bias; the gradient of features is this op again, over the transposed map.

    Half floats (float16, bfloat16) are multiplied and summed in float32, and each result is rounded
    once.  Their weight and bias may be float32: the weight is then rounded to features' dtype where
    it is multiplied, and its gradient, as the bias's, is not rounded at all.

    Args:
        features: [M_in, Cin] float32, float64, float16 or bfloat16.
        weight: [T, Cin, Cout], finite: a kernel may add 0 * weight for a tap that a row lacks.
            features' dtype, or float32 where that is a half float.
        kernel_map: forward [M_out, T] and backward [M_in, T], int32, as kernel_map makes them: the
            two are trusted to be each other's inverse.
        bias: [Cout], a dtype that weight may have, or None.
        precision: what a product of float32 may lose on tensor cores.  "ieee" nothing; "tf32x3"
            the last bits (three products of 11-bit parts), "tf32" all beyond 11 bits of each
            factor.  Only the Triton kernel makes use of it.
        backend: a backend's name, or None for the first that can run.

    Returns:
        [M_out, Cout] in features' dtype.  Sums have a fixed order: neither the result nor a
        gradient depends on the number of threads, and a GPU gives the same bits every time.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, or precision is not one of the three.

    Source: submanifold sparse convolution, Graham et al. (CVPR 2018); gather and multiply per tap.
    The Triton kernel is a masked implicit GEMM over rows sorted by their taps, as in SpConv 2 and
    FlexGEMM.
    """
    sizes = check_shape("features", features, "M_in", "Cin")
    sizes = check_shape("weight", weight, "T", "Cin", "Cout", **sizes)
    sizes = check_shape("kernel_map.forward", kernel_map.forward, "M_out", "T", **sizes)
    check_shape("kernel_map.backward", kernel_map.backward, "M_in", "T", **sizes)
    tensors = {"weight": weight}
    if bias is not None:
        check_shape("bias", bias, "Cout", Cout=sizes["Cout"])
        tensors["bias"] = bias
    check_dtype("features", features, *DTYPES)
    allowed = (dtype, torch.float32) if (dtype := features.dtype) in HALF else (dtype,)
    for name, tensor in tensors.items():
        check_dtype(name, tensor, *allowed)
    check_same_device(
        features=features, **tensors, forward=kernel_map.forward, backward=kernel_map.backward
    )
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")

    run = choose("sparse_conv", BACKENDS, backend, features).run
    out: Tensor = run(features, weight, kernel_map, bias, precision)
    return out


def sparse_conv_weight_gradient(
    features: Tensor,  # [M_in, Cin]
    weight: Tensor,  # [T, Cin, Cout]
    grad: Tensor,  # [M_out, Cout]
    kernel_map: KernelMap,
    *,
    precision: str = "ieee",
    backend: str | None = None,
) -> tuple[Tensor, Tensor]:  # [T, Cin, Cout], [Cout]
    """What sparse_conv's weight and bias get of its output's gradient: torch.ops needs it alone.

    weight[t] = sum over the pairs (m, i = forward[m, t] >= 0) of features[i]^T grad[m], and
    bias = sum over m of grad[m].  Nothing is recorded.

    Args:
        features, weight, kernel_map, precision, backend: as sparse_conv takes them.
        grad: [M_out, Cout], features' dtype.

    Returns:
        The weight's in its dtype, and the bias's in the dtype that it is summed in: features', or
        float32 where that is a half float.

    Raises:
        TypeError, ValueError: as sparse_conv does.
    """
    sizes = check_shape("features", features, "M_in", "Cin")
    sizes = check_shape("weight", weight, "T", "Cin", "Cout", **sizes)
    sizes = check_shape("grad", grad, "M_out", "Cout", **sizes)
    check_shape("kernel_map.forward", kernel_map.forward, "M_out", "T", **sizes)
    check_shape("kernel_map.backward", kernel_map.backward, "M_in", "T", **sizes)
    check_dtype("features", features, *DTYPES)
    allowed = (dtype, torch.float32) if (dtype := features.dtype) in HALF else (dtype,)
    check_dtype("weight", weight, *allowed)
    check_dtype("grad", grad, features.dtype)
    check_same_device(features=features, weight=weight, grad=grad, forward=kernel_map.forward)
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")

    features, weight, grad = (tensor.detach() for tensor in (features, weight, grad))
    run = choose("sparse_conv", WEIGHT_GRADIENT, backend, features).run
    d_weight, d_bias = run(features, weight, grad, kernel_map, precision)
    return d_weight, d_bias
