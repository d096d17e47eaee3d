"""What a model outside the engine said of the shapes of a dataset: a file or a folder of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pdengine.data import Example
from pdengine.data.files import is_plain
from pdengine.errors import ConfigError, LoadError
from pdengine.io import file_sha256, shape_sha256
from pdengine.render import ViewsFile, read_views_file
from pdengine.render.views_file import FILE
from pdengine.teach.files import FileTeacher, read_detections
from pdengine.types import Shape

GLIP = "glip_pred"  # where PartSLIP's code puts them, beside its pictures


@dataclass(frozen=True)
class AnswerFolder:
    """One folder of answers; nothing of a shape is read before it is asked for.

    Of a shape that is called <name>, and that is <id> among its <Category>, the answer is
    <name>.json, or a folder <name>/ or <Category>/<id>/, or glip_pred/ in it, that holds what
    read_detections takes.  views.json is that of `pdengine data render`.

    Attributes:
        folder: of the answers.
        views: the folder that was rendered; None where the answers lie among the pictures.
        ignore_unknown: leave out detections of names that are no parts.
        digest: SHA-256 of all answers and of the views that they are about.
    """

    folder: Path
    views: Path | None
    ignore_unknown: bool
    digest: str

    @property
    def name(self) -> str:
        """For rows and titles."""
        return self.folder.resolve().name

    def read(self, example: Example, shape: Shape) -> tuple[FileTeacher, ViewsFile]:
        """The answer for a shape, and how it was drawn.

        Raises:
            LoadError: there is no answer or no views.json, one is damaged, or it is of another
                shape.
        """
        views = read_views_file(_views_of(self.views or self.folder, example))
        views.check_digest(example.name, shape_sha256(shape))
        place = _place(self.folder, example)
        return read_detections(place, views, example.prompt, self.ignore_unknown), views


def answer_folder(
    folder: Path, examples: Iterable[Example], views: Path | None, ignore_unknown: bool
) -> AnswerFolder:
    """The answers for these shapes.

    Raises:
        ConfigError: a folder is none, or has an answer for no shape.
    """
    for name, given in (("detections", folder), ("views-from", views)):
        if given is not None and not given.is_dir():
            raise ConfigError(f"{name} must be a folder with an answer per shape, got {given}")
    digest, found = hashlib.sha256(), 0
    for example in examples:
        try:
            files = _files(folder, views or folder, example)
        except LoadError:
            continue  # that it has no answer is said when it is measured
        found += 1
        digest.update(f"{example.name}\n{files}".encode())
    if not found:
        first = f"{FILE} and detections in {folder}/<name>/"
        raise ConfigError(f"detections must be of a shape of the dataset ({first}), got none")
    digest.update(f"{ignore_unknown}".encode())
    return AnswerFolder(folder, views, ignore_unknown, digest.hexdigest())


def _folders(root: Path, example: Example) -> tuple[Path, ...]:
    """Where something about a shape may lie."""
    within = example.name.removeprefix(f"{example.category}_")
    for name in (example.name, example.category, within):
        if not is_plain(name):
            raise LoadError(root, "the name of a shape must be that of a folder", repr(name))
    return root / example.name, root / example.category / within


def _place(root: Path, example: Example) -> Path:
    """The file or folder of a shape's answer."""
    folders = _folders(root, example)
    files = [root / f"{example.name}.json", folders[1].with_name(f"{folders[1].name}.json")]
    for path in (*files, *(folder / GLIP for folder in folders), *folders):
        if path.exists():
            return path
    rule = f"must hold an answer for {example.name}: {example.name}.json, or a folder of its name"
    raise LoadError(root, rule, "none")


def _views_of(root: Path, example: Example) -> Path:
    """The views.json of a shape."""
    for folder in _folders(root, example):
        if (folder / FILE).is_file():
            return folder / FILE
    rule = f"must hold {example.name}/{FILE}, written by `pdengine data render`"
    raise LoadError(root, rule, "none")


def _files(root: Path, views: Path, example: Example) -> str:
    """A line per file that says something of a shape: its name and its digest."""
    place, about = _place(root, example), _views_of(views, example)
    drawn = {FILE, *read_views_file(about).sha256_of}
    said = [place]
    if place.is_dir():
        here = (path for path in sorted(place.iterdir()) if not path.name.startswith("."))
        said = [path for path in here if path.name not in drawn and path.is_file()]
    if not said:
        raise LoadError(place, "must hold detections", "none")
    return "".join(f"{path.name}\0{file_sha256(path)}\n" for path in (about, *said))
