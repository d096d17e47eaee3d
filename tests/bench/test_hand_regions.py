"""Landmarks to parts, with made-up landmarks: no network is needed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hand_regions import REGIONS, hand_regions
from torch import Tensor

PALM, THUMB, INDEX, MIDDLE, RING, LITTLE = range(6)


def open_hand() -> Tensor:  # [21, 2]
    """Fingers straight up from y 40 to 10 at x 20, 30, 40, 50; the thumb goes left; wrist below."""
    thumb = [[28, 68], [18, 58], [10, 54], [2, 50]]
    fingers = [[x, y] for x in (20, 30, 40, 50) for y in (40, 28, 19, 10)]
    return torch.tensor([[35, 80], *thumb, *fingers], dtype=torch.float32)


def part_at(x: float, y: float, landmarks: Tensor | None = None) -> int:
    marks = open_hand() if landmarks is None else landmarks
    return int(hand_regions(marks, torch.tensor([[x, y]]))[0])


@pytest.mark.parametrize(
    ("x", "y", "part"),
    [
        *((35, 60, PALM), (8, 53, THUMB), (20, 15, INDEX), (30, 15, MIDDLE)),
        *((40, 15, RING), (50, 15, LITTLE)),
    ],
)
def test_a_pixel_on_a_bone_is_that_digit_and_one_between_the_wrist_and_knuckles_is_palm(
    x: float, y: float, part: int
) -> None:
    assert part_at(x, y) == part


def test_flesh_beside_a_finger_is_the_nearer_finger() -> None:
    assert part_at(24.9, 20) == INDEX
    assert part_at(25.1, 20) == MIDDLE


def test_a_finger_begins_a_quarter_of_the_way_from_its_knuckle_to_its_middle_joint() -> None:
    assert part_at(30, 37.1) == PALM  # the knuckle is at 40, the joint at 28, a quarter is 37
    assert part_at(30, 36.9) == MIDDLE


def test_a_forearm_is_palm_however_long_it_is() -> None:
    assert [part_at(35, y) for y in (85, 150, 1000)] == [PALM] * 3


def test_beyond_a_tip_the_finger_goes_on() -> None:
    assert part_at(50, -30) == LITTLE


def test_no_pixel_has_no_part() -> None:
    assert hand_regions(open_hand(), torch.zeros(0, 2)).shape == (0,)


def test_a_mirrored_turned_and_larger_hand_has_the_same_parts() -> None:
    dice = torch.Generator().manual_seed(0)
    pixels = torch.rand(500, 2, generator=dice) * 100 - 10
    angle = torch.tensor(0.7)
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()]).view(2, 2)
    move = 3 * turn @ torch.tensor([[-1.0, 0], [0, 1]])
    shift = torch.tensor([400.0, 7.0])
    moved = hand_regions(open_hand() @ move.T + shift, pixels @ move.T + shift)
    assert float((moved == hand_regions(open_hand(), pixels)).float().mean()) > 0.99  # seams round


def test_matches_brute_force_on_hands_of_any_pose() -> None:
    dice = np.random.default_rng(0)
    for _ in range(20):
        marks = dice.uniform(0, 100, (21, 2))
        pixels = dice.uniform(-20, 120, (60, 2))
        got = hand_regions(torch.tensor(marks), torch.tensor(pixels)).numpy()
        for pixel, part in zip(pixels, got, strict=True):
            distance = by_hand(marks, pixel)
            assert distance[part] <= min(distance) + 0.2  # what the dense samples miss


def by_hand(marks: np.ndarray, pixel: np.ndarray) -> list[float]:
    """Distances to the parts, from samples along every bone and the winding of the outline."""
    roots = [marks[k] + 0.25 * (marks[k + 1] - marks[k]) for k in (5, 9, 13, 17)]
    outline = [marks[0], marks[1], marks[2], *roots, marks[0]]
    chains = [outline, list(marks[2:5])]
    chains += [[root, *marks[k + 1 : k + 4]] for root, k in zip(roots, (5, 9, 13, 17), strict=True)]
    share = np.linspace(0, 1, 400)[:, None]
    found = []
    for chain in chains:
        points = np.concatenate([a + share * (b - a) for a, b in pairwise(chain)])
        found.append(float(np.linalg.norm(points - pixel, axis=1).min()))
    to = np.array(outline) - pixel
    turn = np.angle((to[1:] @ [1, 1j]) / (to[:-1] @ [1, 1j])).sum() / (2 * np.pi)
    if round(turn) % 2:
        found[0] = 0.0
    return found


def test_every_part_has_a_name() -> None:
    every = hand_regions(open_hand(), torch.cartesian_prod(torch.arange(60.0), torch.arange(90.0)))
    assert sorted(set(every.tolist())) == list(range(len(REGIONS)))


def test_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"landmarks must be \[21, 2\], got \[20, 2\]"):
        hand_regions(torch.zeros(20, 2), torch.zeros(1, 2))
