from __future__ import annotations

import pytest
import torch

from pdengine.kernels.unit_agreement import unit_agreement


def random_units(count: int, units: int, parts: int) -> list[torch.Tensor]:
    g = torch.Generator().manual_seed(count * 31 + units)
    inside = torch.rand(units, count, generator=g) < torch.rand(units, 1, generator=g)
    label = torch.randint(parts, (units,), generator=g)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), inside.sum(1).cumsum(0)])
    prediction = torch.randint(-1, parts, (count,), generator=g)
    return [label, offsets, inside.nonzero()[:, 1], prediction]


def run(units: list[torch.Tensor], device: str) -> torch.Tensor:
    """Brought back to the CPU."""
    found = unit_agreement(*(u.to(device) for u in units), backend="triton")
    assert found.device.type == device
    return found.cpu()


def test_half_of_a_unit_agrees(triton_device: str) -> None:
    units = [
        *(torch.tensor([0, 1, 1]), torch.tensor([0, 2, 2, 5])),
        *(torch.tensor([0, 1, 1, 2, 3]), torch.tensor([0, 1, 1, -1])),
    ]
    assert run(units, triton_device).tolist() == [0.5, 0.0, torch.tensor(2 / 3).item()]


# A block has 1024 members; the shares are taken in blocks of 256 units.
@pytest.mark.parametrize(
    ("count", "units", "parts"),
    [(1, 1, 1), (7, 3, 2), (2500, 1, 2), (3000, 5, 3), (3, 255, 2), (3, 257, 2), (40, 61, 5)],
)
def test_matches_reference_bit_for_bit(
    triton_device: str, count: int, units: int, parts: int
) -> None:
    case = random_units(count, units, parts)
    found = run(case, triton_device)
    assert found.dtype == torch.float32
    assert torch.equal(found, unit_agreement(*case, backend="reference"))


@pytest.mark.parametrize("members", [1023, 1024, 1025, 2048])
def test_units_that_end_where_a_block_ends(triton_device: str, members: int) -> None:
    """Units without points stand before, between and after."""
    offsets = torch.tensor([0, 0, 1024, 1024, members, members]).clamp(max=members)
    point = torch.cat([torch.arange(n) for n in offsets.diff().tolist()])
    prediction = torch.arange(1024) % 3
    case = [torch.tensor([1, 0, 1, 2, 1]), offsets, point, prediction]
    assert torch.equal(run(case, triton_device), unit_agreement(*case, backend="reference"))


def test_three_runs_give_the_same_bits(triton_device: str) -> None:
    case = random_units(300, 20, 4)
    truth, *again = (run(case, triton_device) for _ in range(3))
    assert all(torch.equal(found, truth) for found in again)


def test_matches_a_large_reference(triton_device: str) -> None:
    if triton_device == "cpu":
        pytest.skip("the interpreter is too slow")
    case = random_units(20_000, 300, 6)
    assert torch.equal(run(case, triton_device), unit_agreement(*case, backend="reference"))


@pytest.mark.parametrize(("count", "units"), [(0, 0), (4, 0), (4, 3), (0, 3)])
def test_empty_units_agree_on_nothing(triton_device: str, count: int, units: int) -> None:
    case = [torch.zeros(n).long() for n in (units, units + 1, 0, count)]
    assert torch.equal(run(case, triton_device), torch.zeros(units))


def test_labels_past_32_bits_are_not_cut(triton_device: str) -> None:
    label = torch.tensor([2**32 + 1, 1])
    case = [label, torch.tensor([0, 2, 4]), torch.tensor([0, 1, 0, 1]), torch.tensor([1, 2**32])]
    assert run(case, triton_device).tolist() == [0.0, 0.5]


def test_strided_inputs(triton_device: str) -> None:
    case = random_units(50, 9, 3)
    strided = [torch.stack([u, u], dim=1).to(triton_device)[:, 0] for u in case]
    assert torch.equal(unit_agreement(*strided, backend="triton").cpu(), run(case, triton_device))
