"""Training data: generated shapes, disturbed, seen from everywhere, and stored at low precision."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from pdengine import shapes
from pdengine.cameras import look_at, rig
from pdengine.config import RenderConfig
from pdengine.io import sample_mesh, surface_of
from pdengine.render import estimate_normals, render
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.materials import material_colours
from pdengine.shapes.sampling import outside_holes, scatter
from pdengine.teach.embedded.held_out import STYLES
from pdengine.teach.embedded.inputs import SIDE, pool
from pdengine.teach.embedded.layout import Layout
from pdengine.types import Cameras, Mesh, PointCloud, Surface

_DEPTH_STEPS = 16_000.0

FIELDS: dict[str, tuple[tuple[int, ...], str]] = {
    "normals": ((3, SIDE, SIDE), "int8"),  # times 127
    "depth": ((SIDE, SIDE), "int16"),  # times _DEPTH_STEPS
    "share": ((SIDE, SIDE), "uint8"),  # times 255
    "bright": ((SIDE, SIDE), "int8"),  # times 127
    "label": ((SIDE, SIDE), "int8"),  # part of the category, -1 none
    "category": ((), "int64"),  # of the layout
    "up": ((3,), "float32"),  # in the camera frame
    "focal": ((), "float32"),
    "distance": ((), "float32"),
    "held_out": ((), "bool"),  # of a style that is kept for validation
}


DRAWN_AS_MESHES = 0.2  # of the training shapes; the others are drawn as points


@dataclass(frozen=True)
class Sample:
    """Points of a shape, or its triangles, with the part of each."""

    surface: Surface
    part: Tensor  # [N] or [F] int64
    style: str = ""

    @property
    def cloud(self) -> PointCloud:
        """The surface of a sample that is drawn as points."""
        assert isinstance(self.surface, PointCloud)
        return self.surface


def sample_shape(category: str, seed: int, rng: np.random.Generator | None) -> Sample:
    """A generated shape in the unit sphere frame.

    Args:
        rng: chooses between points and triangles and disturbs proportions, density, positions,
            normals, completeness and colours; None keeps the shape as it was made, as dense points.
    """
    mesh = shapes.make(category, seed)
    vertices = mesh.vertices.astype(np.float64)
    if rng is not None:
        vertices = vertices * np.exp(rng.normal(0, 0.13, 3))
        if rng.random() < DRAWN_AS_MESHES:
            return _triangles(mesh, vertices, rng)
    return _points(mesh, vertices, rng or np.random.default_rng(seed), rng is not None)


def mesh_sample(category: str, seed: int) -> Sample:
    """A generated shape as it was made, as triangles in the unit sphere frame."""
    mesh = shapes.make(category, seed)
    return _triangles(mesh, mesh.vertices.astype(np.float64), None)


def _triangles(
    mesh: LabelledMesh, vertices: NDArray[np.float64], rng: np.random.Generator | None
) -> Sample:
    faces = torch.from_numpy(mesh.faces.astype(np.int64))
    label = torch.from_numpy(mesh.face_label.astype(np.int64))
    colour = None
    if rng is not None and rng.random() < 0.5:
        tint, grain = material_colours(len(mesh.parts), rng)
        part = np.zeros(len(vertices), np.int64)  # parts share no vertex
        part[mesh.faces] = mesh.face_label[:, None]
        noisy = tint[part] + rng.normal(0, 1, (len(part), 1)) * grain[part, None]
        colour = torch.from_numpy(noisy).float().clamp(0, 1)
    drawn = Mesh(torch.from_numpy(vertices), faces, torch.arange(len(faces)), colour)
    frame = sample_mesh(drawn, 1, 0).cloud  # whatever the number of points
    return Sample(surface_of(drawn, frame), label, mesh.style)


def _points(
    mesh: LabelledMesh, vertices: NDArray[np.float64], pick: np.random.Generator, disturbed: bool
) -> Sample:
    rng = pick if disturbed else None
    count, noise = 60_000, 0.0
    if rng is not None:
        sparse = rng.random() < 0.35
        count = int(np.exp(rng.uniform(*np.log((2_500, 20_000) if sparse else (30_000, 90_000)))))
    xyz, normals, face, origin = scatter(vertices, mesh.faces, count, pick)
    scale = float(np.linalg.norm(vertices - origin, axis=1).max())
    xyz = (xyz - origin) / scale
    keep = np.ones(count, bool)
    estimated = False
    if rng is not None:
        noise = rng.exponential(0.003) if rng.random() < 0.4 else 0.0
        xyz = xyz + rng.normal(0, 1, xyz.shape) * noise
        if rng.random() < 0.35:
            normals = normals + rng.normal(0, 1, normals.shape) * rng.uniform(0, 0.3)
        holes = int(rng.integers(0, 4)) if rng.random() < 0.25 else 0
        keep = outside_holes(xyz, holes, (0.03, 0.15), rng)
        estimated = sparse and rng.random() < 0.6
    points = torch.from_numpy(xyz[keep]).float()
    direction = estimate_normals(points) if estimated else torch.from_numpy(normals[keep]).float()
    cloud = PointCloud(
        xyz=points,
        origin=torch.from_numpy(origin),
        scale=scale,
        rows=torch.arange(len(points)),
        world=points,
        normals=direction,
    )
    label = torch.from_numpy(mesh.face_label[face[keep]].astype(np.int64))
    if rng is not None and rng.random() < 0.5:
        tint, grain = material_colours(len(mesh.parts), rng)
        noisy = rng.normal(0, 1, (len(label), 1)) * grain[label, None]
        cloud = replace(cloud, colour=torch.from_numpy(tint[label] + noisy).float().clamp(0, 1))
    return Sample(cloud, label, mesh.style)


def random_cameras(views: int, rng: np.random.Generator, upright: float = 0.6) -> Cameras:
    """Cameras anywhere; a share of them nearly upright, between 30 below and 70 degrees above."""
    stands = torch.from_numpy(rng.random(views) < upright)
    azimuth = torch.from_numpy(rng.uniform(0, 2 * math.pi, views))
    elevation = torch.from_numpy(np.deg2rad(rng.uniform(-30, 70, views)))
    eye = torch.stack(
        [elevation.cos() * azimuth.sin(), elevation.sin(), elevation.cos() * azimuth.cos()], 1
    )
    anywhere = F.normalize(torch.from_numpy(rng.normal(size=(views, 3))), dim=1)
    eye = torch.where(stands[:, None], eye, anywhere).float()
    distance = torch.from_numpy(rng.uniform(1.7, 3.2, views)).float()
    # Half the angle under which the unit sphere is seen, and how much of the image it fills.
    half = torch.asin(1 / distance)
    fill = torch.from_numpy(rng.uniform(0.7, 1.1, views)).float()
    fov = torch.rad2deg(2 * torch.atan(half.tan() / fill))
    cameras = look_at(eye * distance[:, None], torch.tensor([0.0, 1.0, 0.0]), fov)
    roll = np.where(stands.numpy(), rng.normal(0, 8, views), rng.uniform(-180, 180, views))
    c, s = (torch.from_numpy(f(np.deg2rad(roll))).float() for f in (np.cos, np.sin))
    zero, one = torch.zeros(views), torch.ones(views)
    turn = torch.stack([c, -s, zero, s, c, zero, zero, zero, one], 1).view(views, 3, 3)
    return Cameras(turn @ cameras.rotation, cameras.translation, cameras.focal)


def picture(
    category: int, sample: Sample, cameras: Cameras, held_out: bool = False
) -> dict[str, NDArray[np.generic]]:
    """The stored form of a shape's views: one row per view, see FIELDS."""
    size = (2 * SIDE, 2 * SIDE)
    views = render(sample.surface, cameras, RenderConfig(size=size))
    normals, depth, bright, share = pool(views)
    index = views.index[:, ::2, ::2]
    label = torch.where(index >= 0, sample.part[index.clamp_min(0).long()], -1)
    count = len(cameras)
    rows = {
        "normals": (normals * 127).round(),
        "depth": (depth * _DEPTH_STEPS).round(),
        "share": (share * 255).round(),
        "bright": (bright * 127).round(),
        "label": label,
        "category": torch.full((count,), category),
        "up": cameras.rotation[:, :, 1],
        "focal": cameras.focal,
        "distance": cameras.translation[:, 2],
        "held_out": torch.full((count,), held_out),
    }
    return {name: rows[name].numpy().astype(kind) for name, (_, kind) in FIELDS.items()}


