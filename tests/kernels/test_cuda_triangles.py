"""raster_triangles in CUDA against its reference: on a GPU, and emulated on the CPU."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels.raster_triangles import op, raster_triangles


def soup(count, spread):
    """Triangles anywhere around the origin."""
    random = torch.Generator().manual_seed(count)
    centre = torch.randn(count, 1, 3, generator=random) * 0.5
    corners = centre + spread * torch.randn(count, 3, 3, generator=random) * 0.3
    return corners.view(-1, 3), torch.arange(3 * count, dtype=torch.int32).view(-1, 3)


def assert_same_image(device, vertices, faces, cameras, size):
    scene = (vertices, faces, *cameras)
    seen = raster_triangles(*(tensor.to(device) for tensor in scene), size, backend="cuda")
    expected = raster_triangles(*scene, size, backend="reference")
    for name in ("index", "depth", "weight"):
        ours, theirs = getattr(seen, name), getattr(expected, name)
        assert torch.equal(ours.cpu(), theirs), name
        assert ours.dtype == theirs.dtype


# Drawn by one thread each, by a block, and by many blocks.
@pytest.mark.parametrize(
    ("count", "views", "size", "spread"),
    [
        (1, 1, (1, 1), 1.0), (7, 2, (3, 5), 1.0), (60, 2, (33, 17), 0.5), (80, 1, (40, 64), 0.05),
        (40, 2, (31, 31), 8.0), (5, 1, (70, 130), 8.0), (300, 1, (24, 40), 0.2),
    ],
)  # fmt: skip
def test_matches_reference(cuda_device, count, views, size, spread, random_scene):
    assert_same_image(cuda_device, *soup(count, spread), random_scene(count, 1, views)[1:], size)


def test_goes_a_few_faces_and_views_at_a_time(cuda_device, random_scene, monkeypatch):
    monkeypatch.setattr(op, "KEYS", 1000)
    monkeypatch.setattr(op, "LARGE", 14)
    assert_same_image(cuda_device, *soup(40, 2.0), random_scene(40, 1, 5)[1:], (13, 29))


@pytest.mark.parametrize("side", [6, 40])
def test_equal_depths_go_to_the_lower_triangle(cuda_device, side, one_camera):
    far = torch.tensor([(-9.0, -9, 2), (9.0, -9, 2), (0.0, 18, 2)])
    near = torch.tensor([(-9.0, -9, 1), (9.0, -9, 1), (0.0, 18, 1)])
    vertices = torch.cat([far] + [near] * 30)
    faces = torch.arange(len(vertices), dtype=torch.int32).view(-1, 3)
    assert_same_image(cuda_device, vertices, faces, one_camera(), (side, side))


def test_what_cannot_be_placed_is_not_drawn(cuda_device, random_scene):
    vertices, faces = soup(90, 1.0)
    bad = torch.tensor([torch.nan, torch.inf, -torch.inf, 1e30, -1e30, 3e38, 1e4, 0.0])
    rows = torch.arange(0, len(vertices), 7)
    vertices[rows, rows % 3] = bad[rows % 8]
    faces[::11, 1] = faces[::11, 0]  # without area
    assert_same_image(cuda_device, vertices, faces, random_scene(3, 1, 3)[1:], (25, 38))
