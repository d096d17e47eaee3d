"""torch.ops.pdengine: the ops with a gradient, which is made of ops as well."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from pdengine.kernels._library import LIBRARY, READS_NO_DATA, define, op

if TYPE_CHECKING:
    from pdengine.kernels.kernel_map import KernelMap


def _keep_gradient(ctx: Any, inputs: Any, keyword_only_inputs: Any, output: Any) -> None:
    ctx.mark_non_differentiable(output[1])
    ctx.save_for_backward(output[1])


def _scale_gradient(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor, None]:
    (gradient,) = ctx.saved_tensors
    return gradient * grad, None


@op(
    "soft_cross_entropy",
    "soft_cross_entropy_and_gradient(Tensor logits, Tensor targets)"
    " -> (Tensor loss, Tensor gradient)",
    autograd=(_keep_gradient, _scale_gradient),
    tags=READS_NO_DATA,
)
def _soft_cross_entropy_and_gradient(logits: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
    return logits.new_empty(()), logits.new_empty(logits.shape)


def _soft_cross_entropy(logits: Tensor, targets: Tensor, *, backend: str | None = None) -> Tensor:
    loss: Tensor = torch.ops.pdengine.soft_cross_entropy_and_gradient(
        logits, targets, backend=backend
    )[0]
    return loss


LIBRARY.define(
    "soft_cross_entropy(Tensor logits, Tensor targets, *, str? backend=None) -> Tensor",
    tags=READS_NO_DATA,
)
LIBRARY.impl("soft_cross_entropy", _soft_cross_entropy, "CompositeImplicitAutograd")


# forward -> (backward, the versions of both, the map).  A map is checked, and a backend may plan
# its way through it, once: as long as the two tensors live and stay as they are.
_maps: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def _version(tensor: Tensor) -> int:
    return -1 if tensor.is_inference() else tensor._version


def _map_of(forward: Tensor, backward: Tensor) -> KernelMap:
    from pdengine.kernels.kernel_map.op import KernelMap

    versions = _version(forward), _version(backward)
    kept = _maps.get(forward)
    if kept is not None and kept[0]() is backward and kept[1] == versions:
        found: KernelMap = kept[2]
        return found
    # The map holds other tensors on the same memory, or it would keep its own key alive.
    made = KernelMap(forward.detach(), backward.detach())
    if -1 not in versions:
        _maps[forward] = weakref.ref(backward), versions, made
    return made


def _run_sparse_conv(
    features: Tensor,
    weight: Tensor,
    forward: Tensor,
    backward: Tensor,
    bias: Tensor | None = None,
    precision: str = "ieee",
    *,
    backend: str | None = None,
) -> Tensor:
    from pdengine.kernels.sparse_conv.op import sparse_conv

    kernel_map = _map_of(forward, backward)
    return sparse_conv(features, weight, kernel_map, bias, precision=precision, backend=backend)


def _run_weight_gradient(
    features: Tensor,
    weight: Tensor,
    grad: Tensor,
    forward: Tensor,
    backward: Tensor,
    precision: str = "ieee",
    *,
    backend: str | None = None,
) -> tuple[Tensor, Tensor]:
    from pdengine.kernels.sparse_conv.op import sparse_conv_weight_gradient

    kernel_map = _map_of(forward, backward)
    return sparse_conv_weight_gradient(
        features, weight, grad, kernel_map, precision=precision, backend=backend
    )


def _fake_weight_gradient(features: Tensor, weight: Tensor, *_: Any) -> tuple[Tensor, ...]:
    wide = torch.promote_types(features.dtype, torch.float32)
    return weight.new_empty(weight.shape), weight.new_empty(weight.shape[2], dtype=wide)


def _keep_inputs(ctx: Any, inputs: Any, keyword_only_inputs: Any, output: Tensor) -> None:
    *tensors, bias, precision = inputs
    ctx.save_for_backward(*tensors)
    ctx.bias_dtype = None if bias is None else bias.dtype
    ctx.how = {"precision": precision, "backend": keyword_only_inputs["backend"]}


def _convolve_back(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    features, weight, *pair = ctx.saved_tensors
    # What a caller leaves at its default, bias and precision, is not among them.
    wants_features, wants_weight, _, _, *wants_bias = ctx.needs_input_grad
    d_features = d_weight = d_bias = None
    if wants_features:  # the adjoint: over the transposed map, with transposed matrices
        d_features = torch.ops.pdengine.sparse_conv(grad, weight.mT, *reversed(pair), **ctx.how)
    if wants_weight or any(wants_bias):
        d_weight, d_bias = torch.ops.pdengine.sparse_conv_weight_gradient(
            features, weight, grad, *pair, **ctx.how
        )
        d_bias = d_bias.to(ctx.bias_dtype) if any(wants_bias) else None
    return d_features, d_weight, None, None, d_bias, None


define(
    "sparse_conv(Tensor features, Tensor weight, Tensor forward, Tensor backward,"
    ' Tensor? bias=None, str precision="ieee") -> Tensor',
    _run_sparse_conv,
    lambda features, weight, forward, *_: features.new_empty((forward.shape[0], weight.shape[2])),
    (_keep_inputs, _convolve_back),
)
define(
    "sparse_conv_weight_gradient(Tensor features, Tensor weight, Tensor grad, Tensor forward,"
    ' Tensor backward, str precision="ieee") -> (Tensor weight, Tensor bias)',
    _run_weight_gradient,
    _fake_weight_gradient,
)


def _keep_norm(ctx: Any, inputs: Any, keyword_only_inputs: Any, output: Tensor) -> None:
    features, weight, bias, ctx.eps = inputs
    ctx.save_for_backward(features, weight, bias)
    ctx.backend = keyword_only_inputs["backend"]


def _norm_back(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    gradients = torch.ops.pdengine.norm_relu_gradient(
        *ctx.saved_tensors, grad, ctx.eps, backend=ctx.backend
    )
    return *gradients, None


@op(
    "norm_relu",
    "norm_relu(Tensor features, Tensor weight, Tensor bias, float eps=1e-05) -> Tensor",
    autograd=(_keep_norm, _norm_back),
    tags=READS_NO_DATA,
)
def _norm_relu(features: Tensor, *_: Any) -> Tensor:
    return features.new_empty(features.shape)


@op(
    "norm_relu",
    "norm_relu_gradient(Tensor features, Tensor weight, Tensor bias, Tensor grad, float eps=1e-05)"
    " -> (Tensor features, Tensor weight, Tensor bias)",
    tags=READS_NO_DATA,
)
def _norm_relu_gradient(
    features: Tensor, weight: Tensor, bias: Tensor, *_: Any
) -> tuple[Tensor, ...]:
    return tuple(tensor.new_empty(tensor.shape) for tensor in (features, weight, bias))


def _keep_head(ctx: Any, inputs: Any, keyword_only_inputs: Any, output: Tensor) -> None:
    ctx.save_for_backward(*inputs[:-1])
    ctx.backend = keyword_only_inputs["backend"]


def _head_back(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    d_voxel, d_weight, d_head, d_bias = torch.ops.pdengine.point_head_gradient(
        *ctx.saved_tensors, grad, backend=ctx.backend
    )
    return d_voxel, None, None, d_weight, d_head, d_bias


_HEAD = "Tensor voxel, Tensor offsets, Tensor features, Tensor weight, Tensor head"


@op("point_head", f"point_head({_HEAD}, Tensor bias) -> Tensor", autograd=(_keep_head, _head_back))
def _point_head(voxel: Tensor, *given: Tensor) -> Tensor:
    _, features, _, _, bias = given
    return voxel.new_empty((features.shape[0], bias.shape[0]))


@op(
    "point_head",
    f"point_head_gradient({_HEAD}, Tensor grad)"
    " -> (Tensor voxel, Tensor weight, Tensor head, Tensor bias)",
)
def _point_head_gradient(
    voxel: Tensor, offsets: Tensor, features: Tensor, weight: Tensor, head: Tensor, grad: Tensor
) -> tuple[Tensor, ...]:
    shapes = (voxel.shape, weight.shape, head.shape, head.shape[:1])
    return tuple(voxel.new_empty(shape) for shape in shapes)
