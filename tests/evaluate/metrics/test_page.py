"""What docs/metrics.md shows is run, and it lists the protocols that there are."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

from pdengine.evaluate import PROTOCOLS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "metrics.md").read_text()


def test_the_page_prints_what_it_says() -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    promised = re.findall(r"^print\(.*\)  # (.+)$", code, re.MULTILINE)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(code, "docs/metrics.md", "exec"), {})
    assert printed.getvalue().splitlines() == promised
    assert promised


def test_the_page_lists_every_protocol() -> None:
    cells = re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE)
    named = [name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)]
    whole = [f"instance{name}" if name.startswith("-") else name for name in named]
    assert whole == list(PROTOCOLS)
