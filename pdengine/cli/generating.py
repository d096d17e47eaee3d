"""What `pdengine shapes` does: list the categories, make files of them, draw them."""

from __future__ import annotations

import sys
from pathlib import Path

from pdengine.errors import ConfigError
from pdengine.io import replace_file
from pdengine.report import make_folder
from pdengine.report.sheet import sheet
from pdengine.shapes import CATEGORIES, parts_of

LARGEST_SEED = 2**31 - 1


def print_categories() -> None:
    """One line per category: its name, and its parts in the order of their labels."""
    width = max(map(len, CATEGORIES))
    for category in CATEGORIES:
        sys.stdout.write(f"{category:<{width}}  {', '.join(parts_of(category))}\n")


def draw_sheet(path: Path, categories: str, count: int, seed: int) -> None:
    """Write the contact sheet.

    Raises:
        ConfigError: no such category, or a number out of its range.
        SaveError: the file cannot be written.
    """
    names = chosen(categories)
    check_range("count", count, 1, 100)
    check_range("seed", seed, 0, LARGEST_SEED - count)
    make_folder(path.parent)
    replace_file(path, [sheet(names, count, seed)])


def chosen(categories: str) -> tuple[str, ...]:
    """The categories that were named, with commas between them, or all of them.

    Raises:
        ConfigError: one of them does not exist.
    """
    if categories.strip() == "all":
        return CATEGORIES
    names = tuple(name.strip() for name in categories.split(","))
    for name in names:
        if name not in CATEGORIES:
            known = ", ".join(CATEGORIES)
            raise ConfigError(f"category must be all or one of {known}, got {name!r}")
    return names


def check_range(name: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside [low, high].

    Raises:
        ConfigError: it is outside.
    """
    if not low <= value <= high:
        raise ConfigError(f"{name} must be between {low} and {high}, got {value}")
