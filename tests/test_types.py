"""What a shape and an answer look like in a terminal: a line, not their numbers."""

from __future__ import annotations

from dataclasses import replace

import torch

from pdengine.io import as_shape
from pdengine.types import Mesh, PointCloud, Segmentation


def answer(labels: list[int]) -> Segmentation:
    rows = torch.tensor(labels)
    cloud = as_shape("points", torch.rand(len(labels), 3))
    scores = torch.zeros(len(labels), 2)
    return Segmentation(rows, scores, ("back", "leg"), cloud, mode="vote", vote_labels=rows)


def test_an_answer_is_counted_by_its_parts() -> None:
    assert repr(answer([0, 0, 1, -1])) == "<Segmentation: 2 back, 1 leg, 1 unlabelled>"
    assert repr(answer([1] * 1200)) == "<Segmentation: 1,200 leg>"


def test_a_cloud_says_what_it_has() -> None:
    cloud = as_shape("points", torch.rand(4, 3))
    assert isinstance(cloud, PointCloud)
    assert repr(cloud) == "<PointCloud: 4 points>"


def test_a_mesh_says_its_size() -> None:
    faces = torch.tensor([[0, 1, 2]])
    mesh = Mesh(torch.rand(3, 3).double(), faces, polygon=torch.zeros(1).long())
    assert repr(mesh) == "<Mesh: 3 vertices, 1 face>"


def test_an_answer_and_its_shape_are_equal_to_themselves_alone_and_can_be_keys() -> None:
    result, cloud = answer([0, 1]), as_shape("points", torch.rand(1, 3))
    assert result == result
    assert result != replace(result)
    assert len({result, replace(result), cloud}) == 3
    assert repr(cloud) == "<PointCloud: 1 point>"
