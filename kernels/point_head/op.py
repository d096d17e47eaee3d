"""The end of the student's network: from voxels and points to logits, no embedding kept."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_same_device, check_shape
from pdengine.kernels._dispatch import Backend, as_array, choose, cpu_only, thread_limit
from pdengine.kernels.point_head import reference


def _forward_cpu(*given: Tensor) -> Tensor:
    features, bias = given[2], given[5]
    out = torch.empty((len(features), len(bias)), dtype=features.dtype)
    arguments = [*map(as_array, given), out.numpy(), thread_limit()]
    _C.point_head(*arguments)
    return out


def _gradient_cpu(*given: Tensor) -> tuple[Tensor, ...]:
    voxel, _, _, weight, head, _ = given
    shapes = (voxel.shape, weight.shape, head.shape, head.shape[:1])
    found = tuple(torch.empty(shape, dtype=voxel.dtype) for shape in shapes)
    arguments = [*map(as_array, given), *(t.numpy() for t in found), thread_limit()]
    _C.point_head_gradient(*arguments)
    return found


class _PointHead(torch.autograd.Function):
    """Keeps its inputs alone: backward embeds the points anew."""

    @staticmethod
    def forward(ctx: Any, *given: Tensor) -> Tensor:
        ctx.save_for_backward(*given[:-1])
        return _forward_cpu(*given)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        d_voxel, d_weight, d_head, d_bias = _gradient_cpu(*ctx.saved_tensors, grad)
        return d_voxel, None, None, d_weight, d_head, d_bias


def _cpu(*given: Tensor) -> Tensor:
    out: Tensor = _PointHead.apply(*given)
    return out


BACKENDS = (Backend("cpu", _cpu, cpu_only), Backend("reference", reference.point_head))
GRADIENT = (
    Backend("cpu", _gradient_cpu, cpu_only),
    Backend("reference", reference.point_head_gradient),
)


def _check(
    voxel: Tensor, offsets: Tensor, features: Tensor, weight: Tensor, head: Tensor
) -> dict[str, int]:
    sizes = check_shape("voxel", voxel, "M", "E")
    check_shape("offsets", offsets, sizes["M"] + 1)
    sizes = check_shape("features", features, "N", "D", **sizes)
    check_shape("weight", weight, "E", "D", **sizes)
    sizes = check_shape("head", head, "R", "E", **sizes)
    if sizes["R"] == 0:
        raise ValueError("head must have at least one part, got R=0")
    check_dtype("voxel", voxel, torch.float32, torch.float64)
    check_dtype("offsets", offsets, torch.int64)
    for name, tensor in (("features", features), ("weight", weight), ("head", head)):
        check_dtype(name, tensor, voxel.dtype)
    check_same_device(voxel=voxel, offsets=offsets, features=features, weight=weight, head=head)
    if features.requires_grad:
        raise ValueError("features must not require a gradient: they are constants of the network")
    ends = offsets.cpu().numpy()  # five times as fast as the same in torch
    first, last = int(ends[0]), int(ends[-1])
    if first != 0 or last != sizes["N"] or bool((ends[1:] < ends[:-1]).any()):
        raise ValueError(f"offsets must ascend from 0 to N={sizes['N']}, got {first} to {last}")
    return sizes


def point_head(
    voxel: Tensor,  # [M, E]
    offsets: Tensor,  # [M + 1]
    features: Tensor,  # [N, D]
    weight: Tensor,  # [E, D]
    head: Tensor,  # [R, E]
    bias: Tensor,  # [R]
    *,
    backend: str | None = None,
) -> Tensor:  # [N, R]
    """logits[n] = head @ relu(voxel[m] + weight @ features[n]) + bias, m being the voxel of n.

    Points lie voxel by voxel: those of voxel m are the rows offsets[m] to offsets[m + 1] of
    features.  The embeddings, relu(...), are never in memory all at once: [N, E] is the largest
    array of a training step, and to write and read it would take longer than to compute it twice.
    Gradients reach voxel, weight, head and bias; none passes where an embedding is 0.

    Args:
        voxel: [M, E] float32 or float64, what each voxel adds to the embeddings of its points.
        offsets: [M + 1] int64, ascending from 0 to N.  A voxel may be empty.
        features: [N, D], voxel's dtype, without gradient.
        weight: [E, D], voxel's dtype.
        head: [R, E], voxel's dtype, R at least 1.
        bias: [R], voxel's dtype.
        backend: "cpu" or "reference"; None takes the first that can run.

    Returns:
        [N, R] in voxel's dtype.  The C++ kernel's sums have a fixed order: neither its result nor a
        gradient depends on the number of threads.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, offsets is not what it says, or features asks
            for a gradient.

    Source: a point branch added to what its voxel says, Liu et al. (Point-Voxel CNN, NeurIPS 2019).
    """
    sizes = _check(voxel, offsets, features, weight, head)
    check_shape("bias", bias, "R", R=sizes["R"])
    check_dtype("bias", bias, voxel.dtype)
    check_same_device(voxel=voxel, bias=bias)

    run = choose("point_head", BACKENDS, backend, voxel).run
    logits: Tensor = run(voxel, offsets, features, weight, head, bias)
    return logits


def point_head_gradient(
    voxel: Tensor,  # [M, E]
    offsets: Tensor,  # [M + 1]
    features: Tensor,  # [N, D]
    weight: Tensor,  # [E, D]
    head: Tensor,  # [R, E]
    grad: Tensor,  # [N, R]
    *,
    backend: str | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # [M, E], [E, D], [R, E], [R]
    """What point_head's inputs get of its logits' gradient, for an autograd that is not torch's.

    Args:
        voxel, offsets, features, weight, head, backend: as point_head takes them; nothing is
            recorded.
        grad: [N, R], voxel's dtype.

    Returns:
        The gradients of voxel, weight, head and bias.

    Raises:
        TypeError, ValueError: as point_head does.
    """
    sizes = _check(voxel, offsets, features, weight, head)
    check_shape("grad", grad, "N", "R", **sizes)
    check_dtype("grad", grad, voxel.dtype)
    check_same_device(voxel=voxel, grad=grad)

    given = [tensor.detach() for tensor in (voxel, offsets, features, weight, head, grad)]
    run = choose("point_head", GRADIENT, backend, voxel).run
    d_voxel, d_weight, d_head, d_bias = run(*given)
    return d_voxel, d_weight, d_head, d_bias
