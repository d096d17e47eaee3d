"""Look at what goes wrong: a confusion matrix per category, and pictures of the worst shapes.

    python bench/failures.py --psb DIR --out DIR [--categories Chair,Cup] [--worst 10] [--seed 0]
    python bench/failures.py --psb DIR --page       # docs/failures.md and docs/failures/

For every category of Labeled PSB the embedded teacher knows: which part is taken for which, in
percent of the true part's points, and `<category>.png` with the worst shapes, one a row: the truth,
what the vote says and what the aligned student says, from two sides.  Labels are read after the
answers were given.  `--page` replaces the numbers and pictures of the page; its sentences are
written by hand, and stay.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, ImageColor, ImageDraw, ImageFont
from torch import Tensor

from pdengine.cameras import look_at
from pdengine.config import EngineConfig, RenderConfig
from pdengine.data import PsbExample, read_manifest
from pdengine.devices import on
from pdengine.errors import PdengineError
from pdengine.evaluate import Experiment, alone, known_categories, part_miou, show
from pdengine.io import hex_colour, sample_mesh
from pdengine.kernels.knn import knn
from pdengine.render import disc_radius, render
from pdengine.report.pictures import filling, label_colours, shade
from pdengine.teach import Teacher, make_teacher
from pdengine.types import PointCloud

CELL = 220
SURFACE_POINTS = 200_000
EYES = ((1.45, 1.0, 2.1), (-1.6, 0.6, -1.9))
COLUMNS = ("truth", "vote", "tta")
PAGE = Path(__file__).parents[1] / "docs/failures.md"
PAGE_SCALE = 0.6  # of its pictures, which are many
SHADES = torch.linspace(0.36, 1.0, 10)  # of a part's colour, on a page; shade's range


@dataclass(frozen=True)
class Seen:
    """A labelled shape."""

    entry: PsbExample
    cloud: PointCloud  # what was labelled
    surface: PointCloud  # what is drawn
    answers: tuple[Tensor, ...]  # truth, vote, tta: [N] int64, -1 nothing
    mious: tuple[float, ...]  # vote, tta
    up: str


def seen(entry: PsbExample, teacher: Teacher, seed: int) -> Seen:
    config = EngineConfig()
    looked = show(entry, Experiment(config=config), seed, teacher)
    if looked.error is not None:
        raise PdengineError(f"{entry.name}: {looked.error}")
    said = alone(looked, ("vote", "tta"))
    truth = looked.subject.truth.part
    mious = tuple(part_miou(one.labels, truth) for one in said)
    surface = sample_mesh(entry.shape(), SURFACE_POINTS, seed).cloud  # in the same frame
    cloud = on(looked.engine.cloud, "cpu")
    answers = (truth, *(one.labels for one in said))
    return Seen(entry, cloud, surface, answers, mious, str(said[0].up))


def confusion(shapes: Sequence[Seen], which: int) -> Tensor:
    """Share of a true part's points by answer; the last column is "nothing". [R, R + 1]."""
    parts = len(shapes[0].entry.parts)
    total = torch.zeros(parts, parts + 1)
    for shape in shapes:
        truth, answer = shape.answers[0], shape.answers[which]
        known = truth >= 0
        place = truth[known] * (parts + 1) + torch.where(answer < 0, parts, answer)[known]
        total += torch.bincount(place, minlength=parts * (parts + 1)).view(parts, parts + 1)
    return total / total.sum(1, keepdim=True).clamp(min=1)


