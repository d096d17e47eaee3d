"""Answers of a model that makes no mistake: the true parts of a rendered shape, in each format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]
NAMES = ("back", "seat", "leg", "arm")


def painted(views: Path, face_label: Array) -> Array:
    """[V, H, W]: the part behind each pixel, -1 none, by the index that render wrote."""
    with np.load(views / "index.npz") as archive:
        index = archive["index"]
    return np.where(index >= 0, face_label[index], -1)


def regions(parts: Array) -> list[tuple[int, int, Array]]:
    """(view, part, mask) of every visible part."""
    return [
        (view, part, picture == part)
        for view, picture in enumerate(parts)
        for part in range(len(NAMES))
        if (picture == part).any()
    ]


def things(parts: Array) -> list[tuple[int, int, Array]]:
    """(view, part, mask) of every connected region: a detector boxes each leg."""
    found = []
    for view, part, mask in regions(parts):
        components, count = scipy.ndimage.label(mask, np.ones((3, 3)))
        masks = [components == i for i in range(1, count + 1)]
        found += [(view, part, thing) for thing in masks if thing.sum() >= 20]
    return found


def box_of(mask: Array) -> list[float]:
    """x, y, width, height around the pixels."""
    row, column = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x, y = column[0], row[0]
    return [float(v) for v in (x, y, column[-1] + 1 - x, row[-1] + 1 - y)]


def counts_of(mask: Array) -> list[int]:
    """Run lengths, column by column, outside first."""
    flat = np.concatenate([[False], mask.T.reshape(-1), [True]])
    ends = np.flatnonzero(flat[1:] != flat[:-1])
    counts = np.diff(np.concatenate([[0], ends])).tolist()
    return counts if sum(counts) == mask.size else [*counts, mask.size - sum(counts)]


def write_glip(folder: Path, parts: Array) -> Path:
    """PartSLIP's pred.json: a box per part, among the pictures it has drawn."""
    folder.mkdir()
    found = [
        {"image_id": view, "category_id": part + 1, "bbox": box_of(mask), "score": 0.9}
        for view, part, mask in things(parts)
    ]
    (folder / "pred.json").write_text(json.dumps(found))
    Image.new("RGB", (8, 8), "red").save(folder / "0.png")
    return folder


def write_coco(path: Path, parts: Array, runs: bool) -> Path:
    """A dataset with masks as run lengths, or boxes alone; names and ids as a tool makes them."""
    H, W = parts.shape[1:]
    annotations = []
    for number, (view, part, mask) in enumerate(things(parts)):
        entry: dict[str, Any] = {
            "id": number,
            "image_id": 100 + view,
            "category_id": 7 - part,
            "bbox": box_of(mask),
            "score": 0.8,
        }
        if runs:
            entry["segmentation"] = {"size": [H, W], "counts": counts_of(mask)}
        annotations.append(entry)
    content = {
        "images": [
            {"id": 100 + v, "file_name": f"images/view_{v:02}.png", "height": H, "width": W}
            for v in range(len(parts))
        ],
        "categories": [{"id": 7 - i, "name": f"Chair {n}"} for i, n in enumerate(NAMES)],
        "annotations": annotations,
    }
    path.write_text(json.dumps(content))
    return path


def write_labelme(folder: Path, parts: Array) -> Path:
    """A file per view; every run of pixels in a row is a rectangle of its part's group."""
    folder.mkdir()
    H, W = parts.shape[1:]
    for view, picture in enumerate(parts):
        shapes = []
        for part, name in enumerate(NAMES):
            edges = np.diff(np.pad(picture == part, ((0, 0), (1, 1))).astype(int), axis=1)
            starts, ends = np.argwhere(edges > 0), np.argwhere(edges < 0)
            shapes += [
                {
                    "label": name,
                    "shape_type": "rectangle",
                    "group_id": part,
                    "points": [[int(x0), int(y)], [int(x1), int(y) + 1]],
                }
                for (y, x0), (_, x1) in zip(starts, ends, strict=True)
            ]
        content = {
            "shapes": shapes,
            "imagePath": f"../views/view_{view:02}.png",
            "imageHeight": H,
            "imageWidth": W,
        }
        (folder / f"view_{view:02}.json").write_text(json.dumps(content))
    return folder


def write_maps(folder: Path, parts: Array) -> Path:
    """A label map per view."""
    folder.mkdir()
    for view, picture in enumerate(parts):
        Image.fromarray((picture + 1).astype(np.uint8)).save(folder / f"view_{view:02}.png")
    return folder


def write_binary(folder: Path, parts: Array) -> Path:
    """A black and white picture per view and part."""
    folder.mkdir()
    for view, part, mask in regions(parts):
        name = f"view_{view:02}_{NAMES[part]}.png"
        Image.fromarray((mask * 255).astype(np.uint8)).save(folder / name)
    return folder
