"""Vehicles, rockets and pistols: what a child would count, and combinations that few seeds meet."""

import numpy as np
import pytest

from pdengine.shapes import LabelledMesh, make


def corners(mesh: LabelledMesh, part: str) -> np.ndarray:
    """The corner points of every face of a part. [N, 3]."""
    return mesh.vertices[mesh.faces[mesh.face_label == mesh.parts.index(part)]].reshape(-1, 3)


def test_a_skateboard_rolls_on_four_wheels_under_its_deck():
    for seed in range(20):
        board = make("skateboard", seed)
        wheels, deck = corners(board, "wheel"), corners(board, "deck")
        assert len(np.unique(wheels[:, [0, 2]] > 0, axis=0)) == 4  # one at each corner
        assert np.abs(wheels[:, 2]).min() > 0.03
        assert wheels[:, 1].mean() < deck[:, 1].mean()


def test_a_motorbike_has_one_wheel_behind_the_other():
    for seed in range(20):
        bike = make("motorbike", seed)
        wheels, handle = corners(bike, "wheel"), corners(bike, "handle")
        middle = (wheels[:, 2].min() + wheels[:, 2].max()) / 2
        assert np.abs(wheels[:, 2] - middle).min() > 0.03
        assert handle[:, 2].mean() > corners(bike, "seat")[:, 2].mean()
        assert handle[:, 1].max() > wheels[:, 1].max()


def test_a_car_stands_on_its_wheels_under_its_roof():
    for seed in range(20):
        car = make("car", seed)
        wheels = corners(car, "wheel")
        assert wheels[:, 1].min() < np.quantile(car.vertices[:, 1], 0.02) + 0.01
        roof, hood = corners(car, "roof"), corners(car, "hood")
        if len(roof):
            assert roof[:, 1].mean() > wheels[:, 1].max()
        if len(roof) and len(hood):
            assert hood[:, 2].mean() > roof[:, 2].mean()


def test_the_grip_of_a_pistol_hangs_behind_its_muzzle():
    for seed in range(20):
        gun = make("pistol", seed)
        grip, barrel = corners(gun, "handle"), corners(gun, "barrel")
        assert grip[:, 1].mean() < barrel[:, 1].mean()
        assert grip[:, 2].mean() < barrel[:, 2].max() - 0.2


def test_the_nose_of_a_rocket_is_ahead_of_its_fins():
    for seed in range(20):
        rocket = make("rocket", seed)
        nose, fins = corners(rocket, "nose"), corners(rocket, "fin")
        lies = np.ptp(rocket.vertices, axis=0).argmax() == 2
        ahead = 2 if lies else 1
        if len(fins):
            assert nose[:, ahead].max() > fins[:, ahead].max()


def test_an_airplane_spreads_its_wings_ahead_of_its_fins_and_may_lack_engines():
    planes = [make("airplane", seed) for seed in range(150)]
    for plane in planes:
        wing = corners(plane, "wing")
        assert wing[:, 0].min() < 0 < wing[:, 0].max()
        assert corners(plane, "rudder")[:, 2].mean() < wing[:, 2].mean()
    bare = sum(not len(corners(plane, "engine")) for plane in planes)
    assert 0.1 < bare / 150 < 0.35


def test_a_short_hood_is_found_between_rounded_stations():
    car = make("car", 1096)  # both of its ends are rounded away from it
    assert (car.face_label == car.parts.index("hood")).any()


@pytest.mark.parametrize(
    "category", ["airplane", "car", "cart", "motorbike", "pistol", "rocket", "skateboard"]
)
def test_no_seed_is_unlucky(category):
    for seed in range(60, 160):  # test_shapes looks closely at those before
        mesh = make(category, seed)
        assert np.isfinite(mesh.vertices).all(), seed
        assert 2000 <= len(mesh.faces) <= 18500, seed
