"""Options that several commands share, in groups, and how every option is shown by --help."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import tyro


def _known(default: str) -> str:
    """A default that says something; what is off or not given says so in its own words."""
    return "" if default in ("None", "False", "") else f"(default: {default})"


def word(metavar: str, *aliases: str) -> Any:
    """An option with a value."""
    return tyro.conf.arg(metavar=metavar, aliases=aliases or None, help_behavior_hint=_known)


FLAG: Any = tyro.conf.arg(help_behavior_hint="")


@dataclass(frozen=True)
class TeacherOptions:
    """Settings of EngineConfig about the teacher."""

    teacher: Annotated[str, word("NAME")] = "embedded"
    """Who looks at the views; `pdengine teachers list` says who there is."""
    teacher_path: Annotated[str | None, word("DIR")] = None
    """Folder with its weights, in place of those that were pulled."""
    teacher_option: Annotated[tuple[str, ...], word("N=V"), tyro.conf.UseAppendAction] = ()
    """NAME=VALUE, as often as needed; `pdengine teachers show NAME` lists them."""
    teacher_timeout: Annotated[float | None, word("SECS")] = None
    """The most that one call of it may take; no limit unless given."""
    offline: Annotated[bool, FLAG] = False
    """Fetch nothing: missing weights are an error."""

    @property
    def settings(self) -> dict[str, Any]:
        """By their names in EngineConfig.

        Raises:
            ConfigError: the teacher has no such option, or it is of another kind.
        """
        from pdengine.teach import typed_options

        said = asdict(self)
        given = said.pop("teacher_option")
        return {**said, "teacher_options": typed_options(self.teacher, given)}

    @property
    def asked_for(self) -> list[str]:
        """What would be in vain where no teacher is asked; --offline is true there too."""
        return [name for name in typed(self) if name != "--offline"]


@dataclass(frozen=True)
class EngineOptions:
    """Settings of EngineConfig about the shape and the run."""

    views: Annotated[int, word("N")] = 10
    """How many views are rendered."""
    meshes: Annotated[str, word("points|triangles")] = "points"
    """Draw a mesh as discs on points of it, or its triangles."""
    up: Annotated[str, word("AXIS")] = "auto"
    """Which way is up: x, y, z, -x, -y, -z, or auto."""
    points: Annotated[int, word("N")] = 10_000
    """Label a mesh on this many points; its faces take their labels."""
    nameless: Annotated[float, word("0-1")] = 0.0
    """How surely a point that a view shows in no box or mask is none of the parts; 0.5 where the
    parts do not cover the shape ("bottle: lid")."""
    seed: Annotated[int, word("N")] = 0
    """Of everything random: same seed, same labels."""
    device: Annotated[str, word("auto|cpu|cuda")] = "auto"
    """Where to compute; auto takes the GPU where it can."""

    @property
    def settings(self) -> dict[str, Any]:
        """By their names in EngineConfig."""
        return asdict(self)


@dataclass(frozen=True)
class DetectionOptions:
    """An answer from outside in place of a teacher."""

    detections: Annotated[Path | None, word("PATH")] = None
    """File or folder: what another model found in the pictures of `pdengine render`."""
    views_from: Annotated[Path | None, word("DIR")] = None
    """Folder of those pictures; that of the detections unless given."""
    ignore_unknown: Annotated[bool, FLAG] = False
    """Leave out names that are not among the parts."""


def typed(options: Any) -> list[str]:
    """The options of a group that are not as they come, as they are written: "--teacher-path"."""
    return [
        f"--{field.name.replace('_', '-')}"
        for field in fields(options)
        if getattr(options, field.name) != field.default
    ]


def names_in(text: str | None) -> list[str]:
    """The names between commas; none where nothing was typed."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
