"""Triangles to z-buffers: the nearest triangle per pixel, in every view."""

from pdengine.kernels.raster_triangles.op import Raster, raster_triangles

__all__ = ["Raster", "raster_triangles"]
