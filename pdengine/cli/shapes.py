"""`pdengine shapes`: the door to the generator.  Each command imports its work when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from pdengine.cli.options import FLAG, word


@dataclass(frozen=True)
class ListShapes:
    """List the categories that can be generated, each with its parts."""

    def run(self) -> int:
        from pdengine.cli.generating import print_categories

        print_categories()
        return 0


@dataclass(frozen=True)
class MakeShapes:
    """Make shapes, one file each, with the part of every face or point in it.

    Example: pdengine shapes make chair --count 100 --out chairs

    A file is a mesh; with --points it is the cloud that a sensor measures, and the sensor may have
    faults: --noise, --holes and --one-side.  Lengths are shares of the shape's longest side, which
    is 1.  The same words make the same bytes.
    """

    category: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="CATEGORY")]
    """Names of `pdengine shapes list` with commas between them, or all."""
    out: Annotated[Path, word("DIR", "-o")]
    """Folder for the files, <category>_<number>.ply."""
    count: Annotated[int, word("N")] = 1
    """Shapes per category, 1 to 1,000,000."""
    seed: Annotated[int, word("N")] = 0
    """Number of the first shape; the others follow."""
    format: Annotated[str, word("ply|glb")] = "ply"
    """ply has scalar_part at every face and point, glb a named node per part."""
    points: Annotated[int | None, word("N")] = None
    """A cloud of this many points, 1 to 10,000,000, instead of a mesh."""
    noise: Annotated[float, word("SIGMA")] = 0.0
    """Standard deviation of a point along each axis, 0 to 0.5 of the longest side."""
    holes: Annotated[int, word("N")] = 0
    """Cut out this many balls of radius 0.02 to 0.08, 0 to 100: fewer points are left."""
    one_side: Annotated[bool, FLAG] = False
    """Only what one camera sees, from a random place around the shape."""
    colour: Annotated[str, word("WHAT")] = "parts"
    """none, parts (a colour per part), or random (a plausible material per part)."""
    quiet: Annotated[bool, FLAG] = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.generating import MakeJob

        return MakeJob(
            self.category,
            self.out,
            self.count,
            self.seed,
            self.format,
            self.points,
            {
                "noise": self.noise,
                "holes": self.holes,
                "one_side": self.one_side,
                "colour": self.colour,
            },
            self.quiet,
        ).run()


@dataclass(frozen=True)
class SheetOfShapes:
    """Draw generated shapes on one picture: a row per category, every part in its colour.

    Example: pdengine shapes sheet --categories chair,table --out sheet.png
    """

    out: Annotated[Path, word("FILE", "-o")]
    """The picture, a PNG."""
    categories: Annotated[str, word("NAMES")] = "all"
    """Which rows, top to bottom: names with commas between them, or all."""
    count: Annotated[int, word("N")] = 12
    """Shapes per row, 1 to 100."""
    seed: Annotated[int, word("N")] = 0
    """Number of the shape in the first column; the others follow."""

    def run(self) -> int:
        from pdengine.cli.generating import draw_sheet

        draw_sheet(self.out, self.categories, self.count, self.seed)
        return 0


@dataclass(frozen=True)
class Shapes:
    """Make labelled shapes out of thin air: list, make, sheet."""

    do: (
        Annotated[ListShapes, tyro.conf.subcommand("list", prefix_name=False)]
        | Annotated[MakeShapes, tyro.conf.subcommand("make", prefix_name=False)]
        | Annotated[SheetOfShapes, tyro.conf.subcommand("sheet", prefix_name=False)]
    )

    def run(self) -> int:
        return self.do.run()
