"""Tables of numbers as text: XYZ, TXT, CSV, PTS, and the ascii bodies of other formats."""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.limits import LIMITS
from pdengine.io.parsed import Parsed, unit_colour

Array = NDArray[Any]

# Column names of a header line, in any case.
NAMES = {
    **{name: name for name in ("x", "y", "z", "nx", "ny", "nz", "r", "g", "b")},
    **dict(zip(("red", "green", "blue"), "rgb", strict=True)),
    **dict(zip(("normal_x", "normal_y", "normal_z"), ("nx", "ny", "nz"), strict=True)),
}

# What the columns mean where no header says so.
MEANING = {
    3: "x y z",
    4: "x y z _",
    6: "x y z r g b",
    7: "x y z _ r g b",
    9: "x y z r g b nx ny nz",
}
# The same where columns 4 to 6 are unit vectors.
MEANING_WITH_NORMALS = {
    6: "x y z nx ny nz",
    7: "x y z nx ny nz _",
    9: "x y z nx ny nz r g b",
}


def table(path: str, text: bytes, what: str) -> Array:
    """A table of numbers separated by whitespace, one row a line. [rows, columns] float64.

    Raises:
        LoadError: a word is not a number, or the rows have different numbers of columns.
    """
    if not text.strip():
        return np.empty((0, 0))
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        return np.loadtxt(io.BytesIO(text), comments=None, ndmin=2, encoding="latin1")
    except (ValueError, OverflowError) as error:
        raise LoadError(path, f"{what} must be a table of numbers", _first(error)) from None


def numbers(path: str, text: bytes, what: str) -> Array:
    """Numbers separated by whitespace, however they fall on lines. [count] float64.

    Raises:
        LoadError: a word is not a number.
    """
    text = text.strip()
    if not text:
        return np.empty(0)
    try:
        with warnings.catch_warnings():
            # numpy 2.0 to 2.2 only warn about text that is not a number.
            warnings.simplefilter("error")
            return np.fromstring(text, dtype=np.float64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise LoadError(path, f"{what} must be numbers", _first(error)) from None


def whole(path: str, values: Array, what: str) -> Array:
    """Numbers that must be whole, as int64.

    Raises:
        LoadError: one is not, or is beyond what float64 counts exactly.
    """
    ok = np.abs(values) < 2**53
    ok &= np.floor(values) == values
    if not ok.all():
        raise LoadError(path, f"{what} must be whole numbers", values[~ok].flat[0])
    return values.astype(np.int64)


def _first(error: Exception) -> str:
    return str(error).split(";")[0].strip()[:160]


def read_text(path: str, data: bytes) -> Parsed:
    """An XYZ, TXT, CSV or PTS file: whitespace, comma or semicolon between columns.

    Lines that start with # or // and one line of column names may come first; a PTS file starts
    with its number of points.  Without names the columns mean what MEANING says; where columns 4 to
    6 are unit vectors with a negative component they are normals (MEANING_WITH_NORMALS).

    Raises:
        LoadError: the file is not such a table.
    """
    if b"\0" in data[:4096]:
        raise LoadError(path, "text must not hold NUL bytes: this looks like a binary file")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    promised, names, start = _header(path, data)
    body = data[start:] if start else data
    sample = body[:4096]
    if b";" in sample and b"," in sample:
        raise LoadError(path, "numbers must use a decimal point, got commas between semicolons")
    if b"," in sample or b";" in sample:
        # An empty field becomes nothing, so its row is a column short and is refused.
        body = body.translate(bytes.maketrans(b",;", b"  "))
    rows = table(path, body, "the file")
    if len(rows) == 0:
        raise LoadError(path, "a shape must have at least one point, got 0")
    if promised is not None and promised != len(rows):
        raise LoadError(path, f"the first line promises {promised} points", len(rows))
    return _columns(path, rows, names)


def _header(path: str, data: bytes) -> tuple[int | None, list[str] | None, int]:
    """The number of points, the column names, and where the table starts."""
    promised, names, start = None, None, 0
    while start < min(len(data), LIMITS.header_bytes):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].decode("latin1").strip()
        bare = line.lstrip("#/").strip()
        words = [w.strip("\"' ") for w in re.split(r"[\s,;]+", bare) if w]
        known = [NAMES.get(w.lower(), "_") for w in words]
        is_names = {"x", "y", "z"} <= set(known)
        if is_names:
            names = known
        elif line and not line.startswith(("#", "//")):
            if len(words) != 1 or names is not None or promised is not None:
                break
            if not words[0].isascii() or not words[0].isdigit() or len(words[0]) > 18:
                raise LoadError(path, "the first line must be numbers or column names", line[:60])
            promised = int(words[0])
        start = end + 1
    return promised, names, start


def _columns(path: str, rows: Array, names: list[str] | None) -> Parsed:
    width = rows.shape[1]
    if names is None:
        meaning = MEANING_WITH_NORMALS if width >= 6 and _are_unit(rows[:, 3:6]) else MEANING
        if width not in meaning:
            raise LoadError(path, "a row must have 3, 4, 6, 7 or 9 columns", width)
        names = meaning[width].split()
    if len(names) != width:
        raise LoadError(path, f"the header names {len(names)} columns, a row must too", width)
    where = {name: i for i, name in reversed(list(enumerate(names)))}

    def take(*wanted: str) -> Array | None:
        if not set(wanted) <= set(where):
            return None
        return np.ascontiguousarray(rows[:, [where[name] for name in wanted]])

    world, colour = take("x", "y", "z"), take("r", "g", "b")
    if world is None:
        raise LoadError(path, "the header must name x, y and z", " ".join(names))
    return Parsed(
        world=world,
        colour=None if colour is None else unit_colour(colour, "f8"),
        normals=take("nx", "ny", "nz"),
    )


def _are_unit(vectors: Array) -> bool:
    """Nearly all rows have length 1, and they do not all point into the first octant."""
    with np.errstate(over="ignore", invalid="ignore"):
        length = np.sqrt(np.einsum("ni,ni->n", vectors, vectors))
        return bool((np.abs(length - 1) < 0.01).mean() > 0.99 and (vectors < 0).any())
