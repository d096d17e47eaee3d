"""Triton kernels compile for a GPU where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPS = sorted(path.parent.name for path in (ROOT / "kernels").glob("*/triton_kernels.py"))


@pytest.mark.parametrize("op", OPS)
def test_every_configuration_compiles_for_sm_90(op):
    """In a process of its own: here the kernels are interpreted."""
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    command = [sys.executable, str(ROOT / "tools" / "compile_kernels.py"), op]
    found = subprocess.run(command, capture_output=True, text=True, env=environment)
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert found.returncode == 0, f"{rows} {found.stderr[-2000:]}"
    assert rows
    assert all(row["op"] == op and row["registers"] > 0 for row in rows)


def test_what_measures_the_limits_compiles_for_sm_90():
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; import compile_kernels, gpu_limits as m;"
        "from pdengine.kernels._triton import compile_ahead;"
        "print([compile_kernels.faults(one, compile_ahead(one)) for one in m.BUILDS])"
    )
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    command = [sys.executable, "-c", code, str(ROOT / "bench"), str(ROOT / "tools")]
    found = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
    assert found.stdout == "[[], []]\n", found.stderr[-2000:]
