"""A GLB with a named node for every part, or for every single thing of it."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import SaveError
from pdengine.io.glb_writer import GlbWriter
from pdengine.io.palette import palette
from pdengine.io.save import replace_file
from pdengine.types import Mesh, Segmentation

Array = NDArray[Any]

_FAR = 8.0  # times the shape's extent: farther out float32 loses what a viewer shows


def save_glb(segmentation: Segmentation, path: str | os.PathLike[str]) -> None:
    """Write nodes named by part, or with instances leg_0, leg_1: a mesh's triangles or points.

    Each node has a mesh and a material of its name, in the part's colour of the PLY.  What belongs
    to a part and to none of its instances is a node with the part's name alone, what is unlabelled
    the node unlabelled.  A mesh's triangles go by the faces' labels, and corners between two nodes
    are in both; points that are not finite, and triangles with such a corner, are left out, as
    the format cannot hold them.

    Positions are float32 in the user's own frame.  For a shape far from the origin its middle is
    the nodes' translation, which is not rounded.

    Raises:
        SaveError: the file cannot be written, or would have 4 GiB or more; an old one stays.
    """
    shape = segmentation.shape
    world = shape.vertices if isinstance(shape, Mesh) else shape.world
    xyz = world.double().numpy()
    finite = np.isfinite(xyz).all(1)
    middle = _middle(xyz[finite])
    writer = GlbWriter(None if middle is None else middle.tolist())
    if middle is not None:
        xyz = xyz - middle
    node, names = _nodes(segmentation)
    things = len(shape.faces) if isinstance(shape, Mesh) else len(xyz)
    if len(node) != things:
        raise SaveError(f"labels must be one per row or face, {things}, got {len(node)}")
    colours = palette(len(segmentation.names))
    parts = _part_of_nodes(segmentation)
    kept = finite[shape.faces.numpy()].all(1) if isinstance(shape, Mesh) else finite
    for k, rows in _grouped(node, kept, len(names)):
        colour = colours[parts[k]]
        if isinstance(shape, Mesh):
            used, corners = np.unique(shape.faces.numpy()[rows], return_inverse=True)
            writer.add_triangles(names[k], xyz[used], corners.reshape(-1, 3), colour)
        else:
            writer.add_points(names[k], xyz[rows], np.tile(colour, (len(rows), 1)))
    replace_file(path, writer.blocks({"parts": list(segmentation.names)}))


def _middle(xyz: Array) -> Array | None:
    """The middle of a shape that is far from the origin, else None."""
    if len(xyz) == 0:
        return None
    low, high = xyz.min(0), xyz.max(0)
    if np.abs(xyz).max() <= _FAR * (high - low).max():
        return None
    middle: Array = (low + high) / 2
    return middle


def _nodes(segmentation: Segmentation) -> tuple[Array, list[str]]:
    """The node of each face or row, and the nodes' names: instances, parts, unlabelled."""
    mesh = isinstance(segmentation.shape, Mesh)
    labels = segmentation.face_labels if mesh else segmentation.labels
    if labels is None:
        raise SaveError("a segmentation of a mesh must have face_labels, got None")
    names, found = list(segmentation.names), segmentation.instances
    count = 0 if found is None else len(found)
    node = np.where(labels.numpy() >= 0, count + labels.numpy(), count + len(names))
    if found is None:
        return node, [*names, _unlabelled(names)]
    instance = found.face_instance if mesh else found.instance
    assert instance is not None, "a mesh's instances are on its faces too"
    node = np.where(instance.numpy() >= 0, instance.numpy(), node)
    return node, [*found.names(names), *names, _unlabelled(names)]


def _unlabelled(names: list[str]) -> str:
    """A name that no part has."""
    name = "unlabelled"
    while name in names:
        name += "_"
    return name


def _part_of_nodes(segmentation: Segmentation) -> list[int]:
    """The part of each node; -1, the palette's last colour, for what has none."""
    found = segmentation.instances
    instances = [] if found is None else found.part.tolist()
    return [*instances, *range(len(segmentation.names)), -1]


def _grouped(node: Array, kept: Array, count: int) -> list[tuple[int, Array]]:
    """Each node that has anything, and its rows in ascending order."""
    rows = np.flatnonzero(kept)
    rows = rows[np.argsort(node[rows], kind="stable")]
    ends = np.searchsorted(node[rows], np.arange(count + 1))
    return [(k, rows[ends[k] : ends[k + 1]]) for k in range(count) if ends[k + 1] > ends[k]]
