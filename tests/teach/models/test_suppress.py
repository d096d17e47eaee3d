"""Non-maximum suppression of our own."""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine.teach.models.suppress import iou, suppress


def boxes(*rows: list[float]) -> Tensor:
    return torch.tensor(rows).float().reshape(-1, 4)


def test_half_a_box_overlaps_it_by_half() -> None:
    whole, half, beside = [0.0, 0, 2, 2], [0.0, 0, 1, 2], [2.0, 0, 4, 2]
    assert iou(boxes(whole), boxes(whole, half, beside)).tolist() == [[1.0, 0.5, 0.0]]


def test_boxes_without_area_overlap_nothing() -> None:
    assert iou(boxes([1.0, 1, 1, 1]), boxes([1.0, 1, 1, 1])).tolist() == [[0.0]]


def test_the_better_of_two_alike_stays() -> None:
    alike = boxes([0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30])
    kept = suppress(alike, torch.tensor([0.5, 0.6, 0.1]), torch.zeros(3, dtype=torch.int64), 0.5)
    assert kept.tolist() == [1, 2]


def test_what_fell_hides_nothing() -> None:
    # 0 hides 1, and 1 would have hidden 2.
    row = boxes([0, 0, 10, 1], [3, 0, 13, 1], [6, 0, 16, 1])
    kept = suppress(row, torch.tensor([0.9, 0.8, 0.7]), torch.zeros(3, dtype=torch.int64), 0.5)
    assert kept.tolist() == [0, 2]


def test_groups_do_not_see_each_other() -> None:
    alike = boxes([0, 0, 10, 10], [0, 0, 10, 10])
    assert suppress(alike, torch.tensor([0.5, 0.6]), torch.tensor([0, 1]), 0.5).tolist() == [0, 1]


def test_equal_scores_go_by_the_lower_index() -> None:
    alike = boxes([0, 0, 10, 10], [0, 0, 10, 9])
    group = torch.zeros(2, dtype=torch.int64)
    assert suppress(alike, torch.tensor([0.5, 0.5]), group, 0.5).tolist() == [0]


def test_exactly_the_limit_stays() -> None:
    whole_and_half = boxes([0, 0, 2, 2], [0, 0, 1, 2])
    group, score = torch.zeros(2, dtype=torch.int64), torch.tensor([0.9, 0.8])
    assert suppress(whole_and_half, score, group, 0.5).tolist() == [0, 1]
    assert suppress(whole_and_half, score, group, 0.49).tolist() == [0]


def test_nothing_suppresses_nothing() -> None:
    none = torch.zeros(0, dtype=torch.int64)
    assert suppress(boxes(), torch.zeros(0), none, 0.5).shape == (0,)


def brute_force(box: Tensor, score: Tensor, group: Tensor, limit: float) -> list[int]:
    kept: list[int] = []
    for k in sorted(range(len(box)), key=lambda k: (-float(score[k]), k)):
        rivals = [j for j in kept if group[j] == group[k]]
        if all(float(iou(box[[j]], box[[k]])) <= limit for j in rivals):
            kept.append(k)
    return sorted(kept)


def test_agrees_with_the_definition_on_random_boxes() -> None:
    dice = torch.Generator().manual_seed(0)
    for _ in range(8):
        low = torch.rand(40, 2, generator=dice) * 8
        box = torch.cat([low, low + torch.rand(40, 2, generator=dice) * 6], 1)
        score = (torch.rand(40, generator=dice) * 8).round() / 8  # many ties
        group = torch.randint(3, (40,), generator=dice)
        assert suppress(box, score, group, 0.4).tolist() == brute_force(box, score, group, 0.4)
