"""The superpoints that PartSLIP votes on."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pdengine.errors import ConfigError
from pdengine.kernels.knn import knn
from pdengine.kernels.superpoints import superpoints
from pdengine.kernels.superpoints.op import alike
from pdengine.published import SuperpointConfig
from pdengine.render.normals import estimate_normals
from pdengine.types import PointCloud

# PartSLIP's cut pursuit saves half the squared distance to a superpoint's mean for what a border
# costs; our op and cut-pursuit-py save all of it (measured: two plateaus on a line merge there).
PER_SQUARE = 2.0


def pieces(cloud: PointCloud, config: SuperpointConfig) -> Tensor:
    """The superpoint of each point: near points of like normal and colour.

    A cloud's own normals are used as they are.  Where it has none they are estimated, and their
    signs are arbitrary: then a normal counts as its axis, n n^T, which both signs share, so no
    border runs where only a sign changes.  To turn the normals outwards instead would need views of
    every point, and fails on thin sheets and inside; an axis needs nothing and cannot fail.  It
    takes the two sides of a thin sheet for one surface, which they are for a part.

    Args:
        cloud: N points, on any device; the partition is made on the CPU.
        config: the constants of PartSLIP.

    Returns:
        [N] int64 on the cloud's device, from 0 without gaps, in the order of their first points.

    Raises:
        ConfigError: method "cut-pursuit" without the package cut-pursuit-py.
    """
    xyz = cloud.xyz.cpu()
    if len(xyz) == 0:
        return cloud.xyz.new_zeros(0, dtype=torch.int64)
    oriented = cloud.normals is not None
    colours = None if cloud.colour is None else cloud.colour.cpu()
    linked = config.neighbours + 1  # each point is its own first
    # The nearest come first, so one search serves the graph and the normals.
    most = linked if oriented else max(linked, config.normal_neighbours)
    near = knn(xyz, xyz, min(most, len(xyz)))[0]
    graph = near[:, :linked].contiguous()
    if cloud.normals is not None:
        normals = cloud.normals.cpu()
    else:
        normals = estimate_normals(xyz, neighbour=near[:, : config.normal_neighbours])
    if config.method == "cut-pursuit":
        features = alike(normals, colours, oriented=oriented)
        assert features is not None
        found = _by_cut_pursuit(xyz, features, graph, config)
    else:
        found = superpoints(
            xyz,
            normals,
            colours,
            graph=graph,
            regularisation=PER_SQUARE * config.regularisation,
            smallest=config.smallest,
            oriented=oriented,
        )
    return found.to(cloud.xyz.device)


def _by_cut_pursuit(
    xyz: Tensor,  # [N, 3]
    features: Tensor,  # [N, C]
    graph: Tensor,  # [N, k]
    config: SuperpointConfig,
) -> Tensor:  # [N]
    source = torch.arange(len(graph)).repeat_interleave(graph.shape[1])
    target = graph.flatten()
    edge = source != target
    source, target = source[edge], target[edge]
    if len(source) == 0:
        return torch.zeros(len(xyz), dtype=torch.int64)
    away = 1 + _relative(xyz, source, target) + _relative(features, source, target)
    strength = PER_SQUARE * config.regularisation
    found = _package().perform_cut_pursuit(
        reg_strength=1.0,  # release 1.0.12 does not read it: the weights carry the strength
        D=features.shape[1],
        pc_vec=features.contiguous().numpy(),
        edge_weights=(strength / away.square()).numpy(),
        Eu=source.numpy().astype(np.uint32),
        Ev=target.numpy().astype(np.uint32),
        verbose=False,
    )
    piece = torch.from_numpy(found.astype(np.int64))
    return _in_order(_joined(xyz, piece, config.smallest))


def _package() -> Any:
    try:
        return importlib.import_module("cut_pursuit_py")
    except ImportError:
        raise ConfigError(
            'method "cut-pursuit" needs cut-pursuit-py; pip install cut-pursuit-py'
        ) from None


def _relative(values: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """The length of every edge over the mean of all; 0 where all are 0."""
    length = (values[source] - values[target]).square().sum(1).sqrt()
    mean = length.mean()
    return length / mean if mean > 0 else length


def _joined(xyz: Tensor, piece: Tensor, smallest: int) -> Tensor:
    """Every small piece joins the large one that is nearest to its first point, as released."""
    size = piece.bincount()
    large = size >= smallest
    stays = large[piece]
    if bool(stays.all()) or not bool(stays.any()):  # none to join, or nobody to join
        return piece
    first = _first(piece)
    lost = (~large & (size > 0)).nonzero()[:, 0]
    at = stays.nonzero()[:, 0]
    nearest = knn(xyz[first[lost]], xyz[at], 1)[0][:, 0]
    into = torch.arange(len(size)).index_put((lost,), piece[at[nearest]])
    return into[piece]


def _first(piece: Tensor) -> Tensor:
    """The first point of each piece."""
    row = torch.arange(len(piece))
    none = torch.full((int(piece.max()) + 1,), len(piece))
    return none.scatter_reduce(0, piece, row, "amin")


def _in_order(piece: Tensor) -> Tensor:
    """Numbered in the order of their first points, without gaps."""
    number: Tensor = piece.unique(return_inverse=True)[1]
    order = _first(number).argsort()
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    return rank[number]
