"""Which points each view sees, and at which pixel."""

from pdengine.kernels.visible_points.op import visible_points

__all__ = ["visible_points"]
