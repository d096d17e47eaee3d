"""The names of methods that can be typed for one shape, and the engine's mode for each."""

from __future__ import annotations

from pdengine.config import METHODS
from pdengine.errors import ConfigError

SHORT = {"partdistill": "partdistill-tta"}  # its other modes are what a student does
TYPED = ("partdistill", "partslip", "vote")
TYPED_OF = {METHODS[SHORT.get(name, name)]: name for name in TYPED}  # by mode


def mode_of(method: str, *, with_student: bool) -> str:
    """The mode of EngineConfig that a method runs in.

    Raises:
        ConfigError: there is no such method, or a student is given and it asks none.
    """
    if method not in TYPED:
        raise ConfigError(f"method must be one of {', '.join(TYPED)}, got {method!r}")
    if not with_student:
        return METHODS[SHORT.get(method, method)]
    if method != "partdistill":
        raise ConfigError(f"method must be partdistill with a student, got {method!r}")
    return METHODS["partdistill-pre"]
