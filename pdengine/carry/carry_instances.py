"""From the instances of labelled points back to the user's own rows, vertices and faces."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from pdengine.instances import boxed
from pdengine.kernels.knn import knn
from pdengine.types import Instances, Mesh, PointCloud, Shape

_BLOCK = 1 << 20  # rows at once


def carry_instances(
    shape: Shape,
    cloud: PointCloud,
    labels: Tensor,  # [N]
    found: Instances,
    rows: Tensor,  # [rows]
    faces: Tensor | None = None,  # [F]
) -> Instances:
    """Give every row the instance of its nearest labelled point of the same part.

    A row that is a labelled point keeps that point's.  Where that point is in no instance the row
    is in none, and so is a row of a part that no point has.

    Args:
        shape: the user's cloud or mesh.
        cloud: the N labelled points, on the CPU as everything here.
        labels: int64, -1 unlabelled.
        found: the instances of the points.
        rows: int64, the labels that were carried to the user's rows.
        faces: int64, those of a mesh's faces.

    Returns:
        Instances of the rows.  Points and boxes are counted on a cloud's rows, and on the points
        that were sampled on a mesh.
    """
    if isinstance(shape, Mesh):
        instance = _nearest(shape.vertices, rows, cloud, labels, found)
        assert faces is not None
        of_faces = torch.full_like(faces, -1)
        for some in (faces >= 0).nonzero()[:, 0].split(_BLOCK):
            centre = shape.vertices[shape.faces[some]].mean(1)
            of_faces[some] = _nearest(centre, faces[some], cloud, labels, found)
        return replace(found, instance=instance, face_instance=of_faces)
    left = rows.clone()
    left[cloud.rows] = -1
    instance = _nearest(shape.world, left, cloud, labels, found)
    instance[cloud.rows] = found.instance
    return boxed(instance, found.part, found.score, shape.world)


def _nearest(
    world: Tensor, rows: Tensor, cloud: PointCloud, labels: Tensor, found: Instances
) -> Tensor:
    """The instance of the nearest point of each row's part; -1 where rows is."""
    out = torch.full_like(rows, -1)
    for part in rows[rows >= 0].unique().tolist():
        points = (labels == part).nonzero()[:, 0]
        if len(points) == 0:
            continue
        for some in (rows == part).nonzero()[:, 0].split(_BLOCK):
            query = ((world[some].double() - cloud.origin) / cloud.scale).float()
            near = knn(query, cloud.xyz[points], 1)[0][:, 0]
            out[some] = found.instance[points[near]]
    return out
