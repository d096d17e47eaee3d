"""What `pdengine data` does: list the kinds of datasets, and say what a folder holds."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from pdengine.cli import OK, one_line
from pdengine.cli.tables import console_on, table_of
from pdengine.data import KINDS, Kind, Survey, survey
from pdengine.progress import make_reporter
from pdengine.wording import counted

INCOMPLETE = 1


def print_kinds() -> None:
    """Every kind with its layout, where it is to be had, and its terms."""
    console = console_on(sys.stdout)
    for kind in KINDS:
        console.print(f"[bold]{escape(kind.name)}[/bold]  {escape(kind.title)}")
        table = table_of("", "")
        for k, line in enumerate(kind.layout):
            table.add_row("layout" if k == 0 else "", escape(line))
        table.add_row("splits", ", ".join(kind.splits))
        _add_source(table, kind)
        console.print(table)
        console.print()


def check(folder: Path, kind: str | None, deep: bool, quiet: bool) -> int:
    """Print what a folder holds.

    Returns:
        0 nothing is missing or odd; 1 something is.

    Raises:
        ConfigError: no such kind.
        LoadError: it is no dataset.
    """
    with make_reporter(sys.stderr, quiet) as progress:
        found = survey(folder, kind, deep, progress)
    console = console_on(sys.stdout)
    where = _plain(str(folder))
    console.print(f"[bold]{_plain(found.name)}[/bold] ({found.kind.name}) in {where}\n")
    console.print(_categories(found))
    console.print()
    table = table_of("", "")
    table.add_row("splits", ", ".join(f"{split} {n:,}" for split, n in found.splits.items()))
    table.add_row("size", _rows(found))
    for title, lines in (("notes", found.notes), ("damaged", found.damaged)):
        for k, line in enumerate(lines):
            table.add_row(title if k == 0 else "", _plain(line))
    if not found.complete:
        _add_source(table, found.kind)
    verdict = "complete" if found.complete else "usable, not complete"
    if found.read < found.shapes:
        shown = counted(found.read, "shape shows", "shapes show")
        verdict += f", as far as {shown} (--deep reads all)"
    table.add_row("verdict", verdict)
    console.print(table)
    return OK if found.complete else INCOMPLETE


def _categories(found: Survey) -> Table:
    official = any(category.official for category in found.categories)
    table = table_of("category", "parts", *found.splits, *(["missing"] if official else []))
    for column in table.columns[2:]:
        column.justify = "right"
    for category in found.categories:
        counts = [f"{category.found.get(split, 0):,}" for split in found.splits]
        missing = [f"{category.missing:,}"] if official else []
        parts = ", ".join(category.parts) or "-"
        table.add_row(_plain(category.name), _plain(parts), *counts, *missing)
    return table


def _rows(found: Survey) -> str:
    """How large the shapes are that were read."""
    if not found.rows:
        return "none could be read"
    low, high = min(found.rows), max(found.rows)
    middle = statistics.median_low(found.rows)
    shapes = counted(len(found.rows), "shape")
    if low == high:
        return f"{counted(low, 'point or triangle', 'points or triangles')}, in {shapes}"
    return f"{low:,} to {high:,} points or triangles, median {middle:,}, in {shapes}"


def _add_source(table: Table, kind: Kind) -> None:
    table.add_row("to be had", escape(kind.where))
    table.add_row("terms", escape(kind.terms))


def _plain(text: str) -> str:
    """Text from a dataset: it neither writes on the terminal nor is it markup."""
    return escape(one_line(text))
