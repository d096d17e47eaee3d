"""The pinhole projection in pure torch, and the checks of every op that projects points."""

from __future__ import annotations

import operator

import torch
from torch import Tensor

from pdengine.kernels._checks import check_dtype, check_same_device, check_shape

NEAREST_DEPTH = 1e-6
LARGEST_SIDE = 16384


def check_projection(
    xyz: Tensor, rotation: Tensor, translation: Tensor, focal: Tensor
) -> dict[str, int]:
    """Check points and cameras, and return N and V.

    Raises:
        TypeError: a tensor is not float32.
        ValueError: a shape or device does not match, or there are 2^31 points or more.
    """
    sizes = check_shape("xyz", xyz, "N", 3)
    sizes = check_shape("rotation", rotation, "V", 3, 3, **sizes)
    check_shape("translation", translation, "V", 3, **sizes)
    check_shape("focal", focal, "V", **sizes)
    check_dtype("xyz", xyz, torch.float32)
    check_dtype("rotation", rotation, torch.float32)
    check_dtype("translation", translation, torch.float32)
    check_dtype("focal", focal, torch.float32)
    check_same_device(xyz=xyz, rotation=rotation, translation=translation, focal=focal)
    if sizes["N"] >= 2**31:
        raise ValueError(f"xyz must have fewer than 2^31 points, got {sizes['N']}")
    return sizes


def check_size(size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of an image in pixels.

    Raises:
        TypeError: they are not two integers.
        ValueError: there are more or fewer, or a side is outside its range.
    """
    rule = f"size must be (height, width), each in [1, {LARGEST_SIDE}] pixels"
    try:
        sides = tuple(operator.index(side) for side in size)
    except TypeError:
        raise TypeError(f"{rule}, got {size!r}") from None
    if len(sides) != 2 or not all(1 <= side <= LARGEST_SIDE for side in sides):
        raise ValueError(f"{rule}, got {sides}")
    height, width = sides
    return height, width


def check_surface(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    depth: Tensor,
    tolerance: float,
) -> dict[str, int]:
    """Check points, cameras and what these show, and return N, V, H and W.

    Raises:
        TypeError: a tensor is not float32.
        ValueError: a shape or device does not match, there are 2^31 points or more, the image is
            empty or too large, or tolerance is negative or not finite.
    """
    sizes = check_projection(xyz, rotation, translation, focal)
    sizes = check_shape("depth", depth, "V", "H", "W", **sizes)
    check_dtype("depth", depth, torch.float32)
    check_same_device(xyz=xyz, depth=depth)
    check_size((sizes["H"], sizes["W"]))
    if not 0 <= tolerance < float("inf"):
        raise ValueError(f"tolerance must be at least 0 and finite, got {tolerance}")
    return sizes


def project(
    xyz: Tensor,  # [N, 3]
    rotation: Tensor,  # [3, 3]
    translation: Tensor,  # [3]
    focal: Tensor,  # []
    size: tuple[int, int],
) -> tuple[Tensor, Tensor, Tensor]:
    """Image position and depth of each point in one view: u [N], v [N], z [N] float32.

    u and v are NaN where the point is behind the camera or not finite.  Sums and products stand one
    by one, because their order and rounding are part of the definition.
    """
    height, width = size
    x, y, z = (
        row[0] * xyz[:, 0] + row[1] * xyz[:, 1] + row[2] * xyz[:, 2] + shift
        for row, shift in zip(rotation, translation, strict=True)
    )
    u = focal * (x / z) * (width / 2) + width / 2
    v = focal * (y / z) * (width / 2) + height / 2
    in_front = (z > NEAREST_DEPTH) & z.isfinite()
    return torch.where(in_front, u, torch.nan), torch.where(in_front, v, torch.nan), z
