"""COCO: a list of results, or a dataset with images, annotations and categories.

PartSLIP's glip_pred/pred.json is a list of results: image_id is the number of the view from 0,
category_id the number of the part from 1, and the pictures were 800 x 800.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pdengine.errors import LoadError
from pdengine.io.json_file import Entry, finite
from pdengine.teach.files import found as say
from pdengine.teach.files.asked import Names, Pictures, Tally
from pdengine.teach.files.found import Detection
from pdengine.teach.files.pixels import (
    Mask,
    Size,
    cut_box,
    polygon_mask,
    resized,
    scale_between,
)
from pdengine.teach.files.rle import decode_counts, decode_text

# A box that reaches further out of a picture of unknown size was made for another size.
_FORGIVEN = 0.05
_ID = 2**53


# What ends before this holds one pixel at most, or was meant as shares of a picture.
_FIRST_PIXEL = 1.5


@dataclass(frozen=True)
class _Picture:
    """What is known of an image_id: its view, or None, and its size where the file says it."""

    name: str
    view: int | None
    size: Size | None = None


@dataclass(frozen=True)
class _Dataset:
    """How the ids of a file are read.

    Attributes:
        images: by id; None where an id is a view's number or name.
        categories: names by id; None where an id is a part's number, from 1.
    """

    pictures: Pictures
    names: Names
    images: dict[Any, _Picture] | None = None
    categories: dict[int, str] | None = field(default=None)


def read_coco(path: str, content: object, pictures: Pictures, tally: Tally) -> Iterator[Detection]:
    """The detections of a file.

    Raises:
        LoadError: it is neither a list of results nor a dataset, or a field is not as it must be.
    """
    dataset = _Dataset(pictures, Names(tally.parts))
    if isinstance(content, list):
        results = [Entry.of(path, f"[{i}]", value) for i, value in enumerate(content)]
    else:
        file = Entry.of(path, "", content)
        results = file.entries("annotations")
        images = _images(file, pictures) if file.has("images") else None
        categories = _categories(file) if file.has("categories") else None
        dataset = _Dataset(pictures, dataset.names, images, categories)
    if dataset.images is None:
        _check_first(results, len(pictures))
    _check_pixels(results)
    for result in results:
        detection = _detection(result, dataset, tally)
        if detection is not None:
            yield detection


def _check_first(results: Sequence[Entry], views: int) -> None:
    """Refuse views that are numbered from 1: each box would be taken for the next view's."""
    ids = [result.fields.get("image_id") for result in results]
    if views in ids and 0 not in ids:
        results[ids.index(views)].fail("image_id", f"be 0 to {views - 1}, counted from 0", views)


def _check_pixels(results: Sequence[Entry]) -> None:
    """Refuse boxes and polygons in shares of a picture: nearly nothing would be found.

    What is no box and no polygon is left to those who read it.
    """
    ends = []
    for result in results:
        shapes = result.fields.get("segmentation") or [result.fields.get("bbox")]
        for shape in shapes if isinstance(shapes, list) else [None]:
            found = [finite(value) for value in shape] if isinstance(shape, list) else [None]
            ends.append(max((value for value in found if value is not None), default=math.inf))
    if ends and max(ends) < _FIRST_PIXEL:
        name = "segmentation" if results[0].fields.get("segmentation") else "bbox"
        results[0].fail(name, "be in pixels, not in shares of a picture", results[0].value(name))


def _images(file: Entry, pictures: Pictures) -> dict[Any, _Picture]:
    known: dict[Any, _Picture] = {}
    for image in file.entries("images"):
        number = _id(image, "id")
        if number in known:
            image.fail("id", "be of one image alone", number)
        size = None
        if image.has("height") or image.has("width"):
            size = (image.whole("height", 1, _ID), image.whole("width", 1, _ID))
        name = image.text("file_name") if image.has("file_name") else str(number)
        known[number] = _Picture(name, pictures.view(name), size)
    return known


