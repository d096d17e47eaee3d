"""From labelled points to the single things of each part."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.distill.threads import one_thread
from pdengine.instances.config import InstanceConfig
from pdengine.instances.evidence import Evidence, sight
from pdengine.instances.merge import Pieces, merge, pairs
from pdengine.instances.touching import components, numbered, touching
from pdengine.types import Instances, PointCloud


@dataclass(frozen=True)
class _Things:
    """The things of one part.

    Attributes:
        thing: [n] int64 from 0, of each of its points.
        sure: [things] bool, a unit confirms it.
        iou: [things] float32, with the best unit; 1 where nobody could say.
    """

    thing: Tensor
    sure: Tensor
    iou: Tensor


@one_thread()  # many small operations: with two threads on a busy machine 100 times slower
def find_instances(
    cloud: PointCloud,
    labels: Tensor,  # [N]
    scores: Tensor,  # [N, R]
    evidence: Evidence | None = None,
    config: InstanceConfig | None = None,
) -> Instances:
    """Which single thing of its part each labelled point belongs to.

    Points of a part that touch are pieces, one per superpoint.  Pieces that touch are one thing if
    the same units hold them; a thing that no unit confirms joins the one that it touches most,
    unless the views tell the two apart.  What stays unconfirmed is a thing too, if it is no speck
    beside the others.  docs/instances.md tells it at length.

    Args:
        cloud: N points, on the CPU, as is all that follows.
        labels: int64, -1 unlabelled.
        scores: float32, the probability of each part.
        evidence: what the views say; without it things are what hangs together.
        config: the constants.

    Returns:
        Instances of the N points, with their boxes in the user's coordinates.

    Source: PartSLIP (CVPR 2023) for the rule and its constants.
    """
    config = config or InstanceConfig()
    edges = touching(cloud.xyz, labels, config)
    within = edges
    if evidence is not None:
        within = edges[:, (evidence.superpoint[edges] == evidence.superpoint[edges[0]]).all(0)]
    atom = components(within, len(cloud))
    instance = torch.full_like(labels, -1)
    part: list[Tensor] = []
    score: list[Tensor] = []
    for label in labels[labels >= 0].unique().tolist():
        rows = (labels == label).nonzero()[:, 0]
        found = _things(rows, atom, edges, evidence, label, config)
        thing, kept = _largest_first(found, config)
        belief = scores.new_zeros(len(kept)).double()
        own = thing >= 0
        belief.index_add_(0, thing[own], scores[rows[own], label].double())
        belief /= torch.bincount(thing[own], minlength=len(kept))
        score.append((belief * found.iou[kept]).float())
        instance[rows[own]] = thing[own] + sum(len(p) for p in part)
        part.append(torch.full_like(kept, label))
    nothing = labels.new_zeros(0)
    return boxed(
        instance,
        torch.cat([nothing, *part]),
        torch.cat([scores.new_zeros(0), *score]),
        cloud.world[cloud.rows],
    )


def boxed(instance: Tensor, part: Tensor, score: Tensor, world: Tensor) -> Instances:
    """Instances with the count and the box of their points.

    Args:
        instance: [N] int64, -1 none.
        part: [I] int64.
        score: [I] float32.
        world: [N, 3], the user's coordinates.
    """
    own = instance >= 0
    mine, at = instance[own], world[own].double()
    empty = at.new_full((len(part), 3), torch.inf)
    return Instances(
        instance,
        part,
        score,
        torch.bincount(mine, minlength=len(part)),
        empty.scatter_reduce(0, mine[:, None].expand_as(at), at, "amin"),
        (-empty).scatter_reduce(0, mine[:, None].expand_as(at), at, "amax"),
    )


def _things(
    rows: Tensor,
    atom: Tensor,
    edges: Tensor,
    evidence: Evidence | None,
    label: int,
    config: InstanceConfig,
) -> _Things:
    """What the points of one part, rows of the cloud, make up."""
    number, count = numbered(atom[rows])
    if evidence is None:
        return _Things(number, torch.zeros(count, dtype=torch.bool), torch.ones(count))
    piece = torch.full_like(atom, -1).index_put((rows,), number)
    near = piece[edges[:, piece[edges[0]] >= 0]]
    a, b, contact = pairs(near[0], near[1], torch.ones_like(near[0]), count)
    seen = sight(evidence, piece, count, label, config.shown)
    found = merge(Pieces(a, b, contact, seen, torch.arange(count)), config)
    iou = found.sight.confirmed_by()
    unknown = evidence.pixel is None
    return _Things(found.thing[number], iou > config.iou, torch.ones_like(iou) if unknown else iou)


def _largest_first(found: _Things, config: InstanceConfig) -> tuple[Tensor, Tensor]:
    """The things that are no specks, most points first, of equal ones that with the first point.

    Returns:
        thing: [n] int64, the place of each point's thing in that order, -1 for a speck's.
        kept: [I] int64, the things in that order.
    """
    size = torch.bincount(found.thing)
    first = torch.full_like(size, len(found.thing)).scatter_reduce(
        0, found.thing, torch.arange(len(found.thing)), "amin"
    )
    kept = first.argsort()
    kept = kept[size[kept].argsort(descending=True, stable=True)]
    speck = ~found.sure & (size < config.speck * size.max())
    kept = kept[~speck[kept]]
    place = torch.full_like(size, -1).index_put((kept,), torch.arange(len(kept)))
    return place[found.thing], kept
