"""What a single camera sees of a shape: a scan before anybody has walked around it.

pdengine.render stands to the right of this room, so the two kernels it is made of are called here:
splat_points for the nearest disc per pixel, visible_points for the pixel of every point.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import ShapeError
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.sampling import Array, scatter

Faces = NDArray[np.int64]
Front = tuple[Array, Array, Faces, Array]  # xyz, normals, faces, cosine of the tilt

# Where a handheld scanner is, and an image that is fine enough for thin parts.
EYE_DISTANCE, EYE_ELEVATION = 2.5, (-10.0, 50.0)  # longest sides, degrees
IMAGE_PX, FOV_DEGREES = 768, 42.0
# A shape's front is 0.2 to 1.5: this many points lie at most 0.003 apart, and discs of 1.5 pixels,
# 0.004, close them into a surface.
IMAGE_POINTS = 150_000
DISC_PX = 1.5
# A disc is flat and the surface under it tilts, so it hides points up to its radius (0.004 and half
# a pixel) * tan(tilt) behind; beyond 80 degrees a surface hides itself, as a real sensor loses it.
DISC_RADIUS, STEEPEST = 0.005, 5.7

UNSEEN = "a shape must have a face that the camera can see, got none"


def from_one_side(
    mesh: LabelledMesh,
    count: int,
    rng: np.random.Generator,
) -> tuple[Array, Array, Faces, Array]:
    """Measure points evenly over the image of a camera at a random place.

    Returns:
        xyz [N, 3], their normals [N, 3], their faces [N] and the camera's place [3].

    Raises:
        ShapeError: the camera sees none of it: its faces look inwards, or it is not of our size.
    """
    import torch

    from pdengine.kernels.splat_points import splat_points
    from pdengine.kernels.visible_points import visible_points

    azimuth = rng.uniform(0, 2 * math.pi)
    elevation = math.radians(rng.uniform(*EYE_ELEVATION))
    level = math.cos(elevation)
    back = np.array([level * math.sin(azimuth), math.sin(elevation), level * math.cos(azimuth)])
    right = np.array([math.cos(azimuth), 0.0, -math.sin(azimuth)])
    eye = EYE_DISTANCE * back
    camera = (
        torch.from_numpy(np.stack([right, np.cross(right, back), -back])[None]).float(),
        torch.tensor([[0.0, 0.0, EYE_DISTANCE]]),
        torch.tensor([1 / math.tan(math.radians(FOV_DEGREES / 2))]),
    )
    first = _front(mesh, eye, rng)
    xyz32 = torch.from_numpy(first[0].astype(np.float32))
    depth = splat_points(xyz32, *camera, (IMAGE_PX, IMAGE_PX), DISC_PX).depth

    def seen(points: Front) -> tuple[Array, Array, Faces]:
        xyz, normals, face, cosine = points
        # At the largest tolerance it says in which pixel a point lies, behind whatever there is.
        xyz32 = torch.from_numpy(xyz.astype(np.float32))
        pixel = visible_points(xyz32, *camera, depth, 1e6)[0].numpy()
        behind = (eye - xyz) @ back - depth.numpy().reshape(-1)[pixel]
        tilt = np.sqrt(1 - np.minimum(cosine, 1) ** 2) / cosine
        rows = (pixel >= 0) & (behind <= DISC_RADIUS * np.clip(tilt, 0.5, STEEPEST))
        # An image shows a surface the smaller the more it is turned away.
        rows &= cosine > rng.random(len(xyz))
        return xyz[rows], normals[rows], face[rows]

    kept = [seen(first)]
    if len(kept[0][0]) == 0:
        raise ShapeError(UNSEEN)
    while sum(len(xyz) for xyz, _, _ in kept) < count:
        kept.append(seen(_front(mesh, eye, rng)))
    xyz, normals, face = (np.concatenate(column)[:count] for column in zip(*kept, strict=True))
    return xyz, normals, face, eye


def _front(mesh: LabelledMesh, eye: Array, rng: np.random.Generator) -> Front:
    """IMAGE_POINTS points by area on the faces that look at the camera."""
    vertices = mesh.vertices.astype(float)
    a, b, c = (vertices[mesh.faces[:, k]] for k in range(3))
    facing = np.flatnonzero((np.cross(b - a, c - a) * (eye - a)).sum(1) > 0)
    if len(facing) == 0:
        raise ShapeError(UNSEEN)
    xyz, normals, face, _ = scatter(vertices, mesh.faces[facing], IMAGE_POINTS, rng)
    ray = eye - xyz
    # Rounding may put a point of a face that is seen edge on behind its own plane.
    cosine = np.maximum((ray * normals).sum(1) / np.linalg.norm(ray, axis=1), 1e-6)
    return xyz, normals, facing[face], cosine
