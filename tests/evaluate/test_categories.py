"""What the shapes of a category must agree on, and who may teach whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from pdengine.errors import ConfigError, LoadError
from pdengine.evaluate.outputs import write
from pdengine.evaluate.protocols import score
from pdengine.evaluate.results import measured, one_score

EVERY = ("partslip", "partdistill-tta", "partdistill-pre", "partdistill-collection")


def test_parts_that_have_labels_and_are_not_asked_for_are_missed_and_nothing_else(
    tmp_path: Path, odd: ModuleType
) -> None:
    """As a lamp of ShapeNetPart: four parts are scored, two are asked for."""
    lanterns = [odd.Lantern(k) for k in range(4)]
    found = odd.run_small(tmp_path, examples=lanterns, methods=EVERY, teacher="simulated-clean")
    assert {row.error for row in found.rows} == {None}
    assert len(found.rows) == 5 * 4
    for row in found.rows:
        assert row.counts["truth"] == [60, 40, 20]
        assert row.counts["predicted"][2] == 0
        value = one_score(row, found.parts, "shapenetpart-instance")
        given = row.counts["predicted_known"]
        overlap = [
            row.counts["intersection"][k]
            / (given[k] + row.counts["truth"][k] - row.counts["intersection"][k])
            for k in range(3)
        ]
        assert value == sum(overlap) / 3


def test_a_shape_that_is_measured_teaches_nobody(tmp_path: Path, odd: ModuleType) -> None:
    """--split train, and PartDistill's files without lists, where every shape is in every split."""
    shapes = odd.mugs(5)
    plan = odd.small_plan(tmp_path, examples=shapes, train=shapes)
    for group in (shapes, shapes[:2]):
        for fold in plan.folds("mug", group):
            assert fold.learned
            assert not {e.name for e in fold.learned} & {e.name for e in fold.labelled}
    (fold,) = plan.folds("mug", shapes[:2])  # measured with a limit: the others are there to learn
    assert [e.name for e in fold.learned] == [e.name for e in shapes[2:]]
    even, odd_half = plan.folds("mug", shapes)
    assert (even.labelled, odd_half.labelled) == (tuple(shapes[1::2]), tuple(shapes[::2]))


def test_shapes_of_a_category_must_name_their_parts_alike(tmp_path: Path, odd: ModuleType) -> None:
    """Else part 0 is a pole to the student and a plate to the truth."""
    turned = replace(odd.Mast(2), parts=("plate", "pole"), prompt="mast: plate, pole")
    message = "Mast: mast_1 and mast_2 must have the same parts, got pole, plate and plate, pole"
    with pytest.raises(ConfigError, match=message):
        odd.run_small(tmp_path, examples=[odd.Mast(1), turned], methods=("vote",))


@pytest.mark.parametrize("place", [0, 2])
def test_a_file_without_readable_names_is_scored_as_unlabelled(
    tmp_path: Path, odd: ModuleType, place: int
) -> None:
    examples = odd.mugs(2)
    examples.insert(place, odd.Nameless("mug", 7))
    found = odd.run_small(tmp_path, examples=examples, methods=EVERY)
    assert len(found.rows) == 3 * 5
    wrong = [row for row in found.rows if row.shape == "nameless_7"]
    assert {row.error for row in wrong} == {"mug.ply: must begin with ply, got cat"}
    assert all(row.counts["truth"] == [1, 1] for row in wrong)
    assert all(row.error is None for row in found.rows if row.shape != "nameless_7")
    assert {number.failed for number in write(found)} == {1}


def test_a_category_of_which_nothing_can_be_read_is_an_error(
    tmp_path: Path, odd: ModuleType
) -> None:
    with pytest.raises(LoadError, match="must begin with ply"):
        odd.run_small(tmp_path, examples=[odd.Nameless("mug", 7)], methods=("vote",))


def test_a_shape_whose_labels_cannot_be_read_misses_its_instances_too(
    tmp_path: Path, odd: ModuleType
) -> None:
    """Else one damaged file would take the whole protocol away."""
    examples = [odd.Mast(1), odd.Mast(2), odd.Unreadable(3)]
    config = replace(odd.FAST, instances=True)
    found = odd.run_small(
        tmp_path, examples=examples, methods=("vote",), teacher="simulated-clean", config=config
    )
    assert [row.error is None for row in found.rows] == [True, True, False]
    whole = score("instance-ap50", measured(found.rows), found.parts, resamples=0)
    others = score("instance-ap50", measured(found.rows[:2]), found.parts, resamples=0)
    assert whole.shapes == 3
    assert 0 < whole.overall < others.overall
