"""What can be had by name, and what its card says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach import TEACHERS, TeacherCard, as_teacher, card_of, make_teacher, said_of
from pdengine.types import PartList, PixelScores, Views


def test_a_result_says_what_the_card_says():
    teacher = make_teacher("embedded-masks")
    assert said_of(teacher) == {
        "teacher": "embedded-masks",
        "teacher_kind": "masks",
        "teacher_licence": "Apache-2.0",
        "teacher_limits": "",
        "teacher_trains_others": "yes",
        "teacher_weights": "in the package",
    }


def test_of_a_plain_function_nothing_is_known():
    def mine(views: Views, parts: PartList) -> PixelScores:
        raise AssertionError

    teacher = as_teacher(mine)
    assert card_of(teacher) is None
    said = said_of(teacher)
    assert said.pop("teacher") == "mine"
    assert set(said.values()) == {"unknown"}


def test_a_function_can_carry_a_card():
    class Mine:
        name = "mine"
        card = TeacherCard("mine", "boxes", "cups", "MIT", "not in a car", "no")

        def __call__(self, views: Views, parts: PartList) -> PixelScores:
            raise AssertionError

    said = said_of(as_teacher(Mine(), name="another"))
    assert said["teacher"] == "another"
    assert said["teacher_limits"] == "not in a car"
    assert said["teacher_trains_others"] == "no"


def test_a_licence_alone_is_said_too(stripes):
    assert said_of(stripes())["teacher_licence"] == "public domain"
    assert said_of(as_teacher(stripes(), name="another"))["teacher_licence"] == "public domain"


def test_every_entry_is_listed_under_its_own_name():
    assert {name: entry.card.name for name, entry in TEACHERS.items()} == {n: n for n in TEACHERS}


@pytest.mark.parametrize("name", ["embedded", "embedded-boxes", "embedded-masks"])
def test_the_package_brings_these_and_they_fetch_nothing(name):
    entry = TEACHERS[name]
    assert entry.why_not() is None
    assert entry.pull is None
    teacher = make_teacher(name, offline=True)
    assert card_of(teacher) == entry.card
    assert teacher.name == name


def test_other_weights_are_an_option(tmp_path: Path):
    with pytest.raises(TeacherError, match=r"embedded: its weights .*none are missing"):
        make_teacher("embedded-boxes", path=tmp_path / "none")


def test_says_what_is_wrong():
    with pytest.raises(ConfigError, match="embedded has no option 'temperature': it takes none"):
        make_teacher("embedded", temperature=2)
    with pytest.raises(ConfigError, match=r"mine: kind must be one of pixels, .* 'dots'"):
        TeacherCard("mine", "dots", "", "MIT")
