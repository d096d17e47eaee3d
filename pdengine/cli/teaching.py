"""The table of teachers, and their weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TextIO

from rich.text import Text

from pdengine.cli import one_line
from pdengine.cli.tables import console_on, table_of
from pdengine.teach import TEACHERS, entry_of
from pdengine.teach.card import IN_THE_PACKAGE


def print_teachers(stream: TextIO, as_json: bool = False) -> None:
    """Every teacher that can be had by name, with its card and whether it can run here."""
    why_not = {name: entry.why_not() for name, entry in TEACHERS.items()}
    if as_json:
        content = [
            {**asdict(entry.card), "runs_here": why_not[name] is None, "why_not": why_not[name]}
            for name, entry in TEACHERS.items()
        ]
        stream.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        return
    table = table_of(
        *("teacher", "answers with", "good at", "licence", "limits", "may train others", "here")
    )
    alone = {name: entry for name, entry in TEACHERS.items() if "+" not in name}
    for name, entry in alone.items():
        card, reason = entry.card, why_not[name]
        here = Text("yes", "green") if reason is None else Text(f"no: {reason}", "yellow")
        known = (name, card.kind, card.about, card.licence, card.limits or "none")
        table.add_row(*map(Text, known), Text(card.trains_others), here)
    console = console_on(stream, 160)
    console.print(table)
    console.print(
        "\nA published detector with +sam or +sam2 behind its name has its boxes cut out, into "
        "masks: docs/models.md (--json lists these too).\nSay one with --teacher. Any Python "
        "function can be one too: docs/teachers.md",
        style="dim",
    )


def pull_teacher(stream: TextIO, name: str, offline: bool) -> None:
    """Fetch a teacher's weights, or say why there is nothing to fetch.

    Raises:
        ConfigError: there is none of this name.
        TeacherError: the weights cannot be had, or must not be fetched and are not here.
    """
    entry = entry_of(name)
    if entry.pull is not None:
        said = entry.pull(offline=offline)
    elif entry.card.weights == IN_THE_PACKAGE:
        said = "already in the package"
    else:
        said = f"nothing to fetch, {entry.card.weights}"
    stream.write(f"{name}: {one_line(said)}\n")
