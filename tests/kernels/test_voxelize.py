from __future__ import annotations

import pytest
import torch

from pdengine.kernels.voxelize import voxelize

NAMES = ["cpu", "reference"]


def cloud(count: int, spread: float = 1.0) -> torch.Tensor:
    return spread * (torch.rand(count, 3, generator=torch.Generator().manual_seed(count)) * 2 - 1)


@pytest.mark.parametrize("backend", NAMES)
def test_three_points_in_two_boxes(backend: str) -> None:
    xyz = torch.tensor([[0.6, 0.1, 0.1], [0.1, 0.1, 0.1], [0.9, 0.4, 0.2]])
    voxels = voxelize(xyz, 0.5, origin=0.0, backend=backend)
    assert voxels.coords.tolist() == [[0, 0, 0], [1, 0, 0]]
    assert voxels.voxel.tolist() == [1, 0, 1]
    assert voxels.count.tolist() == [1, 2]
    assert len(voxels) == 2


@pytest.mark.parametrize("backend", NAMES)
def test_the_floor_goes_down_below_zero(backend: str) -> None:
    xyz = torch.tensor([[-0.25, 0.0, 0.25], [-0.5, 0.5, -0.75]])
    voxels = voxelize(xyz, 0.5, origin=0.0, backend=backend)
    assert voxels.coords.tolist() == [[-1, 0, 0], [-1, 1, -2]]


@pytest.mark.parametrize("count", [1, 2, 77, 5000])
@pytest.mark.parametrize("size", [0.04, 0.05, 0.3, 5.0])
@pytest.mark.parametrize("spread", [0.0, 1.0, 1000.0])
def test_matches_reference(count: int, size: float, spread: float) -> None:
    xyz = cloud(count, spread)
    found, truth = (voxelize(xyz, size, backend=name) for name in ("cpu", "reference"))
    assert torch.equal(found.coords, truth.coords)
    assert torch.equal(found.voxel, truth.voxel)
    assert torch.equal(found.count, truth.count)
    assert found.coords.dtype == torch.int32
    assert found.voxel.dtype == found.count.dtype == torch.int64


@pytest.mark.parametrize("backend", NAMES)
def test_the_whole_range_of_voxels(backend: str) -> None:
    last = 2**19 - 1
    xyz = torch.tensor([[last, -(2**19), 0], [-(2**19), last, last]], dtype=torch.float32)
    voxels = voxelize(xyz, 1.0, origin=0.0, backend=backend)
    assert voxels.coords.tolist() == [[-(2**19), last, last], [last, -(2**19), 0]]


@pytest.mark.parametrize("backend", NAMES)
def test_no_points_no_voxels(backend: str) -> None:
    voxels = voxelize(torch.zeros(0, 3), 0.1, backend=backend)
    assert voxels.coords.shape == (0, 3)
    assert voxels.voxel.shape == voxels.count.shape == (0,)


@pytest.mark.parametrize("backend", NAMES)
def test_strided_inputs(backend: str) -> None:
    xyz = cloud(300)
    found = voxelize(xyz.T.contiguous().T.requires_grad_(), 0.2, backend=backend)
    assert torch.equal(found.coords, voxelize(xyz, 0.2, backend=backend).coords)


@pytest.mark.parametrize(
    ("xyz", "size", "error", "message"),
    [
        (torch.zeros(3, 2), 0.1, ValueError, r"xyz must be \[N, 3\], got \[3, 2\]"),
        (torch.zeros(3, 3).double(), 0.1, TypeError, "xyz must be float32, got float64"),
        (torch.zeros(3, 3), 0.0, ValueError, "size must be positive and finite, got 0.0"),
        (torch.full((1, 3), 1e9), 0.1, ValueError, r"voxels in \[-2\^19, 2\^19\), got voxels"),
        (torch.full((1, 3), -6e4), 0.1, ValueError, "got voxels -599990.0 to -599990.0"),
        (torch.full((1, 3), torch.nan), 0.1, ValueError, "xyz must be finite"),
        (torch.full((1, 3), torch.inf), 0.1, ValueError, "xyz must be finite"),
        (torch.ones(1, 3), 1e-30, ValueError, "xyz must be finite and its voxels in"),
        (torch.ones(1, 3), 1e-60, ValueError, "xyz must be finite and its voxels in"),
    ],
)
def test_says_what_is_wrong(xyz, size, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        voxelize(xyz, size)
