"""What a file may ask of this machine, checked before anything is allocated."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from pdengine.errors import LoadError


@dataclass(frozen=True)
class Limits:
    """Bounds on one file.

    Attributes:
        file_bytes: the largest file that is read.
        decoded_bytes: the most bytes that compressed data may decode to.
        ratio: decoded bytes per byte in the file; real data stays under 100.
        ratio_floor: the ratio is not looked at below this many decoded bytes.
        rows: the most points, vertices or faces.
        header_bytes: the longest text header.
        nodes: the most nodes of a scene.
        depth: the deepest node of a scene.
        members: the most arrays in an archive.
    """

    file_bytes: int = 4 << 30
    decoded_bytes: int = 4 << 30
    ratio: int = 100
    ratio_floor: int = 64 << 20
    rows: int = 2_000_000_000
    header_bytes: int = 1 << 20
    nodes: int = 1_000_000
    depth: int = 1_000
    members: int = 1_000


LIMITS = Limits()


def read_file(path: str) -> bytes:
    """The whole file.

    Raises:
        LoadError: it is missing, not a regular file, empty, larger than the limit, or unreadable.
    """
    try:
        if "\0" in path:
            raise LoadError(path.replace("\0", "?"), "a path must not hold a NUL character")
        info = os.stat(path)
        if stat.S_ISDIR(info.st_mode):
            raise LoadError(path, "must be a file, got a directory")
        if not stat.S_ISREG(info.st_mode):
            raise LoadError(path, "must be a regular file, got a device, pipe or socket")
        if info.st_size == 0:
            raise LoadError(path, "must not be empty, got 0 bytes")
        if info.st_size > LIMITS.file_bytes:
            raise LoadError(path, f"must be at most {LIMITS.file_bytes} bytes", info.st_size)
        with open(path, "rb") as file:
            # The size is the bound: a file that grows while it is read is cut there.
            return file.read(info.st_size)
    except FileNotFoundError:
        raise LoadError(path, "there is no such file") from None
    except OSError as error:
        raise LoadError(path, "cannot be read", error.strerror or error) from error


def check_rows(path: str, what: str, count: int, row_bytes: int, left: int) -> None:
    """Refuse a header that promises more rows than the bytes that are left can hold.

    Args:
        path: the file, for the message.
        what: e.g. "vertex".
        count: rows that the header promises.
        row_bytes: the fewest bytes that one row takes.
        left: bytes after the header.

    Raises:
        LoadError: count is negative, above the limit, or does not fit.
    """
    if count < 0 or count > LIMITS.rows:
        raise LoadError(path, f"the {what} count must be in [0, {LIMITS.rows}]", count)
    if count * row_bytes > left:
        rule = f"{count} {what} rows need at least {count * row_bytes} bytes after the header"
        raise LoadError(path, rule, f"{left}: the file is cut short or its header is wrong")


def check_decoded(path: str, what: str, decoded: int, stored: int) -> None:
    """Refuse compressed data that says it decodes to more than the limits.

    Raises:
        LoadError: see Limits.decoded_bytes and Limits.ratio.
    """
    if decoded > LIMITS.decoded_bytes:
        raise LoadError(path, f"{what} may decode to {LIMITS.decoded_bytes} bytes", decoded)
    if decoded > LIMITS.ratio_floor and decoded > LIMITS.ratio * max(stored, 1):
        rule = f"{what} may decode to {LIMITS.ratio} times its {stored} bytes"
        raise LoadError(path, rule, decoded)
