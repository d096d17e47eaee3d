"""What stands next to every student result: voting, without any learning."""

from pdengine.baselines.nearest_vote import Vote, nearest_vote
from pdengine.baselines.partslip import (
    SuperpointVote,
    partslip_instances,
    pieces,
    superpoint_vote,
)

__all__ = [
    "SuperpointVote",
    "Vote",
    "nearest_vote",
    "partslip_instances",
    "pieces",
    "superpoint_vote",
]
