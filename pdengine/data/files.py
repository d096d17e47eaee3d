"""Reading a dataset's folder: what lies in it, its lists, and nothing outside it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pdengine.errors import LoadError, ShapeError
from pdengine.io import cloud_from_arrays
from pdengine.io.json_file import parse_json
from pdengine.io.limits import read_file
from pdengine.types import PointCloud

# The longest official list of ids has 0.7 MB; JSON takes some ten times its size in memory.
LIST_BYTES = 64 << 20
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar")  # as downloads come
SHOWN = 5  # names that a note lists before it only counts


def inside(root: Path, path: Path) -> str:
    """The file's path, if it is a regular file that lies in the folder root, links followed.

    Raises:
        LoadError: it is missing, no file, or a link leads out of root.
    """
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links is a RuntimeError
        raise LoadError(path, "there must be such a file", error) from error
    if not real.is_relative_to(os.path.realpath(root)):
        raise LoadError(path, f"must lie in the dataset's folder {root}", f"a link to {real}")
    if not stat.S_ISREG(mode):
        raise LoadError(path, "must be a regular file")
    return str(path)


def read_inside(root: Path, path: Path, limit: int | None = None) -> bytes:
    """The bytes of a file that lies in the folder root.

    Raises:
        LoadError: see inside; or it is empty, unreadable or larger than limit bytes.
    """
    name = inside(root, path)
    if limit is not None and os.path.getsize(name) > limit:
        raise LoadError(name, f"must be at most {limit} bytes", os.path.getsize(name))
    return read_file(name)


def read_json(root: Path, path: Path) -> Any:
    """What a JSON file in the folder root says.

    Raises:
        LoadError: it cannot be read, or is no JSON.
    """
    return parse_json(str(path), read_inside(root, path, LIST_BYTES))


def read_lines(root: Path, path: Path) -> list[str]:
    """The lines of a text file in the folder root, stripped; empty ones are left out.

    Raises:
        LoadError: it cannot be read, or is no UTF-8 text.
    """
    try:
        # Some editors put a mark before the first letter, which utf-8-sig leaves out.
        text = read_inside(root, path, LIST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LoadError(path, "must be UTF-8 text", error) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def is_plain(name: object) -> bool:
    """It is the name of one file or folder, and cannot lead anywhere else."""
    return (
        isinstance(name, str)
        and name not in ("", ".", "..")
        and len(name) <= 255
        and not set(name) & set("/\\")
        and name.isprintable()
    )


def listing(folder: Path) -> tuple[list[str], list[str]]:
    """The names of the folders and of the files in a folder, sorted; hidden ones are left out.

    Raises:
        LoadError: it cannot be listed.
    """
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    (folders if entry.is_dir() else files).append(entry.name)
    except OSError as error:
        rule = "must be a folder that can be listed"
        if is_archive(folder.name):
            rule = "must be a folder: unpack it first"
        raise LoadError(folder, rule, error.strerror) from error
    return sorted(folders, key=natural), sorted(files, key=natural)


def is_archive(name: str) -> bool:
    """A file of this name holds packed files."""
    return name.lower().endswith(ARCHIVES)


def natural(name: str) -> tuple[int, str]:
    """Sorts numbers by value, before everything else in alphabetical order."""
    return (int(name), name) if name.isascii() and name.isdigit() else (2**63, name)


def as_text(name: str) -> str:
    """A file's name, or what is said of one, as text that can be written.

    A byte that is no UTF-8 becomes U+FFFD and its number, so that two names stay two.
    """
    return re.sub("[\ud800-\udfff]", lambda odd: f"\ufffd{ord(odd[0]) & 0xFF:02x}", name)


def make_cloud(path: str, xyz: Any, colour: Any = None, normals: Any = None) -> PointCloud:
    """The cloud of these arrays, see cloud_from_arrays.

    Raises:
        LoadError: they are no cloud.
    """
    try:
        return cloud_from_arrays(xyz, colour, normals)
    except ShapeError as error:
        raise LoadError(path, str(error)) from error


def some_of(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    every = [as_text(name) for name in names]
    more = f" and {len(every) - SHOWN:,} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
