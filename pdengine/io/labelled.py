"""Shapes whose labels are known, as files: the labelled PLY that segment writes too, and GLB."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.io.save import painted, ply_blocks, triangles

Array = NDArray[Any]

_FLOAT, _UINT, _UBYTE = 5126, 5125, 5121
_POINTS, _TRIANGLES = 0, 4
_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963


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
    writer = _Writer()
    for part, name in enumerate(shape.names):
        writer.add_part(shape, part, name)
    asset = {"version": "2.0", "generator": "pdengine", "extras": {**about, "parts": shape.names}}
    return writer.blocks(asset)


class _Writer:
    """Collects what a GLB lists, and the bytes behind it."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.size = 0
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.meshes: list[dict[str, Any]] = []
        self.materials: list[dict[str, Any]] = []

    def add_part(self, shape: LabelledRows, part: int, name: str) -> None:
        if shape.faces is None or shape.face_label is None:
            rows = np.flatnonzero(shape.label == part)
            corners = None
        else:
            faces = shape.faces[shape.face_label == part]
            rows, corners = np.unique(faces, return_inverse=True)
        if len(rows) == 0:
            return
        material: dict[str, Any] = {
            "name": name,
            "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8},
        }
        attributes = {"POSITION": self._array(shape.xyz[rows].astype("<f4"), bounds=True)}
        primitive: dict[str, Any] = {"attributes": attributes, "material": len(self.materials)}
        if corners is None:
            primitive["mode"] = _POINTS
            if shape.rgb is not None:
                rgba = np.full((len(rows), 4), 255, np.uint8)
                rgba[:, :3] = np.rint(_linear(shape.rgb[rows]) * 255)
                attributes["COLOR_0"] = self._array(rgba)
        else:
            primitive["mode"] = _TRIANGLES
            primitive["indices"] = self._array(corners.reshape(-1).astype("<u4"))
            if shape.rgb is not None:
                colour = _linear(shape.rgb[rows[:1]])[0]
                material["pbrMetallicRoughness"]["baseColorFactor"] = [
                    *(round(float(c), 6) for c in colour),
                    1.0,
                ]
        self.materials.append(material)
        self.meshes.append({"name": name, "primitives": [primitive]})

    def _array(self, values: Array, bounds: bool = False) -> int:
        indices = values.ndim == 1
        kind = {"f": _FLOAT, "u": _UINT if indices else _UBYTE}[values.dtype.kind]
        entry: dict[str, Any] = {
            "bufferView": len(self.views),
            "componentType": kind,
            "count": len(values),
            "type": "SCALAR" if indices else f"VEC{values.shape[1]}",
        }
        if kind == _UBYTE:
            entry["normalized"] = True
        if bounds:
            entry["min"], entry["max"] = values.min(0).tolist(), values.max(0).tolist()
        block = values.tobytes()  # every kind above is a multiple of four bytes
        self.views.append(
            {
                "buffer": 0,
                "byteOffset": self.size,
                "byteLength": len(block),
                "target": _ELEMENT_BUFFER if indices else _ARRAY_BUFFER,
            }
        )
        self.data.append(block)
        self.size += len(block)
        self.accessors.append(entry)
        return len(self.accessors) - 1

    def blocks(self, asset: dict[str, Any]) -> list[bytes]:
        names: Sequence[str] = [mesh["name"] for mesh in self.meshes]
        tree = {
            "asset": asset,
            "scene": 0,
            "scenes": [{"nodes": list(range(len(names)))}],
            "nodes": [{"name": name, "mesh": k} for k, name in enumerate(names)],
            "meshes": self.meshes,
            "materials": self.materials,
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": self.size}],
        }
        text = json.dumps(tree, separators=(",", ":")).encode("ascii")
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + self.size
        return [
            b"glTF" + np.array([2, total], "<u4").tobytes(),
            np.array([len(text)], "<u4").tobytes() + b"JSON" + text,
            np.array([self.size], "<u4").tobytes() + b"BIN\0",
            *self.data,
        ]


def _linear(rgb: Array) -> Array:
    """sRGB bytes to linear light in [0, 1] (IEC 61966-2-1)."""
    share = rgb / 255
    linear: Array = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear
