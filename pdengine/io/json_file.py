"""JSON that somebody else wrote: read whole, and every field checked when it is used."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from pdengine.errors import LoadError
from pdengine.io.limits import read_file

# Parsed JSON takes about ten times its bytes.
LARGEST = 256 << 20


def read_json(path: str | os.PathLike[str]) -> Any:
    """The content of a JSON file.

    Raises:
        LoadError: it is missing, larger than 256 MiB, or not JSON: NaN and infinity are not.
    """
    name = os.fspath(path)
    data = read_file(name)
    if len(data) > LARGEST:
        raise LoadError(name, f"a JSON file must be at most {LARGEST} bytes", len(data))
    return parse_json(name, data)


def parse_json(name: str, data: bytes) -> Any:
    """What the bytes of a JSON file say; its name is for messages.

    Raises:
        LoadError: it is not JSON: NaN and infinity are not.
    """
    try:
        return json.loads(data, parse_constant=_no_number)
    except RecursionError:
        raise LoadError(name, "JSON must not be nested as deep as this") from None
    except ValueError as error:  # not JSON, not UTF-8, or a number of thousands of digits
        found = " ".join(str(error).split())[:100]
        raise LoadError(name, "the file must be JSON", found) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word}, which is no number in JSON")


@dataclass(frozen=True)
class Entry:
    """A JSON object of a file; what is wrong with a field is said with the place it stands at.

    Attributes:
        path: the file.
        where: e.g. "annotations[3]", or "" for the file's outermost object.
        fields: its content.
    """

    path: str
    where: str
    fields: dict[str, Any]

    @classmethod
    def of(cls, path: str, where: str, value: object) -> Entry:
        """The object.

        Raises:
            LoadError: the value is none.
        """
        if not isinstance(value, dict):
            raise LoadError(path, f"{where or 'the file'} must be an object", _kind(value))
        return cls(path, where, value)

    def fail(self, name: str, rule: str, value: object = None) -> NoReturn:
        """Raises LoadError: the field must follow the rule."""
        raise LoadError(self.path, f"{self.at(name)} must {rule}", value)

    def at(self, name: str) -> str:
        """The field's place in the file."""
        return f"{self.where}.{name}" if self.where else name

    def has(self, name: str) -> bool:
        """There is such a field, and it is not null."""
        return self.fields.get(name) is not None

    def value(self, name: str) -> Any:
        """Raises LoadError where it is missing or null."""
        if not self.has(name):
            self.fail(name, "be there", "nothing")
        return self.fields[name]

    def text(self, name: str) -> str:
        """Raises LoadError where it is not text."""
        value = self.value(name)
        if not isinstance(value, str):
            self.fail(name, "be text", _kind(value))
        return value

    def number(self, name: str, low: float = -math.inf, high: float = math.inf) -> float:
        """Raises LoadError where it is not a finite number in [low, high]."""
        value = finite(self.value(name))
        if value is None:
            self.fail(name, "be a number", _kind(self.value(name)))
        if not low <= value <= high:
            self.fail(name, f"be in [{low:g}, {high:g}]", value)
        return value

    def whole(self, name: str, low: int, high: int) -> int:
        """Raises LoadError where it is not a whole number in [low, high]."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(name, "be a whole number", _kind(value))
        if not low <= value <= high:
            self.fail(name, f"be in [{low}, {high}]", _short(value))
        return value

    def items(self, name: str) -> list[Any]:
        """Raises LoadError where it is not a list."""
        return self.checked_list(name, self.value(name))

    def checked_list(self, name: str, value: object) -> list[Any]:
        """The value; the name is for the message, see items."""
        if not isinstance(value, list):
            self.fail(name, "be a list", _kind(value))
        return value

    def entries(self, name: str) -> list[Entry]:
        """The objects of a list.

        Raises:
            LoadError: it is not a list of objects.
        """
        where = self.at(name)
        found = self.items(name)
        return [Entry.of(self.path, f"{where}[{i}]", value) for i, value in enumerate(found)]

    def numbers(self, name: str, count: int | None = None) -> list[float]:
        """Raises LoadError where it is not a list of ``count`` finite numbers, or of any."""
        return self.checked_numbers(name, self.items(name), count)

    def checked_numbers(
        self, name: str, values: Sequence[object], count: int | None = None
    ) -> list[float]:
        """The values as numbers; the name is for the message, see numbers."""
        if count is not None and len(values) != count:
            self.fail(name, f"be {count} numbers", len(values))
        found = [finite(value) for value in values]
        if None in found:
            self.fail(name, "be a list of numbers", _kind(values[found.index(None)]))
        return [value for value in found if value is not None]


def finite(value: object) -> float | None:
    """The value as a float, or None where it is no number, or none that float64 can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _kind(value: object) -> str:
    """What a value is, without printing all of it."""
    names = {dict: "an object", list: "a list", type(None): "null"}
    return names.get(type(value), _short(value))


def _short(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python does not print a whole number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:60]}..."
