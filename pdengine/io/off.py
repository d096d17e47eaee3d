"""OFF: vertices with colours and normals (COFF, NOFF, CNOFF), polygons of any size."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.limits import check_rows
from pdengine.io.parsed import Parsed, Polygons, unit_colour
from pdengine.io.text import numbers, table, whole

Array = NDArray[Any]


def read_off(path: str, data: bytes) -> Parsed:
    """An ascii OFF file.

    Vertex lines are x y z, then a normal (N), then r g b or r g b a (C, also without the C).

    Raises:
        LoadError: it is not such a file, or its lines are not what its header promises.
    """
    text = re.sub(rb"#[^\n]*", b"", data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    start = re.match(rb"\s*(C?)(N?)OFF(?![A-Za-z])", text)
    if start is None:
        found = repr(data[:12])[1:]
        raise LoadError(path, "an OFF file must start with OFF, COFF, NOFF or CNOFF", found)
    # Some writers put the counts on the first line, with or without a blank.
    lines = [line for line in text[start.end() :].split(b"\n") if line.strip()]
    if not lines:
        raise LoadError(path, "an OFF file must give its counts after OFF")
    counts = whole(path, numbers(path, lines[0], "the counts"), "the counts")
    if len(counts) not in (2, 3):
        raise LoadError(path, "an OFF file must count vertices, faces and edges", lines[0][:40])
    vertices, faces = int(counts[0]), int(counts[1])
    check_rows(path, "vertex", vertices, 6, len(data) + 1)
    check_rows(path, "face", faces, 2, len(data) + 1)
    if vertices == 0:
        raise LoadError(path, "a shape must have at least one point, got 0")
    if len(lines) - 1 < vertices + faces:
        rule = f"{vertices} vertices and {faces} faces need as many lines"
        raise LoadError(path, rule, f"{len(lines) - 1}: the file is cut short")

    values = table(path, b"\n".join(lines[1 : 1 + vertices]), "the vertices")
    width = values.shape[1]
    colour_at = 6 if start[2] else 3
    ok = width in (colour_at, colour_at + 3, colour_at + 4)
    if len(values) != vertices or not ok:
        rule = f"{vertices} vertices must have {colour_at} numbers and 0, 3 or 4 of a colour"
        raise LoadError(path, rule, f"{values.shape[0]} of {width}")
    has_colour = width > colour_at
    return Parsed(
        world=np.ascontiguousarray(values[:, :3]),
        colour=unit_colour(values[:, colour_at : colour_at + 3], "f8") if has_colour else None,
        normals=values[:, 3:6] if start[2] else None,
        polygons=_polygons(path, lines[1 + vertices : 1 + vertices + faces]) if faces else None,
    )


def _polygons(path: str, lines: list[bytes]) -> Polygons:
    """Lines of a size, that many corners, and colours that are not read."""
    words = np.array([len(line.split()) for line in lines], np.int64)
    values = numbers(path, b"\n".join(lines), "the faces")
    if len(values) != words.sum():
        raise LoadError(path, f"the faces must be {words.sum()} numbers", len(values))
    first = np.cumsum(words) - words
    sizes = whole(path, values[first], "the sizes of faces")
    bad = (sizes < 0) | (sizes > words - 1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        rule = f"face {row} must have as many corners as it says, {sizes[row]}"
        raise LoadError(path, rule, words[row] - 1)
    at = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    corners = values[np.repeat(first + 1, sizes) + at]
    return Polygons(whole(path, corners, "the faces"), sizes)
