"""Time the engine on a GPU, or on a CPU: python bench/gpu_engine.py [--device cuda] [--csv FILE]

Each case is first compared with the CPU: labels that agree by less than 99.5 % are not timed, and
the run ends with 1.  Medians over warm runs; the device is waited for at the end of every stage.
Shapes are generated; the embedded teacher looks at them once, and is part of no time but its own
("teach").  A step of its training agrees by the loss that both find at the start.  Waits are what
the host does between two stages' ends: torch's own count of synchronising calls.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from gpu_clock import about, in_a_new_process, keep, still_runs
from gpu_steps import ROUNDS, Row, alike, of_all_weights, of_the_head, row, wait, waits
from pipeline import chair_cloud
from run import commit
from table import line
from torch import Tensor

from pdengine.config import DistillConfig, EngineConfig, with_options
from pdengine.devices import on
from pdengine.distill import Alignment, Lesson, align_each, make_encoder, prepare
from pdengine.pipeline import Engine
from pdengine.teach import parse_parts
from pdengine.teach.embedded.augment import batch
from pdengine.teach.embedded.data import Store, training_rows
from pdengine.teach.embedded.layout import generated_layout
from pdengine.teach.embedded.train import Run, TrainConfig, concept_weights, loss_of

PARTS = parse_parts("chair: back, seat, leg, arm")
ENOUGH = 0.995
DIFFERENT = 8  # shapes in a case of many


def tta(points: int, weights: str, device: torch.device) -> list[Row]:
    """One shape, units ready: features, embedding, alignment."""
    config = DistillConfig(weights=weights)
    taught = Engine(EngineConfig(mode="vote", up="y", device="cpu")).set_shape(
        chair_cloud(points, 0)
    )
    units = taught.teach(PARTS).units
    encoder = make_encoder(config)
    classes = units.classes(len(PARTS))

    def run(where: torch.device, clock: list[float] | None = None) -> Alignment:
        cloud, told, own = on((taught.cloud, units, encoder), where)
        wait(where)
        start = time.perf_counter()
        lesson = Lesson(prepare(cloud, config), told)
        (done,) = align_each([lesson], [classes], config, encoder=own)
        wait(where)
        if clock is not None:
            clock.append((time.perf_counter() - start) * 1e3)
        return done

    expected = run(torch.device("cpu")).beliefs[0].argmax(1)
    found = run(device).beliefs[0].argmax(1).cpu()
    spent: list[float] = []
    for _ in range(ROUNDS):
        run(device, spent)
    agree = float((expected == found).float().mean())
    return [row(f"tta_{weights}_{points}", spent, waits(lambda: run(device), device), agree)]


def many(shapes: int, points: int, device: torch.device) -> list[Row]:
    """Shapes aligned together, units ready: milliseconds a shape.  DIFFERENT of them, repeated."""
    config = DistillConfig()
    engine = Engine(EngineConfig(mode="vote", up="y", device="cpu"))
    taught = []
    for seed in range(DIFFERENT):
        units = engine.set_shape(chair_cloud(points, seed)).teach(PARTS).units
        taught.append((engine.cloud, units))
    encoder = make_encoder(config)
    classes = [units.classes(len(PARTS)) for _, units in taught]

    def run(where: torch.device, count: int, clock: list[float] | None = None) -> list[Tensor]:
        own, there = on((encoder, taught), where)
        wait(where)
        start = time.perf_counter()
        some = [there[k % DIFFERENT] for k in range(count)]
        lessons = [Lesson(prepare(cloud, config), units) for cloud, units in some]
        parts = [classes[k % DIFFERENT] for k in range(count)]
        done = align_each(lessons, parts, config, encoder=own)
        wait(where)
        if clock is not None:
            clock.append((time.perf_counter() - start) * 1e3 / count)
        return [alignment.beliefs[0].argmax(1).cpu() for alignment in done]

    expected = run(torch.device("cpu"), DIFFERENT)
    run(device, shapes)  # the first records
    found = run(device, shapes)
    spent: list[float] = []
    for _ in range(3):
        run(device, shapes, spent)
    agree = [
        float((label == expected[k % DIFFERENT]).float().mean()) for k, label in enumerate(found)
    ]
    count = waits(lambda: run(device, shapes), device)
    return [row(f"tta_{shapes}x{points}/shape", spent, count, min(agree))]


def after_the_teacher(points: int, device: torch.device) -> list[Row]:
    """Everything between what the teacher says and the labels, for that many aligned points.

    Beside it what comes before: rendering, and the embedded teacher, of ten views of 224 px.
    """
    shape = chair_cloud(points, 0)
    config = EngineConfig(up="y", max_points=points, device=str(device.type))
    engine = Engine(config)
    stages = ("lift", "vote", "prepare", "align", "carry back")
    before = ("render", "teach")
    spent: dict[str, list[float]] = {stage: [] for stage in (*before, *stages, "all of it")}
    for k in range(ROUNDS + 1):
        found = engine.set_shape(shape).segment(PARTS)
        if k > 0:  # the first warms up
            for stage in (*before, *stages):
                spent[stage].append(found.timings[stage])
            spent["all of it"].append(sum(found.timings[stage] for stage in stages))
    expected = Engine(with_options(config, device="cpu")).set_shape(shape).segment(PARTS)
    agree = float((expected.labels == found.labels).float().mean())
    count = waits(lambda: engine.set_shape(shape).segment(PARTS), device)
    name = f"after_the_teacher_{points}"
    return [row(f"{name}/{stage}", ms, count, agree) for stage, ms in spent.items()]


def training(device: torch.device) -> list[Row]:
    """A step of the embedded teacher's training, 32 disturbed views, reading them included."""
    layout = generated_layout(("chair",))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "data", 4 * 16)
        for seed in range(4):
            store.write(16 * seed, training_rows(layout, "chair", seed, 16))

        def begun(where: torch.device) -> tuple[Run, Tensor, float]:
            config = TrainConfig(Path(folder), categories=("chair",), device=where.type)
            run = Run(config)
            weights = concept_weights(store, layout).to(where)
            rows = batch(store.read(np.arange(32), where), None)
            return run, weights, float(loss_of(run.net, rows, weights)[1][0])

        own, weights, found = begun(device)
        expected = begun(torch.device("cpu"))[2]
        generator = torch.Generator(device).manual_seed(0)

        def step() -> None:
            picked = np.sort(np.random.default_rng(own.step).choice(64, 32, replace=False))
            own.learn(batch(store.read(picked, device), generator), weights)
            own.step += 1

        spent: list[float] = []
        for k in range(ROUNDS + 3):  # three warm up
            wait(device)
            start = time.perf_counter()
            step()
            wait(device)
            if k >= 3:
                spent.append((time.perf_counter() - start) * 1e3)
        agree = alike(found, expected)
        return [row("teacher_training_step_32", spent, waits(step, device), agree)]


