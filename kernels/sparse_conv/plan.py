"""A kernel map as the GPU kernels walk it: tiles of like rows, and the pairs of every tap."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.kernels.kernel_map.op import KernelMap

_KEY_BITS = 62  # taps that fit into a sort key


@dataclass(frozen=True)
class Tiles:
    """Output rows in tiles of equal size, such that rows with the same taps share a tile.

    A tile multiplies every tap that any of its rows has.  On the voxels of a chair a row has 14 of
    27 taps; 64 rows together have 27 in the order of the voxels, 19 to 22 in this order, and of 8
    taps on the way up 8 and 1.

    Attributes:
        row: [tiles * rows] int32, the output row of each slot, -1 past the end.
        taps: [tiles, T] int32, the taps of each tile, ascending, then those that it lacks.
        count: [tiles] int32, how many it has.
        source: [tiles, T, rows] int32, the input row of each of these taps and slots, -1 none.
        most: the greatest count.
    """

    row: Tensor
    taps: Tensor
    count: Tensor
    source: Tensor
    most: int


@dataclass(frozen=True)
class Pairs:
    """The pairs of a map by tap.

    Attributes:
        source, target: [P] int32, the input and the output row of each pair; taps follow each
            other, and a tap's targets ascend.
        first: [T + 1] int32, where each tap's pairs begin.
    """

    source: Tensor
    target: Tensor
    first: Tensor


def tiles_of(kernel_map: KernelMap, rows: int) -> Tiles:
    """The tiles of a map, made once per map and size.  It has at least one output row."""
    found = kernel_map.kept.get(rows)
    if found is None:
        found = kernel_map.kept[rows] = _make_tiles(kernel_map.forward, rows)
    assert isinstance(found, Tiles)
    return found


def pairs_of(kernel_map: KernelMap) -> Pairs:
    """The pairs of a map, made once per map."""
    found = kernel_map.kept.get("pairs")
    if found is None:
        found = kernel_map.kept["pairs"] = _make_pairs(kernel_map.forward)
    assert isinstance(found, Pairs)
    return found


def _make_tiles(forward: Tensor, rows: int) -> Tiles:
    M, T = forward.shape
    has = forward >= 0  # [M, T]
    # The rarest tap is the highest bit of the key: it splits the rows where that spares most tiles.
    common_first = has.sum(0).argsort(descending=True, stable=True)[-_KEY_BITS:]
    bit = torch.arange(len(common_first), device=forward.device)
    key = (has[:, common_first].long() << bit).sum(1)
    # Rows of many taps first: the last tiles to start are then the shortest.
    order = key.sort(stable=True, descending=True).indices  # [M]
    past = -M % rows
    row = torch.cat([order.int(), order.new_full((past,), -1, dtype=torch.int32)])
    source = torch.cat([forward[order], forward.new_full((past, T), -1)])
    source = source.reshape(-1, rows, T).transpose(1, 2)  # [tiles, T, rows]
    live = (source >= 0).any(2)  # [tiles, T]
    taps = live.logical_not().byte().argsort(dim=1, stable=True)  # [tiles, T], live ones first
    count = live.sum(1, dtype=torch.int32)
    source = source.gather(1, taps[:, :, None].expand_as(source))
    return Tiles(row, taps.int(), count, source.contiguous(), int(count.max()))


def _make_pairs(forward: Tensor) -> Pairs:
    by_tap = forward.T
    tap, target = (by_tap >= 0).nonzero(as_tuple=True)
    first = forward.new_zeros(len(by_tap) + 1)
    first[1:] = (by_tap >= 0).sum(1).cumsum(0)
    return Pairs(by_tap[tap, target], target.int(), first)
