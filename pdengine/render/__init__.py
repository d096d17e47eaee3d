"""From a surface of points to what the cameras see."""

from pdengine.render.density import disc_radius
from pdengine.render.normals import estimate_normals
from pdengine.render.render import render
from pdengine.render.views_file import ViewsFile, read_views_file

__all__ = ["ViewsFile", "disc_radius", "estimate_normals", "read_views_file", "render"]
