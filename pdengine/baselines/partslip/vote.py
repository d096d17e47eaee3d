"""PartSLIP's semantic vote: a superpoint takes the part whose detections hold most of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.published import PartSlipConfig
from pdengine.types import PartList, Units


@dataclass(frozen=True)
class SuperpointVote:
    """What the superpoints say.

    Attributes:
        labels: [P] int64, a part per superpoint, -1 unlabelled.
        share: [P, R] float32 in [0, 1]: of the superpoint's visible points, summed over the views,
            those inside a detection of the part; 0 where no view shows the superpoint.
        superpoint: [N] int64, the superpoint of each point.
        voting: how many units reach the detection threshold and name a part.
    """

    labels: Tensor
    share: Tensor
    superpoint: Tensor
    voting: int

    @property
    def point_labels(self) -> Tensor:
        """The label of each point's superpoint. [N] int64."""
        return self.labels[self.superpoint]

    @property
    def point_share(self) -> Tensor:
        """The shares of each point's superpoint. [N, R] float32."""
        return self.share[self.superpoint]


def superpoint_vote(
    units: Units,
    superpoint: Tensor,  # [N]
    names: PartList,
    config: PartSlipConfig,
) -> SuperpointVote:
    """Label every superpoint with the part that holds at least half of what is seen of it.

    s[i, j] = visible points of superpoint i inside any detection of part j, over visible points of
    superpoint i, both summed over the views.  A point counts once per view and part, however many
    detections of the part hold it.  The label is the part of the highest s, the first of equals,
    if it reaches ``config.vote_threshold``; a small part that reaches it goes before all others.
    Scores below ``config.detection_threshold`` are dropped, and are not used further.

    Args:
        units: boxes, masks or components on the points, with the views that show each point.
            Units that say "none of them" do not vote.
        superpoint: [N] int64 from 0, each point's.
        names: R part names; those that are ``config.small_parts`` are small.
        config: the thresholds and the small parts.

    Raises:
        ValueError: the units do not know which views show a point, or superpoint is not [N].

    Source: PartSLIP (CVPR 2023) and src/bbox2seg.py of its release, where a share of exactly a half
    just fails (1e-6 is added to the denominator); here counts are compared exactly.
    """
    if units.seen is None:
        raise ValueError("units must say which views show each point, got seen None")
    if superpoint.shape != (units.count,):
        raise ValueError(f"superpoint must be [{units.count}], got {list(superpoint.shape)}")
    parts = len(names)
    voting = (units.score >= config.detection_threshold) & (units.label < parts)
    shown, inside = _counts(units, voting, superpoint, parts)
    # Compared as a product in float64, so that 1 of 2 is "at least 0.5" in every count.
    reached = inside.double() >= config.vote_threshold * shown.double()[:, None]  # [P, R]
    reached &= shown[:, None] > 0
    share = (inside / shown.clamp(min=1)[:, None]).float()
    return SuperpointVote(
        _winner(inside, reached, small_parts(names, config)), share, superpoint, int(voting.sum())
    )


def small_parts(names: PartList, config: PartSlipConfig) -> Tensor:
    """Which names are small parts, capital or small letters. [R] bool."""
    small = {name.casefold() for name in config.small_parts}
    return torch.tensor([name.casefold() in small for name in names.names], dtype=torch.bool)


def _counts(
    units: Units, voting: Tensor, superpoint: Tensor, parts: int
) -> tuple[Tensor, Tensor]:  # [P], [P, R]
    """How often views show a point of each superpoint, and how often inside a detection."""
    assert units.seen is not None
    pieces = int(superpoint.max()) + 1 if len(superpoint) else 0
    views, unit = units.seen, units.unit
    said = voting[unit]
    label, view, point = units.label[unit][said], units.view[unit][said], units.point[said]
    per_point = torch.zeros(parts, units.count, dtype=torch.int64, device=point.device)
    for v in range(len(views)):  # what a view's detections hold, once per point and part
        here = view == v
        held = torch.zeros(parts, units.count, dtype=torch.bool, device=point.device)
        held[label[here], point[here]] = True
        per_point += held & views[v]
    inside = per_point.new_zeros(pieces, parts).index_add_(0, superpoint, per_point.T)
    shown = per_point.new_zeros(pieces).index_add_(0, superpoint, views.sum(0))
    return shown, inside


def _winner(inside: Tensor, reached: Tensor, small: Tensor) -> Tensor:  # [P]
    """The part of each superpoint: of the small ones the last, else the fullest, else none."""
    parts = inside.shape[1]
    order = torch.arange(1, parts + 1, device=inside.device)
    last = (reached * small.to(inside.device) * order).amax(1)  # 1 + the part, 0 for none
    # All shares of a row have one denominator, so the counts order as the shares do.
    fullest = torch.where(reached.any(1), inside.argmax(1), -1)
    return torch.where(last > 0, last - 1, fullest)
