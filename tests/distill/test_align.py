"""The alignment learns, settles, repeats itself bit by bit, and reads no label but trusted ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
import torch

from pdengine.config import BACKWARD, POSES, TARGETS
from pdengine.distill import Lesson, Settled, align, make_encoder, prepare
from pdengine.distill.canonical import random_rotation


def right(belief, truth):
    """The share of points that get their own part."""
    return float((belief.argmax(1) == truth).float().mean())


@pytest.fixture
def lesson(two_blobs, some_units, small):
    cloud, truth = two_blobs
    return Lesson(prepare(cloud, small), some_units(truth))


@pytest.mark.parametrize("targets", TARGETS)
def test_points_that_no_unit_covers_are_labelled_by_the_student(
    targets, lesson, two_blobs, small, encoder
):
    done = align([lesson], 2, replace(small, targets=targets), encoder=encoder)
    (belief,) = done.beliefs
    assert belief.shape == (600, 2)
    assert torch.allclose(belief.sum(1), torch.ones(600))
    assert right(belief, two_blobs[1]) > 0.95
    assert done.losses[19] < done.losses[0]  # one round; the next has other targets


@pytest.mark.parametrize("weights", ["head", "all"])
@pytest.mark.parametrize("pose", POSES)
def test_every_pose_setting_labels_what_it_learned(pose, weights, lesson, two_blobs, small):
    config = replace(small, pose=pose, weights=weights, passes=2)
    done = align([lesson], 2, config)
    assert right(done.beliefs[0], two_blobs[1]) > 0.95


def test_features_that_turn_are_hidden_from_an_invariant_student(lesson, small):
    encoder = make_encoder(replace(small, pose="invariant"))
    here = lesson.shape.around
    there = here.turned(random_rotation(torch.eye(3) + torch.ones(3, 3).tril()))
    plain, other = (encoder.standardised(around.features()) for around in (here, there))
    assert torch.allclose(plain, other, atol=1e-4)
    seen = make_encoder(small)
    assert not torch.allclose(
        seen.standardised(here.features()), seen.standardised(there.features()), atol=0.1
    )


def test_a_shape_whose_units_are_all_wrong_is_repaired_by_the_others(
    make_blobs, make_units, small, encoder
):
    lessons, truths = [], []
    for number in range(5):
        cloud, truth = make_blobs(number)
        sets, names = [], []
        for view in range(3):
            for part in (0, 1):
                inside = (truth == part).nonzero()[view::3, 0]
                beyond = (truth != part).nonzero()[:10, 0]  # boxes reach into their neighbours
                sets.append(torch.cat([inside, beyond]).sort().values)
                names.append(1 - part if number == 2 else part)
        units = make_units(sets, names, [0, 0, 1, 1, 2, 2], 600)
        lessons.append(Lesson(prepare(cloud, small), units))
        truths.append(truth)
    done = align(lessons, 2, small, encoder=encoder)
    assert all(right(b, t) > 0.95 for b, t in zip(done.beliefs, truths, strict=True))
    alone = align(lessons[2:3], 2, small, encoder=encoder)
    assert right(alone.beliefs[0], truths[2]) < 0.05


def test_the_same_seed_gives_the_same_bits_in_any_number_of_threads(
    lesson, make_blobs, some_units, small, encoder, with_threads
):
    cloud, truth = make_blobs(1)
    lessons = [lesson, Lesson(prepare(cloud, small), some_units(truth))]
    first = align(lessons, 2, small, seed=5, encoder=encoder)
    for run in range(10):
        with with_threads(1 + run % 3):
            again = align(lessons, 2, small, seed=5, encoder=encoder)
        assert first.losses == again.losses
        for one, two in zip(first.beliefs, again.beliefs, strict=True):
            assert torch.equal(one, two)
    other = align(lessons, 2, small, seed=6, encoder=encoder)
    assert not torch.equal(first.beliefs[0], other.beliefs[0])


@pytest.mark.parametrize("weights", ["head", "all"])
def test_the_users_random_stream_and_threads_are_untouched(weights, lesson, small, encoder):
    before, count = torch.random.get_rng_state(), torch.get_num_threads()
    align([lesson], 2, replace(small, weights=weights, passes=1), seed=1, encoder=encoder)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == count


@pytest.mark.parametrize("backward", BACKWARD)
def test_a_lesson_without_any_unit_is_labelled_by_the_student(
    backward, lesson, make_blobs, make_units, small, encoder
):
    cloud, truth = make_blobs(7)
    silent = Lesson(prepare(cloud, small), make_units([], [], [], 600))
    done = align([lesson, silent], 2, replace(small, backward=backward), encoder=encoder)
    assert right(done.beliefs[1], truth) > 0.95
    assert len(done.units[1]) == 0


def test_trusted_labels_are_kept_as_given_and_help(
    lesson, make_blobs, some_units, make_units, small, encoder
):
    cloud, truth = make_blobs(8)
    wrong = some_units(1 - truth)
    labels = truth.clone()
    labels[::2] = -1  # half of them are unknown
    taught = Lesson(prepare(cloud, small), wrong, labels)
    silent = Lesson(lesson.shape, make_units([], [], [], 600))
    belief, other = align([taught, silent], 2, small, encoder=encoder).beliefs
    known = labels >= 0
    assert torch.equal(belief[known], torch.nn.functional.one_hot(labels[known], 2).float())
    assert right(belief, truth) > 0.95
    assert right(other, truth) > 0.95


@pytest.mark.parametrize("backward", BACKWARD)
def test_every_backward_form_gives_probabilities_and_scores(backward, lesson, small, encoder):
    done = align([lesson], 2, replace(small, backward=backward), encoder=encoder)
    assert torch.allclose(done.beliefs[0].sum(1), torch.ones(600))
    score = done.units[0].score
    assert ((score >= 0) & (score <= 1)).all()
    changed = not torch.equal(score, lesson.units.score)
    assert changed == (backward in ("published", "soft", "relative"))
    assert (done.rescored_at is None) == (backward == "none")


def test_a_wrong_unit_loses_and_a_right_one_keeps(lesson, small, encoder):
    done = align([lesson], 2, replace(small, backward="published"), encoder=encoder)
    ball, stick, wrong = done.units[0].score.tolist()
    assert ball > 0.9
    assert stick > 0.9
    assert wrong < 0.5


def test_without_backward_distillation_there_is_one_round(lesson, small, encoder):
    for config in (replace(small, backward="none"), replace(small, rounds=0)):
        done = align([lesson], 2, config, encoder=encoder)
        assert done.rounds == 1
        assert done.rescored_at is None
        assert len(done.losses) <= 20
        assert torch.equal(done.units[0].score, lesson.units.score)


def test_a_loss_that_has_settled_ends_a_round(lesson, small, encoder):
    config = replace(small, backward="none", steps=1000, settle_window=5, settle_ratio=0.1)
    assert len(align([lesson], 2, config, encoder=encoder).losses) < 1000


def test_all_weights_learn_and_the_given_encoder_stays(lesson, two_blobs, small, encoder):
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    head = align([lesson], 2, small, encoder=encoder)
    config = replace(small, weights="all", passes=10, steps=2, rounds=0)  # the head knows little
    done = align([lesson, lesson], 2, config, encoder=encoder)
    assert len(done.losses) == 2 + 10
    assert done.losses[-1] < done.losses[2]
    assert right(done.beliefs[0], two_blobs[1]) > 0.95
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert head.student.encoder is encoder
    moved = [not torch.equal(v, before[n]) for n, v in done.student.encoder.state_dict().items()]
    assert any(moved)
    assert not any(p.requires_grad for p in done.student.parameters())


def test_the_student_labels_a_shape_that_it_has_not_seen(lesson, make_blobs, small, encoder):
    cloud, truth = make_blobs(9)
    student = align([lesson], 2, small, encoder=encoder).student
    assert right(student.logits(prepare(cloud, small)), truth) > 0.95


def test_a_random_encoder_shares_the_scales_of_the_shipped_one_and_nothing_else(small, encoder):
    random = make_encoder(replace(small, encoder="random"))
    assert torch.equal(random.mean, encoder.mean)
    assert torch.equal(random.deviation, encoder.deviation)
    assert not torch.equal(random.stem.weight, encoder.stem.weight)


@pytest.mark.parametrize(
    ("changes", "lessons", "steps"),
    [
        ({}, 1, 3 + 3),
        ({"backward": "none"}, 1, 3),
        ({"weights": "all", "passes": 2}, 1, 3 + 3 + 2),
        ({"weights": "all", "passes": 2}, 5, 3 + 3 + 2 * 2),  # four shapes a step
    ],
)
def test_progress_is_told_and_ends_at_its_total(changes, lessons, steps, lesson, small, encoder):
    told: list[tuple[int, int]] = []
    config = replace(small, steps=3, rounds=1, **changes)
    align([lesson] * lessons, 2, config, encoder=encoder, progress=lambda *now: told.append(now))
    assert told == [(k, steps) for k in range(1, steps + 1)]


def test_one_part_and_one_point_work(two_blobs, make_units, small, encoder):
    cloud, _ = two_blobs
    one = replace(cloud, xyz=cloud.xyz[:1], rows=cloud.rows[:1], world=cloud.world[:1])
    unit = make_units([torch.tensor([0])], [0], [0], 1)
    (belief,) = align([Lesson(prepare(one, small), unit)], 1, small, encoder=encoder).beliefs
    assert belief.tolist() == [[1.0]]


def test_nothing_to_align_to_is_an_error(lesson, make_units, small, encoder):
    nothing = replace(lesson, units=make_units([], [], [], 600))
    with pytest.raises(ValueError, match="at least one unit, got 0"):
        align([nothing], 2, small, encoder=encoder)
    other = replace(lesson, units=replace(lesson.units, count=7))
    with pytest.raises(ValueError, match="units must be about 600 points, got 7"):
        align([lesson, other], 2, small, encoder=encoder)


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e4])
def test_settling_does_not_depend_on_the_scale_of_the_loss(scale: float) -> None:
    settled = Settled(window=1, ratio=0.1)
    losses = [10, 5, 4, 3.8, 3.7]  # falls by 50, 20, 5 and 3 %
    assert [settled(scale * loss) for loss in losses] == [False, False, False, True, True]


def test_a_falling_loss_has_not_settled_and_a_flat_or_rising_one_has() -> None:
    falling, flat, rising = (Settled(window=2, ratio=0.05) for _ in range(3))
    assert not any(falling(0.5**step) for step in range(20))
    assert [flat(1.0) for _ in range(4)] == [False, False, False, True]
    assert [rising(float(step)) for step in range(4)] == [False, False, False, True]


DRAWING = [
    {},
    {"encoder": "random", "pose": "turned"},
    {"weights": "all", "passes": 2},
]


@pytest.mark.parametrize("settings", DRAWING)
def test_threads_side_by_side_get_the_bits_of_one_alone(settings, make_blobs, some_units, small):
    config = replace(small, **settings)
    lessons = []
    for number in range(2):
        cloud, truth = make_blobs(number)
        lessons.append(Lesson(prepare(cloud, config), some_units(truth)))

    def aligned(seed, progress=None):
        return align(lessons, 2, config, seed, progress=progress)

    seeds = [0, 1, 0, 1]
    alone = [aligned(seed) for seed in seeds]
    assert not torch.equal(alone[0].beliefs[0], alone[1].beliefs[0])
    # Every step of the first round waits for that of the others: an error after a minute alone.
    met = Barrier(len(seeds), timeout=60)

    def beside(seed):
        return aligned(seed, lambda done, _: met.wait() if done <= config.steps else None)

    with ThreadPoolExecutor(len(seeds)) as pool:
        together = list(pool.map(beside, seeds))
    for one, other in zip(alone, together, strict=True):
        assert one.losses == other.losses
        assert all(map(torch.equal, one.beliefs, other.beliefs))


@pytest.mark.parametrize("settings", DRAWING)
def test_the_users_generator_is_neither_read_nor_moved(settings, lesson, small):
    config = replace(small, **settings)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    expected = align([lesson], 2, config)
    assert torch.equal(torch.get_rng_state(), before)

    def draw(done: int, _: int) -> None:
        torch.manual_seed(done)
        drawn.append(float(torch.rand(1)))

    drawn: list[float] = []
    found = align([lesson], 2, config, progress=draw)
    assert found.losses == expected.losses
    assert torch.equal(found.beliefs[0], expected.beliefs[0])
    own = torch.Generator().manual_seed(len(drawn))
    assert drawn[-1] == float(torch.rand(1, generator=own))
    assert torch.equal(torch.get_rng_state(), own.get_state())  # nobody has drawn since
