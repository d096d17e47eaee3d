"""A layer norm over the channels of each row, and what is positive of it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_positive, check_same_device, check_shape
from pdengine.kernels._dispatch import Backend, as_array, choose, cpu_only, thread_limit
from pdengine.kernels.norm_relu import reference


def _forward_cpu(features: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    out = torch.empty(features.shape, dtype=features.dtype)
    given = as_array(features), as_array(weight), as_array(bias)
    _C.norm_relu(*given, eps, out.numpy(), thread_limit())
    return out


def _gradient_cpu(
    features: Tensor, weight: Tensor, bias: Tensor, grad: Tensor, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    found = tuple(torch.empty(t.shape, dtype=t.dtype) for t in (features, weight, bias))
    given = as_array(features), as_array(weight), as_array(bias), as_array(grad)
    d_features, d_weight, d_bias = found
    gradients = d_features.numpy(), d_weight.numpy(), d_bias.numpy()
    _C.norm_relu_gradient(*given, eps, *gradients, thread_limit())
    return d_features, d_weight, d_bias


class _NormRelu(torch.autograd.Function):
    """Keeps its inputs alone: backward norms them anew."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
        ctx.save_for_backward(features, weight, bias)
        ctx.eps = eps
        return _forward_cpu(features, weight, bias, eps)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias = ctx.saved_tensors
        return *_gradient_cpu(features, weight, bias, grad, ctx.eps), None


def _cpu(features: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    out: Tensor = _NormRelu.apply(features, weight, bias, eps)
    return out


def _why_not_torch(features: Tensor) -> str | None:
    if not features.is_cuda:
        return f"it is for a GPU, got a tensor on {features.device}"
    return None


# On a GPU the definition is two kernels of torch's, which is what there is to be had.
BACKENDS = (
    Backend("cpu", _cpu, cpu_only),
    Backend("torch", reference.norm_relu, _why_not_torch),
    Backend("reference", reference.norm_relu),
)
GRADIENT = (
    Backend("cpu", _gradient_cpu, cpu_only),
    Backend("torch", reference.norm_relu_gradient, _why_not_torch),
    Backend("reference", reference.norm_relu_gradient),
)


def _check(features: Tensor, weight: Tensor, bias: Tensor, eps: float) -> dict[str, int]:
    sizes = check_shape("features", features, "M", "C")
    check_dtype("features", features, torch.float32, torch.float64)
    for name, tensor in (("weight", weight), ("bias", bias)):
        check_shape(name, tensor, "C", C=sizes["C"])
        check_dtype(name, tensor, features.dtype)
    check_same_device(features=features, weight=weight, bias=bias)
    check_positive("eps", eps)
    if sizes["C"] == 0:
        raise ValueError("features must have at least one channel, got C=0")
    return sizes


def norm_relu(
    features: Tensor,  # [M, C]
    weight: Tensor,  # [C]
    bias: Tensor,  # [C]
    eps: float = 1e-5,
    *,
    backend: str | None = None,
) -> Tensor:  # [M, C]
    """relu((features - mean) / sqrt(variance + eps) * weight + bias), per row.

    Mean and variance (divided by C) are those of each row, as in torch's LayerNorm.  Gradients
    reach features, weight and bias; none passes where the result is 0.  A NaN or an infinity makes
    its row NaN.

    Args:
        features: [M, C] float32 or float64, C at least 1.
        weight: [C], features' dtype.
        bias: [C], features' dtype.
        eps: added to the variance, positive.
        backend: "cpu", "torch" (its own two kernels, on a GPU) or "reference"; None takes the
            first that can run.

    Returns:
        [M, C] in features' dtype.  The C++ kernel's sums have a fixed order: neither its result nor
        a gradient depends on the number of threads.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, or eps is not positive.

    Source: layer normalisation, Ba et al. 2016.
    """
    sizes = _check(features, weight, bias, eps)

    if sizes["M"] == 0:
        return reference.norm_relu(features, weight, bias, eps)

    out: Tensor = choose("norm_relu", BACKENDS, backend, features).run(features, weight, bias, eps)
    return out


def norm_relu_gradient(
    features: Tensor,  # [M, C]
    weight: Tensor,  # [C]
    bias: Tensor,  # [C]
    grad: Tensor,  # [M, C]
    eps: float = 1e-5,
    *,
    backend: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:  # [M, C], [C], [C]
    """What norm_relu's inputs get of its output's gradient, for an autograd that is not torch's.

    Args:
        features, weight, bias, eps, backend: as norm_relu takes them; nothing is recorded.
        grad: [M, C], features' dtype.

    Returns:
        The gradients of features, weight and bias.

    Raises:
        TypeError, ValueError: as norm_relu does.
    """
    sizes = _check(features, weight, bias, eps)
    check_shape("grad", grad, "M", "C", **sizes)
    check_dtype("grad", grad, features.dtype)
    check_same_device(features=features, grad=grad)

    given = [tensor.detach() for tensor in (features, weight, bias, grad)]
    run = choose("norm_relu", GRADIENT, backend, features).run
    d_features, d_weight, d_bias = run(*given, eps)
    return d_features, d_weight, d_bias
