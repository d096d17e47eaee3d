"""GLB, written by hand: a named node with a mesh and a material of its own for each thing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import SaveError

Array = NDArray[Any]

_FLOAT, _UINT, _UBYTE = 5126, 5125, 5121
_POINTS, _TRIANGLES = 0, 4
_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_LARGEST = 2**32 - 1  # bytes: what the header of a GLB can say


class GlbWriter:
    """Collects what a GLB lists, and the bytes behind it.

    Args:
        translation: of every node; positions are given without it.  None is none.
    """

    def __init__(self, translation: Sequence[float] | None = None) -> None:
        self.translation = translation
        self.data: list[bytes] = []
        self.size = 0
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.meshes: list[dict[str, Any]] = []
        self.materials: list[dict[str, Any]] = []

    def add_points(self, name: str, xyz: Array, rgb: Array | None) -> None:
        """A node of points.

        Args:
            name: of node, mesh and material.
            xyz: [N, 3], N at least 1; written as float32.
            rgb: [N, 3] uint8, sRGB, or None; linear in the file, as COLOR_0.
        """
        attributes = self._positions(xyz)
        if rgb is not None:
            rgba = np.full((len(rgb), 4), 255, np.uint8)
            rgba[:, :3] = np.rint(_linear(rgb) * 255)
            attributes["COLOR_0"] = self._array(rgba)
        self._add(name, {"attributes": attributes, "mode": _POINTS}, None)

    def add_triangles(self, name: str, xyz: Array, corners: Array, colour: Array | None) -> None:
        """A node of triangles.

        Args:
            name: of node, mesh and material.
            xyz: [N, 3], N at least 1; written as float32.
            corners: [F, 3] into xyz.
            colour: [3] uint8, sRGB, or None; linear in the file, as the material's.
        """
        primitive = {
            "attributes": self._positions(xyz),
            "mode": _TRIANGLES,
            "indices": self._array(corners.reshape(-1).astype("<u4")),
        }
        self._add(name, primitive, colour)

    def _add(self, name: str, primitive: dict[str, Any], colour: Array | None) -> None:
        material: dict[str, Any] = {
            "name": name,
            "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8},
        }
        if colour is not None:
            linear = [*(round(float(c), 6) for c in _linear(colour)), 1.0]
            material["pbrMetallicRoughness"]["baseColorFactor"] = linear
        primitive["material"] = len(self.materials)
        self.materials.append(material)
        self.meshes.append({"name": name, "primitives": [primitive]})

    def _positions(self, xyz: Array) -> dict[str, int]:
        return {"POSITION": self._array(xyz.astype("<f4"), bounds=True)}

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

    def blocks(self, extras: dict[str, Any]) -> list[bytes]:
        """The file, in blocks of bytes; extras goes into its asset.

        Raises:
            SaveError: it would be larger than a GLB can be.
        """
        asset = {"version": "2.0", "generator": "pdengine", "extras": extras}
        nodes = [{"name": mesh["name"], "mesh": k} for k, mesh in enumerate(self.meshes)]
        for node in nodes if self.translation is not None else ():
            node["translation"] = self.translation
        tree = {
            "asset": asset,
            "scene": 0,
            "scenes": [{"nodes": list(range(len(nodes)))}],
            "nodes": nodes,
            "meshes": self.meshes,
            "materials": self.materials,
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": self.size}],
        }
        text = json.dumps(tree, separators=(",", ":")).encode("ascii")
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + self.size
        if total > _LARGEST:
            raise SaveError(f"a GLB file must have at most {_LARGEST} bytes, got {total}")
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
