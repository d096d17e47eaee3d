"""Labels find their way back to the user's own rows, vertices and faces."""

from __future__ import annotations

import torch

from pdengine.carry import carry_back, subsample
from pdengine.types import Mesh, PointCloud


def cloud_of(world: torch.Tensor) -> PointCloud:
    """The frame is one that the coordinates are not in, so that forgetting it shows."""
    rows = world.isfinite().all(1).nonzero()[:, 0]
    origin = torch.tensor([10.0, 0.0, 0.0], dtype=torch.float64)
    xyz = ((world[rows].double() - origin) / 4.0).float()
    return PointCloud(xyz, origin, 4.0, rows, world)


def line(count: int) -> torch.Tensor:
    world = torch.zeros(count, 3)
    world[:, 0] = 8 + torch.linspace(0, 4, count)
    return world


def one_hot(labels: list[int], parts: int) -> torch.Tensor:
    return torch.eye(parts)[torch.tensor(labels)]


def test_rows_keep_their_order_and_nan_rows_are_unlabelled() -> None:
    world = line(4)
    world[1, 2] = float("nan")
    cloud = cloud_of(world)
    labels = torch.tensor([2, 0, 1])
    back = carry_back(cloud, cloud, labels, one_hot([2, 0, 1], 3), labels)
    assert back.labels.tolist() == [2, -1, 0, 1]
    assert back.vote_labels.tolist() == [2, -1, 0, 1]
    assert back.scores[1].tolist() == [0, 0, 0]
    assert back.scores[3].tolist() == [0, 1, 0]
    assert back.face_labels is None


def test_a_subset_is_even_and_rows_left_out_take_their_neighbours_part() -> None:
    cloud = cloud_of(line(100))
    small = subsample(cloud, 10)
    assert small.rows.tolist() == list(range(0, 100, 10))
    assert torch.equal(small.xyz, cloud.xyz[::10])
    labels = (small.rows >= 50).long()
    back = carry_back(cloud, small, labels, torch.eye(2)[labels], labels)
    assert back.labels[:41].eq(0).all()
    assert back.labels[50:].eq(1).all()
    assert back.vote_labels[50:].eq(1).all()
    assert torch.allclose(back.scores.sum(1), torch.ones(100))


def test_a_small_cloud_is_its_own_subset() -> None:
    cloud = cloud_of(line(5))
    assert subsample(cloud, 5) is cloud


def test_colours_and_normals_follow_the_subset() -> None:
    cloud = cloud_of(line(4))
    coloured = PointCloud(
        cloud.xyz, cloud.origin, 4.0, cloud.rows, cloud.world, torch.rand(4, 3), torch.rand(4, 3)
    )
    small = subsample(coloured, 2)
    assert torch.equal(small.colour, coloured.colour[[0, 2]])  # type: ignore[index, arg-type]
    assert torch.equal(small.normals, coloured.normals[[0, 2]])  # type: ignore[index, arg-type]


def test_a_mesh_is_labelled_per_vertex_and_per_face() -> None:
    vertices = line(4).double()
    vertices[:, 1] = torch.tensor([0.0, 1.0, 0.0, 1.0])
    faces = torch.tensor([[0, 1, 2], [1, 2, 3]])
    mesh = Mesh(vertices, faces, torch.arange(2))
    cloud = cloud_of(vertices[[0, 0, 0, 3, 3, 3]].float())
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    back = carry_back(mesh, cloud, labels, torch.eye(2)[labels], labels)
    assert back.labels.tolist() == [0, 0, 1, 1]
    assert back.face_labels is not None
    assert back.face_labels.tolist() == [0, 1]


def test_a_vertex_that_is_not_finite_is_unlabelled_and_so_are_its_faces() -> None:
    vertices = line(4).double()
    vertices[3] = float("inf")
    mesh = Mesh(vertices, torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.arange(2))
    cloud = cloud_of(line(4))
    labels = torch.zeros(4, dtype=torch.int64)
    back = carry_back(mesh, cloud, labels, torch.ones(4, 1), labels)
    assert back.labels.tolist() == [0, 0, 0, -1]
    assert back.face_labels is not None
    assert back.face_labels.tolist() == [0, -1]


def test_nothing_labelled_carries_back_as_nothing() -> None:
    mesh = Mesh(line(3).double(), torch.tensor([[0, 1, 2]]), torch.arange(1))
    cloud = cloud_of(line(3))
    nothing = torch.full((3,), -1)
    back = carry_back(mesh, cloud, nothing, torch.zeros(3, 2), nothing)
    assert back.labels.tolist() == [-1] * 3
    assert back.vote_labels.tolist() == [-1] * 3
    assert not back.scores.any()
    assert back.face_labels is not None
    assert back.face_labels.tolist() == [-1]
