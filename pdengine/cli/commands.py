"""What can be typed: one dataclass per command, one field per option."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class Segment:
    """Name the parts of a shape: writes a labelled PLY, result.json and report.html.

    Example: pdengine segment chair.ply --parts "chair: back, seat, leg, arm"
    """

    shape: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="SHAPE")]
    """A mesh or point cloud; `pdengine formats` lists the kinds."""
    parts: Annotated[str, tyro.conf.arg(aliases=["-p"], metavar="NAMES")]
    """The names to find: "chair: back, seat, leg, arm", or without the category."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"], metavar="DIR")] = None
    """Folder for the results; <shape>_parts/ here, unless given."""
    teacher: Annotated[str, tyro.conf.arg(metavar="NAME")] = "embedded"
    """Who looks at the views."""
    mode: Annotated[str, tyro.conf.arg(metavar="tta|vote")] = "tta"
    """tta aligns a student on the shape; vote is the quick baseline."""
    views: int = 10
    """How many views are rendered."""
    seed: int = 0
    """Of everything random: the same seed gives the same labels."""
    device: Annotated[str, tyro.conf.arg(metavar="auto|cpu")] = "auto"
    """auto or cpu."""
    points: int = 10_000
    """A mesh is labelled on this many points, then the labels go back to its faces."""
    up: Annotated[str, tyro.conf.arg(metavar="AXIS")] = "auto"
    """Which way is up: x, y, z, -x, -y, -z, or auto."""
    strict: bool = False
    """Exit with 3 when no part is found."""
    quiet: bool = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.segmenting import SegmentJob

        return SegmentJob(
            shape=self.shape,
            parts=self.parts,
            out=self.out or Path(f"{Path(self.shape).stem}_parts"),
            options={
                "teacher": self.teacher,
                "mode": self.mode,
                "views": self.views,
                "seed": self.seed,
                "device": self.device,
                "points": self.points,
                "up": self.up,
            },
            strict=self.strict,
            quiet=self.quiet,
        ).run()


@dataclass(frozen=True)
class Demo:
    """Make a chair out of thin air and segment it: no file, no network."""

    out: Annotated[Path, tyro.conf.arg(aliases=["-o"], metavar="DIR")] = Path("pdengine_demo")
    """Folder for the chair and the results."""
    seed: int = 1
    """Which chair: every seed is another one."""
    quiet: bool = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.segmenting import demo

        return demo(self.out, self.seed, self.quiet)


@dataclass(frozen=True)
class Doctor:
    """Check that everything pdengine needs is here and works."""

    json: bool = False
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


Command = Segment | Demo | Doctor | Formats

COMMANDS = (
    Annotated[Segment, tyro.conf.subcommand("segment")]
    | Annotated[Demo, tyro.conf.subcommand("demo")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")]
    | Annotated[Formats, tyro.conf.subcommand("formats")]
)
