from __future__ import annotations

import numpy as np
import pytest
import torch

from pdengine.errors import ShapeError
from pdengine.io import mesh_from_arrays, sample_mesh

# A unit square of two triangles, one face without area, and one triangle of three times the area.
VERTICES = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [3, 0, 0], [3, 1, 0]], np.float64)
FACES = np.array([[0, 1, 2], [0, 0, 1], [0, 2, 3], [1, 4, 5]])
MESH = mesh_from_arrays(VERTICES, FACES, colour=VERTICES / 3)


def test_faces_get_points_by_their_area() -> None:
    sampled = sample_mesh(MESH, 400, seed=0)
    count = torch.bincount(sampled.face, minlength=4)
    assert (count - torch.tensor([100, 0, 100, 200])).abs().max() <= 1
    assert count[1] == 0
    assert sampled.face.diff().min() >= 0


def test_points_lie_on_their_faces() -> None:
    sampled = sample_mesh(MESH, 1000, seed=3)
    weight = sampled.barycentric
    assert weight.min() >= 0
    assert torch.allclose(weight.sum(1), torch.ones(1000, dtype=torch.float64))
    corners = MESH.vertices[MESH.faces[sampled.face]]
    cloud = sampled.cloud
    assert torch.allclose(cloud.world, (weight[:, :, None] * corners).sum(1))
    assert torch.allclose(cloud.xyz.double() * cloud.scale + cloud.origin, cloud.world, atol=1e-6)
    assert cloud.normals is not None
    assert cloud.normals[:, 2].tolist() == [1] * 1000
    assert cloud.colour is not None
    assert torch.allclose(cloud.colour, (cloud.world / 3).float(), atol=1e-6)
    assert cloud.rows.tolist() == list(range(1000))
    assert cloud.world.dtype == torch.float64


def test_points_are_even_inside_a_face() -> None:
    square = mesh_from_arrays(VERTICES[:4], FACES[[0, 2]])
    world = sample_mesh(square, 1600, seed=1).cloud.world
    cells = (world[:, :2] * 10).long().clamp(max=9)
    count = torch.bincount(cells[:, 0] * 10 + cells[:, 1], minlength=100)
    # 16 a cell on average; independent points would spread by 4, with cells as low as 6.
    assert count.min() >= 10
    assert count.max() <= 22


def test_the_seed_decides_everything() -> None:
    first, same, other = (sample_mesh(MESH, 50, seed).cloud.world for seed in (7, 7, 8))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("count", [1, 2, 3, 1001])
def test_every_density_shares_one_frame(count: int) -> None:
    cloud = sample_mesh(MESH, count, seed=0).cloud
    # The square's centre is (1/2, 1/2), the triangle's (7/3, 1/3), with equal areas.
    assert cloud.origin.tolist() == pytest.approx([17 / 12, 5 / 12, 0])
    assert cloud.scale == pytest.approx(np.hypot(3 - 17 / 12, 1 - 5 / 12))
    assert cloud.xyz.norm(dim=1).max() <= 1 + 1e-6
    assert len(cloud) == count


def test_vertices_without_a_face_do_not_count() -> None:
    vertices = np.vstack([VERTICES, [[1e9, np.nan, 0]]])
    cloud = sample_mesh(mesh_from_arrays(vertices, FACES), 10, seed=0).cloud
    assert cloud.scale < 2


@pytest.mark.parametrize("size", [1e-200, 1e-9, 1e30, 1e200])
def test_any_size_that_float64_holds(size: float) -> None:
    plain = sample_mesh(MESH, 100, seed=0)
    scaled = sample_mesh(mesh_from_arrays(VERTICES * size, FACES), 100, seed=0)
    assert torch.equal(plain.face, scaled.face)
    assert torch.allclose(plain.cloud.xyz, scaled.cloud.xyz, atol=1e-6)


def test_a_small_part_far_from_zero() -> None:
    shift = np.array([466123.125, 6784321.5, 95.25])
    near = sample_mesh(mesh_from_arrays(VERTICES / 1000, FACES), 100, seed=0).cloud
    far = sample_mesh(mesh_from_arrays(VERTICES / 1000 + shift, FACES), 100, seed=0).cloud
    assert (near.xyz - far.xyz).abs().max() < 1e-5


def test_says_what_is_wrong() -> None:
    with pytest.raises(ShapeError, match="count must be at least 1, got 0"):
        sample_mesh(MESH, 0, seed=0)
    flat = mesh_from_arrays(np.eye(3), np.array([[0, 0, 1], [1, 1, 1]]))
    with pytest.raises(ShapeError, match="2 faces of total area 0"):
        sample_mesh(flat, 10, seed=0)
