"""PartSLIP (CVPR 2023): superpoints take the part whose detections hold them, and make things."""

from pdengine.baselines.partslip.instances import partslip_instances
from pdengine.baselines.partslip.pieces import pieces
from pdengine.baselines.partslip.vote import SuperpointVote, superpoint_vote

__all__ = ["SuperpointVote", "partslip_instances", "pieces", "superpoint_vote"]
