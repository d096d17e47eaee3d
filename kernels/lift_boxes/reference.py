"""The definition of lift_boxes in pure torch."""

from __future__ import annotations

import torch
from torch import Tensor


def lift_boxes(
    pixel: Tensor, boxes: Tensor, view: Tensor, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    width = size[1]
    rows = []
    for (x0, y0, x1, y1), seen in zip(boxes, pixel[view], strict=True):
        x, y = seen % width + 0.5, seen // width + 0.5
        inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
        rows.append((inside & (seen >= 0)).nonzero().squeeze(1))
    count = torch.tensor([0, *map(len, rows)], device=pixel.device)
    return count.cumsum(0), torch.cat(rows)
