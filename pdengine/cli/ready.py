"""`pdengine segment preprocess.h5`: points, and what PartDistill's teacher said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pdengine.config import EngineConfig
from pdengine.errors import ConfigError, PartError
from pdengine.types import PartList


def is_ready(shape: str) -> bool:
    """It is a file that comes with answers."""
    return shape.lower().endswith((".h5", ".hdf5"))


def check_ready(parts: PartList | None, options: Mapping[str, Any], answered: bool) -> None:
    """Refuse what such a file leaves no room for.

    Raises:
        ConfigError: there is a teacher, or another answer; or the method needs more than it says.
        PartError: there is no prompt.
    """
    if parts is None:
        raise PartError("an HDF5 file needs --parts, in the order of its conf_bbox, got none")
    if answered or options.get("teacher", EngineConfig().teacher) != EngineConfig().teacher:
        raise ConfigError("an HDF5 file has its answers: leave out --detections and --teacher")
    if options.get("nameless"):
        raise ConfigError("--nameless needs to know what each view shows, HDF5 does not say")
    if options.get("mode") == "partslip":
        raise ConfigError("partslip needs to know which views show each point, HDF5 does not say")