def pictures(shape: Seen) -> Image.Image:
    """Truth, vote and student, from two sides. CELL high."""
    row = Image.new("RGB", (CELL * len(COLUMNS) * len(EYES), CELL), "white")
    nearest = knn(shape.surface.xyz, shape.cloud.xyz, 1)[0][:, 0]
    sign = -1.0 if shape.up.startswith("-") else 1.0
    up = torch.zeros(3)
    up["xyz".index(shape.up[-1])] = sign
    for k, eye in enumerate(EYES):
        # The eye is given for y up.
        turn = {"x": (1, 0, 2), "y": (0, 1, 2), "z": (0, 2, 1)}[shape.up[-1]]
        place = torch.tensor([[eye[i] for i in turn]]) * torch.where(up != 0, sign, 1.0)
        cameras = filling(look_at(place, up, 42.0), shape.surface.xyz)
        radius = 1.5 * disc_radius(shape.surface.xyz, cameras, CELL)
        views = render(shape.surface, cameras, RenderConfig(1, (CELL, CELL), radius_px=radius))
        covered = views.index >= 0
        for column, answer in enumerate(shape.answers):
            colour = label_colours(answer[nearest], len(shape.entry.parts))
            pixels = torch.cat([colour, torch.ones(1, 3)])[views.index.long()]
            pixels = pixels * torch.where(covered, shade(views), 1.0)[..., None]
            image = (pixels[0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()
            row.paste(Image.fromarray(image), ((column * len(EYES) + k) * CELL, 0))
    return row


def page(shapes: Sequence[Seen]) -> Image.Image:
    """The worst first, with what each column is and every part's colour."""
    width, head, line = CELL * len(COLUMNS) * len(EYES), 44, 18
    sheet = Image.new("RGB", (width, head + len(shapes) * (CELL + line)), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for column, name in enumerate(COLUMNS):
        draw.text((column * len(EYES) * CELL + 6, 4), name, "black", font)
    at = 6
    for k, part in enumerate(shapes[0].entry.parts):
        draw.rectangle([at, 26, at + 12, 38], fill=hex_colour(k))
        draw.text((at + 17, 24), part, "black", font)
        at += 34 + int(draw.textlength(part, font))
    for k, shape in enumerate(shapes):
        top = head + k * (CELL + line)
        vote, tta = (f"{100 * v:.0f}" for v in shape.mious)
        said = f"{shape.entry.name}: vote {vote}, tta {tta}, up {shape.up}"
        draw.text((6, top), said, "black", font)
        sheet.paste(pictures(shape), (0, top + line))
    return sheet


def few_colours(picture: Image.Image, parts: int) -> Image.Image:
    """The picture in the parts' colours, ten shades of each, and greys: small as a file.

    A palette that is chosen by how many pixels have a colour gives the legs of birds, which are
    few, the colour of their wings.
    """
    part = torch.tensor([list(ImageColor.getrgb(hex_colour(k))) for k in (*range(parts), -1)])
    shaded = (part[:, None] * SHADES[:, None]).round().int().flatten().tolist()
    grey = [level for level in range(0, 256, 17) for _ in range(3)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(shaded + grey)
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def table(shapes: Sequence[Seen], which: int) -> str:
    """Markdown."""
    names = shapes[0].entry.parts
    lines = ["| true part | " + " | ".join([*names, "nothing"]) + " |"]
    lines.append("|---" * (len(names) + 2) + "|")
    for name, row in zip(names, confusion(shapes, which).tolist(), strict=True):
        lines.append(f"| {name} | " + " | ".join(f"{100 * v:.0f}" for v in row) + " |")
    return "\n".join(lines)


def section(text: str, category: str, means: Sequence[float], tables: Sequence[str]) -> str:
    """The page with the category's title and tables replaced."""
    vote, student = (f"{mean:.3f}".removeprefix("0") for mean in means)
    title = f"## {category}: vote {vote}, student {student}"
    text, titles = re.subn(rf"^## {category}: .*$", title, text, flags=re.MULTILINE)
    body = rf"(^{re.escape(title)}\n.*?^Vote:\n\n).*?(\n\n^Student:\n\n).*?(\n\n!\[)"
    pattern = re.compile(body, re.MULTILINE | re.DOTALL)
    text, bodies = pattern.subn(
        lambda found: found[1] + tables[0] + found[2] + tables[1] + found[3], text
    )
    if (titles, bodies) != (1, 1):
        raise SystemExit(f"{PAGE}: must have one section of {category} with two tables")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--psb", required=True, help="folder with manifest.json and mesh/")
    goal = parser.add_mutually_exclusive_group(required=True)
    goal.add_argument("--out", type=Path, help="folder for the pictures")
    goal.add_argument("--page", action="store_true", help="rewrite the page of the documentation")
    parser.add_argument("--categories", help="default: all that the teacher knows")
    parser.add_argument("--worst", type=int, default=10, help="shapes per category")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    out = options.out or PAGE.with_suffix("")
    out.mkdir(parents=True, exist_ok=True)
    teacher = make_teacher("embedded")
    entries = read_manifest(options.psb)
    wanted = (
        options.categories.split(",") if options.categories else known_categories(entries, teacher)
    )
    for category in wanted:
        chosen = [entry for entry in entries if entry.category == category]
        shapes = sorted(
            (seen(entry, teacher, options.seed) for entry in chosen), key=lambda s: s.mious[0]
        )
        means = [sum(s.mious[k] for s in shapes) / len(shapes) for k in range(2)]
        tables = [table(shapes, which) for which in (1, 2)]
        for name, mean, rows in zip(COLUMNS[1:], means, tables, strict=True):
            print(f"\n### {category}, {name}: mIoU {mean:.3f}\n\n{rows}", flush=True)
        picture = page(shapes[: options.worst])
        if options.page:
            text = section(PAGE.read_text(encoding="utf-8"), category, means, tables)
            PAGE.write_text(text, encoding="utf-8")
            small = (round(PAGE_SCALE * picture.width), round(PAGE_SCALE * picture.height))
            picture = picture.resize(small, Image.Resampling.LANCZOS)
            picture = few_colours(picture, len(shapes[0].entry.parts))
        picture.save(out / f"{category}.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
