"""The student's targets, by hand and against the published form of the loss."""

from __future__ import annotations

import math

import pytest
import torch

from pdengine.distill.evidence import (
    DOUBT,
    class_weights,
    opportunity_targets,
    per_point_targets,
    per_unit_targets,
    smoothed,
)
from pdengine.distill.reliability import observe
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
from pdengine.kernels.unit_targets import unit_targets
from pdengine.types import Units


def test_class_weights_by_hand(three_units: Units) -> None:
    # Part 0 has 3 memberships, part 1 has 2, part 2 none: 5 in all over 3 parts.
    expected = [
        max(1.0, 1 + math.log(5 / 9, 4)),
        1 + math.log(5 / 6, 4) if 5 > 6 else 1.0,
        4.0,
    ]
    assert class_weights(three_units, 3).tolist() == pytest.approx(expected)


def test_a_rare_part_weighs_more() -> None:
    units = Units(
        torch.tensor([0, 1]),
        torch.ones(2),
        torch.tensor([0, 15, 16]),
        torch.tensor([*range(15), 15]),
        torch.zeros(2, dtype=torch.int64),
        16,
    )
    assert class_weights(units, 2).tolist() == pytest.approx([1.0, 1 + math.log(8, 4)])


def test_per_point_targets_by_hand(three_units: Units) -> None:
    expected = torch.tensor([[0.8, 0], [(0.8 + 0.4) / 3, 0.6 / 3], [0, 0.6], [0, 0]])
    assert torch.allclose(per_point_targets(three_units, 2, weighted=False), expected)
    weight = class_weights(three_units, 2)
    assert torch.allclose(per_point_targets(three_units, 2, weighted=True), expected * weight)


def test_per_unit_targets_by_hand(three_units: Units) -> None:
    # A unit's score is shared out over its points: 0.8 / 2, 0.6 / 2 and 0.4 / 1.
    expected = torch.tensor([[0.4, 0], [0.4 + 0.4, 0.3], [0, 0.3], [0, 0]])
    assert torch.allclose(per_unit_targets(three_units, 2, weighted=False), expected / 0.8)
    weighted = expected * class_weights(three_units, 2)
    found = per_unit_targets(three_units, 2, weighted=True)
    assert torch.allclose(found, weighted / weighted.max())


def test_every_unit_has_the_same_say_however_many_points_it_holds() -> None:
    units = Units(
        torch.tensor([0, 1]),
        torch.ones(2),
        torch.tensor([0, 8, 10]),
        torch.arange(10),
        torch.zeros(2, dtype=torch.int64),
        10,
    )
    assert per_unit_targets(units, 2, weighted=False).sum(0).tolist() == [2.0, 2.0]


def test_no_unit_is_no_target() -> None:
    nothing = torch.zeros(0, dtype=torch.int64)
    units = Units(nothing, torch.zeros(0), torch.zeros(1, dtype=torch.int64), nothing, nothing, 3)
    for targets in (
        per_point_targets(units, 2, weighted=True),
        per_unit_targets(units, 2, weighted=True),
    ):
        assert targets.tolist() == [[0.0, 0.0]] * 3


def test_opportunities_by_hand(three_units: Units) -> None:
    # View 0 found both parts and is known to show points 0, 1, 2; view 1 found part 0, shows 1.
    targets = opportunity_targets(three_units, observe(three_units, 2))
    once, twice = 1 + DOUBT, 2 + DOUBT
    expected = [[0.8 / once, 0], [1.2 / twice, 0.6 / once], [0, 0.6 / once], [0, 0]]
    assert torch.allclose(targets, torch.tensor(expected))


def test_a_view_that_shows_a_point_and_names_it_not_speaks_against(three_units: Units) -> None:
    seen = torch.ones(2, 4, dtype=torch.bool)
    units = Units(**{**vars(three_units), "seen": seen})
    targets = opportunity_targets(units, observe(units, 2))
    assert targets[0, 0] == pytest.approx(0.8 / (2 + DOUBT))
    assert targets[2, 1] == pytest.approx(0.6 / (1 + DOUBT))


def test_the_collapsed_loss_is_the_published_one() -> None:
    """Against the [K, N, R] form, in float64."""
    dice = torch.Generator().manual_seed(1)
    N, R, K = 30, 4, 12
    inside = torch.rand(K, N, generator=dice) < 0.3
    label = torch.randint(R, (K,), generator=dice)
    score = torch.rand(K, generator=dice, dtype=torch.float64)
    weight = 1 + torch.rand(R, generator=dice, dtype=torch.float64)
    logits = torch.randn(N, R, generator=dice, dtype=torch.float64, requires_grad=True)

    entropy = -logits.log_softmax(1)[:, label].T  # [K, N]
    cover = inside.sum(0).clamp(min=1)
    published = (inside * score[:, None] * weight[label][:, None] * entropy / cover).sum(0).mean()
    (expected,) = torch.autograd.grad(published, logits)

    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), inside.sum(1).cumsum(0)])
    targets = unit_targets(label, score, offsets, inside.nonzero()[:, 1], weight, N)
    collapsed = soft_cross_entropy(logits, targets.double())
    (gradient,) = torch.autograd.grad(collapsed, logits)
    assert collapsed.item() == pytest.approx(published.item(), rel=1e-14)
    assert torch.allclose(gradient, expected, rtol=1e-12, atol=1e-16)


def test_smoothing_averages_neighbours() -> None:
    values = torch.tensor([[1.0], [0.0], [0.0]])
    neighbours = torch.tensor([[0, 1], [1, 0], [2, 1]])
    assert smoothed(values, neighbours, 1).tolist() == [[0.5], [0.5], [0.0]]
    assert smoothed(values, neighbours, 2).tolist() == [[0.5], [0.5], [0.25]]
    assert smoothed(values, neighbours, 0) is values
