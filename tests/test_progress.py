"""Progress: lines in a log, a bar on a terminal, nothing when quiet."""

from __future__ import annotations

import io
import re

from rich.console import Console

from pdengine.progress import Bar, Lines, Silent, make_reporter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work(report: object) -> None:
    with report as progress:  # type: ignore[attr-defined]
        progress("render", 0, 1)
        progress("render", 1, 1)
        progress("align", 0, 1)
        for step in range(1, 4):
            progress("align", step, 3)
        progress("align", 1, 1)


def test_a_log_has_one_line_per_stage() -> None:
    stream = io.StringIO()
    work(make_reporter(stream))
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["render", "align"]
    assert all(re.fullmatch(r"\w+ +\d+ ms", line) for line in lines)


def test_quiet_is_silent() -> None:
    stream = Terminal()
    work(make_reporter(stream, quiet=True))
    assert stream.getvalue() == ""


def test_a_terminal_gets_a_bar_and_keeps_the_lines() -> None:
    stream = Terminal()
    bar = Bar(Console(file=stream, force_terminal=True, width=80))
    work(bar)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert re.search(r"✓ render +\d+ ms", text)
    assert re.search(r"✓ align +\d+ ms", text)
    assert bar.tasks == {}


def test_the_stream_decides(monkeypatch: object) -> None:
    assert isinstance(make_reporter(io.StringIO()), Lines)
    assert isinstance(make_reporter(io.StringIO(), quiet=True), Silent)


def test_a_stage_of_one_step_is_one_line() -> None:
    stream = io.StringIO()
    with Lines(stream) as progress:
        progress("align", 0, 1)
        progress("align", 1, 1)  # the only step
        progress("align", 1, 1)  # the end of the stage
    assert len(stream.getvalue().splitlines()) == 1
