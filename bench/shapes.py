"""Time the generator, on one core: milliseconds per shape of every category, and per scan.

python bench/shapes.py [--seeds 40] [--categories chair,table]

Prints a JSON list of rows; the case "shapes" of bench/pipeline.py.  A time is the processor's, on a
process that is held to one core, so a busy machine changes it little; the budget is 20 ms, 50
shapes a second.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdengine.shapes import LabelledMesh

Row = dict[str, object]
SEEDS = 40
SCANS = {
    "scan_10k": {"points": 10_000, "noise": 0.01, "holes": 3, "colour": "random"},
    "scan_10k_one_side": {"points": 10_000, "one_side": True},
}


def measured(make: Callable[[int], object], seeds: int) -> list[float]:
    """Milliseconds per seed, after one that warms up."""
    values = []
    make(0)
    for seed in range(seeds):
        start = time.process_time()
        make(seed)
        values.append((time.process_time() - start) * 1e3)
    return values


def shapes(seeds: int = SEEDS, categories: Sequence[str] = ()) -> list[Row]:
    """A row per category with the mean number of faces, one over all of them, and the scans."""
    from pipeline import row

    from pdengine.shapes import CATEGORIES, make
    from pdengine.shapes.scan import ScanConfig, scan

    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        rows: list[Row] = []
        every: list[float] = []
        for category in categories or CATEGORIES:
            made: list[LabelledMesh] = []
            values = measured(lambda seed, c=category, m=made: m.append(make(c, seed)), seeds)
            every += values
            found = row(f"shape_{category}", values, "ms")
            found["slowest"] = f"{max(values):.3f}"
            found["faces"] = round(sum(len(mesh.faces) for mesh in made) / len(made))
            rows.append(found)
        rows.append(row("shape_all", every, "ms"))
        second = [1e3 * len(every) / sum(every)]
        rows.append(row("shapes_per_second", second, "1/s"))
        for name, settings in SCANS.items():
            config, chair = ScanConfig(**settings), make("chair", 0)
            values = measured(lambda seed, c=config, m=chair: scan(m, c, seed), seeds)
            rows.append(row(name, values, "ms"))
        return rows
    finally:
        os.sched_setaffinity(0, cores)


CASES: dict[str, Callable[[], list[Row]]] = {"shapes": shapes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS, help="shapes per category, 20 or more")
    parser.add_argument("--categories", default="", help="with commas between them; all")
    options = parser.parse_args()
    names = [name for name in options.categories.split(",") if name]
    print(json.dumps(shapes(max(options.seeds, 20), names), indent=1))


if __name__ == "__main__":
    main()
