"""What a shape is, when nobody said it."""

from __future__ import annotations

import pytest
import torch

from pdengine.cameras import rig
from pdengine.errors import PartError, TeacherError
from pdengine.io import cloud_from_arrays
from pdengine.teach import Guarded, Guess, Proposal, check_proposes, guess_category
from pdengine.teach.proposing import check_proposals, mean_proposals
from pdengine.types import PartList, Segmentation, Views

VIEWS = Views(
    images=torch.ones(1, 4, 6, 3),
    index=torch.full((1, 4, 6), -1, dtype=torch.int32),
    depth=torch.full((1, 4, 6), torch.inf),
    normals=torch.zeros(1, 4, 6, 3),
    cameras=rig(1),
)


def proposal(category, probability, *names):
    return Proposal(category, probability, PartList(names or ("body",), category))


class Knowing:
    name = "knowing"

    def __init__(self, *proposals):
        self.proposals = proposals

    def __call__(self, views, parts):
        raise AssertionError("never asked")

    def propose(self, views):
        return self.proposals


def result():
    cloud = cloud_from_arrays(torch.rand(5, 3))
    none = torch.full((5,), -1)
    return Segmentation(
        none, torch.zeros(5, 1), ("body",), cloud, "vote", none, warnings=("as before",)
    )


def test_the_first_proposal_is_the_prompt():
    teacher = Knowing(
        proposal("chair", 0.75, "back", "seat"), proposal("table", 0.25, "top", "leg")
    )
    guess = guess_category(Guarded(teacher).propose(VIEWS).answer)
    assert guess.parts == PartList(("back", "seat"), "chair")
    assert guess.probability == 0.75
    assert guess.others == (("table", 0.25),)


def test_four_rivals_are_listed():
    names = ("airplane", "chair", "lamp", "mug", "table", "vase")
    guess = guess_category([proposal(name, 1 / 6) for name in names])
    assert [name for name, _ in guess.others] == ["chair", "lamp", "mug", "table"]


def test_a_sure_guess_is_told_without_a_warning():
    told = Guess(PartList(("body",), "mug"), 0.5, (("vase", 0.4),)).told(result())
    assert told.meta["proposed"] == {
        "category": "mug",
        "probability": 0.5,
        "others": [["vase", 0.4]],
    }
    assert told.warnings == ("as before",)


def test_an_unsure_guess_is_a_warning_before_the_others():
    told = Guess(PartList(("body",), "mug"), 0.41, (("vase", 0.33), ("lamp", 0.26))).told(result())
    assert told.warnings == (
        "the category is a guess: mug 0.41, vase 0.33; say --parts to decide",
        "as before",
    )


def test_a_teacher_that_cannot_propose_needs_parts():
    def names_pixels(views, parts):
        raise AssertionError("never asked")

    names_pixels.name = "plain"
    with pytest.raises(PartError, match=r"segment needs --parts, .* plain does not say"):
        check_proposes(names_pixels)
    check_proposes(Knowing())


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((), "knowing: must propose at least one category, got none"),
        ((proposal("a", 0.2), proposal("b", 0.8)), "best first .* got .0.2, 0.8."),
        ((proposal("a", 0.8), proposal("b", 0.3)), "sum to at most 1"),
        ((proposal("a", float("nan")),), "got .nan."),
        ((proposal("a", 0.5), proposal("b", -0.5)), "got .0.5, -0.5."),
    ],
)
def test_says_what_is_wrong(answer, message):
    with pytest.raises(TeacherError, match=message):
        check_proposals(answer, "knowing")
    with pytest.raises(TeacherError, match=message):
        Guarded(Knowing(*answer)).propose(VIEWS)


def test_a_proposed_name_is_checked_like_a_typed_one():
    for bad in (proposal("a", 1.0, "../b"), proposal("a/b", 1.0), proposal("a", 1.0, "b", "B")):
        with pytest.raises(PartError):
            check_proposals([bad], "knowing")


def test_the_mean_of_two_answers_knows_the_categories_of_both():
    answers = [(proposal("mug", 0.75), proposal("vase", 0.25)), (proposal("vase", 1.0),)]
    mean = mean_proposals(answers)
    assert [(p.category, p.probability) for p in mean] == [("vase", 0.625), ("mug", 0.375)]
