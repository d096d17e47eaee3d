"""Which points are one thing: flat sheets of points in one picture, to count by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pdengine.errors import ConfigError
from pdengine.instances import Evidence, InstanceConfig, find_instances
from pdengine.types import PointCloud, Units

STEP = 0.02  # between the points of a sheet
WIDTH = 200  # pixels of a view's row; the unit sphere's radius is 100 of them


def sheet(left: float, bottom: float, width: float, height: float) -> Tensor:
    """A grid of points in the plane z = 0. [N, 3]."""
    x, y = (
        low + STEP * (torch.arange(round(size / STEP)) + 0.5)
        for low, size in ((left, width), (bottom, height))
    )
    grid = torch.cartesian_prod(x, y)
    return torch.cat([grid, torch.zeros(len(grid), 1)], 1)


def make_cloud(*things: Tensor) -> PointCloud:
    """The things as one cloud, which the user has ten times as large and elsewhere."""
    xyz = torch.cat(things)
    origin = torch.tensor([5.0, 0.0, -3.0], dtype=torch.float64)
    return PointCloud(xyz, origin, 10.0, torch.arange(len(xyz)), xyz.double() * 10 + origin)


def one_view(cloud: PointCloud, superpoint: Tensor, *held: Tensor, label: int = 0) -> Evidence:
    """One view that shows every point from in front, and a unit for each mask [N] of held."""
    pixel = (cloud.xyz[:, :2] * 100).long()
    members = [mask.nonzero()[:, 0] for mask in held]
    sizes = torch.tensor([0, *(len(m) for m in members)])
    units = Units(
        label=torch.full((len(held),), label),
        score=torch.ones(len(held)),
        offsets=sizes.cumsum(0),
        point=torch.cat([torch.zeros(0, dtype=torch.int64), *members]),
        view=torch.zeros(len(held), dtype=torch.int64),
        count=len(cloud),
        seen=torch.ones(1, len(cloud), dtype=torch.bool),
    )
    return Evidence(superpoint, units, (pixel[:, 1] * WIDTH + pixel[:, 0]).int()[None], WIDTH)


def sure(labels: Tensor) -> Tensor:
    """Probability 0.8 for each point's own of two parts. [N, 2]."""
    own = torch.nn.functional.one_hot(labels.clamp(min=0), 2) * (labels >= 0)[:, None]
    return own * 0.8


def first_part(cloud: PointCloud) -> Tensor:
    return torch.zeros(len(cloud), dtype=torch.int64)


@pytest.fixture
def drawers() -> PointCloud:
    """Two drawers side by side that touch at x = 0.4, each of 20 x 15 points."""
    return make_cloud(sheet(0, 0, 0.4, 0.3), sheet(0.4, 0, 0.4, 0.3))


def test_four_legs_are_four_instances_and_the_seat_is_one() -> None:
    corners = [(x, y) for x in (-0.5, 0.46) for y in (-0.6, 0.56)]
    legs = [sheet(x, y, 0.04, 0.04 + 0.02 * k) for k, (x, y) in enumerate(corners)]
    cloud = make_cloud(sheet(-0.5, -0.5, 1, 1), *legs)
    labels = torch.cat([torch.zeros(2500), torch.ones(len(cloud) - 2500)]).long()
    found = find_instances(cloud, labels, sure(labels))
    assert found.part.tolist() == [0, 1, 1, 1, 1]
    assert found.points.tolist() == [2500, 10, 8, 6, 4]  # within a part the largest first
    assert found.names(("seat", "leg")) == ("seat_0", "leg_0", "leg_1", "leg_2", "leg_3")
    assert found.counts(3).tolist() == [1, 4, 0]
    assert found.instance[2500:].tolist() == [4] * 4 + [3] * 6 + [2] * 8 + [1] * 10
    # Boxes in the user's coordinates: the sheet is ten times as large there.
    assert found.low[0].tolist() == pytest.approx([0.1, -4.9, -3.0], abs=1e-5)
    assert found.high[0].tolist() == pytest.approx([9.9, 4.9, -3.0], abs=1e-5)
    assert found.score.tolist() == pytest.approx([0.8] * 5)


def test_a_seat_in_four_superpoints_is_one_instance() -> None:
    cloud = make_cloud(sheet(0, 0, 0.8, 0.8))
    quarter = (cloud.xyz[:, 0] > 0.4).long() + 2 * (cloud.xyz[:, 1] > 0.4).long()
    for whole in (torch.ones(len(cloud), dtype=torch.bool), cloud.xyz[:, 0] < 0.7):
        evidence = one_view(cloud, quarter, whole)
        found = find_instances(cloud, first_part(cloud), sure(first_part(cloud)), evidence)
        assert found.points.tolist() == [1600]
    assert found.score.item() == pytest.approx(0.8 * 70 / 80, abs=0.02)  # the box is 70 px of 80


def test_two_touching_drawers_with_a_box_each_are_two(drawers: PointCloud) -> None:
    right, labels = drawers.xyz[:, 0] > 0.4, first_part(drawers)
    own = one_view(drawers, right.long(), right, ~right)
    found = find_instances(drawers, labels, sure(labels), own)
    assert found.instance.tolist() == right.long().tolist()
    assert found.score.tolist() == pytest.approx([0.8, 0.8])
    both = one_view(drawers, right.long(), torch.ones_like(right))
    assert len(find_instances(drawers, labels, sure(labels), both)) == 1
    assert len(find_instances(drawers, labels, sure(labels))) == 1  # nothing but touching


