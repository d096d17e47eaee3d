from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from pdengine import _C
from pdengine.kernels import set_thread_limit
from pdengine.kernels.knn import knn

NAMES = ["cpu", "reference"]


def cloud(count: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def sphere(count: int) -> torch.Tensor:
    return torch.nn.functional.normalize(cloud(count) + 1e-6, dim=1)


@pytest.mark.parametrize("backend", NAMES)
def test_two_houses_on_a_street(backend: str) -> None:
    street = torch.tensor([[0.0, 0, 0], [1, 0, 0], [3, 0, 0], [7, 0, 0]])
    index, squared_distance = knn(torch.tensor([[2.5, 0, 0]]), street, 2, backend=backend)
    assert index.tolist() == [[2, 1]]
    assert squared_distance.tolist() == [[0.25, 2.25]]


@pytest.mark.parametrize("backend", NAMES)
def test_equal_distances_go_to_the_lower_index(backend: str) -> None:
    corners = torch.tensor([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1]])
    index, _ = knn(torch.zeros(1, 3), corners.repeat(40, 1), 5, backend=backend)
    assert index.tolist() == [[0, 1, 2, 3, 4]]


SHAPES = {
    "volume": cloud(2000),
    "surface": sphere(3000),
    "few": cloud(7),
    "one": cloud(1),
    "all equal": torch.full((300, 3), 0.25),
    "a line": cloud(500) * torch.tensor([1.0, 0, 0]),
    "a plane": cloud(900) * torch.tensor([1.0, 1, 0]),
    "a diagonal": cloud(400)[:, :1].expand(-1, 3),
    "a lattice": (cloud(2000) * 4).round(),
    "one far point": torch.cat([cloud(1500), torch.tensor([[1e30, -1e30, 5.0]])]),
    "huge": cloud(300) * 1e30,
    "tiny": cloud(300) * 1e-30,
    "two clusters": torch.cat([cloud(700) * 1e-4, cloud(700) * 1e-4 + 100]),
    "half in a speck": torch.stack([cloud(900), cloud(900, seed=3) * 1e-3], 1).flatten(0, 1),
    "specks in specks": torch.cat([cloud(400, seed) * 10.0**-seed for seed in range(6)]),
    "half of them equal": torch.stack([cloud(600), torch.zeros(600, 3)], 1).flatten(0, 1),
    "a lattice in a speck": torch.cat([cloud(300), (cloud(1200) * 3).round() * 1e-4]),
}


@pytest.fixture(params=["widest", "portable"])
def registers(request: pytest.FixtureRequest) -> Iterator[None]:
    """The CPU kernel as this processor likes it, and as any can run it."""
    if request.param == "portable":
        _C.limit_simd(_C.Simd.portable)
    yield
    _C.limit_simd(_C.Simd.avx512)


@pytest.mark.usefixtures("registers")
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("k", [1, 4, 20, "all"])
def test_matches_reference(name: str, k: int | str) -> None:
    points = SHAPES[name]
    k = len(points) if k == "all" else min(int(k), len(points))
    queries = torch.cat([points[:200], cloud(40, seed=1) * 1.5, cloud(10, seed=2) * 1e5])
    truth = knn(queries, points, k, backend="reference")
    found = knn(queries, points, k, backend="cpu")
    assert torch.equal(found[0], truth[0])
    assert torch.equal(found[1], truth[1])


@pytest.mark.usefixtures("registers")
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("k", [1, 7, 30, 150])
def test_every_point_asks_for_its_own_neighbours(name: str, k: int) -> None:
    points = SHAPES[name]
    k = min(k, len(points))
    truth = knn(points, points, k, backend="reference")
    found = knn(points, points, k, backend="cpu")
    assert torch.equal(found[0], truth[0])
    assert torch.equal(found[1], truth[1])


def test_more_neighbours_than_are_sought_by_distance() -> None:
    points = cloud(6000)
    truth = knn(points[:5], points, 5000, backend="reference")
    found = knn(points[:5], points, 5000, backend="cpu")
    assert torch.equal(found[0], truth[0])
    assert torch.equal(found[1], truth[1])


def test_any_number_of_threads_finds_the_same() -> None:
    points = sphere(20_000)
    try:
        set_thread_limit(1)
        alone = knn(points, points, 9)
        set_thread_limit(5)
        together = knn(points, points, 9)
    finally:
        set_thread_limit(None)
    assert torch.equal(alone[0], together[0])
    assert torch.equal(alone[1], together[1])


def test_among_equal_points_the_lowest_rows_are_found_soon() -> None:
    copies = torch.zeros(60_000, 3)  # each query would look at all of them: 3.6e9 distances
    index, squared_distance = knn(copies, copies, 3)
    assert torch.equal(index, torch.arange(3).expand(60_000, 3))
    assert squared_distance.max() == 0


@pytest.mark.parametrize("backend", NAMES)
def test_strided_inputs(backend: str) -> None:
    points = cloud(600).T.contiguous().T[::2]
    assert not points.is_contiguous()
    index, _ = knn(points[::3], points, 3, backend=backend)
    assert torch.equal(index[:, 0], torch.arange(0, 300, 3))


@pytest.mark.parametrize("backend", NAMES)
def test_nobody_asks(backend: str) -> None:
    index, squared_distance = knn(torch.zeros(0, 3), cloud(5), 2, backend=backend)
    assert index.shape == (0, 2)
    assert squared_distance.shape == (0, 2)


@pytest.mark.parametrize(
    ("query", "points", "k", "error", "message"),
    [
        (cloud(2)[:, :2], cloud(5), 1, ValueError, r"query must be \[Q, 3\], got \[2, 2\]"),
        (cloud(2), cloud(5).double(), 1, TypeError, "points must be float32, got float64"),
        (cloud(2), cloud(5), 6, ValueError, "k must be between 1 and the number of points, 5, got"),
        (cloud(2), cloud(5), 0, ValueError, "number of points, 5, got 0"),
        (cloud(2), cloud(0), 1, ValueError, "number of points, 0, got 1"),
        (cloud(2) / 0, cloud(5), 1, ValueError, "query must be finite, got .* in row 0"),
        (cloud(2), cloud(5) * torch.nan, 1, ValueError, "points must be finite"),
    ],
)
def test_says_what_is_wrong(query, points, k, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        knn(query, points, k)
