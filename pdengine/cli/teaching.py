"""The table of teachers, what is known of one, and their weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from pdengine.cli import one_line
from pdengine.cli.tables import console_on, table_of
from pdengine.errors import ConfigError
from pdengine.teach import TEACHERS, Entry, entry_of
from pdengine.teach.card import IN_THE_PACKAGE, TeacherCard

_BELOW = (
    "without *: no limits, in any territory, and its answers may train other models",
    "pull: type pdengine teachers pull NAME, once, where there is a network",
    "A detector with +sam or +sam2 behind its name has its boxes cut out, into masks.",
    "All about one: pdengine teachers show NAME. Which one to use: docs/models.md. A model of your "
    "own: docs/teachers.md",
)


def print_teachers(stream: TextIO, as_json: bool = False) -> None:
    """Every teacher that can be had by name, with its card and whether it can run here."""
    if as_json:
        _print_json(stream, [_told(entry) for entry in TEACHERS.values()])
        return
    table = table_of("teacher", "here", "answers with", "licence", "good at")
    table.columns[0].no_wrap = True
    notes: dict[str, list[str]] = {}
    for name, entry in TEACHERS.items():
        if "+" in name:
            continue
        card, reason, terms = entry.card, entry.why_not(), _terms(entry.card)
        here = "yes" if reason is None else "no"
        if reason == f"type pdengine teachers pull {name}":
            here = "pull"
        elif reason is not None:
            notes.setdefault(f"no: {reason}", []).append(name)
        if terms:
            notes.setdefault(f"*: {terms}", []).append(name)
        cells = (card.kind, card.licence + (" *" if terms else ""), card.about)
        table.add_row(name, Text(here, "green" if reason is None else "yellow"), *map(Text, cells))
    console = console_on(stream)
    console.print(table)
    below = [f"{note} ({', '.join(names)})" for note, names in sorted(notes.items())]
    for line in ("", *below, *_BELOW):
        console.print(Text(line, "dim"))


def _terms(card: TeacherCard) -> str:
    """What its licence keeps back; "" for nothing."""
    trains = f"may its answers train others: {card.trains_others}"
    return "; ".join([card.limits] * bool(card.limits) + [trains] * (card.trains_others != "yes"))


def show_teacher(stream: TextIO, name: str, as_json: bool = False) -> None:
    """What is known of one teacher, and what it can be told.

    Raises:
        ConfigError: there is none of this name.
    """
    entry = entry_of(name)
    if as_json:
        _print_json(stream, _told(entry))
        return
    card, reason = entry.card, entry.why_not()
    console = console_on(stream, 100)
    console.print(f"[bold]{name}[/bold]: {card.about}\n")
    about = table_of("", "")
    for what, said in (
        ("answers with", card.kind),
        ("licence", card.licence),
        ("limits", card.limits or "none"),
        ("may train others", card.trains_others),
        ("weights", card.weights),
        ("here", "yes" if reason is None else f"no: {reason}"),
    ):
        about.add_row(Text(what, "dim"), Text(said, overflow="fold"))
    console.print(about)
    _print_options(console, entry)


def _print_options(console: Console, entry: Entry) -> None:
    if not entry.takes:
        console.print("\nIt takes no --teacher-option.")
        return
    console.print()
    options = table_of("--teacher-option", "unless given", "")
    for option in entry.takes:
        default = "-" if option.default is None else f"{option.default}"
        options.add_row(option.name, default, Text(option.about))
    console.print(options)


def _told(entry: Entry) -> dict[str, Any]:
    reason = entry.why_not()
    options = {option.name: option.default for option in entry.takes}
    here = {"runs_here": reason is None, "why_not": reason}
    return {**asdict(entry.card), "options": options, **here}


def _print_json(stream: TextIO, content: Any) -> None:
    stream.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def pull_teacher(
    stream: TextIO,
    name: str,
    offline: bool,
    revision: str | None = None,
    cutter_revision: str | None = None,
) -> None:
    """Fetch a teacher's weights, or say why there is nothing to fetch.

    Raises:
        ConfigError: there is none of this name, or it has no such revisions.
        TeacherError: the weights cannot be had, or must not be fetched and are not here.
    """
    entry = entry_of(name)
    picked = {"revision": revision, "cutter_revision": cutter_revision}
    asked = {what: which for what, which in picked.items() if which is not None}
    known = {option.name for option in entry.takes} | ({"revision"} if entry.pull else set())
    for what in asked.keys() - known:
        raise ConfigError(f"{name} has no {what.replace('_', ' ')}: {entry.card.weights}")
    if entry.pull is not None:
        said = entry.pull(offline=offline, **asked)
    elif entry.card.weights == IN_THE_PACKAGE:
        said = "already in the package"
    else:
        said = f"nothing to fetch, {entry.card.weights}"
    stream.write(f"{name}: {one_line(said)}\n")
