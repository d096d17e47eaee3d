"""Views a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TypeVar

import torch
from torch import Tensor

from pdengine.types import Boxes, Cameras, Masks, PixelScores, Views

D = TypeVar("D", Boxes, Masks, PixelScores)


def in_batches(call: Callable[[Views], D], views: Views, limit: int) -> D:
    """What a teacher says of all views, asked about at most `limit` of them at once."""
    starts = range(0, len(views), limit)
    said = [(start, call(take(views, slice(start, start + limit)))) for start in starts]
    kind = type(said[0][1])
    joined = {}
    for field in fields(kind):
        pieces = [
            getattr(d, field.name) + (start if field.name == "view" else 0) for start, d in said
        ]
        joined[field.name] = torch.cat(pieces)
    return kind(**joined)


def take(views: Views, some: slice) -> Views:
    """Some of the views, with their cameras."""

    def cut(of: Views | Cameras) -> dict[str, Tensor]:
        values = {f.name: getattr(of, f.name) for f in fields(of)}
        return {name: value[some] for name, value in values.items() if isinstance(value, Tensor)}

    return replace(views, **cut(views), cameras=replace(views.cameras, **cut(views.cameras)))  # type: ignore[arg-type]
