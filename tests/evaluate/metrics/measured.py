"""Small measured shapes, and every protocol again in plain loops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from hypothesis import strategies as st

from pdengine.evaluate.counts import ShapeCounts, count_shape
from pdengine.evaluate.protocols import Measured

PARTS = {"Chair": ("back", "seat", "leg"), "Mug": ("handle", "cup")}


def shape(category: str, name: str, predicted: list[int], truth: list[int]) -> Measured:
    """Labels alone."""
    parts = len(PARTS[category])
    return Measured(
        category, name, count_shape(torch.tensor(predicted), torch.tensor(truth), parts)
    )


def random_shape(category: str, name: str, seed: int, *, rows: int = 40) -> Measured:
    """Everything there is to measure, right in about two rows of three."""
    chance = torch.Generator().manual_seed(seed)
    parts = len(PARTS[category])

    def draw(low: int, high: int, count: int = rows) -> torch.Tensor:
        return torch.randint(low, high, (count,), generator=chance)

    truth, there = draw(-1, parts), draw(-1, 3)
    right = torch.rand(rows, generator=chance) < 0.65
    predicted = torch.where(right, truth, draw(-1, parts))
    kind = torch.arange(3 * parts) % parts
    own = torch.where(
        right & (truth >= 0) & (there >= 0), there * parts + truth, draw(-1, len(kind))
    )
    counts = count_shape(
        predicted,
        truth,
        parts,
        scores=torch.rand(rows, generator=chance, dtype=torch.float64),
        covered=draw(0, 2) > 0,
        instances=(own, kind, draw(0, 4, len(kind)) / 4),  # ties of score
        true_instances=there,
    )
    return Measured(category, name, counts)


@st.composite
def collections(draw: st.DrawFn) -> list[Measured]:
    """One to six shapes, often of few rows, so that parts are absent."""
    found = []
    for index in range(draw(st.integers(1, 6))):
        category = draw(st.sampled_from(sorted(PARTS)))
        rows, seed = draw(st.sampled_from((2, 3, 8, 30))), draw(st.integers(0, 10**6))
        found.append(random_shape(category, str(index), seed, rows=rows))
    return found


def mean(values: Sequence[float]) -> float:
    """NaN of nothing."""
    return sum(values) / len(values) if values else math.nan


def iou(counts: ShapeCounts, part: int, *, everywhere: bool = False) -> float:
    """NaN where nobody has the part."""
    given = (counts.predicted if everywhere else counts.predicted_known)[part]
    union = given + counts.truth[part] - counts.intersection[part]
    return counts.intersection[part] / union if union else math.nan


def in_loops(protocol: str, shapes: Sequence[Measured]) -> float:
    """The overall value of a protocol, one shape and part after the other; NaN if there is none."""
    if protocol.startswith("shapenetpart") or protocol in ("patchalign3d", "parts-present"):
        return _shapes_first(protocol, shapes)
    by_category: list[float] = []
    for category, names in PARTS.items():
        counts = [one.counts for one in shapes if one.category == category]
        values = [_part(protocol, counts, part) for part in range(len(names))]
        by_category.append(mean([value for value in values if not math.isnan(value)]))
    return mean([value for value in by_category if not math.isnan(value)])


def _shapes_first(protocol: str, shapes: Sequence[Measured]) -> float:
    of_shape: list[tuple[str, float]] = []
    for one in shapes:
        parts = range(one.counts.parts)
        values = [iou(one.counts, part) for part in parts]
        if protocol.startswith("shapenetpart"):
            values = [1.0 if math.isnan(value) else value for value in values]
        else:
            values = [value for part, value in enumerate(values) if one.counts.truth[part]]
        if any(one.counts.truth):
            of_shape.append((one.category, mean(values)))
    if protocol in ("shapenetpart-instance", "patchalign3d"):
        return mean([value for _, value in of_shape])
    groups = [[value for c, value in of_shape if c == category] for category in PARTS]
    return mean([mean(group) for group in groups if group])


def _part(protocol: str, counts: Sequence[ShapeCounts], part: int) -> float:
    if protocol.startswith("partnete"):
        everywhere = protocol == "partnete"
        return mean([iou(c, part, everywhere=everywhere) for c in counts if c.truth[part]])
    if protocol == "instance-map":
        return mean([average_precision(counts, part, t) for t in range(50, 100, 5)])
    if protocol == "partnet-ap50":
        return average_precision(counts, part, 50, recalls=[k / 100 for k in range(101)])
    return average_precision(counts, part, int(protocol.removeprefix("instance-ap")))


def average_precision(
    counts: Sequence[ShapeCounts], part: int, percent: int, recalls: list[float] | None = None
) -> float:
    """Match one prediction after the other, then walk down the scores."""
    said: list[tuple[float, bool]] = []
    total = 0
    for one in counts:
        instances: Any = one.instances
        sizes, free = instances.true_rows[part], set(range(len(instances.true_rows[part])))
        total += len(sizes)
        mine = [p for p in instances.predicted if p.part == part]
        for prediction in sorted(mine, key=lambda p: -p.score):
            best, best_iou = -1, 0.0
            for index, rows in prediction.overlaps:
                value = rows / (prediction.rows + sizes[index] - rows)
                if index in free and value > best_iou:
                    best, best_iou = index, value
            hit = best_iou > percent / 100
            if hit:
                free.remove(best)
            said.append((prediction.score, hit))
    if total == 0:
        return math.nan
    curve = [(0.0, 1.0)] if recalls else []
    for score in sorted({score for score, _ in said}, reverse=True):
        above = [hit for other, hit in said if other >= score]
        curve.append((sum(above) / total, sum(above) / len(above)))
    if not said:
        return 0.0
    if recalls:
        return mean([max([p for r, p in curve if r >= t - 1e-9], default=0.0) for t in recalls])
    value, before = 0.0, 0.0
    for recall, _ in curve:
        value += (recall - before) * max(p for r, p in curve if r >= recall)
        before = recall
    return value
