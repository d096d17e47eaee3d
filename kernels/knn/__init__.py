"""knn: the nearest points, exactly."""

from pdengine.kernels.knn.op import knn

__all__ = ["knn"]
