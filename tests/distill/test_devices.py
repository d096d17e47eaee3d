"""The student lives where its shape's points are; every random number is drawn on the CPU."""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass, replace

import pytest
import torch
from torch.overrides import TorchFunctionMode

from pdengine.distill import Lesson, SavedStudent, align, common_pose, prepare, rescore, sketch
from pdengine.distill.sums import spread, summed
from pdengine.types import PartList

MAKERS = {
    *(torch.zeros, torch.ones, torch.empty, torch.full, torch.eye, torch.tensor, torch.arange),
    *(torch.rand, torch.randn, torch.randint, torch.randperm, torch.linspace),
}
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


class Homeless(TorchFunctionMode):
    """Lists where the student makes a tensor and does not say on which device.

    Modules are made on the CPU and moved, so what __init__ makes does not count.
    """

    def __init__(self):
        self.places = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function in MAKERS and kwargs.get("device") is None:
            frame = sys._getframe(1)
            code = frame.f_code
            if "pdengine/distill/" in code.co_filename and code.co_name != "__init__":
                self.places.add(f"{code.co_filename}:{frame.f_lineno}")
        return function(*args, **kwargs)


def on(value, device):
    """Every tensor inside a dataclass, on the device."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if is_dataclass(value):
        moved = {f.name: on(getattr(value, f.name), device) for f in fields(value)}
        return replace(value, **moved)
    return value


SETTINGS = [
    {},
    {"targets": "per-unit", "backward": "soft"},
    {"targets": "per-point", "backward": "relative", "class_weights": True},
    {"pose": "turned", "weights": "all", "passes": 1},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_nothing_is_made_on_a_device_that_nobody_chose(
    settings, two_blobs, some_units, small, encoder
):
    cloud, truth = two_blobs
    with Homeless() as homeless:
        shape = prepare(cloud, small)
        units = some_units(truth)
        done = align([Lesson(shape, units)] * 2, 2, replace(small, **settings), encoder=encoder)
        sketches = common_pose([sketch(shape.around.xyz) for _ in range(3)])
        saved = SavedStudent(done.student, PartList(("ball", "stick")), 2, tuple(sketches))
        saved.beliefs(shape)
        for form in ("published", "soft", "relative"):
            rescore(units, done.beliefs[0], form)
    assert homeless.places == set()


def generators():
    """The state of the CPU's generator and, where there is a GPU, of its one."""
    return [torch.get_rng_state(), *map(torch.cuda.get_rng_state, range(torch.cuda.device_count()))]


def test_an_alignment_leaves_the_users_generators_alone(two_blobs, some_units, small, encoder):
    cloud, truth = two_blobs
    torch.manual_seed(5)
    before = generators()
    align([Lesson(prepare(cloud, small), some_units(truth))], 2, small, encoder=encoder)
    assert all(map(torch.equal, generators(), before))


def test_rows_of_one_index_are_summed(device):
    values = torch.tensor([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]], device=device)
    index = torch.tensor([2, 0, 2], device=device)
    assert summed(values, index, 4).tolist() == [[2, 20], [0, 0], [5, 50], [0, 0]]
    assert summed(values[:0], index[:0], 1).tolist() == [[0, 0]]


def test_rows_are_spread_and_their_gradients_summed(device):
    values = torch.tensor([[1.0, 10], [2, 20], [4, 40]], device=device, requires_grad=True)
    index = torch.tensor([2, 0, 2], device=device)
    grad = torch.tensor([[1.0, 0], [0, 1], [5, 3]], device=device)
    found, true = spread(values, index), values[index]
    assert torch.equal(found, true)
    (given,) = torch.autograd.grad(found, values, grad)
    assert given.tolist() == [[0, 1], [0, 0], [6, 3]]
    assert torch.equal(given, *torch.autograd.grad(true, values, grad))


def test_the_gradient_of_spread_does_not_depend_on_the_threads():
    dice = torch.Generator().manual_seed(0)
    values = torch.randn(900, 96, generator=dice, requires_grad=True)
    index = torch.randint(900, (20_000,), generator=dice)
    grad = torch.randn(20_000, 96, generator=dice)
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            found += torch.autograd.grad(spread(values, index), values, grad)
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(found[0], other) for other in found)


def test_the_gradient_of_spread_in_float64(device):
    values = torch.rand(5, 3, dtype=torch.float64, device=device, requires_grad=True)
    index = torch.tensor([4, 0, 4, 1, 4, 2], device=device)
    assert torch.autograd.gradcheck(lambda v: spread(v, index), values)


def test_a_sum_of_rows_is_the_same_every_time(device):
    dice = torch.Generator().manual_seed(0)
    values = torch.randn(20_000, 3, generator=dice).to(device)
    index = torch.randint(50, (20_000,), generator=dice).to(device)
    first = summed(values, index, 50)
    assert all(torch.equal(summed(values, index, 50), first) for _ in range(5))


@gpu
@pytest.mark.parametrize("settings", SETTINGS)
def test_a_student_on_a_gpu_learns_the_same_labels(settings, two_blobs, some_units, small, encoder):
    cloud, truth = two_blobs
    config = replace(small, **settings)
    answers = []
    for device in ("cpu", "cuda", "cuda"):
        lesson = Lesson(prepare(on(cloud, device), config), on(some_units(truth), device))
        done = align([lesson], 2, config, encoder=encoder)
        assert done.beliefs[0].device.type == device
        answers.append(done.beliefs[0].cpu())
    assert torch.equal(answers[1], answers[2])
    assert (answers[0].argmax(1) == answers[1].argmax(1)).float().mean() > 0.98
    assert encoder.mean.device.type == "cpu"
