"""Writes the tables of the embedded teacher's model card, and its reliability plot.

    python bench/card.py [--shapes 8]

What bench/teacher.py measures, three times: upright shapes, views from anywhere, and the styles
that were kept out of the training.  Replaces what stands between the marks of
pdengine/teach/embedded/model_card.md, and docs/reliability.svg; what is said around them is written
by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import torch
from teacher import Tally, bins_of, measure, plot
from torch import Tensor

from pdengine.evaluate.commit import commit
from pdengine.teach.embedded import EmbeddedTeacher
from pdengine.teach.embedded.held_out import STYLES

ROOT = Path(__file__).parents[1]
CARD = ROOT / "pdengine/teach/embedded/model_card.md"
PLOT = ROOT / "docs/reliability.svg"
Look = dict[str, Tally]


def mean(tally: Tally) -> float:
    """IoU in percent, mean over the parts that were there."""
    return 100 * float(tally.iou.nanmean())


def share(look: Look, name: str) -> str:
    """Percent of all shapes."""
    total = sum(getattr(tally, name) for tally in look.values())
    return f"{100 * total / sum(tally.shapes for tally in look.values()):.1f} %"


def shapes_table(upright: Look, anywhere: Look, styles: Look, shapes: int) -> str:
    """Markdown: a row per category."""
    lines = [
        "| category | parts, upright | upright | from anywhere | held-out style | | "
        f"named, of {shapes} | up, of {shapes} |",
        "|---" * 8 + "|",
    ]
    for category, tally in upright.items():
        iou = (100 * tally.iou).tolist()
        parts = ", ".join(f"{p} {v:.0f}" for p, v in zip(tally.parts, iou, strict=True))
        looks = [look[category] for look in (upright, anywhere, styles)]
        means = [f"{mean(look):.1f}" for look in looks]
        named = ", ".join(str(look.named) for look in looks)
        stood = f"{looks[0].stood}, {looks[2].stood}"
        lines.append(
            f"| {category} | {parts} | {means[0]} | {means[1]} | {STYLES[category]} | {means[2]} | "
            f"{named} | {stood} |"
        )
    three = (upright, anywhere, styles)
    means = [f"{sum(map(mean, look.values())) / len(look):.1f}" for look in three]
    named = ", ".join(share(look, "named") for look in three)
    stood = f"{share(upright, 'stood')}, {share(styles, 'stood')}"
    lines.append(f"| mean | | {means[0]} | {means[1]} | | {means[2]} | {named} | {stood} |")
    return "\n".join(lines)


def belief_table(*looks: Look) -> str:
    """Markdown: a row per bin of probability, whose share is of the first look's pixels."""
    lines = [
        "| probability | share of pixels | right: upright | from anywhere | held-out styles |",
        "|---|---|---|---|---|",
    ]
    for rows in zip(*(bins_of(sure_of(look)) for look in looks), strict=True):
        if any(row is not None for row in rows):
            share, probability, _ = rows[0] or (0.0, float("nan"), 0.0)
            right = " | ".join("-" if row is None else f"{row[2]:.3f}" for row in rows)
            lines.append(f"| {probability:.3f} | {share:.3f} | {right} |")
    return "\n".join(lines)


def sure_of(look: Look) -> Tensor:
    return torch.stack([tally.sure for tally in look.values()]).sum(0)


def replaced(text: str, name: str, new: str) -> str:
    """The text, with what stands between the marks of this name replaced."""
    pattern = re.compile(rf"(<!-- measured: {name} -->\n\n).*?(\n\n<!-- end -->)", re.DOTALL)
    text, count = pattern.subn(lambda found: found[1] + new + found[2], text)
    if count != 1:
        raise SystemExit(f"{CARD}: must have one block marked {name!r}, has {count}")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--shapes", type=int, default=8, help="per category")
    options = parser.parse_args()
    teacher = EmbeddedTeacher.load()
    kinds = ((False, False), (True, False), (False, True))
    looks = [measure(teacher, options.shapes, *kind) for kind in kinds]
    command = f"```\npython bench/card.py      # at commit {commit()}\n```"
    text = CARD.read_text(encoding="utf-8")
    shapes = shapes_table(looks[0], looks[1], looks[2], options.shapes)
    text = replaced(text, "shapes", f"{shapes}\n\n{command}")
    text = replaced(text, "belief", belief_table(*looks))
    CARD.write_text(text, encoding="utf-8")
    PLOT.write_text(plot(sure_of(looks[0])), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
