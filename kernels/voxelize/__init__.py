"""voxelize: points to the sorted, unique voxels that hold them."""

from pdengine.kernels.voxelize.op import Voxels, voxelize

__all__ = ["Voxels", "voxelize"]
