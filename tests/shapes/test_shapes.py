"""Generated shapes: one mesh looked at closely, then hundreds counted."""

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy.spatial import cKDTree

from pdengine.shapes import CATEGORIES, LabelledMesh, make, parts_of
from pdengine.shapes.dice import Dice
from pdengine.shapes.mug import KINDS as MUGS

ALWAYS = {
    "airplane": {"body", "wing", "rudder"},
    "ant": {"head", "torso", "back", "leg"},
    "bag": {"body"},
    "biped": {"head", "torso", "upper arm", "lower arm", "hand", "upper leg", "lower leg", "foot"},
    "bird": {"body", "head", "wing"},
    "bottle": {"body"},
    "bucket": {"body", "handle"},
    "bust": {"face", "neck"},
    "cabinet": {"body"},
    "cap": {"crown"},
    "car": {"body", "wheel"},
    "cart": {"body", "wheel", "handle"},
    "chair": {"back", "seat"},
    "dispenser": {"body", "head"},
    "display": {"screen"},
    "door": {"door"},
    "earphone": {"earcup"},
    "faucet": {"base", "spout"},
    "fish": {"body", "tail"},
    "glasses": {"lens", "bridge", "frame"},
    "guitar": {"body", "neck", "head"},
    "hand": {"palm", "thumb", "index finger", "middle finger"},
    "human": {
        *("head", "torso", "upper arm", "lower arm", "hand"),
        *("upper leg", "lower leg", "foot"),
    },
    "kettle": {"body", "handle", "spout"},
    "knife": {"blade", "handle"},
    "lamp": {"base", "pole"},
    "laptop": {"keyboard", "screen"},
    "motorbike": {"seat", "wheel", "handle", "frame"},
    "mug": {"body"},
    "octopus": {"body", "leg"},
    "pistol": {"barrel", "handle", "trigger"},
    "pliers": {"jaw", "pivot", "handle"},
    "quadruped": {"torso", "head", "leg"},
    "rocket": {"body", "nose"},
    "scissors": {"blade", "handle", "screw"},
    "skateboard": {"wheel", "deck", "truck"},
    "suitcase": {"body", "handle"},
    "table": {"top", "leg"},
    "teddy": {"head", "torso", "hand", "leg"},
    "toaster": {"body", "slider"},
    "trashcan": {"body"},
    "vase": {"body"},
}
SEEDS = range(60)


@pytest.fixture(scope="module", params=CATEGORIES)
def shapes(request: pytest.FixtureRequest) -> list[LabelledMesh]:
    return [make(request.param, seed) for seed in SEEDS]


def doubled_areas(mesh: LabelledMesh) -> np.ndarray:
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1)


def samples(mesh: LabelledMesh, part: int, count: int) -> np.ndarray:
    """Points spread over the surface of one part. [count, 3]."""
    rng = np.random.default_rng(0)
    faces = mesh.face_label == part
    area = doubled_areas(mesh)[faces]
    corners = mesh.vertices[mesh.faces[faces][rng.choice(len(area), count, p=area / area.sum())]]
    weights = rng.dirichlet(np.ones(3), count)
    return (corners * weights[..., None]).sum(1)


def test_a_mug_is_a_body_with_a_handle_at_its_side():
    mug = make("mug", 0)
    assert mug.parts == ("body", "handle") == parts_of("mug")
    assert mug.category == "mug"
    body, handle = (mug.vertices[mug.faces[mug.face_label == part]] for part in (0, 1))
    assert handle[..., 0].max() > body[..., 0].max()


