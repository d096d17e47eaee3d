"""Points that a detector names nothing of, by hand and beside plain loops."""

from __future__ import annotations

import pytest
import torch

import pdengine as pde
from pdengine.config import EngineConfig, LiftConfig
from pdengine.lift import with_nameless
from pdengine.taught import check_units
from pdengine.types import Boxes, PartList, PixelScores, Units, Views


def units_of(seen: list[list[int]], *said: tuple[int, int, list[int]]) -> Units:
    """Units (label, view, points) of score 0.9; seen is a row of 0 and 1 per view."""
    sizes = torch.tensor([0, *(len(points) for _, _, points in said)])
    return Units(
        label=torch.tensor([label for label, _, _ in said], dtype=torch.int64),
        score=torch.full((len(said),), 0.9),
        offsets=sizes.cumsum(0),
        point=torch.tensor([p for _, _, points in said for p in points], dtype=torch.int64),
        view=torch.tensor([view for _, view, _ in said], dtype=torch.int64),
        count=len(seen[0]),
        seen=torch.tensor(seen, dtype=torch.bool),
    )


def test_what_a_view_shows_and_no_detection_holds_is_none_of_the_parts() -> None:
    seen = [[1, 1, 1, 0], [1, 0, 1, 1]]
    found = with_nameless(units_of(seen, (0, 0, [0, 1]), (1, 0, [1]), (0, 1, [0, 2, 3])), 2, 0.5)
    assert found.label.tolist() == [0, 1, 0, 2]  # two names, so 2 is none of them
    assert found.view.tolist() == [0, 0, 1, 0]  # the second view holds all that it shows
    assert found.point[found.offsets[3] :].tolist() == [2]
    assert found.score.tolist() == pytest.approx([0.9, 0.9, 0.9, 0.5])


def test_a_view_that_nobody_looked_at_says_nothing() -> None:
    found = with_nameless(units_of([[1, 1], [0, 0]], (0, 0, [0, 1])), 1, 0.5)
    assert found.label.tolist() == [0]


def test_a_view_in_which_nothing_was_found_says_none_of_all_that_it_shows() -> None:
    found = with_nameless(units_of([[1, 0, 1]]), 3, 0.25)
    assert (found.label.tolist(), found.point.tolist()) == ([3], [0, 2])


@pytest.mark.parametrize("seed", range(20))
def test_matches_plain_loops(seed: int) -> None:
    dice = torch.Generator().manual_seed(seed)
    seen = torch.randint(0, 2, (3, 7), generator=dice)
    said = []
    for view in range(3):
        shown = seen[view].nonzero()[:, 0].tolist()
        points = [p for p in shown if int(torch.randint(0, 2, (1,), generator=dice))]
        said += [(view % 2, view, points)] if points else []
    units = units_of(seen.tolist(), *said)
    found = with_nameless(units, 2, 0.5)
    check_units(found, 7, 2)
    held = {(view, point) for _, view, points in said for point in points}
    nameless = {(v, p) for v in range(3) for p in range(7) if seen[v, p] and (v, p) not in held}
    mine = found.unit >= len(units)
    pairs = torch.stack([found.view[found.unit[mine]], found.point[mine]], 1).tolist()
    assert {(view, point) for view, point in pairs} == nameless


def lid(views: Views, parts: PartList) -> Boxes:
    """A box around the upper third of every picture."""
    height, width = views.size
    box = torch.tensor([[0.0, 0.0, width, height / 3]]).repeat(len(views), 1)
    zeros = torch.zeros(len(views), dtype=torch.int64)
    return Boxes(box, torch.arange(len(views)), zeros, torch.full((len(views),), 0.7))


@pytest.mark.parametrize("mode", ["vote", "tta"])
def test_a_bottle_is_not_all_lid(mode: str) -> None:
    cloud = torch.rand(2000, 3, generator=torch.Generator().manual_seed(0))
    shares = {}
    for nameless in (0.0, 0.5):
        config = EngineConfig(mode=mode, up="y", lift=LiftConfig(nameless=nameless))
        said = pde.Engine(config, teacher=lid).set_shape(cloud).segment("bottle: lid")
        shares[nameless] = float((said.labels == 0).float().mean())
    assert shares[0.0] == 1
    assert 0.1 < shares[0.5] < 0.6


def test_dense_scores_speak_for_themselves() -> None:
    def teacher(views: Views, parts: PartList) -> PixelScores:
        return PixelScores(torch.full((len(views), 1, *views.size), 0.8))

    cloud = torch.rand(500, 3, generator=torch.Generator().manual_seed(0))
    config = EngineConfig(mode="vote", up="y", lift=LiftConfig(nameless=1.0))
    said = pde.Engine(config, teacher=teacher).set_shape(cloud).segment("bottle: lid")
    assert bool((said.labels == 0).all())


def test_it_is_a_probability() -> None:
    with pytest.raises(pde.ConfigError, match=r"nameless must be in \[0, 1\], got 1.5"):
        LiftConfig(nameless=1.5)
