"""The benchmark's command, on one op."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from run import processor

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, str(ROOT / "bench" / "run.py"), *arguments]
    return subprocess.run(run, capture_output=True, text=True, cwd=ROOT)


def test_a_quick_run_times_an_op_and_records_nothing() -> None:
    kept = [ROOT / "bench" / "results.csv", ROOT / "docs" / "performance.md"]
    before = [path.read_bytes() for path in kept]
    done = command("--quick", "--only", "unit_agreement")
    assert done.returncode == 0, done.stderr
    assert "unit_agreement[units=200 points=10000]" in done.stdout
    assert " of copy" in done.stdout or " of gather" in done.stdout
    assert " peak " in done.stdout
    assert "points=100000" not in done.stdout
    assert [path.read_bytes() for path in kept] == before


@pytest.mark.parametrize(
    "arguments", [("--gate", "1.2"), ("--base", "HEAD", "--gate", "0"), ("--gate", "-1")]
)
def test_a_gate_needs_a_base_and_a_positive_ratio(arguments: tuple[str, ...]) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert "--gate takes a positive ratio and needs --base" in done.stderr


def test_an_unknown_base_is_said() -> None:
    done = command("--base", "no-such-commit", "--quick", "--only", "unit_agreement")
    assert done.returncode == 1
    assert "bench: no-such-commit is no commit of this repository" in done.stderr


def test_a_name_that_no_case_has_is_said_and_options_have_no_short_forms() -> None:
    done = command("--no-record", "--only", "unit_agreemnt")
    assert done.returncode == 1
    assert "bench: no case's name contains 'unit_agreemnt'" in done.stderr
    assert command("--onl", "knn").returncode == 2


def test_a_processor_is_named_with_its_model() -> None:
    told = "processor : 0\ncpu family : 25\nmodel : 17\nmodel name : AMD EPYC\n\nflags\n"
    assert processor(told * 2) == "AMD EPYC (family 25, model 17)"
    assert processor("processor : 0\nBogoMIPS : 50\n") == ""
