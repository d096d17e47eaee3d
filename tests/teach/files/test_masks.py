"""Masks as PNG files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pdengine.errors import LoadError
from pdengine.teach.files import FileTeacher, read_detections
from pdengine.types import Masks, Views


def masks(teacher: FileTeacher) -> Masks:
    assert isinstance(teacher.detections, Masks)
    return teacher.detections


def label_map() -> np.ndarray:
    """Two seats of 16 px that touch at a corner, one of 20 px apart, and an arm rest of 3 px."""
    values = np.zeros((20, 40), np.uint8)
    values[0:4, 0:4] = values[4:8, 4:8] = 2
    values[10:15, 30:34] = 2
    values[19, 0:3] = 3
    return values


@pytest.mark.parametrize("mode", ["L", "I;16", "P", "RGB", "LA"])
def test_a_label_map_is_a_mask_per_region(mode: str, tmp_path: Path, views: Views) -> None:
    values = label_map()
    image = Image.fromarray(values.astype(np.uint16)) if mode == "I;16" else Image.fromarray(values)
    if mode == "P":
        image.putpalette(list(range(200, 0, -1)) * 3)
    elif mode != "I;16":
        image = image.convert(mode)
    assert image.mode == mode
    image.save(tmp_path / "view_01.png")
    teacher = read_detections(tmp_path, views, "back, seat, arm rest")
    found = masks(teacher)
    assert found.label.tolist() == [1, 1]
    assert found.view.tolist() == [1, 1]
    assert found.mask.sum((1, 2)).tolist() == [32, 20]
    assert torch.equal(found.mask.any(0), torch.from_numpy(values == 2))
    assert teacher.name == "file:masks"
    assert teacher.remarks[0].endswith("regions of fewer than 12 px, left out: 1")


def test_a_value_without_a_part_is_an_unknown_name(tmp_path: Path, views: Views) -> None:
    Image.fromarray(label_map()).save(tmp_path / "view_01.png")
    with pytest.raises(LoadError, match=r"one of back, seat, unless.* got 'pixel value 3' \(1\)"):
        read_detections(tmp_path, views, "back, seat")
    found = read_detections(tmp_path, views, "back, seat", ignore_unknown=True)
    assert masks(found).label.tolist() == [1, 1]


def test_a_picture_per_part_is_one_mask(tmp_path: Path, views: Views) -> None:
    values = np.zeros((20, 40), np.uint8)
    values[2, 3], values[4, 5], values[6, 7] = 255, 128, 127
    Image.fromarray(values).save(tmp_path / "view_00_arm_rest.png")
    Image.fromarray(values > 0).save(tmp_path / "0_seat_12.png")
    Image.fromarray(values * 0).save(tmp_path / "view_00_back.png")
    found = masks(read_detections(tmp_path, views, "chair: back, seat, arm rest"))
    assert found.label.tolist() == [1, 2]
    assert found.mask[0].nonzero().tolist() == [[2, 3], [4, 5], [6, 7]]
    assert found.mask[1].nonzero().tolist() == [[2, 3], [4, 5]]


def test_a_picture_of_another_size_is_scaled(tmp_path: Path, views: Views) -> None:
    values = np.zeros((2, 4), np.uint8)
    values[1, 3] = 1
    Image.fromarray(values).save(tmp_path / "view_00.png")
    found = masks(read_detections(tmp_path / "view_00.png", views, "back"))
    assert found.mask.nonzero().min(0).values.tolist() == [0, 10, 30]
    assert found.mask.sum() == 100


def test_names_that_say_nothing_are_counted_or_refused(tmp_path: Path, views: Views) -> None:
    blank = Image.fromarray(np.zeros((20, 40), np.uint8))
    for name in ("view_02.png", "overview.png"):
        blank.save(tmp_path / name)
    teacher = read_detections(tmp_path, views, "back")
    assert teacher.remarks[0].endswith("PNG files whose names say no view, left out: 2")
    blank.save(tmp_path / "view_00_wing.png")
    with pytest.raises(LoadError, match=r"one of back, unless .* got 'wing' \(1\)"):
        read_detections(tmp_path, views, "back")


def test_says_what_is_wrong(tmp_path: Path, views: Views) -> None:
    path = tmp_path / "view_00.png"
    colours = np.zeros((20, 40, 3), np.uint8)
    colours[0, 0, 1] = 9
    for image, message in (
        (Image.fromarray(colours), "one channel, or a palette .* got a picture with 3 channels"),
        (Image.new("L", (40, 40)), "proportions of the 40 x 20 views, got 40 x 40"),
        (Image.new("1", (8200, 4100)), "must be 1 to 8192 px wide and high, got 8200 x 4100"),
        (Image.new("1", (16384, 8192)), "could be decompression bomb"),
    ):
        image.save(path)
        with pytest.raises(LoadError, match=message):
            read_detections(path, views, "back")
    for content in (b"", b"PNG?", path.read_bytes()[:60]):
        path.write_bytes(content)
        with pytest.raises(LoadError, match=r"view_00\.png"):
            read_detections(path, views, "back")
