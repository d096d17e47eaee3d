"""The encoder's network over voxels on a CPU, its gradient written out.

Between the products of a small shape autograd would take as long as they do: it makes a node and
some tensors for every norm, sum and layer, ten microseconds each.  Here the way there and the way
back are one call of the C++ core each (csrc/unet).  Encoder.layers is the same network layer by
layer, and the definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pdengine import _C
from pdengine.distill.grid import Grid
from pdengine.kernels import as_array, thread_limit


class BlockWeights(NamedTuple):
    """Of a normed, residual convolution: what norms, [C] each, and what convolves, [27, C, C]."""

    scale: Any
    shift: Any
    weight: Any


class LinearWeights(NamedTuple):
    """Of a linear layer as torch holds it: [C', C] and [C']."""

    weight: Any
    bias: Any


@dataclass(frozen=True)
class UNetWeights:
    """The parameters of a U-Net, or their gradients: tensors or arrays.

    Attributes:
        stem, end: the linear layers before and behind.
        encoder: blocks, finest first.
        decoder: blocks, one fewer.
        down, up: between the levels, [8, C, C'].
        scale, shift: of the last norm.
    """

    stem: LinearWeights
    end: LinearWeights
    encoder: Sequence[BlockWeights]
    decoder: Sequence[BlockWeights]
    down: Sequence[Any]
    up: Sequence[Any]
    scale: Any
    shift: Any

    def flat(self) -> list[Any]:
        """All of them, in the order in which the C++ core takes them: 8 L + 1 of L levels."""
        blocks = [weight for block in (*self.encoder, *self.decoder) for weight in block]
        return [*self.stem, *self.end, *blocks, *self.down, *self.up, self.scale, self.shift]


def unet(mean: Tensor, grid: Grid, weights: UNetWeights, eps: float) -> Tensor:
    """What the finest voxels become. [M, E].

    Args:
        mean: [M, D] float32 or float64, on the CPU, without gradient.
        grid: where the voxels are.
        weights: tensors of mean's dtype.
        eps: of the norms.
    """
    out: Tensor = _UNet.apply(mean, grid, eps, *weights.flat())
    return out


class _UNet(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, mean: Tensor, grid: Grid, eps: float, *flat: Tensor) -> Tensor:
        given = as_array(mean), *_maps(grid, flat), [*map(as_array, flat)], eps
        out, tape = map(torch.from_numpy, _C.unet(*given, thread_limit()))
        # In torch's hands it goes when backward is done, and a weight that changes is noticed.
        ctx.save_for_backward(mean, tape, *flat)
        ctx.about = grid, eps
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        grid, eps = ctx.about
        mean, tape, *flat = map(as_array, ctx.saved_tensors)
        given = mean, *_maps(grid, flat), flat, eps, tape, as_array(grad)
        return None, None, None, *map(torch.from_numpy, _C.unet_gradient(*given, thread_limit()))


def _maps(grid: Grid, flat: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Of as many levels as have weights, and of the steps between them."""
    levels = len(flat) // 8
    downs = grid.downs[: levels - 1]
    return [near.arrays for near in grid.levels[:levels]], [step.arrays for step in downs]
