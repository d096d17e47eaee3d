from __future__ import annotations

import itertools

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.kernel_map import KernelMap, stride_map, submanifold_map

NAMES = ["cpu", "reference"]
Backends = pytest.mark.parametrize("backend", NAMES)


def grid(count: int, edge: int) -> torch.Tensor:
    """Sorted, unique voxels around zero."""
    g = torch.Generator().manual_seed(count * 31 + edge)
    return torch.unique(torch.randint(-edge, edge, (count, 3), generator=g).int(), dim=0)


@Backends
def test_two_neighbours_see_each_other(backend: str) -> None:
    pair = submanifold_map(torch.tensor([[0, 0, 0], [0, 0, 1]], dtype=torch.int32), backend=backend)
    own, above, below = 13, 14, 12  # z is the fastest axis of the taps
    assert {(m, t): int(i) for (m, t), i in entries(pair.forward)} == {
        (0, own): 0,
        (0, above): 1,
        (1, below): 0,
        (1, own): 1,
    }


@Backends
def test_eight_voxels_become_one(backend: str) -> None:
    cube = torch.tensor(list(itertools.product([-2, -1], repeat=3)), dtype=torch.int32)
    coarse, down = stride_map(cube, backend=backend)
    assert coarse.tolist() == [[-1, -1, -1]]
    assert down.forward.tolist() == [list(range(8))]
    assert entries(down.backward) == [((i, i), 0) for i in range(8)]


def entries(table: torch.Tensor) -> list[tuple[tuple[int, int], int]]:
    return [((m, t), int(table[m, t])) for m, t in (table >= 0).nonzero().tolist()]


def assert_inverse(found: KernelMap) -> None:
    """Output m hears input i through tap t exactly when i feeds m through t."""
    forward = {(m, t, i) for (m, t), i in entries(found.forward)}
    assert forward == {(m, t, i) for (i, t), m in entries(found.backward)}


@Backends
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_taps_are_offsets_in_lexicographic_order(backend: str, kernel: int) -> None:
    coords = grid(150, 4)
    found = submanifold_map(coords, kernel, backend=backend)
    row = {tuple(c): i for i, c in enumerate(coords.tolist())}
    reach = range(-(kernel // 2), kernel // 2 + 1)
    for m, (x, y, z) in enumerate(coords.tolist()):
        for t, (dx, dy, dz) in enumerate(itertools.product(reach, repeat=3)):
            assert int(found.forward[m, t]) == row.get((x + dx, y + dy, z + dz), -1)
    assert_inverse(found)


@pytest.mark.parametrize(("count", "edge"), [(1, 1), (3, 1), (200, 3), (4000, 12), (300, 2**19)])
def test_matches_reference(count: int, edge: int) -> None:
    coords = grid(count, edge)
    for kernel in (1, 3, 7):
        found, truth = (submanifold_map(coords, kernel, backend=name) for name in NAMES)
        assert torch.equal(found.forward, truth.forward)
        assert torch.equal(found.backward, truth.backward)
    (coarse, found), (true_coarse, truth) = (stride_map(coords, backend=name) for name in NAMES)
    assert torch.equal(coarse, true_coarse)
    assert torch.equal(found.forward, truth.forward)
    assert torch.equal(found.backward, truth.backward)
    assert_inverse(found)


def test_voxels_at_the_edge_of_the_range_have_no_neighbours_on_the_other_side() -> None:
    last = 2**19 - 1
    coords = torch.tensor([[0, -last - 1, 0], [0, last, 0], [1, -last - 1, 0]], dtype=torch.int32)
    for name in NAMES:
        seen = submanifold_map(coords, backend=name).forward
        assert (seen >= 0).sum(dim=1).tolist() == [2, 1, 2]


def test_any_number_of_threads_gives_the_same_map() -> None:
    coords = grid(60_000, 25)
    try:
        set_thread_limit(1)
        alone = submanifold_map(coords)
        set_thread_limit(5)
        together = submanifold_map(coords)
    finally:
        set_thread_limit(None)
    assert torch.equal(alone.forward, together.forward)
    assert torch.equal(alone.backward, together.backward)


@Backends
def test_no_voxels_no_pairs(backend: str) -> None:
    none = torch.zeros(0, 3, dtype=torch.int32)
    assert submanifold_map(none, backend=backend).forward.shape == (0, 27)
    coarse, down = stride_map(none, backend=backend)
    assert coarse.shape == (0, 3)
    assert down.forward.shape == down.backward.shape == (0, 8)


@Backends
def test_strided_inputs(backend: str) -> None:
    coords = grid(100, 4)
    strided = coords.T.contiguous().T
    found = submanifold_map(strided, backend=backend)
    assert torch.equal(found.forward, submanifold_map(coords, backend=backend).forward)
    assert torch.equal(stride_map(strided, backend=backend)[0], stride_map(coords)[0])


def test_transposed_swaps_the_sides() -> None:
    _, down = stride_map(grid(40, 3))
    assert down.transposed.forward is down.backward
    assert down.transposed.backward is down.forward


@pytest.mark.parametrize(
    ("coords", "kernel", "error", "message"),
    [
        ([[0, 0]], 3, ValueError, r"coords must be \[M, 3\], got \[1, 2\]"),
        ([[0, 0, 1], [0, 0, 0]], 3, ValueError, "coords must be unique and sorted"),
        ([[0, 0, 0], [0, 0, 0]], 3, ValueError, "coords must be unique and sorted"),
        ([[0, 0, 2**19]], 3, ValueError, r"coords must be in \[-524288, 524288\), got 0 to 524288"),
        ([[0, 0, 0]], 2, ValueError, "kernel must be 1, 3, 5 or 7, got 2"),
    ],
)
def test_says_what_is_wrong(coords, kernel, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        submanifold_map(torch.tensor(coords, dtype=torch.int32), kernel)


def test_says_that_coords_are_integers() -> None:
    with pytest.raises(TypeError, match="coords must be int32, got float32"):
        stride_map(torch.zeros(1, 3))


def test_a_map_that_points_outside_is_refused_before_anything_reads_there() -> None:
    one = torch.zeros(1, 1, dtype=torch.int32)
    with pytest.raises(ValueError, match=r"forward must be in \[-1, 1\), got 1 to 1"):
        KernelMap(one + 1, one)
    with pytest.raises(ValueError, match=r"backward must be in \[-1, 1\), got -2 to -2"):
        KernelMap(one, one - 2)
    with pytest.raises(ValueError, match=r"backward must be \[M_in, T\] with T=1, got \[1, 2\]"):
        KernelMap(one, torch.zeros(1, 2, dtype=torch.int32))
    with pytest.raises(TypeError, match="forward must be int32, got int64"):
        KernelMap(one.long(), one)
