"""PartNetE: coloured clouds, and labels that are pickled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pdengine.data import Example, open_dataset
from pdengine.data.partnete import spoken
from pdengine.errors import LoadError
from pdengine.types import PointCloud


@pytest.fixture
def root(tmp_path: Path, miniatures: Any) -> Path:
    miniatures.partnete(tmp_path / "PartNetE")
    return tmp_path / "PartNetE"


@pytest.fixture
def chair(root: Path) -> Any:
    return next(e for e in open_dataset("partnete", root).examples if e.category == "Chair")


def notes(root: Path, split: str = "test") -> list[str]:
    return [n for n in open_dataset("partnete", root, split).notes if "official" not in n]


@pytest.mark.parametrize("protocol", [None, 2, 3, 4, 5])
def test_a_shape_comes_back_as_it_was_written(
    protocol: int | None, tmp_path: Path, miniatures: Any
) -> None:
    written = miniatures.partnete(tmp_path, protocol=protocol)
    found = open_dataset("partnete", tmp_path)
    assert (found.name, found.protocol) == ("PartNetE", "partnete")
    every: list[Example] = [*found.examples, *found.train]
    assert {example.name for example in every} == set(written)
    assert [e.category for e in found.examples] == ["Bottle", "Chair", "Chair", "StorageFurniture"]
    assert [e.category for e in found.train] == ["Bottle", "Chair", "StorageFurniture"]
    for example in every:
        shape, truth, made = example.shape(), example.truth(), written[example.name]
        assert isinstance(shape, PointCloud)
        assert (shape.world.numpy() == made.xyz).all()
        assert shape.colour is not None
        assert ((shape.colour * 255).round().numpy() == made.rgb).all()
        assert truth.instance is not None
        assert truth.part.dtype == truth.instance.dtype == torch.int64
        assert (truth.part.numpy() == made.part).all()
        assert (truth.instance.numpy() == made.instance).all()
        assert -1 in truth.part.tolist() or example.category == "Chair"


def test_prompts_read_as_words(root: Path) -> None:
    prompts = {e.category: e.prompt for e in open_dataset("partnete", root).examples}
    assert prompts["StorageFurniture"] == "storage furniture: door, drawer, handle"
    assert prompts["Chair"] == "chair: arm, back, leg, seat, wheel"
    assert [spoken(name) for name in ("USB", "TrashCan", "Box")] == ["usb", "trash can", "box"]


def test_splits_may_lie_beside_the_table_of_names(root: Path) -> None:
    before = open_dataset("partnete", root)
    for split in ("test", "few_shot"):
        (root / "data" / split).rename(root / split)
    found = open_dataset("partnete", root)
    assert [e.name for e in found.examples] == [e.name for e in before.examples]
    assert [e.name for e in found.train] == [e.name for e in before.train]
    assert found.notes == before.notes
    assert found.examples[0].truth().part.tolist() == before_truth(root)


def before_truth(root: Path) -> list[int]:
    """What numpy itself reads of the first bottle: the file is ours."""
    path = next((root / "test" / "Bottle").iterdir()) / "label.npy"
    labels: list[int] = np.load(path, allow_pickle=True).item()["semantic_seg"].tolist()
    return labels


def test_a_split_folder_without_models_says_what_is_there(root: Path) -> None:
    test = root / "data" / "test"
    test.rename(root / "data" / "inner")
    test.mkdir()
    (root / "data" / "inner").rename(test / "test")  # as unpacked twice
    with pytest.raises(LoadError, match=r"must hold <Category>/<id>/pc\.ply, got test$"):
        open_dataset("partnete", root)


def test_other_numbers_than_the_official_ones_are_noted(root: Path) -> None:
    assert open_dataset("partnete", root).notes == (
        "PartNetE_meta.json has 3 categories and 9 parts, the official one 45 and 103",
        "test: 4 of the official 1,906 shapes",
    )


def test_what_is_missing_or_odd_is_noted(root: Path) -> None:
    assert notes(root) == []
    top = root / "data" / "test"
    (bottle,) = (top / "Bottle").iterdir()
    one, two = sorted((top / "Chair").iterdir())
    (one / "label.npy").unlink()
    (two / "pc.ply").unlink()
    bottle.rename(top / "Bottle" / "7")
    shutil.rmtree(top / "StorageFurniture")
    (top / "Boat").mkdir()
    with open(root / "split" / "test.txt", "a") as file:
        file.write("Bottle 7\nChair,1\nChair/1\n")
    assert notes(root) == [
        "test: there is no folder data/test/StorageFurniture",
        "test: folders that PartNetE_meta.json does not name: Boat",
        f"test: listed, and not there: 1, {bottle.name}, 1002",
        "test: listed more than once: 1",
        f"test: folders without pc.ply: Chair_{two.name}",
        f"test: folders without label.npy: Chair_{one.name}",
    ]
    assert [e.name for e in open_dataset("partnete", root).examples] == ["Bottle_7"]
    (root / "split" / "test.txt").unlink()
    assert "test: there is no split/test.txt to compare with" in notes(root)


def test_few_shot_shapes_are_a_split_and_need_not_be_there(root: Path) -> None:
    assert len(open_dataset("partnete", root, "few_shot").examples) == 3
    shutil.rmtree(root / "data" / "few_shot")
    assert open_dataset("partnete", root).train == []
    with pytest.raises(LoadError, match=r"few_shot: must hold <Category>/<id>/pc\.ply"):
        open_dataset("partnete", root, "few_shot")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"semantic_seg": np.zeros(9, int)}, r"semantic_seg must be \[200\], as pc.ply has rows"),
        ({"semantic_seg": np.zeros((200, 1))}, r"semantic_seg must be \[200\]"),
        ({"semantic_seg": np.full(200, 5)}, "semantic_seg of Chair must be -1 to 4, got 5"),
        ({"semantic_seg": np.full(200, -2)}, "semantic_seg of Chair must be -1 to 4, got -2"),
        ({"semantic_seg": np.full(200, 0.5)}, "semantic_seg must be whole numbers, got 0.5"),
        ({"instance_seg": np.full(200, -2)}, "instance_seg must be -1 or more, got -2"),
        ({"instance_seg": np.full(200, np.nan)}, "instance_seg must be whole numbers"),
        ({"instance_seg": None}, "got instance_seg as a NoneType"),
        ({"semantic_seg": "x" * 200}, "got semantic_seg as a str"),
    ],
)
def test_damaged_labels_are_named(
    labels: dict[str, Any], message: str, chair: Any, miniatures: Any
) -> None:
    whole = {"semantic_seg": np.zeros(200, int), "instance_seg": np.zeros(200, int)}
    path = chair.folder / "label.npy"
    path.write_bytes(miniatures.pickled_npy({**whole, **labels}))
    with pytest.raises(LoadError, match=message) as refused:
        chair.truth()
    assert str(refused.value).startswith(str(path))
    path.write_bytes(miniatures.pickled_npy({**whole, "semantic_seg": np.zeros(200, np.float32)}))
    assert chair.truth().part.tolist() == [0] * 200


def test_a_missing_entry_is_named(chair: Any, miniatures: Any) -> None:
    (chair.folder / "label.npy").write_bytes(miniatures.pickled_npy({"sem": np.zeros(200)}))
    with pytest.raises(LoadError, match="got no semantic_seg, but sem"):
        chair.truth()


def test_a_mesh_is_no_cloud(chair: Any) -> None:
    header = "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\n"
    header += "property float z\nelement face 1\nproperty list uchar int vertex_indices\n"
    (chair.folder / "pc.ply").write_text(f"{header}end_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n")
    with pytest.raises(LoadError, match="must be a cloud, got a mesh"):
        chair.shape()


def test_a_link_out_of_the_folder_is_not_followed(chair: Any, tmp_path: Path) -> None:
    for name, read in (("pc.ply", chair.shape), ("label.npy", chair.truth)):
        path = chair.folder / name
        path.rename(tmp_path / name)
        path.symlink_to(tmp_path / name)
        with pytest.raises(LoadError, match="must lie in the dataset's folder"):
            read()


@pytest.mark.parametrize(
    "meta",
    [
        [],
        {},
        {"Chair": []},
        {"Chair": "arm"},
        {"Chair": ["arm", 3]},
        {"Chair": ["arm", "arm"]},
        {"../../etc": ["arm"]},
        {"..": ["arm"]},
    ],
)
def test_a_damaged_table_of_names_is_named(meta: Any, root: Path) -> None:
    (root / "PartNetE_meta.json").write_text(json.dumps(meta))
    with pytest.raises(LoadError, match=r"must be \{category: \[part names\]\}"):
        open_dataset("partnete", root)
