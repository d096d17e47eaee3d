"""`pdengine data`: the door to datasets.  Each command imports its work when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class ListDatasets:
    """List the kinds of datasets: how they lie on a disk, and where they are to be had."""

    def run(self) -> int:
        from pdengine.cli.surveying import print_kinds

        print_kinds()
        return 0


@dataclass(frozen=True)
class CheckDataset:
    """Say what a folder holds: its kind, splits, categories and parts, and what it lacks.

    Reads 20 shapes and their labels; nothing is fetched.  Leaves with 0 when nothing is missing or
    odd, with 1 when the dataset can be used but is not complete, with 2 when it is none.

    Example: pdengine data check shapenetcore_partanno_segmentation_benchmark_v0_normal
    """

    folder: Annotated[tyro.conf.Positional[Path], tyro.conf.arg(metavar="DIR")]
    """Where it lies."""
    kind: Annotated[str | None, tyro.conf.arg(metavar="KIND")] = None
    """A kind of `pdengine data list`; folder:chair calls files without a category chairs.  Found
    out unless given."""
    deep: bool = False
    """Read every shape: finds every damaged file, equal shapes, and parts that no shape has."""
    quiet: bool = False
    """Print no progress."""

    def run(self) -> int:
        from pdengine.cli.surveying import check

        return check(self.folder, self.kind, self.deep, self.quiet)


@dataclass(frozen=True)
class Data:
    """Look at datasets of labelled shapes: list, check."""

    do: (
        Annotated[ListDatasets, tyro.conf.subcommand("list", prefix_name=False)]
        | Annotated[CheckDataset, tyro.conf.subcommand("check", prefix_name=False)]
    )

    def run(self) -> int:
        return self.do.run()
