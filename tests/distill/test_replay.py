"""Steps in memory that stays are the steps of learn_head and learn_all; a GPU records them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from pdengine.config import DistillConfig
from pdengine.devices import on
from pdengine.distill import Lesson, align, learn, make_encoder, prepare, replay
from pdengine.distill.encoder import EMBEDDING
from pdengine.distill.student import Head, Student, embed

gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
CONFIG = DistillConfig(steps=20, settle_window=4)


def one_run(learn_it, config: DistillConfig, rows: int = 300, seed: int = 0, device: str = "cpu"):
    """Losses, weight, the generator's state afterwards and the steps that were told."""
    dice = torch.Generator().manual_seed(seed)
    embeddings, targets = (torch.rand(rows, columns, generator=dice) for columns in (EMBEDDING, 3))
    head = Head(EMBEDDING, 3, dice=dice)
    told = []
    losses = learn_it(
        *(head.to(device), embeddings.to(device), targets.to(device), config),
        lambda: told.append(1),
        dice,
    )
    return losses, head.linear.weight.cpu(), dice.get_state(), len(told)


@pytest.mark.parametrize(("ratio", "steps"), [(0.0, 20), (0.9, 8), (0.005, None)])
@pytest.mark.parametrize("most", [8192, 100])  # rows per step
def test_running_ahead_learns_what_a_step_at_a_time_learns(monkeypatch, ratio, steps, most):
    monkeypatch.setattr(learn, "ROWS", most)
    config = replace(CONFIG, settle_ratio=ratio)
    wanted, found = (one_run(f, config) for f in (learn.learn_head, learn.learn_head_ahead))
    assert len(found[0]) == len(wanted[0]) == wanted[3] == found[3]
    assert steps is None or len(found[0]) == steps
    torch.testing.assert_close(found[0], wanted[0], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found[1], wanted[1], rtol=1e-4, atol=1e-5)
    assert torch.equal(found[2], wanted[2])


def test_a_second_run_in_the_same_memory_is_like_a_first(monkeypatch):
    steps = replay.HeadSteps(1, 300, EMBEDDING + 1, 300, 3, 20, device=torch.device("cpu"))
    monkeypatch.setattr(learn, "kept", lambda *size, device: steps)
    one_run(learn.learn_head_ahead, CONFIG, seed=1)
    again = one_run(learn.learn_head_ahead, CONFIG)
    monkeypatch.undo()
    assert again[0] == one_run(learn.learn_head_ahead, CONFIG)[0]


def students(shape, encoder):
    """Two of the same weights, none of them the shipped encoder itself."""
    dice = torch.Generator().manual_seed(0)
    first = Student(make_encoder(CONFIG), Head(EMBEDDING, 2, dice=dice))
    first.encoder.load_state_dict(encoder.state_dict())
    second = Student(make_encoder(CONFIG), Head(EMBEDDING, 2, dice=None))
    second.load_state_dict(first.state_dict())
    return first.requires_grad_(True), second.requires_grad_(True)


def test_all_weights_of_one_shape_are_aligned_as_step_by_step(two_blobs, small, encoder):
    cloud, truth = two_blobs
    config = replace(small, passes=4)
    shape = prepare(cloud, config)
    targets = torch.nn.functional.one_hot(truth[shape.anchors], 2).float()
    first, second = students(shape, encoder)
    dice = torch.Generator().manual_seed(0)
    wanted = learn.learn_all(first, [shape], [targets], config, lambda: None, dice)
    found = learn.learn_one_ahead(second, shape, targets, config, lambda: None)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(
            *(embed(s.encoder, shape) for s in (second, first)), rtol=1e-3, atol=1e-3
        )


@gpu
@pytest.mark.parametrize("most", [8192, 100])
def test_a_recorded_step_is_the_step(monkeypatch, most):
    monkeypatch.setattr(learn, "ROWS", most)
    recorded = [one_run(learn.learn_head_ahead, CONFIG, device="cuda")[:2] for _ in range(3)]
    monkeypatch.setattr(replay, "can_capture", lambda device: False)
    plain = one_run(learn.learn_head_ahead, CONFIG, device="cuda")[:2]
    on_cpu = one_run(learn.learn_head, CONFIG)
    for losses, weight in recorded:
        assert losses == plain[0]
        assert torch.equal(weight, plain[1])
    torch.testing.assert_close(plain[0], on_cpu[0], rtol=1e-4, atol=1e-5)


@gpu
@pytest.mark.parametrize("weights", ["head", "all"])
def test_an_alignment_by_recorded_steps_is_the_one_without(
    monkeypatch, weights, two_blobs, some_units, small, encoder
):
    cloud, truth = two_blobs
    config = replace(small, weights=weights, passes=6)
    lesson = Lesson(prepare(on(cloud, "cuda"), config), on(some_units(truth), "cuda"))
    recorded = [align([lesson], 2, config, encoder=encoder) for _ in range(3)]
    monkeypatch.setattr(replay, "can_capture", lambda device: False)
    plain = align([lesson], 2, config, encoder=encoder)
    for done in recorded:
        assert done.losses == plain.losses
        assert torch.equal(done.beliefs[0], plain.beliefs[0])
