"""The prompt: what the user wants to find."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from pdengine.errors import PartError
from pdengine.types import PartList

MAX_NAME = 64
_PATH_PIECES = ("/", "\\", "..")


def parse_parts(parts: str | Sequence[str] | PartList) -> PartList:
    """Read a part list.

    Args:
        parts: "chair: back, seat, leg, arm" (with the category), "back, seat", or the names one by
            one.  A PartList is checked again and returned.

    Raises:
        PartError: no name, an empty or doubled one (upper and lower case are the same), one over
            64 characters, or one with a control character, a slash, a backslash or "..": names
            become parts of files.
    """
    category: str | None = None
    if isinstance(parts, PartList):
        category, pieces = parts.category, list(parts.names)
    elif isinstance(parts, str):
        head, colon, tail = parts.partition(":")
        category = head if colon else None
        text = tail if colon else head
        pieces = text.split(",") if text.strip() else []
    else:
        try:
            pieces = list(parts)
        except TypeError as error:
            rule = "parts must be text or a list of names"
            raise PartError(f"{rule}, got {type(parts).__name__}") from error
    if category is not None:
        category = _checked("category", category)
    if not pieces:
        raise PartError("a part list must name at least one part, got none")
    names = [_checked("part name", piece) for piece in pieces]
    seen: dict[str, str] = {}
    for name in names:
        if name.casefold() in seen:
            raise PartError(f"part names must differ, got {seen[name.casefold()]!r} and {name!r}")
        seen[name.casefold()] = name
    return PartList(tuple(names), category)


def _checked(what: str, name: object) -> str:
    """The name without surrounding space."""
    if not isinstance(name, str):
        raise PartError(f"a {what} must be text, got {type(name).__name__}")
    # Before strip(): a line break at the end is a control character, not a blank.
    for character in name:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise PartError(f"a {what} must have no control character, got {name[:80]!r}")
    name = name.strip()
    if not name:
        raise PartError(f"a {what} must not be empty")
    if len(name) > MAX_NAME:
        raise PartError(f"a {what} must have at most {MAX_NAME} characters, got {len(name)}")
    for piece in _PATH_PIECES:
        if piece in name:
            raise PartError(f"a {what} must not contain {piece!r}, got {name!r}")
    return name
