"""soft_cross_entropy: the loss and its gradient."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from cases import logits
from harness import Case, Cost, Work, no_worse
from peers import in_torch
from torch import Tensor

from pdengine.kernels.soft_cross_entropy import soft_cross_entropy


def step(values: Tensor, targets: Tensor, backend: str | None = None) -> Tensor:
    (gradient,) = torch.autograd.grad(soft_cross_entropy(values, targets, backend=backend), values)
    return gradient


def gate() -> None:
    for parts in (4, 10):
        few = logits(500, parts)
        truth = step(few[0].double(), few[1].double(), "reference")
        no_worse([step(*few)], [step(*few, "reference")], [truth])


def close(ours: Tensor, theirs: Any) -> None:
    assert (ours - theirs).norm() <= 1e-5 * theirs.norm(), "the gradients differ"


def work(points: int, parts: int) -> Work:
    inputs = logits(points, parts)
    values = points * parts
    return Work(
        run=lambda: step(*inputs),
        # Two inputs and a gradient; of each value a difference, two sums, a quotient and a product.
        cost=Cost(3 * 4 * values, 5 * values),
        most_bytes=2 * 4 * values,  # the gradient, and once more scaled by autograd
        peers=(in_torch(lambda: step(*inputs, "reference"), close),),
    )


CASES = [
    Case(
        "soft_cross_entropy",
        {"parts": parts, "points": points},
        partial(work, points, parts),
        gate,
        quick=points < 100_000,
    )
    for points, parts in ((2_048, 4), (10_000, 10), (100_000, 10))
]
