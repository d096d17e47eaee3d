"""What a teacher said, kept on disk: the same question about the same views runs no model."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor

from pdengine._version import __version__
from pdengine.errors import ConfigError, PartError, SaveError, TeacherError
from pdengine.teach.answer_file import (
    DamagedAnswer,
    pack_detections,
    pack_direction,
    pack_proposals,
    read_answer,
    unpack_detections,
    unpack_direction,
    unpack_proposals,
    write_answer,
)
from pdengine.teach.proposing import Proposal, check_proposals
from pdengine.teach.protocol import OPTIONAL, Teacher, check_detections
from pdengine.types import Detections, PartList, Views

FORMAT = "pdengine answers 1"

log = logging.getLogger("pdengine.teach")

T = TypeVar("T")


class CachedTeacher:
    """A teacher whose answers are kept in a folder, one file each.

    A file's name is the digest of everything that the answer depends on: the views, the words, the
    teacher's name and identity, and the version of pdengine.  So a folder can serve many teachers,
    shapes and processes at once, and may be deleted at any time.  What a hit gives has the bits of
    what was kept, on the views' device.  Only answers that are answers are kept; a file that is not
    whole is one that is not there, with a warning, and is written again.

    It has what its teacher has: check_parts, up_direction, propose, licence, card.

    Attributes:
        hits: how many answers came from the folder, so that nobody takes their time for a model's.

    Args:
        teacher: who is asked where the folder does not know.
        folder: made where there is none.

    Raises:
        ConfigError: the teacher has no identity, so that its answers cannot be told from those of
            another version of it; or the folder cannot be made.
    """

    def __init__(self, teacher: Teacher, folder: str | os.PathLike[str]) -> None:
        self.identity = identity_of(teacher)
        self.folder = make_folder(folder)
        self.name = teacher.name
        self._teacher = teacher
        self.hits = 0

    def __call__(self, views: Views, parts: PartList) -> Detections:
        """The teacher's answer, see Teacher."""

        def check(answer: Detections) -> None:
            check_detections(answer, views, parts, self.name)

        return self._asked(
            self._path("detections", views, parts),
            lambda: self._teacher(views, parts),
            check,
            lambda answer: pack_detections(answer, views),
            lambda packed: unpack_detections(packed, views),
        )

    def __getattr__(self, name: str) -> Any:
        if name not in OPTIONAL or name == "identity":
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        own = getattr(self._teacher, name)  # an AttributeError where the teacher has none
        kept = {"up_direction": self._up_direction, "propose": self._propose}
        return kept.get(name, own)

    def _up_direction(self, views: Views, parts: PartList | None) -> Tensor:
        def ask() -> Tensor:
            answer: Tensor = self._teacher.up_direction(views, parts)  # type: ignore[attr-defined]
            return answer

        def check(answer: Tensor) -> None:
            if not isinstance(answer, Tensor) or not bool(answer.isfinite().all()):
                raise TeacherError(f"{self.name}: up_direction must be finite, got {answer}")

        return self._asked(
            self._path("up", views, parts),
            ask,
            check,
            pack_direction,
            lambda packed: unpack_direction(packed, views),
        )

    def _propose(self, views: Views) -> Sequence[Proposal]:
        return self._asked(
            self._path("propose", views, None),
            lambda: self._teacher.propose(views),  # type: ignore[attr-defined]
            lambda answer: check_proposals(answer, self.name),
            pack_proposals,
            unpack_proposals,
        )

    def _path(self, question: str, views: Views, parts: PartList | None) -> Path:
        words = None if parts is None else [*parts.names, parts.category]
        device = views.depth.device.type  # a GPU adds up in another order than a CPU
        said = [FORMAT, __version__, question, self.name, self.identity, words, device]
        digest = hashlib.sha256(json.dumps(said).encode())
        digest.update(views_digest(views))
        return self.folder / f"{digest.hexdigest()}.answer"

    def _asked(
        self,
        path: Path,
        ask: Callable[[], T],
        check: Callable[[T], None],
        pack: Callable[[T], dict[str, Tensor]],
        unpack: Callable[[dict[str, Tensor]], T],
    ) -> T:
        kept = _kept(path, check, unpack)
        if kept is not None:
            self.hits += 1
            return kept
        answer = ask()
        try:
            check(answer)
        except Exception:  # whoever asked will see what is wrong with it; it is not kept
            return answer
        try:
            write_answer(path, pack(answer))
        except SaveError as error:
            log.warning("an answer is not cached: %s", error)
        return answer


def make_folder(folder: str | os.PathLike[str]) -> Path:
    """The folder of a cache, made where there is none.

    Raises:
        ConfigError: it is no path, or cannot be made.
    """
    if not isinstance(folder, (str, os.PathLike)):
        raise ConfigError(f"cache must be a folder, got {type(folder).__name__}")
    try:
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"cache {folder}: cannot be made, {why}") from error
    return path


def identity_of(teacher: Teacher) -> str:
    """The text that changes when a teacher's answers do.

    Raises:
        ConfigError: it has none, so that its answers cannot be told from another version's.
    """
    identity = str(getattr(teacher, "identity", ""))
    if not identity:
        raise ConfigError(
            f"a cache needs a teacher with an identity, text that changes when its answers do: "
            f"{teacher.name} has none; set one, e.g. teacher.identity = 'version 1'"
        )
    return identity


def _kept(
    path: Path, check: Callable[[T], None], unpack: Callable[[dict[str, Tensor]], T]
) -> T | None:
    """The answer in a file, or None where there is none that can be used."""
    try:
        packed = read_answer(path)
        if packed is None:
            return None
        answer = unpack(packed)
        check(answer)
    except (DamagedAnswer, TeacherError, PartError) as error:
        log.warning("%s: a cached answer must be whole, the teacher is asked anew: %s", path, error)
        return None
    return answer


def views_digest(views: Views) -> bytes:
    """The sha256 of all that a teacher can see in views: pixels, cameras, and their sizes."""
    digest = hashlib.sha256(str((views.has_colour, *views.index.shape)).encode())
    cameras = views.cameras
    for tensor in (
        *(views.images, views.index, views.depth, views.normals),
        *(cameras.rotation, cameras.translation, cameras.focal),
    ):
        digest.update(tensor.detach().cpu().contiguous().numpy().data)
    return digest.digest()
