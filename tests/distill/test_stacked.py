"""Many shapes side by side learn what each learns alone, whatever stands beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pdengine.config import DistillConfig
from pdengine.devices import on
from pdengine.distill import Lesson, align, align_each, make_encoder, prepare, replay, stacked
from pdengine.distill.learn import dropped
from pdengine.distill.replay import HIDDEN, losses_and_slopes
from pdengine.distill.sizes import Sizes, size_of
from pdengine.distill.stacked import Dice, Stack, align_stacked
from pdengine.distill.student import Head, embed, embed_each
from pdengine.distill.threads import one_thread
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy

gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def side_by_side(lessons, parts, config, encoder, seed=0):
    with one_thread():
        return align_stacked(lessons, parts, config, seed, encoder)


def same(found, alone):
    """Rounding alone: the same steps and rounds, and labels but where two parts are level."""
    assert len(found.losses) == len(alone.losses)
    assert (found.rounds, found.rescored_at) == (alone.rounds, alone.rescored_at)
    torch.testing.assert_close(found.losses, alone.losses, rtol=1e-4, atol=1e-5)
    (one,), (other,) = found.beliefs, alone.beliefs
    assert one.shape == other.shape
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)
    assert (one.argmax(1) == other.argmax(1)).float().mean() >= 0.999


def test_one_step_by_hand():
    # Two shapes: one of two anchors and two parts, one of one anchor and one part.
    logits = torch.tensor([[[0.0, 0.0], [0.0, 0.0]], [[3.0, HIDDEN], [0.0, HIDDEN]]])
    targets = torch.tensor([[[1.0, 0.0], [0.0, 0.5]], [[1.0, 0.0], [0.0, 0.0]]])
    wanted = targets / torch.tensor([[[2.0]], [[1.0]]])
    loss, slope = losses_and_slopes(logits, wanted, wanted.sum(2, keepdim=True))
    assert loss.tolist() == pytest.approx([(1 + 0.5) * 0.6931472 / 2, 0.0])
    assert slope.tolist() == [[[-0.25, 0.25], [0.125, -0.125]], [[0, 0], [0, 0]]]


@pytest.mark.parametrize(("shapes", "rows", "parts"), [(1, 1, 1), (1, 7, 3), (4, 33, 5)])
def test_the_loss_of_each_shape_is_the_loss_of_it_alone(shapes, rows, parts):
    dice = torch.Generator().manual_seed(rows)
    logits = torch.randn(shapes, rows, parts, generator=dice) * 3
    targets = torch.rand(shapes, rows, parts, generator=dice)
    wanted = targets / rows
    loss, slope = losses_and_slopes(logits, wanted, wanted.sum(2, keepdim=True))
    for k in range(shapes):
        alone = logits[k].double().requires_grad_()
        truth = soft_cross_entropy(alone, targets[k].double())
        (true_slope,) = torch.autograd.grad(truth, alone)
        own = logits[k].clone().requires_grad_()
        own_loss = soft_cross_entropy(own, targets[k])
        (own_slope,) = torch.autograd.grad(own_loss, own)
        for ours, theirs, true in ((loss[k], own_loss, truth), (slope[k], own_slope, true_slope)):
            ulp = torch.finfo(torch.float32).eps * (1 + true.abs().max())
            error = (ours.double() - true).abs().max()
            assert error <= 2 * (theirs.double() - true).abs().max() + ulp


def test_the_encoder_sees_shapes_together_as_it_sees_each_alone(four, encoder):
    shapes = [lesson.shape for lesson in four[0]]
    with torch.no_grad(), one_thread():
        for found, shape in zip(embed_each(encoder, shapes), shapes, strict=True):
            torch.testing.assert_close(found, embed(encoder, shape), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("taken", [(), (20,), (8, 20, 11)])
def test_a_shape_draws_what_it_would_draw_alone(taken):
    config = DistillConfig(steps=20)
    dice = torch.Generator().manual_seed(7)
    for steps in taken:  # a step at a time, as learn_head does
        Head(96, 3, dice=dice)
        for _ in range(steps):
            dropped(1, 97, config.dropout, dice)
    linear = Head(96, 3, dice=dice).linear
    keep = torch.cat([dropped(1, 97, config.dropout, dice) for _ in range(20)])
    weight, found = Dice(7, config).draw(3, taken)
    assert torch.equal(weight, torch.cat([linear.weight.T, linear.bias[None]]))
    assert torch.equal(found, keep)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"backward": "none"},
        {"rounds": 0},
        {"pose": "invariant", "prior": 0.0, "grouping": 0},
        {"settle_ratio": 0.1, "settle_window": 2, "rounds": 4},
        {"targets": "per-unit", "trust": 0.0},
    ],
)
def test_four_shapes_side_by_side_are_four_alone(settings, four, small, encoder):
    config = replace(small, **settings)
    lessons, parts = four
    found = side_by_side(lessons, parts, config, encoder, seed=3)
    alone = [
        align([lesson], count, config, 3, encoder=encoder)
        for lesson, count in zip(lessons, parts, strict=True)
    ]
    for one, other in zip(found, alone, strict=True):
        same(one, other)
        head, wanted = one.student.head, other.student.head
        torch.testing.assert_close(head.mean, wanted.mean, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(head.linear.weight, wanted.linear.weight, rtol=0.01, atol=1e-3)


def test_shapes_end_in_rounds_and_steps_of_their_own(four, small, encoder):
    config = replace(small, rounds=4, settle_ratio=0.1, settle_window=2)
    found = side_by_side(*four, config, encoder)
    assert len({one.rounds for one in found}) > 1
    assert len({one.rescored_at for one in found}) > 1


def test_neither_order_nor_neighbours_nor_what_was_there_before_matter(four, small, encoder):
    lessons, parts = four
    first = side_by_side(lessons, parts, small, encoder)
    order = [2, 0, 3, 1]
    other = side_by_side([lessons[k] for k in order], [parts[k] for k in order], small, encoder)
    for place, k in enumerate(order):
        same(other[place], first[k])
    again = side_by_side(lessons, parts, small, encoder)
    for one, two in zip(first, again, strict=True):
        assert one.losses == two.losses
        assert torch.equal(one.beliefs[0], two.beliefs[0])


def test_a_stack_that_was_used_is_like_a_new_one(monkeypatch, four, small, encoder):
    lessons, parts = four
    fresh = side_by_side(lessons[:2], parts[:2], small, encoder)
    monkeypatch.setattr(replay, "can_capture", lambda device: False)
    used = Stack(Sizes(2, 256, 5, 3, 16), small, device=torch.device("cpu"))
    monkeypatch.setattr(stacked, "kept", lambda *size, device: used)
    side_by_side(lessons[2:], parts[2:], small, encoder)
    for one, two in zip(side_by_side(lessons[:2], parts[:2], small, encoder), fresh, strict=True):
        same(one, two)  # and it had more place than they need


def test_a_stack_of_one_is_the_shape_alone(four, small, encoder):
    lessons, parts = four
    for lesson, count in zip(lessons, parts, strict=True):
        (one,) = side_by_side([lesson], [count], small, encoder)
        same(one, align([lesson], count, small, encoder=encoder))


def test_a_cpu_gives_every_shape_the_bits_that_it_gets_alone(four, small, encoder):
    lessons, parts = four
    told: list[tuple[int, int]] = []
    found = align_each(
        lessons, parts, small, 5, encoder=encoder, progress=lambda *now: told.append(now)
    )
    for one, lesson, count in zip(found, lessons, parts, strict=True):
        alone = align([lesson], count, small, 5, encoder=encoder)
        assert one.losses == alone.losses
        assert torch.equal(one.beliefs[0], alone.beliefs[0])
    done = [now for now, _ in told]
    assert done == sorted(done)
    assert {most for _, most in told} == {4 * 3 * small.steps}


def test_no_shape_is_no_work(small):
    assert align_each([], [], small) == []


def test_shapes_without_units_are_refused_before_anything_is_aligned(four, small, make_units):
    lessons, parts = four
    nothing = replace(lessons[1], units=make_units([], [], [], 600))
    with pytest.raises(ValueError, match="must hold at least one unit"):
        align_each([lessons[0], nothing], parts[:2], small)
    other = replace(lessons[1], units=lessons[3].units)
    with pytest.raises(ValueError, match="units must be about 600 points, got 200"):
        align_each([lessons[0], other], parts[:2], small)


def labels_agree(one: Tensor, other: Tensor) -> float:
    return float((one.cpu().argmax(1) == other.argmax(1)).float().mean())


def test_a_gpu_takes_shapes_together_and_waits_no_longer_for_many(
    four, small, encoder, pretend_gpu
):
    lessons, parts = four
    alone = [
        align([lesson], count, small, encoder=encoder)
        for lesson, count in zip(lessons, parts, strict=True)
    ]
    lessons = on(lessons, "cuda")
    there = on(make_encoder(small), "cuda")
    waits = []
    for count in (1, 4):
        pretend_gpu.waits.clear()
        found = align_each(lessons[:count], parts[:count], small, encoder=there)
        waits.append(
            sum(n for at, n in pretend_gpu.waits.items() if "learn" in at or "stacked" in at)
        )
        for one, other in zip(found, alone, strict=False):
            assert one.beliefs[0].is_cuda
            assert labels_agree(one.beliefs[0], other.beliefs[0]) >= 0.999
    # Three rounds of two windows, and two looks at what moved.
    assert waits[0] <= 3 * 2 + 2
    assert waits[1] <= 3 * 2 + 2 + 2  # and the views of the shape that does not say them, twice


def test_a_shape_of_a_few_points_has_neighbours_of_its_own_number(
    make_blobs, make_units, small, encoder
):
    lessons = []
    for count in (5, 6, 5):
        cloud, _ = make_blobs(count)
        some = torch.linspace(0, 599, count).long()
        cloud = replace(cloud, xyz=cloud.xyz[some], rows=some)
        sets = [torch.arange(2), torch.arange(2, count)]
        lessons.append(Lesson(prepare(cloud, small), make_units(sets, [0, 1], [0, 0], count)))
    sizes = [size_of(lesson, 2) for lesson in lessons]
    assert sizes[0].bucket == sizes[2].bucket != sizes[1].bucket
    for one, lesson in zip(
        side_by_side(lessons[::2], [2, 2], small, encoder), lessons[::2], strict=True
    ):
        same(one, align([lesson], 2, small, encoder=encoder))


@gpu
def test_recorded_rounds_are_the_rounds(monkeypatch, four, small, encoder):
    lessons, parts = four
    alone = [
        align([lesson], count, small, encoder=encoder)
        for lesson, count in zip(lessons, parts, strict=True)
    ]
    lessons = on(lessons, "cuda")
    recorded = [align_each(lessons, parts, small, encoder=encoder) for _ in range(3)]
    monkeypatch.setattr(replay, "can_capture", lambda device: False)
    plain = align_each(lessons, parts, small, encoder=encoder)
    for found in recorded:
        for one, two, cpu in zip(found, plain, alone, strict=True):
            assert one.losses == two.losses
            assert torch.equal(one.beliefs[0], two.beliefs[0])
            assert labels_agree(one.beliefs[0], cpu.beliefs[0]) >= 0.999
