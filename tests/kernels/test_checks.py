"""What is said of arguments that are not tensors, or not whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from pdengine.kernels.farthest_points import farthest_points
from pdengine.kernels.kernel_map import submanifold_map
from pdengine.kernels.knn import knn
from pdengine.kernels.lift_boxes import lift_boxes
from pdengine.kernels.lift_pixels import lift_pixels
from pdengine.kernels.lift_seen import lift_seen_pixels
from pdengine.kernels.raster_triangles import raster_triangles
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.superpoints import superpoints
from pdengine.kernels.unit_targets import unit_targets

XYZ = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 2, 0]])
AHEAD = torch.eye(3)[None], torch.tensor([[0.0, 0, 2]]), torch.ones(1)
FACES = torch.tensor([[0, 1, 2]], dtype=torch.int32)
PIXEL = torch.zeros(1, 3, dtype=torch.int32)
REGIONS, VIEW = torch.zeros(1, 2, 2, dtype=torch.int32), torch.zeros(1, dtype=torch.int64)
SEEN = (XYZ, *AHEAD, torch.full((1, 2, 2), 2.0), 0.1)
UNITS = (torch.tensor([0]), torch.ones(1), torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1))
COORDS = torch.zeros(1, 3, dtype=torch.int32)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: knn(XYZ.numpy(), XYZ, 1), "query must be a torch tensor; torch.from_dlpack makes"),
        (lambda: knn(XYZ, XYZ.numpy(), 1), r"points must be .* got numpy\.ndarray"),
        (lambda: knn(XYZ.tolist(), XYZ, 1), r"query must be a torch tensor, got builtins\.list"),
        (lambda: splat_points(XYZ, AHEAD[0].numpy(), *AHEAD[1:], (2, 2), 1.0), "rotation must be"),
        (lambda: raster_triangles(XYZ, FACES.numpy(), *AHEAD, (2, 2)), "faces must be a torch"),
        (lambda: soft_cross_entropy(np.zeros((2, 2)), torch.zeros(2, 2)), "logits must be a torch"),
        (lambda: superpoints(None), r"positions must be a torch tensor, got builtins\.NoneType"),
    ],
)
def test_what_is_no_tensor_is_named(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: knn(XYZ, XYZ, k=2.0), "k must be an integer, got 2.0"),
        (lambda: farthest_points(XYZ, 1.5), "count must be an integer, got 1.5"),
        (lambda: farthest_points(XYZ, 1, first="0"), "first must be an integer, got '0'"),
        (lambda: lift_pixels(PIXEL, REGIONS, VIEW, count=1.0), "count must be an integer, got 1.0"),
        (lambda: lift_seen_pixels(*SEEN, REGIONS, VIEW, count=1.0), "count must be an integer"),
        (lambda: unit_targets(*UNITS, count=None), "count must be an integer, got None"),
        (lambda: submanifold_map(COORDS, kernel=3.0), "kernel must be an integer, got 3.0"),
        (lambda: superpoints(XYZ, smallest=2.5), "smallest must be an integer, got 2.5"),
        (lambda: superpoints(XYZ, graph=1.5), "graph must be an integer, got 1.5"),
        (lambda: splat_points(XYZ, *AHEAD, (4.0, 4.0), 1.0), r"size must be \(h.* \(4.0, 4.0\)"),
        (lambda: raster_triangles(XYZ, FACES, *AHEAD, 4), r"size must be \(height.* got 4"),
        (lambda: lift_boxes(PIXEL, torch.zeros(1, 4), VIEW, (2, None)), "size must be .* None"),
    ],
)
def test_what_is_no_whole_number_is_named(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_whole_numbers_of_numpy_are_taken() -> None:
    assert torch.equal(knn(XYZ, XYZ, k=np.int64(2))[0], knn(XYZ, XYZ, k=2)[0])
    assert farthest_points(XYZ, np.uint8(2), np.int32(1)).tolist() == [1, 2]
    seen = raster_triangles(XYZ, FACES, *AHEAD, [np.int64(3), np.int64(5)])
    assert seen.index.shape == (1, 3, 5)
