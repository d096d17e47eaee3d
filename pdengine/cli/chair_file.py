"""The demo's input: a chair as anybody's file, with no label in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pdengine.io import replace_file
from pdengine.shapes import make


def write_chair(path: Path, seed: int) -> None:
    """Write a procedural chair as a binary PLY mesh.

    Raises:
        SaveError: the file cannot be written.
    """
    chair = make("chair", seed)
    faces = np.empty(len(chair.faces), [("n", "u1"), ("corner", "<i4", 3)])
    faces["n"] = 3
    faces["corner"] = chair.faces
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {len(chair.vertices)}\n"
        "property float x\nproperty float y\nproperty float z\n"
        f"element face {len(faces)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    replace_file(path, [header.encode(), chair.vertices.astype("<f4").tobytes(), faces.tobytes()])
