"""Labeled PSB as its authors give it away, whole and damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pdengine.data import open_dataset, survey
from pdengine.errors import LoadError

SQUARE = """OFF
4 2 0
0 0 0
1 0 0
1 1 0
0 1 0
3 0 1 2
3 0 2 3
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A folder with a table of two triangles."""
    (tmp_path / "Table").mkdir()
    (tmp_path / "Table" / "141.off").write_text(SQUARE)
    (tmp_path / "Table" / "141_labels.txt").write_text("support\n2\nleg\n1\n")
    return tmp_path


def test_faces_are_counted_from_one_and_names_read_as_prompts(table: Path) -> None:
    (example,) = open_dataset("psb", table).examples
    assert (example.name, example.category) == ("Table_141", "Table")
    assert example.parts == ("leg", "tabletop")  # "support" is what the file says
    assert example.prompt == "table: leg, tabletop"
    assert example.truth().part.tolist() == [0, 1]


def test_a_shape_comes_back_as_it_was_written(tmp_path: Path, miniatures: Any) -> None:
    written = miniatures.psb_published(tmp_path)
    found = open_dataset("psb", tmp_path)
    assert [e.name for e in found.examples] == ["Chair_9", "Chair_10", "Cup_21"] == list(written)
    assert found.notes == ("test: 3 of the official 380 shapes",)
    for example in found.examples:
        truth, mesh = example.truth(), example.shape()
        assert len(truth.part) == len(mesh.faces)
        own = {example.parts[k] for k in truth.part.unique().tolist()}
        assert own <= set(example.parts)
    cup = found.examples[2]
    assert cup.truth().part.tolist() == written["Cup_21"].part.tolist()


def test_the_parts_of_a_category_are_those_of_all_its_shapes(table: Path) -> None:
    (table / "Table" / "9.off").write_text(SQUARE)
    (table / "Table" / "9_labels.txt").write_text("drawer\n1 2\n")
    first, second = open_dataset("psb", table).examples
    assert (first.name, second.name) == ("Table_9", "Table_141")  # by number
    assert first.parts == second.parts == ("drawer", "leg", "tabletop")
    assert first.truth().part.tolist() == [0, 0]


def test_a_face_that_no_part_lists_has_none(table: Path) -> None:
    (table / "Table" / "141_labels.txt").write_text("leg\n\n2\n\nsupport\n")
    assert open_dataset("psb", table).examples[0].truth().part.tolist() == [-1, 0]


def test_a_mesh_without_labels_is_listed(table: Path) -> None:
    (table / "Table" / "142.off").write_text(SQUARE)
    found = open_dataset("psb", table)
    assert len(found.examples) == 1
    assert found.notes[0] == "meshes without _labels.txt: Table/142.off"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("leg\n0 1\n", "the faces of leg must be 1 to 2, got 0 to 1"),
        ("leg\n1 3\n", "the faces of leg must be 1 to 2, got 1 to 3"),
        ("leg\n1 2\nsupport\n2\n", "a face must be of one part, got 2: leg, support"),
        ("1 2\n", "a line must name a part, or list the faces of the one above it, got '1 2'"),
        ("leg\n1 two\n", "or list the faces of the one above it, got '1 two'"),
        ("leg\n1 99999999999\n", "or list the faces of the one above it"),
    ],
)
def test_damaged_labels_are_named(table: Path, text: str, message: str) -> None:
    path = table / "Table" / "141_labels.txt"
    path.write_text(text)
    (example,) = open_dataset("psb", table).examples
    with pytest.raises(LoadError, match=message) as caught:
        example.truth()
    assert str(path) in str(caught.value)


def test_a_label_file_that_cannot_be_read_costs_its_shape_alone(table: Path) -> None:
    (table / "Table" / "9.off").write_text(SQUARE)
    (table / "Table" / "9_labels.txt").write_bytes(b"leg\n\xff\n")
    found = survey(table, deep=True)
    assert (found.read, len(found.rows)) == (2, 1)
    (said,) = found.damaged
    assert "must be UTF-8 text" in said


def test_a_link_out_of_the_folder_is_not_followed(table: Path, tmp_path_factory: Any) -> None:
    path = table / "Table" / "141_labels.txt"
    outside = tmp_path_factory.mktemp("outside") / "labels.txt"
    path.rename(outside)
    path.symlink_to(outside)
    with pytest.raises(LoadError, match="must lie in the dataset's folder"):
        open_dataset("psb", table).examples[0].truth()
