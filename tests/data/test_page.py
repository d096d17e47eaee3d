"""docs/datasets.md: what it shows is run, and what it lists is what there is."""

from __future__ import annotations

import io
import re
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from pdengine.data import KINDS
from pdengine.data.shapenetpart_names import CATEGORIES

PAGE = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("code", SNIPPETS)
def test_a_snippet_prints_what_it_says(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where a snippet leaves its folder
    promised = re.findall(r"^print\(.*\)  # (.+)$", code, re.MULTILINE)
    assert promised
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(code, "docs/datasets.md", "exec"), {})
    assert printed.getvalue().splitlines() == promised


def test_the_table_lists_every_kind_with_its_splits() -> None:
    rows = dict(re.findall(r"^\| `([\w:]+)` \| (.+?) \|", PAGE, re.MULTILINE))
    names = ["generated:N" if kind.name == "generated" else kind.name for kind in KINDS]
    assert rows == dict(zip(names, (", ".join(kind.splits) for kind in KINDS), strict=True))


def test_the_table_lists_the_parts_of_shapenetpart() -> None:
    rows = re.findall(r"^\| (\w+) \| ([\w ,]+) \| (\d+) \|(?: ([\w ,]+))? \|$", PAGE, re.MULTILINE)
    names = {(name, parts, first) for name, parts, first, _ in rows}
    assert names == {(c.name, ", ".join(c.parts), str(c.first)) for c in CATEGORIES}
    for name, _, _, words in rows:
        (category,) = [c for c in CATEGORIES if c.name == name]
        differ = set(category.prompts) - set(category.parts)
        assert differ <= set(words.split(", ")) if words else not differ
