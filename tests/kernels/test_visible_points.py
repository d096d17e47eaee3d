"""visible_points: which points each view sees, and at which pixel."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points

BACKENDS = ["cpu", "reference"]
HUGE = 1e30


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_point_behind_another_is_not_seen(backend, one_camera):
    xyz = torch.tensor([[0.25, -0.25, 1.0], [0.75, -0.75, 3.0], [-0.25, 0.25, 1.0]])
    depth = splat_points(xyz, *one_camera(), (4, 4), 0).depth
    pixel = visible_points(xyz, *one_camera(), depth, 0.5, backend=backend)
    assert pixel.tolist() == [[1 * 4 + 2, -1, 2 * 4 + 1]]
    assert pixel.dtype == torch.int32


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_tolerance_belongs_to_the_surface(backend, one_camera):
    xyz = torch.tensor([[0.0, 0.0, 1.5], [0.0, 0.0, 1.501]])
    depth = torch.ones(1, 1, 1)
    assert visible_points(xyz, *one_camera(), depth, 0.5, backend=backend).tolist() == [[0, -1]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_where_nothing_is_drawn_nothing_hides(backend, one_camera):
    xyz = torch.tensor([[0.0, 0.0, 5.0]])
    empty, broken = torch.full((1, 2, 2), torch.inf), torch.full((1, 2, 2), torch.nan)
    assert visible_points(xyz, *one_camera(), empty, 0.0, backend=backend).tolist() == [[3]]
    assert visible_points(xyz, *one_camera(), broken, 0.0, backend=backend).tolist() == [[-1]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_drawn_point_is_seen_at_its_pixel(backend, random_scene):
    scene = random_scene(3, 2000, 3)
    seen = splat_points(*scene, (60, 80), 0)
    pixel = visible_points(*scene, seen.depth, 0.0, backend=backend)
    for view in range(3):
        drawn = (seen.index[view].flatten() >= 0).nonzero().squeeze(1)
        winner = seen.index[view].flatten()[drawn].long()
        assert torch.equal(pixel[view, winner].long(), drawn)
        assert (pixel[view] >= 0).sum() == len(drawn)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("tolerance", [0.0, 0.02, 0.5])
@pytest.mark.parametrize(
    ("points", "views", "size"),
    [(1, 1, (1, 1)), (7, 2, (3, 5)), (1023, 3, (17, 31)), (1024, 2, (16, 16)), (3001, 2, (40, 24))],
)
def test_matches_reference(backend, points, views, size, tolerance, random_scene):
    scene = random_scene(points, points, views)
    depth = splat_points(*scene, size, 2).depth
    pixel = visible_points(*scene, depth, tolerance, backend=backend)
    expected = visible_points(*scene, depth, tolerance, backend="reference")
    assert torch.equal(pixel, expected)


def test_any_number_of_threads_sees_the_same(random_scene):
    scene = random_scene(0, 200_003, 4)
    depth = splat_points(*scene, (128, 128), 2).depth
    pixels = []
    for threads in (1, 2, 3):
        set_thread_limit(threads)
        pixels.append(visible_points(*scene, depth, 0.02))
    set_thread_limit(None)
    assert torch.equal(pixels[0], pixels[1])
    assert torch.equal(pixels[0], pixels[2])


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_cannot_be_projected_is_not_seen(backend, one_camera):
    nan, inf = torch.nan, torch.inf
    hidden = [
        [0, 0, -1], [0, 0, 0], [0, 0, 1e-7], [0, 0, 1e-6], [nan, 0, 1], [0, nan, 1], [0, 0, nan],
        [inf, 0, 1], [0, -inf, 1], [0, 0, inf], [HUGE, 0, 1], [0, -HUGE, 1], [HUGE, HUGE, -HUGE],
        [3e38, 3e38, 1], [1, 0, 2e-6], [1, 0, 1], [0, 1, 1], [-1.001, 0, 1], [0, -1.001, 1],
    ]  # fmt: skip
    depth = torch.full((2, 16, 16), inf)
    pixel = visible_points(torch.tensor(hidden), *one_camera(2), depth, 1.0, backend=backend)
    assert (pixel == -1).all()


def test_bad_and_good_points_side_by_side_match_the_reference(random_scene):
    xyz, *cameras = random_scene(5, 2000, 3)
    bad = torch.tensor([torch.nan, torch.inf, -torch.inf, HUGE, -HUGE, 3e38, 0.0, 1e-40])
    rows = torch.arange(0, 2000, 3)
    xyz[rows, rows % 3] = bad[rows % 8]
    depth = splat_points(xyz, *cameras, (24, 40), 2).depth
    pixel = visible_points(xyz, *cameras, depth, 0.1, backend="cpu")
    assert torch.equal(pixel, visible_points(xyz, *cameras, depth, 0.1, backend="reference"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_strides_and_gradients_of_the_input_do_not_matter(backend, random_scene):
    xyz, rotation, translation, focal = random_scene(1, 300, 3)
    depth = splat_points(xyz, rotation, translation, focal, (20, 30), 1.0).depth
    expected = visible_points(xyz, rotation, translation, focal, depth, 0.02)
    pixel = visible_points(
        xyz.t().contiguous().t().requires_grad_(),
        rotation.transpose(1, 2).contiguous().transpose(1, 2),
        translation.t().contiguous().t(),
        torch.stack([focal, focal], 1)[:, 1],
        depth.transpose(1, 2).contiguous().transpose(1, 2),
        0.02,
        backend=backend,
    )
    assert torch.equal(pixel, expected)


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize(("points", "views"), [(0, 2), (3, 0), (0, 0)])
def test_empty_inputs_see_nothing(backend, points, views, one_camera):
    depth = torch.full((views, 4, 6), torch.inf)
    pixel = visible_points(torch.zeros(points, 3), *one_camera(views), depth, 0.1, backend=backend)
    assert torch.equal(pixel, torch.full((views, points), -1, dtype=torch.int32))


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"xyz": torch.zeros(3)}, ValueError, r"xyz must be \[N, 3\], got \[3\]"),
        ({"rotation": torch.zeros(2, 3, 3).half()}, TypeError, "rotation must be float32"),
        (
            {"depth": torch.zeros(3, 4, 4)},
            ValueError,
            r"depth must be \[V, H, W\] with V=2, got \[3, 4, 4\]",
        ),
        ({"depth": torch.zeros(2, 4, 4).double()}, TypeError, "depth must be float32, got float64"),
        ({"depth": torch.zeros(2, 0, 4)}, ValueError, r"size must be .*, got \(0, 4\)"),
        (
            {"depth": torch.zeros(2, 4, 4, device="meta")},
            ValueError,
            "must be on one device",
        ),
        ({"tolerance": -0.1}, ValueError, "tolerance must be at least 0 and finite, got -0.1"),
        (
            {"tolerance": float("inf")},
            ValueError,
            "tolerance must be at least 0 .* got inf",
        ),
        ({"backend": "gpu"}, ValueError, "backend must be one of cpu, cuda, reference, got 'gpu'"),
    ],
)
def test_says_what_is_wrong(changed, error, message, one_camera):
    rotation, translation, focal = one_camera(2)
    arguments = {
        "xyz": torch.zeros(5, 3),
        "rotation": rotation,
        "translation": translation,
        "focal": focal,
        "depth": torch.ones(2, 4, 4),
        "tolerance": 0.1,
    }
    with pytest.raises(error, match=message):
        visible_points(**{**arguments, **changed})
