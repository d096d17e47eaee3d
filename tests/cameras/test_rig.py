"""Where the cameras stand and what they call up."""

from __future__ import annotations

import pytest
import torch

from pdengine.cameras import PARTSLIP10, UP_AXES, look_at, rig
from pdengine.errors import ConfigError
from pdengine.types import Cameras

AXIS = {
    f"{sign}{name}": torch.eye(3)[k] * (-1 if sign else 1)
    for k, name in enumerate("xyz")
    for sign in ("", "-")
}


def pixel(cameras: Cameras, point: torch.Tensor, width: int = 200) -> torch.Tensor:
    """[V, 2] pixel positions of one point in square images."""
    seen = cameras.rotation @ point + cameras.translation
    return cameras.focal[:, None] * seen[:, :2] / seen[:, 2:] * (width / 2) + width / 2


@pytest.mark.parametrize("up", UP_AXES)
@pytest.mark.parametrize("views", [1, 7, 10, "partslip10"])
def test_the_centre_is_in_the_middle_of_every_image(views, up):
    middle = pixel(rig(views, up), torch.zeros(3))
    torch.testing.assert_close(middle, torch.full_like(middle, 100.0), atol=1e-3, rtol=0)


@pytest.mark.parametrize("up", UP_AXES)
def test_the_up_axis_points_up_in_every_image(up):
    tip = pixel(rig(13, up), 0.5 * AXIS[up])
    assert (tip[:, 1] < 95).all()
    torch.testing.assert_close(tip[:, 0], torch.full((13,), 100.0), atol=1e-3, rtol=0)


def test_from_the_front_plus_x_is_right_and_plus_z_is_near():
    front = rig("partslip10")
    assert pixel(front, torch.tensor([0.5, 0.0, 0.0]))[0, 0] > 110
    near = front.rotation[0] @ torch.tensor([0.0, 0.0, 0.5]) + front.translation[0]
    assert near[2] < front.translation[0, 2]


def test_azimuth_grows_towards_plus_x():
    second = rig("partslip10")
    eye = -second.rotation[1].T @ second.translation[1]
    assert eye[0] > 2.1
    assert abs(eye[2]) < 1e-5


@pytest.mark.parametrize("up", UP_AXES)
def test_rotations_are_right_handed_and_orthonormal(up):
    rotation = rig(10, up).rotation.double()
    eye = torch.eye(3, dtype=torch.float64).expand(10, 3, 3)
    torch.testing.assert_close(rotation @ rotation.transpose(1, 2), eye, atol=1e-6, rtol=0)
    torch.testing.assert_close(
        torch.linalg.det(rotation), torch.ones(10).double(), atol=1e-6, rtol=0
    )


def test_ten_views_are_the_papers():
    cameras = rig(10, distance=3.0)
    eye = -(cameras.rotation.transpose(1, 2) @ cameras.translation[:, :, None])[:, :, 0]
    elevation = torch.rad2deg(torch.asin(eye[:, 1] / 3))
    assert elevation.round().tolist() == [e for e, _ in PARTSLIP10]


@pytest.mark.parametrize("views", [3, 6, 24])
def test_other_rigs_spread_over_directions(views):
    cameras = rig(views)
    forward = cameras.rotation[:, 2]
    assert forward.mean(0)[[0, 2]].norm() < 0.35
    closest = (forward @ forward.T - 2 * torch.eye(views)).amax(1)
    assert (closest < 0.995).all()


def test_one_focal_is_one_over_the_tangent_of_half_the_view():
    torch.testing.assert_close(rig(2, fov_degrees=90.0).focal, torch.ones(2))


def test_looking_straight_down_still_makes_a_camera():
    camera = look_at(torch.tensor([[0.0, 2.0, 0.0]]), torch.tensor([0.0, 1.0, 0.0]))
    assert torch.linalg.det(camera.rotation[0]).item() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"up": "w"}, "up must be one of x, y, z, -x, -y, -z, got 'w'"),
        ({"views": 0}, 'views must be "partslip10" or a positive number, got 0'),
        ({"views": "nine"}, "got 'nine'"),
        ({"distance": 1.0}, "distance must be more than the sphere's radius 1, got 1.0"),
        ({"fov_degrees": 180.0}, r"fov_degrees must be in \(0, 180\), got 180.0"),
    ],
)
def test_says_what_is_wrong(arguments, message):
    with pytest.raises(ConfigError, match=message):
        rig(**arguments)


def test_a_camera_in_the_origin_sees_nothing():
    with pytest.raises(ConfigError, match="away from the origin"):
        look_at(torch.zeros(1, 3), torch.tensor([0.0, 1.0, 0.0]))
