"""sparse_conv: forward and backward on a chair's voxels, and im2col in torch on the same map."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from harness import chair, clock, on_threads
from torch import Tensor

from pdengine.kernels.kernel_map import KernelMap, submanifold_map
from pdengine.kernels.sparse_conv import sparse_conv
from pdengine.kernels.voxelize import voxelize

sizes = pytest.mark.parametrize(
    ("points", "grid", "width"),
    [(2_048, 32, 64), (10_000, 64, 32), (10_000, 64, 64), (100_000, 128, 64), (100_000, 128, 96)],
)


def im2col(features: Tensor, weight: Tensor, kernel_map: KernelMap, backend: None) -> Tensor:
    """Every neighbour side by side, one matrix product: absent neighbours read a row of zeros."""
    rows = kernel_map.forward.long().flatten()
    padded = torch.cat([features, features.new_zeros(1, features.shape[1])])
    columns = padded.index_select(0, torch.where(rows < 0, len(features), rows))
    return columns.reshape(len(kernel_map.forward), -1) @ weight.flatten(0, 1)


def step(convolve: Any, case: tuple[Any, ...], backend: str | None = None) -> tuple[Tensor, ...]:
    features, weight, kernel_map, gradient = case
    out = convolve(features, weight, kernel_map, backend=backend)
    return (out, *torch.autograd.grad(out, (features, weight), gradient.to(out.dtype)))


def workload(points: int, grid: int, width: int) -> tuple[Any, ...]:
    kernel_map = submanifold_map(voxelize(chair(points)[0], 2 / grid).coords)
    g = torch.Generator().manual_seed(0)
    features = torch.randn(len(kernel_map.forward), width, generator=g)
    weight = torch.randn(27, width, width, generator=g)
    gradient = torch.randn(features.shape, generator=g)
    return features.requires_grad_(), weight.requires_grad_(), kernel_map, gradient


def check(convolve: Any, width: int) -> None:
    few = workload(1_000, 16, width)
    doubled = (few[0].double(), few[1].double(), *few[2:])
    truth = step(sparse_conv, doubled, "reference")
    theirs = step(sparse_conv, few, "reference")
    for ours, torchs, true in zip(step(convolve, few), theirs, truth, strict=True):
        ulp = torch.finfo(torch.float32).eps * true.abs().max()
        assert (ours - true).abs().max() <= 2 * (torchs - true).abs().max() + ulp


@on_threads
@pytest.mark.parametrize("convolve", [sparse_conv, im2col], ids=["ours", "im2col"])
@sizes
def test_sparse_conv_step(
    benchmark: Any, points: int, grid: int, width: int, convolve: Any, threads: int
) -> None:
    check(convolve, width)
    case = workload(points, grid, width)
    benchmark.extra_info["voxels"] = len(case[0])
    run = lambda: step(convolve, case)  # noqa: E731
    clock(
        benchmark, threads, run, rounds=8, torch_threads=1 if convolve is sparse_conv else threads
    )