CASES: dict[str, Callable[[torch.device], list[Row]]] = {
    "step_head_2048": lambda device: of_the_head(2_048, device),
    "step_all_2048": lambda device: of_all_weights(2_048, 1.0, 1, device),
    "step_all_100000": lambda device: of_all_weights(100_000, 5.0, 4, device),
    "tta_head_2048": lambda device: tta(2_048, "head", device),
    "tta_all_2048": lambda device: tta(2_048, "all", device),
    "tta_64x2048": lambda device: many(64, 2_048, device),
    "after_the_teacher_100000": lambda device: after_the_teacher(100_000, device),
    "teacher_training_step": training,
}


def told(name: str, device: torch.device) -> list[Row]:
    """A case's rows; none where it fails, which is told: the other cases are still timed."""
    try:
        return CASES[name](device)
    except Exception as error:
        traceback.print_exc()
        print(f"{name}: NOT TIMED, {type(error).__name__}", flush=True)
        return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--first", type=int, default=0, help="the case to go on with")
    options = parser.parse_args()
    on_gpu = options.device == "cuda"
    device = torch.device(options.device, 0) if on_gpu else torch.device("cpu")
    whole = about(commit(), torch.cuda.get_device_name(device) if on_gpu else "cpu")
    wrong = int(options.first > 0)  # a case was, or there would be nothing to go on from
    if not wrong and options.csv is not None:
        options.csv.unlink(missing_ok=True)
    for number, name in enumerate(CASES):
        if options.only not in name or number < options.first:
            continue
        rows = told(name, device)
        wrong += not rows
        for one in rows:
            if one["agreement"] < ENOUGH:
                print(f"{one['case']}: NOT TIMED, {one['note']}", flush=True)
                wrong += 1
                continue
            keep(options.csv, one | whole)
            print(line(one), one["note"], flush=True)
        if on_gpu and not still_runs():
            in_a_new_process(number + 1)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
