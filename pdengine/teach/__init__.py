"""Teachers: who say which pixels belong to which part."""

from pdengine.teach.batches import in_batches
from pdengine.teach.cache import CachedTeacher, identity_of, make_folder
from pdengine.teach.card import TeacherCard, card_of, said_of
from pdengine.teach.guarded import Guarded, Skipped, listed
from pdengine.teach.joining import joined
from pdengine.teach.parts import parse_parts
from pdengine.teach.proposing import Guess, Proposal, check_proposes, guess_category
from pdengine.teach.protocol import Teacher, as_teacher, check_detections
from pdengine.teach.registry import (
    TEACHERS,
    Entry,
    configured_teacher,
    entry_of,
    make_teacher,
    typed_options,
)
from pdengine.teach.upright import Upright, choose_up

__all__ = [
    "TEACHERS",
    "CachedTeacher",
    "Entry",
    "Guarded",
    "Guess",
    "Proposal",
    "Skipped",
    "Teacher",
    "TeacherCard",
    "Upright",
    "as_teacher",
    "card_of",
    "check_detections",
    "check_proposes",
    "choose_up",
    "configured_teacher",
    "entry_of",
    "guess_category",
    "identity_of",
    "in_batches",
    "joined",
    "listed",
    "make_folder",
    "make_teacher",
    "parse_parts",
    "said_of",
    "typed_options",
]
