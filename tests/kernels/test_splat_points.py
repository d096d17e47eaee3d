"""splat_points: the nearest point per pixel, in every view."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.splat_points import splat_points

BACKENDS = ["cpu", "reference"]
HUGE = 1e30


def at_pixel(col: float, row: float, depth: float, size: tuple[int, int]) -> list[float]:
    """The point that one_camera sees at (col, row) of an image of this size."""
    height, width = size
    return [depth * (col - width / 2) * 2 / width, depth * (row - height / 2) * 2 / width, depth]


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_point_draws_one_disc(backend, one_camera):
    xyz = torch.tensor([at_pixel(2.5, 1.5, 3.0, (3, 5))])
    seen = splat_points(xyz, *one_camera(), (3, 5), 1.0, backend=backend)
    assert seen.index.tolist() == [[[-1, -1, 0, -1, -1], [-1, 0, 0, 0, -1], [-1, -1, 0, -1, -1]]]
    inf = torch.inf
    assert seen.depth.tolist() == [
        [[inf, inf, 3, inf, inf], [inf, 3, 3, 3, inf], [inf, inf, 3, inf, inf]]
    ]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_nearest_depth_wins(backend, one_camera):
    size = (4, 4)
    xyz = torch.tensor([at_pixel(1.5, 1.5, depth, size) for depth in (3.0, 1.0, 2.0)])
    seen = splat_points(xyz, *one_camera(), size, 0, backend=backend)
    assert seen.index[0, 1, 1] == 1
    assert seen.depth[0, 1, 1] == 1.0
    assert (seen.index >= 0).sum() == 1


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("copies", [3, 500])
def test_equal_depth_goes_to_the_lower_index(backend, copies, one_camera):
    size = (8, 8)
    xyz = torch.tensor([at_pixel(2.5, 2.5, 2.0, size), at_pixel(3.5, 2.5, 2.0, size)])
    seen = splat_points(xyz.repeat(copies, 1), *one_camera(), size, 1.0, backend=backend)
    assert seen.index[0, 2].tolist() == [-1, 0, 0, 0, 1, -1, -1, -1]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("copies", [1, 500])
def test_a_disc_reaches_in_from_outside_the_image(backend, copies, one_camera):
    size = (4, 4)
    corners = [(-1.5, 1.5), (5.5, 2.5), (1.5, -0.5), (-0.5, 4.5), (-2.5, 1.5), (7.5, 1.5)]
    xyz = torch.tensor([at_pixel(*corner, 2.0, size) for corner in corners]).repeat(copies, 1)
    seen = splat_points(xyz, *one_camera(), size, 2.0, backend=backend)
    assert seen.index.tolist() == [
        [[2, 2, 2, -1], [0, 2, -1, -1], [-1, -1, -1, 1], [3, -1, -1, -1]]
    ]


# Many points on a small image are drawn by dilation, few on a large one directly.
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("radius", [0, 0.5, 1, 1.5, 2, 2.3, 3, 5, 11.7])
@pytest.mark.parametrize(
    ("points", "views", "size"),
    [(1, 1, (1, 1)), (7, 2, (3, 5)), (40, 1, (33, 65)), (900, 3, (17, 31)), (3000, 2, (40, 24))],
)
def test_matches_reference(backend, points, views, size, radius, random_scene):
    scene = random_scene(points, points, views)
    seen = splat_points(*scene, size, radius, backend=backend)
    expected = splat_points(*scene, size, radius, backend="reference")
    assert torch.equal(seen.index, expected.index)
    assert torch.equal(seen.depth, expected.depth)
    assert seen.index.dtype == torch.int32
    assert seen.depth.dtype == torch.float32


@pytest.mark.parametrize("points", [300, 20_000])
def test_any_number_of_threads_gives_the_same_image(points, random_scene):
    scene = random_scene(0, points, 5)
    images = []
    for threads in (1, 2, 3):
        set_thread_limit(threads)
        images.append(splat_points(*scene, (256, 200), 2.0))
    set_thread_limit(None)
    for image in images[1:]:
        assert torch.equal(image.index, images[0].index)
        assert torch.equal(image.depth, images[0].depth)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("copies", [1, 400])
def test_what_cannot_be_projected_is_not_drawn(backend, copies, one_camera):
    nan, inf = torch.nan, torch.inf
    hidden = [
        [0, 0, -1], [0, 0, 0], [0, 0, 1e-7], [0, 0, 1e-6], [nan, 0, 1], [0, nan, 1], [0, 0, nan],
        [inf, 0, 1], [0, -inf, 1], [0, 0, inf], [HUGE, 0, 1], [0, -HUGE, 1], [HUGE, HUGE, -HUGE],
        [3e38, 3e38, 1], [1, 0, 2e-6], [-HUGE, 0, 1e-5], [1e-38, 3e38, 1],
    ]  # fmt: skip
    xyz = torch.tensor(hidden).repeat(copies, 1)
    seen = splat_points(xyz, *one_camera(2), (16, 16), 3.0, backend=backend)
    assert (seen.index == -1).all()
    assert (seen.depth == torch.inf).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_huge_coordinates_straight_ahead_are_drawn(backend, one_camera):
    xyz = torch.tensor([[0.0, 0.0, HUGE], [HUGE / 2, 0, HUGE]])
    seen = splat_points(xyz, *one_camera(), (8, 8), 0, backend=backend)
    assert seen.index[0, 4].tolist() == [-1, -1, -1, -1, 0, -1, 1, -1]
    assert seen.depth[0, 4, 4] == torch.tensor(HUGE)


def test_bad_and_good_points_side_by_side_match_the_reference(random_scene):
    xyz, *cameras = random_scene(5, 2000, 3)
    bad = torch.tensor([torch.nan, torch.inf, -torch.inf, HUGE, -HUGE, 3e38, 0.0, 1e-40])
    rows = torch.arange(0, 2000, 3)
    xyz[rows, rows % 3] = bad[rows % 8]
    for size, radius in [((24, 40), 2.0), ((300, 300), 1.0)]:
        seen = splat_points(xyz, *cameras, size, radius, backend="cpu")
        expected = splat_points(xyz, *cameras, size, radius, backend="reference")
        assert torch.equal(seen.index, expected.index)
        assert torch.equal(seen.depth, expected.depth)


@pytest.mark.parametrize("backend", BACKENDS)
def test_strides_and_gradients_of_the_input_do_not_matter(backend, random_scene):
    xyz, rotation, translation, focal = random_scene(1, 300, 3)
    expected = splat_points(xyz, rotation, translation, focal, (20, 30), 1.0)
    strided = torch.stack([xyz, xyz + 1], dim=1)[:, 0].requires_grad_()
    turned = rotation.transpose(1, 2).contiguous().transpose(1, 2)
    seen = splat_points(
        strided,
        turned,
        translation.flip(0).flip(0),
        torch.stack([focal, focal], 1)[:, 1],
        (20, 30),
        1.0,
        backend=backend,
    )
    assert torch.equal(seen.index, expected.index)
    assert not seen.depth.requires_grad


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize(("points", "views"), [(0, 2), (3, 0), (0, 0)])
def test_empty_inputs_see_nothing(backend, points, views, one_camera):
    seen = splat_points(torch.zeros(points, 3), *one_camera(views), (4, 6), 2.0, backend=backend)
    assert torch.equal(seen.index, torch.full((views, 4, 6), -1, dtype=torch.int32))
    assert torch.equal(seen.depth, torch.full((views, 4, 6), torch.inf))


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"xyz": torch.zeros(5, 2)}, ValueError, r"xyz must be \[N, 3\], got \[5, 2\]"),
        ({"xyz": torch.zeros(5, 3).double()}, TypeError, "xyz must be float32, got float64"),
        (
            {"rotation": torch.zeros(2, 9)},
            ValueError,
            r"rotation must be \[V, 3, 3\], got",
        ),
        (
            {"translation": torch.zeros(1, 3)},
            ValueError,
            r"translation must be \[V, 3\] with V=2, got \[1, 3\]",
        ),
        ({"focal": torch.ones(3)}, ValueError, r"focal must be \[V\] with V=2, got \[3\]"),
        ({"focal": torch.ones(2).long()}, TypeError, "focal must be float32, got int64"),
        ({"size": (0, 4)}, ValueError, r"size must be \(height, width\), .* got \(0, 4\)"),
        ({"size": (4, 20000)}, ValueError, r"each in \[1, 16384\] pixels, got \(4, 20000\)"),
        ({"radius_px": -1.0}, ValueError, r"radius_px must be in \[0, 256\], got -1.0"),
        ({"radius_px": float("nan")}, ValueError, r"radius_px must be in \[0, 256\], got nan"),
        ({"radius_px": 257}, ValueError, r"radius_px must be in \[0, 256\], got 257"),
        ({"backend": "gpu"}, ValueError, "backend must be one of cpu, cuda, reference, got 'gpu'"),
        (
            {"xyz": torch.zeros(5, 3, device="meta")},
            ValueError,
            "must be on one device",
        ),
    ],
)
def test_says_what_is_wrong(changed, error, message, one_camera):
    rotation, translation, focal = one_camera(2)
    arguments = {
        "xyz": torch.zeros(5, 3),
        "rotation": rotation,
        "translation": translation,
        "focal": focal,
        "size": (4, 4),
        "radius_px": 1.0,
    }
    with pytest.raises(error, match=message):
        splat_points(**{**arguments, **changed})
