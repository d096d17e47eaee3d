"""Geometric features: flat is flat, long is long, and nothing depends on threads."""

from __future__ import annotations

import math

import pytest
import torch

from pdengine.distill import geometric_features
from pdengine.distill.features import SCALES, _principal
from pdengine.types import PointCloud


def cloud_of(xyz: torch.Tensor) -> PointCloud:
    rows = torch.arange(len(xyz))
    return PointCloud(xyz, torch.zeros(3, dtype=torch.float64), 1.0, rows, xyz)


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


def test_the_ball_and_the_stick_look_different(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    features = geometric_features(cloud)
    linear = features[:, 7 + 10 + 1]  # middle over longest extent, 32 neighbours
    assert linear[truth == 0].mean() > linear[truth == 1].mean() + 0.3


def test_columns_are_standardised(two_blobs) -> None:  # type: ignore[no-untyped-def]
    features = geometric_features(two_blobs[0])
    assert features.shape == (600, 7 + 10 * len(SCALES))
    assert torch.allclose(features.mean(0), torch.zeros(features.shape[1]), atol=1e-4)
    deviation = features.std(0)  # 0 where 1,024 neighbours are all there are
    assert (((deviation - 1).abs() < 1e-2) | (deviation == 0)).all()
    assert (deviation > 0).sum() >= 50


@pytest.mark.parametrize("threads", [1, 2])
def test_the_user_keeps_his_threads_and_the_bits_stay(threads, two_blobs) -> None:  # type: ignore[no-untyped-def]
    expected = geometric_features(two_blobs[0])
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        assert torch.equal(geometric_features(two_blobs[0]), expected)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_a_few_points_are_enough(count: int) -> None:
    angle = torch.linspace(0, math.pi, count)
    xyz = torch.stack([angle.cos(), angle.sin(), torch.zeros(count)], 1)
    assert geometric_features(cloud_of(xyz)).isfinite().all()


def test_points_on_top_of_each_other_are_no_nan() -> None:
    assert geometric_features(cloud_of(torch.full((50, 3), 0.1))).isfinite().all()
