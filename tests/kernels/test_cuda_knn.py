"""knn in CUDA against its reference: on a GPU, and emulated on the CPU."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels.knn import knn


def cloud(count: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1


SHAPES = {
    "volume": cloud(300),
    "few": cloud(7),
    "one": cloud(1),
    "all equal": torch.full((150, 3), 0.25),
    "a line": cloud(200) * torch.tensor([1.0, 0, 0]),
    "a lattice": (cloud(400) * 2).round(),
    "one far point": torch.cat([cloud(200), torch.tensor([[1e30, -1e30, 5.0]])]),
    "huge": cloud(100) * 1e30,
    "tiny": cloud(100) * 1e-30,
    "two clusters": torch.cat([cloud(100) * 1e-4, cloud(100) * 1e-4 + 100]),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("k", [1, 12, 20, 40, "all"])
def test_knn_matches_reference(cuda_device: str, name: str, k: int | str) -> None:
    points = SHAPES[name]
    k = len(points) if k == "all" else min(int(k), len(points))
    queries = torch.cat([points[:60], cloud(20, seed=1) * 1.5, cloud(10, seed=2) * 1e5])
    truth = knn(queries, points, k, backend="reference")
    found = knn(queries.to(cuda_device), points.to(cuda_device), k, backend="cuda")
    assert torch.equal(found[0].cpu(), truth[0])
    assert torch.equal(found[1].cpu(), truth[1])
    assert found[0].dtype == torch.int64
