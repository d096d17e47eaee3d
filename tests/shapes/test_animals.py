"""Living shapes: twenty of every kind, each looked at by numbers."""

from collections.abc import Callable

import numpy as np
import pytest

from pdengine.shapes.bird import make_bird
from pdengine.shapes.fish import make_fish
from pdengine.shapes.human import make_human
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.quadruped import make_quadruped
from pdengine.shapes.teddy import make_teddy

MAKERS: dict[str, Callable[[int], LabelledMesh]] = {
    "bird": make_bird,
    "fish": make_fish,
    "human": make_human,
    "quadruped": make_quadruped,
    "teddy": make_teddy,
}
# Parts that every shape of the category has, and the share of the surface they may hold.
ALWAYS: dict[str, dict[str, tuple[float, float]]] = {
    "bird": {"body": (0.08, 0.75), "head": (0.03, 0.65), "wing": (0.05, 0.75)},
    "fish": {"body": (0.25, 0.95), "tail": (0.004, 0.5)},
    "human": {
        "head": (0.03, 0.45),
        "torso": (0.1, 0.6),
        "upper arm": (0.03, 0.25),
        "lower arm": (0.02, 0.25),
        "hand": (0.005, 0.15),
        "upper leg": (0.03, 0.35),
        "lower leg": (0.03, 0.3),
        "foot": (0.01, 0.25),
    },
    "quadruped": {
        "torso": (0.1, 0.75),
        "head": (0.02, 0.5),
        "neck": (0.01, 0.5),
        "leg": (0.05, 0.7),
    },
    "teddy": {"head": (0.08, 0.75), "torso": (0.08, 0.7), "hand": (0.03, 0.5), "leg": (0.08, 0.6)},
}
SEEDS = range(20)


@pytest.fixture(scope="module", params=MAKERS)
def shapes(request: pytest.FixtureRequest) -> list[LabelledMesh]:
    return [MAKERS[request.param](seed) for seed in SEEDS]


def areas(mesh: LabelledMesh) -> np.ndarray:
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def test_a_teddy_sits_or_stands_with_its_head_above_its_torso():
    teddy = make_teddy(0)
    assert teddy.parts == ("head", "torso", "hand", "leg", "ear")
    head, torso = (teddy.vertices[teddy.faces[teddy.face_label == part]] for part in (0, 1))
    assert head[..., 1].mean() > torso[..., 1].mean()


@pytest.mark.parametrize("category", MAKERS)
def test_the_same_seed_gives_the_same_bytes(category):
    one, two = MAKERS[category](7), MAKERS[category](7)
    for name in ("vertices", "faces", "face_label"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_different_seeds_give_different_shapes(shapes):
    assert len({mesh.vertices.tobytes() for mesh in shapes}) == len(shapes)


def test_every_index_and_label_is_in_range(shapes):
    for mesh in shapes:
        assert mesh.faces.shape == (len(mesh.face_label), 3)
        assert mesh.faces.min() >= 0
        assert mesh.faces.max() < len(mesh.vertices)
        assert mesh.face_label.min() >= 0
        assert mesh.face_label.max() < len(mesh.parts)


def test_every_shape_is_finite_centred_and_one_unit_long(shapes):
    for mesh in shapes:
        assert np.isfinite(mesh.vertices).all()
        used = mesh.vertices[np.unique(mesh.faces)]
        # float32 rounding of the two ends of the box; a dropped sliver may have held a corner of it
        assert np.isclose(np.ptp(used, axis=0).max(), 1.0, atol=1e-5)
        assert np.allclose(used.min(0) + used.max(0), 0.0, atol=1e-4)


def test_meshes_are_fine_enough_for_normals_and_small_enough_for_speed(shapes):
    for mesh in shapes:
        assert len(mesh.faces) >= 2000
        assert len(mesh.vertices) <= 8000


def test_hardly_a_face_is_without_area(shapes):
    for mesh in shapes:
        assert (areas(mesh) < 1e-10).mean() < 0.01


def test_main_parts_are_always_there_and_neither_tiny_nor_everything(shapes):
    for seed, mesh in zip(SEEDS, shapes, strict=True):
        area = np.bincount(mesh.face_label, areas(mesh), len(mesh.parts))
        share = dict(zip(mesh.parts, area / area.sum(), strict=True))
        for part, (least, most) in ALWAYS[mesh.category].items():
            assert least < share[part] < most, f"{mesh.category} {seed}: {part} {share[part]:.3f}"


def test_every_part_appears_somewhere(shapes):
    present = {mesh.parts[k] for mesh in shapes for k in np.unique(mesh.face_label)}
    assert present == set(shapes[0].parts)


def test_faces_look_outwards(shapes):
    """Every part encloses a positive volume."""
    for mesh in shapes:
        a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
        volume = (a * np.cross(b, c)).sum(1)
        for part in np.unique(mesh.face_label):
            assert volume[mesh.face_label == part].sum() > 0


def pieces(mesh: LabelledMesh) -> list[np.ndarray]:
    """The corner points of each closed surface. A surface uses a run of vertices of its own."""
    group = np.arange(len(mesh.vertices))
    while True:  # the lowest index wins, along edges
        lowest = group[mesh.faces].min(1)
        spread = group.copy()
        np.minimum.at(spread, mesh.faces, lowest[:, None])
        spread = spread[spread]
        if (spread == group).all():
            break
        group = spread
    used = np.unique(mesh.faces)
    return [mesh.vertices[used[group[used] == k]] for k in np.unique(group[used])]


def test_no_piece_floats(shapes):
    """From the first piece, every other can be reached through boxes that overlap."""
    for mesh in shapes:
        found = pieces(mesh)
        low = np.array([p.min(0) for p in found])
        high = np.array([p.max(0) for p in found])
        touch = ((low[:, None] <= high[None]) & (high[:, None] >= low[None])).all(-1)
        reached = touch[0]
        for _ in found:
            reached = touch[reached].any(0)
        assert reached.all(), f"{mesh.category}: piece at {found[int(np.argmin(reached))].mean(0)}"
