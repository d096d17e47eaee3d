"""Examples that go wrong in every way, and a small evaluation: importable in worker processes."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pdengine.config import DistillConfig, EngineConfig, RenderConfig
from pdengine.data import Dataset, GeneratedExample, Truth
from pdengine.errors import LoadError
from pdengine.evaluate.plan import Plan
from pdengine.evaluate.run import Evaluated, evaluate
from pdengine.evaluate.subject import Experiment, named_teacher
from pdengine.io import cloud_from_arrays
from pdengine.types import PointCloud, Shape

FAST = EngineConfig(
    render=RenderConfig(views=3, size=(48, 48), surface_points=4000),
    distill=DistillConfig(anchors=128, steps=4, rounds=1),
)


@dataclass(frozen=True)
class Odd(GeneratedExample):
    """A mug of which something goes wrong when it is read."""

    how: str

    @property
    def name(self) -> str:
        return f"odd_{self.how}"

    def shape(self) -> Any:
        if self.how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.how == "hangs":
            time.sleep(600)
        if self.how == "unreadable":
            raise LoadError("mug.txt", "every line must have 7 numbers", "cat")
        if self.how == "bug":
            raise ZeroDivisionError("in a reader")
        return super().shape()


@dataclass(frozen=True)
class Mast:
    """A cloud: a pole on a plate, z up, with a row that is no number."""

    seed: int
    category: str = "Mast"
    parts: tuple[str, ...] = ("pole", "plate")
    prompt: str = "mast: pole, plate"

    @property
    def name(self) -> str:
        return f"mast_{self.seed}"

    def _xyz(self) -> torch.Tensor:
        dice = torch.Generator().manual_seed(self.seed)
        pole = torch.rand(60, 3, generator=dice) * torch.tensor([0.1, 0.1, 1.0])
        plate = torch.rand(60, 3, generator=dice) * torch.tensor([1.0, 1.0, 0.05])
        nowhere = torch.full((1, 3), float("nan"))
        return torch.cat([pole, nowhere, plate])

    def shape(self) -> Shape:
        found: PointCloud = cloud_from_arrays(self._xyz().numpy())
        return found

    def truth(self) -> Truth:
        part = torch.cat([torch.zeros(60), torch.tensor([-1.0]), torch.ones(60)]).long()
        return Truth(part, part.clone())


@dataclass(frozen=True)
class Lantern(Mast):
    """A mast whose plate has a rim, which has labels but is not asked for, as a lamp's canopy."""

    category: str = "Lantern"
    parts: tuple[str, ...] = ("pole", "plate", "rim")
    prompt: str = "lantern: pole, plate"

    @property
    def name(self) -> str:
        return f"lantern_{self.seed}"

    def truth(self) -> Truth:
        part = super().truth().part
        part[-20:] = 2
        return Truth(part)


@dataclass(frozen=True)
class Unreadable(Mast):
    """A mast of which neither rows nor labels can be read."""

    def shape(self) -> Shape:
        raise LoadError("mast.txt", "every line must have 7 numbers", "cat")


@dataclass(frozen=True)
class Shy(Mast):
    """A mast that cannot be read before a file is there, of which nobody knows."""

    when: Path = Path()

    def shape(self) -> Shape:
        if not self.when.exists():
            raise LoadError("mast.txt", "there must be such a file")
        return super().shape()


@dataclass(frozen=True)
class Nameless(GeneratedExample):
    """A mug whose file cannot be read, not even its part names."""

    @property
    def name(self) -> str:
        return f"nameless_{self.seed}"

    @property
    def parts(self) -> tuple[str, ...]:
        raise LoadError("mug.ply", "must begin with ply", "cat")

    def shape(self) -> Any:
        raise LoadError("mug.ply", "must begin with ply", "cat")


def mugs(count: int) -> list[GeneratedExample]:
    return [GeneratedExample("mug", 2_000_000 + k) for k in range(count)]


def small_plan(
    out: Path,
    examples: list[Any] | None = None,
    methods: tuple[str, ...] = ("partdistill-tta", "partdistill-pre", "partdistill-collection"),
    teacher: str = "simulated-systematic",
    train: list[Any] | None = None,
    **more: Any,
) -> Plan:
    """Three generated mugs on 96 points, unless said otherwise."""
    dataset = Dataset(
        "Odd shapes", "parts-present", mugs(3) if examples is None else examples, train or []
    )
    name, noise = named_teacher(teacher)
    experiment = Experiment(name, noise, (), 96, more.pop("config", FAST))
    return Plan(dataset, "odd", "", "test", methods, experiment, out, **more)


def run_small(out: Path, **more: Any) -> Evaluated:
    return evaluate(small_plan(out, **more))


@dataclass(frozen=True)
class Errand:
    """A task for a pool: what the worker does with it."""

    what: str
    value: int = 0
    size: int = 1


def errands() -> Any:
    """A worker that runs errands."""
    return _run_errand


def broken() -> Any:
    raise LoadError("weights", "must be there")


def stillborn() -> Any:
    os._exit(7)


def _run_errand(task: Errand) -> Any:
    if task.what == "raise":
        raise ValueError(f"not {task.value}")
    if task.what == "exit":
        os._exit(3)
    if task.what == "hang":
        time.sleep(600)
    if task.what == "pid":
        return os.getpid()
    if task.what == "environment":
        return os.environ.get("PYTHONSAFEPATH", "unset")
    if task.what == "threads":
        return torch.get_num_threads()
    return task.value**2
