"""Damaged answers: each is read, or refused with one typed error, and takes little."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pdengine.errors import LoadError
from pdengine.teach import check_detections
from pdengine.teach.files import read_detections
from pdengine.types import Views

COCO = {
    "images": [{"id": 3, "file_name": "view_01.png", "height": 20, "width": 40}],
    "categories": [{"id": 4, "name": "seat"}],
    "annotations": [
        {"image_id": 3, "category_id": 4, "bbox": [1, 2, 9, 8], "score": 0.5},
        {"image_id": 3, "category_id": 4, "segmentation": [[1, 1, 9, 1, 5, 9]], "score": 1},
        {
            "image_id": 3,
            "category_id": 4,
            "segmentation": {"size": [20, 40], "counts": [5, 9, 786]},
        },
        {"image_id": 3, "category_id": 4, "segmentation": {"size": [2, 4], "counts": "026"}},
    ],
}
RESULTS = [
    {"image_id": 1, "category_id": 2, "bbox": [1, 2, 9, 8], "score": 0.5},
    {"image_id": 0, "category_id": 1, "segmentation": [[1, 1, 9, 1, 5, 9]], "score": 1},
]
# A mask of 3 x 2, as label-me writes it.
MASK = (
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAADklEQVR42mNgZGBkACIAABYABE/VxjsA"
    "AAAASUVORK5CYII="
)
LABELME = {
    "shapes": [
        {"label": "back", "points": [[1, 1], [9, 1], [5, 9]], "shape_type": "polygon"},
        {"label": "seat", "points": [[1, 1], [9, 9]], "shape_type": "rectangle", "group_id": 1},
        {"label": "back", "points": [[4, 3], [6, 4]], "shape_type": "mask", "mask": MASK},
    ],
    "imagePath": "view_00.png",
    "imageHeight": 20,
    "imageWidth": 40,
}
ODD: list[Any] = [None, True, -1, 0, 1.5, 1e308, 10**400, 2**63, "", "x", "../..", [], [[]], {}]
NUMBERS = [b"-1", b"0", b"99999", b"4294967296", b"1e999", b"NaN", b'"7"', b"null", b"[]"]


def replaced(value: Any, dice: random.Random, chance: float) -> Any:
    """The value with odd things in some of its places, and some of its keys gone."""
    if dice.random() < chance:
        return dice.choice(ODD)
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if dice.random() > chance / 2}
        return {k: replaced(v, dice, chance) for k, v in kept.items()}
    if isinstance(value, list):
        return [replaced(v, dice, chance) for v in value]
    return value


def read(path: Path, views: Views) -> str:
    """How a file was answered: an answer is one that the engine takes."""
    try:
        teacher = read_detections(path, views, "back, seat", ignore_unknown=True)
    except LoadError as error:
        return "refused" if "\n" not in str(error) else "refused in two lines"
    check_detections(teacher.detections, views, teacher.parts)
    return "read"


@pytest.mark.parametrize("content", [COCO, RESULTS, LABELME])
def test_json_with_odd_values_is_read_or_refused(
    content: Any, tmp_path: Path, views: Views
) -> None:
    dice, seen = random.Random(0), set()
    path = tmp_path / "view_00.json"
    for _ in range(250):
        path.write_text(json.dumps(replaced(content, dice, 0.04)))
        seen.add(read(path, views))
    assert seen == {"read", "refused"}


@pytest.mark.parametrize("content", [COCO, LABELME])
def test_damaged_text_is_read_or_refused(content: Any, tmp_path: Path, views: Views) -> None:
    dice, seen = random.Random(1), set()
    path, text = tmp_path / "view_00.json", json.dumps(content).encode()
    for _ in range(250):
        at, data = dice.randrange(len(text)), bytearray(text)
        kind = dice.choice(("flip", "cut", "number", "space"))
        if kind == "flip":
            data[at] ^= 1 << dice.randrange(8)
        elif kind == "cut":
            data = data[: at or 1]
        elif kind == "number":
            data = data[:at] + dice.choice(NUMBERS) + data[at + 1 :]
        else:
            data = data[:at] + b" " + data[at:]
        path.write_bytes(bytes(data))
        seen.add(read(path, views))
    assert seen == {"read", "refused"}


def test_damaged_pictures_are_read_or_refused(tmp_path: Path, views: Views) -> None:
    dice, seen = random.Random(2), set()
    file = io.BytesIO()
    Image.fromarray(np.arange(800, dtype=np.uint8).reshape(20, 40) % 3).save(file, "PNG")
    path, sound = tmp_path / "view_00.png", file.getvalue()
    for _ in range(300):
        at, data = dice.randrange(len(sound)), bytearray(sound)
        if dice.random() < 0.2:
            data = data[: at or 1]
        else:
            data[at] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(data))
        seen.add(read(path, views))
    assert seen == {"read", "refused"}


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["annotations", "shapes", "images", "bbox", "image_id", "label", "points"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees)
def test_any_json_is_read_or_refused(tree: Any, tmp_path: Path, views: Views) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(tree))
    assert read(path, views) in ("read", "refused")


def test_no_file_is_opened_for_its_name_in_another(tmp_path: Path, views: Views) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not a picture: opening it would be an error")
    (tmp_path / "in").mkdir()
    content = json.loads(json.dumps(COCO))
    content["images"][0]["file_name"] = "../secret.png"
    (tmp_path / "in" / "c.json").write_text(json.dumps(content))
    with pytest.raises(LoadError, match=r"be of the views, .* got '\.\./secret\.png'$"):
        read_detections(tmp_path / "in", views, "seat")
