"""farthest_points, as a definition: every distance after every choice."""

from __future__ import annotations

import torch
from torch import Tensor


def farthest_points(
    xyz: Tensor,  # [N, 3]
    count: int,
    first: int,
) -> Tensor:  # [K]
    nearest = xyz.new_full((len(xyz),), torch.inf)  # squared, to any point that is chosen
    chosen = [first]
    while len(chosen) < count:
        dx, dy, dz = (xyz - xyz[chosen[-1]]).unbind(1)
        nearest = torch.minimum(nearest, (dx * dx + dy * dy) + dz * dz)
        nearest[chosen[-1]] = -1  # never again, even where others are equal to it
        chosen.append(int((nearest == nearest.max()).nonzero()[0]))
    return torch.tensor(chosen, device=xyz.device)
