"""Hands and creatures: what a child would count, and rare combinations that a few seeds miss."""

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pdengine.shapes import LabelledMesh, make


def pieces(mesh: LabelledMesh, part: str) -> int:
    """How many closed surfaces a part is made of."""
    faces = mesh.faces[mesh.face_label == mesh.parts.index(part)]
    used, edges = np.unique(faces, return_inverse=True)
    a, b, c = edges.reshape(-1, 3).T
    links = np.ones(2 * len(faces)), (np.concatenate([a, b]), np.concatenate([b, c]))
    return connected_components(coo_matrix(links, shape=(len(used),) * 2))[0]


def test_an_ant_has_six_legs_and_two_antennae_or_none():
    for seed in range(30):
        ant = make("ant", seed)
        assert pieces(ant, "leg") == 6
        assert pieces(ant, "antenna") in (0, 2)


def test_a_biped_stands_on_two_legs_with_its_back_behind():
    for seed in range(30):
        biped = make("biped", seed)
        for part in ("upper arm", "lower arm", "upper leg", "lower leg"):
            assert pieces(biped, part) == 2
        middle = {
            part: biped.vertices[biped.faces[biped.face_label == k]].mean((0, 1))
            for k, part in enumerate(biped.parts)
            if (biped.face_label == k).any()
        }
        assert middle["head"][1] > middle["foot"][1]
        assert "back" not in middle or middle["back"][2] < middle["torso"][2]


def test_a_bust_looks_ahead_and_carries_its_head_above_the_neck():
    for seed in range(30):
        bust = make("bust", seed)
        middle = {
            part: bust.vertices[bust.faces[bust.face_label == k]].mean((0, 1))
            for k, part in enumerate(bust.parts)
            if (bust.face_label == k).any()
        }
        assert middle["face"][1] > middle["neck"][1]
        if "pedestal" in middle:
            assert middle["neck"][1] > middle["pedestal"][1]
        if "nose" in middle:
            assert middle["nose"][2] > middle["face"][2]
        if "eye" in middle and "mouth" in middle:
            assert middle["eye"][1] > middle["mouth"][1]


def test_an_octopus_has_six_arms_or_more():
    """Up to nine, and a squid has two long ones besides."""
    counts = [pieces(make("octopus", seed), "leg") for seed in range(60)]
    assert min(counts) >= 6
    assert max(counts) <= 11
    assert max(set(counts), key=counts.count) == 8


@pytest.mark.parametrize("category", ["ant", "biped", "bird", "bust", "fish", "hand", "octopus"])
def test_no_seed_is_unlucky(category):
    """None fails, none grows too big, and no part is left with a sliver of the surface."""
    for seed in range(60, 160):  # test_shapes looks closely at those before
        mesh = make(category, seed)
        assert np.isfinite(mesh.vertices).all(), seed
        assert 2000 <= len(mesh.faces) <= 16000, seed
        a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        share = np.bincount(mesh.face_label, area) / area.sum()
        assert (share[np.unique(mesh.face_label)] > 0.001).all(), seed
