"""Draw a surface, of points or triangles, into every camera at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.config import RenderConfig
from pdengine.devices import on
from pdengine.kernels.raster_triangles import raster_triangles
from pdengine.kernels.splat_points import splat_points
from pdengine.render.density import disc_radius
from pdengine.render.normals import estimate_normals
from pdengine.types import Cameras, MeshSurface, PointCloud, Surface, Views

_GREY = 0.8
_AMBIENT, _HEADLIGHT, _KEY = 0.25, 0.45, 0.30
_KEY_DIRECTION = (0.48, 0.64, 0.6)  # from the light at the upper left, camera frame, unit length


@dataclass(frozen=True)
class _Drawn:
    """Which element, point or triangle, owns each pixel, and what the elements look like.

    Attributes:
        index: [V, H, W] int32, -1 where none.
        depth: [V, H, W] float32.
        normals: [elements, 3] float32, world frame.
        colour: [S, 3] float32, of the S pixels that have an owner, in index's order; or None.
    """

    index: Tensor
    depth: Tensor
    normals: Tensor
    colour: Tensor | None


def render(surface: Surface, cameras: Cameras, config: RenderConfig) -> Views:
    """Draw a mesh's triangles, or every point as a disc; the nearest one owns the pixel.

    Pixels are shaded by a light at the camera and a softer one at the upper left.  Normals are the
    triangles', the points' own, or estimated from the points; all are turned to face the camera,
    since scanned and drawn surfaces rarely agree on a sign.

    Args:
        surface: at least one point, or triangles, in the unit sphere frame.
        cameras: where from; config.views is the rig's, and not read here.  They are taken to the
            surface's device, and so are the views.
        config: the size, and the disc's radius (None: by the density, see disc_radius).
    """
    height, width = config.size
    if isinstance(surface, MeshSurface):
        cameras = on(cameras, surface.vertices.device)
        drawn = _triangles(surface, cameras, config)
    else:
        cameras = on(cameras, surface.xyz.device)
        drawn = _discs(surface, cameras, config)
    seen = (drawn.index >= 0).flatten().nonzero()[:, 0]
    element = drawn.index.flatten()[seen].long()
    view = seen // (height * width)

    facing = _facing(drawn.normals, cameras, element, view)
    normals = facing.new_zeros(len(cameras) * height * width, 3)
    normals[seen] = facing
    images = facing.new_ones(len(cameras) * height * width, 3)
    colour = facing.new_tensor(_GREY) if drawn.colour is None else drawn.colour
    images[seen] = (_shade(facing)[:, None] * colour).clamp(0, 1)
    shape = (len(cameras), height, width, 3)
    return Views(
        images=images.view(shape),
        index=drawn.index,
        depth=drawn.depth,
        normals=normals.view(shape),
        cameras=cameras,
        has_colour=drawn.colour is not None,
    )


def _discs(cloud: PointCloud, cameras: Cameras, config: RenderConfig) -> _Drawn:
    splat = splat_points(
        cloud.xyz.contiguous(),
        cameras.rotation,
        cameras.translation,
        cameras.focal,
        config.size,
        float(config.radius_px or disc_radius(cloud.xyz, cameras, config.size[1])),
    )
    if cloud.normals is None:  # asked of the points that are seen alone
        shown = torch.zeros(len(cloud), dtype=torch.bool, device=cloud.xyz.device)
        shown[splat.index[splat.index >= 0].long()] = True
        at = shown.nonzero()[:, 0]
        normals = torch.zeros_like(cloud.xyz)
        normals[at] = estimate_normals(cloud.xyz, at=at)
    else:
        normals = F.normalize(torch.nan_to_num(cloud.normals), dim=1)
    colour = None
    if cloud.colour is not None:
        colour = cloud.colour[splat.index[splat.index >= 0].long()]
    return _Drawn(splat.index, splat.depth, normals, colour)


def _triangles(mesh: MeshSurface, cameras: Cameras, config: RenderConfig) -> _Drawn:
    raster = raster_triangles(
        mesh.vertices,
        mesh.faces,
        cameras.rotation,
        cameras.translation,
        cameras.focal,
        config.size,
    )
    colour = None
    if mesh.colour is not None:
        seen = raster.index >= 0
        first, second = raster.weight[seen].unbind(1)
        weight = torch.stack([first, second, 1 - first - second], 1)
        corner = mesh.faces[raster.index[seen].long()].long()
        colour = (mesh.colour[corner] * weight[..., None]).sum(1)
    return _Drawn(raster.index, raster.depth, mesh.normals, colour)


def _facing(
    world: Tensor,  # [elements, 3]
    cameras: Cameras,
    element: Tensor,  # [S]
    view: Tensor,  # [S], ascending
) -> Tensor:  # [S, 3]
    """Normals of the seen pixels in their camera's frame, turned to face it."""
    counts = torch.bincount(view, minlength=len(cameras)).tolist()
    turned = torch.cat(
        [
            world[rows] @ rotation.T
            for rows, rotation in zip(element.split(counts), cameras.rotation, strict=True)
        ]
    )
    return torch.where(turned[:, 2:] > 0, -turned, turned)


def _shade(
    normals: Tensor,  # [S, 3]
) -> Tensor:  # [S] in [0, 1]
    head = -normals[:, 2]
    key = -(normals @ normals.new_tensor(_KEY_DIRECTION)).clamp(max=0)
    return _AMBIENT + _HEADLIGHT * head + _KEY * key
