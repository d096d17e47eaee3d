"""What `pdengine shapes` does: list the categories, make files of them, draw them."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.cli import OK, one_line
from pdengine.errors import ConfigError
from pdengine.io import LabelledRows, labelled_glb, labelled_ply, replace_file
from pdengine.progress import make_reporter
from pdengine.report import make_folder, output_folders
from pdengine.report.sheet import sheet
from pdengine.shapes import CATEGORIES, LabelledMesh, make, parts_of
from pdengine.shapes.scan import LabelledCloud, ScanConfig, part_colours, scan
from pdengine.wording import counted

LARGEST_SEED = 2**31 - 1
FILE_FORMATS = ("ply", "glb")


def print_categories() -> None:
    """One line per category: its name, and its parts in the order of their labels."""
    width = max(map(len, CATEGORIES))
    for category in CATEGORIES:
        sys.stdout.write(f"{category:<{width}}  {', '.join(parts_of(category))}\n")


@dataclass(frozen=True)
class MakeJob:
    """One run of `pdengine shapes make`, every argument already a value.

    Attributes:
        points: of a cloud, or None for a mesh.
        effects: the other settings of ScanConfig.
    """

    category: str
    out: Path
    count: int
    seed: int
    format: str
    points: int | None
    effects: dict[str, Any]
    quiet: bool = False

    def run(self) -> int:
        # Everything that can be refused is refused before the folder is made.
        categories = chosen(self.category)
        check_range("count", self.count, 1, 1_000_000)
        check_range("seed", self.seed, 0, LARGEST_SEED - self.count)
        if self.format not in FILE_FORMATS:
            known = ", ".join(FILE_FORMATS)
            raise ConfigError(f"format must be one of {known}, got {self.format!r}")
        settings = dict(self.effects)
        if self.points is not None:
            settings["points"] = self.points
        config = ScanConfig(**settings)
        self._check_mesh(config)
        start = time.perf_counter()
        with output_folders(self.out), make_reporter(sys.stderr, self.quiet) as progress:
            total = self.count * len(categories)
            for done in range(total):
                progress("make", done, total)
                category, seed = categories[done // self.count], self.seed + done % self.count
                path = self.out / f"{category}_{seed:06d}.{self.format}"
                replace_file(path, self._file(category, seed, config))
            progress("make", total, total)
        if not self.quiet:
            seconds = time.perf_counter() - start
            noun = ("mesh", "meshes") if self.points is None else ("cloud", "clouds")
            where = one_line(str(self.out))
            sys.stdout.write(f"{counted(total, *noun)} in {where}, {seconds:.1f} s\n")
        return OK

    def _check_mesh(self, config: ScanConfig) -> None:
        for name in ("noise", "holes", "one_side") if self.points is None else ():
            value = getattr(config, name)
            if value:
                raise ConfigError(f"{name} must come with points (a mesh has none), got {value}")

    def _file(self, category: str, seed: int, config: ScanConfig) -> list[Any]:
        mesh = make(category, seed)
        rows = mesh_rows(mesh, config.colour, seed)
        if self.points is not None:
            rows = cloud_rows(scan(mesh, config, seed))
        if self.format == "glb":
            return labelled_glb(rows, {"category": category, "seed": seed})
        return labelled_ply(rows)


def mesh_rows(mesh: LabelledMesh, colour: str, seed: int) -> LabelledRows:
    """A generated mesh as a file has it: vertices have the part and colour of their faces."""
    label = np.full(len(mesh.vertices), -1, np.int32)
    label[mesh.faces] = mesh.face_label[:, None]
    rgb = part_colours(mesh, colour, seed)
    rows = None if rgb is None else as_bytes(rgb)[label]
    return LabelledRows(mesh.vertices, label, mesh.parts, rows, mesh.faces, mesh.face_label)


def cloud_rows(cloud: LabelledCloud) -> LabelledRows:
    """A scan as a file has it."""
    rgb = None if cloud.colour is None else as_bytes(cloud.colour)
    return LabelledRows(cloud.xyz, cloud.label, cloud.parts, rgb)


def as_bytes(colour: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Colours in [0, 1] as the bytes of a file."""
    return np.rint(colour * 255).astype(np.uint8)


def draw_sheet(path: Path, categories: str, count: int, seed: int) -> None:
    """Write the contact sheet.

    Raises:
        ConfigError: no such category, or a number out of its range.
        SaveError: the file cannot be written.
    """
    names = chosen(categories)
    check_range("count", count, 1, 100)
    check_range("seed", seed, 0, LARGEST_SEED - count)
    make_folder(path.parent)
    replace_file(path, [sheet(names, count, seed)])


def chosen(categories: str) -> tuple[str, ...]:
    """The categories that were named, with commas between them, or all of them.

    Raises:
        ConfigError: one of them does not exist.
    """
    if categories.strip() == "all":
        return CATEGORIES
    names = tuple(name.strip() for name in categories.split(","))
    for name in names:
        if name not in CATEGORIES:
            known = ", ".join(CATEGORIES)
            raise ConfigError(f"category must be all or one of {known}, got {name!r}")
    return names


def check_range(name: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside [low, high].

    Raises:
        ConfigError: it is outside.
    """
    if not low <= value <= high:
        raise ConfigError(f"{name} must be between {low:,} and {high:,}, got {value}")
