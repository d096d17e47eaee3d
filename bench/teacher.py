"""What the embedded teacher is worth on generated shapes that it has never seen.

    python bench/teacher.py --out DIR [--shapes 8] [--arbitrary] [--styles] [--categories chair,mug]

Ten views of each shape, upright (PartSLIP's) or from anywhere; shapes of any style, or of the
styles that were kept out of the training.  Writes DIR/teacher.md: per part the IoU in percent over
all pixels, with the category given; per category how often it is the first proposal, and how often
the shape, turned to one of the six axes, is found to stand on it; and DIR/reliability.svg: how
often a pixel's answer is right by how sure it was.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pdengine.cameras import UP_AXES, rig
from pdengine.config import RenderConfig
from pdengine.render import render
from pdengine.shapes import parts_of
from pdengine.teach import choose_up
from pdengine.teach.embedded import EmbeddedTeacher
from pdengine.teach.embedded.data import random_cameras, sample_shape
from pdengine.teach.embedded.held_out import VALIDATION_SEED, seeds_of_styles
from pdengine.types import PartList, PointCloud

FIRST = VALIDATION_SEED + 2_000  # training validates on others
BINS = 10
SIDE, LEFT, TOP = 300, 46, 16


@dataclass
class Tally:
    """Counts of one category.

    Attributes:
        both, either: [R] pixels where answer and truth, or one of them, are the part.
        named: shapes of which the category was the first proposal.
        stood: shapes of which the up axis was found.
        sure: [BINS, 3] pixels, right ones, and the sum of their probabilities.
    """

    parts: tuple[str, ...]
    both: Tensor = field(init=False)
    either: Tensor = field(init=False)
    named: int = 0
    stood: int = 0
    shapes: int = 0
    sure: Tensor = field(default_factory=lambda: torch.zeros(BINS, 3, dtype=torch.float64))

    def __post_init__(self) -> None:
        self.both = torch.zeros(len(self.parts))
        self.either = torch.zeros(len(self.parts))

    @property
    def iou(self) -> Tensor:
        """NaN where the part was not there."""
        return self.both / self.either


def look(
    teacher: EmbeddedTeacher, category: str, shapes: int, arbitrary: bool, styles: bool
) -> Tally:
    parts = teacher.net.layout.concepts[category]
    tally = Tally(parts)
    own = parts_of(category)  # the generator may have learned more parts since
    to = torch.tensor([parts.index(p) if p in parts else -1 for p in own] + [-1])
    seeds: Iterable[int] = range(FIRST, FIRST + shapes)
    if styles:
        seeds = islice(seeds_of_styles(category, FIRST), shapes)
    for seed in seeds:
        sample = sample_shape(category, seed, None)
        cameras = rig("partslip10")
        if arbitrary:
            cameras = random_cameras(10, np.random.default_rng(seed), upright=0.0)
        views = render(sample.cloud, cameras, RenderConfig(size=(224, 224)))
        score = teacher(views, PartList(parts, category)).score
        sure, answer = score.max(1)
        truth = torch.where(views.index >= 0, to[sample.part[views.index.clamp_min(0).long()]], -1)
        seen = truth >= 0
        for k in range(len(parts)):
            said, true = (answer == k) & seen, truth == k
            tally.both[k] += (said & true).sum()
            tally.either[k] += (said | true).sum()
        column = (sure[seen] * BINS).long().clamp(max=BINS - 1)
        right = (answer == truth)[seen].double()
        for k, value in enumerate((torch.ones_like(right), right, sure[seen].double())):
            tally.sure[:, k] += torch.bincount(column, value, BINS)
        tally.named += teacher.propose(views)[0].category == category
        tally.stood += stands(teacher, sample.cloud, PartList(parts, category), seed)
        tally.shapes += 1
    return tally


def stands(teacher: EmbeddedTeacher, cloud: PointCloud, parts: PartList, seed: int) -> bool:
    """Whether the axis is found to which the shape was turned; the seed says which one."""
    axis = UP_AXES[seed % len(UP_AXES)]
    k = "xyz".index(axis[-1])
    turn = torch.eye(3).roll(k - 1, 0)  # y becomes the axis
    if axis.startswith("-"):
        turn = (
            turn * torch.tensor([-1.0 if i in (k, (k + 1) % 3) else 1.0 for i in range(3)])[:, None]
        )
    assert cloud.normals is not None
    turned = replace(cloud, xyz=cloud.xyz @ turn.T, normals=cloud.normals @ turn.T)
    return choose_up(turned, teacher, parts).up == axis


def plot(sure: Tensor) -> str:
    """Share of right answers against their probability, a dot per bin, as large as the bin."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE + LEFT + 16}" '
        f'height="{SIDE + TOP + 44}" font-family="sans-serif" font-size="12">',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="#fff" stroke="#bbb"/>',
        f'<line x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}" stroke="#bbb"/>',
    ]
    for k in range(6):
        x, y = LEFT + SIDE * k / 5, TOP + SIDE * (1 - k / 5)
        lines.append(f'<text x="{x}" y="{TOP + SIDE + 16}" text-anchor="middle">{k / 5:.1f}</text>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{k / 5:.1f}</text>')
    total = float(sure[:, 0].sum())
    for count, right, probability in sure.tolist():
        if count:
            x = LEFT + SIDE * probability / count
            y = TOP + SIDE * (1 - right / count)
            size = 3 + 12 * (count / total) ** 0.5
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="#0072B2"/>')
    middle = LEFT + SIDE / 2
    lines.append(
        f'<text x="{middle}" y="{TOP + SIDE + 36}" text-anchor="middle">probability of the '
        "answer</text>"
    )
    turned = f"rotate(-90 12 {TOP + SIDE / 2})"
    lines.append(
        f'<text x="12" y="{TOP + SIDE / 2}" text-anchor="middle" transform="{turned}">'
        "share that is right</text></svg>"
    )
    return "\n".join(lines) + "\n"


