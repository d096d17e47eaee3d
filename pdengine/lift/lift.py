"""Detections to knowledge units: boxes, masks and dense scores all end as sets of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch

import torch
from torch import Tensor

from pdengine.config import LiftConfig
from pdengine.kernels.label_components import label_components
from pdengine.kernels.lift_seen import Lifted, lift_seen_boxes, lift_seen_pixels
from pdengine.types import Boxes, Detections, Masks, PixelScores, PointCloud, Units, Views


def lift(
    cloud: PointCloud,
    views: Views,
    detections: Detections,
    config: LiftConfig,
    looked: Sequence[int] | None = None,
) -> tuple[Units, Tensor]:
    """Turn a teacher's answer into units: one box, mask or component, one unit.

    A unit without a visible point says nothing and is left out, and so is a box around nearly
    everything that its view shows.

    Args:
        cloud: the points to label, in the frame that the views were rendered in.
        views: the views that the teacher saw; their z-buffers decide what hides what.
        detections: what it said, already checked.
        config: depth_tolerance, drop_if_covers (boxes), min_score and min_component_px (dense
            scores).
        looked: which of the views detections are for, ascending; None is all of them.  The others
            show nothing to anybody: that nothing was found there says nothing.

    Returns:
        Units whose label is an index into the part names, or R, the number of names, where dense
        scores say "none of them"; and pixel [V, N] int32, row * W + col of each point, -1 where a
        view does not show it or was not looked at.

    Source: PartDistill (CVPR 2024) for the units, PartSLIP (CVPR 2023) for the dropped boxes.
    """
    if looked is not None and len(looked) < len(views):
        some = list(looked)
        units, pixel = lift(cloud, views.only(some), detections, config)
        everywhere = pixel.new_full((len(views), len(cloud)), -1)
        place = torch.tensor(some, dtype=torch.int64, device=pixel.device)
        return units.among(some, len(views)), everywhere.index_copy_(0, place, pixel)
    units, pixel = _lift(detections, cloud, views, config)
    return replace(units, seen=pixel >= 0), pixel


@singledispatch
def _lift(
    detections: object, cloud: PointCloud, views: Views, config: LiftConfig
) -> tuple[Units, Tensor]:
    kind = type(detections).__name__
    raise TypeError(f"detections must be Boxes, Masks or PixelScores, got {kind}")


@_lift.register
def _(boxes: Boxes, cloud: PointCloud, views: Views, config: LiftConfig) -> tuple[Units, Tensor]:
    lifted = lift_seen_boxes(*_scene(cloud, views, config), boxes.box, boxes.view)
    visible = (lifted.pixel >= 0).sum(1)  # [V]
    size = lifted.offsets.diff()
    # Compared as a product in float64, so that 98 of 100 is "at least 0.98" in every view size.
    whole = size.double() >= config.drop_if_covers * visible[boxes.view].double()
    units = _units(lifted, boxes.label, boxes.score.float(), boxes.view)
    keep = (size > 0) & ~whole
    return _only(units, keep), lifted.pixel


@_lift.register
def _(masks: Masks, cloud: PointCloud, views: Views, config: LiftConfig) -> tuple[Units, Tensor]:
    count = len(masks.view)
    ids = torch.arange(count, dtype=torch.int32, device=cloud.xyz.device).view(-1, 1, 1)
    regions = torch.where(masks.mask, ids, ids.new_tensor(-1))  # [B, H, W]
    lifted = lift_seen_pixels(*_scene(cloud, views, config), regions, masks.view, count)
    units = _units(lifted, masks.label, masks.score.float(), masks.view)
    return _with_points(units), lifted.pixel


@_lift.register
def _(
    dense: PixelScores, cloud: PointCloud, views: Views, config: LiftConfig
) -> tuple[Units, Tensor]:
    score = dense.score.float()  # [V, R, H, W]
    best, part = score.max(1)  # [V, H, W]
    rest = 1 - score.sum(1)
    none = rest > best  # what the teacher calls none of the parts is a class of its own, R
    best, part = torch.where(none, rest, best), torch.where(none, score.shape[1], part)
    named = (best >= config.min_score) & (best > 0) & (views.index >= 0)
    components = label_components(torch.where(named, part, -1).to(torch.int32))

    # A small component keeps its number and loses its pixels: no point calls it, and no host has
    # to wait for how many are left.
    large = components.size >= config.min_component_px
    regions = components.label
    if len(components):
        regions = torch.where(large[regions.clamp(min=0).long()], regions, -1)
    layers = torch.arange(len(views), device=regions.device)
    scene = _scene(cloud, views, config)
    lifted = lift_seen_pixels(*scene, regions, layers, len(components))
    units = _units(lifted, components.class_, components.mean(best), components.view)
    return _with_points(units), lifted.pixel


def _scene(
    cloud: PointCloud, views: Views, config: LiftConfig
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, float]:
    cameras = views.cameras
    about = (cameras.rotation, cameras.translation, cameras.focal, views.depth)
    return (cloud.xyz, *about, config.depth_tolerance)


def _units(lifted: Lifted, label: Tensor, score: Tensor, view: Tensor) -> Units:
    return Units(label, score, lifted.offsets, lifted.point, view, lifted.pixel.shape[1])


def _with_points(units: Units) -> Units:
    """The units that have a point, in their order: their points stay where they are."""
    rows = (units.offsets.diff() > 0).nonzero()[:, 0]
    return _chosen(units, rows, units.point)


def _only(units: Units, keep: Tensor) -> Units:
    """The units that are kept, in their order."""
    rows = keep.nonzero()[:, 0]
    if len(rows) == len(units):
        return units
    return _chosen(units, rows, units.point[keep[units.unit]])


def _chosen(units: Units, rows: Tensor, point: Tensor) -> Units:
    if len(rows) == len(units):
        return units
    size = units.offsets.diff()[rows]
    offsets = torch.cat([units.offsets[:1], size.cumsum(0)])
    label, score, view = units.label[rows], units.score[rows], units.view[rows]
    return replace(units, label=label, score=score, offsets=offsets, point=point, view=view)
