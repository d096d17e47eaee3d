"""soft_cross_entropy: the loss and its gradient, and torch's on the same targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from harness import clock, on_threads
from torch import Tensor

from pdengine.kernels.soft_cross_entropy import soft_cross_entropy

sizes = pytest.mark.parametrize(("points", "parts"), [(2_048, 4), (10_000, 10), (100_000, 10)])


def case(points: int, parts: int) -> tuple[Tensor, Tensor]:
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(points, parts, generator=g).requires_grad_()
    return logits, torch.rand(points, parts, generator=g)


def step(logits: Tensor, targets: Tensor, backend: str | None) -> Tensor:
    (gradient,) = torch.autograd.grad(soft_cross_entropy(logits, targets, backend=backend), logits)
    return gradient


def timed(points: int, parts: int, backend: str | None) -> Callable[[], Tensor]:
    few = case(500, parts)
    truth = step(few[0].double(), few[1].double(), "reference")
    ours, torchs = ((step(*few, name) - truth).abs().max() for name in (backend, "reference"))
    assert ours <= 2 * torchs + torch.finfo(torch.float32).eps * truth.abs().max()
    logits, targets = case(points, parts)
    return lambda: step(logits, targets, backend)


@on_threads
@sizes
def test_soft_cross_entropy(benchmark: Any, points: int, parts: int, threads: int) -> None:
    clock(benchmark, threads, timed(points, parts, None), rounds=30)


@on_threads
@sizes
def test_soft_cross_entropy_torch(benchmark: Any, points: int, parts: int, threads: int) -> None:
    run = timed(points, parts, "reference")
    clock(benchmark, threads, run, rounds=30, torch_threads=threads)
