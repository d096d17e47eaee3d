"""Which points of a part touch, and what hangs together."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine.instances.config import InstanceConfig
from pdengine.kernels.knn import knn

_CELLS = 2**20  # along half an axis of the unit sphere's box: nearer points are the same place
_SPACING = 4  # the neighbour whose distance is the spacing of a cloud


def touching(
    xyz: Tensor,  # [N, 3]
    labels: Tensor,  # [N]
    config: InstanceConfig,
) -> Tensor:  # [2, E]
    """Pairs of points of one part that are near.

    Each point is joined with its nearest points of the same part, as long as they are within the
    cloud's own spacing there, so the edges are as long in a sparse cloud as they have to be and no
    longer.  Points at one place are one point: else ten copies would have no other neighbour.

    Args:
        xyz: float32 in the unit sphere.
        labels: int64, -1 unlabelled: such a point touches nothing.

    Returns:
        int64 rows of points; a pair may be there twice.
    """
    place = _place(xyz)
    pairs = [torch.zeros(2, 0, dtype=torch.int64, device=xyz.device)]
    reach = _reach(xyz, place, config)
    for part in labels[labels >= 0].unique().tolist():
        rows = (labels == part).nonzero()[:, 0]
        first, copies = _one_per_place(place[rows])
        pairs.append(torch.stack([rows, rows[first[copies]]]))
        alone = rows[first]
        near, squared = knn(xyz[alone], xyz[alone], min(config.neighbours + 1, len(alone)))
        a, b = alone[:, None].expand_as(near), alone[near]
        close = squared.sqrt() <= torch.minimum(reach[a], reach[b])
        pairs.append(torch.stack([a[close], b[close]]))
    edges = torch.cat(pairs, 1)
    return edges[:, edges[0] != edges[1]]


def components(edges: Tensor, count: int) -> Tensor:
    """What hangs together in a graph of count nodes.

    Args:
        edges: [2, E] int64.

    Returns:
        [count] int64: the lowest node of each node's component.
    """
    root = torch.arange(count, device=edges.device)
    a, b = edges
    while True:
        low, high = torch.minimum(root[a], root[b]), torch.maximum(root[a], root[b])
        if bool((low == high).all()):
            return root
        # A root is hung under the lowest root it is joined with, then every path is made short.
        root = root.scatter_reduce(0, high, low, "amin")
        while not torch.equal(shorter := root[root], root):
            root = shorter


def numbered(keys: Tensor) -> tuple[Tensor, int]:
    """Equal keys get equal numbers, from 0 in ascending order of the keys; and how many."""
    found, number = keys.unique(return_inverse=True)
    return number, len(found)


def _place(xyz: Tensor) -> Tensor:
    """The cell of each point, [N] int64."""
    cell = ((xyz.double() + 1) * _CELLS).round().long().clamp(0, 2 * _CELLS)
    x, y, z = cell.unbind(1)
    return (x << 42) | (y << 21) | z


def _one_per_place(place: Tensor) -> tuple[Tensor, Tensor]:
    """The first row of each place, and the place's number in that list of each row."""
    number, count = numbered(place)
    rows = torch.arange(len(place), device=place.device)
    first = rows.new_full((count,), len(place)).scatter_reduce(0, number, rows, "amin")
    return first, number


def _reach(xyz: Tensor, place: Tensor, config: InstanceConfig) -> Tensor:
    """How far each point may be from one that it touches. [N] float32."""
    if len(xyz) == 0:
        return xyz.new_zeros(0)
    first, copies = _one_per_place(place)
    alone = xyz[first]
    _, squared = knn(alone, alone, min(_SPACING + 1, len(alone)))
    return (config.stretch * squared[:, -1].sqrt()).clamp(min=config.gap)[copies]
