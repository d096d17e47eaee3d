"""glTF 2.0 and GLB: the geometry of a scene, flattened with its transforms.

Read by hand: only positions, indices and vertex colours are touched, so no picture is decoded, no
material is followed, no file outside the folder is opened, and every number is checked against the
bytes behind it before it is used.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.gltf_scene import Instance, instances
from pdengine.io.limits import LIMITS, check_decoded, read_file
from pdengine.io.parsed import Parsed, Polygons, unit_colour

Array = NDArray[Any]

COMPONENTS = {"5120": "i1", "5121": "u1", "5122": "i2", "5123": "u2", "5125": "u4", "5126": "f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
POINTS, TRIANGLES, STRIP, FAN = 0, 4, 5, 6


def read_glb(path: str, data: bytes) -> Parsed:
    """A GLB file.

    Raises:
        LoadError: see read_gltf.
    """
    if len(data) < 20:
        raise LoadError(path, "a GLB file must have 20 bytes or more", len(data))
    magic, version, length, size, kind = (int(n) for n in np.frombuffer(data, "<u4", 5))
    if magic != 0x46546C67 or version != 2:
        raise LoadError(path, "a GLB file must start with glTF and version 2", version)
    if length > len(data):
        raise LoadError(path, f"a GLB file of {length} bytes must be whole", len(data))
    if kind != 0x4E4F534A or 20 + size > length:
        raise LoadError(path, "the first chunk of a GLB file must be JSON that fits", size)
    binary, at = None, 20 + size
    while at + 8 <= length:
        size, kind = (int(n) for n in np.frombuffer(data, "<u4", 2, at))
        if at + 8 + size > length:
            raise LoadError(path, f"a GLB chunk of {size} bytes must fit", length - at - 8)
        if kind == 0x004E4942 and binary is None:
            binary = data[at + 8 : at + 8 + size]
        at += 8 + size
    return _read(path, data[20 : 20 + int(np.frombuffer(data, "<u4", 1, 12)[0])], binary, len(data))


def read_gltf(path: str, data: bytes) -> Parsed:
    """A glTF file with its buffers inside or beside it.

    Vertices are in the order of the scene's nodes, their primitives and their own order; primitives
    that share an array of positions share the vertices.

    Raises:
        LoadError: it is not such a file, its scene is no tree, an array leaves its buffer, or it
            needs an extension that changes the geometry.
    """
    return _read(path, data, None, len(data))


@dataclass
class _File:
    """What reading a file needs to know all the time."""

    path: str
    tree: dict[str, Any]
    binary: bytes | None
    size: int
    buffers: dict[int, bytes] = field(default_factory=dict)

    def error(self, rule: str, value: object = None) -> LoadError:
        return LoadError(self.path, rule, value)

    def item(self, kind: str, index: object) -> dict[str, Any]:
        """Entry index of a list of the file."""
        entries = self.tree.get(kind, [])
        listed = isinstance(entries, list)
        if not listed or type(index) is not int or not 0 <= index < len(entries):
            count = len(entries) if listed else 0
            raise self.error(f"an index into {kind} must be in [0, {count})", index)
        entry = entries[index]
        if not isinstance(entry, dict):
            raise self.error(f"{kind}[{index}] must be an object", entry)
        return entry

    def number(self, entry: dict[str, Any], key: str, default: int | None = None) -> int:
        """A whole number from 0."""
        value = entry.get(key, default)
        if type(value) is not int or not 0 <= value < 2**53:
            raise self.error(f"{key} must be a whole number from 0", value)
        return value

    def buffer(self, index: int) -> bytes:
        """The bytes of a buffer, at least as many as it says."""
        if index not in self.buffers:
            entry = self.item("buffers", index)
            length = self.number(entry, "byteLength")
            found = self.binary if "uri" not in entry else self._uri(entry["uri"])
            if found is None or len(found) < length:
                rule = f"buffer {index} must have its {length} bytes"
                raise self.error(rule, 0 if found is None else len(found))
            self.size += 0 if found is self.binary else len(found)
            self.buffers[index] = found
        return self.buffers[index]

    def _uri(self, uri: object) -> bytes:
        if not isinstance(uri, str):
            raise self.error("a uri must be text", uri)
        if uri.startswith("data:"):
            head, _, text = uri.partition(",")
            try:
                return base64.b64decode(text, validate=True) if head.endswith(";base64") else b""
            except (binascii.Error, ValueError) as error:
                raise self.error("a data uri must be base64", error) from None
        name = urllib.parse.unquote(uri)
        folder = os.path.realpath(os.path.dirname(os.path.abspath(self.path)))
        if "\0" in name or "\\" in name or ":" in name or os.path.isabs(name):
            raise self.error("a uri must be a file beside the glTF file", uri)
        file = os.path.realpath(os.path.join(folder, name))
        if os.path.commonpath([folder, file]) != folder:
            raise self.error("a uri must stay in the folder of the glTF file", uri)
        return read_file(file)

    def array(self, index: object) -> tuple[Array, str]:
        """An accessor's values [count, width] and their type code, normalised ones as floats."""
        entry = self.item("accessors", index)
        count = self.number(entry, "count")
        # Of any JSON type, also one that no table can look up.
        code = COMPONENTS.get(str(entry.get("componentType")))
        width = WIDTHS.get(str(entry.get("type")))
        if code is None or width is None or "sparse" in entry or "bufferView" not in entry:
            kind = f"{entry.get('componentType')} {entry.get('type')}"
            raise self.error(f"accessor {index} must be a plain array of a known type", kind)
        view = self.item("bufferViews", entry["bufferView"])
        buffer = self.buffer(self.number(view, "buffer"))
        start, size = self.number(view, "byteOffset", 0), self.number(view, "byteLength")
        if start + size > len(buffer):
            rule = f"a bufferView must end in its buffer of {len(buffer)} bytes"
            raise self.error(rule, start + size)
        offset, item = self.number(entry, "byteOffset", 0), width * int(code[1])
        stride = self.number(view, "byteStride", item) or item
        if count and (stride < item or offset + (count - 1) * stride + item > size):
            rule = f"accessor {index} must fit its bufferView of {size} bytes"
            raise self.error(rule, f"{count} x {stride} from {offset}")
        values: Array = np.ndarray(
            (count, width), "<" + code, buffer, start + offset, (stride, int(code[1]))
        )
        if entry.get("normalized") is True and code[0] in "iu":
            values = np.maximum(values / np.iinfo(code).max, -1.0)
            code = "f8"
        return values, code


