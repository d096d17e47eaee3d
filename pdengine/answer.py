"""From the classes of the labelled points to the answer on the user's own rows."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pdengine._version import __version__
from pdengine.baselines import SuperpointVote, Vote, partslip_instances, pieces
from pdengine.carry import carry_back, carry_instances
from pdengine.devices import on
from pdengine.instances import Evidence, find_instances
from pdengine.published import PartSlipConfig, SuperpointConfig
from pdengine.types import Mesh, PartList, PointCloud, Segmentation, Shape, Units
from pdengine.wording import counted

_MOST = 0.99  # of the points, far from the rest: a scan with stray points
_LOST = (
    "named in a view, but at every point another part, or none, is likelier "
    "(more views or another word may help)"
)
_SPECK = 0.1  # of the radius: smaller than this the teacher finds nothing in 224 pixels


@dataclass(frozen=True)
class Answered:
    """An answer on the user's rows, and the same on the labelled points.

    Attributes:
        result: what the caller gets, on the CPU; the rest is where the cloud is.
        point_labels: [N] int64.
        point_scores: [N, R] float32.
        vote: the voting baseline with named parts only.
    """

    result: Segmentation
    point_labels: Tensor
    point_scores: Tensor
    vote: Vote


def nobody_voted(cloud: PointCloud, classes: int) -> Vote:
    """The baseline where there is no unit."""
    count, device = len(cloud), cloud.xyz.device
    nothing = torch.zeros(count, dtype=torch.bool, device=device)
    labels = torch.full((count,), -1, device=device)
    return Vote(labels, torch.zeros(count, classes, device=device), nothing)


def answer(
    shape: Shape,
    cloud: PointCloud,
    names: PartList,
    units: Units | None,
    vote: Vote,
    belief: Tensor | SuperpointVote | None,
    mode: str,
    meta: dict[str, Any],
) -> Answered:
    """Carry labels back; the class "none of them" becomes unlabelled.

    Args:
        shape: the user's.
        cloud: its N labelled points.
        names: R.
        units: what the labels come from; None where a student labels without a teacher.
        vote: the baseline, [N, classes] with classes R or R + 1.
        belief: [N, classes] float32, the student's answer; or what the superpoints say, whose
            labels are not always the highest share; None takes the vote's.
        mode: see EngineConfig.
        meta: what result.json says besides.
    """
    parts = len(names)
    pieces = belief if isinstance(belief, SuperpointVote) else None
    if isinstance(belief, SuperpointVote):
        labels, scores = belief.point_labels, belief.point_share
    elif belief is not None:
        labels, scores = belief.argmax(-1), belief
    else:
        labels, scores = vote.labels, vote.scores
    carried = carry_back(shape, cloud, labels, scores, vote.labels, by_majority=pieces is not None)
    faces = carried.face_labels
    point_labels = _named(labels, parts)
    rows = _named(carried.labels, parts)
    return Answered(
        Segmentation(
            labels=rows,
            scores=_of_named(carried.scores, carried.labels, parts),
            names=names.names,
            shape=shape,
            mode=mode,
            vote_labels=_named(carried.vote_labels, parts),
            face_labels=None if faces is None else _named(faces, parts),
            warnings=(*_strays(cloud), *_warnings(shape, names, units, point_labels, rows, pieces)),
            meta=meta,
        ),
        point_labels,
        _of_named(scores, labels, parts),
        replace(
            vote,
            labels=_named(vote.labels, parts),
            scores=_of_named(vote.scores, vote.labels, parts),
        ),
    )


def with_instances(
    answered: Answered,
    cloud: PointCloud,
    evidence: Evidence | None,
    voted: tuple[SuperpointVote, PartSlipConfig] | None = None,
) -> Answered:
    """The answer, and which single thing of its part each row belongs to.

    Args:
        answered: on points and rows.
        cloud: its points.
        evidence: what the views say, or None where there is no teacher.
        voted: what PartSLIP's superpoints said, and how it groups them; needs evidence.
    """
    result = answered.result
    # Superpoints are found on the CPU, and a user's rows are there.
    points, labels = on(cloud, "cpu"), answered.point_labels.cpu()
    evidence = on(evidence, "cpu")
    if voted is not None and evidence is not None and voted[1].instances.method == "published":
        found = partslip_instances(points, on(voted[0], "cpu"), evidence, voted[1])
    else:
        found = find_instances(points, labels, answered.point_scores.cpu(), evidence)
    carried = carry_instances(
        result.shape, points, labels, found, result.labels, result.face_labels
    )
    return replace(answered, result=replace(result, instances=carried))


def with_instances_of_units(
    answered: Answered, cloud: PointCloud, units: Units, config: SuperpointConfig
) -> Answered:
    """The same where only the units were kept, and not where the points lie in the views.

    Then no extents are compared.

    Args:
        units: of the cloud; where there is none, things are what hangs together.
        config: how the superpoints are cut.
    """
    told = len(units) > 0 and units.seen is not None
    evidence = Evidence(pieces(cloud, config), units) if told else None
    return with_instances(answered, cloud, evidence)


def versions() -> dict[str, str]:
    """What the labels were made with."""
    return {
        "pdengine": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _warnings(
    shape: Shape,
    names: PartList,
    units: Units | None,
    labels: Tensor,
    rows: Tensor,
    pieces: SuperpointVote | None,
) -> tuple[str, ...]:
    """What the user should know about this answer."""
    said = []
    if units is not None:
        if not units.name_a_part(len(names)):
            return ("no part was found in any view: every point is unlabelled",)
        if pieces is not None and pieces.voting == 0:
            best = float(units.score[units.label < len(names)].max())
            return (
                "no detection reaches partslip.detection_threshold: every point is unlabelled, "
                f"the best scores {best:.2f}",
            )
        said_of, given_to = (_present(of, len(names)) for of in (units.label, labels))
        for text, seen, became in (
            ("never seen in any view", False, False),
            ("never seen in any view, but what no view names became", False, True),
            (_LOST, True, False),
        ):
            found = [
                name
                for part, name in enumerate(names.names)
                if said_of[part] == seen and given_to[part] == became
            ]
            if found:
                said.append(f"{text}: {', '.join(found)}")
    rest = int((labels < 0).sum())
    if rest:
        percent = 100 * rest / len(labels)
        share = f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
        why = "are none of the named parts" if pieces is None else "lie in superpoints of no part"
        said.append(f"{share} of the points {why}: unlabelled")
    if not isinstance(shape, Mesh):
        broken = len(rows) - len(shape.rows)
        if broken:
            have, are = ("has", "is") if broken == 1 else ("have", "are")
            said.append(
                f"{counted(broken, 'row')} {have} no finite coordinate and {are} unlabelled"
            )
    return tuple(said)


def _present(labels: Tensor, parts: int) -> list[bool]:
    """Which parts occur; the host waits once for all of them."""
    found: list[bool] = torch.stack([(labels == part).any() for part in range(parts)]).tolist()
    return found


def _strays(cloud: PointCloud) -> tuple[str, ...]:
    """A sentence where so few points span the frame that the views show the rest as a speck."""
    if len(cloud) == 0:
        return ()
    most = max(1, int(_MOST * len(cloud)))
    # So many within a speck, and the others at most the frame's width away, vary by no more than
    # this: nearly every cloud varies more, and is not sorted.
    bound = (most * _SPECK**2 + (len(cloud) - most) * 2.0**2) / len(cloud)
    if float(cloud.xyz.var(0, correction=0).sum()) > 1.01 * bound:
        return ()
    away = (cloud.xyz - cloud.xyz.median(0).values).norm(dim=1)
    within = float(away.kthvalue(most).values)
    if not 0 < within < _SPECK:  # 0: equal points have no strays
        return ()
    share = f"{_MOST:.0%} of the points".replace("%", " %")
    return (
        f"{share} lie within {within:.1g} of the shape's radius, so the views show them as a "
        "speck: are there stray points to remove?",
    )


def _named(labels: Tensor, parts: int) -> Tensor:
    """The class "none of them" becomes unlabelled."""
    return torch.where(labels >= parts, -1, labels)


def _of_named(scores: Tensor, labels: Tensor, parts: int) -> Tensor:
    """The named parts' probabilities, 0 in rows that are none of them."""
    return torch.where((labels < parts)[:, None], scores[:, :parts], 0.0)
