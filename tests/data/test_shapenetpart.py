"""ShapeNetPart in its three forms: what is written comes back, what is odd is said."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from pdengine.data import Dataset, open_dataset
from pdengine.data.shapenetpart_names import CATEGORIES, official_size
from pdengine.errors import LoadError
from pdengine.teach import make_teacher, parse_parts
from pdengine.types import PointCloud

FIRST_IDS = [0, 4, 6, 8, 12, 16, 19, 22, 24, 28, 30, 36, 38, 41, 44, 47]
CHAIR = "03001627"


@pytest.fixture
def text(tmp_path: Path, miniatures: Any) -> Path:
    miniatures.shapenetpart_text(tmp_path)
    return tmp_path / "shapenetcore_partanno_segmentation_benchmark_v0_normal"


@pytest.fixture
def hdf5(tmp_path: Path, miniatures: Any) -> Path:
    miniatures.shapenetpart_hdf5(tmp_path)
    return tmp_path / "hdf5_data"


def listed(root: Path, split: str) -> Path:
    return root / "train_test_split" / f"shuffled_{split}_file_list.json"


def change_list(root: Path, split: str, change: Any) -> None:
    entries = json.loads(listed(root, split).read_text())
    listed(root, split).write_text(json.dumps(change(entries)))


def notes(root: Path, split: str = "test") -> list[str]:
    return [
        n for n in open_dataset("shapenetpart", root, split).notes if " of the official " not in n
    ]


def test_the_fifty_parts_follow_each_other() -> None:
    assert [category.first for category in CATEGORIES] == FIRST_IDS
    ends = [category.first + len(category.parts) for category in CATEGORIES]
    assert ends == [*FIRST_IDS[1:], 50]


def test_the_sizes_add_up_to_the_official_ones() -> None:
    assert [official_size(s) for s in ("train", "val", "test")] == [12_137, 1_870, 2_874]


def test_every_prompt_is_parts_that_the_embedded_teacher_knows() -> None:
    teacher: Any = make_teacher("embedded")
    for category in CATEGORIES:
        asked = parse_parts(category.prompt)
        teacher.check_parts(asked)
        assert asked.names == category.parts[: len(category.prompts)]
    partly = [c.name for c in CATEGORIES if len(c.prompts) < len(c.parts)]
    assert partly == ["Lamp"]  # PartDistill asks for two of its four


@pytest.mark.parametrize("form", ["text", "hdf5", "2048"])
def test_a_shape_comes_back_as_it_was_written(form: str, tmp_path: Path, miniatures: Any) -> None:
    splits = {split: dict.fromkeys(miniatures.SHAPENETPART, 1) for split in ("train", "test")}
    written = getattr(miniatures, f"shapenetpart_{form}")(tmp_path, splits, points=150)
    found = open_dataset("shapenetpart", tmp_path)
    assert (found.name, found.protocol) == ("ShapeNetPart", "shapenetpart-class")
    every = [*found.examples, *found.train]
    assert {example.name for example in every} == set(written)
    assert [e.category for e in found.examples] == list(miniatures.SHAPENETPART)
    for example in every:
        shape, truth, made = example.shape(), example.truth(), written[example.name]
        assert isinstance(shape, PointCloud)
        assert np.abs(shape.world.numpy() - made.xyz).max() <= 1e-6
        assert truth.part.dtype == torch.int64
        assert truth.part.tolist() == made.part.tolist()
        assert truth.instance is None
        assert example.parts[truth.part.max()] in example.parts


def test_every_one_of_the_fifty_numbers_comes_back(text: Path) -> None:
    for category in CATEGORIES:
        numbers = range(category.first, category.first + len(category.parts))
        path = text / category.synset / "all.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{n} 0 0 0 0 1 {n}.000000\n" for n in numbers))
    entries = [f"shape_data/{category.synset}/all" for category in CATEGORIES]
    change_list(text, "test", lambda _: entries)
    found = open_dataset("shapenetpart", text).examples
    assert [e.truth().part.tolist() for e in found] == [
        list(range(len(category.parts))) for category in CATEGORIES
    ]
    assert sum(len(e.truth().part) for e in found) == 50


def test_text_has_normals_and_its_own_digits(text: Path) -> None:
    path = text / CHAIR / "a.txt"
    path.write_text("0.25 0 1 0 0 -1 12.000000\n0.5 1 0 1 0 0 15\nnan 0 0 0 1 0 13.0\n")
    change_list(text, "test", lambda entries: [f"shape_data/{CHAIR}/a"])
    (chair,) = open_dataset("shapenetpart", text).examples
    cloud = chair.shape()
    assert isinstance(cloud, PointCloud)
    assert cloud.normals is not None
    assert cloud.normals.tolist() == [[0, 0, -1], [1, 0, 0]]
    assert cloud.world[:2].tolist() == [[0.25, 0, 1], [0.5, 1, 0]]
    assert cloud.rows.tolist() == [0, 1]  # the third line has no place, and keeps its label
    assert chair.truth().part.tolist() == [0, 3, 1]


def test_nothing_is_read_before_it_is_asked_for(text: Path) -> None:
    for path in text.glob("0*/*.txt"):
        path.write_text("damaged")
    found = open_dataset("shapenetpart", text)
    assert [e.prompt for e in found.examples][:1] == ["chair: back, seat, leg, armrest"]
    for read in (found.examples[0].shape, found.examples[0].truth):
        with pytest.raises(LoadError, match="a shape must be a table of numbers"):
            read()


def test_examples_keep_the_lists_order_and_train_is_the_train_split(text: Path) -> None:
    change_list(text, "test", lambda entries: entries[::-1])
    found = open_dataset("shapenetpart", text)
    assert [e.category for e in found.examples] == ["Mug", "Lamp", "Chair", "Chair"]
    assert [e.category for e in found.train] == ["Chair", "Chair", "Mug"]
    assert open_dataset("shapenetpart", text, "val").train == found.train


def test_other_numbers_of_shapes_are_noted(text: Path, hdf5: Path) -> None:
    for root in (text, hdf5):
        assert open_dataset("shapenetpart", root).notes == ("test: 4 of the official 2,874 shapes",)
        (note,) = open_dataset("shapenetpart", root, "val").notes
        assert note == "val: 1 of the official 1,870 shapes"


def test_what_is_odd_about_the_lists_is_noted(text: Path) -> None:
    assert notes(text) == []
    entries = json.loads(listed(text, "test").read_text())
    first, gone = (entry.removeprefix("shape_data/") for entry in entries[:2])
    (text / f"{gone}.txt").unlink()
    (text / CHAIR / "extra.txt").write_text("0 0 0 0 0 1 12\n")
    change_list(text, "test", lambda entries: [*entries, entries[0]])
    change_list(text, "train", lambda entries: [*entries, f"shape_data/{first}"])
    assert notes(text) == [
        f"test: listed, and not there: {gone}",
        f"test: listed more than once, and used once: {first}",
        f"in train and in test: {first}",
        f"in no split: {CHAIR}/extra",
    ]
    assert len(open_dataset("shapenetpart", text).examples) == 3


def test_files_from_windows_read_the_same(text: Path) -> None:
    before = [e.truth().part.tolist() for e in open_dataset("shapenetpart", text).examples]
    for path in text.rglob("*.txt"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    names = text / "synsetoffset2category.txt"
    names.write_bytes(b"\xef\xbb\xbf" + names.read_bytes())  # the mark that some editors put
    assert notes(text) == []
    after = [e.truth().part.tolist() for e in open_dataset("shapenetpart", text).examples]
    assert after == before


def test_a_list_that_is_missing_is_noted_or_named(text: Path) -> None:
    listed(text, "train").unlink()
    (text / "synsetoffset2category.txt").write_text("Airplane\t02691157\n")
    found = notes(text)
    assert found[0].startswith("synsetoffset2category.txt differs from the official one: Airplane")
    assert found[1:] == ["train: there is no shuffled_train_file_list.json"]
    assert open_dataset("shapenetpart", text).train == []
    with pytest.raises(LoadError, match=r"shuffled_train_file_list\.json: there must be such"):
        open_dataset("shapenetpart", text, "train")


@pytest.mark.parametrize(
    "entry",
    [
        "shape_data/03001627/../../../../etc/passwd",
        "../../etc/passwd",
        "shape_data/03001627/..",
        "shape_data/../passwd",
        "shape_data/03001627/a\\b",
        "shape_data/03001627/a\0",
        "shape_data/03001627/",
        "shape_data/99999999/a",
        7,
        None,
        ["shape_data"],
    ],
)
def test_an_id_leads_nowhere_else(entry: object, text: Path) -> None:
    listed(text, "test").write_text(json.dumps([entry]))
    with pytest.raises(LoadError, match="each entry must be shape_data/<synset>/<id>"):
        open_dataset("shapenetpart", text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "must be JSON"),
        (b"\xff\xfe", "must be JSON"),
        (b"{}", "must be a list of shapes, got dict"),
        (b"[" * 100_000, "must not be nested as deep"),
        (b"[NaN]", "no number in JSON"),
        (b"[" + b"9" * 5000 + b"]", "must be JSON"),
        (b"", "must not be empty"),
    ],
)
def test_a_damaged_list_is_named(content: bytes, message: str, text: Path) -> None:
    listed(text, "test").write_bytes(content)
    with pytest.raises(LoadError, match=message):
        open_dataset("shapenetpart", text)


def test_an_absurdly_large_list_is_not_read(text: Path) -> None:
    os.truncate(listed(text, "test"), 65 << 20)  # a file with a hole: it takes no space
    with pytest.raises(LoadError, match="must be at most 67108864 bytes, got 68157440"):
        open_dataset("shapenetpart", text)


def test_a_link_out_of_the_folder_is_not_followed(text: Path, tmp_path: Path) -> None:
    example = open_dataset("shapenetpart", text).examples[0]
    path = text / CHAIR / f"{example.name.removeprefix('Chair_')}.txt"
    kept = tmp_path / "outside.txt"
    path.rename(kept)
    path.symlink_to(kept)
    with pytest.raises(LoadError, match="must lie in the dataset's folder"):
        example.shape()
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(LoadError, match="there must be such a file"):
        example.truth()
    path.unlink()
    path.mkdir()
    with pytest.raises(LoadError, match="must be a regular file"):
        example.truth()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0 0 0 0 1 11", "the parts of Chair must be 12 to 15, got 11"),
        ("0 0 0 0 0 1 16", "the parts of Chair must be 12 to 15, got 16"),
        ("0 0 0 0 0 1 12.5", "labels must be whole numbers, got 12.5"),
        ("0 0 0 0 0 1 nan", "labels must be whole numbers, got nan"),
        ("0 0 0 12", "a line must be x y z nx ny nz label, got 4 columns"),
        ("0 0 0 0 0 1 12\n0 0 0", "a shape must be a table of numbers"),
        ("\n\n", "a line must be x y z nx ny nz label, got 0 columns"),
    ],
)
def test_a_damaged_text_is_named(line: str, message: str, text: Path) -> None:
    example = open_dataset("shapenetpart", text).examples[0]
    path = text / CHAIR / f"{example.name.removeprefix('Chair_')}.txt"
    path.write_text(f"{line}\n")
    with pytest.raises(LoadError) as refused:
        example.truth()
    assert str(refused.value).startswith(str(path))
    assert message in str(refused.value)


def test_points_without_a_place_are_no_shape(text: Path) -> None:
    example = open_dataset("shapenetpart", text).examples[0]
    path = text / CHAIR / f"{example.name.removeprefix('Chair_')}.txt"
    path.write_text("nan nan nan 0 0 1 12\n")
    with pytest.raises(LoadError, match="a shape must have a finite point"):
        example.shape()


def rewrite(root: Path, name: str, **arrays: Any) -> None:
    with h5py.File(root / name, "a") as file:
        for key, value in arrays.items():
            del file[key]
            if value is not None:
                file[key] = value


def read_first(root: Path) -> Dataset:
    found = open_dataset("shapenetpart", root)
    found.examples[0].shape()
    found.examples[0].truth()
    return found


def test_labels_of_objects_may_be_one_or_two_dimensional(hdf5: Path) -> None:
    before = [e.name for e in read_first(hdf5).examples]
    rewrite(hdf5, "ply_data_test0.h5", label=np.array([4, 4, 8, 11], np.int64))
    assert [e.name for e in read_first(hdf5).examples] == before
    assert before == ["Chair_test0_0", "Chair_test0_1", "Lamp_test0_2", "Mug_test0_3"]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"label": np.full(4, 16)}, "label must be 0 to 15, got 16"),
        ({"label": np.full(4, 3.5)}, "label must be whole numbers, got 3.5"),
        ({"label": np.full((4, 2), 3)}, r"label must be \[4, 1\], got \[4, 2\]"),
        ({"label": None}, "must hold an array label, got data, pid"),
        ({"pid": None}, "must hold an array pid, got data, label"),  # so is ModelNet40
        ({"data": np.zeros((4, 9, 4))}, r"data must be \[any, any, 3\], got \[4, 9, 4\]"),
        ({"data": np.array([[["x"] * 3]], "S1")}, "data must hold floats or integers"),
        ({"pid": np.zeros((4, 3), np.uint8)}, r"pid must be \[4, 2048\], got \[4, 3\]"),
        ({"pid": np.full((4, 2048), 16)}, "the parts of Chair must be 12 to 15, got 16"),
        ({"data": h5py.SoftLink("/label")}, "must hold an array data"),
        ({"data": h5py.ExternalLink("/etc/passwd", "/")}, "must hold an array data"),
        ({"data": h5py.Empty("f4")}, "data must be an array"),
    ],
)
def test_damaged_hdf5_is_named(arrays: dict[str, Any], message: str, hdf5: Path) -> None:
    rewrite(hdf5, "ply_data_test0.h5", **arrays)
    with pytest.raises(LoadError, match=message):
        read_first(hdf5)


def test_a_bomb_is_refused_by_what_it_declares(hdf5: Path) -> None:
    with h5py.File(hdf5 / "ply_data_test0.h5", "a") as file:
        del file["pid"], file["data"]
        huge = {"shape": (4, 2**26, 3), "dtype": "f4", "compression": "gzip"}
        file.create_dataset("data", chunks=(1, 2**16, 3), **huge)  # 3 GiB, none of it stored
        file.create_dataset("pid", data=np.full((4, 2048), 12))
    with pytest.raises(LoadError, match="data may decode to 100 times its 0 bytes, got 3221225472"):
        read_first(hdf5)


def test_a_bomb_in_one_chunk_is_refused(hdf5: Path) -> None:
    with h5py.File(hdf5 / "ply_data_test0.h5", "a") as file:
        del file["pid"]
        chunk = {"maxshape": (None, None), "chunks": (2**10, 2**18), "compression": "gzip"}
        file.create_dataset("pid", shape=(4, 2048), dtype="u1", **chunk)
    with pytest.raises(LoadError, match="pid may decode to 100 times its 0 bytes, got 268435456"):
        read_first(hdf5)


def test_arrays_that_lie_in_other_files_are_refused(hdf5: Path, tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"\x0c" * 4 * 2048)
    layout = h5py.VirtualLayout((4, 2048), "u1")
    layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "x", (4, 2048))
    for make in (
        lambda f: f.create_dataset("pid", (4, 2048), "u1", external=str(tmp_path / "raw")),
        lambda f: f.create_virtual_dataset("pid", layout),
    ):
        with h5py.File(hdf5 / "ply_data_test0.h5", "a") as file:
            del file["pid"]
            make(file)
        with pytest.raises(LoadError, match="pid must be stored in this file"):
            read_first(hdf5)


def test_a_file_that_is_no_hdf5_is_named(hdf5: Path) -> None:
    whole = (hdf5 / "ply_data_test0.h5").read_bytes()
    for content in (b"not HDF5", whole[:1000], whole[: len(whole) // 2]):
        (hdf5 / "ply_data_test0.h5").write_bytes(content)
        with pytest.raises(LoadError, match=r"ply_data_test0\.h5: must be a sound HDF5 file"):
            read_first(hdf5)


def test_the_lists_of_files_are_followed(hdf5: Path) -> None:
    (hdf5 / "test_hdf5_file_list.txt").write_text("./hdf5_data/ply_data_test0.h5\n\ngone.h5\n")
    (hdf5 / "ply_data_train0.h5").rename(hdf5 / "ply_data_train1.h5")
    (hdf5 / "val_hdf5_file_list.txt").unlink()
    assert notes(hdf5) == [
        "train: listed, and not there: ply_data_train0.h5",
        "train: there, and not listed: ply_data_train1.h5",
        "val: there is no val_hdf5_file_list.txt; files are taken by name",
        "test: listed, and not there: gone.h5",
    ]
    assert [e.category for e in open_dataset("shapenetpart", hdf5, "val").examples] == ["Chair"]
    with pytest.raises(LoadError, match=r"must hold ply_data_train\*\.h5"):
        open_dataset("shapenetpart", hdf5, "train")


@pytest.mark.parametrize("line", ["../x.h5", "/etc/passwd", "x.txt", "a/b.h5"])
def test_a_list_of_files_leads_nowhere_else(line: str, hdf5: Path) -> None:
    (hdf5 / "test_hdf5_file_list.txt").write_text(line)
    with pytest.raises(LoadError, match=r"each line must be the name of an \.h5 file"):
        open_dataset("shapenetpart", hdf5)


def test_one_file_in_two_splits_is_noted(hdf5: Path) -> None:
    (hdf5 / "val_hdf5_file_list.txt").write_text("ply_data_test0.h5\n")
    assert "ply_data_test0.h5 is in val and in test" in notes(hdf5)


@pytest.fixture
def rows_2048(tmp_path: Path, miniatures: Any) -> Path:
    miniatures.shapenetpart_2048(tmp_path, points=64)
    return tmp_path / "shapenetpart_hdf5_2048"


def test_a_shape_is_called_alike_in_text_and_in_the_form_with_ids(
    text: Path, rows_2048: Path
) -> None:
    of_text, of_rows = (open_dataset("shapenetpart", root) for root in (text, rows_2048))
    assert [e.name for e in of_rows.examples] == [e.name for e in of_text.examples]
    assert [e.name for e in of_rows.train] == [e.name for e in of_text.train]


def test_files_are_in_the_order_of_their_numbers(rows_2048: Path) -> None:
    for end in (".h5", "_id2file.json"):
        (rows_2048 / f"train0{end}").rename(rows_2048 / f"test10{end}")
        (rows_2048 / f"test0{end}").rename(rows_2048 / f"test2{end}")
    found = open_dataset("shapenetpart", rows_2048)
    assert [e.category for e in found.examples] == [
        *("Chair", "Chair", "Lamp", "Mug"),  # test2
        *("Chair", "Chair", "Mug"),  # test10
    ]
    assert found.train == []


def test_without_ids_shapes_are_called_by_row(rows_2048: Path) -> None:
    (rows_2048 / "test0_id2file.json").unlink()
    found = open_dataset("shapenetpart", rows_2048)
    names = ["Chair_test0_0", "Chair_test0_1", "Lamp_test0_2", "Mug_test0_3"]
    assert [e.name for e in found.examples] == names
    said = "there is no test0_id2file.json; the shapes of test0.h5 are called by row"
    assert notes(rows_2048) == [said]


def test_an_id_that_two_rows_have_tells_nobody_apart(rows_2048: Path) -> None:
    path = rows_2048 / "test0_id2file.json"
    entries = json.loads(path.read_text())
    path.write_text(json.dumps([entries[0], entries[0], *entries[2:]]))
    found = open_dataset("shapenetpart", rows_2048)
    assert [e.name for e in found.examples][:2] == ["Chair_test0_0", "Chair_test0_1"]
    (said,) = notes(rows_2048)
    assert said.startswith("the same id more than once, told apart by file and row: Chair_")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "must be a list of 4 files, as test0.h5 has rows, got 0"),
        ({}, "must be a list of 4 files, as test0.h5 has rows, got dict"),
        (["a", "b", "c", 7], "each entry must be the name of a file, got 7"),
        (["a", "b", "c", "03001627/"], "each entry must be the name of a file, got '03001627/'"),
    ],
)
def test_a_damaged_list_of_ids_is_named(entries: Any, message: str, rows_2048: Path) -> None:
    (rows_2048 / "test0_id2file.json").write_text(json.dumps(entries))
    with pytest.raises(LoadError, match=message):
        open_dataset("shapenetpart", rows_2048)


def test_modelnet40_in_the_same_form_has_no_parts(rows_2048: Path) -> None:
    for path in rows_2048.glob("*.h5"):
        rewrite(rows_2048, path.name, seg=None)
    with pytest.raises(LoadError, match="must hold an array seg, got data, label"):
        open_dataset("shapenetpart", rows_2048)


def test_without_h5py_the_error_says_what_to_type(
    hdf5: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(LoadError, match=r'needs h5py; pip install "pdengine\[data\]"'):
        open_dataset("shapenetpart", hdf5)


def test_the_older_release_is_named(tmp_path: Path, miniatures: Any) -> None:
    """It has the same lists and table of names, and the points elsewhere."""
    miniatures.shapenetpart_text(tmp_path)
    root = tmp_path / "shapenetcore_partanno_segmentation_benchmark_v0_normal"
    (root / "03001627" / "points").mkdir()
    with pytest.raises(LoadError, match=r"must be the release with normals, .*got 03001627/points"):
        open_dataset("shapenetpart", tmp_path)
