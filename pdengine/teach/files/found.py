"""Detections one by one, as the readers find them, and all of them as a teacher's answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from pdengine.errors import LoadError
from pdengine.teach.files.asked import Pictures, Tally
from pdengine.teach.files.pixels import Box, Mask, box_mask
from pdengine.types import Boxes, Masks

# All masks together; the lift takes four bytes for each of their pixels.
MOST_PIXELS = 1 << 30

BOX_AS_MASK = "detections with a box alone, all of it taken as their mask"
EMPTY = "detections without a pixel, left out"
OUTSIDE = "detections outside their picture, left out"
CUT = "boxes that reach out of their picture, cut at its edge"
NO_AREA = "boxes without an area, left out"
NO_SCORE = "detections without a score, taken as 1"
NO_VIEW = "detections in pictures that are no view, left out"


@dataclass(frozen=True)
class Detection:
    """One thing that was found.

    Attributes:
        view: index of the view.
        label: index into the part names.
        score: in [0, 1].
        region: XYXY in the views' pixels, inside them and with an area; or a mask [H, W].
    """

    view: int
    label: int
    score: float
    region: Box | Mask


def check_count(path: str, masks: int, size: tuple[int, int]) -> None:
    """Raises LoadError where there are more masks than fit."""
    pixels = size[0] * size[1]
    if masks * pixels > MOST_PIXELS:
        rule = f"masks of {size[1]} x {size[0]} must be at most {MOST_PIXELS // pixels}"
        raise LoadError(path, rule, "more")


def gather(found: Iterable[Detection], pictures: Pictures, tally: Tally) -> Boxes | Masks:
    """Boxes where all of them are, else masks.

    Raises:
        LoadError: there are more masks than fit.
    """
    detections: list[Detection] = []
    H, W = pictures.size
    masks = 0
    for detection in found:
        if isinstance(detection.region, np.ndarray):
            masks += 1
            if not detection.region.any():
                tally.add(EMPTY)
                continue
        detections.append(detection)
        if masks:
            check_count(tally.path, len(detections), pictures.size)
    view = torch.tensor([d.view for d in detections], dtype=torch.int64)
    label = torch.tensor([d.label for d in detections], dtype=torch.int64)
    score = torch.tensor([d.score for d in detections], dtype=torch.float32)
    if not masks:
        box = torch.tensor([d.region for d in detections], dtype=torch.float32).reshape(-1, 4)
        return Boxes(box, view, label, score)
    regions = torch.zeros(len(detections), H, W, dtype=torch.bool)
    for region, detection in zip(regions, detections, strict=True):
        if isinstance(detection.region, np.ndarray):
            region[:] = torch.from_numpy(np.ascontiguousarray(detection.region))
        else:
            tally.add(BOX_AS_MASK)
            region[:] = torch.from_numpy(box_mask(detection.region, pictures.size))
    return Masks(regions, view, label, score)
