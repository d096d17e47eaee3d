"""The command where its streams are closed, or end in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PDENGINE = [sys.executable, "-m", "pdengine"]


@pytest.mark.parametrize("words", ["--version", "--help", "shapes list", "formats"])
def test_it_runs_without_standard_output(words: str) -> None:
    command = f'exec "$@" {words} >&-'
    done = subprocess.run(["sh", "-c", command, "sh", *PDENGINE], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        command = [*PDENGINE, "doctor", "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: [Errno 28] No space left on device")
    assert "Traceback" not in done.stderr


def test_a_reader_that_went_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [*PDENGINE, "shapes", "list"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
