"""Distillation: a student learns from the units, and tells which of them to believe."""

from pdengine.distill.align import align, align_each, make_encoder
from pdengine.distill.canonical import common_pose, nearest_pose, sketch
from pdengine.distill.encoder import Encoder
from pdengine.distill.encoder_file import load_encoder
from pdengine.distill.features import surroundings
from pdengine.distill.lesson import Alignment, Lesson
from pdengine.distill.prepared import Prepared, prepare
from pdengine.distill.rescore import rescore
from pdengine.distill.settled import Settled
from pdengine.distill.student import Head, Student
from pdengine.distill.student_file import SavedStudent, check_asked, load_student, save_student

__all__ = [
    "Alignment",
    "Encoder",
    "Head",
    "Lesson",
    "Prepared",
    "SavedStudent",
    "Settled",
    "Student",
    "align",
    "align_each",
    "check_asked",
    "common_pose",
    "load_encoder",
    "load_student",
    "make_encoder",
    "nearest_pose",
    "prepare",
    "rescore",
    "save_student",
    "sketch",
    "surroundings",
]
