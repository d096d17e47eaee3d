"""The definition of raster_triangles in pure torch."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine.kernels._pinhole import project

STEPS = 256  # of the vertices' grid, a pixel
FARTHEST = 32768.0  # pixels


def raster_triangles(
    vertices: Tensor,
    faces: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
) -> tuple[Tensor, Tensor, Tensor]:
    views = zip(rotation, translation, focal, strict=True)
    images = [_view(vertices, faces, *camera, size) for camera in views]
    index, depth, weight = (torch.stack(planes) for planes in zip(*images, strict=True))
    return index, depth, weight


def _view(
    vertices: Tensor,
    faces: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
) -> tuple[Tensor, Tensor, Tensor]:
    device = vertices.device
    u, v, z = project(vertices, rotation, translation, focal, size)
    placed = (u.abs() < FARTHEST) & (v.abs() < FARTHEST)  # False where there is no place
    # From here on whatever decides is an integer, or a double in a fixed order.
    x, y = (torch.where(placed, place * STEPS, 0).round().long() for place in (u, v))
    nearness = torch.where(placed, 1 / z.double(), 0)
    rows, cols = (torch.arange(side, device=device) * STEPS + STEPS // 2 for side in size)

    index = torch.full(size, -1, dtype=torch.int32, device=device)
    depth = torch.full(size, torch.inf, device=device)
    weight = torch.zeros(*size, 2, device=device)
    for f, face in enumerate(faces.long()):
        if not bool(placed[face].all()):
            continue
        a, b, c = face
        edges = torch.stack(
            [
                (x[q] - x[p]) * (rows[:, None] - y[p]) - (y[q] - y[p]) * (cols - x[p])
                for p, q in ((b, c), (c, a), (a, b))
            ]
        )
        area = edges.sum(0)[0, 0]  # the same at every pixel
        if area == 0:
            continue
        edges, area = edges * area.sign(), area.abs().double()
        share = edges.double() * nearness[face, None, None]
        near = share[0] + share[1] + share[2]
        at = (area / near).float()
        wins = (edges >= 0).all(0) & (at < depth)
        index = torch.where(wins, f, index)
        depth = torch.where(wins, at, depth)
        weight = torch.where(wins[..., None], (share[:2] / near).float().movedim(0, 2), weight)
    return index, depth, weight
