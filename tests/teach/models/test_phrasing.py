"""From part names to phrases and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.models.phrasing import Phrasing, make_phrasing, read_phrases
from pdengine.types import PartList

CHAIR = PartList(("Seat", "car seat"), "Chair")


def test_every_template_makes_a_phrase_for_every_part() -> None:
    asked = Phrasing(("{part}", "{category} {part}")).ask(CHAIR)
    assert asked.phrases == ("seat", "chair seat", "car seat", "chair car seat")
    assert asked.part == (0, 0, 1, 1)
    assert asked.of(1) == ["car seat", "chair car seat"]


def test_a_template_that_needs_a_category_is_left_out_without_one() -> None:
    asked = Phrasing(("{part}", "{category} {part}")).ask(PartList(("seat",)))
    assert asked.phrases == ("seat",)


def test_a_phrase_is_asked_once_for_a_part() -> None:
    assert Phrasing(("{part}", "{part}")).ask(PartList(("seat",))).phrases == ("seat",)


def test_a_phrase_that_names_another_part_is_that_parts_alone() -> None:
    """A box of the back of a chair would else be as much a back as a chair back."""
    asked = Phrasing(("{part}", "{category} {part}")).ask(PartList(("back", "Chair back"), "chair"))
    assert asked.phrases == ("back", "chair back", "chair chair back")
    assert asked.part == (0, 1, 1)


def test_a_phrase_of_a_file_belongs_to_one_part(tmp_path: Path) -> None:
    file = tmp_path / "phrases.json"
    file.write_text(json.dumps({"Seat": ["a cushion"], "car seat": ["a seat", "A cushion"]}))
    phrasing = make_phrasing(("{part}",), file)
    assert phrasing.ask(PartList(("Seat",))).phrases == ("a cushion",)
    with pytest.raises(TeacherError) as caught:
        phrasing.ask(CHAIR)
    assert str(caught.value) == (
        f"{file} must have each phrase for one part of 'Chair', got 'A cushion' for 'Seat' and "
        "'car seat'"
    )


def test_scores_of_phrases_become_scores_of_their_parts() -> None:
    asked = Phrasing(("{part}", "{category} {part}")).ask(CHAIR)
    score = torch.tensor([[0.1, 0.5, 0.4, 0.2]])
    assert torch.allclose(asked.combine(score, "max"), torch.tensor([[0.5, 0.4]]))
    assert torch.allclose(asked.combine(score, "mean"), torch.tensor([[0.3, 0.3]]))


def test_phrases_of_a_file_replace_the_templates(tmp_path: Path) -> None:
    file = tmp_path / "phrases.json"
    file.write_text(
        json.dumps({"Seat": ["where one sits", " a cushion "], "car seat": ["of a car"]})
    )
    asked = make_phrasing(("{part}",), file).ask(CHAIR)
    assert asked.phrases == ("where one sits", "a cushion", "of a car")
    assert asked.part == (0, 0, 1)


def test_phrases_of_a_category_go_before_those_of_all(tmp_path: Path) -> None:
    file = tmp_path / "phrases.json"
    file.write_text(json.dumps({"leg": ["a leg"], "Chair": {"leg": ["a chair leg"]}}))
    phrasing = make_phrasing(("{part}",), file)
    assert phrasing.ask(PartList(("leg",), "chair")).phrases == ("a chair leg",)
    assert phrasing.ask(PartList(("leg",), "table")).phrases == ("a leg",)
    assert phrasing.ask(PartList(("leg",))).phrases == ("a leg",)


def test_a_category_that_is_left_out_is_named(tmp_path: Path) -> None:
    file = tmp_path / "phrases.json"
    file.write_text('{"chair": {"leg": ["a chair leg"]}}')
    with pytest.raises(TeacherError, match="for every part, none for 'leg' of 'table'"):
        make_phrasing((), file).ask(PartList(("leg",), "table"))


def test_a_file_must_have_every_part(tmp_path: Path) -> None:
    file = tmp_path / "phrases.json"
    file.write_text('{"Seat": ["a seat"]}')
    with pytest.raises(TeacherError, match=r"phrases\.json must have phrases .*'car seat'"):
        make_phrasing((), file).ask(CHAIR)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"must be JSON \(JSONDecodeError\)"),
        ("[]", "from part names to lists"),
        ("{}", "from part names to lists"),
        ('{"a": "b"}', "'a' must have a list of 1 to 64 phrases, got b"),
        ('{"a": []}', r"got \[\]"),
        ('{"a": [" "]}', "not empty"),
        ('{"a": [1]}', "not empty"),
        ('{"Cup": {"a": ["b"]}, "cup": {"a": ["c"]}}', "must stand there once, got Cup, cup"),
        ('{"chair": {"a": "b"}}', "'a' must have a list of 1 to 64 phrases, got b"),
        ("[" * 100_000, r"must be JSON \(RecursionError\)"),
        (" " * (1 << 21), "at most 1048576 bytes"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "phrases.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_phrases(file)


def test_says_that_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.json: there is no such file of phrases"):
        read_phrases(tmp_path / "none.json")


def test_says_how_phrases_can_be_combined() -> None:
    with pytest.raises(ConfigError, match="combine must be one of max, mean, got 'sum'"):
        make_phrasing(("{part}",), None, "sum")
