"""From candidates to boxes of parts."""

from __future__ import annotations

import pytest
import torch

from pdengine.errors import ConfigError
from pdengine.teach.models.boxes import BoxSettings, Candidates, choose, corners
from pdengine.teach.models.phrasing import Phrasing
from pdengine.types import PartList

ASKED = Phrasing(("{part}", "{category} {part}")).ask(PartList(("seat", "back"), "chair"))


def candidates(*rows: tuple[list[float], list[float]]) -> Candidates:
    """One view: XYXY and the scores of the four phrases of ASKED."""
    return Candidates(
        torch.tensor([[box for box, _ in rows]]), torch.tensor([[score for _, score in rows]])
    )


def test_a_candidate_is_a_box_of_the_part_it_looks_most_like() -> None:
    found = candidates(([1.0, 2, 3, 4], [0.1, 0.5, 0.6, 0.0]))
    boxes = choose(found, ASKED, (10, 10), BoxSettings(0.2))
    assert boxes.box.tolist() == [[1, 2, 3, 4]]
    assert boxes.label.tolist() == [1]
    assert boxes.view.tolist() == [0]
    assert boxes.score.tolist() == pytest.approx([0.6])


def test_the_mean_asks_all_phrases_of_a_part() -> None:
    found = candidates(([1.0, 2, 3, 4], [0.4, 0.5, 0.6, 0.0]))
    boxes = choose(found, ASKED, (10, 10), BoxSettings(0.2, combine="mean"))
    assert boxes.label.tolist() == [0]
    assert boxes.score.tolist() == pytest.approx([0.45])


def test_the_threshold_itself_is_enough() -> None:
    found = candidates(([1.0, 2, 3, 4], [0.5, 0, 0, 0]), ([1.0, 2, 3, 4], [0.25, 0, 0, 0]))
    assert choose(found, ASKED, (10, 10), BoxSettings(0.5)).score.tolist() == [0.5]


def test_boxes_end_at_the_image_and_those_outside_are_no_boxes() -> None:
    found = candidates(([-5.0, -5, 5, 50], [0.9, 0, 0, 0]), ([20.0, 1, 30, 2], [0.9, 0, 0, 0]))
    boxes = choose(found, ASKED, (8, 10), BoxSettings(0.5))
    assert boxes.box.tolist() == [[0, 0, 5, 8]]


def test_the_same_thing_is_said_once_per_part_and_view() -> None:
    one = ([1.0, 1, 9, 9], [0.9, 0, 0, 0])
    again = ([1.0, 1, 9, 8], [0.8, 0, 0, 0])
    other_part = ([1.0, 1, 9, 9], [0.0, 0, 0.7, 0])
    found = candidates(one, again, other_part)
    twice = Candidates(found.box.expand(2, -1, -1), found.score.expand(2, -1, -1))
    boxes = choose(twice, ASKED, (10, 10), BoxSettings(0.5))
    assert boxes.score.tolist() == pytest.approx([0.9, 0.7, 0.9, 0.7])
    assert boxes.view.tolist() == [0, 0, 1, 1]


def test_what_inference_made_can_meet_a_gradient() -> None:
    with torch.inference_mode():
        found = candidates(([1.0, 2, 3, 4], [0.4, 0.5, 0.6, 0.0]))
    boxes = choose(found, ASKED, (10, 10), BoxSettings(0.2))
    (boxes.score.sum() * torch.ones(1, requires_grad=True)).backward()


def test_nothing_good_enough_is_no_box() -> None:
    found = candidates(([1.0, 2, 3, 4], [0.1, 0.1, 0.1, 0.0]))
    assert choose(found, ASKED, (10, 10), BoxSettings(0.5)).box.shape == (0, 4)


def test_a_box_in_the_middle_of_a_wide_picture() -> None:
    assert corners(torch.tensor([0.5, 0.5, 0.5, 0.25]), 40, 16).tolist() == [10, 6, 30, 10]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.5}, r"threshold must be in \[0, 1\], got 1.5"),
        ({"threshold": 0.1, "overlap": float("nan")}, r"overlap must be in \[0, 1\], got nan"),
        ({"threshold": 0.1, "batch": 0}, "batch must be at least 1, got 0"),
    ],
)
def test_says_what_a_setting_must_be(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        BoxSettings(**options)  # type: ignore[arg-type]
