"""Teachers by name."""

from __future__ import annotations

from collections.abc import Callable

from pdengine.errors import ConfigError
from pdengine.teach.protocol import Teacher


def _embedded() -> Teacher:
    from pdengine.teach.embedded import EmbeddedTeacher

    return EmbeddedTeacher.load()


def _components(kind: str) -> Teacher:
    from pdengine.teach.embedded import EmbeddedTeacher
    from pdengine.teach.embedded.components import ComponentTeacher

    return ComponentTeacher(EmbeddedTeacher.load(), kind)


TEACHERS: dict[str, Callable[[], Teacher]] = {
    "embedded": _embedded,
    "embedded-boxes": lambda: _components("boxes"),
    "embedded-masks": lambda: _components("masks"),
}


def make_teacher(name: str) -> Teacher:
    """The teacher of this name, ready to be asked.

    Raises:
        ConfigError: there is none of this name.
        TeacherError: its weights are missing or damaged.
    """
    if name not in TEACHERS:
        raise ConfigError(
            f"teacher must be one of {', '.join(TEACHERS)}, or any callable, got {name!r}"
        )
    return TEACHERS[name]()
