"""`pdengine data`: the door to datasets.  Each command imports its work when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from pdengine.cli.options import FLAG, word


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

    Example: pdengine data check shapenetcore_partanno_segmentation_benchmark_v0_normal

    Reads 20 shapes and their labels; nothing is fetched.  Leaves with 0 when nothing is missing or
    odd, with 1 when the dataset can be used but is not complete, with 2 when it is none.
    """

    folder: Annotated[tyro.conf.Positional[Path], tyro.conf.arg(metavar="DIR")]
    """Where it lies."""
    kind: Annotated[str | None, word("KIND")] = None
    """A kind of `pdengine data list`, found out unless given; folder:chair for loose chairs."""
    deep: Annotated[bool, FLAG] = False
    """Read every shape: finds damaged files, copies, and parts that no shape has."""
    quiet: Annotated[bool, FLAG] = False
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
