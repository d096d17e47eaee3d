"""Time the whole pipeline, one case per process.

python bench/pipeline.py --list | --case NAME

Prints a JSON list of rows: medians over warm runs on fresh shapes (the teacher is loaded, nothing
else is kept), a first run where the case says cold, and peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from alignment import CASES as ALIGNMENT
from metrics import CASES as METRICS
from partslip import CASES as PARTSLIP
from shapes import CASES as SHAPES
from table import percentile
from worker import status

PARTS = "chair: back, seat, leg, arm"


def row(case: str, values: list[float], unit: str) -> dict[str, object]:
    return {
        "case": case,
        "implementation": "ours",
        "median": f"{statistics.median(values):.3f}",
        "p20": f"{percentile(values, 0.2):.3f}",
        "p80": f"{percentile(values, 0.8):.3f}",
        "minimum": f"{min(values):.3f}",
        "unit": unit,
        "rounds": len(values),
        "threads": len(os.sched_getaffinity(0)),
    }


def chair_cloud(points: int, seed: int) -> Any:
    """A generated chair as a bare cloud of xyz, as a scanner would give it."""
    from pdengine.io import cloud_from_arrays, mesh_from_arrays, sample_mesh
    from pdengine.shapes import make

    chair = make("chair", seed)
    mesh = mesh_from_arrays(chair.vertices, chair.faces)
    return cloud_from_arrays(sample_mesh(mesh, points, seed).cloud.world)


def segment_10k() -> list[dict[str, object]]:
    """10,000 points, 10 views of 224 px, embedded teacher, alignment included, warm."""
    from pdengine import Engine

    engine = Engine()
    engine.set_shape(chair_cloud(10_000, 0)).segment(PARTS)
    totals: list[float] = []
    stages: dict[str, list[float]] = {}
    for seed in range(1, 21):
        cloud = chair_cloud(10_000, seed)
        start = time.perf_counter()
        result = engine.set_shape(cloud).segment(PARTS)
        totals.append((time.perf_counter() - start) * 1e3)
        for stage, milliseconds in result.timings.items():
            stages.setdefault(stage, []).append(milliseconds)
    name = "segment_10k_10x224_tta"
    return [
        row(name, totals, "ms"),
        *(row(f"{name}/{stage}", values, "ms") for stage, values in stages.items()),
    ]


def instances_100k() -> list[dict[str, object]]:
    """Which thing each of 100,000 labelled points belongs to, and the superpoints for it."""
    from pdengine import Engine, EngineConfig

    engine = Engine(EngineConfig(mode="vote", max_points=100_000, instances=True, up="y"))
    stages: dict[str, list[float]] = {"instances": [], "superpoints": []}
    for seed in range(6):
        result = engine.set_shape(chair_cloud(100_000, seed)).segment(PARTS)
        for stage, values in stages.items() if seed > 0 else ():  # the first warms up
            values.append(result.timings[stage])
    return [
        row("instances_100k", stages["instances"], "ms"),
        row("instances_100k/superpoints", stages["superpoints"], "ms"),
    ]


def segment_large(points: int, name: str) -> list[dict[str, object]]:
    """A large cloud from xyz to labels: seconds of a first run, and the peak of the process."""
    from pdengine import Engine

    cloud = chair_cloud(points, 0)
    start = time.perf_counter()
    Engine().set_shape(cloud).segment(PARTS)
    seconds = time.perf_counter() - start
    peak = status("VmHWM") / 1024**3  # what getrusage says begins with the parent's
    return [
        row(f"segment_{name}_tta_cold", [seconds], "s"),
        row(f"segment_{name}_peak", [peak], "GiB"),
    ]


def lift_large(points: int, name: str) -> list[dict[str, object]]:
    """Every point of a cloud drawn and lifted, 10 views of 512 px and 50 boxes, with no subset.

    Raises:
        SystemExit: the process, the cloud included, took more than 24 GB.
    """
    import torch
    from cases import cameras

    from pdengine.kernels.lift_seen import lift_seen_boxes
    from pdengine.kernels.splat_points import splat_points

    dice = torch.Generator().manual_seed(0)
    scene = (torch.rand(points, 3, generator=dice).sub_(0.5), *cameras())
    boxes = torch.rand(50, 4, generator=dice) * 256 + torch.tensor([0, 0, 256, 256])
    start = time.perf_counter()
    depth = splat_points(*scene, (512, 512), 1.0).depth
    drawn = time.perf_counter()
    found = lift_seen_boxes(*scene, depth, 0.02, boxes, torch.arange(50) % 10)
    lifted = time.perf_counter()
    peak = status("VmHWM")
    if peak > 24e9 or len(found.point) == 0:
        raise SystemExit(f"lift_{name} took {peak / 1e9:.1f} GB and lifted {len(found.point)}")
    return [
        row(f"lift_{name}/splat_cold", [drawn - start], "s"),
        row(f"lift_{name}/lift_cold", [lifted - drawn], "s"),
        row(f"lift_{name}_peak", [peak / 1024**3], "GiB"),
    ]


def evaluate_shapes(count: int) -> list[dict[str, object]]:
    """Generated shapes of 2,048 points in two worker processes: the vote with the embedded teacher,
    then the alignment of each shape from the answers that were kept."""
    from pdengine.config import EngineConfig
    from pdengine.data import Dataset, generated_shapes
    from pdengine.evaluate import Experiment
    from pdengine.evaluate.plan import Plan
    from pdengine.evaluate.run import evaluate

    shapes = generated_shapes(-(-count // 40))[:count]
    dataset = Dataset("generated", "parts-present", shapes)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        for method in ("vote", "partdistill-tta"):
            experiment = Experiment(config=EngineConfig(device="cpu"))
            methods, out = (method,), Path(folder)
            plan = Plan(dataset, "generated", "", "test", methods, experiment, out)
            start = time.perf_counter()
            evaluate(plan)
            seconds.append(time.perf_counter() - start)
    name = f"evaluate_{count}x2048_2_workers"
    return [
        row(f"{name}/vote_cold", seconds[:1], "s"),
        row(f"{name}/tta_from_kept_answers", seconds[1:], "s"),
    ]


def import_time() -> list[dict[str, object]]:
    """import pdengine in a fresh interpreter, the interpreter's own start left out."""
    code = (
        "import time; t = time.perf_counter(); import pdengine; "
        "print((time.perf_counter() - t) * 1e3)"
    )
    values = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
        for _ in range(7)
    ]
    return [row("import_pdengine", values, "ms")]


CASES: dict[str, Callable[[], list[dict[str, object]]]] = {
    "segment_10k": segment_10k,
    "instances_100k": instances_100k,
    "segment_1m_memory": partial(segment_large, 1_000_000, "1m"),
    "import_time": import_time,
    **ALIGNMENT,
    **PARTSLIP,
    **SHAPES,
    **METRICS,
}
# Half a minute or more, the first with 8 GiB, the making of the cloud included: only where named.
NAMED = {
    "segment_50m_memory": partial(segment_large, 50_000_000, "50m"),
    "lift_50m_memory": partial(lift_large, 50_000_000, "50m"),
    "evaluate_100": partial(evaluate_shapes, 100),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--case", choices=sorted(CASES | NAMED))
    options = parser.parse_args()
    if options.case:
        print(json.dumps((CASES | NAMED)[options.case]()))
    else:
        print("\n".join(CASES))


if __name__ == "__main__":
    main()
