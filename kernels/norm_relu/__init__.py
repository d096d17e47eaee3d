"""norm_relu: a layer norm and what is positive of it, forward and backward in one pass each."""

from pdengine.kernels.norm_relu.op import norm_relu

__all__ = ["norm_relu"]