def _read(path: str, text: bytes, binary: bytes | None, size: int) -> Parsed:
    try:
        tree = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LoadError(path, "a glTF file must be JSON", str(error)[:100]) from None
    if not isinstance(tree, dict):
        raise LoadError(path, "a glTF file must be a JSON object", type(tree).__name__)
    file = _File(path, tree, binary, size)
    asset = tree.get("asset")
    version = asset.get("version") if isinstance(asset, dict) else None
    if not isinstance(version, str) or not version.startswith("2"):
        raise file.error("a glTF file must be of version 2", version)
    for name in ("KHR_draco_mesh_compression", "EXT_meshopt_compression"):
        if name in str(tree.get("extensionsRequired", "")):
            raise file.error("the geometry must not be compressed", name)
    with np.errstate(over="ignore", invalid="ignore"):
        return _Builder(file).build(instances(file.error, tree, file.item))


class _Builder:
    """Collects the primitives of instance after instance."""

    def __init__(self, file: _File) -> None:
        self.file = file
        self.world: list[Array] = []
        self.colour: list[Array | None] = []
        self.triangles: list[Array] = []
        self.count = 0

    def build(self, found: list[Instance]) -> Parsed:
        for instance in found:
            bases: dict[int, int] = {}
            primitives = self.file.item("meshes", instance.mesh).get("primitives")
            if not isinstance(primitives, list):
                raise self.file.error(f"mesh {instance.mesh} must have primitives")
            for primitive in primitives:
                self._primitive(primitive, instance.matrix, bases)
        if not self.count:
            raise self.file.error("a shape must have at least one point, got 0")
        colour = None
        if any(c is not None for c in self.colour):
            # Parts of a scene without vertex colours are white, as glTF says.
            filled = [
                np.ones((len(w), 3), np.float32) if c is None else c
                for w, c in zip(self.world, self.colour, strict=True)
            ]
            colour = np.concatenate(filled)
        corners = np.concatenate(self.triangles) if self.triangles else np.empty(0, np.int64)
        sizes = np.full(len(corners) // 3, 3, np.int64)
        world = np.concatenate(self.world)
        return Parsed(world=world, colour=colour, polygons=Polygons(corners, sizes))

    def _primitive(self, primitive: object, matrix: Array | None, bases: dict[int, int]) -> None:
        file = self.file
        attributes = primitive.get("attributes") if isinstance(primitive, dict) else None
        if not isinstance(primitive, dict) or not isinstance(attributes, dict):
            raise file.error("a primitive must have attributes", primitive)
        mode = primitive.get("mode", TRIANGLES)
        if mode not in (POINTS, TRIANGLES, STRIP, FAN) or "POSITION" not in attributes:
            return  # lines, and geometry that is only a name
        position = file.number(attributes, "POSITION")
        if position not in bases:
            values, _ = file.array(position)
            if values.shape[1] != 3:
                raise file.error("POSITION must be VEC3", values.shape[1])
            bases[position] = self.count
            self.count += len(values)
            # A short file may place one mesh a million times.
            check_decoded(file.path, "a scene", self.count * 24, file.size)
            if self.count > LIMITS.rows:
                raise file.error(f"a scene may have {LIMITS.rows} vertices", self.count)
            self.world.append(_placed(values, matrix))
            self.colour.append(self._colour(attributes, len(values)))
        base = bases[position]
        vertices = int(file.number(file.item("accessors", position), "count"))
        if mode == POINTS:
            return
        if "indices" in primitive:
            indices, code = file.array(primitive["indices"])
            if indices.shape[1] != 1 or code[0] != "u":
                raise file.error("indices must be unsigned SCALAR", code)
            corners = indices[:, 0].astype(np.int64)
        else:
            corners = np.arange(vertices)
        if len(corners) and corners.max() >= vertices:
            raise file.error(f"face indices must be in [0, {vertices})", corners.max())
        self.triangles.append(base + _triangles(file, corners, mode))

    def _colour(self, attributes: dict[str, Any], count: int) -> Array | None:
        if "COLOR_0" not in attributes:
            return None
        values, code = self.file.array(attributes["COLOR_0"])
        if values.shape[0] != count or values.shape[1] < 3:
            found = list(values.shape)
            raise self.file.error(f"COLOR_0 must be [{count}, 3] or [{count}, 4]", found)
        return unit_colour(values[:, :3], code)


def _placed(values: Array, matrix: Array | None) -> Array:
    if matrix is None:
        single = values.dtype.kind == "f" and values.dtype.itemsize == 4
        return values.astype(np.float32 if single else np.float64)
    placed: Array = values.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    return placed


def _triangles(file: _File, corners: Array, mode: int) -> Array:
    if mode == TRIANGLES:
        if len(corners) % 3:
            raise file.error("triangles must have three corners each", len(corners))
        return corners
    first = np.arange(max(len(corners) - 2, 0))
    if mode == FAN:
        return corners[np.stack([0 * first, first + 1, first + 2], axis=1).reshape(-1)]
    odd = first % 2  # every second triangle of a strip is turned around
    return corners[np.stack([first, first + 1 + odd, first + 2 - odd], axis=1).reshape(-1)]
