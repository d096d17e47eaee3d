from __future__ import annotations

import numpy as np
import pytest
import torch

from pdengine.errors import ShapeError
from pdengine.io import cloud_from_arrays, mesh_from_arrays, normalise


def test_two_points_lie_on_the_unit_sphere() -> None:
    frame = normalise(np.array([[1.0, 0, 0], [3, 0, 0]]))
    assert frame.xyz.tolist() == [[-1, 0, 0], [1, 0, 0]]
    assert frame.origin.tolist() == [2, 0, 0]
    assert frame.scale == 1
    assert frame.rows.tolist() == [0, 1]


def test_rows_that_are_not_finite_are_kept_aside() -> None:
    world = np.array([[np.nan, 0, 0], [1, 0, 0], [0, np.inf, 0], [-1, 0, 0]], np.float32)
    cloud = cloud_from_arrays(world, colour=np.eye(4, 3))
    assert cloud.rows.tolist() == [1, 3]
    assert cloud.xyz.tolist() == [[1, 0, 0], [-1, 0, 0]]
    assert cloud.world.numpy().tobytes() == world.tobytes()
    assert cloud.colour is not None
    assert cloud.colour.tolist() == [[0, 1, 0], [0, 0, 0]]


def test_millimetres_survive_at_utm_coordinates() -> None:
    part = np.random.default_rng(0).uniform(-0.005, 0.005, (500, 3))
    near, far = normalise(part), normalise(part + np.array([466123.125, 6784321.5, 95.25]))
    # float64 spaces 6.8e6 by 1e-9 m, a 5e-7 th of this part's radius; float32 would by 0.5 m.
    assert (near.xyz - far.xyz).abs().max() < 4 * 2**-30 / near.scale
    assert far.scale == pytest.approx(near.scale, rel=1e-6)


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1.0, 1e30, 1e200, 1e307])
def test_any_size_that_float64_holds(size: float) -> None:
    world = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 0.5, 0]]) * size
    frame = normalise(world)
    back = frame.xyz.double().numpy() * frame.scale + frame.origin.numpy()
    assert np.abs(back - world).max() <= 2e-7 * size
    assert frame.xyz.norm(dim=1).max() == pytest.approx(1)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_points_that_are_all_one_have_scale_one(count: int) -> None:
    frame = normalise(np.tile([[0.1, 6784321.3, 1e9]], (count, 1)))
    assert frame.scale == 1
    assert not frame.xyz.any()
    assert frame.origin.tolist() == [0.1, 6784321.3, 1e9]


def test_torch_arrays_of_any_type_are_copied() -> None:
    xyz = torch.tensor([[0, 0, 0], [1, 2, 3]], dtype=torch.int32)
    assert cloud_from_arrays(xyz).world.dtype == torch.float64
    assert cloud_from_arrays(xyz.bfloat16()).world.dtype == torch.float32
    grown = xyz.double().requires_grad_()
    cloud = cloud_from_arrays(grown, colour=np.full((2, 3), 51, np.uint8))
    assert cloud.colour is not None
    assert cloud.colour[0].tolist() == pytest.approx([0.2] * 3)
    with torch.no_grad():
        grown += 1
    assert cloud.world[0].tolist() == [0, 0, 0]


def test_quads_become_two_triangles() -> None:
    mesh = mesh_from_arrays(np.zeros((4, 3), np.float32), np.array([[0, 1, 2, 3]]))
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.polygon.tolist() == [0, 0]
    assert mesh.vertices.dtype == torch.float64


ZEROS = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cloud_from_arrays(np.zeros((2, 4))), r"xyz must be \[N, 3\], got \[2, 4\]"),
        (lambda: cloud_from_arrays(np.zeros(3)), r"got \[3\]"),
        (lambda: cloud_from_arrays(np.zeros((0, 3))), "at least one point"),
        (lambda: cloud_from_arrays(np.full((2, 3), np.nan)), "finite point, got 2 rows"),
        (lambda: cloud_from_arrays(np.array([["a", "b", "c"]])), "real numbers"),
        (lambda: cloud_from_arrays(ZEROS, colour=np.zeros((3, 3))), r"N=2, got \[3, 3\]"),
        (lambda: cloud_from_arrays(ZEROS, colour=ZEROS + 200), "got float64 from 200.0 to 200.0"),
        (lambda: cloud_from_arrays(ZEROS, normals=np.zeros((2, 2))), "normals must be"),
        (lambda: mesh_from_arrays(ZEROS, np.array([[0, 1, 2]])), r"\[0, 2\), got 0 to 2"),
        (lambda: mesh_from_arrays(ZEROS, np.array([[0, 1]])), r"faces must be \[F, 3\]"),
        (lambda: mesh_from_arrays(ZEROS, np.array([[0.0, 1, 1]])), "integers, got float64"),
        (lambda: mesh_from_arrays(ZEROS + np.nan, np.array([[0, 1, 1]])), "finite vertices"),
    ],
)
def test_says_what_is_wrong(call: object, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        call()  # type: ignore[operator]
