"""visible_points: which points each view sees, and at which pixel."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._cuda import call
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only, thread_limit
from pdengine.kernels._pinhole import check_surface
from pdengine.kernels.visible_points import reference


def visible_points(
    xyz: Tensor,  # [N, 3]
    rotation: Tensor,  # [V, 3, 3]
    translation: Tensor,  # [V, 3]
    focal: Tensor,  # [V]
    depth: Tensor,  # [V, H, W]
    tolerance: float,
    *,
    backend: str | None = None,
) -> Tensor:
    """The pixel at which each view sees each point: [V, N] int32, -1 where it does not.

    A view sees a point whose pixel (floor(u), floor(v)) lies in the image and whose depth is at
    most ``tolerance`` behind what the image shows there.  Pixels are numbered row * W + col.
    Nothing is differentiated.

    Args:
        xyz: [N, 3] float32, scene units.  Points that are not finite, or whose depth is 1e-6 or
            less, are not seen.
        rotation: [V, 3, 3] float32, world to camera.
        translation: [V, 3] float32.
        focal: [V] float32, in half image widths.
        depth: [V, H, W] float32, scene units, as splat_points gives it: inf where nothing is
            drawn, and nothing there hides a point.
        tolerance: scene units, at least 0.
        backend: "cpu", "cuda" or "reference"; None takes the first that can run.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, the image is empty or larger than 16384
            pixels a side, or tolerance is negative or not finite.

    Source: the fused depth test of PartSLIP (CVPR 2023) and of shadow maps, Williams 1978.
    """
    sizes = check_surface(xyz, rotation, translation, focal, depth, tolerance)

    if sizes["N"] == 0 or sizes["V"] == 0:
        return torch.full((sizes["V"], sizes["N"]), -1, dtype=torch.int32, device=xyz.device)

    run = choose("visible_points", BACKENDS, backend, xyz).run
    tensors = (xyz, rotation, translation, focal, depth)
    seen: Tensor = run(*(tensor.detach().contiguous() for tensor in tensors), float(tolerance))
    return seen


def _run_cpu(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    depth: Tensor,
    tolerance: float,
) -> Tensor:
    pixel = torch.empty((len(focal), len(xyz)), dtype=torch.int32)
    _C.visible_points(
        xyz.numpy(),
        rotation.numpy(),
        translation.numpy(),
        focal.numpy(),
        depth.numpy(),
        tolerance,
        pixel.numpy(),
        thread_limit(),
    )
    return pixel


def _run_cuda(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    depth: Tensor,
    tolerance: float,
) -> Tensor:
    pixel = torch.empty((len(focal), len(xyz)), dtype=torch.int32, device=xyz.device)
    call(
        _C.visible_points_cuda,
        xyz=xyz,
        rotation=rotation,
        translation=translation,
        focal=focal,
        depth=depth,
        points=len(xyz),
        views=len(focal),
        height=depth.shape[1],
        width=depth.shape[2],
        tolerance=tolerance,
        pixel=pixel,
    )
    return pixel


BACKENDS = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("cuda", _run_cuda, cuda_only),
    Backend("reference", reference.visible_points),
)
