"""The data that flows through the engine, left to right.

Every type is a frozen dataclass of tensors.  Shape letters are the same everywhere: V views,
N points, R parts, K units, M memberships, H W pixels, F faces.  Conventions: xyz right-handed,
camera +z forward, pixels x right and y down with (0, 0) the top-left corner of the image (so the
first pixel's centre is (0.5, 0.5)), boxes XYXY in pixels, -1 means none or unlabelled.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from pdengine.errors import SaveError
from pdengine.wording import counted


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Points in the unit sphere frame, and the way back to the user's own rows and coordinates.

    world = xyz * scale + origin.  Rows of the user's file that are not finite are not in xyz; they
    come back as unlabelled.  xyz, colour and normals may lie on a GPU; origin, rows and world are
    the user's side, and on the CPU.

    Attributes:
        xyz: [N, 3] float32, inside the unit sphere, right-handed.
        origin: [3] float64, the centre of the unit sphere in the user's coordinates.
        scale: the sphere's radius in the user's unit.
        rows: [N] int64, ascending: the user's row of each point.
        world: [rows in the file, 3] float64 or float32: the user's own coordinates, untouched.
        colour: [N, 3] float32 in [0, 1], or None.
        normals: [N, 3] float32 unit vectors, or None.
    """

    xyz: Tensor
    origin: Tensor
    scale: float
    rows: Tensor
    world: Tensor
    colour: Tensor | None = None
    normals: Tensor | None = None

    def __len__(self) -> int:
        return len(self.xyz)

    def __repr__(self) -> str:
        has = [name for name in ("colour", "normals") if getattr(self, name) is not None]
        return f"<PointCloud: {counted(len(self), 'point')}{''.join(f', {name}' for name in has)}>"


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in the user's own coordinates.

    Attributes:
        vertices: [vertices, 3] float64, the user's coordinates and order.
        faces: [F, 3] int64 into vertices, the user's order.  Polygons are split into fans.
        polygon: [F] int64, the user's polygon each triangle came from.
        colour: [vertices, 3] float32 in [0, 1], or None.
    """

    vertices: Tensor
    faces: Tensor
    polygon: Tensor
    colour: Tensor | None = None

    def __repr__(self) -> str:
        vertices = counted(len(self.vertices), "vertex", "vertices")
        return f"<Mesh: {vertices}, {counted(len(self.faces), 'face')}>"


Shape = PointCloud | Mesh


@dataclass(frozen=True)
class MeshSurface:
    """The triangles of a mesh in the unit sphere frame, ready to be drawn.

    Attributes:
        vertices: [P, 3] float32.
        faces: [F, 3] int32 into vertices, the mesh's order.
        normals: [F, 3] float32 unit vectors, right-handed; 0 where a triangle has no area.
        colour: [P, 3] float32 in [0, 1], or None.
    """

    vertices: Tensor
    faces: Tensor
    normals: Tensor
    colour: Tensor | None = None


Surface = PointCloud | MeshSurface


@dataclass(frozen=True)
class Cameras:
    """Pinhole cameras that look at the origin of the unit sphere frame.

    A point's camera coordinates are rotation @ xyz + translation (x right, y down, z forward).  Its
    pixel position is u = focal * (x / z) * (W / 2) + W / 2, v = focal * (y / z) * (W / 2) + H / 2:
    one focal serves both axes, and the field of view is horizontal.

    Attributes:
        rotation: [V, 3, 3] float32, world to camera.
        translation: [V, 3] float32.
        focal: [V] float32, in half image widths: 1 / tan(horizontal field of view / 2).
    """

    rotation: Tensor
    translation: Tensor
    focal: Tensor

    def __len__(self) -> int:
        return len(self.rotation)

    def only(self, views: Sequence[int]) -> Cameras:
        """Some of the cameras, in this order."""
        some = list(views)
        return Cameras(self.rotation[some], self.translation[some], self.focal[some])


@dataclass(frozen=True)
class Views:
    """What the cameras see.  The render is the visibility: index names the point behind each pixel.

    Attributes:
        images: [V, H, W, 3] float32 in [0, 1], white background.
        index: [V, H, W] int32, the winning point, or triangle, of the rendered surface, -1 where
            none.
        depth: [V, H, W] float32, distance along the view axis, inf where none.
        normals: [V, H, W, 3] float32, unit normals in the camera frame that face the camera
            (z <= 0), 0 where none.
        cameras: the cameras it was rendered with.
        has_colour: the images carry the shape's own colours (else they are shaded grey).
    """

    images: Tensor
    index: Tensor
    depth: Tensor
    normals: Tensor
    cameras: Cameras
    has_colour: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.index.shape[1], self.index.shape[2]

    def __len__(self) -> int:
        return len(self.index)

    def only(self, views: Sequence[int]) -> Views:
        """Some of the views, in this order."""
        some = list(views)
        return Views(
            self.images[some],
            self.index[some],
            self.depth[some],
            self.normals[some],
            self.cameras.only(some),
            self.has_colour,
        )


@dataclass(frozen=True)
class Boxes:
    """A detector's answer.

    Attributes:
        box: [B, 4] float32, XYXY in pixels.
        view: [B] int64.
        label: [B] int64, index into the part names.
        score: [B] float32 in [0, 1].
    """

    box: Tensor
    view: Tensor
    label: Tensor
    score: Tensor


@dataclass(frozen=True)
class Masks:
    """A segmenter's answer.

    Attributes:
        mask: [B, H, W] bool.
        view: [B] int64.
        label: [B] int64, index into the part names.
        score: [B] float32 in [0, 1].
    """

    mask: Tensor
    view: Tensor
    label: Tensor
    score: Tensor


@dataclass(frozen=True)
class PixelScores:
    """A dense answer: how much each pixel looks like each part.

    Attributes:
        score: [V, R, H, W] float32 in [0, 1]; the sum over R is at most 1, the
            rest is "none of them".
    """

    score: Tensor


Detections = Boxes | Masks | PixelScores


@dataclass(frozen=True)
class Units:
    """Knowledge units in compressed rows: unit k calls point[offsets[k]:offsets[k + 1]] label[k].

    Attributes:
        label: [K] int64, index into the part names; R, their number, is "none of them".
        score: [K] float32 in [0, 1].
        offsets: [K + 1] int64, ascending, offsets[0] = 0.
        point: [M] int64 into the cloud's xyz, ascending inside a unit.
        view: [K] int64, the view the unit came from.
        count: N, the number of points of the cloud.
        seen: [V, N] bool, the views that show each point, or None where nobody knows.
    """

    label: Tensor
    score: Tensor
    offsets: Tensor
    point: Tensor
    view: Tensor
    count: int
    seen: Tensor | None = None

    def __len__(self) -> int:
        return len(self.label)

    @property
    def unit(self) -> Tensor:
        """The unit of each membership. [M] int64."""
        each = torch.arange(len(self), device=self.label.device)
        return each.repeat_interleave(self.offsets.diff(), output_size=len(self.point))

    def classes(self, parts: int) -> int:
        """R, or R + 1 where a unit says "none of them": one more class until the very end."""
        return parts + int(bool((self.label == parts).any()))

    def among(self, views: Sequence[int], count: int) -> Units:
        """The same units where more views were drawn than were looked at.

        Args:
            views: which of them these units' views are, ascending.
            count: how many there are; the others show nothing to anybody.
        """
        place = torch.tensor(list(views), dtype=torch.int64, device=self.view.device)
        seen = self.seen
        if seen is not None:
            seen = seen.new_zeros(count, self.count).index_copy_(0, place, seen)
        return replace(self, view=place[self.view], seen=seen)

    def name_a_part(self, parts: int) -> bool:
        """At least one unit says more than "none of them"."""
        return bool((self.label < parts).any())


@dataclass(frozen=True)
class PartList:
    """Part names and, where the user gave one, the category.

    Attributes:
        names: the part names as the user wrote them, stripped, at least one, all different.
        category: e.g. "chair", or None.
    """

    names: tuple[str, ...]
    category: str | None = None

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Instances:
    """The single things that a part consists of: the four legs of a chair.

    They are numbered from 0 in the order of the parts, within a part the one with most points
    first.

    Attributes:
        instance: [rows] int64, as Segmentation.labels; -1 where a row is unlabelled, or in a speck
            too small to be a thing of its own.
        part: [I] int64, index into the part names, ascending.
        score: [I] float32 in [0, 1], see docs/instances.md.
        points: [I] int64: how many of the points that are labelled, or rows of the user's cloud.
        low, high: [I, 3] float64, the box around those points in the user's coordinates.
        face_instance: [F] int64 for a mesh, else None.
    """

    instance: Tensor
    part: Tensor
    score: Tensor
    points: Tensor
    low: Tensor
    high: Tensor
    face_instance: Tensor | None = None

    def __len__(self) -> int:
        return len(self.part)

    @property
    def number(self) -> Tensor:
        """The place of each instance within its part, from 0. [I] int64."""
        return torch.arange(len(self)) - torch.searchsorted(self.part, self.part)

    def counts(self, parts: int) -> Tensor:
        """How many instances each of R parts has. [R] int64."""
        return torch.bincount(self.part, minlength=parts)

    def names(self, parts: Sequence[str]) -> tuple[str, ...]:
        """leg_0, leg_1: the part's name and the number within it."""
        pairs = zip(self.part.tolist(), self.number.tolist(), strict=True)
        return tuple(f"{parts[part]}_{number}" for part, number in pairs)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The answer, on the user's own rows.  Its tensors are on the CPU, wherever the engine ran.

    Attributes:
        labels: [rows] int64, index into names, -1 unlabelled: one per row of the user's cloud, or
            per vertex of the user's mesh.
        scores: [rows, R] float32 in [0, 1], the probability of each part, in mode "partslip" the
            share of the superpoint inside its detections; 0 in unlabelled rows.
        names: the part names.
        shape: what was segmented.
        face_labels: [F] int64 for a mesh, else None.
        instances: which single thing each row belongs to, where it was asked for.
        mode: EngineConfig's, or "collection".
        vote_labels: [rows] int64, what the voting baseline says on the same units.
        timings: milliseconds per stage.
        warnings: what the user should know.
        meta: everything else that result.json carries: seed, versions, teacher, counts.
    """

    labels: Tensor
    scores: Tensor
    names: tuple[str, ...]
    shape: Shape
    mode: str
    vote_labels: Tensor
    face_labels: Tensor | None = None
    timings: dict[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    meta: dict[str, Any] = field(default_factory=dict)
    instances: Instances | None = None

    @property
    def found(self) -> bool:
        """At least one row has a part."""
        return bool((self.labels >= 0).any())

    def __repr__(self) -> str:
        rows = (self.labels + 1).bincount(minlength=len(self.names) + 1).tolist()
        counts = zip((*self.names, "unlabelled"), (*rows[1:], rows[0]), strict=True)
        return f"<Segmentation: {', '.join(f'{n:,} {name}' for name, n in counts if n)}>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a labelled file: path ends with .ply (scalars) or .glb (a node per part).

        Raises:
            SaveError: the file cannot be written, or not as this kind; an old one stays.
        """
        extension = os.path.splitext(path)[1].lower()
        if extension == ".glb":
            from pdengine.io.save_glb import save_glb as write
        elif extension == ".ply":
            from pdengine.io.save import save_ply as write
        else:
            why = "the extension must be .ply or .glb"
            raise SaveError(f"{os.fspath(path)!r}: cannot be written, {why}")
        write(self, path)
