"""What is known of a teacher before it is asked: what it is for, and what its licence allows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pdengine.errors import ConfigError
from pdengine.types import Boxes, Detections, Masks, PixelScores

KINDS = ("pixels", "boxes", "masks")
UNKNOWN = "unknown"
IN_THE_PACKAGE = "in the package"
GIVEN_BY_PATH = "given by path"


@dataclass(frozen=True)
class TeacherCard:
    """The label on a teacher.

    Attributes:
        name: what --teacher takes.
        kind: what it answers: "pixels", "boxes" or "masks".
        about: what it is good at, one sentence.
        licence: of its weights.
        limits: where or for what it must not be used; "" where there is no such limit.
        trains_others: whether its answers may train other models: "yes", "no", a short condition,
            or "unclear".
        extra: the extra that it needs, e.g. "teach"; "" for none.
        weights: which they are: "in the package", a repository and its revision, "given by path";
            on a teacher that was loaded, the commit that was.

    Raises:
        ConfigError: there is no such kind.
    """

    name: str
    kind: str
    about: str
    licence: str
    limits: str = ""
    trains_others: str = "yes"
    extra: str = ""
    weights: str = IN_THE_PACKAGE

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            known = ", ".join(KINDS)
            raise ConfigError(f"{self.name}: kind must be one of {known}, got {self.kind!r}")


EMBEDDED = TeacherCard(
    name="embedded",
    kind="pixels",
    about="42 everyday categories and their parts, by geometry alone; the same answer offline",
    licence="Apache-2.0",
)
EMBEDDED_BOXES = replace(
    EMBEDDED,
    name="embedded-boxes",
    kind="boxes",
    about="what embedded says, as a detector would: for comparisons",
)
EMBEDDED_MASKS = replace(
    EMBEDDED,
    name="embedded-masks",
    kind="masks",
    about="what embedded says, as a segmenter of instances would: parts that touch come apart",
)


def card_of(teacher: object) -> TeacherCard | None:
    """The card that a teacher carries; None for one without, such as a plain function."""
    card = getattr(teacher, "card", None)
    return card if isinstance(card, TeacherCard) else None


_KINDS: dict[type, str] = {PixelScores: "pixels", Boxes: "boxes", Masks: "masks"}


def said_of(teacher: object, answer: Detections | None = None) -> dict[str, str]:
    """What a result, and a student, says of its teacher.

    Keys: teacher, the name; teacher_kind, teacher_licence, teacher_limits, teacher_trains_others
    and teacher_weights.  A teacher without a card has its own name and licence, as far as it says
    them, and the rest is "unknown": nobody has looked.  An answer of its tells the kind.
    """
    card = card_of(teacher)
    said = {
        "teacher": str(getattr(teacher, "name", UNKNOWN)),
        "teacher_kind": UNKNOWN if answer is None else _KINDS[type(answer)],
        "teacher_licence": str(getattr(teacher, "licence", UNKNOWN)),
        "teacher_limits": UNKNOWN,
        "teacher_trains_others": UNKNOWN,
        "teacher_weights": UNKNOWN,
    }
    if card is None:
        return said
    return said | {
        "teacher_kind": card.kind,
        "teacher_licence": card.licence,
        "teacher_limits": card.limits,
        "teacher_trains_others": card.trains_others,
        "teacher_weights": card.weights,
    }
