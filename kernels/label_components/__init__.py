"""Connected components of maps of classes."""

from pdengine.kernels.label_components.op import Components, label_components

__all__ = ["Components", "label_components"]
