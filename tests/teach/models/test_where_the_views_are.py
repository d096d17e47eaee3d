"""Every published model answers where the views are: on a GPU, and on the CPU again.

The GPU is a pretended one, see device_mode.py: what mixes devices is found, rounding is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from pdengine.devices import on
from pdengine.teach import make_teacher
from pdengine.types import PartList, Views

PARTS = PartList(("seat", "back"), "chair")
FOLDERS = {  # the fixture of each one's weights, and of what cuts out
    "grounding-dino-tiny": ("grounding_dino",),
    "owlvit-base": ("owlvit",),
    "owlv2-base": ("owlv2",),
    "florence-2-base": ("florence",),
    "clipseg": ("clipseg",),
    "clip-dense": ("clip",),
    "siglip-dense": ("siglip",),
    "sam3": ("sam3",),
    "owlvit-base+sam": ("owlvit", "sam"),
    "owlvit-base+sam2": ("owlvit", "sam2"),
    "grounding-dino-tiny+segment-anything": ("grounding_dino", "segment_anything"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_teacher_goes_to_the_gpu_with_the_views_and_back(
    name: str, request: pytest.FixtureRequest, look: Callable[..., Views]
) -> None:
    path, *cutter = (request.getfixturevalue(folder) for folder in FOLDERS[name])
    options: dict[str, Any] = {"side": 64} if "dense" in name else {}
    options |= {"threshold": 0.0} if name.startswith(("owl", "grounding", "sam3")) else {}
    options |= {"cutter_path": cutter[0]} if cutter else {}
    teacher: Any = make_teacher(name, path=path, **options)
    if name.startswith("florence"):
        teacher._detector._longest = 12  # words, of 256
    views = look(2, 40, 60)
    before = teacher(views, PARTS)
    gpu = request.getfixturevalue("pretend_gpu")  # loading is not watched
    gpu.any_order = True
    there = teacher(on(views, torch.device("cuda")), PARTS)
    assert {value.device.type for value in vars(there).values()} == {"cuda"}
    after = teacher(views, PARTS)
    for field, value in vars(before).items():
        assert torch.equal(getattr(after, field), value)
        assert torch.equal(getattr(there, field).cpu(), value)
