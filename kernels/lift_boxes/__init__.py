"""The points inside each box."""

from pdengine.kernels.lift_boxes.op import lift_boxes

__all__ = ["lift_boxes"]
