"""Measure the engine on Labeled PSB, or on generated shapes.

python bench/quality.py --psb DIR [--categories Chair,Table] [--teacher embedded|simulated]
    [--noise systematic|independent|clean] [--modes vote,tta,pre,collection]
    [--points 2048] [--seeds 1] [--meshes points|triangles] --json FILE

FILE is a list of rows {category, shapes, teacher, noise, mode, seed, miou, coverage,
seconds_per_shape}.  mIoU is the mean over the parts a shape has, then over shapes.  A shape that
fails is listed and scored as unlabelled.

Mode pre aligns on every second shape of a category and is scored on the others, then the other way
round; collection aligns one student on all shapes of a category.  No mode reads a label.

With --generated N instead of --psb, N generated shapes of each category are measured.  Settings
are compared there, with --set NAME=VALUE, so that the benchmark stays unseen.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pdengine.config import MESHES, DistillConfig, EngineConfig, with_options
from pdengine.data import Example, generated_shapes, read_manifest
from pdengine.errors import PdengineError
from pdengine.evaluate import (
    Experiment,
    Result,
    known_categories,
    measure_category,
    rows,
)
from pdengine.teach import Teacher, make_teacher
from pdengine.teach.simulated import NOISES

MODES = ("vote", "tta", "pre", "collection")


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--psb", help="folder with manifest.json and mesh/")
    source.add_argument("--generated", type=int, metavar="N", help="N shapes of each category")
    add("--categories", help="default: all that the teacher knows")
    add("--teacher", choices=("embedded", "simulated"), default="embedded")
    add("--noise", choices=NOISES, default="systematic", help="of the simulated teacher")
    add("--modes", default="vote,tta")
    add("--points", type=int, default=2048)
    add("--seeds", type=int, default=1, help="how many seeds, from 0")
    add("--json", required=True, help="where the rows go")
    add("--limit", type=int, help="at most so many shapes per category")
    add("--views", type=int, default=10)
    add("--meshes", choices=MESHES, default="points", help="how a mesh is drawn")
    add("--per-shape", help="where one result per shape goes, as JSON")
    add("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings of DistillConfig")
    add("--verbose", action="store_true", help="one line per shape as it is measured")
    options = parser.parse_args(argv)
    wrong = sorted(set(options.modes.split(",")) - set(MODES))
    if wrong:
        parser.error(f"--modes must be of {', '.join(MODES)}, got {', '.join(wrong)}")
    if options.seeds < 1:
        parser.error(f"--seeds must be at least 1, got {options.seeds}")
    return options


def chosen(
    entries: Sequence[Example], options: argparse.Namespace, teacher: Teacher | None = None
) -> list[Example]:
    """The shapes to measure, in the manifest's order."""
    known = list(dict.fromkeys(entry.category for entry in entries))
    if options.categories:
        wanted = options.categories.split(",")
        missing = [category for category in wanted if category not in known]
        if missing:
            rule = f"--categories must be of {', '.join(known)}"
            raise SystemExit(f"{rule}, got {', '.join(missing)}")
    else:
        wanted = known_categories(entries, teacher)
    groups = [[e for e in entries if e.category == category] for category in wanted]
    return [entry for group in groups for entry in group[: options.limit]]


def settings(given: Sequence[str]) -> dict[str, Any]:
    """NAME=VALUE pairs as DistillConfig's own types, e.g. smoothing=0.5 rescore=false."""
    kinds = {f.name: type(getattr(DistillConfig(), f.name)) for f in fields(DistillConfig)}
    found: dict[str, Any] = {}
    for pair in given:
        name, _, text = pair.partition("=")
        kind = kinds.get(name)
        if kind not in (bool, int, float, str):
            raise SystemExit(f"--set must name a plain setting of DistillConfig, got {pair}")
        found[name] = text.lower() == "true" if kind is bool else kind(text)
    return found


def summary(table_rows: list[dict[str, Any]]) -> Table:
    """A table for people, with the mean over categories per mode at its end."""
    table = Table("category", "mode", "seed", "shapes", "mIoU", "coverage", "s/shape")
    for row in table_rows:
        table.add_row(*_cells(row["category"], str(row["seed"]), row["shapes"], row["mode"], [row]))
    table.add_section()
    for mode in dict.fromkeys(row["mode"] for row in table_rows):
        group = [row for row in table_rows if row["mode"] == mode]
        shapes = sum(row["shapes"] for row in group)
        table.add_row(*_cells("mean", "all", shapes, mode, group))
    return table


def _cells(name: str, seed: str, shapes: int, mode: str, group: list[dict[str, Any]]) -> list[str]:
    def mean(key: str) -> float:
        return float(sum(row[key] for row in group) / len(group))

    numbers = [f"{mean('miou'):.3f}", f"{mean('coverage'):.3f}", f"{mean('seconds_per_shape'):.2f}"]
    return [name, mode, seed, str(shapes), *numbers]


def report_failures(results: Iterable[Result], console: Console) -> None:
    failed = [r for r in results if r.error is not None]
    for r in failed:
        console.print(f"failed, scored as unlabelled: {r.shape} {r.mode} seed {r.seed}: {r.error}")


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    logging.basicConfig(level=logging.WARNING)
    config = with_options(EngineConfig(), views=options.views, meshes=options.meshes)
    config = with_options(config, distill=replace(config.distill, **settings(options.set)))
    modes = tuple(dict.fromkeys(options.modes.split(",")))
    experiment = Experiment(options.teacher, options.noise, modes, options.points, config)
    console = Console()
    try:
        teacher = None if options.teacher == "simulated" else make_teacher(options.teacher)
        entries = chosen(
            generated_shapes(options.generated)
            if options.generated
            else read_manifest(options.psb),
            options,
            teacher,
        )
        results = []
        for seed in range(options.seeds):
            for category in dict.fromkeys(entry.category for entry in entries):
                group = [entry for entry in entries if entry.category == category]
                found = measure_category(group, experiment, seed, teacher)
                results += found
                if options.verbose:
                    for r in found:
                        console.print(f"{r.shape:20s} seed {seed}  {r.mode} {r.miou:.3f}")
    except PdengineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    table_rows = rows(results, experiment)
    console.print(summary(table_rows))
    report_failures(results, console)
    Path(options.json).write_text(json.dumps(table_rows, indent=1) + "\n", encoding="utf-8")
    if options.per_shape:
        listed = [asdict(result) for result in results]
        Path(options.per_shape).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
