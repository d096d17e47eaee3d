"""Teachers by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdengine.config import EngineConfig
from pdengine.errors import ConfigError
from pdengine.teach.card import (
    EMBEDDED,
    EMBEDDED_BOXES,
    EMBEDDED_MASKS,
    GIVEN_BY_PATH,
    TeacherCard,
)
from pdengine.teach.models.entries import ROWS as PUBLISHED
from pdengine.teach.options import Option, Value, check_options, options_of, read_options
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
            where they are; None where they come with the package.  `revision`, another commit than
            the pinned one, is given where somebody asks for it, and where load takes it; so is
            `cutter_revision`.
        options: what it can be told; None reads load's keywords.
    """

    card: TeacherCard
    load: Callable[..., Teacher]
    why_not: Callable[[], str | None] = _can_run
    pull: Callable[..., str] | None = None
    options: tuple[Option, ...] | None = None

    @property
    def takes(self) -> tuple[Option, ...]:
        """What it can be told, besides path and offline."""
        return options_of(self.load) if self.options is None else self.options


def _embedded(*, offline: bool = False, path: Path | None = None) -> EmbeddedTeacher:
    """The embedded teacher, with other weights of its kind where there is a path.

    It fetches nothing, offline or not.
    """
    from pdengine.teach.embedded import EmbeddedTeacher

    if path is None:
        return EmbeddedTeacher.load()
    teacher = EmbeddedTeacher.load(Path(path))
    teacher.card = replace(EMBEDDED, weights=GIVEN_BY_PATH)
    return teacher


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
        options: of this teacher: path, and what its entry takes.

    Raises:
        ConfigError: there is none of this name, or it has no such option.
        TeacherError: its weights, or a package that it needs, are missing or damaged.
    """
    entry = entry_of(name)
    check_options(name, options, entry.takes)
    return entry.load(offline=offline, **options)


def typed_options(name: str, given: Sequence[str]) -> dict[str, Value]:
    """Options of a teacher as they are typed, "threshold=0.3", as make_teacher takes them.

    Raises:
        ConfigError: there is no such teacher or option, or a value is of another kind.
    """
    return read_options(name, given, entry_of(name).takes) if given else {}


def configured_teacher(config: EngineConfig) -> Teacher:
    """The teacher that the settings name, with their weights.

    Raises:
        ConfigError, TeacherError: see make_teacher.
    """
    path = {} if config.teacher_path is None else {"path": Path(config.teacher_path)}
    options: dict[str, Any] = {**config.teacher_options, **path}
    return make_teacher(config.teacher, offline=config.offline, **options)
