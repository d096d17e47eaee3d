"""raster_triangles by nvdiffrast, a second opinion for whoever has it installed.

nvdiffrast is CUDA only and licensed for non-commercial use (NVIDIA Source Code License): it is
imported when it is asked for by name, and never chosen on its own.  Its pixels on a triangle's
border and its ties follow its own rules, and triangles that reach behind the camera are clipped.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

MOST_TRIANGLES = 1 << 24  # their numbers come back as float32
LICENCE = "NVIDIA Source Code License, non-commercial"
INSTALL = 'pip install --no-build-isolation "pdengine[mesh]"'  # it looks for torch when it is built


def why_not(tensor: Tensor) -> str | None:
    """One sentence, or None where it can run."""
    if importlib.util.find_spec("nvdiffrast") is None:
        return f"nvdiffrast ({LICENCE}) is not installed; {INSTALL}"
    if not tensor.is_cuda:
        return f"nvdiffrast needs a CUDA tensor, got one on {tensor.device}"
    return None


def run(
    vertices: Tensor,
    faces: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
) -> tuple[Tensor, Tensor, Tensor]:
    import nvdiffrast.torch as nvdiffrast

    if len(faces) >= MOST_TRIANGLES:
        raise ValueError(
            f"faces must be fewer than {MOST_TRIANGLES} for nvdiffrast, got {len(faces)}"
        )
    camera = vertices @ rotation.transpose(1, 2) + translation[:, None]
    clip = clip_coordinates(camera, focal, size)
    drawn, _ = nvdiffrast.rasterize(_context(vertices.device), clip, faces, size, grad_db=False)

    index = drawn[..., 3].int() - 1
    hit = index >= 0
    weight = torch.where(hit[..., None], drawn[..., :2], 0.0)
    corner = faces[index.clamp_min(0).long()].long()  # [V, H, W, 3]
    views = torch.arange(len(focal), device=faces.device)[:, None, None, None]
    z = camera[..., 2][views, corner]
    first, second = weight.unbind(-1)
    depth = first * z[..., 0] + second * z[..., 1] + (1 - first - second) * z[..., 2]
    return index, torch.where(hit, depth, torch.inf), weight


def clip_coordinates(
    camera: Tensor,  # [V, P, 3]: x right, y down, z forward
    focal: Tensor,  # [V], in half image widths
    size: tuple[int, int],
) -> Tensor:  # [V, P, 4]
    """Where the vertices are between -w and w; row 0 is at y = -w, as nvdiffrast numbers rows."""
    height, width = size
    x, y, z = camera.unbind(-1)
    ahead = z[torch.isfinite(z) & (z > 1e-6)]
    near = float(ahead.min()) * 0.99 if ahead.numel() else 0.5
    far = float(ahead.max()) * 1.01 if ahead.numel() else 1.0
    depth = ((far + near) * z - 2 * far * near) / (far - near)
    scale = focal[:, None]
    return torch.stack([scale * x, scale * y * (width / height), depth, z], dim=-1).contiguous()


@lru_cache(maxsize=8)
def _context(device: torch.device) -> Any:
    import nvdiffrast.torch as nvdiffrast

    return nvdiffrast.RasterizeCudaContext(device=device)
