"""The encoder: a small U-Net of sparse convolutions over voxels, one embedding per point."""

from __future__ import annotations

import itertools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pdengine.distill.grid import Grid
from pdengine.distill.linear import Linear
from pdengine.distill.sums import spread
from pdengine.distill.unet import BlockWeights, LinearWeights, UNetWeights, unet
from pdengine.kernels.kernel_map import KernelMap
from pdengine.kernels.sparse_conv import sparse_conv

WIDTHS = (32, 64, 96, 128)  # channels per level, finest first
EMBEDDING = 96


class SparseConv(nn.Module):
    """One sparse convolution; the kernel map says whether it stays, goes down or goes up.

    Args:
        taps: 27 for a submanifold convolution, 8 for a strided one.
        inputs: channels.
        outputs: channels.
        dice: what the weights are drawn from; None leaves them to be loaded.
    """

    def __init__(self, taps: int, inputs: int, outputs: int, dice: torch.Generator | None) -> None:
        super().__init__()
        # About a third of the 27 taps meet a voxel on a surface, one of 8 on the way up.
        live = taps / 3
        deviation = (2.0 / (live * inputs)) ** 0.5
        weight = torch.empty(taps, inputs, outputs)
        if dice is not None:
            weight = weight.normal_(generator=dice) * deviation
        self.weight = nn.Parameter(weight)

    def forward(self, features: Tensor, kernel_map: KernelMap) -> Tensor:
        out: Tensor = sparse_conv(features, self.weight, kernel_map)
        return out


class Block(nn.Module):
    """A normed, residual submanifold convolution.

    The norm is per voxel: a shape is aligned alone, so there is no batch to take statistics of.
    """

    def __init__(self, width: int, dice: torch.Generator | None) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.conv = SparseConv(27, width, width, dice)

    def forward(self, features: Tensor, kernel_map: KernelMap) -> Tensor:
        out: Tensor = features + self.conv(F.relu(self.norm(features)), kernel_map)
        return out


def _weights(block: Any) -> BlockWeights:
    return BlockWeights(block.norm.weight, block.norm.bias, block.conv.weight)


class Encoder(nn.Module):
    """Geometric features in, one embedding per point out.

    Args:
        inputs: D, the number of geometric features.
        widths: channels per level, finest first.
        embedding: E.
        dice: what the weights are drawn from; None leaves them to be loaded.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        inputs: int,
        widths: tuple[int, ...] = WIDTHS,
        embedding: int = EMBEDDING,
        *,
        dice: torch.Generator | None,
    ) -> None:
        super().__init__()
        steps = list(itertools.pairwise(widths))
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("deviation", torch.ones(inputs))
        self.stem = Linear(inputs, widths[0], dice=dice)
        self.encoder = nn.ModuleList(Block(width, dice) for width in widths)
        self.down = nn.ModuleList(SparseConv(8, fine, coarse, dice) for fine, coarse in steps)
        self.up = nn.ModuleList(SparseConv(8, coarse, fine, dice) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Block(fine, dice) for fine, _ in steps)
        self.norm = nn.LayerNorm(widths[0])
        self.from_voxel = Linear(widths[0], embedding, dice=dice)
        self.from_point = Linear(inputs, embedding, bias=False, dice=dice)

    def standardised(self, features: Tensor) -> Tensor:
        """Columns of mean 0 and deviation 1 over the shapes that the encoder was trained on."""
        return ((features - self.mean) / self.deviation).clamp(-6, 6)

    def forward(self, features: Tensor, grid: Grid) -> Tensor:
        """Embeddings [N, E] >= 0 of standardised features [N, D]."""
        voxel = self.at_voxels(grid.mean(features), grid)
        return self.at_points(voxel, features, grid.voxel)

    def at_voxels(self, mean: Tensor, grid: Grid) -> Tensor:
        """What each voxel adds to the embeddings of its points. [M, E].

        Args:
            mean: [M, D], of the standardised features of its points.
            grid: where the voxels are.
        """
        layered = mean.is_cuda or mean.requires_grad
        return self.layers(mean, grid) if layered else self.fused(mean, grid)

    def fused(self, mean: Tensor, grid: Grid) -> Tensor:
        """at_voxels on a CPU, for features that ask for no gradient."""
        weights = UNetWeights(
            LinearWeights(self.stem.weight, self.stem.bias),
            LinearWeights(self.from_voxel.weight, self.from_voxel.bias),
            [_weights(block) for block in self.encoder],
            [_weights(block) for block in self.decoder],
            [step.weight for step in self.down],
            [step.weight for step in self.up],
            self.norm.weight,
            self.norm.bias,
        )
        return unet(mean, grid, weights, self.norm.eps)

    def layers(self, mean: Tensor, grid: Grid) -> Tensor:
        """at_voxels layer by layer, in torch."""
        at = self.stem(mean)
        skips = []
        for level, block in enumerate(self.encoder):
            at = block(at, grid.levels[level])
            if level < len(self.down):
                skips.append(at)
                at = self.down[level](at, grid.downs[level])
        for level in reversed(range(len(self.up))):
            up = self.up[level](at, grid.downs[level].transposed)
            at = self.decoder[level](skips[level] + up, grid.levels[level])
        out: Tensor = self.from_voxel(F.relu(self.norm(at)))
        return out

    def at_points(self, voxel: Tensor, features: Tensor, index: Tensor) -> Tensor:
        """Embeddings [N, E] >= 0 of points, whose voxels are the rows index [N] of voxel [M, E]."""
        point: Tensor = self.from_point(features)
        return point.add_(spread(voxel, index)).relu_()  # in place: [N, E] is the largest
