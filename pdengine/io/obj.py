"""OBJ: vertices in the file's own order, with vertex colours, and polygons.

Read by hand: a general loader splits vertices where texture coordinates differ and orders them by
material, and labels must come back on the vertices the user has.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.parsed import Parsed, Polygons, unit_colour
from pdengine.io.text import numbers, table, whole

Array = NDArray[Any]

# Every statement of the format and of its common extensions; another first word is damage, and a
# vertex lost to damage would shift every face after it.
STATEMENTS = set(
    b"v vt vn vp f l p g s o usemtl mtllib usemap maplib lod mg bevel c_interp d_interp shadow_obj "
    b"trace_obj cstype deg bmat step curv curv2 surf parm trim hole scrv sp end con fo call csh "
    b"ctech stech xyzrgb".split()
)


def read_obj(path: str, data: bytes) -> Parsed:
    """The v and f statements of an OBJ file; a v of six numbers carries its colour.

    Raises:
        LoadError: it is not such a file.
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\\\n" in data:
        data = data.replace(b"\\\n", b" ")
    words = set(re.findall(rb"^[ \t]*([^\s#][^\s]*)", data, re.M))
    unknown = sorted(words - STATEMENTS)
    if unknown:
        found = unknown[0][:40].decode("latin1")
        raise LoadError(path, "an OBJ line must start with a statement of the format", repr(found))
    vertex_lines = re.findall(rb"^[ \t]*v[ \t]+([^\n#]*)", data, re.M)
    if not vertex_lines:
        raise LoadError(path, "a shape must have at least one point, got 0")
    values = table(path, b"\n".join(vertex_lines), "the v lines")
    if len(values) != len(vertex_lines) or values.shape[1] not in (3, 4, 6, 7):
        found = f"{values.shape[0]} of {values.shape[1]}"
        raise LoadError(path, f"{len(vertex_lines)} v lines must have 3, 4, 6 or 7 numbers", found)
    return Parsed(
        world=np.ascontiguousarray(values[:, :3]),
        colour=unit_colour(values[:, -3:], "f8") if values.shape[1] >= 6 else None,
        polygons=_polygons(path, data),
    )


def _polygons(path: str, data: bytes) -> Polygons | None:
    lines = re.findall(rb"^[ \t]*f[ \t]+([^\n#]*)", data, re.M)
    if not lines:
        return None
    text = b"\n".join(lines)
    if b"/" in text:
        # A corner is vertex/texture/normal; only the vertex is read.
        text = re.sub(rb"/[^\s]*", b"", text)
        lines = text.split(b"\n")
    sizes = np.array([len(line.split()) for line in lines], np.int64)
    corners = whole(path, numbers(path, text, "the f lines"), "the f lines")
    if len(corners) != sizes.sum() or (corners == 0).any():
        raise LoadError(path, "a corner of an f line must be a vertex number from 1", "0 or none")
    negative = corners < 0
    corners -= 1
    if negative.any():
        # -1 is the last vertex before that line.
        before = np.repeat(_vertices_before(data), sizes)
        corners[negative] += before[negative] + 1
        if corners.min() < 0:
            raise LoadError(path, "a negative corner must name a vertex before it", corners.min())
    return Polygons(corners, sizes)


def _vertices_before(data: bytes) -> Array:
    """How many v lines stand before each f line."""
    kinds = re.findall(rb"^[ \t]*([vf])[ \t]", data, re.M)
    is_face = np.array([kind == b"f" for kind in kinds])
    before: Array = np.cumsum(~is_face)[is_face]
    return before