def table(tallies: dict[str, Tally]) -> str:
    """Markdown."""
    lines = ["| category | IoU of its parts | mean | proposed first | up |", "|---" * 5 + "|"]
    means = []
    for category, tally in tallies.items():
        iou = 100 * tally.iou
        each = ", ".join(f"{p} {v:.0f}" for p, v in zip(tally.parts, iou.tolist(), strict=True))
        means.append(float(iou.nanmean()))
        named = f"{tally.named} of {tally.shapes}"
        lines.append(f"| {category} | {each} | {means[-1]:.1f} | {named} | {tally.stood} |")
    shapes = sum(tally.shapes for tally in tallies.values())
    named, stood = (
        100 * sum(getattr(t, n) for t in tallies.values()) / shapes for n in ("named", "stood")
    )
    mean = sum(means) / len(means)
    lines.append(f"| mean | | {mean:.1f} | {named:.1f} % of {shapes} | {stood:.1f} % |")
    return "\n".join(lines)


def bins_of(sure: Tensor) -> list[tuple[float, float, float] | None]:
    """Per bin its share of the pixels, their mean probability, how many are right; None: empty."""
    total = float(sure[:, 0].sum())
    return [
        (count / total, probability / count, right / count) if count else None
        for count, right, probability in sure.tolist()
    ]


def bins(sure: Tensor) -> str:
    """Markdown."""
    lines = ["| probability | share of pixels | mean probability | right |", "|---|---|---|---|"]
    for k, row in enumerate(bins_of(sure)):
        if row is not None:
            shown = " | ".join(f"{v:.3f}" for v in row)
            lines.append(f"| {k / BINS:.1f} to {(k + 1) / BINS:.1f} | {shown} |")
    return "\n".join(lines)


def measure(
    teacher: EmbeddedTeacher,
    shapes: int,
    arbitrary: bool,
    styles: bool,
    categories: Sequence[str] = (),
) -> dict[str, Tally]:
    """Look at so many shapes of each category; none given means all that it knows."""
    tallies = {}
    for category in categories or teacher.net.layout.categories:
        tallies[category] = look(teacher, category, shapes, arbitrary, styles)
        print(f"{category} {100 * float(tallies[category].iou.nanmean()):.1f}", file=sys.stderr)
    return tallies


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shapes", type=int, default=8, help="per category")
    parser.add_argument("--arbitrary", action="store_true", help="views from anywhere")
    parser.add_argument("--styles", action="store_true", help="held-out styles alone")
    parser.add_argument("--categories")
    parser.add_argument("--weights", type=Path, help="default: those of the package")
    options = parser.parse_args(argv)
    load = EmbeddedTeacher.load
    teacher = load() if options.weights is None else load(options.weights)
    categories = options.categories.split(",") if options.categories else ()
    tallies = measure(teacher, options.shapes, options.arbitrary, options.styles, categories)
    sure = torch.stack([tally.sure for tally in tallies.values()]).sum(0)
    options.out.mkdir(parents=True, exist_ok=True)
    text = f"{table(tallies)}\n\n{bins(sure)}\n"
    (options.out / "teacher.md").write_text(text, encoding="utf-8")
    (options.out / "reliability.svg").write_text(plot(sure), encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
