"""The engine computes where it is told to: choosing a device, and staying on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import pdengine as pde
from pdengine import devices, kernels
from pdengine.collection import Collection, Member, no_units
from pdengine.config import DistillConfig, EngineConfig, RenderConfig, with_options
from pdengine.devices import OPS, choose_device, on, why_no_gpu
from pdengine.distill import load_student, save_student
from pdengine.io import cloud_from_arrays, mesh_from_arrays, sample_mesh
from pdengine.kernels import Backend
from pdengine.pipeline import Engine
from pdengine.report import Source, write_outputs
from pdengine.shapes import make
from pdengine.teach import parse_parts
from pdengine.teach.simulated import SimulatedTeacher
from pdengine.types import PointCloud, Segmentation

PROMPT = "chair: back, seat, leg, arm"
SMALL = EngineConfig(
    up="y",
    points=500,
    render=RenderConfig(views=3, size=(64, 64), meshes="triangles", surface_points=4_000),
    distill=DistillConfig(anchors=200, steps=6, rounds=1, passes=1),
)


def chair(points: int = 500, seed: int = 2_000_003) -> tuple[pde.Mesh, PointCloud]:
    """A generated chair that the teacher was not trained on, and a bare cloud of it."""
    made = make("chair", seed)
    mesh = mesh_from_arrays(made.vertices, made.faces)
    return mesh, cloud_from_arrays(sample_mesh(mesh, points, 1).cloud.world)


def without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_auto_takes_the_cpu_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_gpu(monkeypatch)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")


def test_cuda_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_gpu(monkeypatch)
    _, cloud = chair()
    with pytest.raises(pde.ConfigError, match=r"device must be auto or cpu here, got cuda: \w+"):
        pde.segment(cloud, PROMPT, device="cuda")


def test_one_op_without_a_kernel_keeps_the_engine_off_the_gpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    empty = torch.empty
    monkeypatch.setattr(torch, "empty", lambda *shape, device=None: empty(*shape))
    broken = Backend("cuda", lambda: None, lambda tensor: "its library is broken")
    works = Backend("cuda", lambda: None)
    sets: dict[str, list[tuple[Backend, ...]]] = {op: [(works,)] for op in OPS}
    monkeypatch.setattr(devices, "_of", sets.__getitem__)
    assert why_no_gpu() is None
    sets["kernel_map"] = [(works,), (broken,)]
    assert why_no_gpu() == "kernel_map cannot run, its library is broken"
    sets["knn"] = [(Backend("cpu", lambda: None), Backend("reference", lambda: None))]
    assert why_no_gpu() == "this version has no GPU kernel for knn"


def test_every_op_is_asked() -> None:
    folder = Path(kernels.__file__).parent
    found = {path.parent.name for path in folder.glob("*/op.py")}
    # The CPU's, wherever the cloud is; and what a CPU's training step does in torch on a GPU.
    assert set(OPS) == found - {"farthest_points", "superpoints", "norm_relu", "point_head"}
    for op in OPS:
        assert devices._of(op)
        for backends in devices._of(op):  # what they are asked with does not break them
            assert all(b.why_not(torch.empty(0, 1)) != "" for b in backends)


def test_data_that_is_there_already_is_not_copied() -> None:
    _, cloud = chair()
    assert on(cloud, "cpu") is cloud
    pair = (cloud, [cloud.xyz])
    assert on(pair, "cpu")[1][0] is cloud.xyz


def test_of_a_cloud_only_what_is_computed_with_goes() -> None:
    _, cloud = chair()
    cloud = replace(cloud, colour=torch.rand(len(cloud), 3))
    there = on(cloud, "meta")
    assert there.xyz.is_meta
    assert there.colour is not None
    assert there.colour.is_meta
    assert there.rows is cloud.rows
    assert there.world is cloud.world


# What follows pretends: see device_mode.py.


def on_the_cpu(result: Segmentation) -> bool:
    tensors = [result.labels, result.scores, result.vote_labels, result.face_labels]
    if result.instances is not None:
        tensors += list(vars(result.instances).values())
    return all(t is None or t.device.type == "cpu" for t in tensors)


def same(one: Segmentation, other: Segmentation) -> bool:
    assert one.names == other.names
    if one.instances is not None:
        assert other.instances is not None
        assert torch.equal(one.instances.instance, other.instances.instance)
    return torch.equal(one.labels, other.labels) and torch.equal(one.vote_labels, other.vote_labels)


CASES: dict[str, dict[str, Any]] = {
    "pixels": {},
    "boxes": {"teacher": "embedded-boxes"},
    "masks": {"teacher": "embedded-masks"},
    "vote": {"mode": "vote"},
    "partslip": {"mode": "partslip", "teacher": "embedded-boxes"},
    "all weights": {"distill": replace(SMALL.distill, weights="all")},
    "soft": {"distill": replace(SMALL.distill, backward="soft", targets="per-unit")},
    "relative": {
        "distill": replace(
            SMALL.distill,
            backward="relative",
            targets="per-point",
            class_weights=True,
            pose="turned",
        )
    },
    "published": {"distill": replace(SMALL.distill, backward="published", pose="invariant")},
}


@pytest.mark.parametrize("case", CASES)
def test_a_cloud_stays_on_its_device(case: str, pretend_gpu: Any) -> None:
    _, cloud = chair()
    answers = {}
    for device in ("cuda", "cpu"):
        engine = Engine(with_options(SMALL, device=device, **CASES[case]))
        answers[device] = engine.set_shape(cloud).segment(PROMPT)
        assert engine.cloud.xyz.device.type == device
    assert on_the_cpu(answers["cuda"])
    assert answers["cuda"].meta["device"] == "cuda:0"
    assert {"knn", "splat_points", "lift_seen"} <= set(pretend_gpu.kernels)
    agree = (answers["cuda"].labels == answers["cpu"].labels).float().mean()
    assert agree > 0.97  # references add in another order


@pytest.mark.parametrize("meshes", ["triangles", "points"])
def test_a_mesh_stays_on_its_device_and_is_written_from_the_cpu(
    meshes: str, pretend_gpu: Any, tmp_path: Path
) -> None:
    mesh, _ = chair()
    mesh = replace(mesh, colour=torch.rand(len(mesh.vertices), 3))
    small = replace(SMALL, instances=True, render=replace(SMALL.render, meshes=meshes))
    engine = Engine(with_options(small, device="cuda"))
    result = engine.set_shape(mesh).segment(PROMPT)
    assert on_the_cpu(result)
    assert engine.trace is not None
    assert engine.trace.views.depth.device.type == "cuda"
    assert ("raster_triangles" in pretend_gpu.kernels) == (meshes == "triangles")
    path = tmp_path / "chair.ply"
    path.write_bytes(b"")
    source = Source(str(path), "")
    write_outputs(tmp_path / "out", "chair", result, engine.trace, engine.config, source)
    assert same(result, Engine(with_options(small, device="cpu")).set_shape(mesh).segment(PROMPT))


def test_nothing_is_asked_of_the_cpu_without_a_prompt_or_an_axis(pretend_gpu: Any) -> None:
    _, cloud = chair()
    config = with_options(SMALL, device="cuda", up="auto", mode="vote")
    assert on_the_cpu(Engine(config).set_shape(cloud).segment(None))


def test_a_larger_cloud_is_carried_back_on_its_device(pretend_gpu: Any) -> None:
    _, cloud = chair(900)
    answers = []
    for device in ("cuda", "cpu"):
        config = with_options(SMALL, device=device, max_points=300, mode="vote", instances=True)
        answers.append(Engine(config).set_shape(cloud).segment(PROMPT))
    assert same(*answers)


def test_a_teacher_may_answer_from_another_device(pretend_gpu: Any) -> None:
    mesh, cloud = chair()
    made = make("chair", 2_000_003)
    names = parse_parts(PROMPT).names
    labels = torch.from_numpy(made.face_label).long()
    simulated = SimulatedTeacher(labels, names, "clean")
    engine = Engine(with_options(SMALL, device="cuda"), teacher=simulated)
    assert on_the_cpu(engine.set_shape(cloud, surface=mesh).segment(PROMPT))


def test_a_collection_and_its_student_stay_on_their_device(
    pretend_gpu: Any, tmp_path: Path
) -> None:
    mesh, cloud = chair()
    config = with_options(SMALL, device="cuda", instances=True)
    found = Collection(PROMPT, config, cache=tmp_path)
    found._add("one", cloud, "one")
    found._add("two", mesh, "two")
    labels = torch.randint(-1, 4, (300,), generator=torch.Generator().manual_seed(0))
    few = chair(300)[1]
    found.members.append(Member("three", None, few, no_units(300), labels))
    found.sources.append("three")
    done = found.align()
    assert all(on_the_cpu(answer) for answer in done.answers.values())
    assert {belief.device.type for belief in done.alignment.beliefs} == {"cpu"}
    path = tmp_path / "student.safetensors"
    save_student(done.student, path)
    answers = []
    for device in ("cuda", "cpu"):
        config = replace(config, device=device, mode="pre")
        engine = Engine(config, student=load_student(path))
        answers.append(engine.set_shape(cloud).segment(None))
        assert engine.cloud.xyz.device.type == device
    assert on_the_cpu(answers[0])
    assert same(*answers)


def test_the_pretence_finds_what_a_gpu_would_refuse(pretend_gpu: Any) -> None:
    there, here = torch.ones(3, device="cuda"), torch.ones(3)
    assert there.device == torch.device("cuda", 0)
    assert (there * 2).is_cuda
    assert not (there * 2).cpu().is_cuda
    for wrong in (
        lambda: there + here,
        lambda: here.index_put_((torch.tensor([0, 1, 2]),), there),
        lambda: here[there.long()],
        lambda: torch.cat([there, here]),
        lambda: there.numpy(),
        lambda: torch.zeros(2, device="cuda").index_add_(0, there.long(), there),
    ):
        with pytest.raises(pretend_gpu.WrongDevice):
            wrong()
    here.copy_(there)
    assert not here.is_cuda
    assert there[torch.tensor([0])].is_cuda  # torch takes rows from the CPU, and waits
    weight = torch.nn.Linear(3, 1).to("cuda")
    weight(there).sum().backward()
    assert weight.weight.grad is not None
    assert weight.weight.grad.is_cuda
    assert sum(pretend_gpu.waits.values()) == 2  # of .cpu() and of the row


def test_the_host_looks_at_a_window_of_losses_not_at_every_step(pretend_gpu: Any) -> None:
    _, cloud = chair()
    # Two rounds, each with one look; and an optimiser to make, which looks at its rate.  A head
    # alone runs in memory that stays, and has one to make; between its rounds the labels' changes
    # are looked at.
    for weights, looks in (("head", 4), ("all", 5)):
        distill = replace(SMALL.distill, steps=12, weights=weights, passes=9)
        pretend_gpu.waits.clear()
        Engine(with_options(SMALL, device="cuda", distill=distill)).set_shape(cloud).segment(PROMPT)
        learning = [n for line, n in pretend_gpu.waits.items() if "learn.py" in line]
        learning += [n for line, n in pretend_gpu.waits.items() if "replay.py" in line]
        learning += [n for line, n in pretend_gpu.waits.items() if "stacked.py" in line]
        assert sum(learning) == looks


def test_the_lift_waits_for_what_only_the_data_knows(pretend_gpu: Any) -> None:
    """Which pixels components have, and which of those points; the kernels' own waits aside."""
    _, cloud = chair()
    engine = Engine(with_options(SMALL, device="cuda", mode="vote")).set_shape(cloud)
    names = parse_parts(PROMPT)
    engine._seen("y")
    pretend_gpu.waits.clear()
    engine.teach(names)
    rooms = ("lift/", "kernels/lift", "kernels/label_components", "kernels/_checks", "types.py")
    lifting = {line: n for line, n in pretend_gpu.waits.items() if line.startswith(rooms)}
    assert sum(lifting.values()) == 2, lifting
    assert pretend_gpu.kernels["lift_seen"] == 1
    assert "visible_points" not in pretend_gpu.kernels
