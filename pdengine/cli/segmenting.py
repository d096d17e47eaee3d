"""From a file to a folder of results, and the few lines that say how it went."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from pdengine.cli import NOTHING_FOUND, OK, one_line
from pdengine.cli.answered import Answered
from pdengine.cli.methods import TYPED_OF
from pdengine.cli.ready import check_ready, is_ready
from pdengine.cli.tables import table_of
from pdengine.config import EngineConfig, with_options
from pdengine.data import ready_cloud, ready_units
from pdengine.data.partdistill import SOURCE
from pdengine.errors import ConfigError, LoadError
from pdengine.io import file_sha256, hex_colour, load
from pdengine.pipeline import Engine
from pdengine.progress import Reporter, make_reporter
from pdengine.report import Outputs, Source, output_folders, write_outputs
from pdengine.report.page import NO_NUMBER, percent, sureness
from pdengine.teach import entry_of, parse_parts
from pdengine.trace import Trace
from pdengine.types import Segmentation

DEMO_PARTS = "chair: back, seat, leg, arm"


@dataclass(frozen=True)
class SegmentJob:
    """One run of `pdengine segment`, every argument already a value."""

    shape: str
    parts: str | None
    out: Path
    options: dict[str, Any]
    cache: Path | None = None
    strict: bool = False
    quiet: bool = False
    glb: bool = False
    answered: Answered | None = None

    def run(self) -> int:
        # Everything that can be refused is refused before anything slow begins.
        if Path(self.shape).is_dir():
            rule = "must be one file; `pdengine align` labels the shapes of a folder together"
            raise LoadError(self.shape, rule)
        parts = None if self.parts is None else parse_parts(self.parts)
        config = with_options(EngineConfig(), **self.options)
        entry_of(config.teacher)
        ready = is_ready(self.shape)
        if ready:
            check_ready(parts, self.options, self.answered is not None)
            config = replace(config, teacher="ready")
        teacher = None
        if self.answered is not None:
            teacher, config = self.answered.read(self.shape, parts, config)
        progress = make_reporter(sys.stderr, self.quiet)
        engine = Engine(config, teacher=teacher, cache=self.cache, progress=progress)
        with progress:
            start = time.perf_counter()
            progress("load", 0, 1)
            shape = ready_cloud(self.shape) if ready else load(self.shape)
            progress("load", 1, 1)
            loaded = (time.perf_counter() - start) * 1e3
            if not ready:  # its file is the teacher
                engine.check_prompt(parts)
            with output_folders(self.out):
                engine.set_shape(shape)
                if ready and parts is not None:
                    engine.set_units(parts, ready_units(self.shape, parts.names), SOURCE)
                result = _with_load_time(engine.segment(parts), loaded)
                trace = engine.trace
                assert trace is not None, "segment leaves a trace"
                outputs = self._write(progress, result, trace, config)
        for warning in result.warnings:
            sys.stderr.write(f"warning: {one_line(warning)}\n")
        if not self.quiet:
            print_summary(Console(file=sys.stdout), result, outputs)
        return NOTHING_FOUND if self.strict and not result.found else OK

    def _write(
        self, progress: Reporter, result: Segmentation, trace: Trace, config: EngineConfig
    ) -> Outputs:
        progress("report", 0, 1)
        source = Source(self.shape, file_sha256(self.shape))
        stem = Path(self.shape).stem
        outputs = write_outputs(self.out, stem, result, trace, config, source, self.glb)
        progress("report", 1, 1)
        return outputs


def demo(folder: Path, seed: int, quiet: bool) -> int:
    """Make a chair, save it as a file of the user's, and segment that file."""
    if seed < 0:
        raise ConfigError(f"seed must be at least 0, got {seed}")
    from pdengine.cli.chair_file import write_chair

    path = folder / "chair.ply"
    with output_folders(folder):
        write_chair(path, seed)
    options = {"seed": seed, "up": "y"}
    return SegmentJob(str(path), DEMO_PARTS, folder, options, quiet=quiet).run()


def _with_load_time(result: Segmentation, milliseconds: float) -> Segmentation:
    timings = {"load": milliseconds, **result.timings}
    timings["total"] = timings.get("total", 0.0) + milliseconds
    return replace(result, timings=timings)


def print_summary(console: Console, result: Segmentation, outputs: Outputs) -> None:
    """The table, and where the files are."""
    summary = outputs.summary
    table = table_of("part")
    counted_apart = result.instances is not None
    for name in (*(("instances",) if counted_apart else ()), "points", "share", "mean score"):
        table.add_column(name, justify="right")
    for part in summary.parts:
        named = Text.assemble(("■ ", part.colour), one_line(part.name))
        score = NO_NUMBER if part.mean_score is None else f"{part.mean_score:.2f}"
        points = f"{part.points:,}" if part.points else "not found"
        number = (f"{part.instances}",) if counted_apart else ()
        style = "" if part.points else "dim"
        table.add_row(named, *number, points, percent(part.share), score, style=style)
    if summary.unlabelled:
        share = 1 - summary.share_labelled
        named = Text.assemble(("■ ", hex_colour(-1)), "unlabelled")
        numbers = (f"{summary.unlabelled:,}", percent(share), NO_NUMBER)
        table.add_row(named, *((NO_NUMBER,) if counted_apart else ()), *numbers, style="dim")
    console.print()
    console.print(table)
    seconds = result.timings.get("total", 0.0) / 1e3
    console.print(
        f"\n[dim]{summary.said_total}, {TYPED_OF[result.mode]}, {seconds:.1f} s[/dim]",
        highlight=False,
    )
    lines = {"shape": outputs.shape, "numbers": outputs.numbers, "report": outputs.page}
    said = {label: str(path) for label, path in lines.items()}
    proposed = result.meta.get("proposed")
    if proposed is not None:
        sure = sureness(proposed["probability"])
        said = {"category": f"{proposed['category']}, {sure} sure (not given)", **said}
    for label, what in said.items():
        line = f"[dim]{label:<8}[/dim]  {escape(one_line(what))}"
        console.print(line, highlight=False, soft_wrap=True)
