"""Shapes whose labels are known, as files: the labelled PLY that segment writes too, and GLB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.io.glb_writer import GlbWriter
from pdengine.io.save import painted, ply_blocks, triangles

Array = NDArray[Any]


@dataclass(frozen=True)
class LabelledRows:
    """Points, or a mesh, that are certain of their part.

    Attributes:
        xyz: [N, 3] float32.
        label: [N] integers into names, -1 unlabelled.
        names: the part names.
        rgb: [N, 3] uint8, sRGB, or None.
        faces: [F, 3] integers into xyz, or None for a cloud.
        face_label: [F] integers into names, with faces.  A face has the colour of its first corner.
    """

    xyz: Array
    label: Array
    names: tuple[str, ...]
    rgb: Array | None = None
    faces: Array | None = None
    face_label: Array | None = None


def labelled_ply(shape: LabelledRows) -> list[Any]:
    """A PLY as save_ply's, in blocks of bytes; no scalar_score, and colours only if there are any.

    read_labels reads it back.
    """
    fields = painted() if shape.rgb is not None else painted()[3:]
    rows = np.empty(len(shape.xyz), [*((name, "<f4") for name in "xyz"), *fields])
    for i, name in enumerate("xyz"):
        rows[name] = shape.xyz[:, i]
    rows["scalar_part"] = shape.label
    faces = None
    if shape.faces is not None:
        faces = triangles(shape.faces, fields)
        faces["scalar_part"] = shape.face_label
    for i, name in enumerate(("red", "green", "blue") if shape.rgb is not None else ()):
        assert shape.rgb is not None
        rows[name] = shape.rgb[:, i]
        if faces is not None and shape.faces is not None:
            faces[name] = shape.rgb[shape.faces[:, 0], i]
    return ply_blocks(rows, faces, shape.names)


def labelled_glb(shape: LabelledRows, about: dict[str, Any]) -> list[bytes]:
    """A GLB, in blocks of bytes: one node, mesh and material per part, each with the part's name.

    A mesh's part has one material colour, that of its first corner; a cloud's points have their own
    (COLOR_0).  Both are linear in a GLB.  Parts that the shape lacks are no nodes, and unlabelled
    points are not written.

    Args:
        about: goes into asset.extras, with the part names under "parts".
    """
    writer = GlbWriter()
    for part, name in enumerate(shape.names):
        _add_part(writer, shape, part, name)
    return writer.blocks({**about, "parts": shape.names})


def _add_part(writer: GlbWriter, shape: LabelledRows, part: int, name: str) -> None:
    if shape.faces is None or shape.face_label is None:
        rows = np.flatnonzero(shape.label == part)
        if len(rows):
            writer.add_points(name, shape.xyz[rows], None if shape.rgb is None else shape.rgb[rows])
        return
    rows, corners = np.unique(shape.faces[shape.face_label == part], return_inverse=True)
    if len(rows):
        colour = None if shape.rgb is None else shape.rgb[rows[0]]
        writer.add_triangles(name, shape.xyz[rows], corners.reshape(-1, 3), colour)
