"""The simulated teacher: exact when clean, wrong in the ways it promises otherwise."""

from __future__ import annotations

import pytest
import torch

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.simulated import SimulatedTeacher
from pdengine.types import Boxes, Cameras, PartList, Views

PARTS = PartList(("head", "body"))


def views_of(index: torch.Tensor) -> Views:
    """Views from an index image [V, H, W]."""
    count = len(index)
    cameras = Cameras(torch.eye(3).expand(count, 3, 3), torch.zeros(count, 3), torch.ones(count))
    depth = torch.where(index >= 0, 1.0, torch.inf)
    blank = torch.ones(*index.shape, 3)
    return Views(blank, index.to(torch.int32), depth, torch.zeros_like(blank), cameras)


def two_squares(count: int = 1) -> Views:
    """Point 0 fills rows 2-5, columns 3-9; point 1 two separate squares below."""
    index = torch.full((count, 20, 20), -1)
    index[:, 2:6, 3:10] = 0
    index[:, 10:14, 2:6] = 1
    index[:, 10:14, 12:16] = 1
    index[:, 18, 18] = 1  # under six pixels
    return views_of(index)


def said(boxes: Boxes) -> list[tuple[int, list[float]]]:
    return [
        (label, box) for label, box in zip(boxes.label.tolist(), boxes.box.tolist(), strict=True)
    ]


def test_a_clean_teacher_boxes_every_component() -> None:
    teacher = SimulatedTeacher(torch.tensor([0, 1]), PARTS.names, "clean")
    boxes = teacher(two_squares(), PARTS)
    expected = [(0, [3, 2, 10, 6]), (1, [2, 10, 6, 14]), (1, [12, 10, 16, 14])]
    assert said(boxes) == expected
    assert teacher.name == "simulated (clean)"


def test_points_without_a_label_get_no_box() -> None:
    teacher = SimulatedTeacher(torch.tensor([0, -1]), PARTS.names, "clean")
    assert teacher(two_squares(), PARTS).label.tolist() == [0]


def test_a_box_around_everything_is_not_said() -> None:
    views = views_of(torch.zeros(1, 8, 8, dtype=torch.int64))
    assert len(SimulatedTeacher(torch.tensor([0]), PARTS.names, "clean")(views, PARTS).box) == 0


@pytest.mark.parametrize("noise", ["systematic", "independent"])
def test_the_same_seed_says_the_same(noise: str) -> None:
    answers = [
        SimulatedTeacher(torch.tensor([0, 1]), PARTS.names, noise, seed)(two_squares(40), PARTS)
        for seed in (1, 1, 2)
    ]
    assert torch.equal(answers[0].box, answers[1].box)
    assert answers[0].box.shape != answers[2].box.shape or not torch.equal(
        answers[0].box, answers[2].box
    )


@pytest.mark.parametrize("noise", ["systematic", "independent"])
@pytest.mark.parametrize("seed", range(5))
def test_boxes_lie_in_the_image_and_scores_in_range(noise: str, seed: int) -> None:
    teacher = SimulatedTeacher(torch.tensor([0, 1]), PARTS.names, noise, seed, 0.5)
    boxes = teacher(two_squares(50), PARTS)
    assert (boxes.box >= 0).all()
    assert (boxes.box <= 20).all()
    assert (boxes.box[:, 2:] > boxes.box[:, :2]).all()
    assert ((boxes.score >= 0.3) & (boxes.score <= 1)).all()
    assert ((boxes.label >= 0) & (boxes.label < 2)).all()


def test_independent_noise_misses_and_misnames_at_its_rates() -> None:
    teacher = SimulatedTeacher(torch.tensor([0, 1]), PARTS.names, "independent", 0, 0.0)
    boxes = teacher(two_squares(2000), PARTS)
    assert len(boxes.box) / 6000 == pytest.approx(0.7, abs=0.03)
    centre = (boxes.box[:, 1] + boxes.box[:, 3]) / 2
    truth = (centre > 8).long()
    assert (boxes.label != truth).float().mean() == pytest.approx(0.15, abs=0.03)


def test_systematic_noise_differs_between_shapes_and_stays_within_one() -> None:
    rates = []
    for seed in range(60):
        teacher = SimulatedTeacher(torch.tensor([0, -1]), PARTS.names, "systematic", seed)
        boxes = teacher(two_squares(100), PARTS)
        wrong = (boxes.label != 0).float().mean() if len(boxes.label) else torch.tensor(0.0)
        rates.append((len(boxes.label) / 100, float(wrong)))
    found = torch.tensor([rate for rate, _ in rates])
    assert found.std() > 0.2  # Beta(1.2, 1.2) has deviation 0.27
    confused = sum(wrong > 0.5 for _, wrong in rates) / len(rates)
    assert confused == pytest.approx(0.25, abs=0.15)


def test_one_part_cannot_be_misnamed() -> None:
    one = PartList(("thing",))
    index = two_squares(30)
    boxes = SimulatedTeacher(torch.tensor([0, -1]), one.names, "independent", 0)(index, one)
    assert set(boxes.label.tolist()) == {0}


def test_it_says_what_is_wrong() -> None:
    with pytest.raises(ConfigError, match="noise must be one of systematic, independent, clean"):
        SimulatedTeacher(torch.tensor([0]), PARTS.names, "loud")
    teacher = SimulatedTeacher(torch.tensor([0, 1]), PARTS.names)
    with pytest.raises(TeacherError, match=r"simulated \(systematic\) knows head, body, got tail"):
        teacher(two_squares(), PartList(("tail",)))
