"""What the views say about the pieces of one part: which units hold them, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.types import Boxes, Units

_AT_ONCE = 1 << 23  # numbers in a table of pairs and units


@dataclass(frozen=True)
class Evidence:
    """What is known about the points beside their labels.

    Attributes:
        superpoint: [N] int64 from 0, pieces of the cloud that lie on one thing each.
        units: the knowledge units, with seen.
        pixel: [V, N] int32, see's answer, or None: then extents in the views are not compared.
        width: of a view, in pixels.
        boxes: what the teacher drew, where it drew boxes: a unit is the points inside.
    """

    superpoint: Tensor
    units: Units
    pixel: Tensor | None = None
    width: int = 0
    boxes: Boxes | None = None


@dataclass(frozen=True)
class Sight:
    """The pieces of one part in the views, and in the K units of that part.

    Attributes:
        visible: [P, V] float32, how many points of a piece each view shows.
        held: [P, K] float32, how many of a piece's visible points each unit holds.
        view: [K] int64.
        extent: [4, P, V] float32: -left, -top, right, bottom of each piece in each view, in pixels;
            -inf where it is not to be seen.  So the extent of two pieces is the maximum.
        around: [4, K] float32: the same of all points in a unit; both None without pixels.
        size: [P] int64, points of each piece.
        shown: a view says nothing about a piece of which it shows a smaller share.
    """

    visible: Tensor
    held: Tensor
    view: Tensor
    extent: Tensor | None
    around: Tensor | None
    size: Tensor
    shown: float

    def merged(self, into: Tensor, count: int) -> Sight:
        """The same for fewer pieces: piece p becomes a part of piece into[p]."""

        def added(values: Tensor) -> Tensor:
            return values.new_zeros(count, values.shape[1]).index_add_(0, into, values)

        extent = self.extent
        if extent is not None:
            views = extent.shape[2]
            cell = (into[:, None] * views + torch.arange(views)).flatten()
            extent = _widest(extent.flatten(1), cell, count * views).view(4, count, views)
        size = self.size.new_zeros(count).index_add_(0, into, self.size)
        return Sight(
            added(self.visible), added(self.held), self.view, extent, self.around, size, self.shown
        )

    def differ(self, a: Tensor, b: Tensor) -> Tensor:
        """How much the shares of two pieces inside the units differ, of the larger sum.

        Only views that show both well count.

        Args:
            a, b: [E] int64, pieces.

        Returns:
            [E] float32 in [0, 2]; inf where no unit holds a point of either.
        """
        out = []
        for share_a, share_b in self._shares(a, b):
            larger = torch.maximum(share_a.sum(1), share_b.sum(1))
            said = (share_a - share_b).abs().sum(1) / larger
            out.append(torch.where(larger > 0, said, torch.inf))
        return torch.cat(out) if out else self.visible.new_zeros(0)

    def verdict(self, a: Tensor, b: Tensor, inside: float) -> Tensor:
        """What the views say of two pieces.

        A view says together if one of its units holds both, and apart if none does and one holds
        one of them.  Apart needs a unit of its own for each of them, in any view.

        Args:
            a, b: [E] int64, pieces.
            inside: a unit holds a piece with more than this share of its visible points.

        Returns:
            [E] int64: 1 together by most of the views that say anything, -1 apart, else 0.
        """
        out = [a.new_zeros(0)]
        views = self.visible.shape[1]
        for share_a, share_b in self._shares(a, b):
            in_a, in_b = share_a > inside, share_b > inside
            both = _in_any(in_a & in_b, self.view, views)
            only_a = _in_any(in_a & ~in_b, self.view, views) & ~both
            only_b = _in_any(in_b & ~in_a, self.view, views) & ~both
            one = (only_a | only_b).sum(1)
            votes = (both.sum(1) - one).sign()
            apart = only_a.any(1) & only_b.any(1)
            out.append(torch.where(apart, votes, votes.clamp(min=0)))
        return torch.cat(out)

    def confirmed_by(self) -> Tensor:
        """The best intersection over union of each piece with a unit in its view. [P] float32."""
        return self._best_iou(self.extent, len(self.visible))

    def confirmed_together(self, a: Tensor, b: Tensor) -> Tensor:
        """The same for pairs of pieces as one piece. [E] float32."""
        if self.extent is None:
            return self._best_iou(None, len(a))
        return self._best_iou(torch.maximum(self.extent[:, a], self.extent[:, b]), len(a))

    def _best_iou(self, extent: Tensor | None, count: int) -> Tensor:
        if extent is None or self.around is None or len(self.view) == 0:
            return self.visible.new_zeros(count)
        best = [self.visible.new_zeros(0)]
        for some in extent.split(max(1, _AT_ONCE // len(self.view)), 1):
            best.append(_iou(some[:, :, self.view], self.around[:, None]).amax(1))
        return torch.cat(best)

    def _shares(self, a: Tensor, b: Tensor) -> list[tuple[Tensor, Tensor]]:
        """The pieces' shares inside the units of views that show both, some pairs at a time."""
        share = self.held / self.visible[:, self.view].clamp(min=1)
        seen = self.visible >= (self.shown * self.size).clamp(min=1)[:, None]
        found = []
        rows = max(1, _AT_ONCE // max(1, len(self.view)))
        for some_a, some_b in zip(a.split(rows), b.split(rows), strict=True):
            joint = (seen[some_a] & seen[some_b])[:, self.view]
            found.append((share[some_a] * joint, share[some_b] * joint))
        return found


def sight(evidence: Evidence, piece: Tensor, pieces: int, part: int, shown: float) -> Sight:
    """What the views say about the pieces of one part.

    Args:
        piece: [N] int64, -1 for points of other parts.
        pieces: P.
        part: whose units count.
        shown: see Sight.
    """
    units = evidence.units
    mine = (units.label == part).nonzero()[:, 0]
    number = torch.full((len(units),), -1).index_put((mine,), torch.arange(len(mine)))
    unit = number[units.unit]  # [M]
    unit, point = unit[unit >= 0], units.point[unit >= 0]
    view = units.view[mine]

    ours = piece[point] >= 0
    held = torch.bincount(piece[point[ours]] * len(mine) + unit[ours], minlength=pieces * len(mine))
    assert units.seen is not None, "units that were lifted know what each view shows"
    rows = (piece >= 0).nonzero()[:, 0]
    v, at = units.seen[:, rows].nonzero().T
    views = len(units.seen)
    cell = piece[rows[at]] * views + v
    visible = torch.bincount(cell, minlength=pieces * views)
    extent = around = None
    if evidence.pixel is not None:
        inside = _edges(evidence.pixel[v, rows[at]], evidence.width)
        extent = _widest(inside, cell, pieces * views).view(4, pieces, views)
        inside = _edges(evidence.pixel[view[unit], point], evidence.width)
        around = _widest(inside, unit, len(mine))
    return Sight(
        visible.view(pieces, views).float(),
        held.view(pieces, len(mine)).float(),
        view,
        extent,
        around,
        torch.bincount(piece[rows], minlength=pieces),
        shown,
    )


def _in_any(flags: Tensor, view: Tensor, views: int) -> Tensor:
    """Whether a unit of each view has the flag. [E, K] bool to [E, V] bool."""
    found = flags.new_zeros(len(flags), views, dtype=torch.float32)
    return found.index_add_(1, view, flags.float()) > 0


def _edges(pixel: Tensor, width: int) -> Tensor:
    """-left, -top, right and bottom of pixels. [4, ...] float32."""
    x, y = (pixel % width).float(), (pixel // width).float()
    return torch.stack([-x, -y, x + 1, y + 1])


def _widest(edges: Tensor, cell: Tensor, count: int) -> Tensor:
    """The extent of what lies in each cell, [4, count]."""
    nothing = edges.new_full((4, count), -torch.inf)
    return nothing.scatter_reduce_(1, cell.expand_as(edges), edges, "amax")


def _iou(a: Tensor, b: Tensor) -> Tensor:
    """Of extents [4, ...]; 0 where one is empty."""
    overlap = _area(torch.minimum(a, b))
    union = _area(a) + _area(b) - overlap
    return torch.where(union > 0, overlap / union, 0.0)


def _area(extent: Tensor) -> Tensor:
    width, height = extent[0] + extent[2], extent[1] + extent[3]
    return width.clamp(min=0) * height.clamp(min=0)
