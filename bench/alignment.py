"""Time the student: alignments from ready units, and labelling with a student.

Cases of bench/pipeline.py.  Shapes are generated; the simulated teacher makes the units.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdengine.collection import Member

Row = dict[str, object]
NAMES = "chair: back, seat, leg, arm"


def members(count: int, points: int) -> list[Member]:
    """Chairs that the simulated teacher has looked at, with systematic errors."""
    from pdengine.data.generated import FIRST_SEED, GeneratedExample
    from pdengine.evaluate import Experiment, show

    experiment = Experiment("simulated", modes=("vote",), points=points)
    entries = [GeneratedExample("chair", FIRST_SEED + k) for k in range(count)]
    return [show(entry, experiment, 0).shown.member for entry in entries]


def tta(points: int, weights: str, rounds: int) -> list[Row]:
    """One shape, units ready: features, embedding, alignment and answer."""
    from pipeline import row

    from pdengine.config import DistillConfig
    from pdengine.distill import Lesson, align, make_encoder, prepare

    config = DistillConfig(weights=weights)
    encoder = make_encoder(config)
    totals, alone = [], []
    for k, member in enumerate(members(rounds + 1, points)):
        start = time.perf_counter()
        lesson = Lesson(prepare(member.cloud, config), member.units)
        middle = time.perf_counter()
        align([lesson], 4, config, encoder=encoder)
        end = time.perf_counter()
        if k > 0:  # the first warms up
            totals.append((end - start) * 1e3)
            alone.append((end - middle) * 1e3)
    name = f"tta_{weights}_{points}"
    return [row(name, totals, "ms"), row(f"{name}/align", alone, "ms")]


def collection() -> list[Row]:
    """Twenty shapes of 2,048 points, units ready: common pose, alignment and answers."""
    from pipeline import row

    from pdengine.collection import align_members
    from pdengine.config import EngineConfig
    from pdengine.teach import parse_parts

    shapes = members(20, 2048)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        align_members(shapes, parse_parts(NAMES), 4, EngineConfig())
        seconds.append(time.perf_counter() - start)
    return [row("collection_20x2048", seconds, "s")]


def pre(points: int) -> list[Row]:
    """A binary PLY of a bare cloud from the file to its labels, the student loaded and warm."""
    from pipeline import chair_cloud, row

    from pdengine import Engine, EngineConfig, load
    from pdengine.collection import align_members
    from pdengine.io import replace_file
    from pdengine.teach import parse_parts

    names = parse_parts(NAMES)
    config = EngineConfig()
    student, _ = align_members(members(6, 2048), names, 4, config)
    engine = Engine(replace(config, mode="pre"), student=student)
    totals: list[float] = []
    stages: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for k in range(8):
            path = Path(folder) / f"{k}.ply"
            world = chair_cloud(points, k).world.numpy().astype("<f4")
            header = (
                f"ply\nformat binary_little_endian 1.0\nelement vertex {points}\n"
                "property float x\nproperty float y\nproperty float z\nend_header\n"
            )
            replace_file(path, [header.encode(), world.tobytes()])
            start = time.perf_counter()
            result = engine.set_shape(load(path)).segment(names)
            if k > 0:
                totals.append((time.perf_counter() - start) * 1e3)
                for stage, milliseconds in result.timings.items():
                    stages.setdefault(stage, []).append(milliseconds)
    name = f"pre_{points}"
    return [
        row(name, totals, "ms"),
        *(row(f"{name}/{stage}", values, "ms") for stage, values in stages.items()),
    ]


CASES: dict[str, Callable[[], list[Row]]] = {
    "tta_head_2048": lambda: tta(2048, "head", 7),
    "tta_head_10000": lambda: tta(10_000, "head", 5),
    "tta_all_2048": lambda: tta(2048, "all", 5),
    "tta_all_10000": lambda: tta(10_000, "all", 5),
    "collection_20": collection,
    "pre_10000": lambda: pre(10_000),
    "pre_100000": lambda: pre(100_000),
}
