"""What the engine keeps of a run, for the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from pdengine.baselines import SuperpointVote, Vote
from pdengine.teach import Skipped
from pdengine.types import Detections, PointCloud, Units, Views


@dataclass(frozen=True)
class Trace:
    """What happened on the way to the last segmentation, for the report.

    Tensors are where the engine ran; the report takes them to the CPU.

    Attributes:
        views: what was rendered.
        detections: what the teacher said.
        skipped: the views that it failed in, of which detections and units say nothing.
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
    skipped: tuple[Skipped, ...] = ()
    superpoint_vote: SuperpointVote | None = None
