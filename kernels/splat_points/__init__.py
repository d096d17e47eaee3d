"""Points to z-buffers: the nearest point per pixel, in every view."""

from pdengine.kernels.splat_points.op import Splat, splat_points

__all__ = ["Splat", "splat_points"]
