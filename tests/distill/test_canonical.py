"""A common pose: turned shapes come back, and a shape alone stays as it is."""

from __future__ import annotations

import pytest
import torch

from pdengine.distill import common_pose, nearest_pose, sketch
from pdengine.distill.canonical import SKETCH, candidates, cube_rotations, random_rotation


def letter_l(seed: int = 0) -> torch.Tensor:
    """A long leg along +y, a short one along +x and a stub along +z: no two poses look alike."""
    dice = torch.Generator().manual_seed(seed)
    legs = []
    for axis, (length, count) in enumerate([(1.0, 150), (2.5, 300), (0.6, 80)]):
        leg = torch.randn(count, 3, generator=dice) * 0.05
        leg[:, axis] += torch.rand(count, generator=dice) * length
        legs.append(leg)
    return torch.cat(legs)


def test_cube_rotations_are_24_proper_rotations():
    turns = cube_rotations()
    assert turns.shape == (24, 3, 3)
    assert len({tuple(turn.flatten().tolist()) for turn in turns}) == 24
    assert torch.equal(turns @ turns.transpose(1, 2), torch.eye(3).expand(24, 3, 3))
    assert torch.linalg.det(turns).tolist() == [1.0] * 24
    assert torch.equal(turns[0], torch.eye(3))


def test_random_rotations_are_proper_and_go_everywhere():
    dice = torch.Generator().manual_seed(0)
    turns = torch.stack([random_rotation(torch.randn(3, 3, generator=dice)) for _ in range(400)])
    close = 8 * torch.finfo(torch.float32).eps
    assert torch.allclose(turns @ turns.transpose(1, 2), torch.eye(3), atol=close)
    assert torch.allclose(torch.linalg.det(turns), torch.ones(400), atol=close)
    # Where 400 of them take an axis: no mean direction beyond four standard errors of 1/sqrt(3).
    assert turns[:, :, 0].mean(0).abs().max() < 4 / (3 * 400) ** 0.5


def test_candidates_are_proper_rotations_too():
    turns = candidates(sketch(letter_l()))
    assert turns.shape == (48, 3, 3)
    # Products of float32 rotations: three products and two sums an entry, all at most 1.
    close = 8 * torch.finfo(torch.float32).eps
    assert torch.allclose(turns @ turns.transpose(1, 2), torch.eye(3), atol=close)
    assert torch.allclose(torch.linalg.det(turns), torch.ones(48), atol=close)


def test_a_sketch_is_centred_and_picks_points_far_apart():
    line = torch.stack([torch.arange(101.0), torch.zeros(101), torch.zeros(101)], 1)
    points = sketch(line, 3)[:, 0]
    assert sorted(points.tolist()) == pytest.approx([-50 / 850**0.5, 0, 50 / 850**0.5])


def test_a_shape_of_few_points_is_all_of_its_sketch():
    assert sketch(letter_l()).shape == (SKETCH, 3)
    assert sketch(letter_l()[:5]).shape == (5, 3)
    assert sketch(torch.ones(1, 3)).tolist() == [[0.0, 0.0, 0.0]]
    assert sketch(torch.ones(9, 3)).isfinite().all()


@pytest.mark.parametrize("number", range(24))
def test_a_turned_shape_comes_back_to_its_pose(number):
    turn = cube_rotations()[number]
    found = nearest_pose(sketch(letter_l(1) @ turn.T), [sketch(letter_l(0))])
    assert torch.allclose(found @ turn, torch.eye(3), atol=0.1)  # a principal axis may be as near


def test_a_collection_comes_into_one_pose():
    turns = cube_rotations()[[0, 5, 0, 17, 9]]
    sketches = [sketch(letter_l(k) @ turn.T) for k, turn in enumerate(turns)]
    both = [found @ turn for found, turn in zip(common_pose(sketches), turns, strict=True)]
    for pose in both[1:]:
        assert torch.allclose(pose, both[0], atol=0.1)


def test_a_collection_of_one_keeps_its_pose():
    assert torch.equal(common_pose([sketch(letter_l())])[0], torch.eye(3))


def test_single_points_and_shapes_of_different_size_have_a_pose():
    few = [sketch(letter_l()[:count]) for count in (1, 2, 7, 400)]
    turns = torch.stack(common_pose(few))
    assert turns.isfinite().all()
    assert torch.allclose(torch.linalg.det(turns), torch.ones(4), atol=1e-5)
