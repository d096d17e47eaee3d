"""The points of each region of a map of units."""

from pdengine.kernels.lift_pixels.op import lift_pixels

__all__ = ["lift_pixels"]
