"""How pure superpoints are: ours, ours in no more pieces than cut pursuit's, and cut pursuit's.

    python bench/superpoint_purity.py [--shapes 1] [--categories chair,table] [--points 5000]

Prints a table: the mean over generated shapes of purity and of the number of pieces.  Purity is the
share of points whose part is the most frequent one of their piece: no vote of pieces can be right
on more.  The clouds have no normals, as a scan has none.  "ours, coarser" raises the price of a
border until there are no more pieces than cut pursuit's.  Needs cut-pursuit-py.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from pdengine.baselines import pieces
from pdengine.io import mesh_from_arrays, sample_mesh
from pdengine.published import SuperpointConfig
from pdengine.shapes import make
from pdengine.types import PointCloud

CATEGORIES = "chair,table,mug,lamp,airplane"
FIRST_SEED = 3
USUAL = SuperpointConfig().regularisation


def purity(piece: Tensor, part: Tensor) -> float:
    """The share of points whose part is the most frequent one of their piece."""
    table = torch.zeros(int(piece.max()) + 1, int(part.max()) + 1)
    table.index_put_((piece, part), torch.ones(len(part)), accumulate=True)
    return float(table.amax(1).sum() / len(part))


def coarser(cloud: PointCloud, most: int) -> Tensor:
    """Our pieces at the lowest price of a border, in steps of a quarter, that leaves so few."""
    for step in range(32):
        found = pieces(cloud, SuperpointConfig(regularisation=1.25**step * USUAL))
        if int(found.max()) < most:
            return found
    raise SystemExit(f"never as few as {most}")


def partitions(cloud: PointCloud) -> Iterator[tuple[str, Tensor]]:
    """The three partitions of a cloud."""
    theirs = pieces(cloud, SuperpointConfig(method="cut-pursuit"))
    yield "ours", pieces(cloud, SuperpointConfig())
    yield "ours, coarser", coarser(cloud, int(theirs.max()) + 1)
    yield "cut pursuit", theirs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--shapes", type=int, default=1, help="of each category")
    parser.add_argument("--categories", default=CATEGORIES)
    parser.add_argument("--points", type=int, default=5000)
    options = parser.parse_args()
    found: dict[str, list[tuple[float, int]]] = {}
    for category in options.categories.split(","):
        for seed in range(FIRST_SEED, FIRST_SEED + options.shapes):
            made = make(category, seed)
            mesh = mesh_from_arrays(made.vertices, made.faces)
            sampled = sample_mesh(mesh, options.points, 0)
            part = torch.from_numpy(made.face_label).long()[sampled.face]
            for name, piece in partitions(replace(sampled.cloud, normals=None)):
                found.setdefault(name, []).append((purity(piece, part), int(piece.max()) + 1))
    count = len(next(iter(found.values())))
    sys.stdout.write(f"{count} shapes of {options.categories}, {options.points:,} points\n\n")
    sys.stdout.write("| superpoints | purity | pieces |\n|---|---:|---:|\n")
    for name, values in found.items():
        share, number = (statistics.fmean(column) for column in zip(*values, strict=True))
        sys.stdout.write(f"| {name} | {share:.3f} | {number:.0f} |\n")


if __name__ == "__main__":
    main()
