from __future__ import annotations

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.unit_targets import unit_targets

NAMES = ["cpu", "reference"]


def random_units(
    count: int, units: int, parts: int, dtype: torch.dtype = torch.float32
) -> tuple[torch.Tensor, ...]:
    g = torch.Generator().manual_seed(count * 31 + units)
    inside = torch.rand(units, count, generator=g) < torch.rand(units, 1, generator=g)
    label = torch.randint(parts, (units,), generator=g)
    score = torch.rand(units, generator=g, dtype=dtype)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), inside.sum(1).cumsum(0)])
    weight = 1 + 3 * torch.rand(parts, generator=g, dtype=dtype)
    return label, score, offsets, inside.nonzero()[:, 1], weight


@pytest.mark.parametrize("backend", NAMES)
def test_two_units_share_a_point(backend: str) -> None:
    targets = unit_targets(
        torch.tensor([0, 1]),
        torch.tensor([0.5, 1.0]),
        torch.tensor([0, 2, 4]),
        torch.tensor([0, 1, 1, 2]),
        torch.tensor([1.0, 2.0]),
        4,
        backend=backend,
    )
    assert targets.tolist() == [[0.5, 0], [0.25, 1], [0, 2], [0, 0]]


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("count", "units", "parts"), [(1, 1, 1), (7, 3, 2), (257, 61, 5)])
def test_matches_the_sum_over_units(
    backend: str, dtype: torch.dtype, count: int, units: int, parts: int
) -> None:
    label, score, offsets, point, weight = random_units(count, units, parts, dtype)
    truth = torch.zeros(count, parts, dtype=torch.float64)
    covering = torch.zeros(count)
    for k in range(units):
        members = point[offsets[k] : offsets[k + 1]]
        truth[members, label[k]] += score[k].double() * weight[label[k]].double()
        covering[members] += 1
    truth /= covering.clamp(min=1)[:, None]
    found = unit_targets(label, score, offsets, point, weight, count, backend=backend)
    torch32 = unit_targets(label, score, offsets, point, weight, count, backend="reference")
    ulp = torch.finfo(dtype).eps * truth.abs().max()
    assert (found - truth).abs().max() <= 2 * (torch32 - truth).abs().max() + ulp


def test_matches_reference_bit_for_bit_in_any_number_of_threads() -> None:
    units = random_units(20_000, 300, 6)
    truth = unit_targets(*units, 20_000, backend="reference")
    try:
        for limit in (1, 2, 5):
            set_thread_limit(limit)
            assert torch.equal(unit_targets(*units, 20_000), truth)
    finally:
        set_thread_limit(None)


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize(("count", "units", "parts"), [(0, 0, 3), (5, 0, 3), (5, 2, 3)])
def test_empty_units_ask_for_nothing(backend: str, count: int, units: int, parts: int) -> None:
    targets = unit_targets(
        torch.zeros(units, dtype=torch.int64),
        torch.ones(units),
        torch.zeros(units + 1, dtype=torch.int64),
        torch.zeros(0, dtype=torch.int64),
        torch.ones(parts),
        count,
        backend=backend,
    )
    assert torch.equal(targets, torch.zeros(count, parts))


@pytest.mark.parametrize("backend", NAMES)
def test_strided_inputs(backend: str) -> None:
    units = random_units(50, 9, 3)
    strided = [torch.stack([u, u], dim=1)[:, 0] for u in units]
    found = unit_targets(*strided, 50, backend=backend)
    assert torch.equal(found, unit_targets(*units, 50, backend=backend))


GOOD = {
    "label": torch.tensor([0, 1]),
    "score": torch.tensor([0.5, 1.0]),
    "offsets": torch.tensor([0, 2, 4]),
    "point": torch.tensor([0, 1, 1, 2]),
    "class_weight": torch.tensor([1.0, 2.0]),
    "count": 4,
}


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"label": torch.tensor([0, 2])}, ValueError, r"label must be in \[0, 2\), got 0 to 2"),
        ({"score": torch.ones(3)}, ValueError, r"score must be \[K\] with K=2, got \[3\]"),
        ({"score": torch.ones(2).half()}, TypeError, "score must be float32 or float64, got"),
        ({"class_weight": torch.ones(2).double()}, TypeError, "class_weight must be float32, got"),
        ({"offsets": torch.tensor([0, 4])}, ValueError, r"offsets must be \[3\], got \[2\]"),
        ({"offsets": torch.tensor([0, 3, 2])}, ValueError, "offsets must ascend from 0 to M=4"),
        ({"offsets": torch.tensor([0, 5, 4])}, ValueError, "offsets must ascend from 0 to M=4"),
        ({"point": torch.tensor([0, 1, 1, 4])}, ValueError, r"point must be in \[0, 4\), got 0 to"),
        ({"point": torch.tensor([1, 0, 1, 2])}, ValueError, "point must ascend inside each unit"),
        ({"point": torch.tensor([1, 1, 1, 2])}, ValueError, "name no point twice"),
        ({"point": torch.tensor([0, 1, 1, 2]).int()}, TypeError, "point must be int64, got int32"),
        ({"count": -1}, ValueError, "count must be at least 0, got -1"),
    ],
)
def test_says_what_is_wrong(bad, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        unit_targets(**{**GOOD, **bad})
