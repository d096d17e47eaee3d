"""PCD of the Point Cloud Library: ascii, binary and binary_compressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.limits import LIMITS, check_decoded, check_rows
from pdengine.io.lzf import decompress
from pdengine.io.parsed import Parsed, unit_colour
from pdengine.io.text import table, whole

Array = NDArray[Any]

TYPES = {"F": ("f", (4, 8)), "I": ("i", (1, 2, 4, 8)), "U": ("u", (1, 2, 4, 8))}
ENCODINGS = ("ascii", "binary", "binary_compressed")


@dataclass(frozen=True)
class Field:
    """One field: its name, numpy type code, and how many values a point has."""

    name: str
    type: str
    count: int


@dataclass(frozen=True)
class PcdHeader:
    """What the header says; the body starts at byte start."""

    fields: tuple[Field, ...]
    points: int
    encoding: str
    start: int

    @property
    def row_bytes(self) -> int:
        """Bytes of a point in a binary body."""
        return sum(int(f.type[1]) * f.count for f in self.fields)


def read_pcd(path: str, data: bytes) -> Parsed:
    """The points of a PCD file, organised or not, with NaN rows where the sensor saw nothing.

    Raises:
        LoadError: it is not a PCD file, or its body is not what its header promises.
    """
    header = _header(path, data)
    if header.points == 0:
        raise LoadError(path, "a shape must have at least one point, got 0")
    read = {"ascii": _ascii, "binary": _binary, "binary_compressed": _compressed}
    columns = read[header.encoding](path, data, header)
    types = {f.name: f.type for f in header.fields}
    xyz = [columns[name] for name in "xyz"]
    single = header.encoding != "ascii" and all(types[name] == "f4" for name in "xyz")
    world = np.empty((header.points, 3), np.float32 if single else np.float64)
    for i, column in enumerate(xyz):
        world[:, i] = column
    normals = [columns[f"normal_{a}"] for a in "xyz" if f"normal_{a}" in columns]
    return Parsed(
        world=world,
        colour=_colour(path, columns, types),
        normals=np.stack(normals, axis=1) if len(normals) == 3 else None,
    )


def _header(path: str, data: bytes) -> PcdHeader:
    said: dict[str, list[str]] = {}
    start = 0
    while "DATA" not in said:
        end = data.find(b"\n", start, LIMITS.header_bytes)
        if end < 0:
            raise LoadError(path, "a PCD header must end with a DATA line")
        words = data[start:end].decode("ascii", "replace").split()
        start = end + 1
        if words and not words[0].startswith("#"):
            said[words[0].upper()] = words[1:]
    for key in ("FIELDS", "SIZE", "TYPE"):
        if not said.get(key):
            raise LoadError(path, f"a PCD header must have a {key} line", ", ".join(said))
    names = said["FIELDS"]
    counts = said.get("COUNT") or ["1"] * len(names)
    if not len(names) == len(said["SIZE"]) == len(said["TYPE"]) == len(counts):
        raise LoadError(path, "FIELDS, SIZE, TYPE and COUNT must be equally long", " ".join(names))
    fields = []
    for name, size, kind, count in zip(names, said["SIZE"], said["TYPE"], counts, strict=True):
        code, sizes = TYPES.get(kind.upper(), ("", ()))
        if size not in map(str, sizes):
            raise LoadError(path, f"field {name[:40]} must have a type of F, I or U", kind + size)
        fields.append(Field(name, code + size, _number(path, "COUNT", count, 1, 1 << 20)))
    known = [f.name for f in fields if f.name != "_"]
    if len(set(known)) < len(known):
        raise LoadError(path, "the fields of a PCD file must differ", " ".join(known))
    if not {"x", "y", "z"} <= {f.name for f in fields if f.count == 1}:
        raise LoadError(path, "a PCD file must have the fields x, y and z", " ".join(known))

    width, height = (
        _number(path, key, (said.get(key) or [""])[0], 0, LIMITS.rows)
        for key in ("WIDTH", "HEIGHT")
    )
    points = width * height
    if said.get("POINTS"):
        promised = _number(path, "POINTS", said["POINTS"][0], 0, LIMITS.rows)
        if promised != points:
            raise LoadError(path, f"POINTS must be WIDTH x HEIGHT = {points}", promised)
    encoding = " ".join(said["DATA"]).lower()
    if encoding not in ENCODINGS:
        raise LoadError(path, f"DATA must be one of {', '.join(ENCODINGS)}", encoding[:40])
    return PcdHeader(tuple(fields), points, encoding, start)


def _number(path: str, key: str, word: str, low: int, high: int) -> int:
    digits = word.isascii() and word.isdigit() and len(word) <= 18
    if not digits or not low <= int(word) <= high:
        raise LoadError(
            path, f"{key} must be a whole number in [{low}, {high}]", word[:40] or "none"
        )
    return int(word)


def _ascii(path: str, data: bytes, header: PcdHeader) -> dict[str, Array]:
    width = sum(f.count for f in header.fields)
    left = len(data) - header.start + 1
    check_rows(path, "point", header.points, 2 * width, left)
    values = table(path, data[header.start :], "the points")
    if values.shape != (header.points, width):
        rule = f"the points must be {header.points} lines of {width} numbers"
        raise LoadError(path, rule, f"{values.shape[0]} of {values.shape[1]}")
    columns, at = {}, 0
    for f in header.fields:
        columns[f.name] = values[:, at]
        at += f.count
    return columns


def _binary(path: str, data: bytes, header: PcdHeader) -> dict[str, Array]:
    left = len(data) - header.start
    check_rows(path, "point", header.points, header.row_bytes, left)
    row = np.dtype([(f"f{i}", "<" + f.type, (f.count,)) for i, f in enumerate(header.fields)])
    values = np.frombuffer(data, row, header.points, header.start)
    return {f.name: values[f"f{i}"][:, 0] for i, f in enumerate(header.fields)}


def _compressed(path: str, data: bytes, header: PcdHeader) -> dict[str, Array]:
    body = data[header.start + 8 :]
    if len(data) < header.start + 8:
        raise LoadError(
            path, "compressed points must start with their two sizes, got no more bytes"
        )
    stored, size = (int(n) for n in np.frombuffer(data, "<u4", 2, header.start))
    if stored > len(body):
        raise LoadError(path, f"{stored} compressed bytes must follow the header", len(body))
    wanted = header.points * header.row_bytes
    if size != wanted:
        raise LoadError(path, f"{header.points} points must decode to {wanted} bytes", size)
    check_decoded(path, "compressed points", size, stored)
    try:
        decoded = decompress(body[:stored], size)
    except ValueError as error:
        raise LoadError(path, "the compressed points must be LZF", error) from None
    columns, at = {}, 0
    for f in header.fields:  # one field of all points after another
        count = header.points * f.count
        values = np.frombuffer(decoded, "<" + f.type, count, at)
        columns[f.name] = values.reshape(header.points, f.count)[:, 0]
        at += values.nbytes
    return columns


def _colour(path: str, columns: dict[str, Array], types: dict[str, str]) -> Array | None:
    """r, g, b fields, or the four bytes b g r a of a packed rgb or rgba field."""
    for names in (("r", "g", "b"), ("red", "green", "blue")):
        if set(names) <= set(columns):
            return unit_colour(np.stack([columns[n] for n in names], axis=1), types[names[0]])
    name = next((name for name in ("rgb", "rgba") if name in columns), None)
    if name is None or types[name] not in ("f4", "u4", "i4"):
        return None
    packed = columns[name]
    if types[name] == "f4":
        with np.errstate(over="ignore", invalid="ignore"):
            bits = packed.astype("<f4").view("<u4")
    elif packed.dtype.kind == "f":
        bits = whole(path, packed, name).astype(np.uint32)
    else:
        bits = packed.astype(np.uint32)
    channels = np.stack([bits >> 16 & 255, bits >> 8 & 255, bits & 255], axis=1)
    return unit_colour(channels, "u1")
