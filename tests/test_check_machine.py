"""What a person reads on a machine that cannot build."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parent.parent / "tools" / "check_machine.py"


def check(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL)], capture_output=True, text=True, env=environment
    )


def test_a_machine_with_a_compiler_is_fine() -> None:
    done = check(PATH="/usr/bin:/usr/local/bin")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_compiler_is_named_with_what_to_type() -> None:
    done = check(PATH="/nowhere")
    assert done.returncode == 1
    assert done.stderr == (
        "pdengine: a C++17 compiler is needed (Debian/Ubuntu: apt install g++)\n"
    )


def test_missing_headers_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = runpy.run_path(str(TOOL))
    assert tool["missing"]() == []
    monkeypatch.setitem(tool["missing"].__globals__, "header_folder", lambda: str(tmp_path))
    assert f"the Python headers are needed, {tmp_path}/Python.h" in tool["missing"]()[0]
