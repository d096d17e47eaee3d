"""superpoints: a cloud in pieces that lie on one part each, as far as geometry and colour tell."""

from pdengine.kernels.superpoints.op import superpoints

__all__ = ["superpoints"]
