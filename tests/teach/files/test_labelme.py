"""label-me: what somebody drew."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pdengine.errors import LoadError
from pdengine.teach.files import FileTeacher, read_detections
from pdengine.types import Masks, Views

Said = Callable[..., FileTeacher]


def shape(**changes: Any) -> dict[str, Any]:
    plain = {"label": "seat", "points": [[2, 3], [6, 8]], "shape_type": "rectangle"}
    return {"group_id": None, "flags": {}, **plain, **changes}


def drawing(*shapes: Any, **changes: Any) -> dict[str, Any]:
    plain = {"version": "5.5.0", "imagePath": "view_01.png", "imageData": None}
    return {**plain, "shapes": shapes, "imageHeight": 20, "imageWidth": 40, **changes}


def masks(teacher: FileTeacher) -> Masks:
    assert isinstance(teacher.detections, Masks)
    return teacher.detections


def test_a_rectangle_and_a_polygon_are_masks(said: Said) -> None:
    corners = [[2, 3], [6, 3], [6, 8], [2, 8]]
    polygon = shape(label="Chair-Back", points=corners, shape_type=None)
    teacher = said(drawing(shape(), polygon, shape(points=corners)))
    expected = torch.zeros(20, 40, dtype=torch.bool)
    expected[3:8, 2:6] = True
    found = masks(teacher)
    assert torch.equal(found.mask, expected.expand(3, -1, -1))
    assert found.label.tolist() == [1, 0, 1]
    assert found.view.tolist() == [1, 1, 1]
    assert found.score.tolist() == [1, 1, 1]
    assert teacher.name == "file:labelme"
    assert teacher.remarks == ()


def png(*rows: str) -> str:
    """A PNG in base64, as label-me writes a mask: # is 1."""
    file = io.BytesIO()
    pixels = np.array([[pixel == "#" for pixel in row] for row in rows], np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_a_mask_lies_where_its_corners_say(said: Said) -> None:
    drawn = shape(shape_type="mask", points=[[4, 3], [6, 4]], mask=png("#.#", ".#."))
    found = masks(said(drawing(drawn)))
    assert found.mask[0].nonzero().tolist() == [[3, 4], [3, 6], [4, 5]]
    # The corner behind the last pixel is off the picture, and the mask ends there.
    edge = shape(shape_type="mask", points=[[38, 19], [40, 20]], mask=png("##"))
    assert masks(said(drawing(edge))).mask[0].nonzero().tolist() == [[19, 38], [19, 39]]
    # A picture of half the size: each pixel becomes four.
    small = shape(shape_type="mask", points=[[2, 1], [2, 1]], mask=png("#"))
    half = masks(said(drawing(small, imageHeight=10, imageWidth=20)))
    assert half.mask[0].nonzero().tolist() == [[2, 4], [2, 5], [3, 4], [3, 5]]


def test_the_file_is_named_after_its_view_or_says_it(said: Said) -> None:
    assert masks(said(drawing(shape()), name="view_0.json")).view.tolist() == [0]
    assert masks(said(drawing(shape(), imagePath="..\\v\\view_00.png"))).view.tolist() == [0]
    with pytest.raises(LoadError, match=r"be of the views, .* got '\.\./\.\./etc/passwd'$"):
        said(drawing(shape(), imagePath="../../etc/passwd"))


def test_a_picture_of_another_size_is_scaled(said: Said) -> None:
    large = shape(points=[[20, 30], [60, 80]])
    small, found = (
        masks(said(drawing(shape()))),
        masks(said(drawing(large, imageHeight=200, imageWidth=400))),
    )
    assert torch.equal(small.mask, found.mask)


def test_a_group_of_one_name_is_one_thing(said: Said) -> None:
    other = [[10, 10], [12, 12]]
    grouped = drawing(
        shape(group_id=3), shape(group_id=3, points=other), shape(group_id=3, label="back")
    )
    found = masks(said(grouped))
    assert found.label.tolist() == [1, 0]
    assert found.mask.sum((1, 2)).tolist() == [24, 20]


def test_what_cannot_be_used_is_counted(said: Said) -> None:
    teacher = said(drawing(shape(shape_type="circle"), shape(points=[[50, 50], [60, 60]])))
    assert [remark.split(": ", 1)[1] for remark in teacher.remarks] == [
        "shapes of the type 'circle', left out: 1",
        "detections without a pixel, left out: 1",
    ]
    with pytest.raises(LoadError, match=r"must be one of back, seat, arm rest.*got 'wing' \(1\)"):
        said(drawing(shape(label="wing")))


def test_a_file_named_after_another_view_than_its_picture_is_said(said: Said) -> None:
    teacher = said(drawing(shape(), imagePath="view_00.png"), name="view_01.json")
    assert masks(teacher).view.tolist() == [1]
    assert teacher.remarks[0].endswith("after another view than their imagePath is: 1")


def test_a_folder_holds_a_file_per_view(tmp_path: Path, views: Views) -> None:
    for view in (0, 1):
        path = tmp_path / f"view_{view:02}.json"
        path.write_text(json.dumps(drawing(shape())))
    (tmp_path / "notes.txt").write_text("mine")
    teacher = read_detections(tmp_path, views, "seat")
    assert masks(teacher).view.tolist() == [0, 1]
    assert teacher.remarks[0].endswith("other files beside the detections, not read: 1")
    first = teacher.identity
    path.write_text(json.dumps(drawing(shape(), shape())))
    assert read_detections(tmp_path, views, "seat").identity != first


def test_too_many_shapes_are_refused(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdengine.teach.files.found.MOST_PIXELS", 1600)
    assert len(masks(said(drawing(shape(), shape()))).mask) == 2
    with pytest.raises(LoadError, match="masks of 40 x 20 must be at most 2, got more"):
        said(drawing(shape(), shape(), shape()))


BAD: list[tuple[dict[str, Any], str]] = [
    (drawing(imageHeight=None), "imageHeight must be there"),
    (drawing(imageHeight=40), "proportions of the 40 x 20 views, got 40 x 40"),
    (drawing(5), r"shapes\[0\] must be an object, got 5"),
    (drawing(shape(label=None)), r"shapes\[0\].label must be there"),
    (drawing(shape(points=5)), r"shapes\[0\].points must be a list, got 5"),
    (drawing(shape(points=[5, 6])), r"points\[0\] must be x and y"),
    (drawing(shape(points=[[1], [2]])), r"points\[0\] must be 2 numbers, got 1"),
    (drawing(shape(points=[[1, 2]])), "points must be two or four corners of a rectangle, got 1"),
    (drawing(shape(shape_type="polygon")), "points must be three or more, got 2"),
    (drawing(shape(shape_type="mask")), r"shapes\[0\].mask must be there"),
    (drawing(shape(shape_type="mask", mask=5)), r"mask must be text, got 5"),
    (drawing(shape(shape_type="mask", mask="#")), "mask must be a sound PNG in base64, got "),
    (drawing(shape(shape_type="mask", mask="AAAA")), "mask must be a sound PNG in base64, got "),
    (
        drawing(shape(shape_type="mask", points=[[39, 19]] * 2, mask=png("##"))),
        "mask must lie in its picture, got 2 x 1 from x 39, y 19",
    ),
    (drawing(shape(shape_type="mask", points=[[1, 2]])), "be two or four corners of a mask, got 1"),
    (drawing(shape(group_id="a")), "group_id must be a whole number, got 'a'"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_says_what_is_wrong(said: Said, content: dict[str, Any], message: str) -> None:
    with pytest.raises(LoadError, match=message):
        said(content)
