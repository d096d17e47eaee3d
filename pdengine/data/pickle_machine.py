"""The machine that a pickle is a program for, of which this one knows only what arrays need.

A pickle is a program for a machine with a stack.  numpy's arrays use some thirty of its
instructions and a handful of global names, all listed here; each has a meaning of ours that only
collects data.  Everything else is refused by name: nothing is imported, called or executed.

Source: the instructions are those of Python's pickletools, PEP 307 and PEP 574.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pickletools import genops
from typing import Any

# An array takes about twenty instructions, a label file with two of them about a hundred.
INSTRUCTIONS = 10_000


class Refused(Exception):  # noqa: N818, it is what was asked for
    """What the pickle asks for, as text."""


@dataclass
class PickledType:
    """A numpy.dtype: its code, e.g. "i8", and its byte order."""

    code: str
    order: str = "|"


@dataclass
class PickledArray:
    """A numpy.ndarray; content is bytes, or a list where the type is objects."""

    shape: tuple[int, ...] = ()
    type: PickledType | None = None
    fortran: bool = False
    content: Any = None


@dataclass(frozen=True)
class _Global:
    """A name that may be called, and what that means here."""

    name: str
    call: Callable[..., Any]


def run(body: bytes) -> Any:
    """The object that the program leaves on its stack."""
    machine = _Machine(len(body))
    file = io.BytesIO(body)
    instructions = genops(file)
    for _ in range(INSTRUCTIONS):
        try:
            opcode, argument, _ = next(instructions)
        except Exception as error:  # cut short, or bytes that are no instruction
            raise Refused(f"damaged bytes, {' '.join(str(error).split())[:100]}") from error
        if opcode.name == "STOP":
            if len(machine.stack) != 1 or machine.marks or file.read(1):
                raise Refused("more than one object")
            return machine.stack[0]
        act = _ACTS.get(opcode.name)
        if act is None:
            raise Refused(f"the instruction {opcode.name}")
        try:
            act(machine, argument)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise Refused(f"{opcode.name} with nothing that it works on") from error
    raise Refused(f"more than {INSTRUCTIONS:,} instructions")


class _Machine:
    """The stack, the marks on it, and what the program remembers."""

    def __init__(self, size: int) -> None:
        # Bytes that may still be made: an array's are in the program, decoded once, described once.
        self.left = 2 * size
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memory: dict[int, Any] = {}

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def take(self, count: int) -> list[Any]:
        """The topmost objects, in the order in which they were pushed."""
        return self._cut(len(self.stack) - count)

    def take_to_mark(self) -> list[Any]:
        """The objects above the last mark, which goes too."""
        return self._cut(self.marks.pop())

    def _cut(self, start: int) -> list[Any]:
        if start < (self.marks[-1] if self.marks else 0):
            raise IndexError(start)
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def push_tuple(self, values: list[Any]) -> None:
        self.push(tuple(values))

    def extend(self, values: list[Any]) -> None:
        """Put the values at the end of the list on top."""
        if not isinstance(self.stack[-1], list):
            raise TypeError
        self.stack[-1].extend(values)

    def update(self, values: list[Any]) -> None:
        """Put keys and values into the dict on top."""
        keys = values[::2]
        if not isinstance(self.stack[-1], dict) or not all(isinstance(k, str) for k in keys):
            raise TypeError
        self.stack[-1].update(zip(keys, values[1::2], strict=True))

    def remember(self, key: int) -> None:
        self.memory[key] = self.stack[-1]

    def find(self, module: Any, name: Any) -> None:
        """Push one of the names that arrays need."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError
        found = _GLOBALS.get((module, name))
        if found is None:
            raise Refused(f"the name {module} {name}"[:160])
        self.push(found)

    def reduce(self) -> None:
        """Call a name."""
        called, arguments = self.take(2)
        if not isinstance(called, _Global) or not isinstance(arguments, tuple):
            raise TypeError
        try:
            made = called.call(*arguments)
        except (TypeError, ValueError) as error:
            raise Refused(f"a call of {called.name} that no array makes") from error
        self.spend(made.content if isinstance(made, PickledArray) else made)
        self.push(made)

    def spend(self, made: Any) -> None:
        """Else a short program could copy its longest bytes ten thousand times."""
        self.left -= len(made) if isinstance(made, bytes) else 0
        if self.left < 0:
            raise Refused("more bytes than it holds")

    def build(self) -> None:
        """Give the object on top its state, which may be said once."""
        (state,) = self.take(1)
        top = self.stack[-1]
        if not isinstance(state, tuple):
            raise TypeError
        if isinstance(top, PickledType):
            _, order, *rest = state
            if order not in ("<", ">", "|", "=") or any(rest[:3]):
                raise Refused("a structured dtype")
            top.order = order
        elif isinstance(top, PickledArray):
            _, *described = state
            _describe(top, *described)
            self.spend(top.content)
        else:
            raise TypeError


