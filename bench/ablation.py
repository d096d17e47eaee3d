"""Take the alignment apart: one row per setting, the voting baseline in every row.

python bench/ablation.py --psb DIR --json FILE [--seeds 3] [--workers 2] [--rows vote,tta]

Prints a Markdown table of mean IoU over the twelve categories (embedded teacher: fourteen), as mean
and standard deviation over seeds, and writes the rows to FILE.  No setting was chosen here: they
are compared on generated shapes, see bench/quality.py --generated.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

CATEGORIES = (
    "Airplane", "Bird", "Chair", "Cup", "Fish", "FourLeg",
    "Glasses", "Human", "Plier", "Table", "Teddy", "Vase",
)  # fmt: skip
EMBEDDED = (*CATEGORIES, "Hand", "Octopus")


@dataclass(frozen=True)
class Row:
    """One setting.

    Attributes:
        name: for the table.
        modes: what is measured besides the vote.
        noise: of the simulated teacher, or "embedded" for the teacher of that name.
        distill: settings of DistillConfig that differ from the default.
    """

    name: str
    modes: tuple[str, ...] = ("tta",)
    noise: str = "systematic"
    views: int = 10
    points: int = 2048
    distill: dict[str, Any] = field(default_factory=dict)


FORWARD = {"backward": "none", "rounds": 0}
ALL_MODES = ("tta", "pre", "collection")
ROWS = (
    Row("default, systematic errors", ALL_MODES),
    Row("default, independent errors", ALL_MODES, "independent"),
    Row("default, no errors", ALL_MODES, "clean"),
    Row("default, embedded teacher", ALL_MODES, "embedded"),
    Row(
        "published: per-point targets, random encoder, forward only",
        ("tta", "collection"),
        distill={**FORWARD, "targets": "per-point", "encoder": "random", "grouping": 0, "prior": 0},
    ),
    Row(
        "+ published backward distillation",
        ("tta", "collection"),
        distill={
            "backward": "published",
            "rounds": 1,
            "targets": "per-point",
            "encoder": "random",
            "grouping": 0,
            "prior": 0,
        },
    ),
    Row(
        "+ pre-trained encoder",
        ("tta", "collection"),
        distill={
            "backward": "published",
            "rounds": 1,
            "targets": "per-point",
            "grouping": 0,
            "prior": 0,
        },
    ),
    Row("default, forward only", ALL_MODES, distill=FORWARD),
    Row("default, published backward", ("tta", "collection"), distill={"backward": "published"}),
    Row("default, soft backward", ("tta", "collection"), distill={"backward": "soft"}),
    Row("default, relative backward", ("tta", "collection"), distill={"backward": "relative"}),
    Row("default, one round", ("tta", "collection"), distill={"rounds": 1}),
    Row("default, random encoder", ALL_MODES, distill={"encoder": "random"}),
    Row("default, no grouping", ("tta", "collection"), distill={"grouping": 0}),
    Row("default, no prior", ("tta", "collection"), distill={"prior": 0.0}),
    Row("embedded teacher, no trust", ("tta",), "embedded", distill={"trust": 0.0}),
    Row("default, shapes as they stand", ALL_MODES, distill={"pose": "given"}),
    Row("default, shapes as they stand, learned turned", ALL_MODES, distill={"pose": "turned"}),
    Row("default, features that do not turn", ALL_MODES, distill={"pose": "invariant"}),
    Row("default, no dropout", ALL_MODES, distill={"dropout": 0.0}),
    Row("default, per-point targets", ("tta", "collection"), distill={"targets": "per-point"}),
    Row("default, per-unit targets", ("tta", "collection"), distill={"targets": "per-unit"}),
    Row(
        "default, per-point targets, class weights",
        ("tta", "collection"),
        distill={"targets": "per-point", "class_weights": True},
    ),
    Row("default, silence says nothing", ("tta", "collection"), distill={"silence": 0.0}),
    Row("default, all weights", ALL_MODES, distill={"weights": "all"}),
    *(Row(f"default, {v} views", ("tta", "collection"), views=v) for v in (2, 4, 6, 8, 12)),
    *(
        Row(f"default, {p} points", ("tta", "collection"), points=p)
        for p in (1024, 4096, 8192, 16384)
    ),
)


def job(psb: str, row: Row, category: str, seed: int) -> list[dict[str, Any]]:
    """Measure one row on one category and seed."""
    import torch

    torch.set_num_threads(1)
    from pdengine.config import EngineConfig, with_options
    from pdengine.data import read_manifest
    from pdengine.evaluate import Experiment, measure_category
    from pdengine.teach import make_teacher

    config = with_options(EngineConfig(), views=row.views)
    config = with_options(config, distill=replace(config.distill, **row.distill))
    real = row.noise == "embedded"
    modes = ("vote", *row.modes)
    teacher = "embedded" if real else "simulated"
    experiment = Experiment(teacher, "clean" if real else row.noise, modes, row.points, config)
    entries = [entry for entry in read_manifest(psb) if entry.category == category]
    loaded = make_teacher("embedded") if real else None
    return [
        {"row": row.name, "category": category, "mode": r.mode, "seed": seed, "miou": r.miou}
        for r in measure_category(entries, experiment, seed, loaded)
    ]


def table(rows: Sequence[Row], results: Sequence[dict[str, Any]], seeds: int) -> str:
    """Markdown: mean and deviation over seeds of the mean over categories."""
    modes = ("vote", *ALL_MODES)
    lines = ["| setting | " + " | ".join(modes) + " |", "|---" * (len(modes) + 1) + "|"]
    for row in rows:
        cells = []
        for mode in modes:
            per_seed = []
            for seed in range(seeds):
                found: dict[str, list[float]] = {}
                for r in results:
                    if (r["row"], r["mode"], r["seed"]) == (row.name, mode, seed):
                        found.setdefault(r["category"], []).append(r["miou"])
                if found:
                    per_seed.append(statistics.mean(statistics.mean(v) for v in found.values()))
            spread = f" ± {statistics.stdev(per_seed):.3f}" if len(per_seed) > 1 else ""
            cells.append(f"{statistics.mean(per_seed):.3f}{spread}" if per_seed else "")
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    add = parser.add_argument
    add("--psb", required=True, help="folder with manifest.json and mesh/")
    add("--json", required=True, help="where the rows go")
    add("--seeds", type=int, default=3, help="how many seeds, from 0")
    add("--workers", type=int, default=2, help="processes, one thread each")
    add("--only", help="rows whose name has a match of this pattern")
    options = parser.parse_args(argv)
    rows = [row for row in ROWS if not options.only or re.search(options.only, row.name)]
    from pdengine.data import read_manifest
    from pdengine.evaluate import known_categories
    from pdengine.teach import make_teacher

    told = known_categories(read_manifest(options.psb), make_teacher("embedded"))
    known = [category for category in EMBEDDED if category in told]
    jobs = [
        (options.psb, row, category, seed)
        for row in rows
        for seed in range(options.seeds)
        for category in (known if row.noise == "embedded" else CATEGORIES)
    ]
    results: list[dict[str, Any]] = []
    with ProcessPoolExecutor(options.workers) as pool:
        for number, found in enumerate(pool.map(job, *zip(*jobs, strict=True)), 1):
            results += found
            print(f"{number} of {len(jobs)}", end="\r", file=sys.stderr)
            Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(rows, results, options.seeds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
