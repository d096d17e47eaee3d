"""When two pieces of a part are one thing."""

from __future__ import annotations

from dataclasses import dataclass

from pdengine.errors import check_setting
from pdengine.published import (
    PARTSLIP_INSTANCE_GAP,
    PARTSLIP_INSTANCE_IOU,
    PARTSLIP_INSTANCE_PROFILE,
    PARTSLIP_INSTANCE_SIZE_RATIO,
)


@dataclass(frozen=True)
class InstanceConfig:
    """PartSLIP's rule (Liu et al., CVPR 2023) with its constants, and what ours needs besides.

    Attributes:
        gap: pieces closer than this may be one thing, in units of the unit sphere; PartSLIP's, of
            bounding boxes there, of points here.
        profile: pieces whose shares inside the views' units differ by less may be one thing:
            PartSLIP's, of the larger sum of shares.
        size_ratio: PartSLIP's; a piece with this many times the points of another does not take it
            for its profile alone.
        iou: a thing is confirmed by a unit of its part with which its extent in a view has more
            than this intersection over union; PartSLIP's.
        shown: ours: a view says nothing about a piece of which it shows a smaller share.
        inside: ours: a unit holds a piece with more than this share of its visible points.
        speck: ours: a thing that no unit confirms is a speck below this share of the points of the
            largest thing of its part.
        neighbours: ours: points within the part that each point may touch.
        stretch: ours: points touch up to this many times the distance of a point's fourth
            neighbour, where that is more than gap: in a sparse cloud nothing is closer than gap.
    """

    gap: float = PARTSLIP_INSTANCE_GAP
    profile: float = PARTSLIP_INSTANCE_PROFILE
    size_ratio: float = PARTSLIP_INSTANCE_SIZE_RATIO
    iou: float = PARTSLIP_INSTANCE_IOU
    shown: float = 0.1
    inside: float = 0.5
    speck: float = 0.1
    neighbours: int = 10
    stretch: float = 2.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("gap", 0, 2),
            ("profile", 0, 2),
            ("size_ratio", 1, 1e9),
            ("iou", 0, 1),
            ("shown", 0, 1),
            ("inside", 0, 1),
            ("speck", 0, 1),
            ("neighbours", 1, 100),
            ("stretch", 1, 100),
        ):
            value = getattr(self, name)
            check_setting(name, low <= value <= high, f"in [{low}, {high:g}]", value)
