"""unit_agreement: the share of each unit's points on which the student agrees."""

from pdengine.kernels.unit_agreement.op import unit_agreement

__all__ = ["unit_agreement"]
