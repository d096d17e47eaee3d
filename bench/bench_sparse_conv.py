"""sparse_conv: forward and backward on a chair's voxels, and im2col in torch on the same map."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from cases import convolution
from harness import Case, Cost, Peer, Work, no_worse, size_of
from torch import Tensor

from pdengine.kernels.kernel_map import KernelMap
from pdengine.kernels.sparse_conv import sparse_conv

SIZES = (
    (2_048, 32, 64),
    (10_000, 64, 32),
    (10_000, 64, 64),
    (100_000, 128, 64),
    (100_000, 128, 96),
)


def im2col(features: Tensor, weight: Tensor, kernel_map: KernelMap, backend: None) -> Tensor:
    """Every neighbour side by side, one matrix product: absent neighbours read a row of zeros."""
    rows = kernel_map.forward.long().flatten()
    padded = torch.cat([features, features.new_zeros(1, features.shape[1])])
    columns = padded.index_select(0, torch.where(rows < 0, len(features), rows))
    return columns.reshape(len(kernel_map.forward), -1) @ weight.flatten(0, 1)


def step(convolve: Any, inputs: tuple[Any, ...], backend: str | None = None) -> tuple[Tensor, ...]:
    """The output, and the gradients of features and weight."""
    features, weight, kernel_map, gradient = inputs
    out = convolve(features, weight, kernel_map, backend=backend)
    return (out, *torch.autograd.grad(out, (features, weight), gradient.to(out.dtype)))


def gate() -> None:
    for width in (32, 64, 96):
        few = convolution(1_000, 16, width)
        doubled = (few[0].double(), few[1].double(), *few[2:])
        truth = step(sparse_conv, doubled, "reference")
        no_worse(step(sparse_conv, few), step(sparse_conv, few, "reference"), truth)


def close(ours: Any, theirs: Any) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert (one - other).norm() <= 1e-5 * other.norm(), "the answers differ"


def work(points: int, grid: int, width: int) -> Work:
    inputs = convolution(points, grid, width)
    features, weight, kernel_map, _ = inputs
    pairs = int((kernel_map.forward >= 0).sum())
    return Work(
        run=lambda: step(sparse_conv, inputs),
        # Forward and two gradients, a product and a sum each; features, output, two gradients of
        # theirs, weight and its gradient, both sides of the map.
        cost=Cost(
            4 * size_of(features) + 2 * size_of(weight) + size_of(kernel_map),
            3 * 2 * pairs * width * width,
        ),
        # The output and the features' gradient; the weight turned, and a gradient for each thread.
        most_bytes=2 * size_of(features) + 3 * size_of(weight),
        peers=(
            Peer("torch im2col", "", lambda threads: lambda: step(im2col, inputs), close, (1, 2)),
        ),
    )


CASES = [
    Case(
        "sparse_conv",
        {"grid": grid, "width": width, "points": points},
        partial(work, points, grid, width),
        gate,
        quick=points < 10_000,
    )
    for points, grid, width in SIZES
]
