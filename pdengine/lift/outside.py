"""The part of a mesh that a scanner would see."""

from __future__ import annotations

from dataclasses import replace

import torch

from pdengine.cameras import rig
from pdengine.config import LiftConfig, RenderConfig
from pdengine.io import Sampled, sample_mesh
from pdengine.lift.see import see
from pdengine.render import render
from pdengine.types import Mesh

_DENSE = 30_000  # points that hide what is behind them
_VIEWS = 14
_SIDE = 160  # pixels
_SPARE = 3  # samples per wanted point: what lies inside is thrown away


def sample_outside(mesh: Mesh, count: int, seed: int) -> Sampled:
    """Spread points over what can be seen of a mesh from outside.

    Generated parts reach into each other; what lies inside is no surface of a real shape.  Where
    too little is visible, all of the surface is sampled.

    Args:
        mesh: any unit.
        count: number of points, at least 1.
        seed: the same seed gives the same points.
    """
    dense = sample_mesh(mesh, _DENSE, seed).cloud
    views = render(dense, rig(_VIEWS), RenderConfig(size=(_SIDE, _SIDE)))
    sampled = sample_mesh(mesh, _SPARE * count, seed + 1)
    cloud = sampled.cloud
    seen = (see(cloud, views, LiftConfig()) >= 0).any(0).nonzero()[:, 0]
    if len(seen) < count:
        seen = torch.arange(len(cloud))
    dice = torch.Generator().manual_seed(seed)
    keep = seen[torch.randperm(len(seen), generator=dice)[:count]].sort().values
    normals = None if cloud.normals is None else cloud.normals[keep]
    outside = replace(
        cloud,
        xyz=cloud.xyz[keep],
        rows=torch.arange(count),
        world=cloud.world[keep],
        colour=None if cloud.colour is None else cloud.colour[keep],
        normals=normals,
    )
    return Sampled(outside, sampled.face[keep], sampled.barycentric[keep])
