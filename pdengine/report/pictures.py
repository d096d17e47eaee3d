"""Tensors to pictures: one render of the labelled points, coloured many times."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from pdengine.cameras import look_at, rig
from pdengine.config import RenderConfig
from pdengine.io import palette, sample_mesh
from pdengine.kernels.knn import knn
from pdengine.render import disc_radius, render
from pdengine.report.palette import CERTAINTY, to_rgb
from pdengine.types import Cameras, Mesh, PointCloud, Shape, Views

# (elevation, azimuth) in degrees: front left, front right, back, and from below.
SIDES = ((22.0, 35.0), (22.0, 305.0), (22.0, 200.0), (-28.0, 35.0))
DISTANCE, FOV_DEGREES = 2.9, 42.0
SIDE_PX = 320
SHARPNESS = 2  # drawn this much larger, then averaged down: smooth edges
PAPER = 1.0  # white
SURFACE_POINTS = 60_000
DISC_GROWTH = 1.3  # closes the pinholes between points
FILL = 0.94  # of half the picture


@dataclass(frozen=True)
class Sides:
    """The shape from a few sides, ready to be coloured by its labelled points.

    Attributes:
        point: [S, H, W] int64, the labelled point nearest to the surface behind each pixel, -1
            where there is none.
        shade: [S, H, W] float32 in [0, 1], how light the surface is there.
    """

    point: Tensor
    shade: Tensor


def look_around(
    shape: Shape,
    cloud: PointCloud,
    up: str,
    sides: Sequence[tuple[float, float]] = SIDES,
    side_px: int = SIDE_PX,
) -> Sides:
    """Draw the shape once from every side.

    Args:
        shape: what the user gave; a mesh is sampled densely, for its labelled points are few.
        cloud: the labelled points.
        up: the axis that points up in the pictures.
        sides: elevation and azimuth of each, degrees.
        side_px: the width and height of a picture.
    """
    surface = sample_mesh(shape, SURFACE_POINTS, 0).cloud if isinstance(shape, Mesh) else cloud
    size = side_px * SHARPNESS
    cameras = filling(_cameras(up, sides), surface.xyz)
    radius = min(DISC_GROWTH * disc_radius(surface.xyz, cameras, size), 64.0)
    config = RenderConfig(views=len(sides), size=(size, size), radius_px=radius)
    views = render(surface, cameras, config)
    index = views.index.long()
    if surface is not cloud:
        nearest = torch.cat([knn(surface.xyz, cloud.xyz, 1)[0][:, 0], torch.tensor([-1])])
        index = nearest[index]
    return Sides(index, shade(views))


def filling(cameras: Cameras, xyz: Tensor) -> Cameras:
    """The same cameras, zoomed until the points fill the picture."""
    seen = xyz @ cameras.rotation.transpose(1, 2) + cameras.translation[:, None]
    reach = (seen[..., :2] / seen[..., 2:]).abs().amax() * cameras.focal[0]
    return replace(cameras, focal=cameras.focal * (FILL / reach.clamp(min=0.1)))


def _cameras(up: str, sides: Sequence[tuple[float, float]]) -> Cameras:
    """Around the upright shape.  PartSLIP's rig opens with a ring that gives the axes."""
    ring = rig("partslip10", up=up)
    eye = -(ring.rotation.transpose(1, 2) @ ring.translation[..., None])[..., 0]
    axes = torch.stack([eye[0] - eye[2], eye[1] - eye[3], eye[0] + eye[2]])
    front, right, top = torch.nn.functional.normalize(axes, dim=1)
    elevation, azimuth = torch.deg2rad(torch.tensor(sides)).T[..., None]
    around = azimuth.cos() * front + azimuth.sin() * right
    eyes = DISTANCE * (elevation.cos() * around + elevation.sin() * top)
    return look_at(eyes, top, FOV_DEGREES)


