"""The student: the pre-trained encoder and a head that knows the parts."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pdengine.distill.encoder import WIDTHS, Encoder
from pdengine.distill.grid import Grid, Told, make_grid
from pdengine.distill.linear import Linear
from pdengine.distill.prepared import Prepared
from pdengine.distill.threads import one_thread
from pdengine.kernels.point_head import point_head
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy


class Head(nn.Module):
    """Standardised embeddings in, one logit per part out: one linear layer.

    Args:
        inputs: E.
        parts: R.
        dice: what the weights are drawn from; None leaves them to be loaded.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, inputs: int, parts: int, *, dice: torch.Generator | None) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("deviation", torch.ones(inputs))
        self.linear = Linear(inputs, parts, dice=dice)

    def standardise(self, embeddings: Tensor) -> Tensor:
        """Take mean and deviation from these embeddings [rows, E], and return them standardised."""
        self.mean.copy_(embeddings.mean(0))
        self.deviation.copy_(embeddings.std(0, unbiased=False).clamp(min=1e-4))
        return (embeddings - self.mean) / self.deviation

    def known(self, embeddings: Tensor) -> Tensor:
        """standardise, and a column of ones for the bias. [rows, E + 1]."""
        return nn.functional.pad(self.standardise(embeddings), (0, 1), value=1.0)

    def joined(self) -> Tensor:
        """A copy of weight and bias as one matrix, for rows that are known. [E + 1, R]."""
        return torch.cat([self.linear.weight.T, self.linear.bias[None]]).detach()

    @torch.no_grad()
    def take(self, joined: Tensor) -> None:
        """Weight and bias of a matrix such as joined gives."""
        self.linear.weight.copy_(joined[:-1].T)
        self.linear.bias.copy_(joined[-1])

    def forward(self, embeddings: Tensor) -> Tensor:
        """Logits [rows, R] of embeddings [rows, E]."""
        logits: Tensor = self.linear((embeddings - self.mean).div_(self.deviation))
        return logits

    def unstandardised(self) -> tuple[Tensor, Tensor]:
        """The same as one linear layer, weight [R, E] and bias [R]: for rows that nobody keeps."""
        weight = self.linear.weight / self.deviation
        return weight, self.linear.bias - weight @ self.mean


class Student(nn.Module):
    """Geometric features in, one logit per point and part out."""

    def __init__(self, encoder: Encoder, head: Head) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, shape: Prepared) -> Tensor:
        """Logits [A, R] of the shape's anchors."""
        logits: Tensor = self.head(embed(self.encoder, shape))
        return logits

    def loss(self, told: Told, grid: Grid) -> Tensor:
        """The distillation loss on shapes that share a grid, a scalar."""
        return soft_cross_entropy(self.told(told, grid), told.targets)

    def told(self, told: Told, grid: Grid) -> Tensor:
        """Logits [N, R] of points in the order in which they are told."""
        encoder = self.encoder
        voxel = encoder.at_voxels(told.mean, grid)
        if voxel.is_cuda:  # point_head is for a CPU's caches
            logits: Tensor = self.head(encoder.at_points(voxel, told.features, told.voxel))
            return logits
        end = (encoder.from_point.weight, *self.head.unstandardised())
        return point_head(voxel, told.offsets, told.features, *end)

    @torch.no_grad()
    def logits(self, shape: Prepared) -> Tensor:
        """Logits [N, R] of all its points."""
        with one_thread():
            self.eval()
            return shape.spread(self(shape))


def embed(encoder: Encoder, shape: Prepared) -> Tensor:
    """The anchors' embeddings. [A, E]."""
    out: Tensor = encoder(encoder.standardised(shape.around.features()), shape.grid)
    return out


def embed_each(encoder: Encoder, shapes: Sequence[Prepared]) -> list[Tensor]:
    """embed of several shapes in one pass: their voxels lie far apart in one grid. [A, E] each."""
    grid = make_grid([shape.around.xyz for shape in shapes], len(WIDTHS))
    features = torch.cat([shape.around.features() for shape in shapes])
    out: Tensor = encoder(encoder.standardised(features), grid)
    return list(out.split([len(shape.anchors) for shape in shapes]))
