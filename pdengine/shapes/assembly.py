"""Put surfaces together under part names, and make copies of them elsewhere."""

from collections.abc import Callable, Sequence
from math import cos, pi, sin

import numpy as np

from pdengine.shapes.curves import Array
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface


def moved(surface: Surface, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Surface:
    return Surface(surface.vertices + np.array([x, y, z]), surface.faces)


def turned(surface: Surface, axis: str, angle: float) -> Surface:
    """Rotate about an axis through the origin, radians, counterclockwise seen from its tip."""
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    vertices = surface.vertices.copy()
    a, b = surface.vertices[:, first], surface.vertices[:, second]
    vertices[:, first] = cos(angle) * a - sin(angle) * b
    vertices[:, second] = sin(angle) * a + cos(angle) * b
    return Surface(vertices, surface.faces)


def upright(surface: Surface) -> Surface:
    """Stand a slab up: its outline moves from the xz plane into the xy plane, top side front."""
    x, y, z = surface.vertices.T
    return Surface(np.stack([x, -z, y], 1), surface.faces)


def mirrored(*surfaces: Surface) -> list[Surface]:
    """The surfaces and their images on the other side of the plane x = 0."""
    other = [Surface(s.vertices * np.array([-1.0, 1.0, 1.0]), s.faces) for s in surfaces]
    return [*surfaces, *other]


def around(surface: Surface, count: int, start: float = 0.0) -> list[Surface]:
    """Copies spread evenly around the y axis."""
    return [turned(surface, "y", start + 2 * pi * k / count) for k in range(count)]


def between_floors(surfaces: Sequence[Surface], low: float, high: float) -> list[Surface]:
    """Saw the surfaces off flat at two heights, as the feet of slanted legs are."""
    limits = np.array([[-np.inf, low, -np.inf], [np.inf, high, np.inf]])
    return [Surface(np.clip(s.vertices, *limits), s.faces) for s in surfaces]


def reshaped(surface: Surface, change: Callable[[Array], Array]) -> Surface:
    return Surface(change(surface.vertices), surface.faces)


class Assembly:
    """Collects surfaces by part; ``mesh`` joins them into one labelled mesh."""

    def __init__(self, dice: Dice, parts: tuple[str, ...]) -> None:
        self.dice, self.parts = dice, parts
        self._surfaces: list[Surface] = []
        self._labels: list[int] = []

    def add(self, part: str, *surfaces: Surface) -> None:
        label = self.parts.index(part)
        self._surfaces += surfaces
        self._labels += [label] * len(surfaces)

    def mesh(self, finish: Callable[[Array], Array]) -> LabelledMesh:
        """Join everything, turn every surface outside out, and drop triangles without area.

        Args:
            finish: moves the joined vertices [V, 3] as one body, so touching parts keep touching.
        """
        face_counts = np.array([len(s.faces) for s in self._surfaces])
        vertex_counts = np.array([len(s.vertices) for s in self._surfaces])
        offsets = np.cumsum(vertex_counts) - vertex_counts
        faces = np.concatenate([s.faces for s in self._surfaces])
        faces = faces + np.repeat(offsets, face_counts)[:, None]
        vertices = finish(np.concatenate([s.vertices for s in self._surfaces]))
        label = np.repeat(np.array(self._labels, np.int32), face_counts)

        low, high = vertices.min(0), vertices.max(0)
        vertices = ((vertices - (low + high) / 2) / (high - low).max()).astype(np.float32)
        # A coordinate at a time, whose numbers lie side by side, is faster than a vector at a time.
        xyz = np.ascontiguousarray(vertices.T, np.float64)
        a, b, c = (xyz.take(corner, 1) for corner in np.ascontiguousarray(faces.T))
        u, v = b - a, c - a
        normal = np.empty_like(a)
        for k in range(3):
            i, j = (k + 1) % 3, (k + 2) % 3
            normal[k] = u[i] * v[j] - u[j] * v[i]
        # Closed surfaces enclose a positive volume when their faces look outwards.
        volume = np.add.reduceat((normal * a).sum(0), np.cumsum(face_counts) - face_counts)
        inside_out = np.repeat(volume < 0, face_counts)
        faces[inside_out] = faces[inside_out, ::-1]
        solid = (normal * normal).sum(0) > 1e-16
        return LabelledMesh(
            vertices,
            faces[solid].astype(np.int32),
            label[solid],
            self.parts,
            self.dice.category,
            self.dice.style,
        )
