"""Two views of a few points, and what somebody wrote about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from pdengine.cameras import rig
from pdengine.config import RenderConfig
from pdengine.render import render
from pdengine.teach.files import FileTeacher, read_detections
from pdengine.types import PointCloud, Views

PARTS = "chair: back, seat, arm rest"


def make_cloud(count: int = 400) -> PointCloud:
    """Points on the unit sphere."""
    xyz = torch.randn(count, 3, generator=torch.Generator().manual_seed(0))
    xyz = xyz / xyz.norm(dim=1, keepdim=True)
    origin = torch.zeros(3, dtype=torch.float64)
    return PointCloud(xyz, origin, 1.0, torch.arange(count), xyz.double())


def make_views(height: int, width: int, views: int = 2) -> Views:
    return render(make_cloud(), rig(views), RenderConfig(size=(height, width), radius_px=1.5))


@pytest.fixture
def views() -> Views:
    """2 of 40 x 20 px."""
    return make_views(20, 40)


@pytest.fixture
def said(tmp_path: Path, views: Views) -> Callable[..., FileTeacher]:
    """What a JSON file of this content says."""

    def read(content: Any, parts: str = PARTS, name: str = "found.json", **how: Any) -> FileTeacher:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return read_detections(path, views, parts, **how)

    return read
