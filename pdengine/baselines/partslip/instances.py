"""PartSLIP's instances: superpoints of one part that are near and lie in the same boxes."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pdengine.baselines.partslip.vote import SuperpointVote
from pdengine.distill.threads import one_thread
from pdengine.instances.evidence import Evidence, Sight, sight
from pdengine.instances.group import boxed
from pdengine.instances.touching import components, numbered
from pdengine.published import PartSlipConfig
from pdengine.types import Boxes, Instances, PointCloud

_AT_ONCE = 1 << 23  # pairs of superpoints whose boxes are compared


@one_thread()  # many small operations: with two threads on a busy machine 100 times slower
def partslip_instances(
    cloud: PointCloud,
    vote: SuperpointVote,
    evidence: Evidence,
    config: PartSlipConfig,
) -> Instances:
    """Group labelled superpoints as PartSLIP does, and drop what no detection confirms.

    Two superpoints of one part are joined if their bounding boxes are less than ``gap`` apart along
    every axis, if one has less than ``size_ratio`` times the points of the other, and if

        sum_b |r_b(i) - r_b(k)| / max(sum_b r_b(i), sum_b r_b(k)) < profile,

    r_b(i) being the share of the visible points of superpoint i that detection b of the part
    holds, over the detections of the views that show both.  Where no such detection holds any of
    them they are not joined.  What is joined, along any chain of pairs, is an instance.  It is kept
    if in some view the box around its visible points has an intersection over union of more than
    ``iou`` with a box of its part, also with one around everything, which has no vote.  The points
    of the others keep their label and are in no instance.  A mask's or a component's box is that
    around the points in it.

    Args:
        cloud: N points, on the CPU, as is all that follows.
        vote: what the superpoints were labelled.
        evidence: the superpoints and the detections; where nobody knows where the points lie in the
            views nothing is dropped.
        config: the detection threshold, and the constants in ``config.instances``.

    Returns:
        Instances of the N points, numbered by part, within a part the one with most points first.
        Its score is the mean share of its superpoints in its part, times the best intersection over
        union; the release gives none.

    Source: PartSLIP (CVPR 2023) and src/bbox2seg.py of its release.
    """
    labels, parts = vote.point_labels, vote.share.shape[1]
    units = evidence.units
    voting = (units.score >= config.detection_threshold) & (units.label < parts)
    heard = replace(units, label=torch.where(voting, units.label, -1))
    evidence = replace(evidence, units=heard)
    instance = torch.full_like(labels, -1)
    part, score = [labels.new_zeros(0)], [vote.share.new_zeros(0)]
    for label in labels[labels >= 0].unique().tolist():
        rows = (labels == label).nonzero()[:, 0]
        piece, count = numbered(vote.superpoint[rows])
        of_point = torch.full_like(labels, -1).index_put((rows,), piece)
        seen = sight(evidence, of_point, count, label, 0.0)
        pairs = _alike(_near(cloud.xyz[rows], piece, count, config.instances.gap), seen, config)
        into, things = numbered(components(pairs, count))
        thing = into[piece]
        iou = _as_drawn(seen.merged(into, things), evidence.boxes, label, config).confirmed_by()
        if evidence.pixel is None:
            iou = torch.ones_like(iou)
        kept = _largest_first(thing, iou > config.instances.iou)
        place = torch.full((things,), -1).index_put((kept,), torch.arange(len(kept)))[thing]
        own = place >= 0
        first = sum(len(numbers) for numbers in part)
        instance[rows[own]] = place[own] + first
        belief = torch.zeros(len(kept), dtype=torch.float64)
        belief.index_add_(0, place[own], vote.point_share[rows[own], label].double())
        belief /= torch.bincount(place[own], minlength=len(kept))
        part.append(torch.full_like(kept, label))
        score.append((belief * iou[kept]).float())
    return boxed(instance, torch.cat(part), torch.cat(score), cloud.world[cloud.rows])


def _near(xyz: Tensor, piece: Tensor, count: int, gap: float) -> Tensor:
    """Pairs of pieces whose bounding boxes are less than gap apart along every axis. [2, E]."""
    cell = piece[:, None].expand_as(xyz)
    low = xyz.new_full((count, 3), torch.inf).scatter_reduce(0, cell, xyz, "amin")
    high = xyz.new_full((count, 3), -torch.inf).scatter_reduce(0, cell, xyz, "amax")
    found = [piece.new_zeros(2, 0)]
    for some in torch.arange(count).split(max(1, _AT_ONCE // max(1, count))):
        near = (some[:, None] > torch.arange(count)).clone()  # every pair once
        for axis in range(3):
            ours, theirs = (low[:, axis], high[:, axis]), (low[some, axis], high[some, axis])
            near &= theirs[0][:, None] - ours[1] < gap
            near &= ours[0] - theirs[1][:, None] < gap
        a, b = near.nonzero().T
        found.append(torch.stack([some[a], b]))
    return torch.cat(found, 1)


def _alike(pairs: Tensor, seen: Sight, config: PartSlipConfig) -> Tensor:
    """Those of the pairs that the same detections hold, and of which neither is far larger."""
    small, large = seen.size[pairs].aminmax(dim=0)
    same = seen.differ(pairs[0], pairs[1]) < config.instances.profile
    return pairs[:, same & (large < config.instances.size_ratio * small)]


def _as_drawn(seen: Sight, boxes: Boxes | None, part: int, config: PartSlipConfig) -> Sight:
    """The same with the boxes of a part as the detector drew them, where it drew boxes."""
    if boxes is None:
        return seen
    mine = (boxes.label == part) & (boxes.score >= config.detection_threshold)
    left, top, right, bottom = boxes.box[mine].float().T
    return replace(seen, view=boxes.view[mine], around=torch.stack([-left, -top, right, bottom]))


def _largest_first(thing: Tensor, keep: Tensor) -> Tensor:
    """The things that are kept, most points first, of equal ones that with the first point."""
    size = torch.bincount(thing, minlength=len(keep))
    first = torch.full_like(size, len(thing)).scatter_reduce(
        0, thing, torch.arange(len(thing)), "amin"
    )
    order = first.argsort()
    order = order[size[order].argsort(descending=True, stable=True)]
    return order[keep[order]]
