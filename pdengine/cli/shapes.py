"""`pdengine shapes`: the door to the generator.  Each command imports its work when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class ListShapes:
    """List the categories that can be generated, each with its parts."""

    def run(self) -> int:
        from pdengine.cli.generating import print_categories

        print_categories()
        return 0


@dataclass(frozen=True)
class SheetOfShapes:
    """Draw generated shapes on one picture: a row per category, every part in its colour.

    Example: pdengine shapes sheet --categories chair,table --out sheet.png
    """

    out: Annotated[Path, tyro.conf.arg(aliases=["-o"], metavar="FILE")]
    """The picture, a PNG."""
    categories: Annotated[str, tyro.conf.arg(metavar="NAMES")] = "all"
    """Which rows, top to bottom: names with commas between them, or all."""
    count: int = 12
    """Shapes per row, 1 to 100."""
    seed: int = 0
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
        | Annotated[SheetOfShapes, tyro.conf.subcommand("sheet", prefix_name=False)]
    )

    def run(self) -> int:
        return self.do.run()
