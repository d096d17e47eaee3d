"""What can be typed: one dataclass per command, one field per option."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

import tyro

from pdengine.cli.data import Data
from pdengine.cli.evaluation import Eval
from pdengine.cli.options import (
    FLAG,
    DetectionOptions,
    EngineOptions,
    TeacherOptions,
    typed,
    word,
)
from pdengine.cli.shapes import Shapes
from pdengine.cli.teachers import Teachers


@dataclass(frozen=True)
class Segment:
    """Name the parts of a shape: labelled PLY, numbers and a report.

    Example: pdengine segment chair.ply --parts "chair: back, seat, leg, arm"

    Without --parts the teacher says what the shape is, and how sure it is.
    """

    shape: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="SHAPE")]
    """A mesh or point cloud (`pdengine formats`), or a preprocess.h5 with its answers."""
    parts: Annotated[str | None, word("NAMES", "-p")] = None
    """What to find: "chair: back, seat, leg, arm", or without the category."""
    out: Annotated[Path | None, word("DIR", "-o")] = None
    """Folder for the results; <shape>_parts/ unless given."""
    method: Annotated[str, word("NAME")] = "partdistill"
    """partdistill (aligns a student), partslip (superpoints vote) or vote (the baseline)."""
    student: Annotated[Path | None, word("FILE")] = None
    """A student of `pdengine align`, in place of a teacher."""
    instances: Annotated[bool, FLAG] = False
    """Number the single things of a part too: each leg of a chair."""
    glb: Annotated[bool, FLAG] = False
    """Write <shape>_parts.glb too: a named node per part or, with --instances, per thing."""
    cache: Annotated[Path | None, word("DIR")] = None
    """Keep the teacher's answers here: the same views are not asked about twice."""
    strict: Annotated[bool, FLAG] = False
    """Exit with 3 when no part is found."""
    quiet: Annotated[bool, FLAG] = False
    """Print nothing but warnings and errors."""
    teaching: Annotated[TeacherOptions, tyro.conf.arg(name="teacher", help="")] = field(
        default_factory=TeacherOptions
    )
    outside: Annotated[DetectionOptions, tyro.conf.arg(name="detection", help="")] = field(
        default_factory=DetectionOptions
    )
    engine: Annotated[EngineOptions, tyro.conf.arg(help="")] = field(default_factory=EngineOptions)

    def run(self) -> int:
        from pdengine.cli.methods import mode_of

        out = self.out or Path(f"{Path(self.shape).stem}_parts")
        mode = mode_of(self.method, with_student=self.student is not None)
        if self.student is not None:
            return self._by_student(self.student, out)
        from pdengine.cli.answered import answered
        from pdengine.cli.segmenting import SegmentJob

        outside = answered(self.outside, self.teaching)
        options = {**self.teaching.settings, **self.engine.settings, "instances": self.instances}
        return SegmentJob(
            shape=self.shape,
            parts=self.parts,
            out=out,
            options={**options, "mode": mode},
            cache=self.cache,
            strict=self.strict,
            quiet=self.quiet,
            glb=self.glb,
            answered=outside,
        ).run()

    def _by_student(self, student: Path, out: Path) -> int:
        from pdengine.cli.aligning import StudentJob
        from pdengine.errors import ConfigError

        unused = [*self.teaching.asked_for, *typed(self.outside)]
        unused += [] if self.cache is None else ["--cache"]
        unused += ["--nameless"] if self.engine.nameless else []
        if unused:
            raise ConfigError(f"--student asks no teacher: it must come without {unused[0]}")
        options = {name: getattr(self.engine, name) for name in ("seed", "device")}
        return StudentJob(
            shape=self.shape,
            student=student,
            parts=self.parts,
            out=out,
            options={**options, "instances": self.instances},
            strict=self.strict,
            quiet=self.quiet,
            glb=self.glb,
        ).run()


