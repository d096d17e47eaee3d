"""Average precision by hand and beside scikit-learn: matches, ties, duplicates, interpolation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pdengine.evaluate.counts import count_shape, failed_shape
from pdengine.evaluate.matching import match, pool
from pdengine.evaluate.protocols import Measured, score

PARTS = {"Chair": ("leg", "seat")}
LEGS = torch.tensor([0] * 4 + [1] * 4 + [2] * 4 + [-1] * 4)  # three legs of four rows, and nothing
LEG = torch.where(LEGS >= 0, 0, -1)


def chair(
    name: str, own: list[int], scores: list[float], parts: list[int] | None = None
) -> Measured:
    """A chair with LEGS, and predicted instances of it, legs unless said otherwise."""
    kind = torch.tensor(parts if parts is not None else [0] * len(scores), dtype=torch.int64)
    answer = (torch.tensor(own), kind, torch.tensor(scores, dtype=torch.float64))
    return Measured("Chair", name, count_shape(LEG, LEG, 2, instances=answer, true_instances=LEGS))


def hits(one: Measured, percent: int) -> list[float]:
    assert one.counts.instances is not None
    found: list[float] = match(pool([one.counts.instances]), percent).tolist()
    return found


def value(protocol: str, *shapes: Measured) -> float:
    return score(protocol, shapes, PARTS, resamples=0).overall


# IoU 1 with the first leg, 3/5 with the second (one of nothing's rows), a quarter of the third.
GOOD = [0] * 4 + [1, 1, 1, -1] + [2, -1, -1, -1] + [1, -1, -1, -1]


def test_a_match_exceeds_the_threshold() -> None:
    one = chair("a", GOOD, [0.9, 0.8, 0.7])
    assert hits(one, 50) == [1, 1, 0]
    assert hits(one, 60) == [1, 0, 0]  # 3/5 does not exceed 60 %
    assert hits(one, 25) == [1, 1, 0]
    assert hits(one, 24) == [1, 1, 1]
    assert value("instance-ap50", one) == pytest.approx(2 / 3)
    assert value("instance-map", one) == pytest.approx((2 * (2 / 3) + 8 * (1 / 3)) / 10)


def test_what_is_surer_but_wrong_costs_precision() -> None:
    one = chair("a", GOOD, [0.7, 0.8, 0.9])
    # Wrong, right, right: the curve is (0, 0), (1/3, 1/2), (2/3, 2/3), made monotone.
    assert value("instance-ap50", one) == pytest.approx((1 / 3) * (2 / 3) + (1 / 3) * (2 / 3))


def test_a_true_instance_is_found_once() -> None:
    halves = [0, 0, 1, 1] + [-1] * 12  # both halves of the first leg, 2/4 each
    one = chair("a", halves, [0.5, 0.9])
    assert hits(one, 49) == [1, 0]  # sorted by score: the second half took it
    # Points (1/3, 1), (1/3, 1/2): the duplicate is wrong but comes last.
    assert value("instance-ap25", one) == pytest.approx(1 / 3)


def test_a_prediction_takes_the_best_that_is_left() -> None:
    # The first has 2 rows of leg 0 and 2 of leg 1: equal IoU, so the lower; the second only leg 0.
    own = [0, 0, 1, 1] + [0, 0, -1, -1] + [-1] * 8
    one = chair("a", own, [0.9, 0.8])
    assert hits(one, 30) == [1, 0]  # 2/6 each with the first
    assert hits(chair("a", own, [0.8, 0.9]), 30) == [1, 1]  # then leg 1 is left for the other


def test_equal_scores_enter_the_curve_together() -> None:
    tie = chair("a", GOOD, [0.5, 0.5, 0.5])
    assert value("instance-ap50", tie) == pytest.approx((2 / 3) * (2 / 3))
    wrong = chair("z", [-1] * 16, [0.5])  # no rows: finds nothing
    shapes = [tie, wrong]
    assert value("instance-ap50", *shapes) == value("instance-ap50", *shapes[::-1])


def test_predictions_are_pooled_over_shapes() -> None:
    right, wrong = chair("a", GOOD, [0.9, 0.9, 0.1]), chair("b", [-1] * 16, [1.0])
    # Surest is the wrong one of the other shape: (0, 0), (2/6, 2/3).
    assert value("instance-ap50", right, wrong) == pytest.approx((2 / 6) * (2 / 3))


def test_a_part_that_no_shape_has_is_not_averaged() -> None:
    one = chair("a", GOOD, [0.9, 0.8, 0.7], [0, 0, 1])
    found = score("instance-ap50", [one], PARTS, resamples=0)
    assert found.per_part == {("Chair", "leg"): pytest.approx(2 / 3)}


def test_what_was_never_predicted_has_none() -> None:
    failed = Measured("Chair", "a", failed_shape(LEG, 2, LEGS))
    assert value("instance-ap50", failed) == 0
    assert value("partnet-ap50", failed) == 0


def test_partnet_has_a_point_at_recall_0_that_is_always_1() -> None:
    wrong = chair("a", [-1] * 16, [1.0])
    assert value("instance-ap50", wrong) == 0
    assert value("partnet-ap50", wrong) == pytest.approx(1 / 101)
    # Recall 2/3 at precision 1: 0, 0.01, ... 0.66.
    assert value("partnet-ap50", chair("a", GOOD, [0.9, 0.8, 0.7])) == pytest.approx(67 / 101)


@pytest.mark.parametrize("seed", range(30))
def test_agrees_with_scikit_learn(seed: int) -> None:
    """Each leg predicted once or not at all, and some nonsense: scikit-learn can rank that."""
    metrics = pytest.importorskip("sklearn.metrics")
    chance = np.random.default_rng(seed)
    shapes, labels, scores = [], [], []
    for name in "abcd":
        own, sure = np.full(16, -1), []
        for leg in range(3):
            own[4 * leg : 4 * leg + chance.choice([2, 3, 4])] = leg  # IoU 1/2 is no match
            sure.append(chance.integers(0, 5) / 4)
            labels.append(int((own == leg).sum() > 2))
        scores += sure
        shapes.append(chair(name, own.tolist(), sure))
    if not any(labels):
        pytest.skip("nothing to rank")
    ours = value("instance-ap50", *shapes)
    # Theirs knows of no true instance that is never found, and does not make precision monotone.
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    best = np.maximum.accumulate(precision)
    found = sum(labels) / (3 * len(shapes))
    assert ours == pytest.approx(found * -np.sum(np.diff(recall) * best[:-1]), abs=1e-12)
    plain = metrics.average_precision_score(labels, scores)
    assert ours >= found * plain - 1e-12  # monotone precision is never less
