"""pdengine: zero-shot 3D part segmentation.

    import pdengine as pde

    cloud = pde.load("chair.ply")
    parts = pde.segment(cloud, ["back", "seat", "leg", "arm"])
    parts.save("chair_parts.ply")

Importing this package imports neither torch nor the C++ core; the names below do, at first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pdengine._version import __version__

if TYPE_CHECKING:
    from pdengine.collection import Collection
    from pdengine.config import EngineConfig
    from pdengine.distill import load_student, save_student
    from pdengine.errors import (
        ConfigError,
        LoadError,
        PartError,
        PdengineError,
        SaveError,
        ShapeError,
        StudentError,
        TeacherError,
    )
    from pdengine.io import load
    from pdengine.many_shapes import segment_many
    from pdengine.one_shape import segment
    from pdengine.pipeline import Engine
    from pdengine.types import Mesh, PointCloud, Segmentation

_HOME = {
    "Collection": "pdengine.collection",
    "load_student": "pdengine.distill",
    "save_student": "pdengine.distill",
    "load": "pdengine.io",
    "Engine": "pdengine.pipeline",
    "segment": "pdengine.one_shape",
    "segment_many": "pdengine.many_shapes",
    "EngineConfig": "pdengine.config",
    "Mesh": "pdengine.types",
    "PointCloud": "pdengine.types",
    "Segmentation": "pdengine.types",
    "ConfigError": "pdengine.errors",
    "LoadError": "pdengine.errors",
    "PartError": "pdengine.errors",
    "PdengineError": "pdengine.errors",
    "SaveError": "pdengine.errors",
    "ShapeError": "pdengine.errors",
    "StudentError": "pdengine.errors",
    "TeacherError": "pdengine.errors",
}

__all__ = [
    "Collection",
    "ConfigError",
    "Engine",
    "EngineConfig",
    "LoadError",
    "Mesh",
    "PartError",
    "PdengineError",
    "PointCloud",
    "SaveError",
    "Segmentation",
    "ShapeError",
    "StudentError",
    "TeacherError",
    "__version__",
    "load",
    "load_student",
    "save_student",
    "segment",
    "segment_many",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'pdengine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)  # a notebook completes what was not imported yet
