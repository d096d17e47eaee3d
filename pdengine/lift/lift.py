"""Detections to knowledge units: boxes, masks and dense scores all end as sets of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch

import torch
from torch import Tensor

from pdengine.config import LiftConfig
from pdengine.kernels.label_components import label_components
from pdengine.kernels.lift_boxes import lift_boxes
from pdengine.kernels.lift_pixels import lift_pixels
from pdengine.types import Boxes, Detections, Masks, PixelScores, Units, Views


def lift(
    pixel: Tensor,
    views: Views,
    detections: Detections,
    config: LiftConfig,
    looked: Sequence[int] | None = None,
) -> Units:
    """Turn a teacher's answer into units: one box, mask or component, one unit.

    A unit without a visible point says nothing and is left out, and so is a box around nearly
    everything that its view shows.

    Args:
        pixel: [V, N] int32, see's answer.
        views: the views that the teacher saw.
        detections: what it said, already checked.
        config: drop_if_covers (boxes), min_score and min_component_px (dense scores).
        looked: which of the views detections are for, ascending; None is all of them.  The others
            show nothing to anybody: that nothing was found there says nothing.

    Returns:
        Units whose label is an index into the part names, or R, the number of names, where dense
        scores say "none of them".

    Source: PartDistill (CVPR 2024) for the units, PartSLIP (CVPR 2023) for the dropped boxes.
    """
    if looked is not None and len(looked) < len(views):
        some = list(looked)
        units = lift(pixel[some], views.only(some), detections, config)
        return units.among(some, len(views))
    return replace(_lift(detections, pixel, views, config), seen=pixel >= 0)


@singledispatch
def _lift(detections: object, pixel: Tensor, views: Views, config: LiftConfig) -> Units:
    kind = type(detections).__name__
    raise TypeError(f"detections must be Boxes, Masks or PixelScores, got {kind}")


@_lift.register
def _(boxes: Boxes, pixel: Tensor, views: Views, config: LiftConfig) -> Units:
    offsets, point = lift_boxes(pixel, boxes.box, boxes.view, views.size)
    visible = (pixel >= 0).sum(1)  # [V]
    # Compared as a product in float64, so that 98 of 100 is "at least 0.98" in every view size.
    whole = offsets.diff().double() >= config.drop_if_covers * visible[boxes.view].double()
    units = Units(boxes.label, boxes.score.float(), offsets, point, boxes.view, pixel.shape[1])
    return _keep(units, ~whole)


@_lift.register
def _(masks: Masks, pixel: Tensor, views: Views, config: LiftConfig) -> Units:
    count = len(masks.view)
    ids = torch.arange(count, dtype=torch.int32, device=pixel.device).view(-1, 1, 1)
    regions = torch.where(masks.mask, ids, ids.new_tensor(-1))  # [B, H, W]
    offsets, point = lift_pixels(pixel, regions, masks.view, count)
    units = Units(masks.label, masks.score.float(), offsets, point, masks.view, pixel.shape[1])
    return _keep(units)


@_lift.register
def _(dense: PixelScores, pixel: Tensor, views: Views, config: LiftConfig) -> Units:
    score = dense.score.float()  # [V, R, H, W]
    best, part = score.max(1)  # [V, H, W]
    rest = 1 - score.sum(1)
    none = rest > best  # what the teacher calls none of the parts is a class of its own, R
    best, part = torch.where(none, rest, best), torch.where(none, score.shape[1], part)
    named = (best >= config.min_score) & (best > 0) & (views.index >= 0)
    classes = torch.where(named, part, -1).to(torch.int32)
    components = label_components(classes)

    large = components.size >= config.min_component_px
    number = torch.where(large, large.cumsum(0) - 1, -1)  # of each component among the kept
    label = components.label.long()
    regions = torch.where(label >= 0, number[label.clamp(min=0)], -1) if len(number) else label

    layers = torch.arange(len(views), device=pixel.device)
    view, mean = components.view[large], components.mean(best)[large]
    offsets, point = lift_pixels(pixel, regions.to(torch.int32), layers, len(view))
    return _keep(Units(components.class_[large], mean, offsets, point, view, pixel.shape[1]))


def _keep(units: Units, wanted: Tensor | None = None) -> Units:
    """The wanted units that have a point, in their order."""
    size = units.offsets.diff()
    keep = size > 0 if wanted is None else (size > 0) & wanted
    if bool(keep.all()):
        return units
    offsets = torch.cat([units.offsets[:1], size[keep].cumsum(0)])
    point = units.point[keep[units.unit]]
    return Units(
        units.label[keep], units.score[keep], offsets, point, units.view[keep], units.count
    )
