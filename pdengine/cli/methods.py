"""The names of methods that can be typed, and the engine's mode for each."""

from __future__ import annotations

from pdengine.errors import ConfigError

# PartDistill's other mode, "pre", is what a student does.
METHODS = {"partdistill": "tta", "partslip": "partslip", "vote": "vote"}
METHOD_OF = {mode: method for method, mode in METHODS.items()}


def mode_of(method: str, *, with_student: bool) -> str:
    """The mode of EngineConfig that a method runs in.

    Raises:
        ConfigError: there is no such method, or a student is given and it asks none.
    """
    if method not in METHODS:
        raise ConfigError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    if not with_student:
        return METHODS[method]
    if method != "partdistill":
        raise ConfigError(f"method must be partdistill with a student, got {method!r}")
    return "pre"
