"""kernel_map: which voxel feeds which through which tap of a sparse convolution."""

from pdengine.kernels.kernel_map.op import KernelMap, stride_map, submanifold_map

__all__ = ["KernelMap", "stride_map", "submanifold_map"]
