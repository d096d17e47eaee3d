"""soft_cross_entropy: the distillation loss, its forward and gradient in one pass."""

from pdengine.kernels.soft_cross_entropy.op import soft_cross_entropy

__all__ = ["soft_cross_entropy"]
