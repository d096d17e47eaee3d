"""Boxes, masks and dense scores become units, on an image of 16 pixels."""

from __future__ import annotations

import pytest
import torch

from pdengine.config import LiftConfig
from pdengine.lift import lift, see
from pdengine.types import Boxes, Cameras, Masks, PixelScores, PointCloud, Views

CONFIG = LiftConfig(min_component_px=2)


def views_of(count: int = 1, side: int = 4) -> Views:
    """Views whose every pixel shows something."""
    cameras = Cameras(
        torch.eye(3).expand(count, 3, 3).contiguous(),
        torch.tensor([[0.0, 0.0, 2.0]]).expand(count, 3).contiguous(),
        torch.ones(count),
    )
    pixels = (count, side, side)
    index = torch.arange(side * side, dtype=torch.int32).view(1, side, side).expand(pixels)
    depth = torch.full(pixels, 2.0)
    return Views(torch.ones(*pixels, 3), index, depth, torch.zeros(*pixels, 3), cameras)


def one_point_per_pixel(side: int = 4) -> PointCloud:
    """Point n is what views_of shows at pixel n."""
    row, col = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    centre = (torch.stack([col, row], 2).reshape(-1, 2) + 0.5) / side * 4 - 2  # 2 before the camera
    return cloud_of(torch.cat([centre, torch.zeros(side * side, 1)], 1))


def cloud_of(xyz: torch.Tensor) -> PointCloud:
    middle = torch.zeros(3, dtype=torch.float64)
    return PointCloud(xyz, middle, 1.0, torch.arange(len(xyz)), xyz)


def boxes_of(*boxes: tuple[list[float], int, int, float]) -> Boxes:
    return Boxes(
        torch.tensor([b[0] for b in boxes], dtype=torch.float32).reshape(-1, 4),
        torch.tensor([b[1] for b in boxes], dtype=torch.int64),
        torch.tensor([b[2] for b in boxes], dtype=torch.int64),
        torch.tensor([b[3] for b in boxes], dtype=torch.float32),
    )


def points_of(units, k: int) -> list[int]:  # type: ignore[no-untyped-def]
    return units.point[units.offsets[k] : units.offsets[k + 1]].tolist()


def test_a_box_is_a_unit_of_the_points_in_it() -> None:
    units, _ = lift(one_point_per_pixel(), views_of(), boxes_of(([1, 1, 3, 2], 0, 1, 0.7)), CONFIG)
    assert points_of(units, 0) == [5, 6]
    assert units.label.tolist() == [1]
    assert units.score.tolist() == pytest.approx([0.7])
    assert units.seen is not None
    assert units.seen.all()


def test_a_box_around_everything_is_dropped_and_so_is_an_empty_one() -> None:
    boxes = boxes_of(
        ([0, 0, 4, 4], 0, 0, 0.9), ([0, 0, 4, 1], 0, 1, 0.8), ([1.6, 1.6, 2.4, 2.4], 0, 2, 0.6)
    )
    units, _ = lift(one_point_per_pixel(), views_of(), boxes, CONFIG)
    assert units.label.tolist() == [1]
    assert points_of(units, 0) == [0, 1, 2, 3]
    assert units.offsets.tolist() == [0, 4]


def test_hidden_points_are_in_no_unit() -> None:
    cloud = one_point_per_pixel()
    cloud.xyz[5] *= 1.5
    cloud.xyz[5, 2] = 1.0  # seen at the same pixel, and behind what is drawn there
    units, pixel = lift(cloud, views_of(), boxes_of(([1, 1, 3, 2], 0, 1, 0.7)), CONFIG)
    assert points_of(units, 0) == [6]
    assert pixel.tolist() == [[n if n != 5 else -1 for n in range(16)]]
    assert units.seen is not None
    assert units.seen.tolist() == (pixel >= 0).tolist()


def test_a_view_that_nobody_looked_at_shows_nothing() -> None:
    boxes = boxes_of(([1, 1, 3, 2], 0, 1, 0.7), ([0, 0, 1, 1], 1, 0, 0.6))
    units, pixel = lift(one_point_per_pixel(), views_of(4), boxes, CONFIG, looked=[1, 3])
    assert units.view.tolist() == [1, 3]
    assert [points_of(units, k) for k in range(2)] == [[5, 6], [0]]
    assert units.seen is not None
    assert units.seen.all(1).tolist() == [False, True, False, True]
    assert not units.seen[[0, 2]].any()
    assert pixel[:, 7].tolist() == [-1, 7, -1, 7]


