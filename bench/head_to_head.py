"""Every method beside every other on Labeled PSB: the table that goes to docs/results.md.

    python bench/head_to_head.py --psb DIR --out DIR [--categories Chair,Cup] [--limit 3]
        [--points 2048] [--seeds 0] [--workers 2]

The embedded teacher, and the simulated one at three levels of noise, each with vote, PartSLIP and
PartDistill's student on one shape, beforehand and on the collection.  Every teacher has a folder
under --out as `pdengine eval` writes it; a run that was stopped goes on when the same command is
given again.  Prints Markdown, and writes it to head_to_head.md there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pdengine.config import METHODS
from pdengine.data import open_dataset
from pdengine.errors import PdengineError
from pdengine.evaluate import Experiment
from pdengine.evaluate.about import machine
from pdengine.evaluate.commit import commit
from pdengine.evaluate.gallery import write_gallery
from pdengine.evaluate.outputs import write
from pdengine.evaluate.plan import Plan
from pdengine.evaluate.results import Result
from pdengine.evaluate.run import Evaluated, evaluate
from pdengine.evaluate.subject import named_teacher
from pdengine.evaluate.tables import markdown
from pdengine.progress import make_reporter

TEACHERS = (
    "embedded",
    "simulated-systematic",
    "simulated-independent",
    "simulated-clean",
)
NOT_THIS = (
    "These are not results on ShapeNetPart or PartNetE, and no teacher here is GLIP: they cannot "
    "be compared with the numbers of the papers. The meshes of Labeled PSB have no colour and no "
    "consistent pose. The simulated teacher reads the labels and spoils them: its rows say what a "
    "method makes of such a teacher, not what the engine finds on its own."
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--psb", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--out", type=Path, required=True, help="a folder per teacher goes there")
    parser.add_argument("--categories", help="default: all that the embedded teacher knows")
    parser.add_argument("--limit", type=int, help="at most the first so many shapes per category")
    parser.add_argument("--points", type=int, default=2048, help="labelled and scored of each mesh")
    parser.add_argument("--seeds", default="0", help="with commas")
    parser.add_argument("--methods", default=",".join(METHODS), help="with commas")
    parser.add_argument("--teachers", default=",".join(TEACHERS), help="with commas")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(argv)
    wanted = tuple(options.categories.split(",")) if options.categories else None
    sections = []
    try:
        for teacher in options.teachers.split(","):
            found, numbers = measured(teacher, wanted, options)
            wanted = tuple(found.parts)  # the same for every teacher
            sections.append(section(found, numbers))
    except PdengineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    text = page(
        options.points,
        sections,
        " ".join(["python bench/head_to_head.py", *(argv or sys.argv[1:])]),
    )
    (options.out / "head_to_head.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def measured(
    teacher: str, categories: tuple[str, ...] | None, options: argparse.Namespace
) -> tuple[Evaluated, list[Result]]:
    """One teacher, every method."""
    kind, noise = named_teacher(teacher)
    plan = Plan(
        dataset=open_dataset("psb", options.psb),
        kind="psb",
        folder=str(options.psb),
        split="test",
        methods=tuple(options.methods.split(",")),
        experiment=Experiment(kind, noise, points=options.points),
        out=options.out / teacher,
        seeds=tuple(int(seed) for seed in options.seeds.split(",")),
        categories=categories,
        limit=options.limit,
        workers=options.workers,
    )
    with make_reporter(sys.stderr) as progress:
        found = evaluate(plan, progress)
    numbers = write(found)
    write_gallery(found, numbers)
    return found, numbers


def section(found: Evaluated, numbers: Sequence[Result]) -> str:
    """A table of scores, and one of costs."""
    several = len({number.seed for number in numbers}) > 1
    scores = {
        f"{number.method}, seed {number.seed}" if several else number.method: number.score
        for number in numbers
    }
    lines = [
        f"### {found.teacher.name}",
        "",
        markdown(scores, layout="categories"),
        "| method | over the vote | s per shape | MiB | failed |",
        "|---|---:|---:|---:|---:|",
    ]
    for title, number in zip(scores, numbers, strict=True):
        over, gain = number.over_vote, ""
        if over is not None:
            gain = f"{100 * over.overall:+.1f}"
            if over.interval is not None:
                gain += " [{:+.1f}, {:+.1f}]".format(*(100 * end for end in over.interval))
        seconds = sum(spent for spent in number.seconds.values() if spent is not None)
        cost = f"{seconds:.2f} | {number.peak_mib:.0f} | {number.failed}"
        lines.append(f"| {title} | {gain} | {cost} |")
    return "\n".join([*lines, ""])


def page(points: int, sections: Sequence[str], command: str) -> str:
    """The whole, with what it is not."""
    here = machine()
    where = f"{here['cpu']}, {here['cores']} cores, commit {commit() or 'unknown'}"
    return "\n".join(
        [
            "## Head to head on Labeled PSB",
            "",
            f"{NOT_THIS} {points:,} points sampled by area, 10 views of 224 px; seconds of one "
            "thread, without loading a model; a student that was aligned beforehand only labels. "
            f"Measured on {where}:",
            "",
            f"```\n{command}\n```",
            "",
            *sections,
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
