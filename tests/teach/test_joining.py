"""Answers for some views become one for all, and the units say which views showed nothing."""

from __future__ import annotations

import torch

from pdengine.cameras import rig
from pdengine.teach import joined
from pdengine.teach.joining import apart, of_view
from pdengine.types import Boxes, Masks, PixelScores, Units, Views


def boxes(*rows):
    """(view, score) each."""
    view, score = (torch.tensor([row[k] for row in rows]) for k in (0, 1))
    return Boxes(torch.ones(len(rows), 4), view.long(), torch.zeros(len(rows)).long(), score)


def test_boxes_get_the_numbers_of_their_views():
    answer = joined([((1,), boxes((0, 0.5))), ((3, 4), boxes((0, 0.6), (1, 0.7)))], 6)
    assert answer.view.tolist() == [1, 3, 4]
    assert of_view(answer, 3).score.tolist() == [torch.tensor(0.6).item()]
    assert of_view(answer, 3).view.tolist() == [0]
    assert len(of_view(answer, 2).view) == 0


def test_of_views_that_nobody_was_asked_about_scores_say_nothing():
    answer = joined([((1,), PixelScores(torch.full((1, 2, 1, 1), 0.25)))], 3)
    assert answer.score.flatten().tolist() == [0, 0, 0.25, 0.25, 0, 0]


def test_taken_apart_and_joined_it_is_the_same():
    mask = torch.arange(4 * 6).reshape(4, 2, 3) % 2 == 0
    view = torch.tensor([0, 0, 2, 2])
    answer = Masks(mask, view, torch.tensor([1, 0, 1, 0]), torch.linspace(0, 1, 4))
    pieces = apart(answer, 3)
    assert pieces is not None
    again = joined([((k,), piece) for k, piece in enumerate(pieces)], 3)
    for name in ("mask", "view", "label", "score"):
        assert torch.equal(getattr(again, name), getattr(answer, name))


def test_what_has_another_form_is_not_taken_apart():
    for wrong in (
        None,
        PixelScores(torch.zeros(2, 1, 4, 4)),
        PixelScores("scores"),
        boxes((3, 0.5)),
        boxes((-1, 0.5)),
        Boxes(torch.ones(2, 4), torch.tensor([0]), torch.tensor([0]), torch.ones(1)),
        Boxes(torch.ones(1, 4), torch.tensor([0.0]), torch.tensor([0]), torch.ones(1)),
        Boxes(torch.ones(1, 4), torch.tensor(0), torch.tensor([0]), torch.ones(1)),
    ):
        assert apart(wrong, 3) is None


def test_units_of_some_views_among_all():
    row = torch.tensor
    seen = row([[True, False], [True, True]])
    units = Units(row([0, 1]), torch.ones(2), row([0, 1, 2]), row([0, 1]), row([0, 1]), 2, seen)
    among = units.among([1, 3], 4)
    assert among.view.tolist() == [1, 3]
    assert among.seen is not None
    assert among.seen.tolist() == [[False] * 2, [True, False], [False] * 2, [True, True]]


def test_some_of_the_views():
    shade = torch.arange(3.0).reshape(3, 1, 1)
    views = Views(
        shade[..., None].expand(3, 1, 1, 3), shade.int(), shade, torch.zeros(3, 1, 1, 3), rig(3)
    )
    some = views.only([2, 0])
    assert some.depth.flatten().tolist() == some.index.flatten().tolist() == [2, 0]
    assert torch.equal(some.cameras.rotation, rig(3).rotation[[2, 0]])
    assert len(some) == len(some.cameras) == 2
