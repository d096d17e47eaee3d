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


def square() -> np.ndarray:
    values = np.zeros((20, 40), np.uint8)
    values[5:15, 5:15] = 255
    return values


def test_what_is_transparent_is_no_part_of_a_mask(tmp_path: Path, views: Views) -> None:
    """As tools save what they cut out; white everywhere, it would be the whole picture."""
    white, alpha = np.full((20, 40), 255, np.uint8), square()
    for channels in ([white, alpha], [white, white, white, alpha]):
        Image.fromarray(np.dstack(channels)).save(tmp_path / "view_00_seat.png")
        found = masks(read_detections(tmp_path, views, "seat"))
        assert torch.equal(found.mask[0], torch.from_numpy(alpha > 0))
    Image.fromarray(np.dstack([white * 0, alpha])).save(tmp_path / "view_00_seat.png")
    with pytest.raises(LoadError, match="brighter than its ground, got black on a transparent"):
        read_detections(tmp_path, views, "seat")


# A tool that saves space may count black first, or white, and has red for the part.
@pytest.mark.parametrize(
    ("palette", "flip"),
    [((0, 0, 0, 255, 255, 255), 0), ((255, 255, 255, 0, 0, 0), 1), ((0, 0, 0, 255, 0, 0), 0)],
)
def test_a_mask_with_a_palette_is_what_it_shows(
    tmp_path: Path, views: Views, palette: tuple[int, ...], flip: int
) -> None:
    image = Image.fromarray((square() > 0).astype(np.uint8) ^ flip, "P")
    image.putpalette(palette)
    image.save(tmp_path / "view_00_seat.png")
    found = masks(read_detections(tmp_path, views, "seat"))
    assert torch.equal(found.mask[0], torch.from_numpy(square() > 0))


def test_a_palette_of_several_colours_is_no_mask_of_one_part(tmp_path: Path, views: Views) -> None:
    values = (square() > 0).astype(np.uint8)
    values[6:8, 6:8] = 2
    image = Image.fromarray(values, "P")
    image.putpalette((0, 0, 0, 255, 0, 0, 0, 0, 255))
    image.save(tmp_path / "view_00_seat.png")
    with pytest.raises(LoadError, match="a picture with 3 channels and colours"):
        read_detections(tmp_path, views, "seat")


@pytest.mark.parametrize("name", ["view_00.png", "view_00_seat.png"])
def test_a_mask_that_is_to_be_turned_is_refused(tmp_path: Path, views: Views, name: str) -> None:
    turn = Image.Exif()
    turn[0x0112] = 3
    Image.fromarray(square() // 255).save(tmp_path / name, exif=turn)
    with pytest.raises(LoadError, match="must lie as it is stored, got EXIF orientation 3"):
        read_detections(tmp_path, views, "seat")


def test_another_kind_of_file_is_no_png(tmp_path: Path, views: Views) -> None:
    Image.fromarray(square()).save(tmp_path / "view_00_seat.png", "JPEG")
    with pytest.raises(LoadError, match=r"a sound PNG, got another kind of file$"):
        read_detections(tmp_path, views, "seat")


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
    with pytest.raises(LoadError, match=r"be of the views, .* got 'overview.png', 'view_02.png'"):
        read_detections(tmp_path, views, "back")
    blank.save(tmp_path / "view_01.png")
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