def shade(views: Views) -> Tensor:
    """Light from the camera's upper left, and darker where something nearer stands beside."""
    light = torch.nn.functional.normalize(torch.tensor([-0.35, -0.55, -0.76]), dim=0)
    lambert = (views.normals @ light).clamp(0, 1)
    # Eye-dome lighting (Boucheny 2009): a pixel is in the shade of its nearer neighbours.
    far = torch.where(views.depth.isfinite(), views.depth, 10.0).log2()
    padded = torch.nn.functional.pad(far[:, None], (2, 2, 2, 2), mode="replicate")[:, 0]
    H, W = views.size
    shade = torch.zeros_like(far)
    for dy, dx in ((0, 2), (4, 2), (2, 0), (2, 4)):
        shade += (far - padded[:, dy : dy + H, dx : dx + W]).clamp(0, 0.05)
    return (0.62 + 0.38 * lambert) * torch.exp(-3.0 * shade)


def paint(sides: Sides, colour: Tensor) -> list[str]:
    """Colour the sides by point.

    Args:
        sides: what look_around returned.
        colour: [N, 3] float32 in [0, 1].

    Returns:
        One PNG data URI per side.
    """
    padded = torch.cat([colour, torch.full((1, 3), PAPER)])  # index -1 is the paper
    seen = sides.point >= 0
    pixels = padded[sides.point] * torch.where(seen, sides.shade, PAPER)[..., None]
    small = interpolate(pixels.permute(0, 3, 1, 2), scale_factor=1 / SHARPNESS, mode="area")
    return [png_uri(image) for image in small.permute(0, 2, 3, 1)]


def label_colours(labels: Tensor, parts: int) -> Tensor:
    """[N] labels to [N, 3] colours; -1 is grey."""
    table = torch.from_numpy(palette(parts)).float() / 255
    return table[labels]  # -1 is the last row, grey


def ramp_colours(value: Tensor, stops: Sequence[str] = CERTAINTY) -> Tensor:
    """[N] values in [0, 1] to [N, 3] colours along the stops."""
    table = torch.tensor([to_rgb(stop) for stop in stops])
    at = value.nan_to_num(0).clamp(0, 1) * (len(stops) - 1)
    low = at.floor().long().clamp(max=len(stops) - 2)
    share = (at - low)[:, None]
    return table[low] * (1 - share) + table[low + 1] * share


def tint_scores(image: Tensor, scores: Tensor, min_score: float) -> Tensor:
    """Lay a dense answer over a view.

    Args:
        image: [H, W, 3] float32 in [0, 1].
        scores: [R, H, W] float32 in [0, 1].
        min_score: pixels whose best part scores less stay as they are, as in the lift.

    Returns:
        [H, W, 3]; the surer, the stronger the colour.
    """
    best, part = scores.max(dim=0)
    strength = torch.where(best >= min_score, 0.25 + 0.6 * best, 0.0)[..., None]
    tint = label_colours(part, len(scores))
    return _faded(image) * (1 - strength) + tint * strength


def tint_masks(image: Tensor, masks: Tensor, labels: Tensor, parts: int) -> Tensor:
    """Lay masks [B, H, W] over a view, later ones on top."""
    out = _faded(image)
    colours = label_colours(labels, parts)
    for mask, colour in zip(masks, colours, strict=True):
        out[mask] = 0.45 * out[mask] + 0.55 * colour
    return out


def _faded(image: Tensor) -> Tensor:
    """A grey, lighter copy that leaves the stage to the overlay."""
    grey = image.mean(-1, keepdim=True).expand(-1, -1, 3)
    return 0.25 + 0.75 * (0.3 * image + 0.7 * grey)


def png_uri(image: Tensor) -> str:
    """[H, W, 3] in [0, 1] to a PNG data URI with at most 256 colours: a third of the bytes."""
    array = (image.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    picture = Image.fromarray(np.ascontiguousarray(array)).quantize(
        256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    # The quantiser averages the paper with its nearest greys: the page shows where it ends.
    colours = np.array(picture.getpalette()).reshape(-1, 3)
    colours[colours.min(axis=1) >= 250] = 255
    picture.putpalette(colours.ravel().tolist())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