def test_a_strip_between_two_drawers_does_not_tie_them_together(drawers: PointCloud) -> None:
    """No view shows whose the strip is, so it would go with both; what it joins does not."""
    x = drawers.xyz[:, 0]
    strip = (x - 0.4).abs() < 0.03
    superpoint = torch.where(strip, 2, (x > 0.4).long())
    evidence = one_view(drawers, superpoint, (x > 0.4) & ~strip, (x < 0.4) & ~strip)
    assert evidence.units.seen is not None
    evidence = replace(evidence, units=replace(evidence.units, seen=evidence.units.seen & ~strip))
    found = find_instances(drawers, first_part(drawers), sure(first_part(drawers)), evidence)
    assert len(found) == 2
    assert found.points.sum() == len(drawers)


def test_a_drawer_that_no_box_shows_stays_with_score_zero(drawers: PointCloud) -> None:
    """Its neighbour has a box, and would lose it if the two were one."""
    right, labels = drawers.xyz[:, 0] > 0.4, first_part(drawers)
    found = find_instances(drawers, labels, sure(labels), one_view(drawers, right.long(), right))
    assert found.instance.tolist() == right.long().tolist()
    assert found.score.tolist() == pytest.approx([0, 0.8])


def test_units_of_other_parts_say_nothing(drawers: PointCloud) -> None:
    right, labels = drawers.xyz[:, 0] > 0.4, first_part(drawers)
    evidence = one_view(drawers, right.long(), right, ~right, label=1)
    found = find_instances(drawers, labels, sure(labels), evidence)
    assert found.points.tolist() == [600]
    assert found.score.tolist() == [0]  # the views could have shown it, and did not


def test_without_pixels_the_units_still_tell_drawers_apart(drawers: PointCloud) -> None:
    right, labels = drawers.xyz[:, 0] > 0.4, first_part(drawers)
    evidence = replace(one_view(drawers, right.long(), right, ~right), pixel=None)
    found = find_instances(drawers, labels, sure(labels), evidence)
    assert found.instance.tolist() == right.long().tolist()
    assert found.score.tolist() == pytest.approx([0.8, 0.8])  # no extent, no doubt


def test_labels_inside_one_superpoint_are_split_first() -> None:
    """A student may label the points of one superpoint differently."""
    cloud = make_cloud(sheet(0, 0, 0.6, 0.2))
    labels = ((cloud.xyz[:, 0] > 0.2) & (cloud.xyz[:, 0] < 0.4)).long()
    evidence = one_view(cloud, first_part(cloud))
    found = find_instances(cloud, labels, sure(labels), evidence)
    assert found.part.tolist() == [0, 0, 1]
    assert found.points.tolist() == [100, 100, 100]


def test_a_speck_is_in_no_instance_unless_a_box_confirms_it() -> None:
    cloud = make_cloud(sheet(0, 0, 0.4, 0.4), sheet(0.8, 0.8, 0.04, 0.04))
    labels = first_part(cloud)
    speck = torch.arange(len(cloud)) >= 400
    found = find_instances(cloud, labels, sure(labels))
    assert found.points.tolist() == [400]
    assert (found.instance[speck] == -1).all()
    evidence = one_view(cloud, speck.long(), speck)
    assert find_instances(cloud, labels, sure(labels), evidence).points.tolist() == [400, 4]
    keep = InstanceConfig(speck=0)
    assert find_instances(cloud, labels, sure(labels), None, keep).points.tolist() == [400, 4]


@pytest.mark.parametrize("label", [-1, 0])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_points_and_points_without_a_label(label: int, count: int) -> None:
    cloud = make_cloud(torch.arange(count)[:, None] * torch.tensor([[0.001, 0, 0]]))
    labels = torch.full((count,), label)
    for evidence in (None, one_view(cloud, torch.arange(count))):
        found = find_instances(cloud, labels, sure(labels), evidence)
        assert len(found) == (label == 0 and count > 0)
        assert (found.instance == labels).all()
        assert found.points.tolist() == [count] * len(found)
        assert found.low.shape == found.high.shape == (len(found), 3)


def test_copies_of_a_point_do_not_cut_a_thing_apart() -> None:
    cloud = make_cloud(*[sheet(0, 0, 0.4, 0.4)] * 12)  # more copies than a point has neighbours
    found = find_instances(cloud, first_part(cloud), sure(first_part(cloud)))
    assert found.points.tolist() == [12 * 400]


def test_a_sparse_cloud_is_not_dust() -> None:
    """Points six times farther apart than the published gap still touch their neighbours."""
    grid = 6 * sheet(0, 0, 0.08, 0.08)
    cloud = make_cloud(grid, grid - torch.tensor([0.95, 0.0, 0.0]))
    labels = first_part(cloud)
    assert find_instances(cloud, labels, sure(labels)).points.tolist() == [16, 16]


def test_says_which_constant_is_out_of_its_range() -> None:
    with pytest.raises(ConfigError, match=r"iou must be in \[0, 1\], got 1.5"):
        InstanceConfig(iou=1.5)
