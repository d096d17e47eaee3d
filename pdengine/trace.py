"""What the engine keeps of a run: for the report, and between two answers on one shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from pdengine.baselines import SuperpointVote, Vote
from pdengine.types import Detections, PartList, PointCloud, Units, Views


@dataclass(frozen=True)
class Trace:
    """What happened on the way to the last segmentation, for the report.

    Tensors are where the engine ran; the report takes them to the CPU.

    Attributes:
        views: what was rendered.
        detections: what the teacher said.
        units: the knowledge units, with their final scores.
        cloud: the points that were labelled.
        vote: the voting baseline on the same units.
        point_labels: [N] int64, the final labels of the cloud's points.
        point_scores: [N, R] float32.
        losses: the alignment's loss per step, empty in other modes than "tta".
        rescored_at: the step of the backward distillation, or None.
        superpoint_vote: what each superpoint said, and the superpoint of each point, in mode
            "partslip"; else None.
    """

    views: Views
    detections: Detections
    units: Units
    cloud: PointCloud
    vote: Vote
    point_labels: Tensor
    point_scores: Tensor
    losses: Sequence[float]
    rescored_at: int | None
    superpoint_vote: SuperpointVote | None = None


@dataclass(frozen=True)
class Taught:
    """What the teacher said of a shape.

    Attributes:
        names: the parts that were asked for.
        up: the axis that the views stand on.
        up_scores: how well each candidate did, empty where the axis was given.
        detections: the teacher's answer.
        units: the answer on the points.
    """

    names: PartList
    up: str
    up_scores: dict[str, float]
    detections: Detections
    units: Units
