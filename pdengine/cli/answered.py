"""`pdengine segment --detections`: a file in place of a teacher, and the views that it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pdengine.cli.options import DetectionOptions, TeacherOptions, typed
from pdengine.config import EngineConfig
from pdengine.errors import ConfigError, PartError
from pdengine.render import ViewsFile, read_views_file
from pdengine.render.views_file import FILE
from pdengine.teach.files import FileTeacher, read_detections
from pdengine.types import PartList


@dataclass(frozen=True)
class Answered:
    """What was typed.

    Attributes:
        detections: a file or a folder.
        views_from: a folder with a views.json; None takes the one beside the detections.
        ignore_unknown: leave out detections of names that are no parts.
    """

    detections: Path
    views_from: Path | None
    ignore_unknown: bool

    def read(
        self, shape: str, parts: PartList | None, config: EngineConfig
    ) -> tuple[FileTeacher, EngineConfig]:
        """The teacher, and the settings under which the engine sees what it has seen.

        Raises:
            ConfigError: there is no views.json, or other views are asked for than it has.
            LoadError: the views are of another shape, or a file cannot be used.
            PartError: there is no prompt.
        """
        if parts is None:
            raise PartError("segment needs --parts: detections do not say what a shape is")
        views = read_views_file(self._folder())
        views.check_shape(shape)
        _check_same(views, config)
        teacher = read_detections(self.detections, views, parts, self.ignore_unknown)
        return teacher, replace(views.config(config), teacher=teacher.name)

    def _folder(self) -> Path:
        if self.views_from is not None:
            return self.views_from
        folder = self.detections if self.detections.is_dir() else self.detections.parent
        if not (folder / FILE).is_file():
            raise ConfigError(
                f"detections must lie beside the {FILE} of `pdengine render`, or come with "
                f"--views-from; there is none in {folder}"
            )
        return folder


def answered(options: DetectionOptions, teacher: TeacherOptions) -> Answered | None:
    """What these options say together, or None where there are no detections.

    Raises:
        ConfigError: they contradict each other.
    """
    if options.detections is None:
        if typed(options):
            raise ConfigError(f"{typed(options)[0]} must come with --detections")
        return None
    if teacher.asked_for:
        raise ConfigError(f"--detections must come without {teacher.asked_for[0]}")
    return Answered(options.detections, options.views_from, options.ignore_unknown)


def _check_same(views: ViewsFile, config: EngineConfig) -> None:
    """A setting that somebody has typed must be the one that the views have."""
    usual = EngineConfig()
    for name, given, default, had in (
        ("views", config.render.views, usual.render.views, views.render.views),
        ("meshes", config.render.meshes, usual.render.meshes, views.render.meshes),
        ("up", config.up, usual.up, views.up),
        ("seed", config.seed, usual.seed, views.seed),
    ):
        if given not in (default, had):
            raise ConfigError(f"{name} must be {had!r}, as in {views.path}, got {given!r}")
