"""Several files that belong together, in a folder that may hold others."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from pdengine.errors import SaveError
from pdengine.io.digest import file_sha256


def write_folder(
    folder: Path, files: Mapping[str, bytes], last: str, ours: Mapping[str, str]
) -> None:
    """Write files into a folder, whole or not at all; what else lies there stays.

    All are complete in a folder of their own inside before the first takes its place.  ``last`` is
    taken away first and comes last: where it is, the others are.

    Args:
        folder: made where it is missing.
        files: content by name; ``last`` among them.
        last: e.g. "views.json".
        ours: SHA-256 by name of what an earlier run has left there.  As long as it is unchanged it
            may be replaced, and is removed where this run has no such file.

    Raises:
        SaveError: a file of the same name is somebody else's, or the folder cannot be written;
            then the old files are as they were.
    """
    old = [name for name, digest in ours.items() if _is(folder / name, digest)]
    for name in files:
        if os.path.lexists(folder / name) and name not in old:
            raise SaveError(
                f"{folder / name}: is not overwritten, for pdengine did not write it so"
            )
    new = not folder.exists()
    part = folder / f".pdengine-{secrets.token_hex(6)}.part"
    try:
        part.mkdir(parents=True)
        for name, content in files.items():
            _write(part / name, content)
        for name in (last, *(name for name in old if name not in files)):
            with contextlib.suppress(FileNotFoundError):
                (folder / name).unlink()
        for name in (*(name for name in files if name != last), last):
            os.replace(part / name, folder / name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SaveError(f"{folder}: cannot be written, {reason}") from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            shutil.rmtree(part)
        if new:  # of a run that failed: a folder with something in it cannot be removed this way
            with contextlib.suppress(OSError, ValueError):
                folder.rmdir()


def _write(path: Path, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _is(path: Path, digest: str) -> bool:
    try:
        return path.is_file() and file_sha256(path) == digest
    except OSError:
        return False
