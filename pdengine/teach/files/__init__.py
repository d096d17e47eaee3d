"""Teachers by file: what models outside the engine found in its views."""

from pdengine.teach.files.reading import read_detections
from pdengine.teach.files.teacher import FileTeacher

__all__ = ["FileTeacher", "read_detections"]
