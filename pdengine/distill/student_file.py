"""A student as a file: the weights, what they are for, and where they come from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from pdengine._version import __version__
from pdengine.config import DistillConfig
from pdengine.distill.canonical import nearest_pose, sketch
from pdengine.distill.encoder import EMBEDDING, Encoder
from pdengine.distill.encoder_file import load_encoder
from pdengine.distill.features import COLUMNS
from pdengine.distill.prepared import Prepared
from pdengine.distill.student import Head, Student
from pdengine.errors import ConfigError, StudentError
from pdengine.io import replace_file
from pdengine.io.tensors import read_tensors, under
from pdengine.types import PartList

FORMAT = "pdengine student 1"
_MOST_SKETCHES = 6  # shapes that a new one is posed after


@dataclass(frozen=True)
class SavedStudent:
    """A student that can label shapes without a teacher.

    Attributes:
        student: the weights.
        parts: the names, in label order, and the category.
        classes: R, or R + 1 where the teacher could say "none of them".
        sketches: the aligned shapes in their common pose, [128, 3] each or fewer points; a new
            shape is turned towards them; none where shapes are left in their poses.
        config: how it was aligned.
        about: where it comes from: teacher and its licence, shapes, seed, version.
    """

    student: Student
    parts: PartList
    classes: int
    sketches: tuple[Tensor, ...]
    config: DistillConfig = field(default_factory=DistillConfig)
    about: dict[str, Any] = field(default_factory=dict)

    def beliefs(self, shape: Prepared) -> Tensor:
        """The probability of each class for all points of a shape in any pose. [N, classes]."""
        device = shape.around.xyz.device
        if self.sketches:
            known = [points.to(device) for points in self.sketches[:_MOST_SKETCHES]]
            shape = shape.turned(nearest_pose(sketch(shape.around.xyz), known))
        return self.student.to(device).logits(shape).softmax(1)


def save_student(saved: SavedStudent, path: Path) -> None:
    """Write a safetensors file; an old one stays until the new one is whole.

    The encoder is in the file where it was aligned too; else only its fingerprint, for it is the
    one that the package carries.

    Raises:
        SaveError: the file cannot be written; an old one is as it was.
    """
    student = saved.student
    tensors = {f"head.{name}": value for name, value in student.head.state_dict().items()}
    if fingerprint(student.encoder) != fingerprint(load_encoder()):
        encoder = student.encoder.state_dict()
        tensors |= {f"encoder.{name}": value for name, value in encoder.items()}
    tensors |= {f"sketch.{k}": v for k, v in enumerate(saved.sketches[:_MOST_SKETCHES])}
    tensors = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
    header = {
        "format": FORMAT,
        "pdengine": __version__,
        "names": list(saved.parts.names),
        "category": saved.parts.category,
        "classes": saved.classes,
        "config": asdict(saved.config),
        "encoder": fingerprint(student.encoder),
        "about": saved.about,
    }
    text = json.dumps(header, sort_keys=True)
    # One key: safetensors writes several in any order, and the same student is the same bytes.
    replace_file(path, [save(tensors, {"student": f"{_digest(text, tensors)} {text}"})])


def load_student(path: Path, parts: PartList | None = None) -> SavedStudent:
    """Read a student and check that it is whole, ours, and meant for these parts.

    Args:
        path: a file that save_student wrote.
        parts: what the caller wants to find: the same names in the same order, and the same
            category where both have one; None takes the student's own.

    Raises:
        StudentError: the file is missing, truncated, changed, of another version, or for other
            parts or another category.
    """
    must = f"{path}: a student must be"
    missing, damaged = f"{must} a file, there is none", f"{must} a whole safetensors file"
    tensors, about = read_tensors(path, StudentError, missing, damaged)
    digest, _, text = about.get("student", "").partition(" ")
    if not text:
        raise StudentError(
            f"{path}: a student must say what it is for, got another safetensors file"
        )
    if digest != _digest(text, tensors):
        raise StudentError(f"{must} as it was saved, its checksum differs")
    header = json.loads(text)
    if header["format"] != FORMAT:
        raise StudentError(f"{path}: format must be {FORMAT!r}, got {header['format']!r}")
    own = PartList(tuple(header["names"]), header["category"])
    if parts is not None:
        check_asked(own, parts, f"{path}: ")
    fields: dict[str, Any] = header["config"]
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    try:
        config = DistillConfig(**fields)
    except (TypeError, ConfigError) as error:
        rule = f"{path}: settings must be this version's, {error}"
        raise StudentError(f"{rule}: align it again") from None
    encoder = _encoder(path, tensors, header["encoder"])
    head = Head(EMBEDDING, header["classes"], dice=None)
    head.load_state_dict(under(tensors, "head."))
    student = Student(encoder, head).eval().requires_grad_(False)
    sketches = under(tensors, "sketch.")
    ordered = tuple(sketches[str(k)] for k in range(len(sketches)))
    return SavedStudent(student, own, header["classes"], ordered, config, header["about"])


def check_asked(own: PartList, asked: PartList, whose: str) -> None:
    """What is asked of a student must be what it knows: the same names in the same order.

    Args:
        own: the student's.
        asked: the caller's; without a category it means any.
        whose: opens the message.

    Raises:
        StudentError: other names, or another category where both have one.
    """
    if asked.names != own.names:
        names = ", ".join(own.names)
        raise StudentError(f"{whose}parts must be {names}, got {', '.join(asked.names)}")
    if asked.category and own.category and asked.category.casefold() != own.category.casefold():
        raise StudentError(f"{whose}category must be {own.category}, got {asked.category}")


def fingerprint(encoder: Encoder) -> str:
    """Sixteen hexadecimal digits that tell encoders apart."""
    return _digest("", {k: v.half() for k, v in encoder.state_dict().items()})[:16]


def _encoder(path: Path, tensors: dict[str, Tensor], wanted: str) -> Encoder:
    own = under(tensors, "encoder.")
    if own:
        encoder = Encoder(COLUMNS, dice=None)
        encoder.load_state_dict(own)
        return encoder
    encoder = load_encoder()
    found = fingerprint(encoder)
    if found != wanted:
        rule = f"{path}: a student must meet the encoder it was aligned with, {wanted}"
        raise StudentError(f"{rule}, this version carries {found}: align it again")
    return encoder


def _digest(text: str, tensors: dict[str, Tensor]) -> str:
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        value = tensors[name].detach().cpu().contiguous()
        found.update(f"{name} {value.dtype} {list(value.shape)}".encode())
        found.update(value.numpy().tobytes())
    return found.hexdigest()
