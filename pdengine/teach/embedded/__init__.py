"""A small network that ships with the package, trained on generated shapes alone."""

from pdengine.teach.embedded.teacher import EmbeddedTeacher

__all__ = ["EmbeddedTeacher"]
