"""The text at the head of a PLY file."""

from __future__ import annotations

from dataclasses import dataclass

from pdengine.errors import LoadError
from pdengine.io.limits import LIMITS

TYPES = {
    **dict(zip(("char", "short", "int"), ("i1", "i2", "i4"), strict=True)),
    **dict(zip(("uchar", "ushort", "uint"), ("u1", "u2", "u4"), strict=True)),
    **dict(zip(("int8", "int16", "int32", "int64"), ("i1", "i2", "i4", "i8"), strict=True)),
    **dict(zip(("uint8", "uint16", "uint32", "uint64"), ("u1", "u2", "u4", "u8"), strict=True)),
    **dict(zip(("float", "double", "float32", "float64"), ("f4", "f8") * 2, strict=True)),
}
FORMATS = {"ascii": "=", "binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass(frozen=True)
class Property:
    """One property of an element.

    Attributes:
        name: as in the file.
        type: numpy type code of a value, e.g. "f4".
        count_type: numpy type code of a list's length, None where it is not a list.
    """

    name: str
    type: str
    count_type: str | None = None

    @property
    def least_bytes(self) -> int:
        """The fewest bytes it takes in a binary row."""
        return int((self.count_type or self.type)[1])


@dataclass(frozen=True)
class Element:
    """One element: count rows of the same properties."""

    name: str
    count: int
    properties: tuple[Property, ...]


@dataclass(frozen=True)
class PlyHeader:
    """What the header says.

    Attributes:
        order: "<" or ">" for a binary body, "=" for ascii.
        elements: in the order of the body.
        comments: without the word comment.
        start: the body's first byte.
    """

    order: str
    elements: tuple[Element, ...]
    comments: tuple[str, ...]
    start: int


def read_header(path: str, data: bytes) -> PlyHeader:
    """Parse the header.

    Raises:
        LoadError: it is not a PLY header.
    """
    if data[:3] != b"ply" or data[3:4] not in (b"\n", b"\r", b" "):
        raise LoadError(path, "a PLY file must start with the line ply", repr(data[:8])[1:])
    eol = b"\r" if data[3:4] == b"\r" and data[4:5] != b"\n" else b"\n"
    end = data.find(eol + b"end_header", 0, LIMITS.header_bytes)
    if end < 0:
        raise LoadError(path, "a PLY header must end with end_header")
    start = data.find(eol, end + 1)
    start = len(data) if start < 0 else start + 1
    if data[end + 11 : start].strip():
        raise LoadError(path, "end_header must stand alone", repr(data[end + 1 : start][:40])[1:])

    order: str | None = None
    names: list[tuple[str, int]] = []
    properties: list[list[Property]] = []
    comments: list[str] = []
    for raw in data[4:end].split(eol):
        line = raw.decode("utf-8", "replace").strip()
        words = line.split()
        if not words or words[0] == "obj_info":
            continue
        if words[0] == "comment":
            comments.append(line[7:].strip())
        elif words[0] == "format" and len(words) == 3 and words[1] in FORMATS:
            order = FORMATS[words[1]]
        elif words[0] == "element" and len(words) == 3:
            names.append((words[1], _count(path, words)))
            properties.append([])
        elif words[0] == "property" and names:
            properties[-1].append(_property(path, line, words, properties[-1]))
        else:
            raise LoadError(path, "the PLY header has a line that means nothing", line[:80])
    if order is None:
        raise LoadError(path, f"a PLY header must name a format: {', '.join(FORMATS)}")
    if len({name for name, _ in names}) < len(names):
        raise LoadError(path, "PLY elements must have different names", [n for n, _ in names])
    elements = tuple(
        Element(*named, tuple(found)) for named, found in zip(names, properties, strict=True)
    )
    for element in elements:
        if element.count and not element.properties:
            raise LoadError(path, "a PLY element must have a property", element.name)
    return PlyHeader(order, elements, tuple(comments), start)


def _count(path: str, words: list[str]) -> int:
    if not (words[2].isascii() and words[2].isdigit() and len(words[2]) <= 18):
        raise LoadError(path, f"the {words[1]} count must be a whole number", words[2][:40])
    return int(words[2])


def _property(path: str, line: str, words: list[str], before: list[Property]) -> Property:
    types = words[1:-1]
    if len(words) == 5 and words[1] == "list":
        types = words[2:4]
    elif len(words) != 3:
        raise LoadError(path, "a PLY property must be a type and a name", line[:80])
    for name in types:
        if name not in TYPES:
            raise LoadError(path, f"a PLY type must be one of {', '.join(TYPES)}", name[:40])
    if any(p.name == words[-1] for p in before):
        raise LoadError(path, "the properties of an element must differ", words[-1][:40])
    if len(types) == 1:
        return Property(words[-1], TYPES[types[0]])
    if TYPES[types[0]][0] == "f":
        raise LoadError(path, "the length of a PLY list must be an integer type", types[0])
    return Property(words[-1], TYPES[types[1]], TYPES[types[0]])
