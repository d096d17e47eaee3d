"""STL, binary and ascii: a soup of triangles, three vertices each, in the file's order."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.parsed import Parsed, Polygons
from pdengine.io.text import numbers

Array = NDArray[Any]

TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
FACET = re.compile(
    rb"facet\s+normal\s+(?:\S+\s+){3}outer\s+loop\s+"
    rb"(?:vertex\s+(?:\S+\s+){3}){3}endloop\s+endfacet"
)


def read_stl(path: str, data: bytes) -> Parsed:
    """The triangles; an STL file shares no vertex and has no colours that programs agree on.

    Raises:
        LoadError: the length is not what the header promises and it is no ascii STL either.
    """
    if len(data) >= 84:
        count = int(np.frombuffer(data, "<u4", 1, 80)[0])
        if len(data) == 84 + count * TRIANGLE.itemsize:
            triangles = np.frombuffer(data, TRIANGLE, count, 84)
            return _soup(path, triangles["corners"])
    if data.lstrip()[:5].lower() != b"solid":
        rule = "a binary STL must be 84 bytes and 50 per triangle"
        found = f"{len(data)} bytes"
        if len(data) >= 84:
            found += f" for {count} triangles"
        raise LoadError(path, rule, found)
    return _soup(path, _ascii(path, data))


def _soup(path: str, corners: Array) -> Parsed:
    if len(corners) == 0:
        raise LoadError(path, "a shape must have at least one point, got 0")
    sizes = np.full(len(corners), 3, np.int64)
    world = corners.reshape(-1, 3).astype(corners.dtype.newbyteorder("="))
    return Parsed(world=world, polygons=Polygons(np.arange(len(world)), sizes))


def _ascii(path: str, data: bytes) -> Array:
    text = re.sub(rb"^[ \t]*(end[ \t]*)?solid[^\n]*", b"", data.lower(), flags=re.M)
    facets = len(re.findall(rb"facet\s+normal", text))
    whole = sum(1 for _ in FACET.finditer(text))
    if whole != facets:
        rule = f"{facets} facets of an ascii STL must be a normal and a loop of 3 vertices each"
        raise LoadError(path, rule, f"{whole} such facets")
    bare = re.sub(rb"facet\s+normal|vertex|outer\s+loop|endloop|endfacet", b"", text)
    values = numbers(path, bare, "an ascii STL")
    if len(values) != 12 * facets:
        rule = f"{facets} facets of an ascii STL must have 12 numbers each"
        raise LoadError(path, rule, f"{len(values)} numbers")
    return values.reshape(-1, 4, 3)[:, 1:]
