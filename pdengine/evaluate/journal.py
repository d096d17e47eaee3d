"""The rows of an evaluation as they come: a file that only grows and survives any end.

The first line holds the settings, every further one a row; without a row they bind nobody.  A line
is on the disk before the next is written, so that of a run that was killed at most the last line is
torn; it is dropped and its shape measured again.  A row that is measured again is a further line,
and the last one counts.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from pdengine.errors import ConfigError, LoadError, SaveError
from pdengine.evaluate.rows import Key, Row
from pdengine.io import replace_file

SCHEMA = 2
Settings = Mapping[str, Any]  # plain values by name


class Journal:
    """Rows on disk; a context manager, used by one process at a time.

    Attributes:
        rows: by shape, method and seed.

    Args:
        path: made where there is none; its folder must exist.
        settings: what every row depends on, plain values by name.

    Raises:
        ConfigError: the file is of other settings, with the first that differs; or another process
            writes it.
        LoadError: a line that is not the last one is damaged.
        SaveError: the file cannot be written.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self.rows: dict[Key, Row] = {}
        try:
            # Without a buffer: what a full disk did not take would be tried again on closing.
            self._file = path.open("a+b", buffering=0)
        except OSError as error:
            raise SaveError(f"{path}: cannot be written, {error.strerror or error}") from error
        try:
            self._begin(settings)
        except BaseException:
            self._file.close()
            raise

    def _begin(self, settings: Settings) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            rule = "a journal must be written by one run at a time, another one has it open"
            raise ConfigError(f"{self.path}: {rule}") from error
        lines = self._whole_lines()
        if not lines:
            self._write({"schema": SCHEMA, "settings": dict(settings)})
            return
        header = self._parsed(lines[0], 1)
        if len(lines) == 1 and _is_header(header):  # a run that ended before its first row
            self._file.truncate(0)
            self._write({"schema": SCHEMA, "settings": dict(settings)})
            return
        _check_settings(self.path, header, settings)
        for number, line in enumerate(lines[1:], 2):
            try:
                row = Row.from_json(self._parsed(line, number))
            except ValueError as error:
                raise LoadError(self.path, f"line {number} must be a row", error) from error
            self.rows[row.key] = row

    def _whole_lines(self) -> list[bytes]:
        """All lines but a torn last one, which is cut off."""
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
            os.fsync(self._file.fileno())
        return content[:whole].splitlines()

    def _parsed(self, line: bytes, number: int) -> Any:
        try:
            return json.loads(line)
        except ValueError as error:
            raise LoadError(self.path, f"line {number} must be JSON", line[:80]) from error

    def append(self, rows: Sequence[Row]) -> None:
        """Keep rows for good; those that are kept already stay as they are.

        Raises:
            SaveError: the disk is full, or gone.
        """
        for row in rows:
            if row.key not in self.rows:
                self._write(row.to_json())
                self.rows[row.key] = row

    def forget(self, keys: Iterable[Key]) -> None:
        """Rows that are measured again; until then the old ones stay on the disk."""
        for key in keys:
            del self.rows[key]

    def _write(self, value: Mapping[str, Any]) -> None:
        line = (json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode()
        try:
            while line:
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SaveError(f"{self.path}: cannot be written, {error.strerror}") from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def check_teacher(path: Path, identity: str) -> None:
    """Whether the teacher is the one of the rows that are there; a first one is written down.

    Its weights can be others under the same name, and who it is is known once it is loaded.

    Args:
        path: of the note, made where there is none.
        identity: text that changes when the teacher's answers do.

    Raises:
        ConfigError: it is another one.
        LoadError: the note is damaged.
        SaveError: it cannot be written.
    """
    if not path.exists():
        replace_file(path, [json.dumps({"identity": identity}).encode()])
        return
    try:
        before = json.loads(path.read_text(encoding="utf-8"))["identity"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LoadError(path, "must say which teacher answered", error) from error
    if before != identity:
        rule = f"the teacher must be {before!r} as in the rows that are there"
        raise ConfigError(f"{path}: {rule}, got {identity!r}: give another folder to --out")


def _is_header(header: Any) -> bool:
    return isinstance(header, dict) and header.get("schema") == SCHEMA


def _check_settings(path: Path, header: Any, settings: Settings) -> None:
    if not _is_header(header):
        raise LoadError(path, f"line 1 must hold the settings, schema {SCHEMA}", str(header)[:80])
    before = header["settings"]
    now = json.loads(json.dumps(dict(settings)))  # as the file says it: tuples are lists
    for name in [*now, *(name for name in before if name not in now)]:
        if before.get(name) != now.get(name):
            rule = f"{name} must be {before.get(name)!r} as in the rows that are there"
            raise ConfigError(
                f"{path}: {rule}, got {now.get(name)!r}: give another folder to --out"
            )
