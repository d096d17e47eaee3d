"""Boxes, polygons and masks of another picture size, in the pixels of the views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError

T = TypeVar("T", bound=np.generic)
Mask = NDArray[np.bool_]
Box = tuple[float, float, float, float]
Size = tuple[int, int]  # height, width

LARGEST_SIDE = 8192


def scale_between(path: str, what: str, stated: Size, size: Size) -> tuple[float, float]:
    """What x and y of a picture of the stated size are multiplied with.

    Raises:
        LoadError: it is too large, or of other proportions than the views (a pixel is forgiven).
    """
    (h, w), (H, W) = stated, size
    sides = f"{w} x {h}"
    if not (1 <= h <= LARGEST_SIDE and 1 <= w <= LARGEST_SIDE):
        raise LoadError(path, f"{what} must be 1 to {LARGEST_SIDE} px wide and high", sides)
    if abs(w * H - h * W) > max(W, H):
        raise LoadError(path, f"{what} must have the proportions of the {W} x {H} views", sides)
    return W / w, H / h


def cut_box(box: Sequence[float], scale: tuple[float, float], size: Size) -> tuple[Box, float]:
    """XYWH of another size as XYXY inside the views, and by how many pixels it reached out.

    A box that lies outside comes back without an area.
    """
    (x, y, w, h), (sx, sy), (H, W) = box, scale, size
    x0, y0, x1, y1 = x * sx, y * sy, (x + w) * sx, (y + h) * sy
    out = max(-x0, -y0, x1 - W, y1 - H, 0.0)
    edges = np.clip([x0, y0, x1, y1], 0.0, [W, H, W, H]).astype(np.float32)  # as Boxes are
    left, top, right, bottom = edges.tolist()
    return (left, top, right, bottom), out


def box_mask(box: Box, size: Size) -> Mask:
    """The pixels whose centres are in the box, edges included."""
    x0, y0, x1, y1 = box
    column, row = np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5
    mask: Mask = ((row >= y0) & (row <= y1))[:, None] & ((column >= x0) & (column <= x1))
    return mask


def polygon_mask(corners: NDArray[np.float64], size: Size) -> Mask:
    """The pixels whose centres are inside a polygon, by the even-odd rule.

    Args:
        corners: [C, 2] float64, x and y in pixels; the last is joined to the first.
        size: of the mask.
    """
    H, W = size
    limit = 4.0 * LARGEST_SIDE  # float64 keeps a pixel's fraction there; nothing is seen beyond
    start = np.clip(corners, -limit, limit)
    (xa, ya), (xb, yb) = start.T, np.roll(start, -1, axis=0).T
    centre = np.arange(H) + 0.5
    # Half open: a corner that lies on a row's centre is crossed once by its two edges.
    first = np.searchsorted(centre, np.minimum(ya, yb))
    rows = np.searchsorted(centre, np.maximum(ya, yb)) - first
    edge = np.repeat(np.arange(len(start)), rows)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(rows) - rows - first, rows)
    slope = (xb - xa)[edge] / (yb - ya)[edge]  # an edge along the rows crosses none of them
    crossing = xa[edge] + (centre[row] - ya[edge]) * slope
    column = np.clip(np.ceil(crossing - 0.5), 0, W).astype(np.int64)  # first pixel right of it
    turns = np.zeros((H, W + 1), np.uint8)
    np.bitwise_xor.at(turns, (row, column), 1)
    mask: Mask = np.bitwise_xor.accumulate(turns, axis=1)[:, :W].astype(bool)
    return mask


def resized(mask: NDArray[T], size: Size) -> NDArray[T]:
    """A picture [h, w] at the views' size: each pixel takes the one that its centre falls into."""
    if mask.shape == size:
        return mask
    row, column = (
        ((np.arange(new) + 0.5) * (old / new)).astype(np.int64)
        for new, old in zip(size, mask.shape, strict=True)
    )
    rows, columns = np.minimum(row, mask.shape[0] - 1), np.minimum(column, mask.shape[1] - 1)
    taken: NDArray[T] = mask[rows[:, None], columns]
    return taken
