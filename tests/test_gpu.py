"""The whole engine on a GPU: the labels of the CPU, and the same ones every time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from pdengine.collection import Collection
from pdengine.config import DistillConfig, EngineConfig, RenderConfig, with_options
from pdengine.devices import why_no_gpu
from pdengine.io import cloud_from_arrays, mesh_from_arrays, sample_mesh
from pdengine.many_shapes import segment_many
from pdengine.pipeline import Engine
from pdengine.shapes import make
from pdengine.types import Mesh, PointCloud, Segmentation

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

PROMPT = "chair: back, seat, leg, arm"
ENOUGH = 0.995  # of the labels: sums that round differently decide a point between two parts


def chair(points: int, seed: int = 2_000_003) -> tuple[Mesh, PointCloud]:
    """A generated chair that the teacher was not trained on, and a bare cloud of it."""
    made = make("chair", seed)
    mesh = mesh_from_arrays(made.vertices, made.faces)
    return mesh, cloud_from_arrays(sample_mesh(mesh, points, 1).cloud.world)


def agreement(one: Segmentation, other: Segmentation) -> float:
    return float((one.labels == other.labels).float().mean())


CASES: dict[str, dict[str, Any]] = {
    "vote": {"mode": "vote"},
    "pixels": {"up": "auto"},
    "triangles": {"render": RenderConfig(meshes="triangles")},
    "boxes": {"teacher": "embedded-boxes"},
    "masks": {"teacher": "embedded-masks"},
    "all weights": {"distill": DistillConfig(weights="all")},
    "soft": {"distill": DistillConfig(backward="soft", targets="per-unit", class_weights=True)},
    "turned": {"distill": DistillConfig(backward="relative", targets="per-point", pose="turned")},
}


def test_the_engine_can_run_here() -> None:
    assert why_no_gpu() is None


@pytest.mark.parametrize("kind", ["cloud", "mesh"])
@pytest.mark.parametrize("case", CASES)
def test_a_gpu_gives_the_labels_of_the_cpu_and_the_same_every_time(case: str, kind: str) -> None:
    mesh, cloud = chair(2_048)
    config = EngineConfig(points=4_096, **{"up": "y", **CASES[case]})
    runs = {
        device: Engine(with_options(config, device=device)).set_shape(
            mesh if kind == "mesh" else cloud
        )
        for device in ("cpu", "cuda")
    }
    expected = runs["cpu"].segment(PROMPT)
    found = [runs["cuda"].segment(PROMPT)]
    for _ in range(2):  # from the points again, with nothing kept
        runs["cuda"].set_shape(mesh if kind == "mesh" else cloud)
        found.append(runs["cuda"].segment(PROMPT))
    assert found[0].meta["device"].startswith("cuda")
    assert all(f.labels.device.type == f.scores.device.type == "cpu" for f in found)
    assert all(torch.equal(f.labels, found[0].labels) for f in found)
    assert all(torch.equal(f.scores, found[0].scores) for f in found)
    assert agreement(found[0], expected) >= ENOUGH


def test_shapes_aligned_side_by_side_get_the_labels_of_the_cpu_and_of_each_alone() -> None:
    shapes = [chair(points, 2_000_020 + points)[1] for points in (2_048, 3_000, 1_500, 900)]
    config = EngineConfig(up="y", distill=DistillConfig(anchors=1_024))
    answers = []
    for device in ("cpu", "cuda", "cuda"):
        found = list(segment_many(shapes, PROMPT, config=config, device=device))
        answers.append([one for one in found if isinstance(one, Segmentation)])
    engine = Engine(with_options(config, device="cuda"))
    for shape, cpu, first, again in zip(shapes, *answers, strict=True):
        assert torch.equal(first.labels, again.labels)
        assert agreement(first, cpu) >= ENOUGH
        assert agreement(first, engine.set_shape(shape).segment(PROMPT)) >= 0.999


def test_a_million_points_are_carried_back() -> None:
    _, cloud = chair(1_000_000)
    config = EngineConfig(up="y", mode="vote")
    expected, found = (
        Engine(with_options(config, device=device)).set_shape(cloud).segment(PROMPT)
        for device in ("cpu", "cuda")
    )
    assert agreement(found, expected) >= ENOUGH


def test_a_collection_gives_the_labels_of_the_cpu_and_its_student_too() -> None:
    _, cloud = chair(2_048)
    answers = {}
    for device in ("cpu", "cuda", "again"):
        config = EngineConfig(up="y", points=1_024, device=device.replace("again", "cuda"))
        found = Collection(PROMPT, config)
        for seed in range(3):
            found._add(f"chair {seed}", chair(1_024, 2_000_010 + seed)[1], str(seed))
        done = found.align()
        student = Engine(replace(config, mode="pre"), student=done.student)
        answers[device] = [*done.answers.values(), student.set_shape(cloud).segment(None)]
    for cpu, gpu, again in zip(*answers.values(), strict=True):
        assert torch.equal(gpu.labels, again.labels)
        assert agreement(cpu, gpu) >= 0.99  # of twenty differing pixels every shape learns
