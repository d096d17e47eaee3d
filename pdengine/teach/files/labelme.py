"""label-me: one JSON file per picture, with shapes that somebody drew.

Shapes of one name and one group_id are one thing.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pdengine.errors import LoadError
from pdengine.io.json_file import Entry
from pdengine.teach.files import found as say
from pdengine.teach.files.asked import Names, Pictures, Tally
from pdengine.teach.files.found import Detection
from pdengine.teach.files.pixels import (
    Mask,
    Size,
    box_mask,
    polygon_mask,
    resized,
    scale_between,
)

_SIDE = 2**53


def read_labelme(path: str, content: object, pictures: Pictures, tally: Tally) -> list[Detection]:
    """The polygons, rectangles and masks of a file, each with score 1.

    The picture is the one that the file is named after, else the one of its imagePath.

    Raises:
        LoadError: it is no such file, or its picture has other proportions than the views.
    """
    file = Entry.of(path, "", content)
    shapes = file.entries("shapes")
    stated = (file.whole("imageHeight", 1, _SIDE), file.whole("imageWidth", 1, _SIDE))
    scale_between(path, "imageHeight and imageWidth", stated, pictures.size)
    view = pictures.view(Path(path).name)
    picture = Path(path).name
    if file.has("imagePath"):
        shown = pictures.view(file.text("imagePath"))
        if view is None:
            view, picture = shown, file.text("imagePath")
        elif shown not in (None, view):
            tally.add("label-me files that are named after another view than their imagePath is")
    names = Names(tally.parts)
    groups: dict[tuple[int, object], Mask] = {}
    for i, shape in enumerate(shapes):
        label = _label(shape, names, view, picture, tally)
        if label is None:
            continue
        mask = _mask(shape, stated, pictures.size)
        if mask is None:
            tally.add(f"shapes of the type {shape.fields['shape_type']!r}, left out")
            continue
        group = ("one by one", i)
        if shape.has("group_id"):
            group = ("group", shape.whole("group_id", -_SIDE, _SIDE))
        key = (label, group)
        groups[key] = groups[key] | mask if key in groups else mask
        say.check_count(path, len(groups), pictures.size)
    return list(_detections(groups, view))


def _label(shape: Entry, names: Names, view: int | None, picture: str, tally: Tally) -> int | None:
    word = shape.text("label")
    label = names.label(word)
    if label is None:
        tally.add_unknown(word)
    elif not tally.of_view(view, picture, say.NO_VIEW):
        label = None
    return label


def _mask(shape: Entry, stated: Size, size: Size) -> Mask | None:
    """The pixels of a shape in a view; None where it is no polygon, rectangle or mask.

    Args:
        shape: of the file.
        stated: height and width of the picture that it was drawn on.
        size: of the view.
    """
    kind = shape.text("shape_type") if shape.has("shape_type") else "polygon"
    if kind not in ("polygon", "rectangle", "mask"):
        return None
    points = shape.items("points")
    corners = np.empty((len(points), 2))
    for i, point in enumerate(points):
        if not isinstance(point, list):
            shape.fail(f"points[{i}]", "be x and y")
        corners[i] = shape.checked_numbers(f"points[{i}]", point, 2)
    if kind == "polygon" and len(corners) < 3:
        shape.fail("points", "be three or more", len(corners))
    if kind != "polygon" and len(corners) not in (2, 4):  # newer versions write all four corners
        shape.fail("points", f"be two or four corners of a {kind}", len(corners))
    if kind == "mask":
        return resized(_drawn(shape, corners, stated), size)
    corners *= scale_between(shape.path, "the picture", stated, size)
    if kind == "polygon":
        return polygon_mask(corners, size)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return box_mask((low[0], low[1], high[0], high[1]), size)


def _drawn(shape: Entry, corners: NDArray[np.float64], stated: Size) -> Mask:
    """A mask as a PNG in base64, whose first pixel is the upper left corner. [H, W] of the picture.

    It reaches to the other corner's pixel, or to the picture's edge where that is behind it.
    """
    first = np.clip(np.rint(corners.min(axis=0)), 0, stated[::-1])
    left, top = int(first[0]), int(first[1])
    room = (stated[0] - top, stated[1] - left)
    try:
        data = base64.b64decode(shape.text("mask"), validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
                height, width = image.height, image.width
                fits = height <= room[0] and width <= room[1]
                values: NDArray[Any] = np.asarray(image if fits else ())
    except LoadError:
        raise
    except UnidentifiedImageError:
        shape.fail("mask", "be a sound PNG in base64", "another kind of file")
    except Exception as error:  # pillow raises nine kinds for damaged files
        shape.fail("mask", "be a sound PNG in base64", " ".join(str(error).split())[:100])
    if not fits:
        shape.fail("mask", "lie in its picture", f"{width} x {height} from x {left}, y {top}")
    if values.ndim != 2:
        shape.fail("mask", "have one channel", values.shape[2])
    mask = np.zeros(stated, bool)
    mask[top : top + height, left : left + width] = values > 0
    return mask


def _detections(groups: dict[tuple[int, object], Mask], view: int | None) -> Iterator[Detection]:
    for (label, _), mask in groups.items():
        assert view is not None, "shapes of no view are counted, not kept"
        yield Detection(view, label, 1.0, mask)
