"""Draw a surface of points into every camera at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.config import RenderConfig
from pdengine.kernels.splat_points import splat_points
from pdengine.render.density import disc_radius
from pdengine.render.normals import estimate_normals
from pdengine.types import Cameras, PointCloud, Views

_GREY = 0.8
_AMBIENT, _HEADLIGHT, _KEY = 0.25, 0.45, 0.30
_KEY_DIRECTION = (0.48, 0.64, 0.6)  # from the light at the upper left, camera frame, unit length


def render(surface: PointCloud, cameras: Cameras, config: RenderConfig) -> Views:
    """Draw every point as a disc; the nearest one owns the pixel.

    Pixels are shaded by a light at the camera and a softer one at the upper left.  Normals are the
    surface's own, or estimated from its points; both are turned to face the camera, since scanned
    and drawn surfaces rarely agree on a sign.

    Args:
        surface: at least one point, in the unit sphere frame.
        cameras: where from; config.views is the rig's, and not read here.
        config: the size, and the disc's radius (None: by the density, see disc_radius).
    """
    height, width = config.size
    radius = config.radius_px or disc_radius(surface.xyz, cameras, width)
    splat = splat_points(
        surface.xyz.contiguous(),
        cameras.rotation,
        cameras.translation,
        cameras.focal,
        (height, width),
        float(radius),
    )
    if surface.normals is None:
        world_normals = estimate_normals(surface.xyz)
    else:
        world_normals = F.normalize(torch.nan_to_num(surface.normals), dim=1)
    seen = (splat.index >= 0).flatten().nonzero()[:, 0]
    point = splat.index.flatten()[seen].long()
    view = seen // (height * width)

    facing = _facing(world_normals, cameras, point, view)
    normals = facing.new_zeros(len(cameras) * height * width, 3)
    normals[seen] = facing
    images = facing.new_ones(len(cameras) * height * width, 3)
    colour = facing.new_tensor(_GREY) if surface.colour is None else surface.colour[point]
    images[seen] = (_shade(facing)[:, None] * colour).clamp(0, 1)
    shape = (len(cameras), height, width, 3)
    return Views(
        images=images.view(shape),
        index=splat.index,
        depth=splat.depth,
        normals=normals.view(shape),
        cameras=cameras,
        has_colour=surface.colour is not None,
    )


def _facing(
    world: Tensor,  # [N, 3]
    cameras: Cameras,
    point: Tensor,  # [S]
    view: Tensor,  # [S], ascending
) -> Tensor:  # [S, 3]
    """Normals of the seen pixels in their camera's frame, turned to face it."""
    counts = torch.bincount(view, minlength=len(cameras)).tolist()
    turned = torch.cat(
        [
            world[rows] @ rotation.T
            for rows, rotation in zip(point.split(counts), cameras.rotation, strict=True)
        ]
    )
    return torch.where(turned[:, 2:] > 0, -turned, turned)


def _shade(
    normals: Tensor,  # [S, 3]
) -> Tensor:  # [S] in [0, 1]
    head = -normals[:, 2]
    key = -(normals @ normals.new_tensor(_KEY_DIRECTION)).clamp(max=0)
    return _AMBIENT + _HEADLIGHT * head + _KEY * key
