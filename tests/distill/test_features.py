"""Geometric features: flat is flat, long is long, and nothing depends on unit, place or threads."""

from __future__ import annotations

import math

import pytest
import torch

from pdengine.distill import surroundings
from pdengine.distill.canonical import cube_rotations
from pdengine.distill.features import COLUMNS, SCALES, _principal


def test_the_closed_form_equals_lapack() -> None:
    spread = torch.randn(200, 9, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    spread[:50, :, 2] = 0  # planes
    matrix = spread.transpose(1, 2) @ spread
    a = [matrix[:, i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))]
    values, normal = _principal(torch.stack(a, 1))
    expected, vectors = torch.linalg.eigh(matrix)
    assert torch.allclose(values, expected, atol=1e-10 * expected.max())
    assert torch.allclose((normal * vectors[:, :, 0]).sum(1).abs(), torch.ones(200).double())


def test_a_ball_has_no_normal_and_no_nan() -> None:
    values, normal = _principal(torch.tensor([[1.0, 1, 1, 0, 0, 0]], dtype=torch.float64))
    assert values.tolist() == [[1, 1, 1]]
    assert normal.isfinite().all()


def test_a_plane_is_flat_and_its_normal_stands_on_it() -> None:
    side = torch.arange(12.0)
    xyz = torch.stack([*torch.meshgrid(side, side, indexing="ij"), torch.zeros(12, 12)], -1)
    around = surroundings(xyz.reshape(-1, 3))
    flatness = around.shape[..., 0]  # shortest over longest extent
    assert torch.allclose(flatness, torch.zeros_like(flatness), atol=1e-6)
    across = torch.tensor([0.0, 0.0, 1.0]).expand_as(around.normal)
    assert torch.allclose(around.normal.abs(), across, atol=1e-6)


def test_the_ball_and_the_stick_look_different(two_blobs):
    cloud, truth = two_blobs
    middle = surroundings(cloud.xyz).shape[:, 1, 1]  # over the longest extent, 32 neighbours
    assert middle[truth == 0].mean() > middle[truth == 1].mean() + 0.2


def test_a_row_holds_position_and_every_scale(two_blobs):
    around = surroundings(two_blobs[0].xyz)
    features = around.features()
    assert features.shape == (600, COLUMNS) == (600, 7 + 10 * len(SCALES))
    assert features.dtype == torch.float32
    assert torch.equal(features[:, :3], around.xyz)
    assert around.xyz.mean(0).abs().max() < 1e-6
    assert (around.xyz**2).sum(1).mean().item() == pytest.approx(1, abs=1e-5)


def test_unit_and_place_do_not_matter(two_blobs):
    xyz = two_blobs[0].xyz
    expected = surroundings(xyz).features()
    assert torch.equal(surroundings(xyz * 1024).features(), expected)  # a power of two is exact
    shifted = surroundings(xyz + 1).xyz
    # Rounding of a coordinate near 2, over the root mean square distance, about 0.6.
    assert (shifted - expected[:, :3]).abs().max() < 4 * torch.finfo(torch.float32).eps / 0.5


@pytest.mark.parametrize("number", [1, 7, 20])
def test_turning_afterwards_is_turning_before(number, two_blobs):
    turn = cube_rotations()[number]
    xyz = two_blobs[0].xyz
    after, before = surroundings(xyz).turned(turn), surroundings(xyz @ turn.T)
    for name in ("xyz", "shape", "offset"):
        # A cube rotation only exchanges the summands of each mean.
        assert torch.allclose(getattr(after, name), getattr(before, name), atol=1e-5)
    clear = after.shape[..., 0] < 0.5 * after.shape[..., 1]  # else any direction is a normal
    cosine = (after.normal * before.normal).sum(2).abs()
    assert clear.any()
    assert cosine[clear].min() > 1 - 1e-4


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_bits_do_not_depend_on_threads_and_the_user_keeps_his(count, two_blobs, with_threads):
    expected = surroundings(two_blobs[0].xyz).features()
    with with_threads(count):
        assert torch.equal(surroundings(two_blobs[0].xyz).features(), expected)
        assert torch.get_num_threads() == count


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_a_few_points_are_enough(count: int) -> None:
    angle = torch.linspace(0, math.pi, count)
    xyz = torch.stack([angle.cos(), angle.sin(), torch.zeros(count)], 1)
    assert surroundings(xyz).features().isfinite().all()


def test_points_on_top_of_each_other_are_no_nan() -> None:
    assert surroundings(torch.full((50, 3), 0.1)).features().isfinite().all()
