"""Made objects: every maker called directly, twenty seeds each."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from pdengine.shapes import glasses, guitar, lamp, pliers, vase
from pdengine.shapes.labelled_mesh import LabelledMesh

# The maker, its part names, and the parts that no shape of the category lacks.
MAKERS = {
    "glasses": (glasses.make_glasses, glasses.PARTS, {"lens", "bridge", "frame"}),
    "guitar": (guitar.make_guitar, guitar.PARTS, {"body", "neck", "head"}),
    "lamp": (lamp.make_lamp, lamp.PARTS, {"base", "pole", "shade"}),
    "pliers": (pliers.make_pliers, pliers.PARTS, {"jaw", "pivot", "handle"}),
    "vase": (vase.make_vase, vase.PARTS, {"body"}),
}
SEEDS = range(20)


@pytest.fixture(scope="module", params=MAKERS)
def category(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def shapes(category: str) -> list[LabelledMesh]:
    return [MAKERS[category][0](seed) for seed in SEEDS]


def corners(mesh: LabelledMesh) -> np.ndarray:
    """[F, 3, 3] float64."""
    return mesh.vertices[mesh.faces].astype(np.float64)


def areas(mesh: LabelledMesh) -> np.ndarray:
    a, b, c = corners(mesh).swapaxes(0, 1)
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def samples(mesh: LabelledMesh, part: int, count: int) -> np.ndarray:
    """Points spread over the surface of one part. [count, 3]."""
    rng = np.random.default_rng(0)
    chosen = mesh.face_label == part
    area = areas(mesh)[chosen]
    triangles = corners(mesh)[chosen][rng.choice(len(area), count, p=area / area.sum())]
    return (triangles * rng.dirichlet(np.ones(3), count)[..., None]).sum(1)


def test_the_same_seed_gives_the_same_bytes(category, shapes):
    again = MAKERS[category][0](7)
    for name in ("vertices", "faces", "face_label"):
        assert getattr(again, name).tobytes() == getattr(shapes[7], name).tobytes()


def test_different_seeds_give_different_shapes(shapes):
    assert len({mesh.vertices.tobytes() for mesh in shapes}) == len(shapes)


def test_the_longest_side_is_one_and_the_middle_is_the_origin(shapes):
    for mesh in shapes:
        assert np.isfinite(mesh.vertices).all()
        used = mesh.vertices[np.unique(mesh.faces)]
        # float32 rounding of the two ends of the box
        assert np.isclose(np.ptp(used, axis=0).max(), 1.0, atol=1e-6)
        assert np.allclose(used.min(0) + used.max(0), 0.0, atol=1e-6)


def test_every_index_and_label_is_in_range(category, shapes):
    for mesh in shapes:
        assert mesh.category == category
        assert mesh.parts == MAKERS[category][1]
        assert mesh.faces.shape == (len(mesh.face_label), 3)
        assert 0 <= mesh.faces.min() <= mesh.faces.max() < len(mesh.vertices)
        assert 0 <= mesh.face_label.min() <= mesh.face_label.max() < len(mesh.parts)


def test_a_mesh_is_fine_enough_for_normals_and_small_enough_for_speed(shapes):
    for mesh in shapes:
        assert len(mesh.faces) >= 2000
        assert len(mesh.vertices) <= 8000
        assert (areas(mesh) < 0.5e-10).mean() < 0.01


def test_no_seed_is_unlucky(category):
    """Rare combinations of styles: none fails, none grows too big."""
    for seed in range(20, 220):
        mesh = MAKERS[category][0](seed)
        assert np.isfinite(mesh.vertices).all(), seed
        assert 2000 <= len(mesh.faces) <= 16500, seed


def test_every_part_appears_and_some_always_do(category, shapes):
    present = [{mesh.parts[k] for k in np.unique(mesh.face_label)} for mesh in shapes]
    assert set.union(*present) == set(MAKERS[category][1])
    assert set.intersection(*present) >= MAKERS[category][2]


def test_a_part_that_is_there_can_be_seen(shapes):
    for mesh in shapes:
        area = areas(mesh)
        share = np.bincount(mesh.face_label, area, len(mesh.parts)) / area.sum()
        assert share.max() < 0.995
        for part in np.unique(mesh.face_label):
            assert share[part] > 0.001, f"{mesh.parts[part]} has {share[part]:.4f} of the surface"


def test_faces_look_outwards(shapes):
    """Every part encloses a positive volume."""
    for mesh in shapes:
        a, b, c = corners(mesh).swapaxes(0, 1)
        volume = np.bincount(mesh.face_label, (a * np.cross(b, c)).sum(1))
        assert (volume[np.unique(mesh.face_label)] > 0).all()


def test_parts_touch_the_rest_of_the_shape(category, shapes):
    for seed, mesh in enumerate(shapes):
        clouds = {part: samples(mesh, part, 1500) for part in np.unique(mesh.face_label)}
        for part, cloud in clouds.items():
            rest = np.concatenate([other for k, other in clouds.items() if k != part])
            gap = cKDTree(rest).query(cloud)[0].min()
            # 1500 points on a part lie at most a few hundredths apart
            assert gap < 0.03, f"{category} {seed}: {mesh.parts[part]} floats, gap {gap:.3f}"
