"""Things of a household: combinations that few seeds meet, and where parts are."""

import numpy as np
import pytest

from pdengine.shapes import LabelledMesh, make

HOUSEHOLD = (
    *("bottle", "bucket", "cabinet", "dispenser", "display"),
    *("door", "faucet", "kettle", "toaster", "trashcan"),
)


def corners(mesh: LabelledMesh, part: str) -> np.ndarray:
    """The corner points of a part's faces, [K, 3]; none where it is missing."""
    return mesh.vertices[mesh.faces[mesh.face_label == mesh.parts.index(part)]].reshape(-1, 3)


@pytest.mark.parametrize("category", HOUSEHOLD)
def test_no_seed_is_unlucky(category):
    for seed in range(60, 161):  # test_shapes looks closely at those before
        mesh = make(category, seed)
        assert np.isfinite(mesh.vertices).all(), seed
        assert 2000 <= len(mesh.faces) <= 16000, seed


@pytest.mark.parametrize(
    ("category", "part", "least", "most"),
    [
        ("bottle", "lid", 0.7, 0.97),
        ("bottle", "neck", 0.5, 0.9),
        ("cabinet", "door", 0.5, 0.85),
        ("cabinet", "drawer", 0.4, 0.8),
        ("cabinet", "leg", 0.3, 0.7),
        ("display", "support", 0.6, 0.95),
        ("door", "frame", 0.8, 0.99),
        ("trashcan", "pedal", 0.2, 0.5),
    ],
)
def test_a_part_that_may_lack_lacks_as_often_as_in_reality(category, part, least, most):
    present = [len(corners(make(category, seed), part)) > 0 for seed in range(150)]
    assert least < np.mean(present) < most


def test_most_bottles_stand_under_their_lid_and_a_few_on_it():
    """Ketchup stands on its head."""
    bottles = [make("bottle", seed) for seed in range(200)]
    above = [
        corners(b, "lid")[:, 1].mean() > corners(b, "body")[:, 1].mean()
        for b in bottles
        if len(corners(b, "lid"))
    ]
    assert 0.9 < np.mean(above) < 1.0


def test_a_kettle_pours_to_the_other_side_than_it_is_held_or_is_held_from_above():
    for seed in range(60):
        kettle = make("kettle", seed)
        spout, handle, body = (corners(kettle, p).mean(0) for p in ("spout", "handle", "body"))
        assert spout[0] > body[0], seed
        assert handle[0] < body[0] or handle[1] > body[1], seed


def test_nothing_of_a_display_stands_before_its_picture():
    for seed in range(60):
        display = make("display", seed)
        screen, support = corners(display, "screen"), corners(display, "support")
        if len(support):
            assert support[:, 2].mean() < screen[:, 2].max(), seed


def test_some_doors_are_shut_and_some_are_open():
    """A leaf in its frame is no deeper than this; one that is open reaches out of it."""
    reach = []
    for seed in range(150):
        door = make("door", seed)
        frame = corners(door, "frame")
        if len(frame):
            reach.append(np.ptp(corners(door, "door")[:, 2]) / np.ptp(frame[:, 2]))
    shut = np.mean(np.array(reach) < 1.1)
    assert 0.3 < shut < 0.8


def test_the_lever_of_a_toaster_can_be_reached():
    """Sliders stand out of the body, at an end or in front."""
    for seed in range(60):
        toaster = make("toaster", seed)
        slider, body = corners(toaster, "slider"), corners(toaster, "body")
        assert (slider.max(0) > body.max(0) - 0.01)[[0, 2]].any(), seed
