"""Instances find their way back to the user's own rows, vertices and faces."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pdengine.carry import carry_instances, subsample
from pdengine.instances import boxed
from pdengine.types import Instances, Mesh, PointCloud


def cloud_of(world: Tensor) -> PointCloud:
    """The frame is one that the coordinates are not in, so that forgetting it shows."""
    rows = world.isfinite().all(1).nonzero()[:, 0]
    origin = torch.tensor([10.0, 0.0, 0.0], dtype=torch.float64)
    xyz = ((world[rows].double() - origin) / 4.0).float()
    return PointCloud(xyz, origin, 4.0, rows, world)


def along(x: list[float]) -> Tensor:
    return torch.tensor(x)[:, None] * torch.tensor([[1.0, 0.0, 0.0]])


def found_on(cloud: PointCloud, instance: list[int], part: list[int]) -> Instances:
    own = torch.tensor(instance)
    return boxed(own, torch.tensor(part), torch.ones(len(part)), cloud.world[cloud.rows])


def test_a_row_takes_the_instance_of_its_nearest_point_of_the_same_part() -> None:
    world = along([8, 8.5, 9, torch.nan, 11, 11.5, 12, 8.1])
    cloud = cloud_of(world)
    rows = torch.tensor([0, 0, 1, -1, 1, 0, 0, 1])
    small = PointCloud(
        cloud.xyz[[0, 2, 5]], cloud.origin, 4.0, torch.tensor([0, 2, 6]), cloud.world
    )
    labels = torch.tensor([0, 1, 0])
    found = found_on(small, [0, 2, 1], [0, 0, 1])
    carried = carry_instances(cloud, small, labels, found, rows)
    # 8.1 is beside a point of another part, and goes with the one at 9.
    assert carried.instance.tolist() == [0, 0, 2, -1, 2, 1, 1, 2]
    assert carried.points.tolist() == [2, 2, 3]
    assert carried.low[:, 0].tolist() == pytest.approx([8, 11.5, 8.1])
    assert carried.high[:, 0].tolist() == pytest.approx([8.5, 12, 11])
    assert carried.face_instance is None


def test_a_row_near_a_speck_and_a_row_of_a_part_without_points_are_in_none() -> None:
    cloud = cloud_of(along([8, 9, 10, 11]))
    small = PointCloud(cloud.xyz[[0, 3]], cloud.origin, 4.0, torch.tensor([0, 3]), cloud.world)
    found = found_on(small, [0, -1], [0])
    carried = carry_instances(cloud, small, torch.tensor([0, 0]), found, torch.tensor([0, 1, 0, 0]))
    assert carried.instance.tolist() == [0, -1, -1, -1]


def test_vertices_and_faces_of_a_mesh_go_by_their_own_parts() -> None:
    vertices = along([8, 9, 10, 11, 12]).double()
    mesh = Mesh(vertices, torch.tensor([[0, 0, 1], [3, 4, 4], [0, 1, 4]]), torch.arange(3))
    cloud = cloud_of(along([8, 10, 12]))
    found = found_on(cloud, [0, 2, 1], [0, 0, 1])
    carried = carry_instances(
        mesh,
        cloud,
        torch.tensor([0, 1, 0]),
        found,
        torch.tensor([0, 0, 1, -1, 0]),
        torch.tensor([0, 0, -1]),
    )
    assert carried.instance.tolist() == [0, 0, 2, -1, 1]
    assert carried.face_instance is not None
    assert carried.face_instance.tolist() == [0, 1, -1]
    assert carried.points.tolist() == [1, 1, 1]  # of the sampled points, not of the vertices


def test_a_large_cloud_matches_brute_force() -> None:
    dice = torch.Generator().manual_seed(0)
    cloud = cloud_of(10 + 2 * torch.rand(500, 3, generator=dice))
    small = subsample(cloud, 60)
    rows = torch.randint(-1, 3, (500,), generator=dice)
    labels = rows[small.rows]
    instance = torch.where(labels >= 0, labels * 2 + torch.arange(60) % 2, -1)
    found = found_on(small, instance.tolist(), [0, 0, 1, 1, 2, 2])
    carried = carry_instances(cloud, small, labels, found, rows)
    for row in range(500):
        same = (labels == rows[row]).nonzero()[:, 0]
        distance = (small.xyz[same] - cloud.xyz[row]).square().sum(1)
        wanted = -1 if rows[row] < 0 else int(instance[same[distance.argmin()]])
        assert int(carried.instance[row]) == wanted, row
