"""splat_points: the nearest point per pixel, in every view."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._cuda import call
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only, thread_limit
from pdengine.kernels._pinhole import check_projection, check_size
from pdengine.kernels.splat_points import reference

LARGEST_RADIUS_PX = 256
KEYS = 2**27  # pixels that the GPU draws at a time: a gigabyte of keys


@dataclass(frozen=True)
class Splat:
    """What each pixel sees.

    Attributes:
        index: [V, H, W] int32, the nearest point, -1 where none.
        depth: [V, H, W] float32, its distance along the view axis, inf where none.
    """

    index: Tensor
    depth: Tensor


def splat_points(
    xyz: Tensor,  # [N, 3]
    rotation: Tensor,  # [V, 3, 3]
    translation: Tensor,  # [V, 3]
    focal: Tensor,  # [V]
    size: tuple[int, int],
    radius_px: float,
    *,
    backend: str | None = None,
) -> Splat:
    """Draw every point as a disc and keep the nearest one per pixel.

    A point's pixel is (floor(u), floor(v)) of its projection (see pdengine.types.Cameras).  It
    covers the pixels (row + dy, col + dx) of the image with dx^2 + dy^2 <= radius_px^2; its own
    pixel may lie outside the image.  The nearest depth wins; equal depths go to the lower point
    index, so all backends agree bit for bit.  Nothing is differentiated.

    Args:
        xyz: [N, 3] float32, scene units.  Points that are not finite, or whose depth is 1e-6 or
            less, are not drawn.
        rotation: [V, 3, 3] float32, world to camera.
        translation: [V, 3] float32.
        focal: [V] float32, in half image widths.
        size: height and width of the image in pixels, each in [1, 16384].
        radius_px: of the disc, pixels, in [0, 256]; 0 draws one pixel per point.
        backend: "cpu", "cuda" or "reference"; None takes the first that can run.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, or size or radius_px is outside its range.

    Source: z-buffering, Catmull 1974; one disc per point as in PartSLIP (CVPR 2023).
    """
    sizes = check_projection(xyz, rotation, translation, focal)
    size = check_size(size)
    if not 0 <= radius_px <= LARGEST_RADIUS_PX:
        raise ValueError(f"radius_px must be in [0, {LARGEST_RADIUS_PX}], got {radius_px}")

    if sizes["N"] == 0 or sizes["V"] == 0:
        shape = (sizes["V"], *size)
        return Splat(
            torch.full(shape, -1, dtype=torch.int32, device=xyz.device),
            torch.full(shape, torch.inf, device=xyz.device),
        )

    run = choose("splat_points", BACKENDS, backend, xyz).run
    cameras = (tensor.detach().contiguous() for tensor in (rotation, translation, focal))
    return Splat(*run(xyz.detach().contiguous(), *cameras, size, float(radius_px)))


def _run_cpu(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
    radius_px: float,
) -> tuple[Tensor, Tensor]:
    index = torch.empty((len(focal), *size), dtype=torch.int32)
    depth = torch.empty((len(focal), *size))
    _C.splat_points(
        xyz.numpy(),
        rotation.numpy(),
        translation.numpy(),
        focal.numpy(),
        radius_px,
        index.numpy(),
        depth.numpy(),
        thread_limit(),
    )
    return index, depth


def _run_cuda(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
    radius_px: float,
) -> tuple[Tensor, Tensor]:
    height, width = size
    # Few points draw their discs; many draw one pixel each, and the image is dilated.
    margin = int(radius_px) if 4 * len(xyz) >= height * width else 0
    window = (height + 2 * margin, width + 2 * margin)
    views = min(len(focal), max(1, KEYS // (window[0] * window[1])))
    key = torch.empty((views, *window), dtype=torch.int64, device=xyz.device)
    index = torch.empty((len(focal), *size), dtype=torch.int32, device=xyz.device)
    depth = torch.empty((len(focal), *size), device=xyz.device)
    for first in range(0, len(focal), views):
        some = slice(first, first + views)
        call(
            _C.splat_points_cuda,
            xyz=xyz,
            rotation=rotation[some],
            translation=translation[some],
            focal=focal[some],
            points=len(xyz),
            views=len(focal[some]),
            height=height,
            width=width,
            radius_px=radius_px,
            margin=margin,
            key=key,
            index=index[some],
            depth=depth[some],
        )
    return index, depth


BACKENDS = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("cuda", _run_cuda, cuda_only),
    Backend("reference", reference.splat_points),
)
