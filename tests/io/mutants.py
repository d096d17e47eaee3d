"""Loads damaged files in a process of its own with little memory, and prints what came of them.

python mutants.py SEED COUNT < (one JSON object: file name -> base64 content)
"""

from __future__ import annotations

import base64
import collections
import json
import random
import re
import resource
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch

from pdengine.errors import LoadError
from pdengine.io import load
from pdengine.types import Mesh

SECONDS = 5
SPARE_BYTES = 512 << 20
NUMBERS = [b"-1", b"0", b"1", b"5", b"255", b"65536", b"4294967295", b"999999999999", b"1e999"]


def damaged(data: bytes, dice: random.Random) -> bytes:
    """One to four changes: bytes flipped, cut off, put in, taken out, or numbers replaced."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        kind = dice.choice(("flip", "flip", "cut", "insert", "remove", "number", "number"))
        if kind == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
        elif kind == "cut":
            data = data[:at] or data
        elif kind == "insert":
            data = data[:at] + dice.randbytes(dice.randint(1, 9)) + data[at:]
        elif kind == "remove":
            data = data[:at] + data[at + dice.randint(1, 9) :] or data
        elif found := list(re.finditer(rb"-?\d+", data)):
            where = dice.choice(found)
            data = data[: where.start()] + dice.choice(NUMBERS) + data[where.end() :]
    return data


def complaint(path: Path) -> str:
    """What is wrong with how the file was answered; empty where nothing is."""
    try:
        shape = load(path)
    except LoadError:
        return "refused"
    if isinstance(shape, Mesh):
        faces, vertices = shape.faces, shape.vertices
        if len(faces) == 0 or faces.min() < 0 or faces.max() >= len(vertices):
            return "BAD: face index"
        return "loaded" if vertices[faces].isfinite().all() else "BAD: corner not finite"
    if not shape.xyz.isfinite().all() or shape.xyz.norm(dim=1).max() > 1.001:
        return "BAD: xyz"
    return "loaded" if len(shape) == len(shape.rows) <= len(shape.world) else "BAD: rows"


def main(seed: int, count: int) -> None:
    warnings.simplefilter("error")
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = used + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    torch.set_num_threads(1)
    files = {name: base64.b64decode(text) for name, text in json.load(sys.stdin).items()}
    tally: collections.Counter[str] = collections.Counter()
    bad: list[str] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, data in sorted(files.items()):
            dice = random.Random(f"{seed} {name}")
            path = Path(folder) / name
            for i in range(count):
                path.write_bytes(damaged(data, dice))
                start = time.perf_counter()
                signal.alarm(SECONDS)
                try:
                    answer = complaint(path)
                except Exception as error:  # every kind is what this looks for
                    answer = f"BAD: {type(error).__name__}: {error}"
                signal.alarm(0)
                slowest = max(slowest, time.perf_counter() - start)
                tally[answer[:3] if answer.startswith("BAD") else answer] += 1
                if answer.startswith("BAD"):
                    bad.append(f"{name} {i}: {answer}")
    sys.stdout.write(json.dumps({"tally": tally, "bad": bad, "slowest": slowest}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
