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
class RenderDataset:
    """Draw every shape of a dataset for a model outside: a folder per shape, and prompts.json.

    Example: pdengine data render partnete PartNetE --size 800 --out pictures

    Each folder is what `pdengine render` writes.  What the model finds is measured by
    `pdengine eval --detections`: docs/external-models.md.  Labels are not read.
    """

    dataset: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="DATASET")]
    """A kind of `pdengine data list`, or generated:3."""
    folder: Annotated[tyro.conf.Positional[Path | None], word("DIR")] = None
    """Where it lies; generated shapes need none."""
    out: Annotated[Path, word("DIR", "-o")] = Path("pictures")
    """Folder for the pictures, <name>/ of each shape."""
    split: Annotated[str, word("NAME")] = "test"
    """Which part of the dataset is drawn."""
    categories: Annotated[str | None, word("NAMES")] = None
    """Only these, with commas."""
    limit: Annotated[int | None, word("N")] = None
    """Draw at most the first so many shapes of each category."""
    views: Annotated[int, word("N")] = 10
    """How many of each shape; 10 are PartSLIP's."""
    size: Annotated[str, word("PX")] = "224"
    """Of a picture: 224, or 640x480 (width x height); PartSLIP takes 800."""
    up: Annotated[str, word("AXIS")] = "auto"
    """Which way the shapes are up: x, y, z, -x, -y, -z, or auto, which asks the embedded
    teacher."""
    meshes: Annotated[str, word("points|triangles")] = "points"
    """Draw discs on points of a mesh, or its triangles."""
    seed: Annotated[int, word("N")] = 0
    """Of those points."""
    device: Annotated[str, word("auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where there is one that it can use."""
    quiet: Annotated[bool, FLAG] = False
    """Print nothing but warnings and errors."""

    def run(self) -> int:
        from pdengine.cli.rendering_datasets import run

        return run(self)


@dataclass(frozen=True)
class Data:
    """Look at datasets of labelled shapes: list, check, render."""

    do: (
        Annotated[ListDatasets, tyro.conf.subcommand("list", prefix_name=False)]
        | Annotated[CheckDataset, tyro.conf.subcommand("check", prefix_name=False)]
        | Annotated[RenderDataset, tyro.conf.subcommand("render", prefix_name=False)]
    )

    def run(self) -> int:
        return self.do.run()
