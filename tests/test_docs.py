"""What the documentation shows is run, and what it lists is what there is."""

from __future__ import annotations

import functools
import io
import re
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path

import pytest
import torch

from pdengine.teach import TEACHERS

ROOT = Path(__file__).resolve().parent.parent
OPS = sorted(path.parent.name for path in (ROOT / "kernels").glob("*/op.py"))
PAGE = (ROOT / "docs" / "ops.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
SNIPPETS = {
    title: code
    for title in SECTIONS
    for code in re.findall(r"```python\n(.*?)```", SECTIONS[title], re.DOTALL)
}
TEACHERS_PAGE = (ROOT / "docs" / "teachers.md").read_text()
MODELS_PAGE = (ROOT / "docs" / "models.md").read_text()
TEACHER_SNIPPETS = re.findall(r"```python\n(.*?)```", TEACHERS_PAGE, re.DOTALL)


@pytest.mark.parametrize("title", SNIPPETS)
def test_a_snippet_prints_what_it_says(title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Compiling to machine code takes a minute on a small machine, and is torch's to test.
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="aot_eager"))
    check_what_it_prints(SNIPPETS[title], f"docs/ops.md, {title}")


def check_what_it_prints(code: str, where: str) -> None:
    promised = re.findall(r"^print\(.*\)  # (.+)$", code, re.MULTILINE)
    assert promised
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(code, where, "exec"), {})
    assert printed.getvalue().splitlines() == promised


@pytest.mark.parametrize("number", range(len(TEACHER_SNIPPETS)))
def test_a_snippet_on_teachers_prints_what_it_says(number: int) -> None:
    check_what_it_prints(TEACHER_SNIPPETS[number], f"docs/teachers.md, block {number}")


def test_the_pages_on_teachers_list_each_with_its_card() -> None:
    for name, entry in TEACHERS.items():
        if "+" in name:  # of those the page says what the sign means
            continue
        (row,) = re.findall(rf"^\| `{name}` \|.*$", TEACHERS_PAGE + MODELS_PAGE, re.MULTILINE)
        card = entry.card
        for said in (card.kind, card.licence, card.limits or "none", card.trains_others):
            assert said in row, name


def test_the_page_on_models_lists_each_option_with_those_who_take_it() -> None:
    (table,) = re.findall(r"^\| option \| of \| meaning \|\n(.*?)\n\n", MODELS_PAGE, re.M | re.S)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", table, re.MULTILINE))
    published = {name: entry for name, entry in TEACHERS.items() if entry.pull is not None}
    assert set(rows) == {option.name for entry in published.values() for option in entry.takes}
    for name, who in rows.items():
        takers = {one for one, entry in published.items() if name in {o.name for o in entry.takes}}
        if who == "all":
            assert takers == set(published), name
        for one in re.findall(r"`([a-z0-9-]+)`", who.split(" but ")[0]):
            assert one in takers, (name, one)


def test_every_op_has_a_short_snippet() -> None:
    assert set(OPS) <= set(SNIPPETS)
    lines = {op: len([line for line in SNIPPETS[op].splitlines() if line]) for op in OPS}
    assert {op: count for op, count in lines.items() if count > 10} == {}


def test_the_table_lists_the_backends_that_there_are() -> None:
    listed = dict(re.findall(r"^\| \[(\w+)\]\(#\w+\) \| .+? \| (.+?) \|", PAGE, re.MULTILINE))
    for op in OPS:
        room = import_module(f"pdengine.kernels.{op}.op")
        backends = room.SUBMANIFOLD if op == "kernel_map" else room.BACKENDS
        assert listed[op].split(", ") == [backend.name for backend in backends]
    assert set(listed) == set(OPS)


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target
