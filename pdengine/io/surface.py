"""A shape as it is drawn, in the frame of its labelled points."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pdengine.types import Mesh, MeshSurface, PointCloud, Shape, Surface


def surface_of(shape: Shape, cloud: PointCloud) -> Surface:
    """The triangles of a mesh, or the points of a cloud, in another cloud's unit sphere.

    Args:
        shape: what is to be drawn, in the same user coordinates as the cloud.
        cloud: its frame is taken.
    """
    if isinstance(shape, Mesh):
        return _triangles(shape, cloud)
    scale = shape.scale / cloud.scale
    shift = (shape.origin - cloud.origin) / cloud.scale
    if scale == 1 and not shift.any():
        return shape
    xyz = (shape.xyz.double() * scale + shift).float()
    return replace(shape, xyz=xyz, origin=cloud.origin, scale=cloud.scale)


def _triangles(mesh: Mesh, cloud: PointCloud) -> MeshSurface:
    vertices = (mesh.vertices.double() - cloud.origin) / cloud.scale
    return MeshSurface(
        vertices.float(), mesh.faces.int(), _normals(vertices, mesh.faces), mesh.colour
    )


def _normals(
    vertices: Tensor,  # [P, 3] float64
    faces: Tensor,  # [F, 3]
) -> Tensor:  # [F, 3] float32
    a, b, c = (vertices[corner] for corner in faces.unbind(1))
    cross = torch.linalg.cross(b - a, c - a)
    length = cross.norm(dim=1, keepdim=True)
    return torch.where(length > 0, cross / length, 0.0).float()
