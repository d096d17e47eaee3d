"""A small network that ships with the package: it knows chairs, tables, mugs and airplanes."""

from pdengine.teach.embedded.teacher import EmbeddedTeacher
from pdengine.teach.embedded.vocabulary import CATEGORIES, CONCEPTS

__all__ = ["CATEGORIES", "CONCEPTS", "EmbeddedTeacher"]
