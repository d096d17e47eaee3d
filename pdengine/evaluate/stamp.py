"""Whether a shape's files, and what is asked of it, are those that it was measured with."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path

from pdengine.data import Example, Filed
from pdengine.errors import LoadError

EDGE_BYTES = 4096  # that are looked at on both ends: a whole dataset would take minutes


def stamp_of(example: Example) -> str:
    """Text that changes when a file of the example does, or its part names; "" without files.

    Of each file its size, its first and its last bytes count.  Names may be written in another
    file, such as PartNetE_meta.json: labels of other names must not stand as answers to these.
    """
    if not isinstance(example, Filed):
        return ""
    digest = hashlib.sha256(_asked(example))
    for path in example.files():
        digest.update(_edges(path))
    return digest.hexdigest()[:16]


def _asked(example: Example) -> bytes:
    try:
        return json.dumps([example.parts, example.prompt]).encode()
    except LoadError:  # its file cannot be read, which is part of the stamp too
        return b""


def _edges(path: Path) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return b"no file"
        with path.open("rb") as file:
            head = file.read(EDGE_BYTES)
            file.seek(max(0, found.st_size - EDGE_BYTES))
            return b"%d " % found.st_size + head + file.read(EDGE_BYTES)
    except OSError as error:
        return os.strerror(error.errno or 0).encode()
