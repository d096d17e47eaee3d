"""The one thing this room gives away: a triangle mesh that knows the part of every face."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelledMesh:
    """A shape and its parts.

    Right-handed, y is up, the front looks along +z; the longest side of the bounding box is 1
    and its middle is the origin.

    Attributes:
        vertices: [V, 3] float32.
        faces: [F, 3] int32, counterclockwise seen from outside.
        face_label: [F] int32, index into ``parts``.
        parts: every part name of the category, also those this shape happens to lack.
        category: what the shape is, one of ``CATEGORIES``.
        style: which kind of it, as the category's file calls it: a "dining" chair.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    face_label: NDArray[np.int32]
    parts: tuple[str, ...]
    category: str
    style: str = ""
