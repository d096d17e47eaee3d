"""From a folder of shapes to a student and labelled files; and from a student to labels."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from pdengine.cli import NOTHING_FOUND, OK, one_line
from pdengine.cli.tables import table_of
from pdengine.collection import Collection, CollectionResult
from pdengine.config import EngineConfig, with_options
from pdengine.distill import load_student, save_student
from pdengine.errors import LoadError
from pdengine.io import FORMATS, file_sha256, load, replace_file
from pdengine.pipeline import Engine
from pdengine.progress import make_reporter
from pdengine.report import make_folder, output_folders
from pdengine.report.summary import listed_instances, to_json
from pdengine.teach import parse_parts
from pdengine.types import Segmentation
from pdengine.wording import counted


@dataclass(frozen=True)
class AlignJob:
    """One run of `pdengine align`, every argument already a value."""

    shapes: tuple[str, ...]
    parts: str
    out: Path
    labels: Path
    cache: Path | None
    labelled: tuple[str, ...]
    generated: int
    options: dict[str, Any]
    weights: str = "head"
    quiet: bool = False

    def run(self) -> int:
        config = with_options(EngineConfig(), **self.options)
        config = replace(config, distill=replace(config.distill, weights=self.weights))
        files = found_files(self.shapes)
        progress = make_reporter(sys.stderr, self.quiet)
        start = time.perf_counter()
        kept = () if self.cache is None else (self.cache,)
        with progress, output_folders(self.labels, self.out.parent, *kept):
            collection = Collection(self.parts, config, cache=self.cache, progress=progress)
            collection.add_labelled(self.labelled)
            collection.add_files(files)
            if self.generated:
                collection.add_generated(self.generated)
            result = collection.align()
            save_student(result.student, self.out)
            written = {}
            for name, answer in result.answers.items():
                path = self.labels / f"{name}_parts.ply"
                answer.save(str(path))
                written[name] = path
        seconds = time.perf_counter() - start
        replace_file(
            self.labels / "collection.json",
            [to_json(self._numbers(result, written, seconds)).encode()],
        )
        for name, reason in result.failures.items():
            sys.stderr.write(f"warning: {one_line(name)}: {one_line(reason)}\n")
        if not self.quiet:
            self._print(result, seconds)
        return OK

    def _numbers(
        self, result: CollectionResult, written: dict[str, Path], seconds: float
    ) -> dict[str, Any]:
        return {
            "schema": 1,
            "student": str(self.out),
            "about": result.student.about,
            "shapes": [
                {"name": name, "file": written[name].name, **numbers(answer)}
                for name, answer in result.answers.items()
            ],
            "failures": [{"name": n, "reason": r} for n, r in result.failures.items()],
            "rounds": result.alignment.rounds,
            "steps": len(result.alignment.losses),
            "cached_units": result.cached,
            "seconds": round(seconds, 3),
        }

    def _print(self, result: CollectionResult, seconds: float) -> None:
        console = Console(file=sys.stdout)
        count = len(result.answers)
        console.print(
            f"\n{counted(count, 'shape')} labelled, {len(result.failures)} listed with a reason, "
            f"{result.cached} taught before, {seconds:.1f} s",
            highlight=False,
        )
        for what, path in (("student", self.out), ("labels", self.labels)):
            line = f"[dim]{what:<8}[/dim] {escape(one_line(str(path)))}"
            console.print(line, highlight=False, soft_wrap=True)


def found_files(given: Sequence[str]) -> list[Path]:
    """Files as they are given, and the shapes of every folder in the order of their names.

    Raises:
        LoadError: a folder holds no file of a known format.
    """
    known = {extension for f in FORMATS for extension in f.extensions}
    files: list[Path] = []
    for name in given:
        path = Path(name)
        if not path.is_dir():
            files.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in known and p.is_file())
        if not inside:
            raise LoadError(
                name, f"a folder must hold a file that ends with {', '.join(sorted(known))}"
            )
        files += inside
    return files


def numbers(result: Segmentation) -> dict[str, Any]:
    """What a labelled shape is made of."""
    rows = max(len(result.labels), 1)
    counts = [int((result.labels == r).sum()) for r in range(len(result.names))]
    said: dict[str, Any] = {
        "rows": len(result.labels),
        "parts": [
            {"name": name, "rows": count, "share": count / rows}
            for name, count in zip(result.names, counts, strict=True)
        ],
        "unlabelled": int((result.labels < 0).sum()),
        "mode": result.mode,
        "warnings": list(result.warnings),
        "timings_ms": {stage: round(ms, 3) for stage, ms in result.timings.items()},
        "meta": result.meta,
    }
    if result.instances is not None:
        said["instances"] = listed_instances(result)
    return said


@dataclass(frozen=True)
class StudentJob:
    """One run of `pdengine segment --student`."""

    shape: str
    student: Path
    parts: str | None
    out: Path
    options: dict[str, Any]
    strict: bool = False
    quiet: bool = False
    glb: bool = False

    def run(self) -> int:
        names = None if self.parts is None else parse_parts(self.parts)
        student = load_student(self.student, names)
        config = replace(with_options(EngineConfig(), **self.options), mode="pre")
        progress = make_reporter(sys.stderr, self.quiet)
        with progress:
            start = time.perf_counter()
            shape = load(self.shape)
            loaded = (time.perf_counter() - start) * 1e3
            engine = Engine(config, student=student, progress=progress)
            result = engine.set_shape(shape).segment(student.parts)
            make_folder(self.out)
            labelled = self.out / f"{Path(self.shape).stem}_parts.ply"
            result.save(str(labelled))
            if self.glb:
                result.save(str(labelled.with_suffix(".glb")))
            source = {"path": self.shape, "sha256": file_sha256(self.shape)}
            content = {"schema": 1, "input": source, **numbers(result)}
            content["timings_ms"] = {"load": round(loaded, 3), **content["timings_ms"]}
            replace_file(self.out / "result.json", [to_json(content).encode()])
        for warning in result.warnings:
            sys.stderr.write(f"warning: {one_line(warning)}\n")
        if not self.quiet:
            _print_parts(result, labelled)
        return NOTHING_FOUND if self.strict and not result.found else OK


def _print_parts(result: Segmentation, path: Path) -> None:
    console = Console(file=sys.stdout)
    table = table_of("part")
    table.add_column("rows", justify="right")
    found = result.instances
    if found is not None:
        table.add_column("instances", justify="right")
    for r, part in enumerate(numbers(result)["parts"]):
        count = () if found is None else (f"{int(found.counts(len(result.names))[r])}",)
        table.add_row(one_line(part["name"]), f"{part['rows']:,}", *count)
    console.print(table)
    ms = result.timings.get("total", 0.0)
    console.print(
        f"\n[dim]by the student, {ms:.0f} ms[/dim] {escape(one_line(str(path)))}", highlight=False
    )
