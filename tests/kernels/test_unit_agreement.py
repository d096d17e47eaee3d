from __future__ import annotations

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.unit_agreement import unit_agreement

NAMES = ["cpu", "reference"]


def random_units(count: int, units: int, parts: int) -> tuple[torch.Tensor, ...]:
    g = torch.Generator().manual_seed(count * 31 + units)
    inside = torch.rand(units, count, generator=g) < torch.rand(units, 1, generator=g)
    label = torch.randint(parts, (units,), generator=g)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), inside.sum(1).cumsum(0)])
    prediction = torch.randint(-1, parts, (count,), generator=g)
    return label, offsets, inside.nonzero()[:, 1], prediction


@pytest.mark.parametrize("backend", NAMES)
def test_half_of_a_unit_agrees(backend: str) -> None:
    found = unit_agreement(
        torch.tensor([0, 1, 1]),
        torch.tensor([0, 2, 2, 5]),
        torch.tensor([0, 1, 1, 2, 3]),
        torch.tensor([0, 1, 1, -1]),
        backend=backend,
    )
    assert found.tolist() == [0.5, 0.0, torch.tensor(2 / 3).item()]


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize(("count", "units", "parts"), [(1, 1, 1), (7, 3, 2), (257, 61, 5)])
def test_matches_the_definition(backend: str, count: int, units: int, parts: int) -> None:
    label, offsets, point, prediction = random_units(count, units, parts)
    found = unit_agreement(label, offsets, point, prediction, backend=backend)
    for k in range(units):
        said = prediction[point[offsets[k] : offsets[k + 1]]]
        share = (said == label[k]).sum().item() / max(1, len(said))
        assert found[k].item() == torch.tensor(share, dtype=torch.float64).float().item()


def test_matches_reference_in_any_number_of_threads() -> None:
    units = random_units(20_000, 300, 6)
    truth = unit_agreement(*units, backend="reference")
    try:
        for limit in (1, 2, 5):
            set_thread_limit(limit)
            assert torch.equal(unit_agreement(*units), truth)
    finally:
        set_thread_limit(None)


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize(("count", "units"), [(0, 0), (4, 0), (4, 3), (0, 3)])
def test_empty_units_agree_on_nothing(backend: str, count: int, units: int) -> None:
    found = unit_agreement(
        torch.zeros(units, dtype=torch.int64),
        torch.zeros(units + 1, dtype=torch.int64),
        torch.zeros(0, dtype=torch.int64),
        torch.zeros(count, dtype=torch.int64),
        backend=backend,
    )
    assert torch.equal(found, torch.zeros(units))


@pytest.mark.parametrize("backend", NAMES)
def test_strided_inputs(backend: str) -> None:
    units = random_units(50, 9, 3)
    strided = [torch.stack([u, u], dim=1)[:, 0] for u in units]
    found = unit_agreement(*strided, backend=backend)
    assert torch.equal(found, unit_agreement(*units, backend=backend))


GOOD = {
    "label": torch.tensor([0, 1]),
    "offsets": torch.tensor([0, 2, 4]),
    "point": torch.tensor([0, 1, 1, 2]),
    "prediction": torch.tensor([0, 1, 1]),
}


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"prediction": torch.zeros(3)}, TypeError, "prediction must be int64, got float32"),
        ({"prediction": torch.tensor([0, 1])}, ValueError, r"point must be in \[0, 2\)"),
        ({"label": torch.tensor([-1, 0])}, ValueError, "label must be in"),
        ({"offsets": torch.tensor([1, 2, 4])}, ValueError, "offsets must ascend from 0 to M=4"),
        ({"label": torch.tensor([[0, 1]])}, ValueError, r"label must be \[K\], got \[1, 2\]"),
    ],
)
def test_says_what_is_wrong(bad, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        unit_agreement(**{**GOOD, **bad})
