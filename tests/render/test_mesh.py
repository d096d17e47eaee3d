"""A mesh is drawn as a mesh: its own triangles, normals and colours."""

from __future__ import annotations

import math

import pytest
import torch

from pdengine import shapes
from pdengine.cameras import rig
from pdengine.config import RenderConfig
from pdengine.io import mesh_from_arrays, sample_mesh, surface_of
from pdengine.render import render
from pdengine.types import Mesh, PointCloud

CONFIG = RenderConfig(size=(160, 160))


def square(side: float = 1.0, colour: torch.Tensor | None = None) -> Mesh:
    """Two triangles in the plane z = 0."""
    corner = torch.tensor([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]).double() * side / 2
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]])
    return Mesh(corner, faces, torch.arange(2), colour)


def chair() -> Mesh:
    made = shapes.make("chair", 2)
    return mesh_from_arrays(made.vertices, made.faces)


def test_a_triangle_knows_its_normal_and_a_needle_has_none() -> None:
    mesh = square()
    needle = torch.tensor([[0, 1, 1]])
    mesh = Mesh(mesh.vertices, torch.cat([mesh.faces, needle]), torch.arange(3))
    surface = surface_of(mesh, sample_mesh(mesh, 100, 0).cloud)
    assert surface.normals.tolist() == [[0, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_a_mesh_lies_where_its_sampled_points_lie() -> None:
    mesh = chair()
    far = Mesh(mesh.vertices * 3e-3 + 6.7e6, mesh.faces, mesh.polygon)  # millimetres, far from zero
    for given in (mesh, far):
        cloud = sample_mesh(given, 500, 0).cloud
        surface = surface_of(given, cloud)
        assert surface.vertices.norm(dim=1).max() == pytest.approx(1, abs=1e-5)
        a, b, c = surface.vertices[surface.faces.long()].unbind(1)
        area = torch.linalg.cross(b - a, c - a).norm(dim=1)
        centroid = ((a + b + c) / 3 * area[:, None]).sum(0) / area.sum()
        assert centroid.abs().max() < 1e-4


def test_a_cloud_moves_into_the_frame_of_another() -> None:
    cloud = sample_mesh(chair(), 500, 0).cloud
    assert surface_of(cloud, cloud) is cloud
    half = PointCloud(cloud.xyz[:250], cloud.origin + 1, 2 * cloud.scale, cloud.rows, cloud.world)
    moved = surface_of(half, cloud)
    torch.testing.assert_close(moved.xyz, cloud.xyz[:250] * 2 + 1 / cloud.scale)
    assert moved.scale == cloud.scale


def test_triangles_are_drawn_where_dense_points_are() -> None:
    mesh = chair()
    cloud = sample_mesh(mesh, 400_000, 0).cloud
    cameras = rig(4)
    triangles = render(surface_of(mesh, cloud), cameras, CONFIG)
    discs = render(cloud, cameras, RenderConfig(size=(160, 160), radius_px=0.6))
    both = (triangles.index >= 0) & (discs.index >= 0)
    either = (triangles.index >= 0) | (discs.index >= 0)
    assert both.sum() > 0.9 * either.sum()  # discs overlap the silhouette
    assert (triangles.depth - discs.depth)[both].abs().median() < 0.01
    agree = (triangles.normals * discs.normals).sum(-1)[both]
    assert agree.median() > 0.999
    assert not triangles.has_colour
    assert (triangles.normals[..., 2] <= 0).all()
    assert triangles.images[triangles.index < 0].eq(1).all()


def test_thin_parts_keep_their_width() -> None:
    """A strip of 0.02 seen from the front is as wide as it is, not as a disc is."""
    strip = square()
    strip = Mesh(strip.vertices * torch.tensor([0.04, 2.0, 1.0]), strip.faces, strip.polygon)
    views = render(surface_of(strip, sample_mesh(strip, 100, 0).cloud), rig(1), CONFIG)
    rows = (views.index[0] >= 0).sum(1)
    camera = views.cameras
    width = 0.04 / 2.0 / math.dist([0, 0, 0], camera.translation[0].tolist())
    assert rows[80] == pytest.approx(width * float(camera.focal[0]) * 80, abs=1.01)


def test_colours_are_mixed_from_the_corners() -> None:
    corner = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]])
    mesh = square(colour=corner)  # red below, blue above
    views = render(surface_of(mesh, sample_mesh(mesh, 100, 0).cloud), rig(1), CONFIG)
    assert views.has_colour
    seen = views.index[0] >= 0
    column = views.images[0, :, 80][seen[:, 80]]
    hue = column / column.sum(-1, keepdim=True)
    assert (hue[1:, 0] > hue[:-1, 0]).all()  # downwards: redder
    assert (hue[:, 1] == 0).all()
    assert hue[0, 2] > 0.97
    assert hue[-1, 0] > 0.97
