"""Hand-made shapes and units that the tests of distillation share."""

from __future__ import annotations

import pytest
import torch

from pdengine.types import PointCloud, Units


def cloud_of(xyz: torch.Tensor) -> PointCloud:
    rows = torch.arange(len(xyz))
    return PointCloud(xyz, torch.zeros(3, dtype=torch.float64), 1.0, rows, xyz)


@pytest.fixture
def two_blobs() -> tuple[PointCloud, torch.Tensor]:
    """A ball and a stick, 300 points each, and which is which."""
    dice = torch.Generator().manual_seed(0)
    ball = torch.nn.functional.normalize(torch.randn(300, 3, generator=dice), dim=1) * 0.3
    ball[:, 0] -= 0.5
    stick = torch.randn(300, 3, generator=dice) * 0.02
    stick[:, 0] = torch.rand(300, generator=dice)
    truth = torch.arange(2).repeat_interleave(300)
    return cloud_of(torch.cat([ball, stick])), truth


@pytest.fixture
def three_units() -> Units:
    """Four points; unit 0 calls {0, 1} part 0, unit 1 {1, 2} part 1, unit 2 {1} part 0."""
    return Units(
        label=torch.tensor([0, 1, 0]),
        score=torch.tensor([0.8, 0.6, 0.4]),
        offsets=torch.tensor([0, 2, 4, 5]),
        point=torch.tensor([0, 1, 1, 2, 1]),
        view=torch.tensor([0, 0, 1]),
        count=4,
    )
