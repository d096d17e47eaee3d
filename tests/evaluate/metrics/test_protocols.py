"""Every protocol by hand, against plain loops and other libraries, and what is refused."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import PARTS, collections, in_loops, mean, random_shape, shape

from pdengine.errors import ScoreError
from pdengine.evaluate import instance_miou, part_miou
from pdengine.evaluate.counts import count_shape, failed_shape
from pdengine.evaluate.protocols import PROTOCOLS, Measured, Score, score
from pdengine.evaluate.sample import sample
from pdengine.teach.models.torchvision_ops import declare_ops

# By hand.  Chair a: back 2/3, seat 1/2, no leg.  Chair b: back 0/2, seat 2/3, leg 1/2.
# Mug: handle 1/2 (1/3 with the row that has no true part), cup 1/1.
SHAPES = [
    shape("Chair", "a", [0, 0, 1, 0], [0, 0, 1, 1]),
    shape("Chair", "b", [1, 1, 1, 2, -1, -1], [0, 1, 1, 2, 2, 0]),
    shape("Mug", "c", [0, -1, 1, 0], [0, 0, 1, -1]),
]
A, B, C = (2 / 3 + 1 / 2) / 2, (0 + 2 / 3 + 1 / 2) / 3, (1 / 2 + 1) / 2


def overall(protocol: str, shapes: list[Measured] = SHAPES) -> float:
    return score(protocol, shapes, PARTS, resamples=0).overall


def test_shapenetpart_counts_an_absent_part_that_nobody_predicts_as_perfect() -> None:
    a = (2 / 3 + 1 / 2 + 1) / 3
    assert overall("shapenetpart-instance") == pytest.approx((a + B + C) / 3)
    assert overall("shapenetpart-class") == pytest.approx(((a + B) / 2 + C) / 2)


def test_an_absent_part_that_is_predicted_is_wrong_in_shapenetpart() -> None:
    wrong = [shape("Mug", "c", [1, 0], [1, 1])]
    assert overall("shapenetpart-instance", wrong) == pytest.approx((0 + 1 / 2) / 2)
    assert overall("patchalign3d", wrong) == pytest.approx(1 / 2)


def test_patchalign3d_and_parts_present_skip_absent_parts() -> None:
    assert overall("patchalign3d") == pytest.approx((A + B + C) / 3)
    assert overall("parts-present") == pytest.approx(((A + B) / 2 + C) / 2)


def test_partnete_averages_parts_first_and_counts_rows_without_a_part() -> None:
    chair = ((2 / 3 + 0) / 2 + (1 / 2 + 2 / 3) / 2 + 1 / 2) / 3
    found = score("partnete", SHAPES, PARTS, resamples=0)
    assert found.per_category == pytest.approx({"Chair": chair, "Mug": (1 / 3 + 1) / 2})
    assert found.overall == pytest.approx((chair + (1 / 3 + 1) / 2) / 2)
    assert found.per_part[("Chair", "leg")] == pytest.approx(1 / 2)
    assert found.per_part[("Mug", "handle")] == pytest.approx(1 / 3)
    assert overall("partnete-known") == pytest.approx((chair + C) / 2)


def test_a_part_that_no_shape_has_is_not_averaged() -> None:
    found = score("partnete", SHAPES[:1], PARTS, resamples=0)
    assert found.overall == pytest.approx(A)
    assert set(found.per_part) == {("Chair", "back"), ("Chair", "seat")}


def test_coverage_and_labelled_are_shares_of_rows() -> None:
    truth = torch.tensor([0, 1, 1, -1])
    covered = torch.tensor([True, False, False, True])
    one = count_shape(torch.tensor([0, 1, 1, -1]), truth, 2, covered=covered)
    shapes = [Measured("Mug", "a", one), Measured("Mug", "b", failed_shape(truth, 2))]
    assert overall("coverage", shapes) == pytest.approx((0.5 + 0) / 2)
    assert overall("labelled", shapes) == pytest.approx((0.75 + 0) / 2)


def test_calibration_error_by_hand() -> None:
    # The bin from 0.5: two rows of confidence 0.5 and 0.5625, one right.  From 0.9: one, wrong.
    counts = count_shape(
        torch.tensor([0, 0, 0]),
        torch.tensor([0, 1, 1]),
        2,
        scores=torch.tensor([0.5, 0.5625, 0.9375]),
    )
    wanted = (abs(1 - 1.0625) + abs(0 - 0.9375)) / 3
    assert overall("calibration-error", [Measured("Mug", "a", counts)]) == pytest.approx(wanted)


def test_a_failed_shape_is_scored_and_never_dropped() -> None:
    failed = Measured("Mug", "d", failed_shape(torch.tensor([0, 1]), 2))
    found = score("parts-present", [*SHAPES, failed], PARTS, resamples=0)
    assert found.per_category["Mug"] == pytest.approx(C / 2)
    assert (found.shapes, found.category_shapes, found.left_out) == (4, {"Chair": 2, "Mug": 2}, ())


def test_a_shape_without_a_true_part_is_left_out_and_listed() -> None:
    unknown = shape("Mug", "x", [0, 1], [-1, -1])
    found = score("parts-present", [*SHAPES, unknown], PARTS)
    assert found.overall == overall("parts-present")
    assert found.left_out == ("Mug/x",)
    with pytest.raises(
        ScoreError, match="partnete needs a shape with a row to score, got none of 1"
    ):
        score("partnete", [unknown], PARTS)


IOU = [name for name in PROTOCOLS if PROTOCOLS[name].needs == "truth"]
INSTANCES = [name for name in PROTOCOLS if PROTOCOLS[name].needs == "instances"]


@pytest.mark.parametrize("protocol", [*IOU, *INSTANCES])
@settings(max_examples=40, deadline=None)
@given(shapes=collections())
def test_agrees_with_plain_loops(protocol: str, shapes: list[Measured]) -> None:
    wanted = in_loops(protocol, shapes)
    if math.isnan(wanted):
        with pytest.raises(ScoreError, match="needs a"):
            score(protocol, shapes, PARTS, resamples=0)
    else:
        assert overall(protocol, shapes) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_drawing_a_shape_twice_is_having_it_twice(protocol: str, seed: int) -> None:
    """What the bootstrap draws is what a collection with copies would score."""
    chance = random.Random(seed)
    shapes = [random_shape("Chair", str(k), seed + k) for k in range(5)]
    times = [chance.randrange(0, 3) for _ in shapes[:-1]] + [1]
    copies = [
        replace(s, name=f"{s.name}-{k}")
        for s, n in zip(shapes, times, strict=True)
        for k in range(n)
    ]
    drawn = sample(protocol, shapes, PARTS).values([np.array([times], dtype=np.float64)])
    assert drawn[0][0] == pytest.approx(overall(protocol, copies), abs=1e-12)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_order_of_the_shapes_does_not_matter(protocol: str) -> None:
    shapes = [random_shape(category, str(k), k) for category in PARTS for k in range(6)]
    shuffled = random.Random(0).sample(shapes, len(shapes))
    assert score(protocol, shapes, PARTS) == score(protocol, shuffled, PARTS)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_agrees_with_the_miou_of_one_shape(seed: int) -> None:
    chance = torch.Generator().manual_seed(seed)
    predicted, truth = torch.randint(-1, 3, (2, 9), generator=chance)
    truth[0] = 0
    one = [Measured("Chair", "a", count_shape(predicted, truth, 3))]
    assert overall("parts-present", one) == part_miou(predicted, truth)
    assert overall("shapenetpart-instance", one) == instance_miou(predicted, truth, 3)


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_scikit_learn(seed: int) -> None:
    jaccard_score = pytest.importorskip("sklearn.metrics").jaccard_score
    chance = torch.Generator().manual_seed(seed)
    truth, predicted = torch.randint(0, 3, (2, 12), generator=chance)
    present, every = sorted(set(truth.tolist())), [0, 1, 2]
    theirs = jaccard_score(truth, predicted, labels=present, average="macro", zero_division=1)
    assert part_miou(predicted, truth) == pytest.approx(theirs, abs=1e-12)
    theirs = jaccard_score(truth, predicted, labels=every, average="macro", zero_division=1)
    assert instance_miou(predicted, truth, 3) == pytest.approx(theirs, abs=1e-12)


def torchmetrics() -> Any:
    """It imports torchvision where there is one, which may be of another build than torch."""
    declare_ops()
    return pytest.importorskip("torchmetrics.classification")


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_torchmetrics(seed: int) -> None:
    classification = torchmetrics()
    chance = torch.Generator().manual_seed(seed)
    truth, predicted = torch.randint(0, 4, (2, 60), generator=chance)
    truth[:4] = torch.arange(4)
    truth[50:] = -1  # unknown: torchmetrics leaves the rows out too
    theirs = classification.MulticlassJaccardIndex(4, average="macro", ignore_index=-1)
    assert part_miou(predicted, truth) == pytest.approx(float(theirs(predicted, truth)), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_calibration_agrees_with_torchmetrics(seed: int) -> None:
    classification = torchmetrics()
    chance = torch.Generator().manual_seed(seed)
    truth = torch.randint(0, 3, (200,), generator=chance)
    table = torch.randn(200, 3, generator=chance).softmax(1)
    counts = count_shape(table.argmax(1), truth, 3, scores=table)
    theirs = classification.MulticlassCalibrationError(3, n_bins=10, norm="l1")
    ours = overall("calibration-error", [Measured("Chair", "a", counts)])
    assert ours == pytest.approx(float(theirs(table, truth)), abs=1e-5)  # theirs is in float32


def test_a_score_is_in_a_protocol_or_cannot_be_made() -> None:
    good = score("partnete", SHAPES, PARTS, resamples=0)
    with pytest.raises(ScoreError, match=r"must be one of shapenetpart-instance, .* got mIoU"):
        replace(good, protocol="mIoU")
    with pytest.raises(TypeError, match="protocol"):
        Score(overall=1.0)  # type: ignore[call-arg]


def test_every_protocol_says_what_it_is() -> None:
    for name, protocol in PROTOCOLS.items():
        assert protocol.name == name
        assert protocol.formula.startswith(("per ", "over "))
        assert protocol.source
        assert protocol.over in ("shapes", "categories")
    assert mean([protocol.better == "lower" for protocol in PROTOCOLS.values()]) > 0


@pytest.mark.parametrize(
    ("shapes", "protocol", "message"),
    [
        ([], "partnete", "shapes must hold at least one shape, got none"),
        (SHAPES, "miou", "protocol must be one of shapenetpart-instance, .*, got miou"),
        ([*SHAPES, SHAPES[0]], "partnete", "shapes must be listed once, got Chair/a twice"),
        (
            [replace(SHAPES[0], category="Cat")],
            "partnete",
            "Cat/a: the category must be one of Chair, Mug",
        ),
        (
            [replace(SHAPES[0], category="Mug")],
            "partnete",
            "Mug/a: counts must have 2 parts, got 3",
        ),
        (SHAPES, "instance-ap50", "instance-ap50 needs instances, and Chair/a has none measured"),
        (SHAPES, "coverage", "coverage needs covered, and Chair/a has none measured"),
        (SHAPES, "calibration-error", "needs reliability, and Chair/a has none measured"),
        (
            [Measured("Mug", "a", failed_shape(torch.tensor([0]), 2))],
            "calibration-error",
            "calibration-error needs a shape with a labelled row, got none of 1",
        ),
        (
            [Measured("Mug", "a", failed_shape(torch.tensor([0]), 2, torch.tensor([-1])))],
            "instance-ap50",
            "instance-ap50 needs a part that a shape has, got none",
        ),
    ],
)
def test_says_what_is_wrong(shapes: list[Measured], protocol: str, message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        score(protocol, shapes, PARTS)
