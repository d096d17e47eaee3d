"""A teacher that fails costs the views it failed in, and says so."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from pdengine.cameras import rig
from pdengine.errors import TeacherError
from pdengine.teach import Guarded, Proposal, listed
from pdengine.teach.guarded import within
from pdengine.types import Boxes, Masks, PartList, PixelScores, Views

PARTS = PartList(("back", "seat"))
RIG = rig(6)
VIEWS = Views(
    images=torch.ones(6, 8, 8, 3),
    index=torch.zeros(6, 8, 8, dtype=torch.int32),
    depth=torch.ones(6, 8, 8),
    normals=torch.zeros(6, 8, 8, 3),
    cameras=RIG,
)


def which(views):
    """The numbers of these views in the whole rig."""
    same = (views.cameras.translation[:, None] == RIG.translation).all(2)
    same &= (views.cameras.rotation[:, None] == RIG.rotation).all(3).all(2)
    return same.int().argmax(1).tolist()


class Faulty:
    """Says something else of every view, and fails where any of some views is among them."""

    name = "faulty"

    def __init__(self, bad, fault, kind=PixelScores):
        self.bad, self.fault, self.kind, self.asked = set(bad), fault, kind, []

    def __call__(self, views, parts):
        numbers = which(views)
        self.asked.append(numbers)
        worst = [at for at, number in enumerate(numbers) if number in self.bad]
        answer = self.right(numbers)
        return self.fault(answer, worst) if worst else answer

    def right(self, numbers):
        share = torch.tensor(numbers) / 10
        if self.kind is PixelScores:
            return PixelScores(share[:, None, None, None].expand(-1, 2, 8, 8).clone())
        rows = torch.arange(len(numbers)), torch.ones(len(numbers), dtype=torch.int64), share
        if self.kind is Masks:
            return Masks(torch.ones(len(numbers), 8, 8, dtype=torch.bool), *rows)
        return Boxes(torch.tensor([[0.0, 1.0, 7.0, 8.0]]).repeat(len(numbers), 1), *rows)


def raises(answer, worst):
    raise ValueError("boom\nin two lines")


def is_not_a_number(answer, worst):
    answer.score[worst] = torch.nan
    return answer


def is_too_sure(answer, worst):
    answer.score[worst] = 2.0
    return answer


def is_cut_short(answer, worst):
    fields = {name: value[:-1] for name, value in vars(answer).items()}
    return type(answer)(**fields | {"score": answer.score})


def leaves_the_image(answer, worst):
    answer.box[worst, 2] = 99.0
    return answer


def invents_a_view(answer, worst):
    answer.view[worst] = 6
    return answer


def is_nothing(answer, worst):
    return None


FAULTS = [
    *((PixelScores, fault) for fault in (raises, is_not_a_number, is_too_sure, is_nothing)),
    *((Boxes, fault) for fault in (raises, leaves_the_image, is_cut_short, invents_a_view)),
    *((Masks, fault) for fault in (is_not_a_number, is_cut_short, invents_a_view, is_nothing)),
]


@pytest.mark.parametrize(("kind", "fault"), FAULTS)
@pytest.mark.parametrize("bad", [[0], [5], [1, 4], [0, 2, 3]])
def test_the_good_views_answer_as_if_the_others_had_never_been(kind, fault, bad):
    asked = Guarded(Faulty(bad, fault, kind)).detections(VIEWS, PARTS)
    good = [view for view in range(6) if view not in bad]
    assert asked.views == tuple(good)
    assert [one.view for one in asked.skipped] == bad
    alone = Faulty([], fault, kind)(VIEWS.only(good), PARTS)
    for field, value in vars(alone).items():
        assert torch.equal(getattr(asked.answer, field), value)


def test_no_fault_costs_no_call():
    teacher = Faulty([], raises)
    asked = Guarded(teacher).detections(VIEWS, PARTS)
    assert teacher.asked == [[0, 1, 2, 3, 4, 5]]
    assert (asked.views, asked.skipped) == ((0, 1, 2, 3, 4, 5), ())


def test_an_answer_of_the_right_form_tells_its_bad_views_without_more_calls():
    teacher = Faulty([2], is_too_sure)
    Guarded(teacher).detections(VIEWS, PARTS)
    assert teacher.asked == [[0, 1, 2, 3, 4, 5], [0, 1, 3, 4, 5]]


def test_else_each_view_is_asked_for_by_itself():
    teacher = Faulty([2], raises)
    asked = Guarded(teacher).detections(VIEWS, PARTS)
    one_by_one = [[0], [1], [2], [3], [4], [5]]
    assert teacher.asked == [[0, 1, 2, 3, 4, 5], *one_by_one, [0, 1, 3, 4, 5]]
    assert listed(asked.skipped) == "view 3 (ValueError: boom in two lines)"


@pytest.mark.parametrize("kind", [PixelScores, Boxes, Masks])
def test_what_only_fails_together_is_put_together(kind):
    class Small(Faulty):
        def __call__(self, views, parts):
            if len(views) > 1:
                raise MemoryError
            return super().__call__(views, parts)

    asked = Guarded(Small([], raises, kind)).detections(VIEWS, PARTS)
    assert asked.skipped == ()
    alone = Faulty([], raises, kind)(VIEWS, PARTS)
    for field, value in vars(alone).items():
        assert torch.equal(getattr(asked.answer, field), value)


def test_three_views_must_be_left():
    assert len(Guarded(Faulty([0, 1, 2], raises)).detections(VIEWS, PARTS).views) == 3
    with pytest.raises(TeacherError) as caught:
        Guarded(Faulty([0, 1, 2, 5], raises)).detections(VIEWS, PARTS)
    assert str(caught.value) == (
        "faulty: must answer for at least 3 of 6 views, got nothing usable for 4; view 1: "
        "ValueError: boom in two lines"
    )


@pytest.mark.parametrize("count", [1, 2])
def test_a_rig_of_fewer_needs_all_of_them(count):
    some = VIEWS.only(range(count))
    assert len(Guarded(Faulty([], raises)).detections(some, PARTS).views) == count
    with pytest.raises(TeacherError, match=f"at least {count} of {count} views?,"):
        Guarded(Faulty([0], raises)).detections(some, PARTS)


def test_a_teacher_that_always_fails_is_not_asked_for_ever():
    teacher = Faulty(range(6), raises)
    with pytest.raises(TeacherError, match="faulty: must answer"):
        Guarded(teacher).detections(VIEWS, PARTS)
    assert len(teacher.asked) == 5


def test_an_interrupt_goes_through():
    def interrupted(answer, worst):
        raise KeyboardInterrupt

    for timeout in (None, 60.0):
        with pytest.raises(KeyboardInterrupt):
            Guarded(Faulty([3], interrupted), timeout).detections(VIEWS, PARTS)


def test_a_view_that_hangs_is_given_up():
    end = threading.Event()

    def hangs(answer, worst):
        end.wait(60)
        return answer

    start = time.perf_counter()
    asked = Guarded(Faulty([4], hangs), 1.0).detections(VIEWS, PARTS)
    end.set()
    assert time.perf_counter() - start < 30
    assert listed(asked.skipped) == "view 5 (no answer within 1 s)"


def test_a_call_with_a_time_limit_runs_as_it_would_without():
    with torch.no_grad():
        assert within(60, lambda views: torch.is_grad_enabled(), VIEWS) is False
    assert within(60, lambda views: torch.is_grad_enabled(), VIEWS) is True
    with pytest.raises(ValueError, match="boom"):
        within(60, lambda views: raises(None, None), VIEWS)


class Standing(Faulty):
    """Knows up and a category, each view by itself."""

    def up_direction(self, views, parts):
        return self._said(views, lambda n: torch.tensor([0.0, float(sum(n)), 0.0]) / len(n))

    def propose(self, views):
        mug, vase = PartList(("body",), "mug"), PartList(("neck",), "vase")
        return self._said(
            views, lambda n: (Proposal("mug", 0.75, mug), Proposal("vase", 0.25, vase))
        )

    def _said(self, views, right):
        numbers = which(views)
        self.asked.append(numbers)
        if self.bad & set(numbers):
            return self.fault(None, None)
        return right(numbers)


@pytest.mark.parametrize("fault", [raises, is_nothing])
def test_up_and_the_category_are_asked_of_the_good_views(fault):
    guarded = Guarded(Standing([0, 5], fault))
    up = guarded.up_direction(VIEWS, PARTS)
    assert up.answer.tolist() == [0.0, 2.5, 0.0]
    proposed = guarded.propose(VIEWS)
    assert [one.category for one in proposed.answer] == ["mug", "vase"]
    for asked in (up, proposed):
        assert [one.view for one in asked.skipped] == [0, 5]


def test_their_answers_for_single_views_are_averaged():
    class Small(Standing):
        def _said(self, views, right):
            if len(views) > 1:
                raise MemoryError
            return super()._said(views, right)

    guarded = Guarded(Small([], raises))
    assert guarded.up_direction(VIEWS, PARTS).answer.tolist() == [0.0, 2.5, 0.0]
    assert [p.probability for p in guarded.propose(VIEWS).answer] == [0.75, 0.25]


@pytest.mark.parametrize("answer", [torch.zeros(2), torch.full((3,), torch.nan), "up"])
def test_a_direction_must_be_one(answer):
    with pytest.raises(TeacherError, match="up_direction must be"):
        Guarded(Standing(range(6), lambda *_: answer)).up_direction(VIEWS, PARTS)


def test_a_long_list_of_skipped_views_is_cut():
    asked = Guarded(Faulty([0, 1, 2], raises)).detections(VIEWS, PARTS)
    more = (*asked.skipped, *asked.skipped)
    assert listed(more).endswith("and 3 more")
