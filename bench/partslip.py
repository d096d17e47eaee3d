"""Time PartSLIP from a cloud and its boxes to labels, as it was published: 10 views of 800 px.

Cases of bench/pipeline.py.  The cloud is a generated chair as bare xyz, so its normals are
estimated too; the boxes are the true ones of its parts in every view, and were made beforehand.
The time begins with the points and ends with the labels: superpoints, rendering (for what hides
what), lift, both votes.  The rows /cpu and those of the stages are the processor's time of all
threads: on one thread, what a machine with nothing else to do would take.  Without cut-pursuit-py
its case is left out.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from pdengine.types import Boxes, PartList, PointCloud, Views

Row = dict[str, object]
ROUNDS = 5


def labelled_chair(points: int, seed: int) -> tuple[PointCloud, Tensor, tuple[str, ...]]:
    """The cloud, the part of each point, and the names."""
    import torch

    from pdengine.io import cloud_from_arrays, mesh_from_arrays, sample_mesh
    from pdengine.shapes import make

    chair = make("chair", seed)
    sampled = sample_mesh(mesh_from_arrays(chair.vertices, chair.faces), points, seed)
    part = torch.from_numpy(chair.face_label).long()[sampled.face]
    return cloud_from_arrays(sampled.cloud.world), part, chair.parts


def true_boxes(views: Views, part: Tensor) -> Boxes:
    """A box around every part that a view shows."""
    import torch

    from pdengine.types import Boxes

    box, view, label = [], [], []
    for v, index in enumerate(views.index):
        here = torch.where(index >= 0, part[index.clamp(min=0).long()], -1)
        for r in range(int(part.max()) + 1):
            y, x = (here == r).nonzero().unbind(1)
            if len(y):
                box.append(torch.stack([x.min(), y.min(), x.max() + 1, y.max() + 1]).float())
                view.append(v)
                label.append(r)
    return Boxes(torch.stack(box), torch.tensor(view), torch.tensor(label), torch.ones(len(box)))


def partslip(points: int, method: str) -> list[Row]:
    """Warm runs on one shape; the same boxes each time, the shape set anew."""
    from pipeline import row

    from pdengine.config import EngineConfig, as_partslip
    from pdengine.pipeline import Engine

    cloud, part, names = labelled_chair(points, 0)
    known: list[Boxes] = []

    def given(views: Views, names: PartList) -> Boxes:
        if not known:
            known.append(true_boxes(views, part))
        return known[0]

    config = as_partslip(EngineConfig(up="y", device="cpu"))
    pieces = replace(config.partslip.superpoints, method=method)
    config = replace(config, partslip=replace(config.partslip, superpoints=pieces))
    began: dict[str, float] = {}
    stages: dict[str, list[float]] = {}

    def on_stage(stage: str, done: int, total: int) -> None:
        if done == 0:
            began[stage] = time.process_time()
        else:
            stages.setdefault(stage, []).append((time.process_time() - began[stage]) * 1e3)

    engine = Engine(config, teacher=given, progress=on_stage)
    engine.set_shape(cloud).segment(names)  # warms up
    stages.clear()
    totals: list[float] = []
    used: list[float] = []
    for _ in range(ROUNDS):
        start, busy = time.perf_counter(), time.process_time()
        result = engine.set_shape(cloud).segment(names)
        totals.append((time.perf_counter() - start) * 1e3)
        used.append((time.process_time() - busy) * 1e3)
    name = f"partslip_{points // 1000}k_10x800" + ("" if method == "merging" else f"_{method}")
    rows = [row(name, totals, "ms"), row(f"{name}/cpu", used, "ms")]
    rows += [row(f"{name}/{stage}", values, "ms") for stage, values in stages.items()]
    for found in rows:
        found["superpoints"] = result.meta["superpoints"]
    return rows


CASES: dict[str, Callable[[], list[Row]]] = {"partslip_100k": partial(partslip, 100_000, "merging")}
if importlib.util.find_spec("cut_pursuit_py") is not None:
    CASES["partslip_100k_cut_pursuit"] = partial(partslip, 100_000, "cut-pursuit")
