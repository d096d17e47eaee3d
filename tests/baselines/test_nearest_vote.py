"""Voting, with units small enough to count on fingers."""

from __future__ import annotations

import torch

from pdengine.baselines import nearest_vote
from pdengine.types import PointCloud, Units


def line_of(count: int) -> PointCloud:
    xyz = torch.zeros(count, 3)
    xyz[:, 0] = torch.linspace(-0.5, 0.5, count)
    rows = torch.arange(count)
    return PointCloud(xyz, torch.zeros(3, dtype=torch.float64), 1.0, rows, xyz)


def units_of(count: int, *units: tuple[int, float, list[int]]) -> Units:
    sizes = [0, *(len(points) for _, _, points in units)]
    return Units(
        label=torch.tensor([label for label, _, _ in units], dtype=torch.int64),
        score=torch.tensor([score for _, score, _ in units], dtype=torch.float32),
        offsets=torch.tensor(sizes).cumsum(0),
        point=torch.tensor([p for _, _, points in units for p in points], dtype=torch.int64),
        view=torch.zeros(len(units), dtype=torch.int64),
        count=count,
    )


def test_the_higher_sum_of_scores_wins() -> None:
    units = units_of(3, (0, 0.9, [0, 1]), (1, 0.5, [1, 2]), (1, 0.6, [1]))
    vote = nearest_vote(line_of(3), units, 2)
    assert vote.labels.tolist() == [0, 1, 1]
    assert torch.allclose(vote.scores[1], torch.tensor([0.9, 1.1]) / 2.0)
    assert vote.covered.all()


def test_an_uncovered_point_takes_its_nearest_neighbours_part() -> None:
    vote = nearest_vote(line_of(6), units_of(6, (0, 1.0, [0]), (1, 1.0, [5])), 2)
    assert vote.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert vote.covered.tolist() == [True, False, False, False, False, True]
    assert vote.scores[2].tolist() == [1.0, 0.0]


def test_equal_votes_go_to_the_first_part() -> None:
    assert nearest_vote(line_of(1), units_of(1, (1, 0.5, [0]), (0, 0.5, [0])), 2).labels == 0


def test_no_detection_leaves_everything_unlabelled() -> None:
    vote = nearest_vote(line_of(4), units_of(4), 3)
    assert vote.labels.tolist() == [-1] * 4
    assert vote.scores.shape == (4, 3)
    assert not vote.scores.any()
    assert not vote.covered.any()


def test_a_unit_with_score_zero_covers_nothing() -> None:
    vote = nearest_vote(line_of(2), units_of(2, (0, 0.0, [0, 1])), 1)
    assert vote.labels.tolist() == [-1, -1]
