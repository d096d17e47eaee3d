"""The table of kinds: what is opened, what is found out, and what is refused."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pdengine.data import KINDS, detect, open_dataset, survey
from pdengine.data.files import is_plain, some_of
from pdengine.errors import ConfigError, LoadError
from pdengine.evaluate import PROTOCOLS
from pdengine.teach import parse_parts

WRITERS = {
    "shapenetpart_text": "shapenetpart",
    "shapenetpart_hdf5": "shapenetpart",
    "shapenetpart_2048": "shapenetpart",
    "partnete": "partnete",
    "partdistill": "partdistill",
    "psb_published": "psb",
    "labelled_clouds": "folder",
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_folder_is_found_out_and_opened(writer: str, tmp_path: Path, miniatures: Any) -> None:
    written = getattr(miniatures, writer)(tmp_path / "data")
    kind = detect(tmp_path / "data")
    assert kind == WRITERS[writer]
    found = open_dataset(kind, tmp_path / "data")
    assert found.protocol in PROTOCOLS
    assert {e.name for e in [*found.examples, *found.train]} <= set(written)
    for example in found.examples:  # so the labels of an answer can be compared as they are
        asked = parse_parts(example.prompt).names
        assert asked == example.parts[: len(asked)]


def test_the_folder_around_it_will_do(tmp_path: Path, miniatures: Any) -> None:
    miniatures.partnete(tmp_path / "PartNetE")
    assert detect(tmp_path) == "partnete"
    assert len(open_dataset("partnete", tmp_path).examples) == 4


def test_psb_is_a_kind(psb: Path) -> None:
    found = open_dataset("psb", psb)
    assert detect(psb) == "psb"
    assert (found.name, found.protocol, found.notes) == ("Labeled PSB", "parts-present", ())
    assert [e.name for e in found.examples] == ["Table_1", "Table_2"]
    (psb / "mesh" / "Table_1.npz").unlink()
    assert open_dataset("psb", psb).notes == ("listed, and not there: Table_1",)


def test_generated_shapes_need_no_folder() -> None:
    one, three = open_dataset("generated"), open_dataset("generated:3")
    assert 3 * len(one.examples) == len(three.examples)
    assert len({e.name for e in three.examples}) == len(three.examples)
    assert three.examples[0].truth().part.max() < len(three.examples[0].parts)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("shapenet", "."), "kind must be one of psb, partnete, .*, got 'shapenet'"),
        (("psb:3", "."), "kind must be one of"),
        (("psb", None), "psb needs the folder where it lies, got none"),
        (("psb", ".", "train"), "the split of psb must be one of test, got 'train'"),
        (("shapenetpart", ".", "all"), "must be one of test, train, val, got 'all'"),
        (("generated:0",), "generated must be followed by :1 to :1000000, got '0'"),
        (("generated:x",), "generated must be followed by"),
        (("generated:",), "generated must be followed by"),
    ],
)
def test_a_wrong_word_is_named(words: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_dataset(*words)


@pytest.mark.parametrize("kind", [k.name for k in KINDS if k.name != "generated"])
def test_another_folder_is_named(kind: str, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="got a folder without it"):
        open_dataset(kind, tmp_path)
    with pytest.raises(LoadError, match="got no such folder"):
        open_dataset(kind, tmp_path / "gone")


def test_a_folder_beside_a_dataset_says_where_it_is(tmp_path: Path, miniatures: Any) -> None:
    miniatures.partnete(tmp_path / "mine" / "PartNetE")
    inner = tmp_path / "mine" / "PartNetE" / "data" / "test"
    lies = f"; partnete lies in {os.path.realpath(tmp_path / 'mine' / 'PartNetE')}"
    for folder in (inner, inner.parent, tmp_path):
        with pytest.raises(LoadError, match=re.escape(f"got none of them{lies}")):
            survey(folder)
    with pytest.raises(LoadError, match=re.escape(f"got a folder without it{lies}")):
        open_dataset("shapenetpart", tmp_path / "mine" / "PartNetE")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LoadError, match=r"got none of them$"):
        survey(tmp_path / "empty")


def test_a_download_that_is_still_packed_is_named(tmp_path: Path, miniatures: Any) -> None:
    packed = tmp_path / "shapenetpart_hdf5_2048.zip"
    packed.write_bytes(b"PK")
    with pytest.raises(LoadError, match=r"got none of them; unpack shapenetpart_hdf5_2048\.zip"):
        survey(tmp_path)
    with pytest.raises(LoadError, match=r"got a folder without it; unpack shapenetpart_hdf5_2048"):
        open_dataset("shapenetpart", tmp_path)
    with pytest.raises(LoadError, match=r"2048\.zip: must be a folder: unpack it first"):
        survey(packed)
    with pytest.raises(LoadError, match="got a file: unpack it first"):
        open_dataset("shapenetpart", packed)
    with pytest.raises(LoadError, match=r"got a file$"):
        open_dataset("shapenetpart", Path(__file__))
    miniatures.partnete(tmp_path / "PartNetE")
    test = tmp_path / "PartNetE" / "data" / "test"
    shutil.make_archive(str(test), "zip", test)
    shutil.rmtree(test)
    with pytest.raises(
        LoadError, match=r"data/test: .* got no such folder; unpack test\.zip first"
    ):
        open_dataset("partnete", tmp_path / "PartNetE")


def test_a_folder_within_a_dataset_is_not_taken_for_ones_own_without_a_word(
    tmp_path: Path, miniatures: Any
) -> None:
    miniatures.partnete(tmp_path / "PartNetE")
    found = survey(tmp_path / "PartNetE" / "data" / "test" / "Chair")
    lies = f"partnete lies in {os.path.realpath(tmp_path / 'PartNetE')}"
    assert f"read as labelled files of one's own, but {lies}" in found.notes
    miniatures.labelled_clouds(tmp_path / "mine")
    assert survey(tmp_path / "mine").notes == ()


def test_a_folder_of_something_else_is_no_kind(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0 0 0")
    (tmp_path / "inner").mkdir()
    assert detect(tmp_path) is None
    with pytest.raises(LoadError, match="must be a folder that can be listed"):
        detect(tmp_path / "gone")


def test_a_survey_counts_what_is_there_and_what_is_not(tmp_path: Path, miniatures: Any) -> None:
    miniatures.shapenetpart_text(tmp_path)
    found = survey(tmp_path)
    assert found.splits == {"test": 4, "train": 3, "val": 1}
    rows = {c.name: c for c in found.categories}
    assert len(rows) == 16
    assert rows["Chair"].found == {"test": 2, "train": 2, "val": 1}
    assert rows["Chair"].missing == 3758 - 5
    assert rows["Chair"].parts == ("back", "seat", "leg", "armrest")
    assert (rows["Table"].found, rows["Table"].parts, rows["Table"].missing) == ({}, (), 5271)
    assert found.rows == (200,) * 8
    assert not found.complete


def test_a_whole_dataset_is_complete(tmp_path: Path, miniatures: Any) -> None:
    miniatures.labelled_clouds(tmp_path)
    assert survey(tmp_path).complete
    assert survey(tmp_path).rows == (200,) * 4


def test_only_some_shapes_are_read_unless_all_are_asked_for(
    tmp_path: Path, miniatures: Any
) -> None:
    miniatures.labelled_clouds(tmp_path)
    for k in range(46):
        shutil.copy(tmp_path / "mug" / "scan1.ply", tmp_path / "mug" / f"copy{k}.ply")
    steps: list[tuple[str, int, int]] = []
    assert survey(tmp_path, progress=lambda *step: steps.append(step)).read == 20
    assert steps == [*(("read", k, 20) for k in range(20)), ("read", 1, 1)]
    deep = survey(tmp_path, deep=True)
    assert (deep.read, len(deep.rows)) == (50, 50)


def test_a_deep_survey_finds_damage_copies_and_parts_that_nobody_has(
    tmp_path: Path, miniatures: Any
) -> None:
    miniatures.labelled_clouds(tmp_path)
    shutil.copy(tmp_path / "chair" / "scan1.ply", tmp_path / "chair" / "again.ply")
    (tmp_path / "mug" / "scan2.ply").write_bytes(b"ply\nformat")
    xyz = np.random.default_rng(0).random((4, 3))
    np.savez(tmp_path / "mug" / "other.npz", xyz=xyz, part=[0] * 4, names=["handle", "foot"])
    found = survey(tmp_path, deep=True)
    assert found.notes == (
        "no shape of mug has a foot",
        "the shapes of mug name their parts in 2 ways",
        "the same shape more than once: chair_again = chair_scan1",
    )
    (damaged,) = found.damaged
    assert damaged.startswith("mug_scan2: ")
    assert "a PLY header must end with end_header" in damaged
    (tmp_path / "mug" / "other.npz").unlink()
    for name in ("scan1", "scan2"):
        np.savez(tmp_path / "mug" / f"{name}.npz", xyz=xyz, part=[1] * 4, names=["handle", "cup"])
        (tmp_path / "mug" / f"{name}.ply").unlink()
    assert "no shape of mug has a handle" in survey(tmp_path, deep=True).notes


def test_splits_that_cannot_be_opened_are_noted(tmp_path: Path, miniatures: Any) -> None:
    miniatures.partnete(tmp_path)
    shutil.rmtree(tmp_path / "data" / "few_shot")
    found = survey(tmp_path)
    assert found.splits == {"test": 4}
    assert any(n.startswith("few_shot: cannot be opened") for n in found.notes)
    shutil.rmtree(tmp_path / "data")
    with pytest.raises(LoadError, match=r"must hold <Category>/<id>/pc\.ply"):
        survey(tmp_path)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0", "a\n", "x" * 256, 3, None])
def test_a_name_that_leads_elsewhere_is_not_plain(name: object) -> None:
    assert not is_plain(name)


def test_a_plain_name_is_one() -> None:
    assert all(map(is_plain, ["a", "a.txt", "1a04", "a b", "stühle", ".hidden", "x" * 255]))


def test_a_long_list_is_cut_and_counted() -> None:
    assert some_of("abc") == "a, b, c"
    assert some_of(map(str, range(1005))) == "0, 1, 2, 3, 4 and 1,000 more"
