"""PartDistill's own files: shapes, labels, and units that are ready."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from pdengine.data import open_dataset, ready_units
from pdengine.errors import LoadError


def write(path: Path, **arrays: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, value in arrays.items():
            file[name] = value
    return path


def small(**changed: Any) -> dict[str, Any]:
    """Four points, three boxes, two parts: the second box holds nothing."""
    confidence = np.zeros((4, 3, 2))
    confidence[[0, 1], 0, 1] = 0.75
    confidence[[1, 3], 2, 0] = 0.5
    arrays = {"xyz": np.eye(4, 3), "cls_bbox": np.array([[1.0, 0, 0]]), "conf_bbox": confidence}
    return {**arrays, **changed}


def test_a_box_is_a_unit_of_the_points_it_is_sure_of(tmp_path: Path) -> None:
    units = ready_units(write(tmp_path / "a.h5", **small()))
    assert units.label.tolist() == [1, 0]
    assert units.score.tolist() == [0.75, 0.5]
    assert units.offsets.tolist() == [0, 2, 4]
    assert units.point.tolist() == [0, 1, 1, 3]
    assert units.view.tolist() == [0, 1]
    assert units.count == 4


def test_where_a_box_is_sure_of_several_parts_the_surest_counts(tmp_path: Path) -> None:
    confidence = np.zeros((4, 3, 2))
    confidence[0, 0] = 0.25, 0.75
    confidence[2, 0] = 0.125, 0.25
    units = ready_units(write(tmp_path / "a.h5", **small(conf_bbox=confidence)))
    assert units.point.tolist() == [0, 2]
    assert units.score.tolist() == [0.5]  # the mean of 0.75 and 0.25


def test_a_link_to_one_file_may_be_given(tmp_path: Path) -> None:
    (tmp_path / "link.h5").symlink_to(write(tmp_path / "a.h5", **small()))
    assert len(ready_units(tmp_path / "link.h5")) == 2


def test_points_without_a_place_are_not_among_the_units(tmp_path: Path) -> None:
    xyz = np.eye(4, 3)
    xyz[1] = np.nan
    units = ready_units(write(tmp_path / "a.h5", **small(xyz=xyz)))
    assert units.point.tolist() == [0, 2]  # rows 0 and 3
    assert units.count == 3


def test_no_box_is_no_unit(tmp_path: Path) -> None:
    none = small(cls_bbox=np.zeros((1, 0)), conf_bbox=np.zeros((4, 0, 2)))
    units = ready_units(write(tmp_path / "a.h5", **none))
    assert (len(units), units.offsets.tolist(), units.count) == (0, [0], 4)


def test_the_loss_of_the_units_is_that_of_the_file(tmp_path: Path, miniatures: Any) -> None:
    """c_nd = C_d where d holds n, else 0: the released loss looks at nothing else."""
    miniatures.partdistill(tmp_path, {"test": {"Chair": 1}})
    (example,) = open_dataset("partdistill", tmp_path).examples
    units = example.units()  # type: ignore[attr-defined]
    with h5py.File(example.path) as file:  # type: ignore[attr-defined]
        best = np.asarray(file["conf_bbox"]).max(2)
        label = np.asarray(file["cls_bbox"])[0]
    ours = np.zeros((units.count, len(units)))
    ours[units.point, units.unit] = units.score[units.unit]
    kept = best.any(0)
    assert units.label.tolist() == label[kept].tolist()
    assert np.abs(ours - best[:, kept]).max() < 1e-6


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"conf_bbox": np.zeros((5, 3, 2))}, r"conf_bbox must be \[4, any, any\], got \[5, 3, 2\]"),
        ({"conf_bbox": np.zeros((4, 3))}, r"conf_bbox must be \[4, any, any\]"),
        ({"cls_bbox": np.zeros((1, 2))}, r"cls_bbox must be \[1, 3\], got \[1, 2\]"),
        ({"cls_bbox": np.zeros(3)}, r"cls_bbox must be \[1, 3\], got \[3\]"),
        ({"cls_bbox": np.full((1, 3), 2)}, r"cls_bbox must be in \[0, 2\), got 2 2"),
        ({"cls_bbox": np.full((1, 3), -1)}, r"cls_bbox must be in \[0, 2\)"),
        ({"cls_bbox": np.full((1, 3), 0.5)}, "cls_bbox must be whole numbers"),
        ({"conf_bbox": np.full((4, 3, 2), 1.5)}, r"conf_bbox must be in \[0, 1\], got 1.5"),
        ({"conf_bbox": np.full((4, 3, 2), np.nan)}, r"conf_bbox must be in \[0, 1\], got nan"),
        ({"xyz": np.zeros((4, 2))}, r"xyz must be \[any, 3\], got \[4, 2\]"),
    ],
)
def test_damaged_units_are_named(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=message):
        ready_units(write(tmp_path / "a.h5", **small(**changed)))


def test_a_shape_comes_back_as_it_was_written(tmp_path: Path, miniatures: Any) -> None:
    written = miniatures.partdistill(tmp_path)
    found = open_dataset("partdistill", tmp_path)
    assert found.protocol == "shapenetpart-class"
    assert found.benchmark == "ShapeNetPart"  # the papers' numbers are of these shapes and labels
    assert found.notes == ("test: 4 of the official 2,874 shapes",)
    assert [e.category for e in found.examples] == ["Chair", "Chair", "Lamp", "Mug"]
    assert [e.category for e in found.train] == ["Chair", "Chair", "Mug"]
    for example in [*found.examples, *found.train]:
        made = written[example.name]
        assert (example.shape().world.numpy() == made.xyz).all()  # type: ignore[union-attr]
        assert example.truth().part.tolist() == made.part.tolist()


def test_without_lists_every_shape_is_in_every_split(tmp_path: Path, miniatures: Any) -> None:
    written = miniatures.partdistill(tmp_path)
    shutil.rmtree(tmp_path / "train_test_split")
    (tmp_path / "03001627" / "empty").mkdir()
    found = open_dataset("partdistill", tmp_path)
    assert {e.name for e in found.examples} == {e.name for e in found.train} == set(written)
    assert found.notes == (
        "03001627: folders without preprocess.h5: empty",
        "there are no lists in train_test_split: every shape is in every split; assets/ of "
        "PartDistill's code has them",
    )


def test_an_id_that_is_no_utf8_becomes_text(tmp_path: Path, miniatures: Any) -> None:
    miniatures.partdistill(tmp_path)
    shutil.rmtree(tmp_path / "train_test_split")
    mug = next((tmp_path / "03797390").iterdir())
    try:
        mug.rename(os.fsdecode(os.fsencode(mug.parent) + b"/\xfe"))
    except OSError:
        pytest.skip("this file system holds no such name")
    found = open_dataset("partdistill", tmp_path).examples
    (example,) = (e for e in found if "\ufffd" in e.name)
    assert example.name == "Mug_\ufffdfe"
    assert len(example.truth().part) == 200


def test_the_name_that_the_released_loader_knows_is_read_too(
    tmp_path: Path, miniatures: Any
) -> None:
    miniatures.partdistill(tmp_path)
    for path in tmp_path.rglob("preprocess.h5"):
        path.rename(path.with_name("aggregated_v2.h5"))
    assert len(open_dataset("partdistill", tmp_path).examples) == 4


def test_labels_of_another_category_are_named(tmp_path: Path, miniatures: Any) -> None:
    miniatures.partdistill(tmp_path)
    example = open_dataset("partdistill", tmp_path).examples[0]
    with h5py.File(example.path, "a") as file:  # type: ignore[attr-defined]
        file["gt_semantic_seg"][3] = 49
    with pytest.raises(LoadError, match="the parts of Chair must be 12 to 15, got 49"):
        example.truth()
    assert isinstance(example.shape().xyz, torch.Tensor)  # type: ignore[union-attr]
