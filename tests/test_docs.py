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

ROOT = Path(__file__).resolve().parent.parent
OPS = sorted(path.parent.name for path in (ROOT / "kernels").glob("*/op.py"))
PAGE = (ROOT / "docs" / "ops.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
SNIPPETS = {
    title: code
    for title in SECTIONS
    for code in re.findall(r"```python\n(.*?)```", SECTIONS[title], re.DOTALL)
}


@pytest.mark.parametrize("title", SNIPPETS)
def test_a_snippet_prints_what_it_says(title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Compiling to machine code takes a minute on a small machine, and is torch's to test.
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="aot_eager"))
    code = SNIPPETS[title]
    promised = re.findall(r"^print\(.*\)  # (.+)$", code, re.MULTILINE)
    assert promised
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(code, f"docs/ops.md, {title}", "exec"), {})
    assert printed.getvalue().splitlines() == promised


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
