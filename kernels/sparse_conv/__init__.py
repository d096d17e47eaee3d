"""sparse_conv: convolution over the pairs of a kernel map."""

from pdengine.kernels.sparse_conv.op import sparse_conv

__all__ = ["sparse_conv"]
