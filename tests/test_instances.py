"""A table has four legs, whoever labels it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

import pdengine as pde
from pdengine import Collection
from pdengine.config import DistillConfig, EngineConfig, RenderConfig
from pdengine.io import mesh_from_arrays
from pdengine.types import PartList, PixelScores, Segmentation, Views

NAMES = ("top", "leg")
SMALL = EngineConfig(
    up="y",
    instances=True,
    points=3000,
    render=RenderConfig(views=6, size=(96, 96), surface_points=30_000),
    distill=DistillConfig(anchors=512, steps=30, rounds=2),
)


def boxes() -> list[tuple[Tensor, Tensor]]:
    """The middle and size of a slab and of four posts, in metres, far from the origin."""
    far = torch.tensor([1000.0, 0.0, 2000.0])
    slab = (far + torch.tensor([0.0, 1.0, 0.0]), torch.tensor([2.0, 0.2, 2.0]))
    corners = [torch.tensor([x, 0.0, z]) for x in (-0.9, 0.9) for z in (-0.9, 0.9)]
    return [slab, *((far + corner, torch.tensor([0.2, 1.8, 0.2])) for corner in corners)]


def table_cloud(seed: int = 0) -> Tensor:
    """Points on the slab and the posts, [2000, 3]."""
    dice = torch.Generator().manual_seed(seed)
    found = []
    for count, (middle, size) in zip((1200, 200, 200, 200, 200), boxes(), strict=True):
        place = torch.rand(count, 3, generator=dice) - 0.5
        axis = torch.randint(3, (count,), generator=dice)
        place[torch.arange(count), axis] = place[torch.arange(count), axis].sign() / 2
        found.append(middle + place * size)
    return torch.cat(found)


def table_mesh() -> pde.Mesh:
    """The same with 12 triangles a box."""
    corner = torch.cartesian_prod(*[torch.tensor([-0.5, 0.5])] * 3)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = torch.tensor([t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))])
    vertices = torch.cat([middle + corner * size for middle, size in boxes()]).double()
    return mesh_from_arrays(vertices.numpy(), torch.cat([faces + 8 * k for k in range(5)]).numpy())


def by_height(views: Views, parts: PartList) -> PixelScores:
    """Calls everything a little above the middle the top, the rest leg."""
    V, H, W = views.index.shape
    cameras = views.cameras
    column = torch.arange(W).add(0.5).sub(W / 2).div(W / 2).expand(V, H, W)
    row = torch.arange(H).add(0.5).sub(H / 2).div(W / 2)[:, None].expand(V, H, W)
    depth = torch.where(views.index >= 0, views.depth, 1.0)
    focal = cameras.focal[:, None, None]
    seen = torch.stack([column / focal * depth, row / focal * depth, depth], -1)
    seen = seen - cameras.translation[:, None, None]
    high = torch.einsum("vhwc,vcd->vhwd", seen, cameras.rotation)[..., 1] > 0.1
    return PixelScores(torch.stack([high, ~high], 1).float() * (views.index >= 0)[:, None] * 0.9)


def assert_a_table(result: Segmentation, inside_at_least: float = 0.99) -> None:
    """One top and four legs, each in its own corner; hardly a row is a speck on a border."""
    found = result.instances
    assert found is not None
    assert found.names(result.names) == ("top_0", "leg_0", "leg_1", "leg_2", "leg_3")
    inside = found.instance >= 0
    assert inside.float().mean() > inside_at_least
    assert torch.equal(found.part[found.instance[inside]], result.labels[inside])
    middle = ((found.low + found.high) / 2)[1:] - torch.tensor([1000.0, 0, 2000.0])
    assert {(round(x), round(z)) for x, _, z in middle.tolist()} == {
        *((-1, -1), (-1, 1), (1, -1), (1, 1))
    }
    assert (found.score > 0).all()


@pytest.mark.parametrize("mode", ["tta", "vote", "partslip"])
def test_the_legs_of_a_cloud_are_four_in_every_mode(mode: str) -> None:
    config = replace(SMALL, mode=mode)
    result = pde.segment(table_cloud(), NAMES, config=config, teacher=by_height)
    # PartSLIP drops pieces of the border that no view confirms.
    assert_a_table(result, 0.9 if mode == "partslip" else 0.99)
    assert {"superpoints", "instances"} <= set(result.timings)
    found = result.instances
    assert found is not None
    assert found.face_instance is None
    assert torch.equal(found.points, torch.bincount(found.instance[found.instance >= 0]))


def test_the_faces_of_a_mesh_have_instances_too() -> None:
    result = pde.segment(table_mesh(), NAMES, config=replace(SMALL, mode="vote"), teacher=by_height)
    found = result.instances
    assert found is not None
    assert found.counts(2).tolist() == [1, 4]
    assert found.face_instance is not None
    assert result.face_labels is not None
    assert torch.equal(found.part[found.face_instance], result.face_labels)
    posts = found.face_instance[12:].view(4, 12)
    assert all(len(set(post.tolist()) - {0}) <= 1 for post in posts)  # 0 is the top
    assert len(found.face_instance[12:].unique()) == 5
    assert found.points.sum() == 3000  # the points that were sampled


def test_rows_that_were_not_aligned_on_take_their_neighbours_instance() -> None:
    config = replace(SMALL, mode="vote", max_points=900)
    assert_a_table(pde.segment(table_cloud(), NAMES, config=config, teacher=by_height))


def test_nobody_asked_for_instances() -> None:
    config = replace(SMALL, mode="vote", instances=False)
    result = pde.segment(table_cloud(), NAMES, config=config, teacher=by_height)
    assert result.instances is None
    assert not {"superpoints", "instances"} & set(result.timings)


def test_a_row_without_a_coordinate_or_a_label_is_in_no_instance() -> None:
    xyz = table_cloud()
    xyz[7] = torch.nan
    config = replace(SMALL, mode="vote")
    result = pde.segment(xyz, NAMES, config=config, teacher=by_height)
    assert result.instances is not None
    assert result.instances.instance[7] == -1
    assert (result.instances.instance >= 0).sum() > 0.99 * len(xyz)

    blind = pde.segment(xyz, ("other", "thing"), config=config, teacher=blind_teacher)
    assert blind.instances is not None
    assert len(blind.instances) == 0
    assert (blind.instances.instance == -1).all()


def blind_teacher(views: Views, parts: PartList) -> PixelScores:
    """Sees nothing."""
    return PixelScores(torch.zeros(len(views), len(parts), *views.size))


def test_a_collection_and_its_saved_student_number_the_legs(tmp_path: Path) -> None:
    files = [tmp_path / f"table{k}.xyz" for k in range(2)]
    for k, file in enumerate(files):
        file.write_text("\n".join(" ".join(map(str, p)) for p in table_cloud(k).tolist()))
    config = replace(SMALL, distill=replace(SMALL.distill, anchors=2000))
    collection = Collection("table: top, leg", config, teacher=by_height)
    collection.add_files(files)
    done = collection.align()
    for answer in done.answers.values():
        assert_a_table(answer)
    result = pde.segment(table_cloud(3), config=config, student=done.student)
    assert result.mode == "pre"
    assert_a_table(result)
    assert "superpoints" not in result.timings  # without units they tell nothing apart


def test_the_same_run_gives_the_same_bits() -> None:
    config = replace(SMALL, mode="vote")
    first, second = (
        pde.segment(table_cloud(), NAMES, config=config, teacher=by_height).instances
        for _ in range(2)
    )
    assert first is not None
    assert second is not None
    assert torch.equal(first.instance, second.instance)
    assert torch.equal(first.score, second.score)
