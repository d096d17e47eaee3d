"""Labelled shapes out of thin air: every seed is another chair, table, mug or airplane."""

from collections.abc import Callable

from pdengine.shapes import airplane, chair, mug, table
from pdengine.shapes.labelled_mesh import LabelledMesh

__all__ = ["CATEGORIES", "LabelledMesh", "make", "parts_of"]

_MAKERS: dict[str, tuple[tuple[str, ...], Callable[[int], LabelledMesh]]] = {
    "airplane": (airplane.PARTS, airplane.make_airplane),
    "chair": (chair.PARTS, chair.make_chair),
    "mug": (mug.PARTS, mug.make_mug),
    "table": (table.PARTS, table.make_table),
}
CATEGORIES = tuple(_MAKERS)


def make(category: str, seed: int) -> LabelledMesh:
    """Make the shape with this number; the same arguments give the same bytes.

    Raises:
        ValueError: no such category, or a negative seed.
    """
    if seed < 0:
        raise ValueError(f"seed must not be negative, got {seed}")
    return _maker(category)[1](seed)


def parts_of(category: str) -> tuple[str, ...]:
    """The part names that ``face_label`` of this category indexes."""
    return _maker(category)[0]


def _maker(category: str) -> tuple[tuple[str, ...], Callable[[int], LabelledMesh]]:
    if category not in _MAKERS:
        raise ValueError(f"category must be one of {', '.join(_MAKERS)}, got {category!r}")
    return _MAKERS[category]
