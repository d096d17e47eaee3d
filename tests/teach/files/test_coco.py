"""COCO results and datasets, and PartSLIP's pred.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from pdengine.errors import LoadError
from pdengine.teach.files import FileTeacher
from pdengine.types import Boxes, Masks

Said = Callable[..., FileTeacher]


def result(**changes: Any) -> dict[str, Any]:
    plain = {"image_id": 1, "category_id": 2, "bbox": [4, 5, 10, 6], "score": 0.75}
    return {k: v for k, v in (plain | changes).items() if v is not None}


def dataset(*annotations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    images = [
        {"id": 7, "file_name": "out/view_01.png", "height": 200, "width": 400},
        {"id": 8, "file_name": "C:\\out\\view_00_png.rf.0a1b.jpg", "height": 20, "width": 40},
        {"id": 9, "file_name": "../../etc/passwd", "height": 20, "width": 40},
    ]
    categories = [{"id": 1, "name": "chair BACK"}, {"id": 5, "name": "arm_rest"}]
    categories += [{"id": 6, "name": "wheel"}]
    return {"images": images, "categories": categories, "annotations": annotations} | changes


def boxes(teacher: FileTeacher) -> Boxes:
    assert isinstance(teacher.detections, Boxes)
    return teacher.detections


def masks(teacher: FileTeacher) -> Masks:
    assert isinstance(teacher.detections, Masks)
    return teacher.detections


def test_a_result_is_a_box(said: Said) -> None:
    teacher = said([result(), result(image_id=0, category_id=1, score=1)])
    found = boxes(teacher)
    assert found.box.tolist() == [[4, 5, 14, 11]] * 2
    assert found.view.tolist() == [1, 0]
    assert found.label.tolist() == [1, 0]  # category_id counts parts from 1
    assert found.score.tolist() == [0.75, 1]
    assert teacher.name == "file:coco"
    assert teacher.remarks == ()


def test_nothing_found_is_no_box(said: Said) -> None:
    for content in ([], {"annotations": []}):
        assert boxes(said(content)).box.shape == (0, 4)


def test_an_image_id_may_be_a_name(said: Said) -> None:
    found = boxes(said([result(image_id=name) for name in ("0", "1.png", "view_00", "a/view_1")]))
    assert found.view.tolist() == [0, 1, 0, 1]


def test_images_and_categories_say_what_ids_mean(said: Said) -> None:
    content = dataset(
        result(image_id=7, category_id=1, bbox=[40, 50, 100, 60]),
        result(image_id=8, category_id=5),
    )
    found = boxes(said(content))
    assert found.view.tolist() == [1, 0]
    assert found.label.tolist() == [0, 2]
    assert found.box.tolist() == [[4, 5, 14, 11]] * 2  # the first picture was ten times as large


def test_images_without_names_are_views_by_number(said: Said) -> None:
    content = dataset(result(), images=[{"id": 1}])
    content.pop("categories")
    assert boxes(said(content)).view.tolist() == [1]


def test_an_unknown_name_is_an_error_or_left_out_where_that_is_wanted(said: Said) -> None:
    content = dataset(
        result(image_id=7, category_id=6),
        result(image_id=7, category_id=6),
        result(image_id=7, category_id=1),
    )
    wrong = r"must be one of back, seat, arm rest, unless unknown ones are ignored, got 'wheel' \(2"
    with pytest.raises(LoadError, match=wrong):
        said(content)
    teacher = said(content, ignore_unknown=True)
    assert boxes(teacher).label.tolist() == [0]
    assert teacher.remarks[0].endswith("their names are no parts: 'wheel' (2)")


def test_an_unused_category_does_not_matter(said: Said) -> None:
    assert said(dataset(result(image_id=7, category_id=1))).remarks == ()


REMARKS = [
    (result(bbox=[4, 5, 0, 6]), "boxes without an area, left out"),
    (result(bbox=[4, 5, -3, 6]), "boxes without an area, left out"),
    (result(bbox=[4, 5, 1e-9, 6]), "boxes without an area, left out"),
    (result(bbox=[40.5, 5, 1, 1]), "detections outside their picture, left out"),
    (result(segmentation={"size": [20, 40], "counts": [800]}), "without a pixel, left out"),
]


@pytest.mark.parametrize(("bad", "remark"), REMARKS)
def test_what_cannot_be_used_is_counted(said: Said, bad: Any, remark: str) -> None:
    teacher = said([bad, bad])
    assert len(teacher.detections.label) == 0
    assert len(teacher.remarks) == 1
    assert teacher.remarks[0].endswith(f"{remark}: 2")
    assert "found.json: " in teacher.remarks[0]


def test_pictures_that_are_no_view_are_counted_where_others_are_views(said: Said) -> None:
    strays = [result(image_id=name) for name in (-1, 5, "other.png")]
    teacher = said([result(), *strays])
    assert boxes(teacher).view.tolist() == [1]
    (remark,) = teacher.remarks
    assert remark.endswith("detections in pictures that are no view, left out: 3")


@pytest.mark.parametrize("name", [-1, 3, "other.png"])
def test_pictures_that_are_all_no_view_are_an_error(said: Said, name: int | str) -> None:
    rule = rf"be of the views, view_00.png to view_01.png or 0 to 1, got '{name}'$"
    with pytest.raises(LoadError, match=rule):
        said([result(image_id=name)] * 2)
    with pytest.raises(LoadError, match=r"or 0 to 1, got '\.\./\.\./etc/passwd'"):
        said(dataset(result(image_id=9, category_id=1)))


def test_views_that_are_counted_from_one_are_refused(said: Said) -> None:
    """Every box would be taken for the next view's, and the last one's left out."""
    rule = r"\[1\].image_id must be 0 to 1, counted from 0, got 2"
    with pytest.raises(LoadError, match=rule):
        said([result(image_id=1), result(image_id=2)])
    assert len(boxes(said([result(image_id=0), result(image_id=2)])).box) == 1


SHARES: list[dict[str, Any]] = [
    {"bbox": [0.1, 0.2, 0.5, 0.6]},
    {"segmentation": [[0.1, 0.2, 0.9, 0.2, 0.9, 0.9]]},
]


@pytest.mark.parametrize("shares", SHARES)
def test_shares_of_a_picture_are_refused(said: Said, shares: dict[str, Any]) -> None:
    (name,) = shares
    rule = rf"\[0\].{name} must be in pixels, not in shares of a picture, got \[+0.1, 0.2, 0"
    with pytest.raises(LoadError, match=rule):
        said([result(**shares), result(**shares)])
    assert len(said([result(**shares), result()]).detections.label) == 2


def test_a_box_that_reaches_out_is_cut_and_a_missing_score_is_one(said: Said) -> None:
    teacher = said([result(bbox=[38, 5, 3, 6]), result(score=None), result(bbox=[38, 5, 2.4, 6])])
    assert boxes(teacher).box[0].tolist() == [38, 5, 40, 11]
    assert boxes(teacher).score.tolist() == [0.75, 1, 0.75]
    assert [remark.split(": ", 1)[1] for remark in teacher.remarks] == [
        "boxes that reach out of their picture, cut at its edge: 1",
        "detections without a score, taken as 1: 1",
    ]


def test_boxes_of_another_picture_size_are_refused_where_nothing_says_it(said: Said) -> None:
    with pytest.raises(LoadError, match=r"\[0\].bbox must lie in a 40 x 20 view, for the file"):
        said([result(bbox=[300, 5, 10, 10])])
    told = dataset(result(image_id=8, category_id=1, bbox=[300, 5, 10, 10]))
    assert said(told).remarks[0].endswith("detections outside their picture, left out: 1")


def test_polygons_become_masks(said: Said) -> None:
    two = [[0, 0, 2, 0, 2, 2, 0, 2], [38, 18, 40, 18, 40, 20, 38, 20]]
    found = masks(said([result(segmentation=two)]))
    expected = torch.zeros(20, 40, dtype=torch.bool)
    expected[:2, :2] = expected[18:, 38:] = True
    assert torch.equal(found.mask, expected[None])
    large = [[v * 10 for v in ring] for ring in two]
    content = dataset(result(image_id=7, category_id=1, segmentation=large))
    assert torch.equal(masks(said(content)).mask, expected[None])


def test_run_lengths_become_masks_also_of_another_size(said: Said) -> None:
    expected = torch.zeros(20, 40, dtype=torch.bool)
    expected[:, :10] = True
    plain = {"size": [20, 40], "counts": [0, 200, 600]}
    small = {"size": [2, 4], "counts": "026"}  # 0 outside, 2 inside, 6 outside
    found = masks(said([result(segmentation=plain), result(segmentation=small, bbox=None)]))
    assert torch.equal(found.mask, expected.expand(2, -1, -1))


def test_a_box_among_masks_is_all_mask(said: Said) -> None:
    runs = {"size": [20, 40], "counts": [0, 800]}
    teacher = said([result(segmentation=runs), result(segmentation=[])])
    assert masks(teacher).mask.sum((1, 2)).tolist() == [800, 60]
    assert teacher.remarks[0].endswith("a box alone, all of it taken as their mask: 1")


def test_too_many_masks_are_refused(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdengine.teach.files.found.MOST_PIXELS", 1600)
    runs = result(segmentation={"size": [20, 40], "counts": [0, 800]})
    assert len(masks(said([runs] * 2)).mask) == 2
    with pytest.raises(LoadError, match="masks of 40 x 20 must be at most 2, got more"):
        said([runs] * 3)


RUNS = {"size": [20, 40], "counts": [800]}
BAD: list[tuple[Any, str]] = [
    ([5], r"\[0\] must be an object, got 5"),
    ([result(image_id=None)], r"\[0\].image_id must be there, got nothing"),
    ([result(image_id=1.5)], r"\[0\].image_id must be a whole number, got 1.5"),
    ([result(image_id=True)], r"\[0\].image_id must be a whole number, got True"),
    ([result(category_id=0)], r"\[0\].category_id must be in \[1, 3\], got 0"),
    ([result(category_id=4)], r"\[0\].category_id must be in \[1, 3\], got 4"),
    ([result(category_id="seat")], r"category_id must be a whole number, got 'seat'"),
    ([result(bbox=None)], r"\[0\].bbox must be there"),
    ([result(bbox=[1, 2, 3])], r"\[0\].bbox must be 4 numbers, got 3"),
    ([result(bbox=[1, 2, 3, "4"])], r"\[0\].bbox must be a list of numbers, got '4'"),
    ([result(bbox=[1, 2, 3, 10**400])], r"\[0\].bbox must be a list of numbers, got 1000"),
    ([result(bbox={"x": 1})], r"\[0\].bbox must be a list, got an object"),
    ([result(score=1.5)], r"\[0\].score must be in \[0, 1\], got 1.5"),
    ([result(score="high")], r"\[0\].score must be a number, got 'high'"),
    ([result(segmentation="abc")], r"segmentation must be a list, got 'abc'"),
    ([result(segmentation=[[1, 2, 3, 4]])], r"segmentation\[0\] must be x, y of three corners"),
    ([result(segmentation=[[1, 2, 3, 4, 5, None]])], r"must be a list of numbers, got null"),
    ([result(segmentation=RUNS | {"size": [40, 40]})], r"proportions of the 40 x 20 views"),
    ([result(segmentation=RUNS | {"size": [20.5, 40]})], "height and width, whole numbers"),
    ([result(segmentation=RUNS | {"size": [1e300, 1e300]})], "must be 1 to 8192 px"),
    ([result(segmentation=RUNS | {"counts": [799]})], "run lengths, got counts that do not add"),
    ([result(segmentation=RUNS | {"counts": "0 1"})], "run lengths, got the character ' '"),
    ([result(segmentation=RUNS | {"counts": 4})], "counts must be a list, got 4"),
    (dataset(result(image_id=3)), "image_id must be the id of one of the images, got 3"),
    (dataset(result(image_id=7, category_id=9)), "the id of one of the categories, got 9"),
    (dataset(images=[{"id": 1}, {"id": 1}]), r"images\[1\].id must be of one image alone, got 1"),
    (dataset(images=[{"id": 1, "width": 4}]), r"images\[0\].height must be there"),
    (dataset(categories=[{"id": 1}]), r"categories\[0\].name must be there"),
    (dataset(categories={}), "categories must be a list, got an object"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_says_what_is_wrong(said: Said, content: Any, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        said(content)
