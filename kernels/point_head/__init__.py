"""point_head: from what voxels and points say to one logit per point and part."""

from pdengine.kernels.point_head.op import point_head

__all__ = ["point_head"]
