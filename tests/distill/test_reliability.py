"""How far each name can be trusted: a wrong name is evidence too, once its habits are known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from pdengine.distill.reliability import HIT, Observations, hit_rates, log_evidence, observe

LOW, HIGH = 0.02, 0.98  # no rate is surer


def wrong_second_view(make_units):
    """Four points, {0, 1} are part 0.  View 0 is right; view 1 calls {2, 3} part 0, and no more."""
    sets = [torch.tensor([0, 1]), torch.tensor([2, 3]), torch.tensor([2, 3])]
    told = observe(make_units(sets, [0, 1, 0], [0, 0, 1], 4), 2)
    return Observations(told.inside, torch.ones(2, 4, dtype=torch.bool))  # both show all


def test_a_unit_proves_that_its_view_shows_the_point(three_units):
    told = observe(three_units, 2)
    expected = [[[1, 1, 0, 0], [0, 1, 1, 0]], [[0, 1, 0, 0], [0, 0, 0, 0]]]
    assert told.inside.int().tolist() == expected
    assert told.seen.int().tolist() == [[1, 1, 1, 0], [0, 1, 0, 0]]
    assert not told.exclusive  # point 1 has two names in view 0
    assert told.at(torch.tensor([0, 2, 3])).exclusive


def test_a_view_may_show_more_than_its_units_hold(three_units):
    seen = torch.tensor([[False, False, False, True]] * 3)
    units = type(three_units)(**{**vars(three_units), "seen": seen})
    assert observe(units, 2).seen.int().tolist() == [[1, 1, 1, 1], [0, 1, 0, 1]]


def test_a_name_that_covers_the_other_part_becomes_evidence_for_the_other_part(make_units):
    told = wrong_second_view(make_units)
    truth = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    rates = hit_rates(told, truth, doubt=1e-9)
    expected = [[[HIGH, LOW], [LOW, HIGH]], [[LOW, HIGH], [LOW, LOW]]]
    assert torch.allclose(rates, torch.tensor(expected))

    second = Observations(told.inside[1:], told.seen[1:])
    says = log_evidence(second, rates[1:])
    # Point 0 was left out: that is what happens to part 0.  Point 2 was held: that is part 1.
    left_out, held = [math.log(HIGH), math.log(LOW)], [math.log(LOW), math.log(HIGH)]
    for row, wanted in zip(says, [left_out, left_out, held, held], strict=True):
        assert row.tolist() == pytest.approx(wanted, rel=1e-5)  # 1 - 0.02 rounds in float32


def test_before_anything_is_known_a_name_is_believed(make_units):
    told = wrong_second_view(make_units)
    rates = hit_rates(told, torch.full((4, 2), 0.5), doubt=1e9)
    assert torch.allclose(rates[0], torch.tensor([[HIT, 0.5], [0.5, HIT]]))
    assert log_evidence(told, rates)[0].argmax() == 0


def test_a_name_that_covers_everything_is_evidence_for_nothing(make_units):
    told = observe(make_units([torch.arange(4)], [0], [0], 4), 2)
    truth = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    says = log_evidence(told, hit_rates(told, truth, doubt=1e-9))
    assert torch.equal(says[:, 0], says[:, 1])


def test_a_view_in_which_a_name_was_not_found_says_nothing_through_it(make_units):
    told = wrong_second_view(make_units)
    rates = torch.full((2, 2, 2), 0.5)
    before = log_evidence(told, rates)
    rates[1, 1] = torch.tensor([0.1, 0.9])  # of the name that view 1 did not find
    assert torch.equal(log_evidence(told, rates), before)
    rates[1, 0] = torch.tensor([0.1, 0.9])
    assert not torch.equal(log_evidence(told, rates), before)


def test_a_view_that_does_not_show_a_point_says_nothing_of_it(make_units):
    told = observe(make_units([torch.tensor([0, 1])], [0], [0], 3), 2)
    says = log_evidence(told, torch.tensor([[[0.9, 0.2], [0.5, 0.5]]]))
    assert says[2].tolist() == [0.0, 0.0]
    assert says[0].tolist() == pytest.approx([math.log(0.9), math.log(0.2)])


def some_observations(V: int, R: int, N: int) -> tuple[Observations, Tensor]:
    dice = torch.Generator().manual_seed(V * 100 + R * 10 + N)
    inside = torch.rand(V, R, N, generator=dice) < 0.4
    inside[0, R - 1] = False  # not found there
    seen = inside.any(1) | (torch.rand(V, N, generator=dice) < 0.5)
    return Observations(inside, seen), torch.rand(N, R, generator=dice).softmax(1)


def slow_rates(told: Observations, belief: Tensor, doubt: float) -> Tensor:
    V, R, N = told.inside.shape
    rates = torch.zeros(V, R, R, dtype=belief.dtype)
    for v in range(V):
        shown = [n for n in range(N) if told.seen[v, n]]
        for c in range(R):
            chance = sum(told.inside[v, c, n].item() for n in range(N)) / max(len(shown), 1)
            for k in range(R):
                all_k, in_c = torch.zeros(2, dtype=belief.dtype)
                for n in shown:
                    all_k = all_k + belief[n, k]
                    in_c = in_c + belief[n, k] * told.inside[v, c, n]
                guess = HIT if c == k else chance
                rates[v, c, k] = (in_c + doubt * guess) / (all_k + doubt)
    return rates.clamp(LOW, HIGH)


def slow_evidence(told: Observations, rates: Tensor) -> Tensor:
    V, R, N = told.inside.shape
    total = torch.zeros(N, R, dtype=rates.dtype)
    for v in range(V):
        for c in range(R):
            if not told.inside[v, c].any():
                continue
            for n in range(N):
                if told.seen[v, n]:
                    rate = rates[v, c]
                    total[n] += (rate if told.inside[v, c, n] else 1 - rate).log()
    return total


def check(ours: Tensor, slow32: Tensor, truth: Tensor) -> None:
    """At most twice the error of the slow loop in float32, and one rounding."""
    ulp = torch.finfo(torch.float32).eps * truth.abs().max()
    error = (ours.double() - truth).abs().max()
    assert error <= 2 * (slow32.double() - truth).abs().max() + ulp


@pytest.mark.parametrize(("V", "R", "N"), [(1, 1, 1), (1, 2, 7), (3, 3, 20), (4, 2, 33)])
@pytest.mark.parametrize("doubt", [0.5, 50.0])
def test_rates_match_a_loop_over_views_names_and_parts(V, R, N, doubt):
    told, belief = some_observations(V, R, N)
    slow, truth = slow_rates(told, belief, doubt), slow_rates(told, belief.double(), doubt)
    check(hit_rates(told, belief, doubt), slow, truth)


@pytest.mark.parametrize(("V", "R", "N"), [(1, 1, 1), (1, 2, 7), (3, 3, 20), (4, 2, 33)])
def test_evidence_matches_a_loop_over_views_and_names(V, R, N):
    told, belief = some_observations(V, R, N)
    rates = hit_rates(told, belief, 1.0)
    slow, truth = slow_evidence(told, rates), slow_evidence(told, rates.double())
    check(log_evidence(told, rates), slow, truth)
