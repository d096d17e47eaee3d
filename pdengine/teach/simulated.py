"""A teacher that cheats: it reads the ground truth and spoils it.

It is for tests and for taking the engine apart; nothing it says is a result of the engine.  Its
errors come in two forms.  "systematic" errors are the same in every view of a shape, as those of
real teachers are: a part that is rarely found, or that is called by another name.  "independent"
errors are drawn anew for every box, which flatters voting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pdengine.errors import ConfigError, TeacherError
from pdengine.kernels.label_components import label_components
from pdengine.types import Boxes, PartList, Views

NOISES = ("systematic", "independent", "clean")
MIN_COMPONENT_PX = 6
WHOLE = 0.98  # boxes with at least this share of the visible surface say nothing


@dataclass(frozen=True)
class Rates:
    """How often one part is found, and what it is called.

    Attributes:
        found: probability that a component of the part gets a box.
        wrong: probability that the box carries a wrong name.
        other: the wrong name, or -1 for a new draw each time.
    """

    found: float
    wrong: float
    other: int


class SimulatedTeacher:
    """Boxes around the true parts, with errors.  **Reads ground truth: for tests and ablations.**

    It works on the CPU, wherever the views are.

    The systematic noise: a part's detection rate is drawn from Beta(1.2, 1.2); with probability
    0.25 its boxes carry one fixed other name 80 % of the time, else a random one 10 % of the time;
    edges move by N(0, 0.1 of the box); scores are N(0.6, 0.15), N(0.5, 0.15) when the name is
    wrong, clipped to [0.3, 1].  The independent noise: 30 % missed, 15 % wrong names, edges move by
    0.08, one false box in 10 % of the views.

    Args:
        labels: [surface N] int64, the true part of each point of the rendered surface, -1 none.
        names: what the labels mean.
        noise: "systematic", "independent" or "clean".
        seed: of this shape's errors.
        false_positives: probability of one random box per view; None takes the noise's own.

    Raises:
        ConfigError: there is no such noise.
    """

    def __init__(
        self,
        labels: Tensor,
        names: Sequence[str],
        noise: str = "systematic",
        seed: int = 0,
        false_positives: float | None = None,
    ) -> None:
        if noise not in NOISES:
            raise ConfigError(f"noise must be one of {', '.join(NOISES)}, got {noise!r}")
        self.name = f"simulated ({noise})"
        self._labels = labels.to(torch.int32)
        self._names = tuple(names)
        self._noise = noise
        self._seed = seed
        default = 0.1 if noise == "independent" else 0.0
        self._false_positives = default if false_positives is None else false_positives

    def __call__(self, views: Views, parts: PartList) -> Boxes:
        """Boxes for the views of the surface that the labels belong to.

        Raises:
            TeacherError: the part names are not the ones that the ground truth has.
        """
        if parts.names != self._names:
            known = ", ".join(self._names)
            raise TeacherError(f"{self.name} knows {known}, got {', '.join(parts.names)}")
        dice = np.random.default_rng(self._seed)
        rates = self._rates(dice)
        box, view, truth, whole = _true_boxes(views, self._labels)
        found: list[tuple[list[float], int, int, float]] = []
        jitter = {"systematic": 0.1, "independent": 0.08, "clean": 0.0}[self._noise]
        for at, part, edges, everything in zip(
            view.tolist(), truth.tolist(), box.tolist(), whole.tolist(), strict=True
        ):
            rate = rates[part]
            if dice.random() >= rate.found or everything:
                continue
            wrong = dice.random() < rate.wrong
            label = _other(dice, part, len(parts), rate.other) if wrong else part
            score = float(np.clip(dice.normal(0.5 if wrong else 0.6, 0.15), 0.3, 1.0))
            found.append((_moved(dice, edges, jitter, views.size), at, label, score))
        for at in range(len(views)):
            if dice.random() < self._false_positives:
                score = float(np.clip(dice.normal(0.5, 0.15), 0.3, 1.0))
                found.append(
                    (_anywhere(dice, views.size), at, int(dice.integers(len(parts))), score)
                )
        return Boxes(
            box=torch.tensor([f[0] for f in found], dtype=torch.float32).reshape(-1, 4),
            view=torch.tensor([f[1] for f in found], dtype=torch.int64),
            label=torch.tensor([f[2] for f in found], dtype=torch.int64),
            score=torch.tensor([f[3] for f in found], dtype=torch.float32),
        )

    def _rates(self, dice: np.random.Generator) -> list[Rates]:
        count = len(self._names)
        if self._noise == "clean":
            return [Rates(1.0, 0.0, -1)] * count
        if self._noise == "independent":
            return [Rates(0.7, 0.15, -1)] * count
        rates = []
        for part in range(count):
            found = float(dice.beta(1.2, 1.2))
            confused = bool(dice.random() < 0.25)
            other = _other(dice, part, count, -1)
            rates.append(Rates(found, 0.8, other) if confused else Rates(found, 0.1, -1))
        return rates


def _true_boxes(views: Views, labels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Box [B, 4], view [B], part [B] of every visible component, and whether it is all of it."""
    index = views.index.cpu()
    seen = index >= 0
    classes = torch.where(seen, labels[index.clamp(min=0).long()], -1).to(torch.int32)
    parts = label_components(classes)
    count = len(parts.view)
    at, row, column = (parts.label >= 0).nonzero(as_tuple=True)
    component = parts.label[at, row, column].long()
    edges = []
    for position, how in ((column, "amin"), (row, "amin"), (column + 1, "amax"), (row + 1, "amax")):
        start = torch.zeros(count, dtype=torch.int64)
        edges.append(start.scatter_reduce(0, component, position, how, include_self=False))
    box = torch.stack(edges, 1) if count else torch.zeros(0, 4, dtype=torch.int64)

    # Inclusive sums turn "visible pixels inside a box" into four look-ups.
    total = torch.nn.functional.pad(seen.long().cumsum(1).cumsum(2), (1, 0, 1, 0))
    x0, y0, x1, y1 = box.unbind(1)
    v = parts.view
    inside = total[v, y1, x1] - total[v, y0, x1] - total[v, y1, x0] + total[v, y0, x0]
    whole = inside.double() >= WHOLE * total[v, -1, -1].double()
    keep = parts.size >= MIN_COMPONENT_PX
    return box[keep].float(), v[keep], parts.class_[keep], whole[keep]


