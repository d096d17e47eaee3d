"""A smaller cloud that the engine can align on, when the user's is large."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pdengine.types import PointCloud


def subsample(cloud: PointCloud, max_points: int) -> PointCloud:
    """At most max_points of the cloud's points, evenly spread over its rows.

    The same cloud gives the same subset.  The frame (origin, scale) and the user's rows stay, so
    what is learned on the subset can be carried back.
    """
    count = len(cloud)
    if count <= max_points:
        return cloud
    picked = torch.arange(max_points) * count // max_points  # strictly ascending
    return replace(
        cloud,
        xyz=cloud.xyz[picked],
        rows=cloud.rows[picked],
        colour=_at(cloud.colour, picked),
        normals=_at(cloud.normals, picked),
    )


def _at(values: Tensor | None, rows: Tensor) -> Tensor | None:
    return None if values is None else values[rows]
