"""How a number of things is said."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Say how many: "1 point", "1,200 points", "2 vertices".

    Args:
        number: how many.
        one: the noun in the singular.
        many: its plural, where that is not the singular with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
