"""Masks as PNG files, one or more per view.

view_00.png is a label map: 0 is nothing, k the k-th part of the prompt; each of its 8-connected
regions is a mask.  view_00_<part>.png is one mask, and so is view_00_<part>_1.png: what is at least
half as bright as its brightest pixel.  What is transparent is black.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pdengine.config import LiftConfig
from pdengine.errors import LoadError
from pdengine.io.limits import read_file
from pdengine.kernels.label_components import label_components
from pdengine.teach.files.asked import Names, Pictures, Tally
from pdengine.teach.files.found import Detection
from pdengine.teach.files.pixels import resized, scale_between

Array = NDArray[Any]

_NAME = re.compile(r"(?:view_?)?(\d{1,6})(?:[_-](.+))?", re.IGNORECASE | re.DOTALL)
_ORIENTATION = 0x0112  # of EXIF; 1 is as it lies
_HALF_OPAQUE = 128
_SMALL = LiftConfig().min_component_px


def read_masks(paths: Sequence[Path], pictures: Pictures, tally: Tally) -> Iterator[Detection]:
    """The masks of these files, each with score 1.

    Raises:
        LoadError: one is no PNG, has colours, or other proportions than the views.
    """
    names = Names(tally.parts)
    for path in paths:
        found = _NAME.fullmatch(path.stem)
        number = int(found[1]) if found else len(pictures)
        view = number if number < len(pictures) else None
        if not tally.of_view(view, path.name, "PNG files whose names say no view, left out"):
            continue
        assert found is not None
        assert view is not None
        if found[2] is None:
            yield from _of_map(path, view, pictures, tally)
        else:
            label = _label(found[2], names)
            if label is None:
                tally.add_unknown(found[2])
                continue
            values = _grey(path, pictures.size, by_colour=True)
            mask = (values > 0) & (2 * values >= values.max())
            if mask.any():  # an empty picture says that the part is not in the view
                yield Detection(view, label, 1.0, resized(mask, pictures.size))


def _label(word: str, names: Names) -> int | None:
    """The part of "leg", or of "leg_2"."""
    label = names.label(word)
    return names.label(re.sub(r"[_-]\d+$", "", word)) if label is None else label


def _of_map(path: Path, view: int, pictures: Pictures, tally: Tally) -> Iterator[Detection]:
    values = _grey(path, pictures.size, by_colour=False)
    parts = len(tally.parts)
    for value in np.unique(values[values > parts]).tolist():
        tally.add_unknown(f"pixel value {value}")
    classes = np.where(values > parts, 0, values).astype(np.int32) - 1
    regions = label_components(torch.from_numpy(resized(classes, pictures.size))[None])
    region = regions.label[0].numpy()
    for i, (label, size) in enumerate(
        zip(regions.class_.tolist(), regions.size.tolist(), strict=True)
    ):
        if size < _SMALL:
            tally.add(f"regions of fewer than {_SMALL} px, left out")
            continue
        yield Detection(view, label, 1.0, region == i)


def _grey(path: Path, size: tuple[int, int], *, by_colour: bool) -> Array:
    """The values of a picture with one channel, or with equal ones; 0 where it is transparent.

    Args:
        path: of the PNG.
        size: of the views.
        by_colour: what a palette shows counts, and its numbers where it has no greys alone.

    Returns:
        [h, w] int64.
    """
    name = str(path)
    data = read_file(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
                scale_between(name, "a mask", (image.height, image.width), size)
                turn = image.getexif().get(_ORIENTATION, 1)
                values = _of_palette(image) if by_colour else np.asarray(image)
    except LoadError:
        raise
    except UnidentifiedImageError:
        raise LoadError(name, "a mask must be a sound PNG", "another kind of file") from None
    except Exception as error:  # pillow raises nine kinds for damaged files
        found = " ".join(str(error).split())[:100]
        raise LoadError(name, "a mask must be a sound PNG", found) from None
    if turn != 1:
        raise LoadError(name, "a mask must lie as it is stored", f"EXIF orientation {turn}")
    if values.ndim == 3:
        if values.shape[2] in (2, 4):
            values = _opaque(name, values)
        colours = values[..., :1] if values.shape[2] == 2 else values[..., :3]  # without alpha
        if not (colours == colours[..., :1]).all():
            rule = "a mask must have one channel, or a palette whose numbers are the parts"
            raise LoadError(name, rule, f"a picture with {values.shape[2]} channels and colours")
        values = colours[..., 0]
    return values.astype(np.int64)


def _of_palette(image: Image.Image) -> Array:
    """What a picture shows; of a palette with colours whether its number is above 0.

    A palette of black and white may count either first, and its numbers say nothing then.
    """
    values = np.asarray(image)
    if image.mode != "P":
        return values
    shown = np.asarray(image.convert("RGBA" if "transparency" in image.info else "RGB"))
    grey = (shown[..., :3] == shown[..., :1]).all()
    one_colour = len(np.unique(values[values > 0])) <= 1
    return values > 0 if one_colour and not grey else shown


def _opaque(name: str, values: Array) -> Array:
    """A picture with black where it is transparent.

    Raises:
        LoadError: it is black elsewhere too, and so drawn in transparency alone.
    """
    there = values[..., -1] >= _HALF_OPAQUE
    if there.any() and not there.all() and not values[there][:, :-1].any():
        rule = "a mask must be brighter than its ground"
        raise LoadError(name, rule, "black on a transparent one")
    return np.where(there[..., None], values, 0)
