"""Living shapes: no part swallows the others, and nothing floats."""

import numpy as np
import pytest

from pdengine.shapes import LabelledMesh, make

# Parts that every shape of the category has, and the share of the surface they may hold.
ALWAYS: dict[str, dict[str, tuple[float, float]]] = {
    "bird": {"body": (0.08, 0.75), "head": (0.03, 0.65), "wing": (0.05, 0.82)},
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
        "leg": (0.05, 0.7),
    },
    "teddy": {"head": (0.08, 0.75), "torso": (0.08, 0.7), "hand": (0.03, 0.5), "leg": (0.08, 0.6)},
}
SEEDS = range(20)


@pytest.fixture(scope="module", params=ALWAYS)
def shapes(request: pytest.FixtureRequest) -> list[LabelledMesh]:
    return [make(request.param, seed) for seed in SEEDS]


def areas(mesh: LabelledMesh) -> np.ndarray:
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def test_a_teddy_sits_or_stands_with_its_head_above_its_torso():
    teddy = make("teddy", 0)
    assert teddy.parts == ("head", "torso", "hand", "leg", "ear")
    head, torso = (teddy.vertices[teddy.faces[teddy.face_label == part]] for part in (0, 1))
    assert head[..., 1].mean() > torso[..., 1].mean()


def test_main_parts_are_always_there_and_neither_tiny_nor_everything(shapes):
    for seed, mesh in zip(SEEDS, shapes, strict=True):
        area = np.bincount(mesh.face_label, areas(mesh), len(mesh.parts))
        share = dict(zip(mesh.parts, area / area.sum(), strict=True))
        for part, (least, most) in ALWAYS[mesh.category].items():
            assert least < share[part] < most, f"{mesh.category} {seed}: {part} {share[part]:.3f}"


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