def test_what_keeps_no_point_is_left_out_and_the_others_keep_theirs() -> None:
    mask = torch.zeros(4, 4, 4, dtype=torch.bool)
    mask[1, 0] = mask[3, 3] = True
    label, score = torch.arange(4), torch.tensor([0.1, 0.2, 0.3, 0.4])
    said = Masks(mask, torch.zeros(4).long(), label, score)
    units, _ = lift(one_point_per_pixel(), views_of(), said, CONFIG)
    assert units.label.tolist() == [1, 3]
    assert units.score.tolist() == pytest.approx([0.2, 0.4])
    assert units.offsets.tolist() == [0, 4, 8]
    assert units.point.tolist() == [0, 1, 2, 3, 12, 13, 14, 15]


def test_masks_may_overlap() -> None:
    mask = torch.zeros(2, 4, 4, dtype=torch.bool)
    mask[0, 0, :2] = True
    mask[1, :2, 0] = True
    said = Masks(mask, torch.tensor([0, 1]), torch.tensor([0, 1]), torch.tensor([0.5, 0.6]))
    units, _ = lift(one_point_per_pixel(), views_of(2), said, CONFIG)
    assert [points_of(units, k) for k in range(2)] == [[0, 1], [0, 4]]
    assert units.view.tolist() == [0, 1]


def test_each_component_of_a_dense_answer_is_a_unit_scored_by_its_mean() -> None:
    score = torch.zeros(1, 2, 4, 4)
    score[0, 0, 0, 0], score[0, 0, 0, 1] = 0.6, 0.8  # one component of part 0
    score[0, 1, 3, 2:] = 0.9  # one of part 1
    score[0, 1, 2, 0] = 0.9  # one pixel is too small
    units, _ = lift(one_point_per_pixel(), views_of(), PixelScores(score), CONFIG)
    assert units.label.tolist() == [0, 2, 1]  # 2 is "none of them"
    assert [points_of(units, k) for k in (0, 2)] == [[0, 1], [14, 15]]
    assert units.score.tolist() == pytest.approx([0.7, 1.0, 0.9])


def test_a_pixel_that_is_rather_none_of_them_says_so() -> None:
    score = torch.full((1, 2, 4, 4), 0.31)
    score[0, 1] = 0.1  # the rest is 0.59
    units, _ = lift(one_point_per_pixel(), views_of(), PixelScores(score), CONFIG)
    assert units.label.tolist() == [2]
    assert units.score.tolist() == pytest.approx([0.59])
    assert units.count == 16


def test_a_pixel_without_a_clear_best_says_nothing() -> None:
    score = torch.full((1, 4, 4, 4), 0.2)
    units, _ = lift(one_point_per_pixel(), views_of(), PixelScores(score), CONFIG)
    assert len(units) == 0


def test_a_dense_answer_counts_only_where_the_view_shows_something() -> None:
    views = views_of()
    empty = Views(
        views.images, torch.full_like(views.index, -1), views.depth, views.normals, views.cameras
    )
    units, _ = lift(one_point_per_pixel(), empty, PixelScores(torch.ones(1, 1, 4, 4)), CONFIG)
    assert len(units) == 0


@pytest.mark.parametrize(
    "nothing",
    [
        boxes_of(),
        Masks(
            torch.zeros(0, 4, 4, dtype=torch.bool), *(torch.zeros(0).long(),) * 2, torch.zeros(0)
        ),
    ],
    ids=["boxes", "masks"],
)
def test_no_detection_gives_no_unit(nothing) -> None:  # type: ignore[no-untyped-def]
    units, _ = lift(one_point_per_pixel(), views_of(), nothing, CONFIG)
    assert len(units) == 0
    assert units.offsets.tolist() == [0]


def test_something_else_is_not_an_answer() -> None:
    with pytest.raises(TypeError, match="must be Boxes, Masks or PixelScores, got list"):
        lift(one_point_per_pixel(), views_of(), [], CONFIG)  # type: ignore[arg-type]


def test_see_finds_the_pixel_of_a_point_and_hides_the_one_behind() -> None:
    xyz = torch.tensor([[0.1, 0.1, 0.0], [0.11, 0.11, 0.5]])
    assert see(cloud_of(xyz), views_of(), CONFIG).tolist() == [[10, -1]]