def _other(dice: np.random.Generator, part: int, count: int, fixed: int) -> int:
    """A wrong name: the fixed one, or any; with one name only there is no wrong one."""
    if fixed >= 0 or count == 1:
        return max(fixed, 0)
    draw = int(dice.integers(count - 1))
    return draw + (draw >= part)


def _moved(
    dice: np.random.Generator, edges: list[float], jitter: float, size: tuple[int, int]
) -> list[float]:
    """The box with each edge moved by a share of its width or height, inside the image."""
    x0, y0, x1, y1 = edges
    width, height = x1 - x0, y1 - y0
    step = dice.normal(0.0, 1.0, 4) * jitter
    x0, x1 = sorted((x0 + step[0] * width, x1 + step[2] * width))
    y0, y1 = sorted((y0 + step[1] * height, y1 + step[3] * height))
    return _clipped([x0, y0, x1, y1], size)


def _anywhere(dice: np.random.Generator, size: tuple[int, int]) -> list[float]:
    x0, x1 = sorted(dice.random(2) * size[1])
    y0, y1 = sorted(dice.random(2) * size[0])
    return _clipped([x0, y0, x1, y1], size)


def _clipped(edges: list[float], size: tuple[int, int]) -> list[float]:
    """At least one pixel wide and high, inside the image: what every teacher must answer."""
    height, width = size
    x0 = min(max(edges[0], 0.0), width - 1.0)
    y0 = min(max(edges[1], 0.0), height - 1.0)
    x1 = min(max(edges[2], x0 + 1.0), float(width))
    y1 = min(max(edges[3], y0 + 1.0), float(height))
    return [x0, y0, x1, y1]
