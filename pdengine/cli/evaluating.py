"""From a dataset to tables and a page."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pdengine.cli import OK, one_line
from pdengine.cli.evaluation import Eval
from pdengine.cli.methods import SHORT
from pdengine.cli.options import names_in, typed
from pdengine.cli.tables import console_on, table_of
from pdengine.config import EngineConfig, with_options
from pdengine.data import open_dataset
from pdengine.errors import ConfigError
from pdengine.evaluate.answer_folder import answer_folder
from pdengine.evaluate.gallery import write_gallery
from pdengine.evaluate.outputs import failures, heading, write
from pdengine.evaluate.plan import Plan
from pdengine.evaluate.results import Result
from pdengine.evaluate.run import Evaluated, evaluate
from pdengine.evaluate.subject import (
    DETECTIONS,
    READY,
    SIMULATED,
    Experiment,
    named_teacher,
)
from pdengine.progress import make_reporter
from pdengine.published import PartSlipConfig
from pdengine.wording import counted

# The lowest score of a detection that PartSLIP takes: so a point has a part where about half of the
# views that show it hold it in a detection, which is PartSLIP's rule for superpoints.
NAMELESS = PartSlipConfig().detection_threshold


def run(command: Eval) -> int:
    """Measure, write the folder, print a table.

    Raises:
        PdengineError: an argument, the dataset, the teacher or the folder cannot be used.
    """
    asked = plan(command)
    with make_reporter(sys.stderr, command.quiet) as progress, _told_to_go_on():
        found = evaluate(asked, progress)
        numbers = write(found)
        progress("pictures", 0, 1)
        page = write_gallery(found, numbers)
        progress("pictures", 1, 1)
    failed = failures(found.rows)
    if failed:
        why = one_line(str(failed[0]["error"]))
        missing = counted(len(failed), "answer is missing", "answers are missing")
        text = f"{missing} and scored as unlabelled, the first: {why}"
        sys.stderr.write(f"warning: {text}\n")
    if found.untaught:
        why = one_line(found.untaught[0][3])
        text = f"{counted(len(found.untaught), 'shape')} taught no student, the first: {why}"
        sys.stderr.write(f"warning: {text}\n")
    if found.renewed and not command.quiet:
        again = counted(found.renewed, "answer")
        were = "was" if found.renewed == 1 else "were"
        sys.stderr.write(f"{again} that had failed or changed {were} made again\n")
    if not command.quiet:
        console = console_on(sys.stdout)
        console.print(f"\n[bold]{escape(one_line(heading(found)))}[/bold]")
        console.print(table(numbers))
        _print_rest(console, found)
        console.print(f"\n[dim]page[/dim]  {escape(one_line(str(page)))}")
    return OK


@contextmanager
def _told_to_go_on() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped: the same command goes on from here")
        raise


def plan(command: Eval) -> Plan:
    """What the arguments mean.

    Raises:
        PdengineError: one of them cannot be used.
    """
    teacher, noise = named_teacher(command.teaching.teacher)
    if teacher in (SIMULATED, READY) and command.teaching.asked_for != ["--teacher"]:
        which = "a simulated teacher" if teacher == SIMULATED else f"teacher {READY!r}"
        raise ConfigError(f"{which} must come without {command.teaching.asked_for[1]}")
    if teacher == READY and command.engine.nameless:
        raise ConfigError(f"teacher {READY!r} must come without --nameless: it knows no views")
    if typed(command.outside):
        _check_given(command)
        teacher = DETECTIONS
    options = {**command.teaching.settings, **asdict(command.engine)}
    del options["teacher"]  # the experiment's
    points = options["points"]
    dataset = open_dataset(command.dataset, command.folder, command.split)
    if options["nameless"] is None:
        options["nameless"] = NAMELESS if dataset.nameless else 0.0
    config = with_options(EngineConfig(), **options, instances=command.instances)
    answers, outside = None, command.outside
    if outside.detections is not None:
        every = (*dataset.examples, *dataset.train)
        answers = answer_folder(
            outside.detections, every, outside.views_from, outside.ignore_unknown
        )
    return Plan(
        dataset=dataset,
        kind=command.dataset,
        folder=str(command.folder or ""),
        split=command.split,
        methods=tuple(dict.fromkeys(SHORT.get(name, name) for name in names_in(command.method))),
        experiment=Experiment(teacher, noise, (), points, config, dataset.ready, answers),
        out=command.out,
        seeds=tuple(dict.fromkeys(_numbers("seeds", command.seeds))),
        categories=tuple(names_in(command.categories)) if command.categories else None,
        limit=command.limit,
        train_shapes=command.train_shapes,
        protocol=command.protocol,
        workers=command.workers,
        timeout=command.timeout,
        retry_failed=command.retry_failed,
    )


def _check_given(command: Eval) -> None:
    """Answers of a model outside come with their views, and alone."""
    if command.outside.detections is None:
        raise ConfigError(f"{typed(command.outside)[0]} must come with --detections")
    if command.teaching.asked_for:
        raise ConfigError(f"--detections must come without {command.teaching.asked_for[0]}")
    for name in typed(command.engine):
        if name in ("--views", "--up"):
            raise ConfigError(f"--detections must come without {name}: views.json says it")


def table(numbers: list[Result]) -> Table:
    """A row per method and seed."""
    found = table_of("method", "score", "95 %", "over the vote", "shapes", "failed", "s/shape")
    for column in found.columns[1:]:
        column.justify = "right"
    for number in numbers:
        score, over = number.score, number.over_vote
        found.add_row(
            escape(number.title),
            f"{100 * score.overall:.1f}",
            _range(score.interval, "{:.1f} to {:.1f}"),
            "" if over is None else f"{100 * over.overall:+.1f}",
            f"{score.shapes:,}",
            f"{number.failed:,}",
            _sum(number.seconds.values()),
        )
    return found


def _print_rest(console: Console, found: Evaluated) -> None:
    if found.unknown:
        names = ", ".join(found.unknown)
        text = f"left out, the teacher does not know their parts: {names}"
        console.print(escape(one_line(text)))
    if found.plan.experiment.simulated:
        console.print(
            "The teacher is simulated: it reads the labels.  This tests the methods alone.",
        )


def _sum(seconds: Iterable[float | None]) -> str:
    known = list(seconds)
    return "-" if None in known else f"{sum(s for s in known if s is not None):.2f}"


def _range(ends: tuple[float, float] | None, form: str) -> str:
    return "" if ends is None else form.format(*(100 * end for end in ends))


def _numbers(name: str, text: str) -> list[int]:
    found = names_in(text)
    if not found or not all(number.isascii() and number.isdigit() for number in found):
        raise ConfigError(f"{name} must be whole numbers from 0, with commas, got {text!r}")
    return [int(number) for number in found]
