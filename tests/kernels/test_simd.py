"""Wide registers: which ops have them, and that nobody else's code needs them."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPS = {path.parent.name for path in (ROOT / "kernels").glob("*/op.py")}
CHOOSES = re.compile(r"has_avx2_fma\(\)|has_avx512\(\)|simd\(\)")
# Sorts, lookups, and sums at places that the data decides: docs/design.md says what was measured.
NARROW = {
    *("kernel_map", "lift_pixels", "raster_triangles", "unit_agreement", "unit_targets"),
    "voxelize",
}


def test_every_other_op_chooses_avx2_at_run_time() -> None:
    wide = {
        op
        for op in OPS
        for path in (ROOT / "csrc" / op).iterdir()
        if CHOOSES.search(path.read_text())
    }
    assert OPS - wide == NARROW | {"lift_seen"}  # which is visible_points and a lift


def instructions(of: Path) -> list[tuple[str, str]]:
    """The name and the instructions of each function of a library."""
    command = ["objdump", "--disassemble", "--no-show-raw-insn", str(of)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    parts = re.split(r"^[0-9a-f]+ <(.+)>:$", said, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_instructions_of_avx_stand_only_in_functions_that_are_chosen_at_run_time() -> None:
    built = sorted((ROOT / "build").glob("cmake-*/libpdengine_core.a"))
    if platform.machine() != "x86_64" or shutil.which("objdump") is None or not built:
        pytest.skip("needs x86-64, objdump and the core that was built here")
    wide = {
        name
        for name, body in instructions(built[-1])
        if re.search(r"^ .*\tv[a-z]+\w* ", body, re.MULTILINE)
    }
    assert len(wide) > 40
    assert {name for name in wide if "avx" not in name} == set()
