"""The image ops in CUDA against their references: on a GPU, and emulated on the CPU."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels.label_components import label_components
from pdengine.kernels.splat_points import op as splat_op
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points

HUGE = 1e30


def sent(device, *tensors):
    return [tensor.to(device) for tensor in tensors]


def assert_same_image(device, scene, size, radius):
    seen = splat_points(*sent(device, *scene), size, radius, backend="cuda")
    expected = splat_points(*scene, size, radius, backend="reference")
    assert torch.equal(seen.index.cpu(), expected.index)
    assert torch.equal(seen.depth.cpu(), expected.depth)
    assert seen.index.dtype == torch.int32
    assert seen.depth.dtype == torch.float32


# Many points on a small image are drawn by dilation, few on a large one directly.
@pytest.mark.parametrize("radius", [0, 0.5, 1, 2.3, 5, 11.7])
@pytest.mark.parametrize(
    ("points", "views", "size"),
    [(1, 1, (1, 1)), (7, 2, (3, 5)), (40, 1, (33, 65)), (900, 3, (17, 31)), (1500, 2, (40, 24))],
)
def test_splat_points_matches_reference(cuda_device, points, views, size, radius, random_scene):
    assert_same_image(cuda_device, random_scene(points, points, views), size, radius)


@pytest.mark.parametrize("size", [(24, 40), (90, 90)])
def test_splat_points_with_bad_and_good_points(cuda_device, size, random_scene):
    xyz, *cameras = random_scene(5, 600, 3)
    bad = torch.tensor([torch.nan, torch.inf, -torch.inf, HUGE, -HUGE, 3e38, 0.0, 1e-40])
    rows = torch.arange(0, 600, 3)
    xyz[rows, rows % 3] = bad[rows % 8]
    assert_same_image(cuda_device, (xyz, *cameras), size, 2.0)


@pytest.mark.parametrize("copies", [3, 200])
def test_splat_points_gives_equal_depths_to_the_lower_index(cuda_device, copies, one_camera):
    xyz = torch.tensor([[-0.75, -0.75, 2.0], [-0.25, -0.75, 2.0]]).repeat(copies, 1)
    assert_same_image(cuda_device, (xyz, *one_camera()), (8, 8), 1.0)
    seen = splat_points(*sent(cuda_device, xyz, *one_camera()), (8, 8), 1.0, backend="cuda")
    assert seen.index[0, 2].tolist() == [-1, 0, 0, 0, 1, -1, -1, -1]


@pytest.mark.parametrize("radius", [0.0, 2.0])
def test_splat_points_draws_a_few_views_at_a_time(cuda_device, radius, random_scene, monkeypatch):
    monkeypatch.setattr(splat_op, "KEYS", 1000)
    assert_same_image(cuda_device, random_scene(2, 300, 5), (17, 31), radius)


@pytest.mark.parametrize("tolerance", [0.0, 0.02, 0.5])
@pytest.mark.parametrize(
    ("points", "views", "size"),
    [(1, 1, (1, 1)), (7, 2, (3, 5)), (1023, 3, (17, 31)), (1024, 2, (16, 16)), (1601, 2, (40, 24))],
)
def test_visible_points_matches_reference(
    cuda_device, points, views, size, tolerance, random_scene
):
    scene = random_scene(points, points, views)
    scene[0][::5] *= torch.tensor([torch.nan, HUGE, 1.0])[torch.arange(len(scene[0][::5])) % 3][
        :, None
    ]
    depth = splat_points(*scene, size, 2).depth
    depth[:, 0, 0] = torch.nan
    pixel = visible_points(*sent(cuda_device, *scene, depth), tolerance, backend="cuda")
    assert pixel.dtype == torch.int32
    expected = visible_points(*scene, depth, tolerance, backend="reference")
    assert torch.equal(pixel.cpu(), expected)


def assert_same_components(device, maps):
    found = label_components(maps.to(device), backend="cuda")
    expected = label_components(maps, backend="reference")
    for name in ("label", "view", "class_", "size"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        assert torch.equal(ours.cpu(), theirs), name
        assert ours.dtype == theirs.dtype


@pytest.mark.parametrize("classes", [1, 2, 5])
@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (2, 1, 9), (2, 9, 1), (3, 17, 31), (2, 33, 32), (1, 20, 100)]
)
@pytest.mark.parametrize("patch", [1, 3, 8])
def test_label_components_matches_reference(cuda_device, shape, classes, patch):
    random = torch.Generator().manual_seed(patch)
    views, height, width = shape
    coarse = (views, height // patch + 1, width // patch + 1)
    maps = torch.randint(-1, classes, coarse, generator=random, dtype=torch.int32)
    maps = maps.repeat_interleave(patch, 1).repeat_interleave(patch, 2)
    assert_same_components(cuda_device, maps[:, :height, :width].contiguous())


def test_label_components_winds_and_joins(cuda_device):
    spiral = torch.full((1, 41, 70), -1, dtype=torch.int32)
    spiral[0, ::2] = 0
    spiral[0, 1::4, -1] = 0
    spiral[0, 3::4, 0] = 0
    comb = torch.full((1, 41, 70), -1, dtype=torch.int32)
    comb[0, :, ::2] = 2**31 - 1
    comb[0, -1] = 2**31 - 1
    chess = (torch.arange(41)[:, None] + torch.arange(70)) % 2
    full = torch.zeros_like(comb)
    maps = torch.cat([spiral, comb, chess.int()[None], full, full - 7])
    assert_same_components(cuda_device, maps)


def test_label_components_of_background_alone(cuda_device):
    found = label_components(torch.full((2, 5, 9), -1).int().to(cuda_device), backend="cuda")
    assert (found.label == -1).all()
    assert len(found) == 0
