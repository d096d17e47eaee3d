"""What is counted of one shape: by hand, against plain loops, as rows, and what is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pdengine.errors import PdengineError, ScoreError
from pdengine.evaluate.counts import ShapeCounts, count_shape, failed_shape
from pdengine.evaluate.shape_counts import PredictedInstance

TRUTH = torch.tensor([0, 0, 0, 1, 1, -1])
PREDICTED = torch.tensor([0, 0, 1, 1, -1, 1])


def test_by_hand() -> None:
    counts = count_shape(PREDICTED, TRUTH, 3)
    assert (counts.rows, counts.labelled, counts.covered) == (6, 5, None)
    assert counts.intersection == (2, 1, 0)
    assert counts.predicted == (2, 3, 0)
    assert counts.predicted_known == (2, 2, 0)
    assert counts.truth == (3, 2, 0)
    assert (counts.reliability, counts.instances, counts.parts) == (None, None, 3)


def test_coverage_counts_rows() -> None:
    covered = torch.tensor([True, True, False, False, True, False])
    assert count_shape(PREDICTED, TRUTH, 3, covered=covered).covered == 3


def test_confidences_fall_into_ten_bins() -> None:
    scores = torch.tensor([0.05, 0.5, 0.59375, 1.0, 0.9, 0.3])
    bins = count_shape(PREDICTED, TRUTH, 3, scores=scores).reliability
    assert bins is not None  # row 4 is unlabelled, row 5 has no true part
    assert bins.count == (1, 0, 0, 0, 0, 2, 0, 0, 0, 1)
    assert bins.correct == (1, 0, 0, 0, 0, 1, 0, 0, 0, 1)
    assert bins.confidence[5] == 0.5 + 0.59375


def test_a_score_per_part_gives_that_of_the_label() -> None:
    table = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    bins = count_shape(torch.tensor([1, 0]), torch.tensor([1, 1]), 2, scores=table).reliability
    assert bins is not None
    assert bins.count == (0, 0, 0, 0, 0, 1, 0, 1, 0, 0)
    assert bins.correct == (0, 0, 0, 0, 0, 0, 0, 1, 0, 0)


def test_instances_by_hand() -> None:
    truth = torch.tensor([0, 0, 0, 0, 1, 1, -1, -1])
    legs = torch.tensor([7, 7, 9, 9, 9, 9, 3, -1])  # id 9 has two parts: two instances
    own = torch.tensor([0, 0, 0, 1, 1, -1, 1, 1])
    answer = (own, torch.tensor([0, 0, 1]), torch.tensor([0.9, 0.8, 0.5]))
    found = count_shape(truth, truth, 2, instances=answer, true_instances=legs).instances
    assert found is not None
    assert found.true_rows == ((2, 2), (2,))
    # Row 6 is of a true instance without a part: it is nobody's.  Row 7 is of none: it counts.
    assert [one.rows for one in found.predicted] == [3, 3, 0]
    assert [one.overlaps for one in found.predicted] == [((0, 2), (1, 1)), ((1, 1),), ()]
    assert [one.part for one in found.predicted] == [0, 0, 1]


def test_instances_are_measured_where_both_sides_have_them() -> None:
    none = torch.zeros(0, dtype=torch.int64)
    answer = (torch.full((6,), -1), none, none.double())
    assert count_shape(PREDICTED, TRUTH, 3, instances=answer).instances is None
    assert count_shape(PREDICTED, TRUTH, 3, true_instances=TRUTH).instances is None
    found = count_shape(PREDICTED, TRUTH, 3, instances=answer, true_instances=TRUTH).instances
    assert found is not None
    assert (found.true_rows, found.predicted) == (((3,), (2,), ()), ())


def test_a_failed_shape_is_unlabelled_and_uncovered() -> None:
    counts = failed_shape(TRUTH, 2, TRUTH)
    assert (counts.rows, counts.labelled, counts.covered) == (6, 0, 0)
    assert counts.truth == (3, 2)
    assert counts.intersection == counts.predicted == counts.predicted_known == (0, 0)
    assert counts.reliability is not None
    assert sum(counts.reliability.count) == 0
    assert counts.instances is not None
    assert counts.instances.predicted == ()
    assert failed_shape(TRUTH, 2).instances is None


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16])
def test_any_integers_will_do(dtype: torch.dtype) -> None:
    assert count_shape(PREDICTED.to(dtype), TRUTH.to(dtype), 3) == count_shape(PREDICTED, TRUTH, 3)


def test_scores_of_any_precision_will_do() -> None:
    halves = torch.full((6,), 0.5)
    whole = count_shape(PREDICTED, TRUTH, 3, scores=halves)
    for dtype in (torch.float64, torch.float16, torch.bfloat16):
        assert count_shape(PREDICTED, TRUTH, 3, scores=halves.to(dtype)) == whole


def test_a_shape_without_rows_counts_nothing() -> None:
    nothing = torch.zeros(0, dtype=torch.int64)
    empty = nothing.double()
    counts = count_shape(
        nothing,
        nothing,
        2,
        scores=empty,
        instances=(nothing, nothing, empty),
        true_instances=nothing,
    )
    assert (counts.rows, counts.truth) == (0, (0, 0))
    assert ShapeCounts.from_row(counts.to_row()) == counts


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """A shape with everything, of up to 12 rows."""
    rows, parts, many = (draw(st.integers(low, high)) for low, high in ((0, 12), (1, 4), (0, 4)))

    def ids(most: int) -> torch.Tensor:
        listed = draw(st.lists(st.integers(-1, most - 1), min_size=rows, max_size=rows))
        return torch.tensor(listed, dtype=torch.int64)

    def of_instances(values: Any) -> list[Any]:
        return draw(st.lists(values, min_size=many, max_size=many))  # type: ignore[no-any-return]

    sixteenths = st.integers(0, 16).map(lambda n: n / 16)  # exact sums, and ties
    scores = draw(st.lists(sixteenths, min_size=rows, max_size=rows))
    return {
        "predicted": ids(parts),
        "truth": ids(parts),
        "parts": parts,
        "scores": torch.tensor(scores, dtype=torch.float64),
        "covered": ids(2) > 0,
        "instances": (
            ids(many),
            torch.tensor(of_instances(st.integers(0, parts - 1)), dtype=torch.int64),
            torch.tensor(of_instances(sixteenths), dtype=torch.float64),
        ),
        "true_instances": ids(3),
    }


def by_loops(shape: dict[str, Any]) -> dict[str, Any]:
    """The same counts, one row after the other."""
    predicted, truth, scores = (shape[name].tolist() for name in ("predicted", "truth", "scores"))
    own, kind, sure = (values.tolist() for values in shape["instances"])
    there = shape["true_instances"].tolist()
    parts, rows = range(shape["parts"]), range(len(truth))
    bins = [[n for n in rows if predicted[n] >= 0 <= truth[n]] for _ in range(10)]
    bins = [[n for n in rows_ if min(int(scores[n] * 10), 9) == b] for b, rows_ in enumerate(bins)]
    true = {
        r: [
            {n for n in rows if truth[n] == r and there[n] == k}
            for k in sorted({there[n] for n in rows if truth[n] == r and there[n] >= 0})
        ]
        for r in parts
    }
    free = {n for n in rows if there[n] >= 0 > truth[n]}
    masks = [{n for n in rows if own[n] == i} - free for i in range(len(kind))]
    return {
        "rows": len(truth),
        "labelled": sum(p >= 0 for p in predicted),
        "covered": sum(shape["covered"].tolist()),
        "intersection": [
            sum(p == t == r for p, t in zip(predicted, truth, strict=True)) for r in parts
        ],
        "predicted": [predicted.count(r) for r in parts],
        "predicted_known": [
            sum(p == r and t >= 0 for p, t in zip(predicted, truth, strict=True)) for r in parts
        ],
        "truth": [truth.count(r) for r in parts],
        "reliability": {
            "count": [len(rows_) for rows_ in bins],
            "correct": [sum(predicted[n] == truth[n] for n in rows_) for rows_ in bins],
            "confidence": [sum(scores[n] for n in rows_) for rows_ in bins],
        },
        "instances": {
            "true_rows": [[len(mask) for mask in true[r]] for r in parts],
            "predicted": [
                {
                    "part": kind[i],
                    "score": sure[i],
                    "rows": len(mask),
                    "overlaps": [
                        [k, len(mask & t)] for k, t in enumerate(true[kind[i]]) if mask & t
                    ],
                }
                for i, mask in enumerate(masks)
            ],
        },
    }


@settings(max_examples=100, deadline=None)
@given(shapes())
def test_counts_are_those_of_plain_loops_and_survive_json(shape: dict[str, Any]) -> None:
    counts = count_shape(**shape)
    row = json.loads(json.dumps(counts.to_row(), allow_nan=False))
    assert row == by_loops(shape)
    assert ShapeCounts.from_row(row) == counts


def whole_row() -> dict[str, Any]:
    """A row with everything in it."""
    legs = torch.tensor([0, 0, 1, 2, 2, -1])
    answer = (legs, torch.tensor([0, 0, 1]), torch.tensor([0.9, 0.8, 0.5]))
    return count_shape(
        PREDICTED,
        TRUTH,
        2,
        scores=torch.full((6,), 0.5),
        covered=PREDICTED >= 0,
        instances=answer,
        true_instances=legs,
    ).to_row()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("rows",), None, "rows must be an integer of at least 0, got None"),
        (("rows",), True, "rows must be an integer of at least 0, got True"),
        (("labelled",), -1, "labelled must be an integer of at least 0, got -1"),
        (("rows",), 3, "labelled rows must be among all"),
        (("labelled",), 4, "no part may be given to more rows than are labelled"),
        (("covered",), 7, "covered rows must be among all"),
        (("truth",), [3], "every part must have its four counts"),
        (("truth",), "32", "truth must be a list, got '32'"),
        (("intersection",), [3, 1], "an intersection must be in what it intersects"),
        (("predicted_known",), [2, 4], "an intersection must be in what it intersects"),
        (("reliability",), [], "reliability must be an object with count, correct, confidence"),
        (("reliability", "count"), [0] * 9, "bins must hold no more than they count"),
        (("reliability", "confidence"), ["x"] * 10, "confidence must be a finite number, got 'x'"),
        (("instances", "true_rows"), [[2, 1]], "instances must be of its parts"),
        (("instances", "predicted", 0, "part"), 2, "instances must be of its parts"),
        (("instances", "predicted", 0, "rows"), 1, "instances must be of its parts"),
        (("instances", "predicted", 0, "score"), float("nan"), "score must be a finite number"),
        (("instances", "predicted", 0, "overlaps"), [[0, 2, 1]], "overlaps must be pairs"),
        (("instances", "predicted", 0, "overlaps"), [[5, 2]], "instances must be of its parts"),
    ],
)
def test_a_damaged_row_is_refused(path: tuple[Any, ...], value: Any, message: str) -> None:
    row = copy.deepcopy(whole_row())
    holder = row
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    with pytest.raises(ScoreError, match=message):
        ShapeCounts.from_row(row)


def test_a_row_has_its_fields_and_no_others() -> None:
    row = whole_row()
    with pytest.raises(
        ScoreError, match=r"counts must be an object with rows, labelled, .* got list"
    ):
        ShapeCounts.from_row([row])
    with pytest.raises(ScoreError, match=r"got .*'shape'"):
        ShapeCounts.from_row({**row, "shape": 1})
    del row["truth"]
    with pytest.raises(ScoreError, match="counts must be an object with"):
        ShapeCounts.from_row(row)


INSTANCES = (torch.tensor([0, -1]), torch.tensor([0]), torch.tensor([0.5]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parts": 0}, "parts must be at least 1, got 0"),
        ({"truth": torch.tensor([0, 1, 1])}, r"predicted must be \[3\], got \[2\]"),
        ({"truth": torch.tensor([0, 2])}, r"truth must be in -1 .. 1, got 2"),
        ({"predicted": torch.tensor([-2, 1])}, r"predicted must be in -1 .. 1, got -2"),
        (
            {"predicted": torch.tensor([0.0, 1.0])},
            r"predicted must be \[rows\] of integers, got .*",
        ),
        ({"truth": torch.tensor([[0, 1]])}, r"truth must be \[rows\] of integers, got \[1, 2\]"),
        ({"scores": torch.zeros(3)}, r"scores must be \[2\] or \[2, 2\], got \[3\]"),
        ({"scores": torch.tensor([0.5, 1.5])}, r"scores must be in \[0, 1\], got 1.5"),
        ({"scores": torch.tensor([0.5, torch.nan])}, r"scores must be in \[0, 1\], got nan"),
        ({"covered": torch.zeros(2)}, "covered must be bool, got torch.float32"),
        ({"covered": torch.zeros(3) > 0}, r"covered must be \[2\], got \[3\]"),
        ({"true_instances": torch.tensor([0])}, r"instances must be \[1\], got \[2\]"),
        ({"true_instances": torch.tensor([0, -2])}, "true_instances must be at least -1, got -2"),
        (
            {"instances": (INSTANCES[0] + 1, *INSTANCES[1:])},
            r"instances must be in -1 .. 0, got 1",
        ),
        (
            {"instances": (INSTANCES[0], torch.tensor([-1]), INSTANCES[2])},
            "instances must each have a part and a finite score",
        ),
        (
            {"instances": (*INSTANCES[:2], torch.tensor([torch.inf]))},
            "instances must each have a part and a finite score",
        ),
        (
            {"instances": (*INSTANCES[:2], torch.zeros(2))},
            r"instances must have a part and a score each, \[I\], got \[1\] and \[2\]",
        ),
    ],
)
def test_says_what_is_wrong(change: dict[str, Any], message: str) -> None:
    usual = {"predicted": torch.tensor([0, 1]), "truth": torch.tensor([0, 1]), "parts": 2}
    more = {"instances": INSTANCES, "true_instances": torch.tensor([0, 1])}
    with pytest.raises(ScoreError, match=message) as caught:
        count_shape(**{**usual, **more, **change})
    assert isinstance(caught.value, PdengineError)


def test_counts_that_contradict_each_other_cannot_be_made() -> None:
    with pytest.raises(ScoreError, match="an intersection must be in what it intersects"):
        ShapeCounts(4, 2, None, (3,), (2,), (2,), (3,))
    assert PredictedInstance(0, 0.5, 1, ()).overlaps == ()
