"""Colours of the pictures that are not a part's: parts have theirs from pdengine.io."""

from __future__ import annotations

# Low to high certainty: from a warm warning to a calm blue.
CERTAINTY = ("#b3372f", "#e58b4e", "#f2d58b", "#8fbcd4", "#2f6aa8")


def to_rgb(colour: str) -> tuple[float, float, float]:
    """#rrggbb to three numbers in [0, 1]."""
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b
