"""The checks that every op over units shares: compressed rows that are what they say."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine.kernels._checks import check_dtype, check_range, check_same_device, check_shape


def check_units(label: Tensor, offsets: Tensor, point: Tensor, count: int, parts: int) -> None:
    """Check units in compressed rows.

    Args:
        label: [K] int64 in [0, parts).
        offsets: [K + 1] int64, ascending from 0 to M.
        point: [M] int64 in [0, count), ascending inside a unit, no point twice in one unit.
        count: the number of points.
        parts: the number of parts.

    Raises:
        TypeError: a dtype is not int64.
        ValueError: a shape, device, range or order is not the one above.
    """
    units = check_shape("label", label, "K")["K"]
    check_shape("offsets", offsets, units + 1)
    members = check_shape("point", point, "M")["M"]
    for name, tensor in (("label", label), ("offsets", offsets), ("point", point)):
        check_dtype(name, tensor, torch.int64)
    check_same_device(label=label, offsets=offsets, point=point)
    if count < 0:
        raise ValueError(f"count must be at least 0, got {count}")
    check_range("label", label, 0, parts)
    check_range("point", point, 0, count)
    first, last = int(offsets[0]), int(offsets[-1])
    if first != 0 or last != members or bool((offsets.diff() < 0).any()):
        raise ValueError(f"offsets must ascend from 0 to M={members}, got {first} to {last}")
    falls = point[1:] <= point[:-1]
    starts = offsets[1:-1]
    falls[starts[(starts > 0) & (starts < members)] - 1] = False
    if bool(falls.any()):
        raise ValueError("point must ascend inside each unit, and name no point twice")
