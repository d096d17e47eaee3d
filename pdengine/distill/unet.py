"""The encoder's network over voxels on a CPU, its gradient written out.

Between the products of a small shape autograd would take as long as they do: it makes a node and
some tensors for every norm, sum and layer, ten microseconds each.  Here a step is sixty calls of
the C++ core on arrays.  Encoder.layers is the same network layer by layer, and the definition.
A linear layer is a convolution of one tap, over a map that joins every row to itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pdengine import _C
from pdengine.distill.grid import Grid
from pdengine.kernels import as_array, thread_limit
from pdengine.kernels.kernel_map import KernelMap

_LINE = 16  # floats of a cache line
Array = Any  # a NumPy array of floats: [M, C] where it holds voxels


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
        """All of them, in the order that of() takes."""
        blocks = [weight for block in (*self.encoder, *self.decoder) for weight in block]
        return [*self.stem, *self.end, *blocks, *self.down, *self.up, self.scale, self.shift]

    @staticmethod
    def of(flat: Sequence[Any], levels: int) -> UNetWeights:
        """The inverse of flat, for so many levels."""
        linear = LinearWeights(*flat[:2]), LinearWeights(*flat[2:4])
        blocks = [BlockWeights(*flat[at : at + 3]) for at in range(4, 6 * levels + 1, 3)]
        rest = flat[6 * levels + 1 :]
        steps = levels - 1
        down, up = rest[:steps], rest[steps : 2 * steps]
        return UNetWeights(*linear, blocks[:levels], blocks[levels:], down, up, *rest[2 * steps :])


def unet(mean: Tensor, grid: Grid, weights: UNetWeights, eps: float) -> Tensor:
    """What the finest voxels become. [M, E].

    Args:
        mean: [M, D] float32 or float64, on the CPU, without gradient.
        grid: where the voxels are.
        weights: tensors of mean's dtype.
        eps: of the norms.
    """
    out: Tensor = _UNet.apply(mean, grid, eps, len(weights.encoder), *weights.flat())
    return out


class _UNet(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, mean: Tensor, grid: Grid, eps: float, levels: int, *flat: Tensor
    ) -> Tensor:
        walk = _Walk(grid, eps, UNetWeights.of([*map(as_array, flat)], levels), [])
        out = walk.forward(as_array(mean))
        # In torch's hands it goes when backward is done, and a weight that changes is noticed.
        ctx.save_for_backward(*flat, *map(torch.from_numpy, walk.tape))
        ctx.about = grid, eps, levels, len(flat)
        return torch.from_numpy(out)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Any, ...]:
        grid, eps, levels, count = ctx.about
        arrays = [*map(as_array, ctx.saved_tensors)]
        weights, tape = UNetWeights.of(arrays[:count], levels), arrays[count:]
        gradients = _Walk(grid, eps, weights, tape).backward(as_array(grad))
        return None, None, None, None, *map(torch.from_numpy, gradients.flat())


def _side_by_side(arrays: Sequence[Array]) -> list[Array]:
    """Empty arrays of the same shapes in one piece of memory.

    Freed as forty pieces it went back to the system, and came back in 1,300 page faults a step, a
    quarter of a step's time.  One piece is more than malloc gives back.
    """
    sizes = [-(-array.size // _LINE) * _LINE for array in arrays]
    pieces = np.split(np.empty(sum(sizes), arrays[0].dtype), np.cumsum(sizes)[:-1])
    return [
        piece[: array.size].reshape(array.shape)
        for piece, array in zip(pieces, arrays, strict=True)
    ]


class _Walk:
    """Down and up through the levels, and the way back.

    Attributes:
        tape: what backward reads, in the order in which forward made it.
    """

    def __init__(self, grid: Grid, eps: float, weights: UNetWeights, tape: list[Array]) -> None:
        self.grid, self.eps, self.weights, self.tape = grid, eps, weights, tape
        self.threads = thread_limit()
        self.none = np.empty(0, weights.scale.dtype)  # no bias
        self.itself = np.arange(len(grid.count), dtype=np.int32)[None]  # [1, M]

    def forward(self, mean: Array) -> Array:
        weights, grid, steps = self.weights, self.grid, len(self.weights.down)
        self.tape.append(mean)
        at, skips = self._linear(mean, weights.stem), []
        for level in range(steps):
            at = self._block(at, weights.encoder[level], grid.levels[level])
            skips.append(at)
            self.tape.append(at)
            at = self._convolve(at, weights.down[level], grid.downs[level], None)
        at = self._block(at, weights.encoder[steps], grid.levels[steps])
        for level in reversed(range(steps)):
            self.tape.append(at)
            up = grid.downs[level].transposed
            at = self._convolve(at, weights.up[level], up, skips[level].copy())
            at = self._block(at, weights.decoder[level], grid.levels[level])
        normed = self._norm(at, weights.scale, weights.shift)
        self.tape += at, normed
        return self._linear(normed, weights.end)

    def backward(self, came: Array) -> UNetWeights:
        """The gradients of the weights."""
        weights, grid, steps = self.weights, self.grid, len(self.weights.down)
        found = UNetWeights.of(_side_by_side(weights.flat()), steps + 1)
        normed = self.tape.pop()
        self._linear_weights(normed, came, found.end)
        back, matrix = np.empty_like(normed), weights.end.weight[None]
        _C.sparse_conv(came, matrix, self.itself, self.none, False, False, back, self.threads)
        at = self._norm_back(back, (weights.scale, weights.shift), (found.scale, found.shift))
        skipped = []
        for level in range(steps):
            at = self._block_back(at, weights.decoder, found.decoder, level)
            skipped.append(at)
            up = grid.downs[level].transposed
            at = self._convolve_back(at, weights.up[level], found.up[level], up, None)
        at = self._block_back(at, weights.encoder, found.encoder, steps)
        for level in reversed(range(steps)):
            pairs, to = grid.downs[level], skipped[level]
            at = self._convolve_back(at, weights.down[level], found.down[level], pairs, to)
            at = self._block_back(at, weights.encoder, found.encoder, level)
        self._linear_weights(self.tape.pop(), at, found.stem)
        return found

    def _linear(self, at: Array, weights: LinearWeights) -> Array:
        out = np.empty((len(at), len(weights.bias)), at.dtype)
        given = at, weights.weight[None], self.itself, weights.bias
        _C.sparse_conv(*given, True, False, out, self.threads)
        return out

    def _linear_weights(self, at: Array, came: Array, found: LinearWeights) -> None:
        turned = np.empty((1, at.shape[1], came.shape[1]), at.dtype)
        _C.sparse_conv_weight(at, came, self.itself, turned, found.bias, self.threads)
        found.weight[:] = turned[0].T

    def _block(self, at: Array, weights: BlockWeights, near: KernelMap) -> Array:
        normed = self._norm(at, weights.scale, weights.shift)
        self.tape += at, normed
        return self._convolve(normed, weights.weight, near, at.copy())

    def _block_back(
        self,
        came: Array,
        weights: Sequence[BlockWeights],
        found: Sequence[BlockWeights],
        level: int,
    ) -> Array:
        own, sums, near = weights[level], found[level], self.grid.levels[level]
        back = self._convolve_back(came, own.weight, sums.weight, near, None)
        back = self._norm_back(back, own[:2], sums[:2])
        return np.add(back, came, out=back)

    def _norm(self, at: Array, scale: Array, shift: Array) -> Array:
        out = np.empty_like(at)
        _C.norm_relu(at, scale, shift, self.eps, out, self.threads)
        return out

    def _norm_back(
        self, came: Array, weights: tuple[Array, Array], found: tuple[Array, Array]
    ) -> Array:
        at = self.tape.pop()
        out = np.empty_like(at)
        _C.norm_relu_gradient(at, *weights, came, self.eps, out, *found, self.threads)
        return out

    def _convolve(self, at: Array, weight: Array, pairs: KernelMap, to: Array | None) -> Array:
        """A convolution, added to an array unless that is None."""
        source, _ = pairs.arrays
        out = np.empty((source.shape[1], weight.shape[2]), at.dtype) if to is None else to
        _C.sparse_conv(at, weight, source, self.none, False, to is not None, out, self.threads)
        return out

    def _convolve_back(
        self, came: Array, weight: Array, d_weight: Array, pairs: KernelMap, to: Array | None
    ) -> Array:
        """The gradient of what was convolved, added to an array unless that is None."""
        at = self.tape.pop()
        source, target = pairs.arrays
        _C.sparse_conv_weight(at, came, source, d_weight, self.none, self.threads)
        out = np.empty_like(at) if to is None else to
        _C.sparse_conv(came, weight, target, self.none, True, to is not None, out, self.threads)
        return out
