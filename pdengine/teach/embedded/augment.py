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
        rows: Store.read's, on any device.
        generator: on the same one; disturbs the batch. None leaves it as it is.

    Returns:
        input [B, 8, h, w], part per pixel [B, h, w] (NONE outside), category [B], up [B, 3].
    """
    label = torch.where(rows["label"] < 0, NONE, rows["label"])
    names = ("normals", "depth", "bright", "share", "focal", "distance")
    x = assemble(*(rows[name] for name in names))
    if generator is None:
        return x, label, rows["category"], rows["up"]
    dice = _Dice(generator, x)
    x, label, up = _move(x, label, rows["up"], dice)
    return _disturb(_molten(x, dice), dice), label, rows["category"], up


class _Dice:
    """Random numbers where a tensor is."""

    def __init__(self, generator: torch.Generator, beside: Tensor) -> None:
        self.generator, self.device = generator, beside.device

    def even(self, *size: int) -> Tensor:
        return torch.rand(size, generator=self.generator, device=self.device)

    def normal(self, *size: int) -> Tensor:
        return torch.randn(size, generator=self.generator, device=self.device)

    def between(self, low: float, high: float, *size: int) -> Tensor:
        return self.even(*size) * (high - low) + low

    def below(self, end: int, *size: int) -> Tensor:
        return torch.randint(end, size, generator=self.generator, device=self.device)


def _move(x: Tensor, label: Tensor, up: Tensor, dice: _Dice) -> tuple[Tensor, Tensor, Tensor]:
    """Mirror, roll, zoom and shift the image; what points along camera axes turns with it."""
    B, _, height, width = x.shape
    mirror = torch.where(dice.even(B) < 0.5, -1.0, 1.0)
    angle = dice.normal(B) * math.radians(6)
    zoom = torch.exp(dice.between(-0.25, 0.2, B))
    shift = dice.between(-0.08, 0.08, 2 * B).view(B, 2)
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


def _molten(x: Tensor, dice: _Dice) -> Tensor:
    """Edges run into each other, as on scanned and sculpted surfaces: a box filter on half of them.

    Generated parts meet in creases; on a watertight mesh of the same thing they blend.
    """
    share = x[:, 6:7]
    planes = torch.cat([x[:, :6] * share, share, x[:, 7:] * share], 1)
    found = x.clone()
    kind = dice.below(6, len(x))  # 0, 1, 2: as they are
    for k, side in ((3, 3), (4, 5), (5, 7)):
        rows = kind == k
        if rows.any():
            soft = F.avg_pool2d(planes[rows], side, 1, side // 2)
            soft = soft / soft[:, 6:7].clamp_min(1e-6)
            seen = share[rows] > 0
            found[rows] = torch.cat([soft[:, :6] * seen, share[rows], soft[:, 7:] * seen], 1)
    return found


def _disturb(x: Tensor, dice: _Dice) -> Tensor:
    """Noise on normals, another size and centre, another exposure, groups of channels missing."""
    B = len(x)
    share = x[:, 6:7]
    seen = share > 0
    normals, position, bright = x[:, :3], x[:, 3:6], x[:, 7:]
    noise = dice.even(B).pow(3).view(B, 1, 1, 1) * 0.3
    normals = normals + noise * dice.normal(*normals.shape)
    size = torch.exp(dice.normal(B) * 0.1).view(B, 1, 1, 1)
    centre = dice.normal(B, 3, 1, 1) * 0.06
    position = position * size + centre
    gain = 1 + 0.2 * dice.normal(B, 1, 1, 1)
    bright = (bright * gain + 0.1 * dice.normal(B, 1, 1, 1)).clamp(-1, 1)
    drop = dice.even(B).view(B, 1, 1, 1)
    normals = normals * (drop > 0.1) * seen
    position = position * ((drop < 0.06) | (drop > 0.16)) * seen  # 4 % have neither
    bright = bright * (drop < 0.7) * seen
    return torch.cat([normals, position, share, bright], 1)
