"""What can be typed: one dataclass per command, one field per option."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from pdengine.cli.data import Data
from pdengine.cli.evaluation import Eval
from pdengine.cli.shapes import Shapes
from pdengine.cli.teachers import Teachers


@dataclass(frozen=True)
class Segment:
    """Name the parts of a shape: writes a labelled PLY, result.json and report.html.

    Example: pdengine segment chair.ply --parts "chair: back, seat, leg, arm"

    Without --parts the teacher says what the shape is, and how sure it is.
    """

    shape: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="SHAPE")]
    """A mesh or point cloud; `pdengine formats` lists the kinds.  PartDistill's preprocess.h5 comes
    with what its teacher said, and no other one is asked."""
    parts: Annotated[str | None, tyro.conf.arg(aliases=["-p"], metavar="NAMES")] = None
    """The names to find: "chair: back, seat, leg, arm", or without the category.  Unless given, a
    student's own, or the category that the teacher proposes, with all its parts."""
    student: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """Label with this student, without a teacher: what `pdengine align` wrote."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"], metavar="DIR")] = None
    """Folder for the results; <shape>_parts/ here, unless given."""
    teacher: Annotated[str, tyro.conf.arg(metavar="NAME")] = "embedded"
    """Who looks at the views; `pdengine teachers list` says who there is."""
    teacher_path: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """A folder with the teacher's weights; else they are those that were pulled."""
    teacher_timeout: Annotated[float | None, tyro.conf.arg(metavar="SECONDS")] = None
    """The most one call of the teacher may take; without it there is no limit."""
    detections: Annotated[Path | None, tyro.conf.arg(metavar="PATH")] = None
    """What another model found in the pictures of `pdengine render`, in place of a teacher: COCO or
    label-me JSON, or a folder of masks."""
    views_from: Annotated[Path | None, tyro.conf.arg(metavar="DIR")] = None
    """The folder of those pictures; the one that the detections lie in, unless given."""
    ignore_unknown: bool = False
    """Leave out detections of names that are not among the parts."""
    cache: Annotated[Path | None, tyro.conf.arg(metavar="DIR")] = None
    """Keep the teacher's answers here: the same views are not asked about twice."""
    offline: bool = False
    """Fetch nothing: a teacher whose weights are not here is an error."""
    method: Annotated[str, tyro.conf.arg(metavar="partdistill|partslip|vote")] = "partdistill"
    """partdistill aligns a student on the shape, or asks the one of --student; partslip lets
    superpoints vote; vote is the quick baseline."""
    views: int = 10
    """How many views are rendered."""
    seed: int = 0
    """Of everything random: the same seed gives the same labels."""
    device: Annotated[str, tyro.conf.arg(metavar="auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where there is one that it can use."""
    points: int = 10_000
    """A mesh is labelled on this many points, then the labels go back to its faces."""
    up: Annotated[str, tyro.conf.arg(metavar="AXIS")] = "auto"
    """Which way is up: x, y, z, -x, -y, -z, or auto."""
    instances: bool = False
    """Number the single things of a part too: each leg of a chair."""
    glb: bool = False
    """Write <shape>_parts.glb too: a named node per part, with --instances per thing (leg_0)."""
    strict: bool = False
    """Exit with 3 when no part is found."""
    quiet: bool = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.methods import mode_of

        out = self.out or Path(f"{Path(self.shape).stem}_parts")
        mode = mode_of(self.method, with_student=self.student is not None)
        found = None
        if self.detections is not None or self.views_from is not None or self.ignore_unknown:
            from pdengine.cli.answered import answered

            others = {"student": self.student, "teacher": self.teacher}
            found = answered(self.detections, self.views_from, self.ignore_unknown, others)
        if self.student is not None:
            from pdengine.cli.aligning import StudentJob

            options: dict[str, Any] = {
                "seed": self.seed,
                "device": self.device,
                "instances": self.instances,
            }
            return StudentJob(
                shape=self.shape,
                student=self.student,
                parts=self.parts,
                out=out,
                options=options,
                strict=self.strict,
                quiet=self.quiet,
                glb=self.glb,
            ).run()
        from pdengine.cli.segmenting import SegmentJob

        return SegmentJob(
            shape=self.shape,
            parts=self.parts,
            out=out,
            options={
                "teacher": self.teacher,
                "teacher_path": self.teacher_path,
                "teacher_timeout": self.teacher_timeout,
                "offline": self.offline,
                "mode": mode,
                "views": self.views,
                "seed": self.seed,
                "device": self.device,
                "points": self.points,
                "up": self.up,
                "instances": self.instances,
            },
            cache=self.cache,
            strict=self.strict,
            quiet=self.quiet,
            glb=self.glb,
            answered=found,
        ).run()


@dataclass(frozen=True)
class Render:
    """Draw a shape for a model outside: pictures, which triangle each pixel shows, and views.json.

    Example: pdengine render chair.ply --out views --size 800

    What the model finds comes back with `pdengine segment --detections`: docs/external-models.md.
    """

    shape: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="SHAPE")]
    """A mesh or point cloud; `pdengine formats` lists the kinds."""
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"], metavar="DIR")] = None
    """Folder for the pictures; <shape>_views/ here, unless given."""
    views: int = 10
    """How many; 10 are PartSLIP's."""
    size: Annotated[str, tyro.conf.arg(metavar="PX")] = "224"
    """Of a picture: 224, or 640x480 (width x height); PartSLIP takes 800."""
    up: Annotated[str, tyro.conf.arg(metavar="AXIS")] = "auto"
    """Which way is up: x, y, z, -x, -y, -z, or auto, which asks the embedded teacher."""
    meshes: Annotated[str, tyro.conf.arg(metavar="points|triangles")] = "points"
    """Draw discs on points of a mesh, or its triangles."""
    points: int = 200_000
    """How many points of a mesh are drawn."""
    seed: int = 0
    """Of those points."""
    depth: bool = False
    """Write depth_<view>.png too, 16 bits."""
    normals: bool = False
    """Write normals_<view>.png too."""
    device: Annotated[str, tyro.conf.arg(metavar="auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where there is one that it can use."""
    quiet: bool = False
    """Print nothing but errors."""

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
    """Align one student on a collection of unlabelled shapes, and label them all.

    Example: pdengine align chairs/ --parts "chair: back, seat, leg, arm" --out chair.safetensors
    """

    shapes: Annotated[tyro.conf.Positional[tuple[str, ...]], tyro.conf.arg(metavar="SHAPES")]
    """Folders and files; `pdengine formats` lists the kinds."""
    parts: Annotated[str, tyro.conf.arg(aliases=["-p"], metavar="NAMES")]
    """The names to find: "chair: back, seat, leg, arm"."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"], metavar="FILE")] = Path(
        "student.safetensors"
    )
    """The student."""
    labels: Annotated[Path | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder for the labelled shapes; <out>_labels/ unless given."""
    labelled: Annotated[tuple[str, ...], tyro.conf.arg(metavar="FILES")] = ()
    """Labelled PLY files to trust, as segment writes them: a few are enough to help."""
    generated: int = 0
    """Add this many generated shapes of the prompt's category; the teacher looks at them too."""
    weights: Annotated[str, tyro.conf.arg(metavar="head|all")] = "head"
    """head aligns a layer on the encoder; all goes on with the encoder too, slower."""
    teacher: Annotated[str, tyro.conf.arg(metavar="NAME")] = "embedded"
    """Who looks at the views; `pdengine teachers list` says who there is."""
    teacher_path: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """A folder with the teacher's weights; else they are those that were pulled."""
    teacher_timeout: Annotated[float | None, tyro.conf.arg(metavar="SECONDS")] = None
    """The most one call of the teacher may take; without it there is no limit."""
    offline: bool = False
    """Fetch nothing: a teacher whose weights are not here is an error."""
    views: int = 10
    """How many views are rendered."""
    seed: int = 0
    """Of everything random: the same seed gives the same labels."""
    device: Annotated[str, tyro.conf.arg(metavar="auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where there is one that it can use."""
    points: int = 10_000
    """A mesh is labelled on this many points, then the labels go back to its faces."""
    up: Annotated[str, tyro.conf.arg(metavar="AXIS")] = "auto"
    """Which way is up: x, y, z, -x, -y, -z, or auto."""
    instances: bool = False
    """Number the single things of a part too: each leg of a chair."""
    cache: Annotated[Path | None, tyro.conf.arg(metavar="DIR")] = None
    """Where the teacher's word on each shape is kept, so that a run that was stopped goes on;
    .units/ among the labels unless given."""
    quiet: bool = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.aligning import AlignJob

        labels = self.labels or self.out.with_name(f"{self.out.stem}_labels")
        options: dict[str, Any] = {
            "teacher": self.teacher,
            "teacher_path": self.teacher_path,
            "teacher_timeout": self.teacher_timeout,
            "offline": self.offline,
            "views": self.views,
            "seed": self.seed,
            "device": self.device,
            "points": self.points,
            "up": self.up,
            "instances": self.instances,
        }
        return AlignJob(
            self.shapes,
            self.parts,
            self.out,
            labels,
            self.cache or labels / ".units",
            self.labelled,
            self.generated,
            options,
            self.weights,
            self.quiet,
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


Command = Segment | Render | Align | Eval | Shapes | Data | Teachers | Demo | Doctor | Formats

COMMANDS = (
    Annotated[Segment, tyro.conf.subcommand("segment")]
    | Annotated[Render, tyro.conf.subcommand("render")]
    | Annotated[Align, tyro.conf.subcommand("align")]
    | Annotated[Eval, tyro.conf.subcommand("eval")]
    | Annotated[Shapes, tyro.conf.subcommand("shapes")]
    | Annotated[Data, tyro.conf.subcommand("data")]
    | Annotated[Teachers, tyro.conf.subcommand("teachers")]
    | Annotated[Demo, tyro.conf.subcommand("demo")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")]
    | Annotated[Formats, tyro.conf.subcommand("formats")]
)
