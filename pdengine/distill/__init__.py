"""Distillation: a student learns from the units, and tells which of them to believe."""

from pdengine.distill.align import Alignment, align
from pdengine.distill.features import geometric_features
from pdengine.distill.prepared import Prepared, prepare
from pdengine.distill.rescore import rescore
from pdengine.distill.settled import Settled
from pdengine.distill.student import SparseUNet

__all__ = [
    "Alignment",
    "Prepared",
    "Settled",
    "SparseUNet",
    "align",
    "geometric_features",
    "prepare",
    "rescore",
]
