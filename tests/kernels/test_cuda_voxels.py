"""The voxel ops in CUDA against their references: on a GPU, and emulated on the CPU."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels.kernel_map import stride_map, submanifold_map
from pdengine.kernels.voxelize import voxelize


def cloud(count: int, spread: float) -> torch.Tensor:
    return spread * (torch.rand(count, 3, generator=torch.Generator().manual_seed(count)) * 2 - 1)


def grid(count: int, edge: int) -> torch.Tensor:
    """Sorted, unique voxels around zero."""
    random = torch.Generator().manual_seed(count * 31 + edge)
    return torch.unique(torch.randint(-edge, edge, (count, 3), generator=random).int(), dim=0)


def assert_same(found: torch.Tensor, truth: torch.Tensor) -> None:
    assert found.dtype == truth.dtype
    assert torch.equal(found.cpu(), truth)


def assert_same_voxels(device: str, xyz: torch.Tensor, size: float, origin: float = -1.0) -> None:
    found = voxelize(xyz.to(device), size, origin, backend="cuda")
    truth = voxelize(xyz, size, origin, backend="reference")
    assert_same(found.coords, truth.coords)
    assert_same(found.voxel, truth.voxel)
    assert_same(found.count, truth.count)


@pytest.mark.parametrize("count", [1, 2, 77, 1500])
@pytest.mark.parametrize("size", [0.05, 0.3, 5.0])
@pytest.mark.parametrize("spread", [0.0, 1.0, 1000.0])
def test_voxelize_matches_reference(
    cuda_device: str, count: int, size: float, spread: float
) -> None:
    assert_same_voxels(cuda_device, cloud(count, spread), size)


def test_voxelize_takes_the_whole_range(cuda_device: str) -> None:
    last = 2**19 - 1
    xyz = torch.tensor([[last, -(2**19), 0], [-(2**19), last, last]], dtype=torch.float32)
    assert_same_voxels(cuda_device, xyz, 1.0, origin=0.0)


@pytest.mark.parametrize(
    ("count", "edge"), [(1, 1), (3, 1), (200, 3), (900, 6), (700, 12), (300, 2**19)]
)
def test_kernel_maps_match_reference(cuda_device: str, count: int, edge: int) -> None:
    coords = grid(count, edge)
    for kernel in (1, 3) if count > 200 else (1, 3, 5):
        found = submanifold_map(coords.to(cuda_device), kernel, backend="cuda")
        truth = submanifold_map(coords, kernel, backend="reference")
        assert_same(found.forward, truth.forward)
        assert_same(found.backward, truth.backward)
    coarse, down = stride_map(coords.to(cuda_device), backend="cuda")
    true_coarse, truth = stride_map(coords, backend="reference")
    assert_same(coarse, true_coarse)
    assert_same(down.forward, truth.forward)
    assert_same(down.backward, truth.backward)


def test_kernel_maps_do_not_wrap_at_the_edge_of_the_range(cuda_device: str) -> None:
    last = 2**19 - 1
    edge = [[0, -last - 1, 0], [0, last, 0], [1, -last - 1, 0], [last, last, last]]
    coords = torch.tensor(edge, dtype=torch.int32)
    found = submanifold_map(coords.to(cuda_device), 7, backend="cuda").forward
    assert_same(found, submanifold_map(coords, 7, backend="reference").forward)
