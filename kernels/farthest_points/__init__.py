"""farthest_points: points that spread evenly over a cloud."""

from pdengine.kernels.farthest_points.op import farthest_points

__all__ = ["farthest_points"]
