from __future__ import annotations

import math

import pytest
import torch

from pdengine.kernels.unit_targets import unit_targets


def random_units(
    count: int, units: int, parts: int, dtype: torch.dtype = torch.float32
) -> list[torch.Tensor]:
    g = torch.Generator().manual_seed(count * 31 + units)
    inside = torch.rand(units, count, generator=g) < torch.rand(units, 1, generator=g) ** 2
    label = torch.randint(parts, (units,), generator=g)
    score = torch.rand(units, generator=g, dtype=dtype)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), inside.sum(1).cumsum(0)])
    weight = 1 + 3 * torch.rand(parts, generator=g, dtype=dtype)
    return [label, score, offsets, inside.nonzero()[:, 1], weight]


def run(units: list[torch.Tensor], count: int, device: str) -> torch.Tensor:
    """Brought back to the CPU."""
    found = unit_targets(*(u.to(device) for u in units), count, backend="triton")
    assert found.device.type == device
    return found.cpu()


def same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.dtype == other.dtype and one.numpy().tobytes() == other.numpy().tobytes()


def test_two_units_share_a_point(triton_device: str) -> None:
    units = [
        *(torch.tensor([0, 1]), torch.tensor([0.5, 1.0]), torch.tensor([0, 2, 4])),
        *(torch.tensor([0, 1, 1, 2]), torch.tensor([1.0, 2.0])),
    ]
    assert run(units, 4, triton_device).tolist() == [[0.5, 0], [0.25, 1], [0, 2], [0, 0]]


# A block has 256 points or 1024 members, a word 32 units of one part.
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("count", "units", "parts"),
    [
        *((1, 1, 1), (7, 3, 2), (1, 40, 1), (255, 31, 1), (256, 32, 1), (257, 33, 1)),
        *((257, 70, 3), (300, 5, 9), (20, 130, 4)),
    ],
)
def test_matches_reference_bit_for_bit(
    triton_device: str, dtype: torch.dtype, count: int, units: int, parts: int
) -> None:
    case = random_units(count, units, parts, dtype)
    truth = unit_targets(*case, count, backend="reference")
    assert same_bits(run(case, count, triton_device), truth)


def test_matches_a_large_reference_bit_for_bit(triton_device: str) -> None:
    if triton_device == "cpu":
        pytest.skip("the interpreter is too slow")
    case = random_units(20_000, 300, 6)
    truth = unit_targets(*case, 20_000, backend="reference")
    assert same_bits(run(case, 20_000, triton_device), truth)


def test_three_runs_give_the_same_bits(triton_device: str) -> None:
    case = random_units(300, 40, 3)
    truth, *again = (run(case, 300, triton_device) for _ in range(3))
    assert all(same_bits(found, truth) for found in again)


def test_a_score_that_is_not_finite_stays_with_its_points(triton_device: str) -> None:
    case = random_units(60, 12, 3)
    case[1][:4] = torch.tensor([math.nan, math.inf, -math.inf, -0.0])
    found = run(case, 60, triton_device)
    truth = unit_targets(*case, 60, backend="reference")
    assert truth.isnan().any()
    assert truth.isinf().any()
    assert torch.equal(found.nan_to_num(nan=-7.0), truth.nan_to_num(nan=-7.0))


def test_scores_are_added_in_the_order_of_the_units(triton_device: str) -> None:
    """Large, small, minus large: only one order of three gives 0."""
    score = torch.tensor([1e8, 1.0, -1e8, 5.0])
    units = [
        *(torch.tensor([1, 1, 1, 0]), score, torch.arange(5), torch.zeros(4).long()),
        torch.ones(2),
    ]
    assert run(units, 1, triton_device).tolist() == [[1.25, 0.0]]


@pytest.mark.parametrize(("count", "units", "parts"), [(0, 0, 3), (5, 0, 3), (5, 2, 3), (5, 0, 0)])
def test_empty_units_ask_for_nothing(
    triton_device: str, count: int, units: int, parts: int
) -> None:
    case = [
        *(torch.zeros(units).long(), torch.ones(units), torch.zeros(units + 1).long()),
        *(torch.zeros(0).long(), torch.ones(parts)),
    ]
    assert torch.equal(run(case, count, triton_device), torch.zeros(count, parts))


def test_units_without_points_between_others(triton_device: str) -> None:
    case = random_units(50, 9, 2)
    label, score, offsets, point, weight = case
    label, score = label.repeat_interleave(3), score.repeat_interleave(3)
    offsets = torch.cat([offsets[:1], offsets[1:].repeat_interleave(3)])
    # Of every three units the first holds the points, the others none.
    truth = unit_targets(*case, 50, backend="reference")
    assert same_bits(run([label, score, offsets, point, weight], 50, triton_device), truth)


def test_strided_inputs(triton_device: str) -> None:
    case = random_units(50, 9, 3)
    strided = [torch.stack([u, u], dim=1).to(triton_device)[:, 0] for u in case]
    found = unit_targets(*strided, 50, backend="triton")
    assert same_bits(found.cpu(), run(case, 50, triton_device))
