"""Generated chairs, whose true parts are known, with the boxes of a simulated teacher."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pdengine.baselines import pieces
from pdengine.cameras import rig
from pdengine.config import LiftConfig, RenderConfig
from pdengine.instances import Evidence, find_instances
from pdengine.instances.touching import components
from pdengine.io import mesh_from_arrays, sample_mesh, surface_of
from pdengine.lift import lift
from pdengine.published import SuperpointConfig
from pdengine.render import render
from pdengine.shapes import LabelledMesh, make
from pdengine.teach.simulated import SimulatedTeacher
from pdengine.types import PartList, PointCloud


def things_of(mesh: LabelledMesh, part: int) -> int:
    """How many things a part of a generated mesh consists of.

    The mesh's connected components, where those that reach into each other are one: points on
    both come closer than a fiftieth of the shape.
    """
    faces = torch.from_numpy(mesh.faces).long()[torch.from_numpy(mesh.face_label) == part]
    if len(faces) == 0:
        return 0
    place = (torch.from_numpy(mesh.vertices) * 1e5).round().long()
    number = place.unique(dim=0, return_inverse=True)[1]
    corners = number[faces]
    edges = torch.cat([corners[:, :2], corners[:, 1:]]).T
    root = components(edges, int(number.max()) + 1)[corners[:, 0]]
    bits = [
        sample_mesh(mesh_from_arrays(mesh.vertices, faces[root == n].numpy()), 800, 0).cloud.world
        for n in root.unique()
    ]
    near = [
        (a, b)
        for a in range(len(bits))
        for b in range(a)
        if torch.cdist(bits[a].double(), bits[b].double()).min() < 0.02
    ]
    pairs = torch.tensor(near, dtype=torch.int64).reshape(-1, 2).T
    return len(components(pairs, len(bits)).unique())


def seen_chair(seed: int, noise: str) -> tuple[PointCloud, Tensor, Evidence, LabelledMesh]:
    """A chair's points, their true labels, and what a simulated teacher says of them."""
    chair = make("chair", seed)
    mesh = mesh_from_arrays(chair.vertices, chair.faces)
    of_face = torch.from_numpy(chair.face_label).long()
    sampled, drawn = sample_mesh(mesh, 5000, seed), sample_mesh(mesh, 40_000, seed + 1)
    cloud = sampled.cloud
    views = render(surface_of(drawn.cloud, cloud), rig(10, up="y"), RenderConfig(size=(160, 160)))
    teacher = SimulatedTeacher(of_face[drawn.face], chair.parts, noise, seed)
    units, pixel = lift(cloud, views, teacher(views, PartList(chair.parts)), LiftConfig())
    superpoint = pieces(cloud, SuperpointConfig())
    return cloud, of_face[sampled.face], Evidence(superpoint, units, pixel, 160), chair


def certain(labels: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(labels, 4).float()


@pytest.mark.parametrize("noise", ["clean", "independent", "systematic"])
def test_most_chairs_have_the_right_number_of_legs(noise: str) -> None:
    """Boxes that are moved, missing and misnamed, all simulated, do not multiply the legs."""
    right = []
    for seed in range(8):
        cloud, labels, evidence, chair = seen_chair(seed, noise)
        leg = chair.parts.index("leg")
        found = find_instances(cloud, labels, certain(labels), evidence)
        right.append(int(found.counts(4)[leg]) == things_of(chair, leg))
    assert sum(right) >= 6, right


def test_the_same_input_gives_the_same_bytes_on_any_number_of_threads() -> None:
    cloud, labels, evidence, _ = seen_chair(0, "systematic")
    found = []
    before = torch.get_num_threads()
    for threads in (1, 2, 2):
        torch.set_num_threads(threads)
        found.append(find_instances(cloud, labels, certain(labels), evidence))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    for other in found[1:]:
        assert torch.equal(found[0].instance, other.instance)
        assert torch.equal(found[0].score, other.score)
