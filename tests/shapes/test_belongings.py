"""Things people carry: which parts they may lack, and where the parts are."""

import numpy as np
import pytest

from pdengine.shapes import LabelledMesh, make

CARRIED = ("bag", "cap", "earphone", "knife", "laptop", "scissors", "suitcase")


def corners(mesh: LabelledMesh, part: str) -> np.ndarray:
    """The corner points of a part's faces, [K, 3]; none where it is missing."""
    return mesh.vertices[mesh.faces[mesh.face_label == mesh.parts.index(part)]].reshape(-1, 3)


@pytest.mark.parametrize("category", CARRIED)
def test_no_seed_is_unlucky(category):
    for seed in range(60, 161):  # test_shapes looks closely at those before
        mesh = make(category, seed)
        assert np.isfinite(mesh.vertices).all(), seed
        assert 2000 <= len(mesh.faces) <= 16000, seed


@pytest.mark.parametrize(
    ("category", "part"),
    [("cap", "peak"), ("earphone", "headband"), ("earphone", "wire"), ("suitcase", "wheel")],
)
def test_a_part_that_may_lack_lacks_sometimes_and_not_often(category, part):
    present = [len(corners(make(category, seed), part)) > 0 for seed in range(100)]
    assert 0.3 < np.mean(present) < 1.0


def test_the_brim_of_a_hat_reaches_behind_it_and_the_peak_of_a_cap_does_not():
    behind = [
        corners(cap, "peak")[:, 2].min() < corners(cap, "crown")[:, 2].min()
        for cap in (make("cap", seed) for seed in range(100))
        if len(corners(cap, "peak"))
    ]
    assert 0.2 < np.mean(behind) < 0.6


def test_laptops_are_shut_open_and_flat():
    """Height over depth tells the angle: small is shut or flat, large stands up."""
    height, depth = np.array([np.ptp(make("laptop", k).vertices, axis=0)[1:] for k in range(100)]).T
    assert 0.05 < (height / depth < 0.3).mean() < 0.4
    assert (height / depth > 0.6).mean() > 0.4


def test_a_pair_of_scissors_has_its_screw_between_its_blades_and_its_handles():
    for seed in range(40):
        scissors = make("scissors", seed)
        blade, handle, screw = (corners(scissors, p).mean(0) for p in ("blade", "handle", "screw"))
        along = handle - blade
        assert -0.1 < (screw - blade) @ along / (along @ along) < 1.0, seed
