"""A teacher that has answered before: what a model outside the engine wrote down."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from pdengine.errors import TeacherError
from pdengine.types import Boxes, Cameras, Masks, PartList, Views


@dataclass(frozen=True)
class FileTeacher:
    """Gives its answer for the views that it was made from, and for no others.

    Attributes:
        name: "file:coco", "file:labelme" or "file:masks".
        identity: SHA-256 of what was read.
        parts: what the answer is about.
        detections: the answer.
        size: height and width of the views.
        cameras: from which the views were drawn, and are drawn again.
        remarks: what of the files could not be used, or not as it was.
    """

    name: str
    identity: str
    parts: PartList
    detections: Boxes | Masks
    size: tuple[int, int]
    cameras: Cameras
    remarks: tuple[str, ...] = ()

    def check_parts(self, parts: PartList) -> None:
        """Raises TeacherError where the parts, or their order, are not those of the answer."""
        if parts.names != self.parts.names:
            known, asked = ", ".join(self.parts.names), ", ".join(parts.names)
            raise TeacherError(f"{self.name} was read for the parts {known}, got {asked}")

    def __call__(self, views: Views, parts: PartList) -> Boxes | Masks:
        """The answer.

        Raises:
            TeacherError: other parts, or other views: of another number, size or place.
        """
        self.check_parts(parts)
        mine = (len(self.cameras), *self.size)
        if (len(views), *views.size) != mine:
            shown = (len(views), *views.size)
            raise TeacherError(f"{self.name} is about [views, height, width] {mine}, got {shown}")
        for field in ("rotation", "translation", "focal"):
            seen, known = getattr(views.cameras, field), getattr(self.cameras, field)
            if not torch.equal(seen.cpu(), known.cpu()):
                raise TeacherError(f"{self.name}: the {field} of the cameras must be the file's")
        return self.detections
