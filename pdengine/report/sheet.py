"""A contact sheet of generated shapes: one row per category, every part in its colour."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn.functional import interpolate

from pdengine.cameras import look_at
from pdengine.config import RenderConfig
from pdengine.distill.threads import one_thread
from pdengine.io import hex_colour, mesh_from_arrays, sample_mesh
from pdengine.render import disc_radius, render
from pdengine.report.pictures import DISC_GROWTH, filling, label_colours, shade
from pdengine.shapes import LabelledMesh, make, parts_of

CELL_PX = 116
SHARPNESS = 2  # drawn this much larger, then averaged down: smooth edges
SURFACE_POINTS = 150_000
EYE = (1.45, 1.0, 2.1)  # in front, a little from its left and from above
FOV_DEGREES = 42.0
MARGIN_PX, LEGEND_PX = 10, 168
NAME_PX, PART_PX, LINE_PX = 17, 12, 15
INK, FAINT = "#222222", "#DDDDDD"


def sheet(categories: Sequence[str], count: int, seed: int) -> bytes:
    """A PNG with ``count`` shapes of every category in a row, and the legend of its parts.

    Args:
        categories: of pdengine.shapes, top to bottom.
        count: shapes per row, their seeds are seed, seed + 1, ...
        seed: of the first column.

    Raises:
        ValueError: no such category, or a negative seed.
    """
    with one_thread():  # many small pictures: on a busy machine a second thread makes them slow
        rows = [_row(category, range(seed, seed + count)) for category in categories]
    width = rows[0].width if rows else LEGEND_PX
    page: Image.Image = Image.new(
        "RGB", (width + 2 * MARGIN_PX, sum(r.height for r in rows)), "white"
    )
    draw = ImageDraw.Draw(page)
    top = 0
    for row in rows:
        page.paste(row, (MARGIN_PX, top))
        if top:
            draw.line([(MARGIN_PX, top), (MARGIN_PX + width, top)], fill=FAINT)
        top += row.height
    return _png(page)


def _row(category: str, seeds: range) -> Image.Image:
    parts = parts_of(category)
    height = max(CELL_PX, NAME_PX + 12 + len(parts) * LINE_PX) + 8
    row = Image.new("RGB", (LEGEND_PX + len(seeds) * CELL_PX, height), "white")
    draw = ImageDraw.Draw(row)
    at = (height - NAME_PX - 8 - len(parts) * LINE_PX) // 2
    draw.text((0, at), category.replace("_", " "), INK, ImageFont.load_default(NAME_PX))
    at += NAME_PX + 8
    for k, part in enumerate(parts):
        draw.rectangle([1, at + 2, 10, at + 11], fill=hex_colour(k))
        draw.text((17, at), part, INK, ImageFont.load_default(PART_PX))
        at += LINE_PX
    for k, seed in enumerate(seeds):
        corner = (LEGEND_PX + k * CELL_PX, (height - CELL_PX) // 2)
        row.paste(Image.fromarray(picture(make(category, seed))), corner)
    return row


def picture(shape: LabelledMesh) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The shape on white, coloured by part and shaded. [CELL_PX, CELL_PX, 3] uint8."""
    mesh = mesh_from_arrays(shape.vertices, shape.faces)
    cloud, face, _ = sample_mesh(mesh, SURFACE_POINTS, 0)
    cameras = look_at(torch.tensor([EYE]), torch.tensor([0.0, 1.0, 0.0]), FOV_DEGREES)
    # The middle of what the camera sees, not the surface's centroid, is the middle of the picture.
    turned = cloud.xyz @ cameras.rotation[0].T
    middle = (turned.amin(0) + turned.amax(0)) / 2
    cloud = replace(cloud, xyz=cloud.xyz - middle @ cameras.rotation[0])
    cameras = filling(cameras, cloud.xyz)
    size = CELL_PX * SHARPNESS
    radius = min(DISC_GROWTH * disc_radius(cloud.xyz, cameras, size), 64.0)
    views = render(cloud, cameras, RenderConfig(views=1, size=(size, size), radius_px=radius))
    label = torch.from_numpy(shape.face_label).long()[face]
    colour = torch.cat([label_colours(label, len(shape.parts)), torch.ones(1, 3)])
    seen = views.index >= 0
    pixels: Tensor = colour[views.index.long()]
    pixels = pixels * torch.where(seen, shade(views), 1.0)[..., None]
    small = interpolate(pixels.permute(0, 3, 1, 2), scale_factor=1 / SHARPNESS, mode="area")[0]
    return (small.permute(1, 2, 0).clamp(0, 1) * 255).round().to(torch.uint8).numpy()


def _png(page: Image.Image) -> bytes:
    """With 256 colours at most: less than half the bytes, and nobody sees it."""
    # Maximum coverage keeps the colours of small parts, which the median cut gives up.
    method, dither = Image.Quantize.MAXCOVERAGE, Image.Dither.NONE
    page = page.quantize(256, method=method, kmeans=2, dither=dither)
    # The quantiser averages the paper with its nearest greys: the page shows where it ends.
    colours = np.array(page.getpalette()).reshape(-1, 3)
    colours[colours.min(axis=1) >= 250] = 255
    page.putpalette(colours.ravel().tolist())
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
