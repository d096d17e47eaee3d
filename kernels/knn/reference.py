"""knn, as a definition: every distance, sorted."""

from __future__ import annotations

import torch
from torch import Tensor

ROWS = 2**24  # distances held at a time


def knn(
    query: Tensor,  # [Q, 3]
    points: Tensor,  # [P, 3]
    k: int,
) -> tuple[Tensor, Tensor]:  # [Q, k], [Q, k]
    nearest = []
    for some in query.split(max(1, ROWS // len(points))):
        dx, dy, dz = (some[:, None] - points).unbind(2)  # [q, P]
        distance = (dx * dx + dy * dy) + dz * dz
        # stable: equal distances stay in the order of their index
        nearest.append(distance.sort(dim=1, stable=True))
    index = torch.cat([found.indices[:, :k] for found in nearest])
    return index, torch.cat([found.values[:, :k] for found in nearest])
