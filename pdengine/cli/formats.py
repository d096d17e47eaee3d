"""The table of files."""

from __future__ import annotations

from typing import TextIO

from pdengine.cli.tables import console_on, table_of
from pdengine.io import FORMATS


def print_formats(stream: TextIO) -> None:
    """What is read, from pdengine.io's own table, and what is written."""
    table = table_of("format", "extensions", "holds", "what is read")
    for form in FORMATS:
        table.add_row(form.name, " ".join(form.extensions), form.holds, form.how)
    console = console_on(stream)
    console.print("Reads", style="bold")
    console.print(table)
    console.print("\nWrites", style="bold")
    console.print(
        "PLY, binary: a colour, scalar_part and scalar_score per row, with --instances "
        "scalar_instance; with --glb GLB: a named node per part or instance; "
        "result.json; report.html"
    )
