"""Teachers: who say which pixels belong to which part."""

from pdengine.teach.parts import parse_parts
from pdengine.teach.proposing import Guess, Proposal, check_proposes, guess_category
from pdengine.teach.protocol import Teacher, as_teacher, check_detections
from pdengine.teach.registry import TEACHERS, make_teacher
from pdengine.teach.upright import Upright, choose_up

__all__ = [
    "TEACHERS",
    "Guess",
    "Proposal",
    "Teacher",
    "Upright",
    "as_teacher",
    "check_detections",
    "check_proposes",
    "choose_up",
    "guess_category",
    "make_teacher",
    "parse_parts",
]
