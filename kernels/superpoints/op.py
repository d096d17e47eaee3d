"""A cloud in pieces: points that are near and alike."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import (
    check_dtype,
    check_positive,
    check_range,
    check_same_device,
    check_shape,
    check_whole,
)
from pdengine.kernels._dispatch import Backend, choose, cpu_only, thread_limit
from pdengine.kernels.knn import knn
from pdengine.kernels.superpoints import reference

COLOUR_WEIGHT = 0.3  # beside the normals, as in PartSLIP
LARGEST = 1e18  # the square of a longer distance overflows
LISTED = 2**32  # entries of a graph whose mean distance is still exact


def _cpu(
    positions: Tensor, features: Tensor, graph: Tensor, regularisation: float, smallest: int
) -> Tensor:
    label = torch.empty(len(positions), dtype=torch.int64)
    _C.superpoints(
        positions.numpy(), features.numpy(), graph.numpy(), regularisation, smallest,
        label.numpy(), thread_limit(),
    )  # fmt: skip
    return label


BACKENDS = (Backend("cpu", _cpu, cpu_only), Backend("reference", reference.superpoints))


def superpoints(
    positions: Tensor,  # [N, 3]
    normals: Tensor | None = None,  # [N, 3]
    colours: Tensor | None = None,  # [N, 3]
    *,
    graph: Tensor | int = 10,  # [N, k]
    regularisation: float = 1.0,
    smallest: int = 11,
    oriented: bool = True,
    backend: str | None = None,
) -> Tensor:  # [N]
    """Cut a cloud into connected pieces of like normal and colour.

    A partition costs the squared distance of every point's feature (its normal and 0.3 times its
    colour) to the mean of its piece, plus ``regularisation`` times the weight of the edges between
    pieces: the energy of cut pursuit, which is lowered from below.  Every point begins as a piece
    of its own.  In a round each piece chooses the neighbour with which it lowers the energy most,
    and joins it if that one chooses it back, or has at least 8 times its points.  When no merger
    lowers the energy any more, pieces of fewer than ``smallest`` points join the neighbour that
    raises it least, until there are none.

    An edge weighs (1 / (1 + d / mean d + f / mean f))^2, d and f being the distances of its ends
    in position and feature; an edge that both ends list weighs twice.  Features and weights are
    rounded to 2^-16, so that all sums are exact.  Gains that agree in the first three bits of their
    mantissa are equal, and go by a hash of the two pieces' first points, then to the lower one.
    The result depends neither on the threads nor on the backend.

    Without normals and colours all points are alike: the pieces are the graph's connected parts.
    Normals whose sign is arbitrary (estimated ones) give a piece per sign where both meet, unless
    ``oriented`` is false: then a normal n counts as its axis, n n^T / sqrt 2, which both signs
    share.  The distance of two axes is the sine of their angle, for small angles the distance of
    the normals themselves; the two sides of a thin sheet are alike.

    Args:
        positions: [N, 3] float32, finite and at most 1e18.
        normals: [N, 3] float32, unit vectors, or None.
        colours: [N, 3] float32, in [0, 1], or None.
        graph: [N, k] int64, rows of positions near each one; its own row is no edge.  Or k, 1 or
            more: then the k nearest, from ``knn``; all others where there are no more.
        regularisation: more makes fewer and larger pieces.
        smallest: pieces with fewer points are merged, where they have a neighbour; 11 as in
            PartSLIP, 1 keeps all.
        oriented: the signs of the normals mean something.
        backend: a backend's name, or None for the first that can run.

    Returns:
        [N] int64: pieces from 0 without gaps, in the order of their first points.  Every piece is
        connected in the graph.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape or device does not match, or a value leaves its range; not a number
            leaves every range.

    Source: the energy and its weights: Landrieu and Simonovsky 2018, as used by PartSLIP (CVPR
    2023); merging regions on it: Koepfler, Lopez and Morel 1994.
    """
    sizes = check_shape("positions", positions, "N", 3)
    given = {"positions": positions}
    for name, tensor in (("normals", normals), ("colours", colours)):
        if tensor is not None:
            check_shape(name, tensor, "N", 3, **sizes)
            given[name] = tensor
    for name, tensor in given.items():
        check_dtype(name, tensor, torch.float32)
    positions = _within("positions", positions, -LARGEST, LARGEST)
    features = alike(normals, colours, oriented=oriented)
    features = positions.new_empty((len(positions), 0)) if features is None else features
    check_same_device(positions=positions, features=features)
    check_positive("regularisation", regularisation)
    smallest = check_whole("smallest", smallest)
    if smallest < 1:
        raise ValueError(f"smallest must be at least 1, got {smallest}")
    graph = _graph(positions, graph)

    if len(positions) == 0:  # no point, no piece
        return positions.new_zeros(0, dtype=torch.int64)

    run = choose("superpoints", BACKENDS, backend, positions).run
    label: Tensor = run(positions, features.contiguous(), graph, regularisation, smallest)
    return label


def alike(
    normals: Tensor | None,  # [N, 3]
    colours: Tensor | None,  # [N, 3]
    *,
    oriented: bool = True,
) -> Tensor | None:  # [N, C]
    """The features whose distance says how unlike two points are; None without either.

    Raises:
        ValueError: a value leaves its range, or the devices differ.
    """
    columns = []
    if normals is not None:
        normals = _within("normals", normals, -1.001, 1.001)
        columns.append(normals if oriented else _axes(normals))
    if colours is not None:
        columns.append(COLOUR_WEIGHT * _within("colours", colours, 0, 1))
    if len(columns) == 2:
        check_same_device(features=columns[0], colours=columns[1])
    return torch.cat(columns, dim=1) if columns else None


def _axes(normals: Tensor) -> Tensor:  # [N, 3] -> [N, 6]
    """What a normal and its opposite share: the entries of n n^T / sqrt 2, each once."""
    x, y, z = normals.unbind(1)
    half = math.sqrt(0.5)
    squares = [half * x * x, half * y * y, half * z * z]
    return torch.stack([*squares, x * y, x * z, y * z], 1)  # the mixed ones stand there twice


def _within(name: str, tensor: Tensor, low: float, high: float) -> Tensor:
    tensor = tensor.detach().contiguous()
    if tensor.numel():
        # Not a number comes out of both as itself, and fails both comparisons.
        least, most = (float(bound) for bound in tensor.aminmax())
        if not (low <= least and most <= high):
            raise ValueError(f"{name} must be in [{low:g}, {high:g}], got {least:g} to {most:g}")
    return tensor


def _graph(positions: Tensor, graph: Tensor | int) -> Tensor:  # [N, k]
    count = len(positions)
    if isinstance(graph, Tensor):
        check_shape("graph", graph, "N", "k", N=count)
        check_dtype("graph", graph, torch.int64)
        check_same_device(positions=positions, graph=graph)
        if graph.numel() >= LISTED:
            raise ValueError(f"graph must have fewer than 2^32 entries, got {graph.numel()}")
        check_range("graph", graph, 0, count)
        return graph.detach().contiguous()
    graph = check_whole("graph", graph)
    if graph < 1:
        raise ValueError(f"graph must be [N, k] or at least 1, got {graph}")
    if count == 0:
        return positions.new_zeros((0, graph), dtype=torch.int64)
    # One more: a point is its own nearest.
    return knn(positions, positions, min(graph + 1, count))[0]
