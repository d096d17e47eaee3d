"""A folder of shapes is taught one by one, aligned together, and nothing in it is lost silently."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from pdengine.cameras import rig
from pdengine.collection import Collection, read_units, write_units
from pdengine.config import DistillConfig, EngineConfig, RenderConfig
from pdengine.errors import ConfigError, ShapeError, StudentError
from pdengine.io import load
from pdengine.pipeline import Engine
from pdengine.types import PartList, PixelScores, Views

CONFIG = EngineConfig(
    points=400,
    up="y",
    render=RenderConfig(views=2, size=(64, 64), surface_points=2000),
    distill=DistillConfig(steps=15, rounds=1, anchors=256),
)


def test_every_shape_is_labelled_and_the_student_says_where_it_comes_from(towers, stripes):
    collection = Collection("tower: top, bottom", CONFIG, teacher=stripes())
    collection.add_files(towers)
    result = collection.align()
    assert sorted(result.answers) == ["tower0", "tower1", "tower2"]
    assert not result.failures
    for answer in result.answers.values():
        assert answer.mode == "collection"
        top = answer.shape.world[answer.labels == 0][:, 1].mean()
        assert top > answer.shape.world[answer.labels == 1][:, 1].mean()
    about = result.student.about
    assert (about["teacher"], about["teacher_licence"]) == ("stripes", "public domain")
    assert (about["shapes"], about["category"]) == (3, "tower")


def test_a_broken_an_empty_and_a_hopeless_shape_are_listed_and_the_rest_is_aligned(
    towers, tmp_path, stripes, write_tower
):
    broken, empty = tmp_path / "broken.ply", tmp_path / "empty.obj"
    broken.write_text("ply\nformat")
    empty.write_text("")
    hopeless = write_tower(tmp_path / "zz.xyz", 9)
    collection = Collection("tower: top, bottom", CONFIG, teacher=stripes(blind_after=3))
    collection.add_files([*towers, broken, empty, hopeless])
    result = collection.align()
    assert set(result.failures) == {"broken.ply", "empty.obj", "zz"}
    assert "header" in result.failures["broken.ply"]
    assert "broken.ply" not in result.failures["broken.ply"], "the name is said once, as the key"
    assert "empty" in result.failures["empty.obj"]
    assert "no part was found" in result.failures["zz"]
    assert sorted(result.answers) == ["tower0", "tower1", "tower2", "zz"]
    assert result.answers["zz"].found, "the student labels what its teacher did not see"


def test_a_second_run_asks_the_teacher_nothing_and_says_the_same(towers, tmp_path, stripes):
    teacher = stripes()
    labels = []
    for _ in range(2):
        collection = Collection("top, bottom", CONFIG, teacher=teacher, cache=tmp_path / "cache")
        collection.add_files(towers)
        result = collection.align()
        labels.append([answer.labels for answer in result.answers.values()])
    assert teacher.calls == 3
    assert result.cached == 3
    assert all(torch.equal(a, b) for a, b in zip(*labels, strict=True))


def test_a_stopped_run_goes_on_with_the_next_shape(towers, tmp_path, stripes):
    class Stopped(stripes):
        def __call__(self, views: Views, parts: PartList) -> PixelScores:
            if self.calls == 2:
                raise KeyboardInterrupt
            return super().__call__(views, parts)

    with pytest.raises(KeyboardInterrupt):
        Collection("top, bottom", CONFIG, teacher=Stopped(), cache=tmp_path / "c").add_files(towers)
    teacher = stripes()
    again = Collection("top, bottom", CONFIG, teacher=teacher, cache=tmp_path / "c")
    again.add_files(towers)
    assert (again.cached, teacher.calls) == (2, 1)


def test_other_settings_do_not_use_the_cache(towers, tmp_path, stripes):
    teacher = stripes()
    for names in ("top, bottom", "roof, floor"):
        Collection(names, CONFIG, teacher=teacher, cache=tmp_path / "c").add_files(towers[:1])
    assert teacher.calls == 2


def test_another_version_of_the_teacher_does_not_use_the_cache(towers, tmp_path, stripes):
    for version in ("1", "2"):
        teacher = stripes()
        teacher.identity = version
        Collection("a, b", CONFIG, teacher=teacher, cache=tmp_path / "c").add_files(towers[:1])
        assert teacher.calls == 1


def test_units_with_a_skipped_view_are_not_kept(towers, tmp_path, stripes):
    class Failing(stripes):
        def __call__(self, views: Views, parts: PartList) -> PixelScores:
            first = rig(4, up="y").rotation[0]
            if bool((views.cameras.rotation == first).all(2).all(1).any()):
                raise RuntimeError("not now")
            return super().__call__(views, parts)

    config = replace(CONFIG, render=replace(CONFIG.render, views=4))
    for teacher, kept in ((Failing(), 0), (stripes(), 1)):
        collection = Collection("top, bottom", config, teacher=teacher, cache=tmp_path / "c")
        collection.add_files(towers[:1])
        assert (collection.failures, collection.cached) == ({}, 0)
        assert len(list((tmp_path / "c").iterdir())) == kept


def test_a_damaged_cache_is_said_and_the_teacher_is_asked(towers, tmp_path, stripes, caplog):
    for again in (False, True):
        collection = Collection("top, bottom", CONFIG, teacher=stripes(), cache=tmp_path / "d")
        collection.add_files(towers[:1])
        assert collection.cached == 0
        assert ("cached units must be whole" in caplog.text) == again
        (cached,) = (tmp_path / "d").iterdir()
        cached.write_bytes(cached.read_bytes()[:40])


def test_a_damaged_cache_is_an_error_to_its_reader(towers, tmp_path, stripes):
    collection = Collection("top, bottom", CONFIG, teacher=stripes(), cache=tmp_path / "c")
    collection.add_files(towers[:1])
    (cached,) = (tmp_path / "c").iterdir()
    cached.write_bytes(cached.read_bytes()[:40])
    with pytest.raises(StudentError, match="cached units must be whole"):
        read_units(cached, 300)


def test_units_survive_a_file(towers, tmp_path, stripes):
    collection = Collection("top, bottom", CONFIG, teacher=stripes())
    collection.add_files(towers[:1])
    units = collection.members[0].units
    write_units(units, tmp_path / "u")
    again = read_units(tmp_path / "u", units.count)
    assert again is not None
    for name in ("label", "score", "offsets", "point", "view", "seen"):
        assert torch.equal(getattr(again, name), getattr(units, name))
    assert read_units(tmp_path / "u", units.count + 1) is None
    assert read_units(tmp_path / "nothing", 3) is None


def test_labelled_shapes_are_trusted(towers, tmp_path, stripes):
    """The teacher is blind: all knowledge comes from one labelled file."""
    seeing = Engine(CONFIG, teacher=stripes())
    labelled = tmp_path / "labelled.ply"
    seeing.set_shape(load(towers[0])).segment("top, bottom").save(str(labelled))
    collection = Collection("tower: bottom, top", CONFIG, teacher=stripes(blind_after=0))
    collection.add_labelled([labelled])
    collection.add_files(towers[1:])
    result = collection.align()
    assert len(result.answers) == 2
    for answer in result.answers.values():  # the other order of names is understood
        high = answer.shape.world[answer.labels == 1][:, 1].mean()
        assert high > answer.shape.world[answer.labels == 0][:, 1].mean()


def test_generated_shapes_teach_and_get_no_answer(stripes):
    collection = Collection("mug: body, handle", CONFIG, teacher=stripes())
    collection.add_generated(2)
    result = collection.align()
    assert not result.answers
    assert result.student.about["shapes"] == 2


@pytest.mark.parametrize("names", ["body, handle", "spoon: bowl, grip"])
def test_generated_shapes_need_a_known_category(names, stripes):
    with pytest.raises(ConfigError, match="generated shapes need a category of airplane"):
        Collection(names, CONFIG, teacher=stripes()).add_generated(1)


def test_nothing_to_align_is_said_with_the_reasons(tmp_path, stripes, write_tower):
    empty = tmp_path / "empty.obj"
    empty.write_text("")
    collection = Collection("top, bottom", CONFIG, teacher=stripes())
    collection.add_files([empty])
    with pytest.raises(ShapeError, match=r"a shape that can be read; empty.obj: .*empty"):
        collection.align()
    blind = Collection("top, bottom", CONFIG, teacher=stripes(blind_after=0))
    blind.add_files([write_tower(tmp_path / "t.xyz", 1)])
    with pytest.raises(ShapeError, match="a part that is found; t: no part was found"):
        blind.align()


def test_names_that_clash_get_a_number(tmp_path, stripes, write_tower):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = [write_tower(tmp_path / folder / "tower.xyz", 1) for folder in "ab"]
    collection = Collection("top, bottom", CONFIG, teacher=stripes())
    collection.add_files(files)
    assert sorted(collection.align().answers) == ["tower", "tower_2"]