def _categories(file: Entry) -> dict[int, str]:
    known: dict[int, str] = {}
    for category in file.entries("categories"):
        number = category.whole("id", -_ID, _ID)
        if number in known:
            category.fail("id", "be of one category alone", number)
        known[number] = category.text("name")
    return known


def _id(entry: Entry, name: str) -> Any:
    """Most ids are whole numbers; some tools take the file's name."""
    return entry.text(name) if isinstance(entry.value(name), str) else entry.whole(name, -_ID, _ID)


def _detection(result: Entry, dataset: _Dataset, tally: Tally) -> Detection | None:
    """One result; None where it is counted as not usable."""
    picture, label = _picture(result, dataset), _label(result, dataset, tally)
    score = result.number("score", 0.0, 1.0) if result.has("score") else 1.0
    if label is None:
        return None
    if not tally.of_view(picture.view, picture.name, say.NO_VIEW):
        return None
    assert picture.view is not None
    if not result.has("score"):
        tally.add(say.NO_SCORE)
    size = dataset.pictures.size
    if result.fields.get("segmentation"):
        return Detection(picture.view, label, score, _mask(result, picture.size, size))
    box = result.numbers("bbox", 4)
    stated = picture.size or size
    scale = scale_between(result.path, result.at("image_id"), stated, size)
    cut, out = cut_box(box, scale, size)
    if picture.size is None and out > _FORGIVEN * max(size):
        W, H = size[1], size[0]
        result.fail("bbox", f"lie in a {W} x {H} view, for the file states no other size", box)
    if not (cut[2] > cut[0] and cut[3] > cut[1]):
        tally.add(say.OUTSIDE if out > 0 and min(box[2:]) > 0 else say.NO_AREA)
        return None
    if out > 0.5:  # detectors round
        tally.add(say.CUT)
    return Detection(picture.view, label, score, cut)


def _picture(result: Entry, dataset: _Dataset) -> _Picture:
    number = _id(result, "image_id")
    if dataset.images is None:
        return _Picture(str(number), dataset.pictures.view(str(number)))
    if number not in dataset.images:
        result.fail("image_id", "be the id of one of the images", number)
    return dataset.images[number]


def _label(result: Entry, dataset: _Dataset, tally: Tally) -> int | None:
    parts = len(tally.parts)
    if dataset.categories is None:
        return result.whole("category_id", 1, parts) - 1
    number = result.whole("category_id", -_ID, _ID)
    if number not in dataset.categories:
        result.fail("category_id", "be the id of one of the categories", number)
    word = dataset.categories[number]
    label = dataset.names.label(word)
    if label is None:
        tally.add_unknown(word)
    return label


def _mask(result: Entry, stated: Size | None, size: Size) -> Mask:
    """The segmentation at the views' size: polygons, or run lengths, plain or as text."""
    value = result.value("segmentation")
    if isinstance(value, dict):
        return _runs(Entry.of(result.path, result.at("segmentation"), value), size)
    scale = scale_between(result.path, result.at("image_id"), stated or size, size)
    mask = np.zeros(size, bool)
    for i, ring in enumerate(result.items("segmentation")):
        name = f"segmentation[{i}]"
        if not isinstance(ring, list) or len(ring) < 6 or len(ring) % 2:
            result.fail(name, "be x, y of three corners or more")
        corners = np.array(result.checked_numbers(name, ring)).reshape(-1, 2)
        mask |= polygon_mask(corners * scale, size)
    return mask


def _runs(runs: Entry, size: Size) -> Mask:
    sides = runs.numbers("size", 2)
    stated = (int(sides[0]), int(sides[1]))
    if list(stated) != sides:
        runs.fail("size", "be height and width, whole numbers", sides)
    scale_between(runs.path, runs.at("size"), stated, size)
    counts = runs.value("counts")
    try:
        if isinstance(counts, str):
            counts = decode_text(counts)
        mask = decode_counts(runs.checked_list("counts", counts), *stated)
    except ValueError as error:
        raise LoadError(runs.path, f"{runs.at('counts')} must be run lengths", error) from None
    return resized(mask, size)
