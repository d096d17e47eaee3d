"""point_head: logits and every gradient, and the same in torch with its embeddings in memory."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from harness import Case, Cost, Work, no_worse, size_of
from peers import in_torch
from torch import Tensor

from pdengine.distill.encoder import EMBEDDING
from pdengine.distill.features import COLUMNS
from pdengine.kernels.point_head import point_head

SIZES = ((2_048, 900), (10_000, 1_100), (100_000, 1_150))  # points, voxels: a chair's
PARTS = 4


def made(points: int, voxels: int) -> tuple[Tensor, ...]:
    """The six inputs, and a gradient of the logits."""
    g = torch.Generator().manual_seed(0)
    index = torch.randint(voxels, (points,), generator=g).sort().values
    offsets = torch.searchsorted(index, torch.arange(voxels + 1))
    shapes = ((voxels, EMBEDDING), (EMBEDDING, COLUMNS), (PARTS, EMBEDDING), (PARTS,))
    voxel, *ends = (torch.randn(shape, generator=g).requires_grad_() for shape in shapes)
    features, came = (torch.randn(points, n, generator=g) for n in (COLUMNS, PARTS))
    return voxel, offsets, features, *ends, came


def step(*given: Tensor, backend: str | None = None) -> tuple[Tensor, ...]:
    *inputs, came = given
    logits = point_head(*inputs, backend=backend)  # type: ignore[call-arg]
    leaves = [tensor for tensor in inputs if tensor.requires_grad]
    return (logits, *torch.autograd.grad(logits, leaves, came))


def gate() -> None:
    few = made(3_000, 40)
    exact = (tensor.double() if tensor.is_floating_point() else tensor for tensor in few)
    truth = step(*exact, backend="reference")
    no_worse(step(*few), step(*few, backend="reference"), truth)


def close(ours: Any, theirs: Any) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert (one - other).norm() <= 1e-5 * other.norm(), "the answers differ"


def work(points: int, voxels: int) -> Work:
    given = made(points, voxels)
    weights = size_of(*given[3:6])
    return Work(
        run=lambda: step(*given),
        # Everything once, and a gradient of all but features and offsets; features twice.  A
        # product and a sum: forward and the gradients of two layers, and the embeddings' gradient.
        cost=Cost(
            size_of(given) + size_of(given[0], given[2]) + weights,
            2 * points * EMBEDDING * (2 * COLUMNS + 3 * PARTS),
        ),
        # Logits and their gradient, the voxels' gradient, and 64 partial sums of the weights'.
        most_bytes=2 * size_of(given[-1]) + size_of(given[0]) + 66 * weights,
        peers=(in_torch(lambda: step(*given, backend="reference"), close),),
    )


CASES = [
    Case(
        "point_head",
        {"voxels": voxels, "points": points},
        partial(work, points, voxels),
        gate,
        quick=points < 10_000,
    )
    for points, voxels in SIZES
]
