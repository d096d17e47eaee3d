"""Views in batches that fit."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pdengine.cameras import rig
from pdengine.errors import TeacherError
from pdengine.teach import in_batches
from pdengine.teach.batches import is_out_of_memory
from pdengine.types import Boxes, PixelScores, Views

ERRORS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:119] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    MemoryError(),
]


def views(count):
    return Views(
        images=torch.ones(count, 4, 4, 3),
        index=torch.zeros(count, 4, 4, dtype=torch.int32),
        depth=torch.arange(count)[:, None, None].expand(-1, 4, 4).float(),
        normals=torch.zeros(count, 4, 4, 3),
        cameras=rig(count),
    )


class Model:
    """Says the number of each view, and fails above so many at a time."""

    def __init__(self, fits=100, error=ERRORS[0]):
        self.fits, self.error, self.sizes = fits, error, []

    def __call__(self, views):
        self.sizes.append(len(views))
        if len(views) > self.fits:
            raise self.error
        return PixelScores(views.depth[:, None] / 100)


def test_batches_are_no_larger_than_the_limit():
    model = Model()
    answer = in_batches(model, views(7), 3)
    assert model.sizes == [3, 3, 1]
    assert answer.score[:, 0, 0, 0].mul(100).round().tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("error", ERRORS)
def test_smaller_batches_where_memory_does_not_suffice(error):
    model = Model(fits=2, error=error)
    answer = in_batches(model, views(10))
    assert model.sizes == [10, 5, 3, 2, 2, 2, 2, 2]
    assert answer.score[:, 0, 0, 0].mul(100).round().tolist() == list(range(10))


# 256 MiB a view, that nobody touches, where the process may take 700 MiB more than it has.
FULL = """
import json, resource, torch
from pdengine.cameras import rig
from pdengine.teach import in_batches
from pdengine.types import PixelScores, Views

sizes = []

def model(views):
    sizes.append(len(views))
    work = torch.empty(len(views), 64 << 20)
    return PixelScores(views.depth[:, None] / 100)

blank = torch.arange(10)[:, None, None].expand(-1, 4, 4).float()
views = Views(torch.ones(10, 4, 4, 3), blank.int(), blank, torch.zeros(10, 4, 4, 3), rig(10))
with open("/proc/self/statm") as file:
    taken = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + (700 << 20), resource.RLIM_INFINITY))
answer = in_batches(model, views)
print(json.dumps([sizes, answer.score[:, 0, 0, 0].mul(100).round().tolist()]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_smaller_batches_where_the_machine_gives_no_more_memory():
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    sizes, said = json.loads(done.stdout)
    assert sizes == [10, 5, 3, 2, 2, 2, 2, 2]
    assert said == list(range(10))


def test_torch_knows_the_limit_that_the_page_names():
    page = Path(__file__).parents[2] / "docs" / "models.md"
    (setting,) = re.findall(r"PYTORCH_ALLOC_CONF=(\w+):", page.read_text(encoding="utf-8"))
    headers = Path(torch.__file__).parent / "include" / "c10"
    assert setting in (headers / "cuda" / "CUDAAllocatorConfig.h").read_text(encoding="utf-8")
    assert "PYTORCH_ALLOC_CONF" in (headers / "core" / "AllocatorConfig.h").read_text()


@pytest.mark.parametrize("count", [1, 2, 9])
@pytest.mark.parametrize("fits", [1, 2, 5])
def test_the_answer_does_not_depend_on_the_batches(count, fits):
    assert torch.equal(
        in_batches(Model(fits=fits), views(count)).score, Model()(views(count)).score
    )


def test_boxes_keep_their_views():
    def boxes(views):
        rows = torch.arange(len(views))
        return Boxes(torch.rand(len(views), 4), rows, rows * 0, views.depth[:, 0, 0])

    answer = in_batches(boxes, views(5), 2)
    assert answer.view.tolist() == answer.score.tolist() == [0, 1, 2, 3, 4]


def test_one_view_that_does_not_fit_is_an_error():
    with pytest.raises(TeacherError, match="memory must suffice for one view at a time: CUDA out"):
        in_batches(Model(fits=0), views(4))


def test_another_error_is_not_about_memory():
    model = Model(fits=0, error=RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        in_batches(model, views(4))
    assert model.sizes == [4]
    assert not is_out_of_memory(ValueError("out of memory"))


def test_answers_of_two_kinds_do_not_go_together():
    def turncoat(views):
        if bool((views.depth == 0).any()):
            return PixelScores(torch.zeros(len(views), 1, 4, 4))
        none = torch.zeros(0, dtype=torch.int64)
        return Boxes(torch.zeros(0, 4), none, none, torch.zeros(0))

    with pytest.raises(TeacherError, match="one kind, got Boxes, PixelScores"):
        in_batches(turncoat, views(4), 2)
