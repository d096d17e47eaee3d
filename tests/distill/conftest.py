"""Hand-made shapes and units that the tests of distillation share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch

from pdengine.config import DistillConfig
from pdengine.distill import Encoder, Lesson, load_encoder, prepare
from pdengine.kernels import set_thread_limit
from pdengine.types import PointCloud, Units


def cloud_of(xyz: torch.Tensor) -> PointCloud:
    rows = torch.arange(len(xyz))
    return PointCloud(xyz, torch.zeros(3, dtype=torch.float64), 1.0, rows, xyz)


def blobs(seed: int) -> tuple[PointCloud, torch.Tensor]:
    """A ball and a stick, 300 points each, and which is which; every seed draws other points."""
    dice = torch.Generator().manual_seed(seed)
    ball = torch.nn.functional.normalize(torch.randn(300, 3, generator=dice), dim=1) * 0.3
    ball[:, 0] -= 0.5
    stick = torch.randn(300, 3, generator=dice) * 0.02
    stick[:, 0] = torch.rand(300, generator=dice)
    truth = torch.arange(2).repeat_interleave(300)
    return cloud_of(torch.cat([ball, stick])), truth


def units_of(sets: list[torch.Tensor], label: list[int], view: list[int], count: int) -> Units:
    """Unit k calls the points sets[k] label[k] in view[k], with score 0.7."""
    offsets = torch.tensor([0, *(len(s) for s in sets)]).cumsum(0)
    point = torch.cat(sets) if sets else torch.zeros(0, dtype=torch.int64)
    labels = torch.tensor(label, dtype=torch.int64)
    views = torch.tensor(view, dtype=torch.int64)
    return Units(labels, torch.full((len(sets),), 0.7), offsets, point, views, count)


def partly_named(truth: torch.Tensor, covered: float = 0.3) -> Units:
    """Each part is named over a few of its points, and part 0 once over points of part 1."""
    dice = torch.Generator().manual_seed(3)
    picked = (torch.rand(len(truth), generator=dice) < covered).nonzero()[:, 0]
    sets = [picked[truth[picked] == part] for part in (0, 1)]
    return units_of([*sets, sets[1][:10]], [0, 1, 0], [0, 1, 2], len(truth))


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    try:
        set_thread_limit(count)
        torch.set_num_threads(count)
        yield
    finally:
        set_thread_limit(None)
        torch.set_num_threads(before)


@pytest.fixture
def make_blobs() -> Callable[[int], tuple[PointCloud, torch.Tensor]]:
    return blobs


@pytest.fixture
def two_blobs() -> tuple[PointCloud, torch.Tensor]:
    """A ball and a stick, 300 points each, and which is which."""
    return blobs(0)


@pytest.fixture
def make_units() -> Callable[..., Units]:
    return units_of


@pytest.fixture
def some_units() -> Callable[..., Units]:
    return partly_named


@pytest.fixture
def with_threads() -> Callable[[int], object]:
    """A context in which torch and our kernels use this many threads."""
    return threads


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The shipped one; nobody may change it."""
    return load_encoder()


@pytest.fixture
def small() -> DistillConfig:
    """Few anchors and few steps: a test is not a benchmark."""
    return DistillConfig(anchors=256, steps=20, rounds=2)


@pytest.fixture
def three_units() -> Units:
    """Four points; unit 0 calls {0, 1} part 0, unit 1 {1, 2} part 1, unit 2 {1} part 0."""
    return Units(
        label=torch.tensor([0, 1, 0]),
        score=torch.tensor([0.8, 0.6, 0.4]),
        offsets=torch.tensor([0, 2, 4, 5]),
        point=torch.tensor([0, 1, 1, 2, 1]),
        view=torch.tensor([0, 0, 1]),
        count=4,
    )


def lesson_of(cloud: PointCloud, truth: torch.Tensor, config: DistillConfig, parts: int) -> Lesson:
    """Each part named over some of its points in two views, and over some of another one's."""
    dice = torch.Generator().manual_seed(len(truth) + parts)
    sets, names, views = [], [], []
    for view in range(2):
        for part in range(parts):
            share = torch.where(truth == part % 2, 0.4, 0.04)
            sets.append((torch.rand(len(truth), generator=dice) < share).nonzero()[:, 0])
            names.append(part)
            views.append(view)
    return Lesson(prepare(cloud, config), units_of(sets, names, views, len(truth)))


@pytest.fixture
def four(small: DistillConfig) -> tuple[list[Lesson], list[int]]:
    """Lessons of 256, 256, 256 and 200 anchors, and of 2, 1, 5 and 2 parts."""
    lessons, parts = [], [2, 1, 5, 2]
    for number, count in enumerate(parts):
        cloud, truth = blobs(number)
        if number == 3:  # fewer points than the others have anchors
            some = torch.arange(0, 600, 3)
            cloud, truth = replace(cloud, xyz=cloud.xyz[some], rows=some), truth[some]
        lesson = lesson_of(cloud, truth, small, count)
        if number < 3:  # a view more, which shows all and names nothing
            units = replace(lesson.units, seen=torch.ones(3, len(truth), dtype=torch.bool))
            lesson = replace(lesson, units=units)
        lessons.append(lesson)
    return lessons, parts
