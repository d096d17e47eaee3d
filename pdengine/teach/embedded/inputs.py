"""What the network sees of a view: geometry only, never colour, never the world's axes."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.types import Cameras, Views

SIDE = 112
CHANNELS = 7  # normals 3, position 3, mask 1
_STRIDE = 16  # of the network's coarsest level


def pool(views: Views) -> tuple[Tensor, Tensor, Tensor]:
    """Average the covered pixels of a view down to the network's resolution.

    Returns:
        normals [V, 3, h, w] in the camera frame, depth [V, h, w] relative to the origin, both 0
        where nothing is, and the covered share of each cell [V, h, w].
    """
    height, width = views.size
    scale = SIDE / max(height, width)
    rows, columns = (
        max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in (height, width)
    )
    mask = (views.index >= 0).float()
    relative = views.depth - views.cameras.translation[:, 2, None, None]
    relative = torch.where(views.index >= 0, relative, 0.0)
    planes = torch.cat([views.normals.permute(0, 3, 1, 2), relative[:, None], mask[:, None]], dim=1)
    planes = F.adaptive_avg_pool2d(planes, (rows, columns))
    share = planes[:, 4]
    planes = planes[:, :4] / share.clamp_min(1e-6)[:, None]
    return planes[:, :3], planes[:, 3], share


def assemble(
    normals: Tensor,  # [V, 3, h, w]
    depth: Tensor,  # [V, h, w]
    share: Tensor,  # [V, h, w]
    focal: Tensor,  # [V]
    distance: Tensor,  # [V]
) -> Tensor:  # [V, 7, h, w]
    """The network's channels: position is in the camera frame's axes, centred on the origin."""
    height, width = depth.shape[1:]
    u = (torch.arange(width) + 0.5) / (width / 2) - 1
    v = (torch.arange(height) + 0.5 - height / 2) / (width / 2)
    ray = (depth + distance[:, None, None]) / focal[:, None, None]
    seen = share > 0
    position = torch.stack([ray * u, ray * v[:, None], depth], dim=1) * seen[:, None]
    return torch.cat([normals, position, share[:, None]], dim=1)


def inputs(views: Views) -> Tensor:
    """[V, 7, h, w] float32 from rendered views."""
    cameras: Cameras = views.cameras
    return assemble(*pool(views), cameras.focal, cameras.translation[:, 2])


def mirrored(x: Tensor) -> Tensor:
    """The inputs of the same views in a mirror: left and right change places. [V, 7, h, w]."""
    sign = x.new_tensor([-1, 1, 1, -1, 1, 1, 1]).view(1, CHANNELS, 1, 1)
    return x.flip(-1) * sign
