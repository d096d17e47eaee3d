"""Re-scored units, by hand."""

from __future__ import annotations

import pytest
import torch

from pdengine.distill import rescore
from pdengine.types import Units

# The student says part 0, 1, 1, 0 of the four points, more or less surely.
SAID = torch.tensor([[0.9, 0.1], [0.25, 0.75], [0.4, 0.6], [0.5, 0.5]])


def test_the_published_form_is_the_share_that_agrees(three_units: Units) -> None:
    # Unit 0 calls {0, 1} part 0, unit 1 {1, 2} part 1, unit 2 {1} part 0.
    assert rescore(three_units, SAID).score.tolist() == [0.5, 1.0, 0.0]
    assert torch.equal(
        rescore(three_units, SAID, "published").score, rescore(three_units, SAID).score
    )


def test_the_soft_form_is_the_mean_probability(three_units: Units) -> None:
    score = rescore(three_units, SAID, "soft").score
    assert score.dtype == torch.float32
    expected = [(0.9 + 0.25) / 2, (0.75 + 0.6) / 2, 0.25]
    assert score.tolist() == pytest.approx(expected)


def test_the_relative_form_ranks_units_among_their_peers(three_units: Units) -> None:
    # Units 0 and 2 call part 0: they agree on 0.5 and 0, in the mean 0.25.
    score = rescore(three_units, SAID, "relative").score
    assert score.tolist() == pytest.approx([1.0, 0.6, 0.0])


def test_a_part_that_the_student_never_says_keeps_its_scores(three_units: Units) -> None:
    always_one = torch.tensor([[0.0, 1.0]]).expand(4, 2)
    score = rescore(three_units, always_one, "relative").score
    assert score.tolist() == pytest.approx([0.8, 0.6, 0.4])


@pytest.mark.parametrize("form", ["published", "soft", "relative"])
def test_only_the_scores_change(form: str, three_units: Units) -> None:
    before = three_units.score.clone()
    found = rescore(three_units, SAID, form)
    assert torch.equal(three_units.score, before)
    for name in ("label", "offsets", "point", "view"):
        assert torch.equal(getattr(found, name), getattr(three_units, name))


@pytest.mark.parametrize("form", ["published", "soft", "relative"])
def test_a_unit_without_a_point_has_a_defined_score(form: str) -> None:
    nothing = torch.zeros(0, dtype=torch.int64)
    zero = torch.zeros(1, dtype=torch.int64)
    units = Units(zero, torch.ones(1), torch.zeros(2, dtype=torch.int64), nothing, zero, 4)
    assert rescore(units, SAID, form).score.isfinite().all()
