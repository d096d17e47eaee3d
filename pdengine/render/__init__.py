"""From a surface of points to what the cameras see."""

from pdengine.render.density import disc_radius
from pdengine.render.normals import estimate_normals
from pdengine.render.render import render

__all__ = ["disc_radius", "estimate_normals", "render"]
