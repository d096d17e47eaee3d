"""PartSLIP (CVPR 2023): superpoints vote with the boxes that cover them."""

from pdengine.baselines.partslip.pieces import pieces

__all__ = ["pieces"]
