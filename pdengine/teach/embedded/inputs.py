"""What the network sees of a view: its geometry and its brightness, never the world's axes.

Any of the three groups, normals, position and brightness, may be missing: it is 0 everywhere.  A
view says so by normals that are all 0, by a depth of 0, and by an image of one grey, 0.5.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.types import Cameras, Views

SIDE = 112
CHANNELS = 8  # normals 3, position 3, mask 1, brightness 1
_STRIDE = 16  # of the network's coarsest level


def _measured(views: Views) -> Tensor:
    """Which pixels show the shape and know how far away it is. [V, H, W]."""
    return (views.index >= 0) & (views.depth > 0)


def pool(views: Views) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Average the covered pixels of a view down to the network's resolution.

    Returns:
        normals [V, 3, h, w] in the camera frame, depth [V, h, w] relative to the origin, the
        image's brightness [V, h, w] from -1 to 1, all 0 where nothing is, and the covered share of
        each cell [V, h, w].
    """
    height, width = views.size
    scale = SIDE / max(height, width)
    rows, columns = (
        max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in (height, width)
    )
    mask = (views.index >= 0).float()
    relative = views.depth - views.cameras.translation[:, 2, None, None]
    relative = torch.where(_measured(views), relative, 0.0)
    bright = (2 * views.images.mean(3) - 1) * mask
    planes = torch.cat(
        [views.normals.permute(0, 3, 1, 2), torch.stack([relative, bright, mask], 1)], dim=1
    )
    planes = F.adaptive_avg_pool2d(planes, (rows, columns))
    share = planes[:, 5]
    planes = planes[:, :5] / share.clamp_min(1e-6)[:, None]
    return planes[:, :3], planes[:, 3], planes[:, 4], share


def assemble(
    normals: Tensor,  # [V, 3, h, w]
    depth: Tensor,  # [V, h, w]
    bright: Tensor,  # [V, h, w]
    share: Tensor,  # [V, h, w]
    focal: Tensor,  # [V]
    distance: Tensor,  # [V]
) -> Tensor:  # [V, 8, h, w]
    """The network's channels: position is in the camera frame's axes, centred on the origin."""
    height, width = depth.shape[1:]
    u = (torch.arange(width, device=depth.device) + 0.5) / (width / 2) - 1
    v = (torch.arange(height, device=depth.device) + 0.5 - height / 2) / (width / 2)
    ray = (depth + distance[:, None, None]) / focal[:, None, None]
    seen = share > 0
    position = torch.stack([ray * u, ray * v[:, None], depth], dim=1) * seen[:, None]
    return torch.cat([normals, position, share[:, None], bright[:, None]], dim=1)


def inputs(views: Views) -> Tensor:
    """[V, 8, h, w] float32 from rendered views."""
    cameras: Cameras = views.cameras
    x = assemble(*pool(views), cameras.focal, cameras.translation[:, 2])
    x[:, 3:6] *= _measured(views).flatten(1).any(1)[:, None, None, None]
    return x


def mirrored(x: Tensor) -> Tensor:
    """The inputs of the same views in a mirror: left and right change places. [V, C, h, w]."""
    sign = x.new_ones(x.shape[1])
    sign[[0, 3]] = -1  # what points to the right
    return x.flip(-1) * sign.view(1, -1, 1, 1)
