"""Reads the one kind of pickle that datasets need, a dict of numpy arrays, and runs none of it."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.data.pickle_machine import NUMBERS, PickledArray, Refused, run
from pdengine.errors import LoadError

Array = NDArray[Any]


def read_arrays(path: str, data: bytes, names: Sequence[str]) -> list[Array]:
    """Arrays of a .npy file that holds one dict, as numpy.save(path, {"name": array}) writes it.

    Args:
        path: the file, for messages.
        data: its bytes.
        names: the entries that are wanted; others are not looked at.

    Returns:
        An array of numbers per name.

    Raises:
        LoadError: it is no such file, lacks a name, or its pickle asks for anything but arrays.
    """
    body = _after_header(path, data)
    try:
        found = run(body)
        if isinstance(found, PickledArray) and isinstance(found.content, list):
            found = found.content[0] if len(found.content) == 1 else found.content
        if not isinstance(found, dict):
            raise Refused(f"{_kind(found)} in place of a dict")
        missing = [name for name in names if name not in found]
        if missing:
            raise Refused(f"no {missing[0]}, but {', '.join(found)[:100] or 'nothing'}")
        return [_numbers(name, found[name]) for name in names]
    except Refused as refused:
        rule = "a label file may hold a pickled dict of numpy arrays alone"
        raise LoadError(path, rule, refused) from None


def _after_header(path: str, data: bytes) -> bytes:
    file = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("another version")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    except Exception as error:  # a damaged header fails in numpy's tokenizer and parser
        found = " ".join(str(error).split())[:100]
        raise LoadError(path, "must have an npy header", found) from error
    if not dtype.hasobject or math.prod(shape) != 1:
        raise LoadError(path, "must hold one pickled dict", f"{dtype} {list(shape)}")
    return data[file.tell() :]


def _numbers(name: str, found: Any) -> Array:
    """The array that was described, if its bytes are all there."""
    if not isinstance(found, PickledArray) or found.type is None:
        raise Refused(f"{name} as {_kind(found)}")
    if found.type.code not in NUMBERS or not isinstance(found.content, bytes):
        raise Refused(f"{name} of type {found.type.code}")
    order = found.type.order.replace("|", "=")
    dtype = np.dtype(order + found.type.code)
    if math.prod(found.shape) * dtype.itemsize != len(found.content):
        raise Refused(f"{len(found.content)} bytes for {name} {list(found.shape)} {dtype}")
    values = np.frombuffer(found.content, dtype)
    try:
        return values.reshape(found.shape, order="F" if found.fortran else "C")
    except ValueError as error:  # no bytes, in a shape that is too large without its zero
        raise Refused(f"{name} of shape {list(found.shape)}") from error


def _kind(found: Any) -> str:
    return "an array" if isinstance(found, PickledArray) else f"a {type(found).__name__}"
