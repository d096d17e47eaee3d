"""Where the cameras stand."""

from pdengine.cameras.look_at import look_at
from pdengine.cameras.rig import PARTSLIP10, UP_AXES, rig

__all__ = ["PARTSLIP10", "UP_AXES", "look_at", "rig"]
