"""Disturbances that are cheap enough for every batch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.teach.embedded.inputs import assemble

NONE = -100  # pixels that no loss looks at


def batch(
    rows: dict[str, Tensor], generator: torch.Generator | None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The network's input and what it should say.

    Args:
        rows: Store.read's.
        generator: disturbs the batch; None leaves it as it is.

    Returns:
        input [B, 8, h, w], part per pixel [B, h, w] (NONE outside), category [B], up [B, 3].
    """
    label = torch.where(rows["label"] < 0, NONE, rows["label"])
    names = ("normals", "depth", "bright", "share", "focal", "distance")
    x = assemble(*(rows[name] for name in names))
    if generator is None:
        return x, label, rows["category"], rows["up"]
    x, label, up = _move(x, label, rows["up"], generator)
    return _disturb(_molten(x, generator), generator), label, rows["category"], up


def _uniform(generator: torch.Generator, size: int, low: float, high: float) -> Tensor:
    return torch.rand(size, generator=generator) * (high - low) + low


def _move(
    x: Tensor, label: Tensor, up: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Mirror, roll, zoom and shift the image; what points along camera axes turns with it."""
    B, _, height, width = x.shape
    mirror = torch.where(torch.rand(B, generator=generator) < 0.5, -1.0, 1.0)
    angle = torch.randn(B, generator=generator) * math.radians(6)
    zoom = torch.exp(_uniform(generator, B, -0.25, 0.2))
    shift = _uniform(generator, 2 * B, -0.08, 0.08).view(B, 2)
    c, s = angle.cos(), angle.sin()
    # Output to input pixels: mirror first, then the inverse roll.
    affine = torch.stack(
        [
            torch.stack([mirror * c / zoom, mirror * s / zoom, shift[:, 0]], 1),
            torch.stack([-s / zoom, c / zoom, shift[:, 1]], 1),
        ],
        dim=1,
    )
    grid = F.affine_grid(affine, [B, 1, height, width], align_corners=False)
    share = x[:, 6:7]
    moved = F.grid_sample(
        torch.cat([x[:, :6] * share, share, x[:, 7:] * share], 1), grid, align_corners=False
    )
    share = moved[:, 6:7]
    planes = moved / share.clamp_min(1e-6)
    label = F.grid_sample(
        label[:, None].float() + 1 - NONE, grid, mode="nearest", align_corners=False
    )[:, 0].long()
    label = torch.where((label == 0) | (share[:, 0] <= 0), NONE, label - 1 + NONE)

    def turned(v: Tensor) -> Tensor:
        m, a, b = (t.view(B, *[1] * (v.dim() - 2)) for t in (mirror, c, s))
        vx, vy = m * v[:, 0], v[:, 1]
        return torch.stack([a * vx - b * vy, b * vx + a * vy, v[:, 2]], dim=1)

    normals, position = turned(planes[:, :3]), turned(planes[:, 3:6])
    seen = share > 0
    bright = planes[:, 7:]
    return torch.cat([normals * seen, position * seen, share, bright * seen], 1), label, turned(up)


def _molten(x: Tensor, generator: torch.Generator) -> Tensor:
    """Edges run into each other, as on scanned and sculpted surfaces: a box filter on half of them.

    Generated parts meet in creases; on a watertight mesh of the same thing they blend.
    """
    share = x[:, 6:7]
    planes = torch.cat([x[:, :6] * share, share, x[:, 7:] * share], 1)
    found = x.clone()
    kind = torch.randint(6, (len(x),), generator=generator)  # 0, 1, 2: as they are
    for k, side in ((3, 3), (4, 5), (5, 7)):
        rows = kind == k
        if rows.any():
            soft = F.avg_pool2d(planes[rows], side, 1, side // 2)
            soft = soft / soft[:, 6:7].clamp_min(1e-6)
            seen = share[rows] > 0
            found[rows] = torch.cat([soft[:, :6] * seen, share[rows], soft[:, 7:] * seen], 1)
    return found


def _disturb(x: Tensor, generator: torch.Generator) -> Tensor:
    """Noise on normals, another size and centre, another exposure, groups of channels missing."""
    B = len(x)
    share = x[:, 6:7]
    seen = share > 0
    normals, position, bright = x[:, :3], x[:, 3:6], x[:, 7:]
    noise = torch.rand(B, generator=generator).pow(3).view(B, 1, 1, 1) * 0.3
    normals = normals + noise * torch.randn(normals.shape, generator=generator)
    size = torch.exp(torch.randn(B, generator=generator) * 0.1).view(B, 1, 1, 1)
    centre = torch.randn(B, 3, 1, 1, generator=generator) * 0.06
    position = position * size + centre
    gain = 1 + 0.2 * torch.randn(B, 1, 1, 1, generator=generator)
    bright = (bright * gain + 0.1 * torch.randn(B, 1, 1, 1, generator=generator)).clamp(-1, 1)
    drop = torch.rand(B, generator=generator).view(B, 1, 1, 1)
    normals = normals * (drop > 0.1) * seen
    position = position * ((drop < 0.06) | (drop > 0.16)) * seen  # 4 % have neither
    bright = bright * (drop < 0.7) * seen
    return torch.cat([normals, position, share, bright], 1)
