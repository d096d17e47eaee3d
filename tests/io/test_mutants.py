"""Thousands of damaged files: each is refused with a LoadError, or is a sound shape."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

COUNT = int(os.environ.get("PDENGINE_MUTANTS", "150"))  # of each of 14 files
SEED = int(os.environ.get("PDENGINE_MUTANTS_SEED", "0"))


def test_a_damaged_file_is_refused_or_a_sound_shape(sound: dict[str, bytes]) -> None:
    files = {name: base64.b64encode(data).decode() for name, data in sound.items()}
    script = str(Path(__file__).with_name("mutants.py"))
    done = subprocess.run(
        [sys.executable, "-W", "error", script, str(SEED), str(COUNT)],
        input=json.dumps(files),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert not done.stderr, done.stderr
    result = json.loads(done.stdout)
    assert result["bad"] == []
    assert result["tally"]["refused"] + result["tally"]["loaded"] == COUNT * len(files)
    assert result["slowest"] < 2
