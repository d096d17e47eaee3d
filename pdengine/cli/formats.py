"""The table of files."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.table import Table

from pdengine.io import FORMATS


def print_formats(stream: TextIO) -> None:
    """What is read, from pdengine.io's own table, and what is written."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("format", "extensions", "holds", "what is read"):
        table.add_column(name)
    for form in FORMATS:
        table.add_row(form.name, " ".join(form.extensions), form.holds, form.how)
    console = Console(file=stream, width=None if stream.isatty() else 120)
    console.print("Reads", style="bold")
    console.print(table)
    console.print("\nWrites", style="bold")
    console.print(
        "PLY, binary: a colour, scalar_part and scalar_score per row, with --instances "
        "scalar_instance; with --glb GLB: a named node per part or instance; "
        "result.json; report.html",
        highlight=False,
    )
