"""Time the metrics on a dataset of ShapeNetPart's size.

Cases of bench/pipeline.py.  2,874 shapes of 2,048 points in 16 categories, and 50 parts each, which
is more than any shape has: the labels are random, seven of ten right.  CPU seconds of one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from pdengine.evaluate import Measured, ShapeCounts

Row = dict[str, object]
SHAPES, POINTS, PARTS, CATEGORIES = 2_874, 2_048, 50, 16
INSTANCES = 10  # per shape: PartNetE has fewer on average


def metrics() -> list[Row]:
    """Counts of labels, coverage and confidences, then scores with a thousand resamples."""
    import torch
    from pipeline import row

    from pdengine.evaluate import count_shape, difference, score

    torch.set_num_threads(1)
    truth, predicted = _labels(PARTS)
    scores, covered = torch.rand(truth.shape), torch.rand(truth.shape) < 0.5
    names = {f"category {k}": tuple(f"part {r}" for r in range(PARTS)) for k in range(CATEGORIES)}

    def count() -> list[Measured]:
        answers = zip(predicted, truth, scores, covered, strict=True)
        return _measured([count_shape(p, t, PARTS, scores=s, covered=c) for p, t, s, c in answers])

    shapes = count()
    protocols = ("shapenetpart-instance", "partnete", "calibration-error")
    tasks: dict[str, Callable[[], object]] = {
        "count": count,
        **{name: lambda name=name: score(name, shapes, names) for name in protocols},
        "difference": lambda: difference("partnete", shapes, shapes, names),
        "all": lambda: score("shapenetpart-instance", count(), names),
    }
    return [row(f"metrics_2874x2048x50/{name}", _times(run), "s") for name, run in tasks.items()]


def metrics_instances() -> list[Row]:
    """Average precision, ten predicted instances per shape of four parts."""
    import torch
    from pipeline import row

    from pdengine.evaluate import count_shape, score

    torch.set_num_threads(1)
    truth, predicted = _labels(4)
    there = truth + 4 * torch.randint(0, 2, truth.shape)
    own = torch.where(predicted == truth, there, torch.randint(-1, INSTANCES, truth.shape))
    kind, sure = torch.arange(INSTANCES) % 4, torch.rand(SHAPES, INSTANCES)
    names = {f"category {k}": ("a", "b", "c", "d") for k in range(CATEGORIES)}

    def count() -> list[Measured]:
        answers = zip(predicted, truth, own, sure, there, strict=True)
        return _measured(
            [
                count_shape(p, t, 4, instances=(o, kind, s), true_instances=i)
                for p, t, o, s, i in answers
            ]
        )

    shapes = count()
    tasks: dict[str, Callable[[], object]] = {
        "count": count,
        "instance-ap50": lambda: score("instance-ap50", shapes, names),
        "instance-map": lambda: score("instance-map", shapes, names),
    }
    return [
        row(f"metrics_instances_2874x10/{name}", _times(run), "s") for name, run in tasks.items()
    ]


def _labels(parts: int) -> tuple[Tensor, Tensor]:
    import torch

    torch.manual_seed(0)
    truth = torch.randint(0, parts, (SHAPES, POINTS))
    right = torch.rand(truth.shape) < 0.7
    return truth, torch.where(right, truth, torch.randint(-1, parts, truth.shape))


def _measured(counts: list[ShapeCounts]) -> list[Measured]:
    from pdengine.evaluate import Measured

    return [Measured(f"category {k % CATEGORIES}", str(k), one) for k, one in enumerate(counts)]


def _times(run: Callable[[], object], rounds: int = 3) -> list[float]:
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return seconds


CASES: dict[str, Callable[[], list[Row]]] = {
    "metrics": metrics,
    "metrics_instances": metrics_instances,
}
