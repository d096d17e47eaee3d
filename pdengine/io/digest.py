"""What a file holds, as a few characters: a cache's key, and proof of which file was read."""

from __future__ import annotations

import hashlib
import os

from pdengine.types import PointCloud, Shape


def file_sha256(path: str | os.PathLike[str]) -> str:
    """The digest of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def shape_sha256(shape: Shape) -> str:
    """The digest of a shape in memory: of coordinates, triangles and colours, in their order."""
    if isinstance(shape, PointCloud):
        tensors = (shape.world, shape.colour, shape.normals)
    else:
        tensors = (shape.vertices, shape.faces, shape.colour)
    digest = hashlib.sha256()
    for tensor in tensors:
        if tensor is None:
            digest.update(b"none\n")
            continue
        digest.update(f"{list(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
