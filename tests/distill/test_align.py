"""The alignment learns, settles, repeats itself bit by bit, and reads no label."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from pdengine.config import DistillConfig
from pdengine.distill import Settled, align, prepare
from pdengine.kernels._dispatch import set_thread_limit
from pdengine.types import Units

CONFIG = DistillConfig(steps=40, grid=16, widths=(16, 24), settle_window=5)


def some_units(truth: torch.Tensor, covered: float = 0.3) -> Units:
    """Each part is named over a few of its points, and once over points of the other."""
    dice = torch.Generator().manual_seed(3)
    picked = (torch.rand(len(truth), generator=dice) < covered).nonzero()[:, 0]
    sets = [picked[truth[picked] == part] for part in (0, 1)]
    sets.append(sets[1][:10])  # part 0 said of part 1
    offsets = torch.tensor([0, *(len(s) for s in sets)]).cumsum(0)
    label, view = torch.tensor([0, 1, 0]), torch.tensor([0, 1, 2])
    score = torch.tensor([0.7, 0.6, 0.5])
    return Units(label, score, offsets, torch.cat(sets), view, len(truth))


@pytest.mark.parametrize("targets", ["opportunity", "published"])
def test_points_that_no_unit_covers_are_labelled_by_the_student(targets, two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    config = replace(CONFIG, targets=targets, smoothing=0, prior=0)
    done = align(prepare(cloud, config), some_units(truth), 2, config, seed=0)
    assert done.logits.shape == (600, 2)
    assert (done.logits.argmax(1) == truth).float().mean() > 0.95
    assert done.losses[-1] < done.losses[0]
    assert done.steps == len(done.losses)


def test_the_same_seed_gives_the_same_bits_in_any_number_of_threads(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    units = some_units(truth)
    first = align(prepare(cloud, CONFIG), units, 2, CONFIG, seed=5)
    before = torch.get_num_threads()
    try:
        set_thread_limit(1)
        torch.set_num_threads(1)
        again = align(prepare(cloud, CONFIG), units, 2, CONFIG, seed=5)
    finally:
        set_thread_limit(None)
        torch.set_num_threads(before)
    assert torch.equal(first.logits, again.logits)
    assert first.losses == again.losses
    assert torch.equal(first.units.score, again.units.score)
    other = align(prepare(cloud, CONFIG), units, 2, CONFIG, seed=6)
    assert not torch.equal(first.logits, other.logits)


def test_the_users_random_stream_is_untouched(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    before = torch.random.get_rng_state()
    align(prepare(cloud, CONFIG), some_units(truth), 2, replace(CONFIG, steps=2), seed=1)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_wrong_unit_loses_and_a_right_one_keeps(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    config = replace(CONFIG, steps=120, rescore_form="published")
    done = align(prepare(cloud, config), some_units(truth), 2, config, seed=0)
    assert done.rescored_at is not None
    right, other, wrong = done.units.score.tolist()
    assert right > 0.9
    assert other > 0.9
    assert wrong < 0.5


def test_without_rescoring_the_scores_stay_and_it_stops_once_settled(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    config = replace(CONFIG, steps=400, rescore=False)
    units = some_units(truth)
    done = align(prepare(cloud, config), units, 2, config, seed=0)
    assert done.rescored_at is None
    assert torch.equal(done.units.score, units.score)
    assert done.steps < 400


def test_progress_is_told(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    told: list[tuple[int, int]] = []
    config = replace(CONFIG, steps=3)
    align(prepare(cloud, config), some_units(truth), 2, config, 0, lambda *now: told.append(now))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_one_part_one_level_and_one_point_work(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, _ = two_blobs
    config = replace(CONFIG, widths=(8,), steps=2)
    one = replace(cloud, xyz=cloud.xyz[:1], rows=cloud.rows[:1], world=cloud.world[:1])
    unit = Units(
        torch.tensor([0]),
        torch.ones(1),
        torch.tensor([0, 1]),
        torch.tensor([0]),
        torch.tensor([0]),
        1,
    )
    assert align(prepare(one, config), unit, 1, config, 0).logits.shape == (1, 1)


def test_nothing_to_align_to_is_an_error(two_blobs) -> None:  # type: ignore[no-untyped-def]
    cloud, truth = two_blobs
    units = some_units(truth)
    nothing = Units(
        *(torch.zeros(0, dtype=torch.int64), torch.zeros(0), torch.zeros(1, dtype=torch.int64)),
        *(torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), 600),
    )
    shape = prepare(cloud, CONFIG)
    with pytest.raises(ValueError, match="at least one unit, got 0"):
        align(shape, nothing, 2, CONFIG, 0)
    with pytest.raises(ValueError, match="units must be about 600 points, got 7"):
        align(shape, replace(units, count=7), 2, CONFIG, 0)


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e4])
def test_settling_does_not_depend_on_the_scale_of_the_loss(scale: float) -> None:
    settled = Settled(window=1, ratio=0.1)
    losses = [10, 5, 4, 3.8, 3.7]  # falls by 50, 20, 5 and 3 %
    assert [settled(scale * loss) for loss in losses] == [False, False, False, True, True]


def test_a_falling_loss_has_not_settled_and_a_flat_or_rising_one_has() -> None:
    settled = Settled(window=2, ratio=0.05)
    assert not any(settled(0.5**step) for step in range(20))
    settled.restart()
    assert [settled(1.0) for _ in range(4)] == [False, False, False, True]
    settled.restart()
    assert [settled(float(step)) for step in range(4)] == [False, False, False, True]
