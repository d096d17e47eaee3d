"""How every command prints: plain columns, as wide as the terminal."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.table import Table


def console_on(stream: TextIO, width: int = 120) -> Console:
    """Writes on a stream; lines have so many characters where it is no terminal."""
    return Console(file=stream, width=None if stream.isatty() else width, highlight=False)


def table_of(*columns: str) -> Table:
    """A table without lines; one whose columns have no names has no head."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=any(columns))
    for name in columns:
        table.add_column(name)
    return table
