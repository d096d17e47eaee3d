"""Where the engine runs, and how its data gets there and back."""

from __future__ import annotations

import importlib
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from pdengine.errors import ConfigError
from pdengine.kernels import Backend
from pdengine.types import PointCloud

T = TypeVar("T")

# What the pipeline cannot do without, in its order.
OPS = (
    *("knn", "splat_points", "raster_triangles", "visible_points", "label_components"),
    *("lift_boxes", "lift_pixels", "lift_seen", "unit_targets", "unit_agreement"),
    *("voxelize", "kernel_map", "sparse_conv", "soft_cross_entropy"),
)


def choose_device(name: str) -> torch.device:
    """The device that a setting means.

    Args:
        name: "cpu"; "cuda", torch's current GPU; or "auto", the GPU where every op has a kernel
            for it that can run here, else the CPU.

    Raises:
        ConfigError: "cuda", and the engine cannot run there, with the reason.
    """
    if name == "cpu":
        return torch.device("cpu")
    reason = why_no_gpu()
    if reason is None:
        return torch.device("cuda", torch.cuda.current_device())
    if name == "cuda":
        raise ConfigError(f"device must be auto or cpu here, got cuda: {reason}")
    return torch.device("cpu")


def why_no_gpu() -> str | None:
    """Why the engine cannot run on a GPU here, in one sentence; None where it can.

    It runs there with all of its ops or not at all: a reference, which any device runs, is slow.
    """
    if not torch.cuda.is_available():
        return "PyTorch finds no GPU" if torch.version.cuda else "this PyTorch is built for the CPU"
    probe = torch.empty(0, 1, device="cuda")
    for op in OPS:
        for backends in _of(op):
            reasons = [b.why_not(probe) for b in backends if b.name in ("cuda", "triton")]
            if not reasons:
                return f"this version has no GPU kernel for {op}"
            if None not in reasons:
                return f"{op} cannot run, {reasons[0]}"
    return None


def _of(op: str) -> list[tuple[Backend, ...]]:
    """An op's backends; kernel_map is two functions, each with its own."""
    found = vars(importlib.import_module(f"pdengine.kernels.{op}.op")).values()
    return [v for v in found if isinstance(v, tuple) and v and isinstance(v[0], Backend)]


def on(value: T, device: torch.device | str) -> T:
    """The same data on a device: tensors, and dataclasses, tuples and lists of them.

    What is there already is not copied.  Of a PointCloud only xyz, colour and normals go: the rest
    belongs to the user's rows, which stay on the CPU.  A module is moved itself, as torch does.
    """
    moved: Any = value
    if isinstance(value, (Tensor, nn.Module)):
        moved = value.to(device)
    elif isinstance(value, (tuple, list)):
        moved = type(value)(on(one, device) for one in value)
    elif is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in fields(value)]
        if isinstance(value, PointCloud):
            names = ["xyz", "colour", "normals"]
        old = {name: getattr(value, name) for name in names}
        new = {name: on(one, device) for name, one in old.items()}
        changed = {name: one for name, one in new.items() if one is not old[name]}
        moved = replace(value, **changed) if changed else value
    found: T = moved
    return found
