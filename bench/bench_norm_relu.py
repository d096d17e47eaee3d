"""norm_relu: forward and its three gradients, and torch's LayerNorm and ReLU."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from harness import Case, Cost, Work, no_worse, size_of
from peers import in_torch
from torch import Tensor

from pdengine.kernels.norm_relu import norm_relu

# The finest level of a student's network on one shape and on twenty, and its coarsest.
SIZES = ((920, 32), (23_002, 32), (25, 128), (614, 128))


def made(rows: int, channels: int) -> tuple[Tensor, ...]:
    """Features, weight, bias and a gradient of the output."""
    g = torch.Generator().manual_seed(0)
    shapes = ((rows, channels), (channels,), (channels,), (rows, channels))
    *leaves, came = (torch.randn(shape, generator=g) for shape in shapes)
    return *(leaf.requires_grad_() for leaf in leaves), came


def step(*given: Tensor, backend: str | None = None) -> tuple[Tensor, ...]:
    *leaves, came = given
    out = norm_relu(*leaves, backend=backend)  # type: ignore[call-arg]
    return (out, *torch.autograd.grad(out, leaves, came))


def gate() -> None:
    for channels in (32, 33):
        few = made(300, channels)
        truth = step(*(tensor.double() for tensor in few), backend="reference")
        no_worse(step(*few), step(*few, backend="reference"), truth)


def close(ours: Any, theirs: Any) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert (one - other).norm() <= 1e-5 * other.norm(), "the answers differ"


def work(rows: int, channels: int) -> Work:
    given = made(rows, channels)
    values = rows * channels
    return Work(
        run=lambda: step(*given),
        # Features twice, their gradient and the output's, and the output.  Of each value: forward
        # two sums, a product and a difference, a scale, a product and a sum; backward three times
        # as many.
        cost=Cost(5 * size_of(given[0]), 24 * values),
        # The output and a gradient, and partial sums of weight and bias.
        most_bytes=2 * size_of(given[0]) + 8 * values / 32,
        peers=(in_torch(lambda: step(*given, backend="reference"), close),),
    )


CASES = [
    Case("norm_relu", {"channels": c, "rows": m}, partial(work, m, c), gate, quick=m < 10_000)
    for m, c in SIZES
]
