"""raster_triangles: the nearest triangle per pixel, its depth and its vertices' weights."""

from __future__ import annotations

import pytest
import torch

from pdengine.cameras import rig
from pdengine.kernels import set_thread_limit
from pdengine.kernels.raster_triangles import raster_triangles
from pdengine.shapes import make

BACKENDS = ["cpu", "reference"]


def triangles(*corners):
    """Every three corners are a triangle of their own."""
    vertices = torch.tensor(corners, dtype=torch.float32)
    return vertices, torch.arange(len(vertices), dtype=torch.int32).view(-1, 3)


def soup(seed, count, size=1.0):
    """Triangles anywhere around the origin."""
    dice = torch.Generator().manual_seed(seed)
    centre = torch.randn(count, 1, 3, generator=dice) * 0.5
    corners = centre + size * torch.randn(count, 3, 3, generator=dice) * 0.3
    return corners.view(-1, 3), torch.arange(3 * count, dtype=torch.int32).view(-1, 3)


def equal(found, expected):
    return all(torch.equal(getattr(found, n), getattr(expected, n)) for n in vars(expected))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_triangle_covers_the_centres_inside_it_and_on_its_border(backend, one_camera):
    # at depth 1 a unit is 2 pixels here: corners at pixels (0.5, 0.5), (2.5, 0.5), (0.5, 2.5)
    mesh = triangles((-0.75, -0.75, 1), (0.25, -0.75, 1), (-0.75, 0.25, 1))
    seen = raster_triangles(*mesh, *one_camera(), (4, 4), backend=backend)
    assert seen.index[0].tolist() == [[0, 0, 0, -1], [0, 0, -1, -1], [0, -1, -1, -1], [-1] * 4]
    assert seen.depth[0, 0].tolist() == [1, 1, 1, float("inf")]
    assert seen.weight[0, 0].tolist() == [[1, 0], [0.5, 0.5], [0, 1], [0, 0]]
    assert seen.weight[0, 2, 0].tolist() == [0, 0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_nearer_triangle_hides_and_the_lower_one_wins_a_tie(backend, one_camera):
    far = ((-9.0, -9, 2), (9.0, -9, 2), (0.0, 18, 2))
    near = ((-9.0, -9, 1), (9.0, -9, 1), (0.0, 18, 1))
    seen = raster_triangles(*triangles(*far, *near, *near), *one_camera(), (3, 5), backend=backend)
    assert (seen.index == 1).all()
    assert (seen.depth == 1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_depth_and_weights_are_those_of_the_plane(backend, one_camera):
    """A slanted triangle: what the pixel sees lies on it and on the pixel's ray."""
    vertices, faces = triangles((-3, -3, 1.0), (5, -3, 4.0), (-2, 6, 2.5))
    H, W = 40, 60
    seen = raster_triangles(vertices, faces, *one_camera(), (H, W), backend=backend)
    hit = seen.index[0] == 0
    assert hit.float().mean() > 0.2
    weight = torch.cat([seen.weight[0], 1 - seen.weight[0].sum(2, keepdim=True)], 2)[hit]
    on_plane = weight @ vertices
    torch.testing.assert_close(on_plane[:, 2], seen.depth[0][hit], atol=2e-5, rtol=0)
    row, col = hit.nonzero().unbind(1)
    ray = torch.stack([(col + 0.5) / (W / 2) - 1, (row + 0.5 - H / 2) / (W / 2)], 1)
    torch.testing.assert_close(on_plane[:, :2] / on_plane[:, 2:], ray, atol=1e-3, rtol=0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_pixel_sees_lies_on_the_triangle_at_its_depth(backend):
    shape = make("mug", 3)
    around = rig(2)
    vertices = torch.from_numpy(shape.vertices)
    faces = torch.from_numpy(shape.faces)
    if backend == "reference":
        faces = faces[::12].contiguous()
    cameras = (around.rotation, around.translation, around.focal)
    seen = raster_triangles(vertices, faces, *cameras, (48, 48), backend=backend)
    for view in range(2):
        hit = (seen.index[view] >= 0).nonzero()
        assert len(hit) > 20
        face = faces[seen.index[view][tuple(hit.T)].long()].long()
        first = seen.weight[view][tuple(hit.T)]
        weight = torch.cat([first, 1 - first.sum(1, keepdim=True)], 1)
        assert weight.min() > -1e-5
        place = (weight[..., None] * vertices[face]).sum(1)
        z = (place @ around.rotation[view].T + around.translation[view])[:, 2]
        torch.testing.assert_close(z, seen.depth[view][tuple(hit.T)], atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("count", "views", "size", "spread"),
    [
        (1, 1, (1, 1), 1.0), (7, 2, (3, 5), 1.0), (60, 2, (33, 17), 0.5),
        (80, 1, (40, 64), 0.05), (40, 2, (31, 31), 8.0),
    ],
)  # fmt: skip
def test_matches_reference(count, views, size, spread, random_scene):
    vertices, faces = soup(count, count, spread)
    cameras = random_scene(count, 1, views)[1:]
    expected = raster_triangles(vertices, faces, *cameras, size, backend="reference")
    for limit in (1, 2, 5):
        set_thread_limit(limit)
        try:
            assert equal(raster_triangles(vertices, faces, *cameras, size), expected)
        finally:
            set_thread_limit(None)


def test_a_watertight_mesh_has_no_holes(random_scene):
    """Between two triangles no pixel is lost: a square of many, seen from anywhere."""
    n = 24
    grid = torch.linspace(-1, 1, n + 1)
    y, x = torch.meshgrid(grid, grid, indexing="ij")
    dice = torch.Generator().manual_seed(0)
    inner = torch.zeros(n + 1, n + 1, 2)
    inner[1:-1, 1:-1] = torch.rand(n - 1, n - 1, 2, generator=dice) * 0.03
    vertices = torch.stack([x + inner[..., 0], y + inner[..., 1], torch.zeros_like(x)], 2)
    first = (torch.arange(n)[:, None] * (n + 1) + torch.arange(n)).flatten()
    a, b, c, d = first, first + 1, first + n + 1, first + n + 2
    faces = torch.cat([torch.stack([a, b, d], 1), torch.stack([a, d, c], 1)]).int()
    cameras = random_scene(3, 1, 8)[1:]
    whole = torch.tensor([[0, n, (n + 1) ** 2 - 1], [0, (n + 1) ** 2 - 1, n * (n + 1)]]).int()
    vertices = vertices.view(-1, 3)
    many = raster_triangles(vertices, faces, *cameras, (64, 64))
    two = raster_triangles(vertices, whole, *cameras, (64, 64))
    # Corners on the square's border move to the grid, so the border itself may differ.
    empty = (two.index < 0).float()[:, None]
    inside = torch.nn.functional.max_pool2d(empty, 3, 1, 1)[:, 0] == 0
    assert inside.sum() > 500
    assert (many.index[inside] >= 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_cannot_be_placed_is_not_drawn(backend, one_camera):
    good = ((-9.0, -9, 3), (9.0, -9, 3), (0.0, 18, 3))
    behind = ((-9.0, -9, 1), (9.0, -9, 1), (0.0, 18, -1))
    broken = ((-9.0, -9, 1), (9.0, float("nan"), 1), (0.0, 18, 1))
    endless = ((-9.0, -9, 1), (9.0, float("inf"), 1), (0.0, 18, 1))
    remote = ((-9.0, -9, 1), (9.0, -9, 1), (0.0, 1e6, 1))
    line = ((-9.0, 0, 1), (0.0, 0, 1), (9.0, 0, 1))
    mesh = triangles(*behind, *broken, *endless, *remote, *line, *good)
    seen = raster_triangles(*mesh, *one_camera(), (4, 4), backend=backend)
    assert (seen.index == 5).all()
    alone = raster_triangles(*triangles(*behind), *one_camera(), (4, 4), backend=backend)
    assert (alone.index == -1).all()
    assert (alone.depth == torch.inf).all()
    assert not alone.weight.any()


def test_both_sides_are_drawn(one_camera):
    corners = ((-0.5, -0.5, 1), (0.5, -0.5, 1), (0.0, 0.75, 1))
    one, other = (
        raster_triangles(*triangles(*order), *one_camera(), (8, 8))
        for order in (corners, corners[::-1])
    )
    assert torch.equal(one.index, other.index)
    assert torch.equal(one.depth, other.depth)
    assert (one.index >= 0).any()


def test_nothing_to_draw(one_camera):
    none = torch.zeros(0, 3, dtype=torch.int32)
    seen = raster_triangles(torch.zeros(4, 3), none, *one_camera(2), (3, 2))
    assert seen.index.tolist() == [[[-1] * 2] * 3] * 2
    assert (seen.depth == torch.inf).all()
    assert seen.weight.shape == (2, 3, 2, 2)
    assert raster_triangles(torch.zeros(0, 3), none, *one_camera(0), (3, 2)).index.shape == (
        0,
        3,
        2,
    )


def test_ten_runs_of_ten_are_the_same(random_scene):
    vertices, faces = soup(5, 300, 0.5)
    cameras = random_scene(5, 1, 3)[1:]
    first = raster_triangles(vertices, faces, *cameras, (50, 70))
    assert all(
        equal(raster_triangles(vertices, faces, *cameras, (50, 70)), first) for _ in range(10)
    )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"faces": torch.zeros(1, 3)}, TypeError, "faces must be int32, got float32"),
        ({"faces": torch.zeros(1, 4).int()}, ValueError, r"faces must be \[F, 3\]"),
        ({"faces": torch.full((1, 3), 3).int()}, ValueError, r"faces must be in \[0, 3\)"),
        ({"faces": torch.full((1, 3), -1).int()}, ValueError, r"faces must be in \[0, 3\)"),
        ({"size": (0, 4)}, ValueError, "size must be"),
        ({"backend": "fast"}, ValueError, "backend must be one of cpu, cuda, reference"),
    ],
)
def test_wrong_arguments_are_named(change, error, message, one_camera):
    vertices, faces = triangles((0, 0, 1), (1, 0, 1), (0, 1, 1))
    rotation, translation, focal = one_camera()
    arguments = {
        "vertices": vertices, "faces": faces, "rotation": rotation, "translation": translation,
        "focal": focal, "size": (4, 4),
    } | change  # fmt: skip
    with pytest.raises(error, match=message):
        raster_triangles(**arguments)
