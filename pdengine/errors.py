"""What can go wrong, one class per concern: the message names the thing, the rule and the value."""

from __future__ import annotations

import os


class PdengineError(Exception):
    """The base of every error a caller can cause."""


class LoadError(PdengineError):
    """A file cannot be read as what it should be: a shape, views, or detections.

    Attributes:
        path: the file.
        rule: what the file breaks, e.g. "a PLY header must end with end_header".
        value: what was found instead, as text.
    """

    def __init__(self, path: str | os.PathLike[str], rule: str, value: object = None) -> None:
        self.path = os.fspath(path)
        self.rule = rule
        self.value = None if value is None else str(value)
        found = "" if value is None else f", got {str(value)[:200]}"
        super().__init__(f"{self.path}: {rule}{found}")

    def __reduce__(self) -> tuple[type[LoadError], tuple[str, str, str | None]]:
        """A process pool sends errors pickled, and makes them again from what they were told."""
        return type(self), (self.path, self.rule, self.value)


class SaveError(PdengineError):
    """A result cannot be written."""


class ShapeError(PdengineError):
    """A shape in memory cannot be segmented: no points, no finite coordinate, no extent."""


class PartError(PdengineError):
    """A part list cannot be used: empty, doubled, or a name with characters a file cannot carry."""


class TeacherError(PdengineError):
    """A teacher does not know a part, or answered with something that is not an answer."""


class ConfigError(PdengineError):
    """A setting is outside its range, or names something that does not exist."""


class StudentError(PdengineError):
    """A student file, or the encoder's, is missing, damaged, or made for something else."""


class ScoreError(PdengineError, ValueError):
    """Labels, counts or results cannot be scored or compared as asked."""


def check_setting(name: str, ok: bool, rule: str, value: object) -> None:
    """Refuse a setting outside its range.

    Raises:
        ConfigError: not ok; the message is "name must be rule, got value".
    """
    if not ok:
        raise ConfigError(f"{name} must be {rule}, got {value!r}")
