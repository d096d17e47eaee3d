"""Intervals: what they are of, that they are repeatable, and whether one method beats another."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from measured import PARTS, random_shape, shape

from pdengine.errors import ScoreError
from pdengine.evaluate.bootstrap import interval
from pdengine.evaluate.counts import count_shape
from pdengine.evaluate.paired import Difference, difference
from pdengine.evaluate.protocols import PROTOCOLS, Measured, score


def mug(name: str, right: int, of: int = 10) -> Measured:
    """A mug of cup alone, of which some rows are unlabelled: its IoU is right / of."""
    return shape("Mug", name, [1] * right + [-1] * (of - right), [1] * of)


def test_shapes_that_are_all_alike_leave_no_doubt() -> None:
    found = score("parts-present", [mug(str(k), 7) for k in range(4)], PARTS)
    assert found.overall == pytest.approx(0.7)
    assert found.interval == pytest.approx((0.7, 0.7))
    assert found.category_intervals == {"Mug": pytest.approx((0.7, 0.7))}
    assert (found.resamples, found.seed) == (1000, 0)


def test_one_shape_says_nothing_about_others() -> None:
    found = score("parts-present", [mug("a", 7)], PARTS)
    assert found.interval is None
    assert found.category_intervals == {"Mug": None}


def test_no_resamples_give_no_interval() -> None:
    shapes = [mug("a", 3), mug("b", 7)]
    assert score("parts-present", shapes, PARTS, resamples=0).interval is None


def test_two_shapes_are_drawn_in_three_ways() -> None:
    found = score("parts-present", [mug("a", 0), mug("b", 10)], PARTS)
    assert found.interval == (0.0, 1.0)  # a quarter of the draws each, and half of them 0.5


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    values = np.random.default_rng(0).integers(0, 11, 400)
    found = score("parts-present", [mug(str(k), int(v)) for k, v in enumerate(values)], PARTS)
    assert found.interval is not None
    half = 1.96 * values.std() / 10 / math.sqrt(len(values))
    # The 2.5 % quantile of 1,000 draws has a standard error of 8.5 % of that half width:
    # sqrt(0.025 * 0.975 / 1000) / density(1.96), over 1.96.  Four of them.
    for end, side in zip(found.interval, (-1, 1), strict=True):
        assert end == pytest.approx(values.mean() / 10 + side * half, abs=0.35 * half)


def test_shapes_are_drawn_within_their_category() -> None:
    """Two categories without spread, far apart: drawing over both would spread the mean."""
    mugs = [mug(str(k), 2) for k in range(3)]
    chairs = [shape("Chair", str(k), [0] * 9 + [-1], [0] * 10) for k in range(5)]
    found = score("patchalign3d", [*mugs, *chairs], PARTS)
    assert found.interval == pytest.approx((found.overall, found.overall))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_same_seed_gives_the_same_bits(protocol: str) -> None:
    shapes = [random_shape(category, str(k), k) for category in PARTS for k in range(5)]
    first, again, other = (score(protocol, shapes, PARTS, seed=s, resamples=300) for s in (3, 3, 4))
    assert first == again
    assert first.interval is not None
    assert first.interval[0] <= first.overall + 0.1
    if protocol not in ("instance-ap75", "partnet-ap50"):  # may be 0 however they are drawn
        assert first.interval != other.interval


def test_a_categorys_interval_does_not_depend_on_the_others() -> None:
    shapes = [random_shape(category, str(k), k) for category in PARTS for k in range(5)]
    alone = score("partnete", [s for s in shapes if s.category == "Mug"], PARTS)
    together = score("partnete", shapes, PARTS)
    assert alone.category_intervals["Mug"] == together.category_intervals["Mug"]


def test_an_interval_is_between_percentiles_of_what_is_known() -> None:
    values = np.append(np.arange(1001) / 1000, np.nan)
    assert interval(values, 2) == pytest.approx((0.025, 0.975))
    assert interval(np.array([np.nan]), 2) is None


def test_a_thousand_draws_of_a_whole_dataset_take_under_a_second() -> None:
    one = random_shape("Chair", "0", 0).counts
    shapes = [Measured("Chair", str(k), one) for k in range(2874)]
    before = time.process_time()
    score("partnete", shapes, PARTS)
    assert time.process_time() - before < 1


def test_a_method_that_is_always_a_little_better_is_better() -> None:
    """Shapes differ by far more than the methods do: each interval holds the other's score."""
    a = [mug(str(k), 10 * k + 1, 100) for k in range(10)]
    b = [mug(str(k), 10 * k, 100) for k in range(10)]
    one, other = (score("parts-present", side, PARTS) for side in (a, b))
    assert one.interval is not None
    assert one.interval[0] < other.overall
    found = difference("parts-present", a, b, PARTS)
    assert found.overall == pytest.approx(0.01)
    assert found.interval == pytest.approx((0.01, 0.01))
    assert found.better == "a"
    assert difference("parts-present", b, a, PARTS).better == "b"
    assert str(found) == (
        "parts-present: a - b +1.0 [+1.0, +1.0] points, a is better on these 10 shapes"
    )


def test_a_method_that_is_better_half_of_the_time_is_not_shown_to_be() -> None:
    a = [mug(str(k), 5 + (-1) ** k) for k in range(10)]
    b = [mug(str(k), 5) for k in range(10)]
    found = difference("parts-present", a, b, PARTS)
    assert found.overall == pytest.approx(0)
    assert found.better is None
    assert "neither is shown to be better" in str(found)


def test_less_calibration_error_is_better() -> None:
    truth = torch.tensor([0, 0, 1, 1])

    def sure(name: str, confidence: float) -> Measured:
        scores = torch.full((4,), confidence)
        return Measured("Mug", name, count_shape(truth, truth, 2, scores=scores))

    a, b = ([sure(str(k), confidence) for k in range(3)] for confidence in (0.95, 0.55))
    found = difference("calibration-error", a, b, PARTS)
    assert found.overall == pytest.approx(0.05 - 0.45, abs=1e-6)
    assert found.better == "a"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_difference_is_that_of_the_scores(protocol: str) -> None:
    a = [random_shape(category, str(k), k) for category in PARTS for k in range(4)]
    b = [random_shape(s.category, s.name, int(s.name)) for s in a[::-1]]
    found = difference(protocol, a, b, PARTS, resamples=100)
    assert found.overall == 0
    assert found.interval == (0, 0)
    assert set(found.per_category.values()) == {0.0}
    assert found.shapes == 8


def test_only_the_same_shapes_and_labels_can_be_compared() -> None:
    a, b = [mug("a", 1), mug("b", 2)], [mug("a", 1), mug("c", 2)]
    with pytest.raises(ScoreError, match="of the same shapes, only one has Mug/b, Mug/c"):
        difference("parts-present", a, b, PARTS)
    with pytest.raises(ScoreError, match="against the same labels, not so in Mug/b"):
        difference("parts-present", a, [a[0], mug("b", 2, 11)], PARTS)
    with pytest.raises(ScoreError, match="protocol must be one of"):
        difference("miou", a, a, PARTS)
    with pytest.raises(ScoreError, match="resamples and seed must be at least 0, got -1 and 0"):
        score("parts-present", a, PARTS, resamples=-1)
    found = difference("parts-present", a, a, PARTS, resamples=0)
    assert found.interval is None
    with pytest.raises(ScoreError, match="protocol must be one of"):
        replace(found, protocol="IoU")
    assert isinstance(found, Difference)
