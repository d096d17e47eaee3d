"""Many shapes in one call: each gets what it gets alone, in order, and none ends the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import pdengine as pde
from pdengine import many_shapes
from pdengine.config import DistillConfig, EngineConfig, RenderConfig, with_options
from pdengine.distill import SavedStudent, load_student, save_student
from pdengine.errors import ConfigError, LoadError, PartError, ShapeError, TeacherError
from pdengine.pipeline import Engine
from pdengine.teach import parse_parts
from pdengine.types import PartList, PixelScores, Segmentation, Units, Views

PARTS = "tower: spire, block"
SMALL = EngineConfig(
    up="y",
    render=RenderConfig(views=3, size=(48, 48), surface_points=4_000),
    distill=DistillConfig(anchors=200, steps=12, rounds=2),
)


def labelled(found: Iterator[Any] | Sequence[Any]) -> list[Segmentation]:
    results = list(found)
    for result in results:
        assert isinstance(result, Segmentation), result
    return results


def same(one: Segmentation, other: Segmentation) -> None:
    assert torch.equal(one.labels, other.labels)
    assert torch.equal(one.scores, other.scores)
    assert torch.equal(one.vote_labels, other.vote_labels)
    assert one.warnings == other.warnings
    assert one.meta == other.meta
    assert set(one.timings) - {"load teacher", "load encoder"} == set(other.timings) - {
        "load teacher",
        "load encoder",
    }


def bottom_to_top(count: int) -> Tensor:
    """Points on the y axis, a random depth each: nothing else to tell them apart by."""
    xyz = torch.rand(count, 3, generator=torch.Generator().manual_seed(count)) * 0.1
    xyz[:, 1] = torch.linspace(0, 1, count)
    return xyz


def halves(count: int, parts: int = 2) -> Units:
    """The lowest points are the last part, the highest the first; between them nobody says."""
    third = max(count // 3, 1)
    low, high = torch.arange(third), torch.arange(count - third, count)
    point = torch.cat([low, high])
    label = torch.tensor([parts - 1, 0])
    offsets = torch.tensor([0, third, 2 * third])
    return Units(label, torch.tensor([0.9, 0.9]), offsets, point, torch.tensor([0, 0]), count)


def nothing(count: int) -> Units:
    none = torch.zeros(0, dtype=torch.int64)
    return Units(none, torch.zeros(0), torch.zeros(1, dtype=torch.int64), none, none, count)


def test_two_lines_are_cut_in_the_middle_by_hand() -> None:
    lines, units = [bottom_to_top(60), bottom_to_top(90)], [halves(60), halves(90)]
    for line, found in zip(
        lines, labelled(pde.segment_many(lines, PARTS, units=units, config=SMALL)), strict=True
    ):
        third = len(line) // 3
        assert found.labels[:third].tolist() == [1] * third
        assert found.labels[-third:].tolist() == [0] * third
        assert int(found.labels.diff().ne(0).sum()) == 1  # one cut, where nobody said


@pytest.mark.parametrize("mode", ["tta", "vote", "partslip"])
def test_every_shape_gets_what_it_gets_alone(
    mode: str, towers: list[Path], stripes: Callable[..., Any]
) -> None:
    config = with_options(SMALL, mode=mode)
    many = labelled(pde.segment_many(towers, PARTS, config=config, teacher=stripes()))
    for path, found in zip(towers, many, strict=True):
        same(found, pde.segment(path, PARTS, config=config, teacher=stripes()))
        assert found.timings["total"] == pytest.approx(
            sum(ms for stage, ms in found.timings.items() if stage != "total")
        )
    backwards = labelled(pde.segment_many(towers[::-1], PARTS, config=config, teacher=stripes()))
    for one, other in zip(many, backwards[::-1], strict=True):
        same(one, other)


def test_a_shape_that_fails_ends_no_other_and_keeps_its_place(
    tmp_path: Path, towers: list[Path], stripes: Callable[..., Any]
) -> None:
    bad = tmp_path / "bad.ply"
    bad.write_text("not a ply")
    shapes = [bad, towers[0], tmp_path / "missing.ply", torch.zeros(0, 3), towers[1]]
    found = list(pde.segment_many(shapes, PARTS, config=SMALL, teacher=stripes()))
    kinds = [LoadError, Segmentation, LoadError, ShapeError, Segmentation]
    assert [type(one) for one in found] == kinds
    assert "bad.ply" in str(found[0])
    alone = pde.segment(towers[1], PARTS, config=SMALL, teacher=stripes())
    assert isinstance(found[4], Segmentation)
    same(found[4], alone)


def test_a_teacher_that_fails_at_one_shape_ends_no_other(towers: list[Path]) -> None:
    shapes = []

    def teacher(views: Views, parts: PartList) -> PixelScores:
        if len(views) == SMALL.render.views:  # else it is asked about one that has failed
            shapes.append(views)
        if len(shapes) == 2:
            raise RuntimeError("out of paper")
        return PixelScores(0.4 * (views.index >= 0)[:, None].float().expand(-1, 2, -1, -1))

    found = list(pde.segment_many(towers, PARTS, config=SMALL, teacher=teacher))
    assert isinstance(found[1], TeacherError)
    assert "out of paper" in str(found[1])
    assert isinstance(found[0], Segmentation)
    assert isinstance(found[2], Segmentation)


def test_a_shape_in_which_nothing_is_found_is_unlabelled_and_says_so() -> None:
    lines = [bottom_to_top(60), bottom_to_top(60)]
    units = [nothing(60), halves(60)]
    empty, found = labelled(pde.segment_many(lines, PARTS, units=units, config=SMALL))
    assert (empty.labels == -1).all()
    assert "no part was found" in empty.warnings[0]
    assert found.found
    assert "align" not in empty.timings


def test_shapes_may_be_asked_for_parts_of_their_own() -> None:
    prompts = [parse_parts(text) for text in ("one", "a, b", "p, q, r, s, t, u")]
    lines = [bottom_to_top(60)] * 3
    units = [halves(60, len(prompt)) for prompt in prompts]
    many = labelled(pde.segment_many(lines, prompts, units=units, config=SMALL))
    for names, said, found in zip(prompts, units, many, strict=True):
        assert found.names == names.names
        same(found, pde.segment(lines[0], names, units=said, config=SMALL))


def test_an_engine_that_has_loaded_asks_no_more_than_needed(
    towers: list[Path], stripes: Callable[..., Any]
) -> None:
    teacher = stripes()
    engine = Engine(SMALL, teacher=teacher).set_shape(towers[0])
    first = engine.segment(PARTS)
    found = labelled(pde.segment_many(towers[1:], PARTS, engine=engine))
    assert teacher.calls == 3
    same(found[0], pde.segment(towers[1], PARTS, config=SMALL, teacher=stripes()))
    again = engine.segment(PARTS)  # of the shape that it was set, from what it has kept
    assert teacher.calls == 3
    assert torch.equal(again.labels, first.labels)


def test_answers_come_as_soon_as_they_are_known(
    towers: list[Path], stripes: Callable[..., Any]
) -> None:
    teacher = stripes()
    found = pde.segment_many(towers, PARTS, config=SMALL, teacher=teacher)
    assert teacher.calls == 0
    assert isinstance(next(found), Segmentation)
    assert teacher.calls == 1  # nobody waits for the others on a CPU


def test_a_student_labels_many_shapes(
    tmp_path: Path, towers: list[Path], stripes: Callable[..., Any]
) -> None:
    collection = pde.Collection(PARTS, SMALL, teacher=stripes())
    collection.add_files(towers[:2])
    save_student(collection.align().student, tmp_path / "student.safetensors")
    student: SavedStudent = load_student(tmp_path / "student.safetensors")
    for path, found in zip(
        towers, labelled(pde.segment_many(towers, student=student)), strict=True
    ):
        same(found, pde.segment(path, student=student))


def test_nothing_is_answered_with_nothing(stripes: Callable[..., Any]) -> None:
    assert list(pde.segment_many([], PARTS, config=SMALL, teacher=stripes())) == []


@pytest.mark.parametrize(
    ("error", "message", "given"),
    [
        (ShapeError, "shapes must be a list of shapes, got one str", {"shapes": "a.ply"}),
        (ShapeError, "must be a list of shapes, got one Tensor", {"shapes": torch.rand(9, 3)}),
        (PartError, "a part list must name at least one part", {"parts": []}),
        (
            PartError,
            "parts must be a PartList for each of 2 shapes, got 1",
            {"parts": [parse_parts("a, b")]},
        ),
        (ConfigError, "units must be one for each of 2 shapes, got 1", {"units": [halves(60)]}),
        (
            PartError,
            "units need the part names",
            {"parts": None, "units": [halves(60), halves(60)]},
        ),
        (ConfigError, "an engine has its settings, got seed too", {"engine": 1, "seed": 3}),
        (ConfigError, "option must be one of", {"colour": "red"}),
        (TeacherError, "category 'unicorn' is not in its vocabulary", {"parts": "unicorn: horn"}),
    ],
)
def test_what_would_fail_every_shape_is_said_at_once(
    error: type[Exception], message: str, given: dict[str, Any]
) -> None:
    given = {"shapes": [bottom_to_top(60), bottom_to_top(60)], "parts": PARTS, **given}
    with pytest.raises(error) as caught:
        pde.segment_many(given.pop("shapes"), given.pop("parts"), **given)
    assert message in str(caught.value)


def test_units_of_another_number_of_points_fail_their_shape_alone() -> None:
    lines = [bottom_to_top(60), bottom_to_top(60)]
    bad, good = pde.segment_many(lines, PARTS, units=[halves(50), halves(60)], config=SMALL)
    assert isinstance(bad, TeacherError)
    assert isinstance(good, Segmentation)


# What follows pretends: see device_mode.py.


@pytest.mark.parametrize("most", [64, 2])
def test_a_gpu_aligns_shapes_together_and_they_get_the_labels_of_each_alone(
    most: int,
    towers: list[Path],
    stripes: Callable[..., Any],
    pretend_gpu: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(many_shapes, "MOST_TOGETHER", most)
    counts: list[int] = []
    align = Engine.align

    def counted(engine: Engine, lessons: Any, classes: Any) -> Any:
        counts.append(len(lessons))
        return align(engine, lessons, classes)

    monkeypatch.setattr(Engine, "align", counted)
    config = with_options(SMALL, device="cuda")
    teacher = stripes()
    shapes = [towers[0], "missing.ply", *towers[1:]]
    found = list(pde.segment_many(shapes, PARTS, config=config, teacher=teacher))
    assert isinstance(found.pop(1), LoadError)
    assert counts == ([3] if most == 64 else [1, 2])
    for path, result in zip(towers, found, strict=True):
        assert isinstance(result, Segmentation)
        alone = pde.segment(path, PARTS, config=config, teacher=stripes())
        assert (alone.labels == result.labels).float().mean() >= 0.999
        assert result.labels.device.type == "cpu"
        assert result.timings["align"] > 0
        assert list(result.timings)[-1] == "total"


def test_views_that_wait_on_a_gpu_are_bounded(
    towers: list[Path],
    stripes: Callable[..., Any],
    pretend_gpu: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = 3 * 48 * 48 * (12 + 4 + 4 + 12)  # bytes of colours, index, depth, normals
    monkeypatch.setattr(many_shapes, "MOST_HELD", 2 * each)
    teacher = stripes()
    config = with_options(SMALL, device="cuda", distill=replace(SMALL.distill, rounds=0))
    found = pde.segment_many(towers, PARTS, config=config, teacher=teacher)
    next(found)
    assert teacher.calls == 2
    next(found)
    assert teacher.calls == 2
    next(found)
    assert teacher.calls == 3
