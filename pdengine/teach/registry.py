"""Teachers by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdengine.config import EngineConfig
from pdengine.errors import ConfigError
from pdengine.teach.card import EMBEDDED, EMBEDDED_BOXES, EMBEDDED_MASKS, TeacherCard
from pdengine.teach.models.entries import ROWS as PUBLISHED
from pdengine.teach.protocol import Teacher

if TYPE_CHECKING:
    from pdengine.teach.embedded import EmbeddedTeacher


def _can_run() -> None:
    """A teacher whose code and weights come with the package."""


@dataclass(frozen=True)
class Entry:
    """A teacher that can be had by name.

    Attributes:
        card: what it is.
        load: makes it; takes the keyword `offline`, which forbids it to fetch anything, and what
            options it has besides.
        why_not: why it cannot run here, one sentence that says what to type; None where it can.
            Quick, and it opens no connection.
        pull: fetches its weights, with the keyword `offline` as above, and returns one sentence on
            where they are; None where they come with the package.
    """

    card: TeacherCard
    load: Callable[..., Teacher]
    why_not: Callable[[], str | None] = _can_run
    pull: Callable[..., str] | None = None


def _embedded(*, offline: bool = False, path: Path | None = None) -> EmbeddedTeacher:
    """The embedded teacher, with other weights of its kind where there is a path.

    It fetches nothing, offline or not.
    """
    from pdengine.teach.embedded import EmbeddedTeacher

    return EmbeddedTeacher.load() if path is None else EmbeddedTeacher.load(Path(path))


def _components(kind: str, *, offline: bool = False, path: Path | None = None) -> Teacher:
    from pdengine.teach.embedded.components import ComponentTeacher

    return ComponentTeacher(_embedded(offline=offline, path=path), kind)


TEACHERS: dict[str, Entry] = {
    entry.card.name: entry
    for entry in (
        Entry(EMBEDDED, _embedded),
        Entry(EMBEDDED_BOXES, partial(_components, "boxes")),
        Entry(EMBEDDED_MASKS, partial(_components, "masks")),
        *(Entry(*row) for row in PUBLISHED),
    )
}


def entry_of(name: str) -> Entry:
    """What is known under a name.

    Raises:
        ConfigError: nothing is.
    """
    if name not in TEACHERS:
        part = [known for known in TEACHERS if name and name in known and "+" not in known]
        near = part or get_close_matches(name, TEACHERS) or ["embedded"]
        raise ConfigError(
            "teacher must be one of `pdengine teachers list`, or any callable; near names: "
            f"{', '.join(near)}; got {name!r}"
        )
    return TEACHERS[name]


def make_teacher(name: str, *, offline: bool = False, **options: Any) -> Teacher:
    """The teacher of this name, ready to be asked.

    Args:
        name: one of TEACHERS.
        offline: nothing may be fetched; what is not here is an error.
        options: of this teacher, e.g. path.

    Raises:
        ConfigError: there is none of this name, or it has no such option.
        TeacherError: its weights, or a package that it needs, are missing or damaged.
    """
    load = entry_of(name).load
    try:
        inspect.signature(load).bind(offline=offline, **options)
    except TypeError as error:
        raise ConfigError(f"teacher {name}: {error}") from None
    return load(offline=offline, **options)


def configured_teacher(config: EngineConfig) -> Teacher:
    """The teacher that the settings name, with their weights.

    Raises:
        ConfigError, TeacherError: see make_teacher.
    """
    options = {} if config.teacher_path is None else {"path": Path(config.teacher_path)}
    return make_teacher(config.teacher, offline=config.offline, **options)
