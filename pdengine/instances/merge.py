"""From pieces of one part that touch to the things they make up."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.instances.config import InstanceConfig
from pdengine.instances.evidence import Sight
from pdengine.instances.touching import components, numbered

_LARGER = 8  # a piece joins a neighbour with this many times its points without being asked back


@dataclass(frozen=True)
class Pieces:
    """The pieces of one part.

    Attributes:
        a, b: [E] int64, a < b: pieces that touch, every pair once.
        contact: [E] int64, how many pairs of their points touch.
        sight: what the views say about them.
        thing: [P0] int64 into the pieces: what each of the first P0 pieces has become.
    """

    a: Tensor
    b: Tensor
    contact: Tensor
    sight: Sight
    thing: Tensor

    @property
    def size(self) -> Tensor:
        """[P] int64, points."""
        return self.sight.size

    def joined(self, chosen: Tensor) -> Pieces:
        """The pieces after the chosen pairs, a list of rows of a and b, have become one each."""
        root = components(torch.stack([self.a[chosen], self.b[chosen]]), len(self.size))
        into, count = numbered(root)
        a, b, contact = pairs(into[self.a], into[self.b], self.contact, count)
        return Pieces(a, b, contact, self.sight.merged(into, count), into[self.thing])


def pairs(a: Tensor, b: Tensor, contact: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Every pair of two different pieces once, the lower one first, with its contacts added up."""
    apart = a != b
    low, high = torch.minimum(a, b)[apart], torch.maximum(a, b)[apart]
    keys, number = (low * count + high).unique(return_inverse=True)
    total = contact.new_zeros(len(keys)).index_add_(0, number, contact[apart])
    return keys // count, keys % count, total


def merge(pieces: Pieces, config: InstanceConfig) -> Pieces:
    """The things that the pieces of one part make up.

    First pieces with like shares inside the views' units join, those that are most alike first:
    PartSLIP's rule, but what has joined is compared as one, so that a chain of small pieces does
    not tie two things together.  Then things that touch join, those that the views call one first,
    unless the views tell them apart, or a unit confirms one of them and none what they would be.
    """
    while True:
        differ = pieces.sight.differ(pieces.a, pieces.b)
        silent = differ.isinf()  # no unit holds either, and only touching speaks: last of all
        small, large = pieces.size[torch.stack([pieces.a, pieces.b])].aminmax(dim=0)
        alike = (silent | (differ < config.profile)) & (large < config.size_ratio * small)
        chosen = _choose(pieces, alike, differ)
        if len(chosen) == 0:
            break
        pieces = pieces.joined(chosen)
    while True:
        sure = pieces.sight.confirmed_by() > config.iou
        together = pieces.sight.confirmed_together(pieces.a, pieces.b) > config.iou
        verdict = pieces.sight.verdict(pieces.a, pieces.b, config.inside)
        surely = sure[pieces.a] | sure[pieces.b]
        fit = (verdict >= 0) & (together | ~surely)
        chosen = _choose(pieces, fit, -verdict.float())
        if len(chosen) == 0:
            return pieces
        pieces = pieces.joined(chosen)


def _choose(pieces: Pieces, fit: Tensor, cost: Tensor) -> Tensor:
    """The pairs that join in this round, as rows of a and b.

    Each piece chooses its cheapest pair, of equal ones that with most contact.  It is joined where
    the other piece chose it too, or is much larger.  The cheapest pair of all always is, so as long
    as a pair fits, something joins.

    Args:
        fit: [E] bool, pairs that may join.
        cost: [E] float32.
    """
    rows = fit.nonzero()[:, 0]
    rows = rows[pieces.contact[rows].argsort(descending=True, stable=True)]
    rows = rows[cost[rows].argsort(stable=True)]  # best first
    if len(rows) == 0:
        return rows
    ends = torch.stack([pieces.a[rows], pieces.b[rows]])  # [2, E]
    rank = torch.arange(len(rows), device=rows.device).expand_as(ends)
    choice = ends.new_full((len(pieces.size),), len(rows))
    choice = choice.scatter_reduce(0, ends.flatten(), rank.flatten(), "amin")

    mine = choice[ends] == rank
    size = pieces.size[ends]
    gives_in = size >= _LARGER * size.flip(0)
    joined = mine.all(0) | (mine & gives_in.flip(0)).any(0)
    return rows[joined]