@dataclass(frozen=True)
class Render:
    """Draw the views of a shape for a model outside.

    Example: pdengine render chair.ply --out views --size 800

    Writes pictures, which row or triangle each pixel shows, and views.json.  What the model finds
    comes back with `pdengine segment --detections`: docs/external-models.md.
    """

    shape: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="SHAPE")]
    """A mesh or point cloud; `pdengine formats` lists the kinds."""
    out: Annotated[Path | None, word("DIR", "-o")] = None
    """Folder for the pictures; <shape>_views/ unless given."""
    views: Annotated[int, word("N")] = 10
    """How many; 10 are PartSLIP's."""
    size: Annotated[str, word("PX")] = "224"
    """Of a picture: 224, or 640x480 (width x height); PartSLIP takes 800."""
    up: Annotated[str, word("AXIS")] = "auto"
    """Which way is up: x, y, z, -x, -y, -z, or auto, which asks the embedded teacher."""
    meshes: Annotated[str, word("points|triangles")] = "points"
    """Draw discs on points of a mesh, or its triangles."""
    points: Annotated[int, word("N")] = 200_000
    """How many points of a mesh are drawn."""
    seed: Annotated[int, word("N")] = 0
    """Of those points."""
    depth: Annotated[bool, FLAG] = False
    """Write depth_<view>.png too, 16 bits."""
    normals: Annotated[bool, FLAG] = False
    """Write normals_<view>.png too."""
    device: Annotated[str, word("auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where it can."""
    quiet: Annotated[bool, FLAG] = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.rendering import RenderJob

        return RenderJob(
            shape=self.shape,
            out=self.out or Path(f"{Path(self.shape).stem}_views"),
            size=self.size,
            options={"seed": self.seed, "device": self.device, "up": self.up},
            settings={
                "views": self.views,
                "meshes": self.meshes,
                "surface_points": self.points,
            },
            depth=self.depth,
            normals=self.normals,
            quiet=self.quiet,
        ).run()


@dataclass(frozen=True)
class Align:
    """Label a collection together, and keep the student it makes.

    Example: pdengine align chairs/ --parts "chair: back, seat, leg, arm" --out chair.safetensors

    No labels are needed.  A run that was stopped goes on when the same command is given again.
    """

    shapes: Annotated[tyro.conf.Positional[tuple[str, ...]], word("SHAPES")]
    """Folders and files; `pdengine formats` lists the kinds."""
    parts: Annotated[str, word("NAMES", "-p")]
    """What to find: "chair: back, seat, leg, arm"."""
    out: Annotated[Path, word("FILE", "-o")] = Path("student.safetensors")
    """The student."""
    labels: Annotated[Path | None, word("DIR")] = None
    """Folder for the labelled shapes; <out>_labels/ unless given."""
    labelled: Annotated[tuple[str, ...], word("FILES")] = ()
    """Labelled PLY files to trust, as segment writes them: a few are enough to help."""
    generated: Annotated[int, word("N")] = 0
    """Add this many generated shapes of the category; the teacher looks at them too."""
    weights: Annotated[str, word("head|all")] = "head"
    """head aligns a layer on the encoder; all goes on with the encoder too, slower."""
    instances: Annotated[bool, FLAG] = False
    """Number the single things of a part too: each leg of a chair."""
    cache: Annotated[Path | None, word("DIR")] = None
    """Where the teacher's word on each shape is kept; .units/ among the labels unless given."""
    quiet: Annotated[bool, FLAG] = False
    """Print nothing but warnings and errors."""
    teaching: Annotated[TeacherOptions, tyro.conf.arg(name="teacher", help="")] = field(
        default_factory=TeacherOptions
    )
    engine: Annotated[EngineOptions, tyro.conf.arg(help="")] = field(default_factory=EngineOptions)

    def run(self) -> int:
        from pdengine.cli.aligning import AlignJob

        labels = self.labels or self.out.with_name(f"{self.out.stem}_labels")
        return AlignJob(
            self.shapes,
            self.parts,
            self.out,
            labels,
            self.cache or labels / ".units",
            self.labelled,
            self.generated,
            {**self.teaching.settings, **self.engine.settings, "instances": self.instances},
            self.weights,
            self.quiet,
        ).run()


@dataclass(frozen=True)
class Demo:
    """Make a chair and segment it: no file, no network."""

    out: Annotated[Path, word("DIR", "-o")] = Path("pdengine_demo")
    """Folder for the chair and the results."""
    seed: Annotated[int, word("N")] = 12  # has every part, arms too
    """Which chair: every seed is another one."""
    quiet: Annotated[bool, FLAG] = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.segmenting import demo

        return demo(self.out, self.seed, self.quiet)


@dataclass(frozen=True)
class Doctor:
    """Say what this machine can run, and why not the rest."""

    json: Annotated[bool, FLAG] = False
    """Print JSON instead of a table."""

    def run(self) -> int:
        from pdengine.doctor import report

        return report(sys.stdout, self.json)


@dataclass(frozen=True)
class Formats:
    """List the files that can be read and written."""

    def run(self) -> int:
        from pdengine.cli.formats import print_formats

        print_formats(sys.stdout)
        return 0


COMMANDS: dict[str, type[Any]] = {
    "demo": Demo,
    "segment": Segment,
    "align": Align,
    "render": Render,
    "eval": Eval,
    "data": Data,
    "shapes": Shapes,
    "teachers": Teachers,
    "formats": Formats,
    "doctor": Doctor,
}


def offered(words: Sequence[str]) -> Any:
    """The commands as a type for tyro.

    Of the one that is named there is all that its docstring says, of the others, for the list, the
    first line.
    """
    named = words[0] if words else ""
    each = (
        Annotated[
            command,
            tyro.conf.subcommand(
                name, description=None if name == named else _first(command.__doc__)
            ),
        ]
        for name, command in COMMANDS.items()
    )
    return reduce(or_, each)


def _first(text: str | None) -> str:
    return (text or "").split("\n", 1)[0]
