"""The student: a small U-Net of sparse convolutions over voxels, with a head per point."""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pdengine.distill.prepared import Prepared
from pdengine.kernels.kernel_map import KernelMap
from pdengine.kernels.sparse_conv import sparse_conv


class SparseConv(nn.Module):
    """One sparse convolution; the kernel map says whether it stays, goes down or goes up.

    Args:
        taps: 27 for a submanifold convolution, 8 for a strided one.
        inputs: channels.
        outputs: channels.
    """

    def __init__(self, taps: int, inputs: int, outputs: int) -> None:
        super().__init__()
        # About a third of the 27 taps meet a voxel on a surface, one of 8 on the way up.
        live = taps / 3
        spread = (2.0 / (live * inputs)) ** 0.5
        self.weight = nn.Parameter(torch.randn(taps, inputs, outputs) * spread)

    def forward(self, features: Tensor, kernel_map: KernelMap) -> Tensor:
        out: Tensor = sparse_conv(features, self.weight, kernel_map)
        return out


class Block(nn.Module):
    """A normed, residual submanifold convolution.

    The norm is per voxel: a shape is aligned alone, so there is no batch to take statistics of.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.conv = SparseConv(27, width, width)

    def forward(self, features: Tensor, kernel_map: KernelMap) -> Tensor:
        out: Tensor = features + self.conv(F.relu(self.norm(features)), kernel_map)
        return out


class SparseUNet(nn.Module):
    """Geometric features in, one logit per point and part out.

    Args:
        inputs: D, the number of geometric features.
        widths: channels per level, finest first.
        parts: R.
    """

    def __init__(self, inputs: int, widths: tuple[int, ...], parts: int) -> None:
        super().__init__()
        steps = list(itertools.pairwise(widths))
        self.stem = nn.Linear(inputs, widths[0])
        self.encoder = nn.ModuleList(Block(width) for width in widths)
        self.down = nn.ModuleList(SparseConv(8, fine, coarse) for fine, coarse in steps)
        self.up = nn.ModuleList(SparseConv(8, coarse, fine) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Block(fine) for fine, _ in steps)
        self.norm = nn.LayerNorm(widths[0])
        self.from_voxel = nn.Linear(widths[0], 2 * widths[0])
        self.from_point = nn.Linear(inputs, 2 * widths[0], bias=False)
        self.head = nn.Linear(2 * widths[0], parts)
        nn.init.zeros_(self.head.weight)  # the student starts without an opinion
        nn.init.zeros_(self.head.bias)

    def forward(self, shape: Prepared) -> Tensor:
        """Logits [N, R]."""
        features = self.stem(shape.voxel_features)
        skips = []
        for level, block in enumerate(self.encoder):
            features = block(features, shape.levels[level])
            if level < len(self.down):
                skips.append(features)
                features = self.down[level](features, shape.downs[level])
        for level in reversed(range(len(self.up))):
            up = self.up[level](features, shape.downs[level].transposed)
            features = self.decoder[level](skips[level] + up, shape.levels[level])
        voxel = self.from_voxel(F.relu(self.norm(features)))  # [M, 2 width]
        point = voxel[shape.voxel] + self.from_point(shape.features)
        logits: Tensor = self.head(F.relu(point))
        return logits
