"""Mean IoU by hand, in both conventions."""

from __future__ import annotations

import pytest
import torch

from pdengine.evaluate import instance_miou, part_miou


def test_by_hand() -> None:
    truth = torch.tensor([0, 0, 0, 1, 1, 2])
    predicted = torch.tensor([0, 0, 1, 1, 1, 0])
    # part 0: 2 of 4; part 1: 2 of 3; part 2: 0 of 1
    assert part_miou(predicted, truth) == pytest.approx((2 / 4 + 2 / 3 + 0) / 3)


def test_unlabelled_points_are_wrong() -> None:
    truth = torch.tensor([0, 0, 1, 1])
    assert part_miou(torch.tensor([0, -1, 1, 1]), truth) == pytest.approx((1 / 2 + 1) / 2)
    assert part_miou(torch.full((4,), -1), truth) == 0


def test_a_part_that_the_shape_lacks_is_not_averaged_but_costs_the_others() -> None:
    assert part_miou(torch.tensor([0, 0, 5, 5]), torch.zeros(4).long()) == pytest.approx(0.5)


def test_points_without_a_true_part_are_left_out() -> None:
    assert part_miou(torch.tensor([0, 1, 1]), torch.tensor([0, -1, 1])) == 1


def test_the_instance_convention_counts_an_absent_part_as_perfect() -> None:
    truth = torch.tensor([0, 0, 1, 1])
    predicted = torch.tensor([0, 0, 1, 0])
    both = (2 / 3 + 1 / 2) / 2
    assert part_miou(predicted, truth) == pytest.approx(both)
    assert instance_miou(predicted, truth, 2) == pytest.approx(both)
    assert instance_miou(predicted, truth, 3) == pytest.approx((2 * both + 1) / 3)
    assert instance_miou(torch.tensor([0, 0, 1, 2]), truth, 3) == pytest.approx((1 + 0.5 + 0) / 3)


def test_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"predicted must be \[2\], got \[3\]"):
        part_miou(torch.zeros(3).long(), torch.zeros(2).long())
    with pytest.raises(ValueError, match="at least one point, got none"):
        part_miou(torch.zeros(1).long(), torch.full((1,), -1))
    with pytest.raises(ValueError, match="parts must be at least 1, got 0"):
        instance_miou(torch.zeros(1).long(), torch.zeros(1).long(), 0)
