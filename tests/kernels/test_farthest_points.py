"""farthest_points on every backend: in CUDA on a GPU, and emulated on the CPU."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels.farthest_points import farthest_points


def cloud(count: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_four_houses_on_a_street(backend: str) -> None:
    street = torch.tensor([[0.0, 0, 0], [1, 0, 0], [4, 0, 0], [10, 0, 0]])
    # From house 0 the farthest is 3; then 2 is four away from 0, and 1 only one.
    assert farthest_points(street, 4, backend=backend).tolist() == [0, 3, 2, 1]
    assert farthest_points(street, 2, first=2, backend=backend).tolist() == [2, 3]


def test_equally_far_points_go_to_the_lower_index(backend: str) -> None:
    corners = torch.tensor([[0.0, 0, 0], [-1, 0, 0], [1, 0, 0], [0, 1, 0], [0, -1, 0]])
    assert farthest_points(corners, 3, backend=backend).tolist() == [0, 1, 2]


def test_equal_points_are_each_chosen_once(backend: str) -> None:
    one = torch.full((300, 3), 0.25)
    assert farthest_points(one, 300, first=7, backend=backend).tolist() == [
        7, *(n for n in range(300) if n != 7)
    ]  # fmt: skip


SHAPES = {
    "one": cloud(1),
    "a block": cloud(128),
    "a block and one": cloud(129),
    "volume": cloud(700),
    "a line": cloud(300) * torch.tensor([1.0, 0, 0]),
    "a lattice": (cloud(500) * 2).round(),
    "one far point": torch.cat([cloud(200), torch.tensor([[1e30, -1e30, 5.0]])]),
    "huge": cloud(300) * 3e38,
    "tiny": cloud(300) * 1e-30,
    "two clusters": torch.cat([cloud(200) * 1e-4, cloud(200) * 1e-4 + 100]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_matches_reference(backend: str, name: str) -> None:
    xyz = SHAPES[name]
    for count, first in ((1, 0), (min(40, len(xyz)), len(xyz) // 2), (len(xyz), len(xyz) - 1)):
        truth = farthest_points(xyz, count, first, backend="reference")
        found = farthest_points(xyz, count, first, backend=backend)
        assert torch.equal(found, truth)
        assert len(found.unique()) == count


@pytest.mark.parametrize("name", SHAPES)
def test_cuda_matches_reference(cuda_device: str, name: str) -> None:
    xyz = SHAPES[name]
    count = min(12, len(xyz))
    truth = farthest_points(xyz, count, len(xyz) // 2, backend="reference")
    found = farthest_points(xyz.to(cuda_device), count, len(xyz) // 2, backend="cuda")
    assert torch.equal(found.cpu(), truth)


def test_cuda_chooses_every_equal_point_once(cuda_device: str) -> None:
    one = torch.full((40, 3), 0.25, device=cuda_device)
    assert farthest_points(one, 40, 2, backend="cuda").sort().values.tolist() == list(range(40))


@pytest.mark.parametrize("points", [0, 5])
def test_nothing_asked_for_is_nothing(backend: str, points: int) -> None:
    found = farthest_points(cloud(points), 0, backend=backend)
    assert found.shape == (0,)
    assert found.dtype == torch.int64


@pytest.mark.parametrize(
    ("xyz", "count", "first", "message"),
    [
        (torch.zeros(3, 2), 1, 0, r"xyz must be \[N, 3\], got \[3, 2\]"),
        (cloud(3), 4, 0, "count must be between 0 and the number of points, 3, got 4"),
        (cloud(3), -1, 0, "count must be between 0 and the number of points, 3, got -1"),
        (cloud(3), 1, 3, r"first must be in \[0, 3\), got 3"),
        (cloud(3), 1, -1, r"first must be in \[0, 3\), got -1"),
        (cloud(3) / 0, 1, 0, "xyz must be finite, got .* in row 0"),
    ],
)
def test_says_what_is_wrong(xyz: torch.Tensor, count: int, first: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        farthest_points(xyz, count, first)
    with pytest.raises(TypeError, match="xyz must be float32, got float64"):
        farthest_points(cloud(3).double(), 1)
