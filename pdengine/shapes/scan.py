"""What a sensor makes of a shape: points, seen from one side or all, noisy, with holes, coloured.

Lengths are shares of the shape's longest side, which is 1.  A mesh of pdengine.shapes has no unit.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import ConfigError
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.materials import Colours, material_colours
from pdengine.shapes.one_side import from_one_side
from pdengine.shapes.sampling import outside_holes, scatter

COLOURS = ("none", "parts", "random")
HOLE_RADIUS = (0.02, 0.08)


def _check(name: str, ok: bool, rule: str, value: object) -> None:
    if not ok:
        raise ConfigError(f"{name} must be {rule}, got {value!r}")


@dataclass(frozen=True)
class ScanConfig:
    """What the sensor does, in the order in which it does it.

    Attributes:
        points: how many are measured, evenly over the surface (one_side: over the image).
        one_side: only what one camera sees, which stands 2.5 longest sides from the middle,
            anywhere around the shape and between 10 degrees below and 50 above it.
        holes: so many balls of radius 0.02 to 0.08 around measured points are cut out; the points
            in them are gone, so fewer than ``points`` are left.
        noise: standard deviation along each axis, as a share of the longest side.
        colour: "none", "parts" (the palette's colour of the part) or "random" (a material's colour
            per part, with a little variation from point to point).
    """

    points: int = 10_000
    one_side: bool = False
    holes: int = 0
    noise: float = 0.0
    colour: str = "none"

    def __post_init__(self) -> None:
        _check("points", 1 <= self.points <= 10**7, "between 1 and 10,000,000", self.points)
        _check("holes", 0 <= self.holes <= 100, "between 0 and 100", self.holes)
        _check("noise", 0 <= self.noise <= 0.5, "in [0, 0.5]", self.noise)
        _check("colour", self.colour in COLOURS, f"one of {', '.join(COLOURS)}", self.colour)


@dataclass(frozen=True)
class LabelledCloud:
    """Measured points and their parts, in the frame of the mesh.

    Attributes:
        xyz: [N, 3] float32.
        normals: [N, 3] float32, the surface's own there, outwards, without noise.
        label: [N] int32, index into ``parts``.
        parts: every part name of the category.
        category: what the shape is.
        colour: [N, 3] float32 in [0, 1], or None.
        eye: [3] float32, where the camera stood, or None where it saw every side.
    """

    xyz: NDArray[np.float32]
    normals: NDArray[np.float32]
    label: NDArray[np.int32]
    parts: tuple[str, ...]
    category: str
    colour: Colours | None = None
    eye: NDArray[np.float32] | None = None


def scan(mesh: LabelledMesh, config: ScanConfig, seed: int) -> LabelledCloud:
    """Measure a shape.  The same arguments give the same bytes.

    Args:
        mesh: of pdengine.shapes; closed surfaces that face outwards.
        config: what the sensor does.
        seed: of the points, the camera, the holes, the noise and the colours.

    Raises:
        ConfigError: a negative seed.
        ShapeError: one_side, and the camera sees none of it.
    """
    _check("seed", seed >= 0, "at least 0", seed)
    rng = _rng(mesh, seed, "scan")
    if config.one_side:
        xyz, normals, face, eye = from_one_side(mesh, config.points, rng)
    else:
        eye = None
        xyz, normals, face, _ = scatter(mesh.vertices.astype(float), mesh.faces, config.points, rng)
    left = outside_holes(xyz, config.holes, HOLE_RADIUS, rng)
    xyz, normals, label = xyz[left], normals[left], mesh.face_label[face[left]]
    if config.noise > 0:
        xyz = xyz + rng.normal(0, config.noise, xyz.shape)
    return LabelledCloud(
        xyz.astype(np.float32),
        normals.astype(np.float32),
        label,
        mesh.parts,
        mesh.category,
        _paint(mesh, label, config.colour, seed),
        None if eye is None else eye.astype(np.float32),
    )


def part_colours(mesh: LabelledMesh, colour: str, seed: int) -> Colours | None:
    """The colour of every part, as ScanConfig.colour says: a mesh has the same as its scan.

    Returns:
        [parts, 3] float32 in [0, 1], or None for "none".
    """
    if colour == "none":
        return None
    if colour == "parts":
        from pdengine.io import palette

        table = palette(len(mesh.parts))[:-1]
        return np.asarray(table / np.float32(255), np.float32)
    return material_colours(len(mesh.parts), _rng(mesh, seed, "colour"))[0]


def _paint(mesh: LabelledMesh, label: NDArray[np.int32], colour: str, seed: int) -> Colours | None:
    """The colour of every point: its part's, and a material's varies from point to point."""
    table = part_colours(mesh, colour, seed)
    if table is None or colour == "parts":
        return None if table is None else table[label]
    rng = _rng(mesh, seed, "colour")
    grain = material_colours(len(mesh.parts), rng)[1]
    change = rng.normal(0, 1, (len(label), 1)) + rng.normal(0, 0.25, (len(label), 3))
    return np.asarray(np.clip(table[label] + grain[label, None] * change, 0, 1), np.float32)


def _rng(mesh: LabelledMesh, seed: int, what: str) -> np.random.Generator:
    """Numbers of their own for every category, seed and purpose."""
    return np.random.default_rng([zlib.crc32(f"{what} {mesh.category}".encode()), seed])
