"""unit_targets: knowledge units to one soft target per point and part."""

from pdengine.kernels.unit_targets.op import unit_targets

__all__ = ["unit_targets"]