def test_types_are_the_promised_ones():
    mesh = make("table", 3)
    assert mesh.vertices.dtype == np.float32
    assert mesh.faces.dtype == np.int32
    assert mesh.face_label.dtype == np.int32


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_same_seed_gives_the_same_bytes(category):
    one, two = make(category, 11), make(category, 11)
    for name in ("vertices", "faces", "face_label"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_another_process_makes_the_same_bytes():
    code = (
        "import hashlib\n"
        "from pdengine.shapes import CATEGORIES, make\n"
        "for made in (make(category, 5) for category in CATEGORIES):\n"
        "    arrays = made.vertices, made.faces, made.face_label\n"
        "    print(hashlib.sha256(b''.join(a.tobytes() for a in arrays)).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1"}  # sets and names in another order
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    for category, theirs in zip(CATEGORIES, said.stdout.split(), strict=True):
        mesh = make(category, 5)
        arrays = mesh.vertices, mesh.faces, mesh.face_label
        assert hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest() == theirs, category


def test_fifty_shapes_a_second():
    """On one core, over all categories; bench/shapes.py has each of them on an idle machine."""
    seconds = []
    for category in CATEGORIES:
        for seed in range(2):
            times = []
            for _ in range(2):
                start = time.process_time()
                make(category, seed)
                times.append(time.process_time() - start)
            seconds.append(min(times))
    assert np.mean(seconds) < 1 / 50


def test_every_shape_says_its_style(shapes):
    styles = {mesh.style for mesh in shapes}
    assert len(styles) > 2
    assert all(styles)


def test_the_style_is_what_was_drawn_first():
    dice = Dice("chair", 0)
    assert (dice.style, dice.category) == ("", "chair")
    dice.weighted({3: 1.0})  # no name
    first = dice.weighted({"dining": 1.0, "office": 1.0})
    dice.weighted({"four": 1.0})
    assert dice.style == first
    assert {make("mug", seed).style for seed in range(40)} <= set(MUGS)


def test_different_seeds_give_different_shapes(shapes):
    assert len({mesh.vertices.tobytes() for mesh in shapes}) == len(shapes)


def test_every_index_and_label_is_in_range(shapes):
    for mesh in shapes:
        assert mesh.faces.shape == (len(mesh.face_label), 3)
        assert mesh.faces.min() >= 0
        assert mesh.faces.max() < len(mesh.vertices)
        assert mesh.face_label.min() >= 0
        assert mesh.face_label.max() < len(mesh.parts)


def test_the_longest_side_is_one_and_the_middle_is_the_origin(shapes):
    for mesh in shapes:
        assert np.isfinite(mesh.vertices).all()
        used = mesh.vertices[np.unique(mesh.faces)]
        # float32 rounding of the two ends of the box
        assert np.isclose(np.ptp(used, axis=0).max(), 1.0, atol=1e-6)
        assert np.allclose(used.min(0) + used.max(0), 0.0, atol=1e-6)


def test_hardly_a_face_is_without_area(shapes):
    for mesh in shapes:
        assert (doubled_areas(mesh) < 1e-10).mean() < 0.01


def test_a_mesh_is_fine_enough_for_normals_and_small_enough_for_speed(shapes):
    counts = [len(mesh.faces) for mesh in shapes]
    assert min(counts) >= 2000
    assert np.mean(counts) <= 20000


def test_faces_look_outwards(shapes):
    """Every part encloses a positive volume."""
    for mesh in shapes:
        a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
        volume = (a * np.cross(b, c)).sum(1)
        for part in np.unique(mesh.face_label):
            assert volume[mesh.face_label == part].sum() > 0


def test_every_part_appears_and_some_always_do(shapes):
    present = [{mesh.parts[k] for k in np.unique(mesh.face_label)} for mesh in shapes]
    category = shapes[0].category
    assert set.union(*present) == set(parts_of(category))
    assert set.intersection(*present) >= ALWAYS[category]
    assert all(mesh.parts == parts_of(category) for mesh in shapes)


def test_a_part_that_is_there_can_be_seen(shapes):
    for mesh in shapes:
        share = np.bincount(mesh.face_label, doubled_areas(mesh), len(mesh.parts))
        share /= share.sum()
        for part in np.unique(mesh.face_label):
            assert share[part] > 0.001, f"{mesh.parts[part]} has {share[part]:.4f} of the surface"


def test_parts_touch_the_rest_of_the_shape(shapes):
    for mesh in shapes[:20]:
        present = np.unique(mesh.face_label)
        clouds = {part: samples(mesh, part, 1500) for part in present}
        for part in present if len(present) > 1 else []:
            rest = np.concatenate([clouds[other] for other in present if other != part])
            gap = cKDTree(rest).query(clouds[part])[0].min()
            # 1500 points on a part lie at most a few hundredths apart
            assert gap < 0.03, f"{mesh.category}: {mesh.parts[part]} floats, gap {gap:.3f}"


@pytest.mark.parametrize("call", [lambda: make("spoon", 0), lambda: parts_of("spoon")])
def test_an_unknown_category_is_answered_with_the_known_ones(call):
    with pytest.raises(ValueError, match=r"airplane, .*, mug, .*, vase, got 'spoon'"):
        call()


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed must not be negative, got -1"):
        make("mug", -1)