def _describe(array: PickledArray, shape: Any, kind: Any, fortran: Any, content: Any) -> None:
    if not isinstance(shape, tuple) or not all(type(n) is int for n in shape):
        raise TypeError
    if len(shape) > 32 or any(not 0 <= n < 2**63 for n in shape):
        raise Refused("an array of a shape that no array has")
    if not isinstance(kind, PickledType) or not isinstance(content, (bytes, bytearray, list)):
        raise TypeError
    array.shape, array.type, array.fortran = shape, kind, bool(fortran)
    array.content = bytes(content) if isinstance(content, bytearray) else content


def _new_array(kind: Any, shape: Any, code: Any) -> PickledArray:
    if kind is not _GLOBALS["numpy", "ndarray"]:
        raise TypeError
    return PickledArray()


def _new_type(code: Any, align: Any, copy: Any) -> PickledType:
    if not isinstance(code, str):
        raise TypeError
    if code not in (*NUMBERS, "O8"):
        raise Refused(f"the dtype {code}"[:80])
    return PickledType(code)


def _from_buffer(content: Any, kind: Any, shape: Any, order: Any) -> PickledArray:
    array = PickledArray()
    _describe(array, shape, kind, order == "F", content)
    return array


def _scalar(kind: Any, content: Any) -> PickledArray:
    return _from_buffer(content, kind, (), "C")


def _encode(text: Any, codec: Any) -> bytes:
    """Protocol 2 has no bytes, and writes them as text."""
    if not isinstance(text, str) or codec != "latin1":
        raise TypeError
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """Protocol 2 writes bytes of length 0 so."""
    return b""


def _not_called(*arguments: Any) -> Any:
    raise TypeError


NUMBERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
# numpy 2 calls its core numpy._core, older ones numpy.core.
_CORES = ("numpy._core", "numpy.core")
_GLOBALS = {
    ("numpy", "ndarray"): _Global("ndarray", _not_called),
    ("numpy", "dtype"): _Global("dtype", _new_type),
    ("__builtin__", "bytes"): _Global("bytes", _no_bytes),
    ("_codecs", "encode"): _Global("encode", _encode),
    **{(f"{c}.multiarray", "_reconstruct"): _Global("array", _new_array) for c in _CORES},
    **{(f"{c}.multiarray", "scalar"): _Global("scalar", _scalar) for c in _CORES},
    **{(f"{c}.numeric", "_frombuffer"): _Global("frombuffer", _from_buffer) for c in _CORES},
}

_CONSTANTS = "BININT BININT1 BININT2 LONG1 BINFLOAT BINUNICODE SHORT_BINUNICODE BINBYTES"
_ACTS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": lambda machine, version: None,
    "FRAME": lambda machine, size: None,
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    **dict.fromkeys(
        [*_CONSTANTS.split(), "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"], _Machine.push
    ),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "TUPLE": lambda machine, _: machine.push_tuple(machine.take_to_mark()),
    "TUPLE1": lambda machine, _: machine.push_tuple(machine.take(1)),
    "TUPLE2": lambda machine, _: machine.push_tuple(machine.take(2)),
    "TUPLE3": lambda machine, _: machine.push_tuple(machine.take(3)),
    "APPEND": lambda machine, _: machine.extend(machine.take(1)),
    "APPENDS": lambda machine, _: machine.extend(machine.take_to_mark()),
    "SETITEM": lambda machine, _: machine.update(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.update(machine.take_to_mark()),
    "BINPUT": _Machine.remember,
    "LONG_BINPUT": _Machine.remember,
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memory)),
    "BINGET": lambda machine, key: machine.push(machine.memory[key]),
    "LONG_BINGET": lambda machine, key: machine.push(machine.memory[key]),
    "GLOBAL": lambda machine, both: machine.find(*both.split(" ", 1)),
    "STACK_GLOBAL": lambda machine, _: machine.find(*machine.take(2)),
    "REDUCE": lambda machine, _: machine.reduce(),
    "BUILD": lambda machine, _: machine.build(),
}