def training_rows(
    layout: Layout, category: str, seed: int, views: int
) -> dict[str, NDArray[np.generic]]:
    """Random views of one disturbed training shape."""
    rng = np.random.default_rng([seed, zlib.crc32(category.encode())])
    sample = sample_shape(category, seed, rng)
    held_out = sample.style == STYLES.get(category)
    cameras = random_cameras(views, rng)
    return picture(layout.categories.index(category), sample, cameras, held_out)


def validation_rows(
    layout: Layout, category: str, seed: int, views: int, upright: bool
) -> dict[str, NDArray[np.generic]]:
    """Views of an undisturbed held-out shape: PartSLIP's ten, or of any orientation.

    Shapes of odd seeds are drawn as meshes.
    """
    cameras = rig("partslip10")
    if not upright:
        cameras = random_cameras(views, np.random.default_rng(seed), upright=0.0)
    sample = mesh_sample(category, seed) if seed % 2 else sample_shape(category, seed, None)
    return picture(layout.categories.index(category), sample, cameras)


class Store:
    """Rows in memory-mapped files, one per field."""

    def __init__(self, folder: Path, rows: int | None = None) -> None:
        """Open a store, or make one of this many rows."""
        folder.mkdir(parents=True, exist_ok=True)
        self.fields: dict[str, NDArray[np.generic]] = {}
        for name, (shape, kind) in FIELDS.items():
            path = folder / f"{name}.npy"
            if rows is None:
                self.fields[name] = np.load(path, mmap_mode="r")
            else:
                self.fields[name] = np.lib.format.open_memmap(
                    path, mode="w+", dtype=kind, shape=(rows, *shape)
                )

    def __len__(self) -> int:
        return len(self.fields["label"])

    def write(self, start: int, rows: dict[str, NDArray[np.generic]]) -> None:
        for name, values in rows.items():
            self.fields[name][start : start + len(values)] = values

    def read(
        self, rows: NDArray[np.int64], device: torch.device | None = None
    ) -> dict[str, Tensor]:
        """Rows as tensors on a device, None: the CPU; floats in their own units."""
        fields = self.fields.items()
        raw = {name: torch.from_numpy(values[rows]).to(device) for name, values in fields}
        raw["normals"] = raw["normals"].float() / 127
        raw["depth"] = raw["depth"].float() / _DEPTH_STEPS
        raw["share"] = raw["share"].float() / 255
        raw["bright"] = raw["bright"].float() / 127
        raw["label"] = raw["label"].long()
        return raw
