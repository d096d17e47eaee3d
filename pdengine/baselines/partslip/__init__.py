"""PartSLIP (CVPR 2023): superpoints take the part whose detections hold them."""

from pdengine.baselines.partslip.pieces import pieces
from pdengine.baselines.partslip.vote import SuperpointVote, superpoint_vote

__all__ = ["SuperpointVote", "pieces", "superpoint_vote"]
