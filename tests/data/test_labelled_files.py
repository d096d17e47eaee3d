"""One's own labelled files, and those that pdengine writes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import pdengine as pde
from pdengine.cli import main
from pdengine.data import open_dataset
from pdengine.errors import LoadError
from pdengine.io import cloud_from_arrays, mesh_from_arrays
from pdengine.io.save import save_ply
from pdengine.shapes import make
from pdengine.types import Instances, Mesh, PointCloud, Segmentation

XYZ = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])


def save(path: Path, **arrays: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"xyz": XYZ, "part": [0, 1, -1, 1], "names": ["seat", "leg"], **arrays}
    np.savez(path, **{k: v for k, v in whole.items() if v is not None})
    return path


@pytest.mark.parametrize("kind", ["ply", "npz"])
def test_a_cloud_comes_back_as_it_was_written(kind: str, tmp_path: Path, miniatures: Any) -> None:
    written = miniatures.labelled_clouds(tmp_path, kind)
    found = open_dataset("folder", tmp_path)
    assert (found.protocol, found.notes, found.train) == ("parts-present", (), ())
    assert [e.name for e in found.examples] == list(written)
    for example in found.examples:
        shape, truth, made = example.shape(), example.truth(), written[example.name]
        assert isinstance(shape, PointCloud)
        assert np.abs(shape.world.numpy() - made.xyz).max() < 1e-7
        assert truth.part.tolist() == made.part.tolist()
        assert (truth.instance is None) == (kind == "ply")
        assert truth.instance is None or truth.instance.tolist() == made.instance.tolist()
    assert found.examples[0].prompt == "chair: back, seat, leg, armrest"


def test_a_name_that_is_no_utf8_becomes_text(tmp_path: Path) -> None:
    """Else its row could not be written, and a whole evaluation would end there."""
    path = save(tmp_path / "chair_1.npz")
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/chair_\xff_1.npz")
    try:
        path.rename(odd)
    except OSError:
        pytest.skip("this file system holds no such name")
    (example,) = open_dataset("folder", tmp_path).examples
    assert (example.name, example.category) == ("chair_\ufffdff_1", "chair_\ufffdff")
    assert len(example.truth().part) == 4


@pytest.mark.parametrize("what", ["cloud", "mesh"])
def test_the_colours_of_the_labels_are_not_shown(what: str, tmp_path: Path) -> None:
    """A file that pdengine painted shows nobody its labels; a real colour stays."""
    mesh = mesh_from_arrays(XYZ, [[0, 1, 2], [0, 2, 3]])
    shape = mesh if what == "mesh" else cloud_from_arrays(XYZ)
    labels = torch.tensor([0, 1, -1, 1])
    segmentation = Segmentation(
        labels, torch.ones(4, 2), ("seat", "leg"), shape, "vote", labels,
        face_labels=torch.tensor([0, 1]) if what == "mesh" else None,
    )  # fmt: skip
    path = tmp_path / "chair_1.ply"
    save_ply(segmentation, path)
    (example,) = open_dataset("folder", tmp_path).examples
    assert pde.load(path).colour is not None
    assert example.shape().colour is None
    assert len(example.truth().part) == (2 if what == "mesh" else 4)
    path.write_bytes(path.read_bytes().replace(bytes([86, 180, 233]), bytes([86, 180, 234])))
    assert example.shape().colour is not None


def test_generated_meshes_keep_the_part_of_every_face(tmp_path: Path) -> None:
    words = ["shapes", "make", "mug,lamp", "--count", "2", "--out", str(tmp_path), "--quiet"]
    assert main(words) == 0
    found = open_dataset("folder", tmp_path)
    assert [e.category for e in found.examples] == ["lamp", "lamp", "mug", "mug"]
    mug, made = found.examples[2], make("mug", 0)
    assert isinstance(mug.shape(), Mesh)
    assert mug.parts == made.parts
    assert mug.truth().part.tolist() == made.face_label.tolist()


def test_instances_that_segment_wrote_are_read(tmp_path: Path) -> None:
    cloud = cloud_from_arrays(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [np.nan] * 3]))
    part, own = torch.tensor([0, 0, 1, -1]), torch.tensor([0, 1, 2, -1])
    kind, one = torch.tensor([0, 0, 1]), torch.ones(3)
    corners = torch.zeros(3, 3).double()
    found = Instances(own, kind, one, one.long(), corners, corners)
    names = ("leg", "seat")
    said = Segmentation(part, torch.ones(4, 2), names, cloud, "vote", part, instances=found)
    said.save(str(tmp_path / "chair_1.ply"))
    (example,) = open_dataset("folder", tmp_path).examples
    truth = example.truth()
    assert truth.part.tolist() == [0, 0, 1, -1]
    assert truth.instance is not None
    assert truth.instance.tolist() == [0, 1, 2, -1]


def test_what_segment_writes_is_a_labelled_file(tmp_path: Path, stripes: Any) -> None:
    options = {"points": 200, "views": 2, "up": "y", "mode": "vote"}
    teacher = stripes()
    answer = pde.segment(
        np.random.default_rng(0).random((300, 3)), "tower: top, foot", teacher=teacher, **options
    )
    answer.save(str(tmp_path / "tower_parts.ply"))
    (example,) = open_dataset("folder", tmp_path).examples
    assert example.prompt == "tower: top, foot"
    assert example.truth().part.tolist() == answer.labels.tolist()


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("chair_000007", "chair"),
        ("chair_parts", "chair"),
        ("chair_12_parts", "chair"),
        ("office_chair_3", "office_chair"),
        ("chair-2", "chair"),
        ("chair", "chair"),
        ("7", "7"),
    ],
)
def test_a_category_is_what_the_name_starts_with(name: str, category: str, tmp_path: Path) -> None:
    save(tmp_path / f"{name}.npz")
    assert [e.category for e in open_dataset("folder", tmp_path).examples] == [category]
    assert [e.category for e in open_dataset("folder:stool", tmp_path).examples] == ["stool"]


def test_no_two_examples_have_one_name(tmp_path: Path, miniatures: Any) -> None:
    for kind in ("ply", "npz"):
        miniatures.labelled_clouds(tmp_path, kind)
    save(tmp_path / "chair_scan1.npz")
    names = [e.name for e in open_dataset("folder", tmp_path).examples]
    assert len(set(names)) == len(names) == 9


def test_a_polygon_gives_its_label_to_its_triangles(tmp_path: Path) -> None:
    lines = ["ply", "format ascii 1.0", 'comment part 0 "top"', 'comment part 1 "leg"']
    lines += ["element vertex 5", *(f"property float {a}" for a in "xyz")]
    lines += ["property int scalar_part", "element face 2"]
    lines += ["property list uchar int vertex_indices", "property int scalar_part", "end_header"]
    lines += ["0 0 0 0", "1 0 0 0", "1 1 0 0", "0 1 0 0", "0 0 1 1", "4 0 1 2 3 0", "3 0 1 4 1"]
    (tmp_path / "box.ply").write_text("\n".join(lines) + "\n")
    (example,) = open_dataset("folder", tmp_path).examples
    assert example.truth().part.tolist() == [0, 0, 1]
    text = "\n".join(lines).replace("property int scalar_part\nend_header", "end_header")
    text = text.replace("4 0 1 2 3 0", "4 0 1 2 3").replace("3 0 1 4 1", "3 0 1 4")
    (tmp_path / "box.ply").write_text(text + "\n")
    with pytest.raises(LoadError, match="the faces of a labelled mesh must have scalar_part"):
        example.truth()


def test_faces_of_an_npz_have_their_own_labels(tmp_path: Path) -> None:
    save(tmp_path / "stool.npz", faces=[[0, 1, 2], [0, 1, 3]], part=[1, 0], instance=[4, 5])
    (example,) = open_dataset("folder", tmp_path).examples
    truth = example.truth()
    assert (truth.part.tolist(), truth.instance.tolist()) == ([1, 0], [4, 5])  # type: ignore[union-attr]


def test_names_may_stand_beside_the_files(tmp_path: Path) -> None:
    save(tmp_path / "stool" / "a.npz", names=None)
    save(tmp_path / "stool" / "b.npz", names=["own", "names"])
    one, two = open_dataset("folder", tmp_path).examples
    with pytest.raises(LoadError, match=r"must name its parts, or parts\.json must name those"):
        assert one.parts
    (tmp_path / "parts.json").write_text(json.dumps({"stool": ["seat", "leg"]}))
    one, two = open_dataset("folder", tmp_path).examples
    assert (one.parts, two.parts) == (("seat", "leg"), ("own", "names"))


@pytest.mark.parametrize("content", ["[]", '{"stool": []}', '{"stool": "seat"}', '{"a": [3]}'])
def test_damaged_names_are_named(content: str, tmp_path: Path) -> None:
    save(tmp_path / "stool.npz")
    (tmp_path / "parts.json").write_text(content)
    with pytest.raises(LoadError, match=r"must be \{category: \[names\]\}"):
        open_dataset("folder", tmp_path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"part": None}, "a labelled npz must hold an array part, got names, xyz"),
        ({"part": [0, 1]}, r"part must be \[4\], got \[2\]"),
        ({"part": [0, 1, 2, 0]}, "part must be -1 to 1, got 2"),
        ({"part": [0, 1, -2, 0]}, "part must be -1 to 1, got -2"),
        ({"part": [0, 1, 0.5, 0]}, "part must be whole numbers, got 0.5"),
        ({"part": ["a", "b", "c", "d"]}, "array part must hold floats or integers"),
        ({"instance": [0, 1]}, r"instance must be \[4\], got \[2\]"),
        ({"instance": [0, 1, -2, 0]}, "instance must be -1 or more, got -2"),
        ({"names": [1, 2]}, "array names must hold text, got int64"),
    ],
)
def test_a_damaged_file_is_named(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = save(tmp_path / "stool.npz", **arrays)
    (example,) = open_dataset("folder", tmp_path).examples
    with pytest.raises(LoadError, match=message) as refused:
        example.truth()
    assert str(refused.value).startswith(str(path))


def test_a_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "stool.npz", xyz=XYZ, part=np.zeros(70 << 20, np.uint8))
    (example,) = open_dataset("folder", tmp_path).examples
    with pytest.raises(LoadError, match="an npz may decode to 100 times its"):
        example.truth()


def test_other_files_are_noted_and_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    save(folder / "stool.npz").rename(tmp_path / "outside.npz")
    (folder / "stool.npz").symlink_to(tmp_path / "outside.npz")
    for name in ("a.txt", "b.obj", "notes.md", "result.json", "report.html"):
        (folder / name).write_text("x")
    found = open_dataset("folder", folder)
    assert found.notes == ("neither .ply nor .npz: a.txt, b.obj",)
    for read in (found.examples[0].shape, found.examples[0].truth, lambda: found.examples[0].parts):
        with pytest.raises(LoadError, match="must lie in the dataset's folder"):
            read()
