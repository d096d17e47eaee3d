"""What the cameras see of a surface of points."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from pdengine.cameras import rig
from pdengine.config import RenderConfig
from pdengine.render import disc_radius, render
from pdengine.types import PointCloud


def cloud(xyz, normals=None, colour=None):
    count = len(xyz)
    return PointCloud(xyz, torch.zeros(3).double(), 1.0, torch.arange(count), xyz, colour, normals)


def cube(side=40, half=0.5):
    """A grid of points on the six sides of a cube, with outward normals."""
    line = torch.linspace(-half, half, side)
    a, b = (t.flatten() for t in torch.meshgrid(line, line, indexing="ij"))
    xyz, normals = [], []
    for axis in range(3):
        for sign in (-half, half):
            face = torch.full((side * side, 3), sign)
            face[:, (axis + 1) % 3], face[:, (axis + 2) % 3] = a, b
            xyz.append(face)
            normal = torch.zeros(side * side, 3)
            normal[:, axis] = sign / half
            normals.append(normal)
    return torch.cat(xyz), torch.cat(normals)


def test_a_cube_from_the_front_shows_one_side_that_faces_the_camera():
    xyz, normals = cube()
    views = render(cloud(xyz, normals), rig(1, "y"), RenderConfig(size=(64, 64)))
    # The camera stands 10 degrees above: the front's normal is turned by that.
    assert xyz[views.index[0, 34, 32].long(), 2] == 0.5
    front = views.normals[0, 34, 32]
    torch.testing.assert_close(front, torch.tensor([0.0, 0.1736, -0.9848]), atol=1e-3, rtol=0)
    assert views.index[0, 0, 0] == -1
    assert views.images[0, 0, 0].tolist() == [1, 1, 1]
    assert views.depth[0, 0, 0] == torch.inf
    assert views.normals[0, 0, 0].tolist() == [0, 0, 0]
    assert not views.has_colour


def test_normals_face_the_camera_whatever_their_sign():
    xyz, normals = cube()
    inside_out = render(cloud(xyz, -normals), rig(4), RenderConfig(size=(48, 48)))
    right = render(cloud(xyz, normals), rig(4), RenderConfig(size=(48, 48)))
    assert (inside_out.normals[..., 2] <= 0).all()
    facing = right.normals[..., 2] < -0.05  # edge on, a normal has no side
    torch.testing.assert_close(inside_out.normals[facing], right.normals[facing])


def test_normals_that_nobody_gave_are_estimated():
    xyz, normals = cube()
    given = render(cloud(xyz, normals), rig(4), RenderConfig(size=(48, 48)))
    guessed = render(cloud(xyz), rig(4), RenderConfig(size=(48, 48)))
    agree = F.cosine_similarity(given.normals, guessed.normals, dim=-1)[given.index >= 0]
    assert (agree > 0.99).float().mean() > 0.6  # all but the edges
    assert (agree > 0.7).float().mean() > 0.85


def test_a_surface_keeps_its_colour():
    xyz, normals = cube()
    red = torch.tensor([1.0, 0.0, 0.0]).expand(len(xyz), 3)
    views = render(cloud(xyz, normals, red), rig(1), RenderConfig(size=(48, 48)))
    pixel = views.images[0, 24, 24]
    assert pixel[0] > 0.5
    assert pixel[1:].tolist() == [0, 0]
    assert views.has_colour


def test_images_need_not_be_square():
    xyz, normals = cube()
    views = render(cloud(xyz, normals), rig(2), RenderConfig(size=(32, 64)))
    assert views.images.shape == (2, 32, 64, 3)
    assert views.size == (32, 64)


def test_sparse_clouds_get_larger_discs():
    dense, _ = cube(80)
    sparse, _ = cube(12)
    cameras = rig(10)
    assert disc_radius(dense, cameras, 224) < disc_radius(sparse, cameras, 224)
    assert 1 <= disc_radius(dense[:1], cameras, 224) <= 6
    assert disc_radius(sparse[::97], cameras, 800) == 6


@pytest.mark.parametrize("side", [12, 25, 60])
def test_discs_close_the_surface(side):
    xyz, normals = cube(side)
    scattered = xyz + 0.4 / side * torch.randn(
        xyz.shape, generator=torch.Generator().manual_seed(1)
    )
    views = render(cloud(scattered, normals), rig(1), RenderConfig(size=(160, 160)))
    middle = views.index[0, 60:100, 60:100] >= 0
    assert middle.float().mean() > 0.95


def test_one_point_and_the_same_point_often_are_drawn():
    for count in (1, 2, 50):
        views = render(cloud(torch.zeros(count, 3)), rig(3), RenderConfig(size=(16, 16)))
        assert (views.index.amax((1, 2)) == 0).all()
        assert torch.isfinite(views.images).all()


def test_the_same_surface_gives_the_same_views():
    xyz, _ = cube(20)
    first, second = (render(cloud(xyz), rig(3), RenderConfig(size=(48, 48))) for _ in range(2))
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.index, second.index)
