"""Scans: two squares a child can check, then what every effect promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from pdengine.errors import ConfigError, ShapeError
from pdengine.io import palette
from pdengine.shapes import LabelledMesh, make
from pdengine.shapes.one_side import EYE_DISTANCE
from pdengine.shapes.sampling import outside_holes
from pdengine.shapes.scan import LabelledCloud, ScanConfig, part_colours, scan

PARTS = ("left", "right")


def squares() -> LabelledMesh:
    """Two unit squares side by side in the plane z = 0; they face +z."""
    corners = [[-1, 0, 0], [0, 0, 0], [0, 1, 0], [-1, 1, 0], [1, 0, 0], [1, 1, 0]]
    faces = [[0, 1, 2], [0, 2, 3], [1, 4, 5], [1, 5, 2]]
    return LabelledMesh(
        np.array(corners, np.float32), np.array(faces, np.int32),
        np.array([0, 0, 1, 1], np.int32), PARTS, "squares",
    )  # fmt: skip


def cube() -> LabelledMesh:
    """A unit cube around the origin whose parts are its six sides."""
    x = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)]) - 0.5
    quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    faces = [triangle for a, b, c, d in quads for triangle in ([a, b, c], [a, c, d])]
    return LabelledMesh(
        x.astype(np.float32), np.array(faces, np.int32),
        np.repeat(np.arange(6, dtype=np.int32), 2), tuple("abcdef"), "cube",
    )  # fmt: skip


def flat(cloud: LabelledCloud) -> list[bytes]:
    arrays = (cloud.xyz, cloud.normals, cloud.label, cloud.colour, cloud.eye)
    return [b"" if a is None else a.tobytes() for a in arrays]


def test_a_point_has_the_part_of_the_square_it_lies_on():
    cloud = scan(squares(), ScanConfig(points=1000), 0)
    assert (cloud.label == (cloud.xyz[:, 0] > 0)).all()
    assert np.bincount(cloud.label).min() > 400
    assert (cloud.normals == [0, 0, 1]).all()
    assert cloud.colour is cloud.eye is None
    assert cloud.parts == PARTS


def test_types_are_the_promised_ones():
    cloud = scan(make("chair", 0), ScanConfig(points=50, one_side=True, colour="random"), 0)
    assert cloud.xyz.dtype == cloud.normals.dtype == np.float32
    assert cloud.label.dtype == np.int32
    assert cloud.colour is not None
    assert cloud.eye is not None
    assert cloud.colour.dtype == cloud.eye.dtype == np.float32
    assert cloud.xyz.shape == cloud.normals.shape == cloud.colour.shape == (50, 3)


@pytest.mark.parametrize("sigma", [0.001, 0.02])
def test_noise_has_the_deviation_that_was_asked_for(sigma):
    clean = scan(squares(), ScanConfig(points=20_000), 3)
    noisy = scan(squares(), ScanConfig(points=20_000, noise=sigma), 3)
    moved = noisy.xyz - clean.xyz
    # the deviation of n numbers is known to 1 / sqrt(2 n), here half a per cent
    assert np.abs(moved.std(0) / sigma - 1).max() < 0.025
    assert np.abs(moved.mean(0)).max() < 0.05 * sigma
    assert (noisy.label == clean.label).all()


def test_a_hole_takes_the_points_in_it_and_leaves_the_rest():
    whole = scan(squares(), ScanConfig(points=20_000), 1)
    holed = scan(squares(), ScanConfig(points=20_000, holes=4), 1)
    assert 0 < len(whole.xyz) - len(holed.xyz) < 4_000
    kept = {row.tobytes() for row in holed.xyz}
    gone = np.array([row for row in whole.xyz if row.tobytes() not in kept])
    assert len(gone) == len(whole.xyz) - len(holed.xyz)
    # what is gone lies in four balls: none of it is alone, and all of it is near a few centres
    tree, centres = cKDTree(gone), []
    left = np.ones(len(gone), bool)
    while left.any():
        centres.append(gone[left][0])
        left[tree.query_ball_point(centres[-1], 2 * 0.08)] = False
    assert len(centres) <= 4


def test_the_last_point_is_in_no_hole():
    xyz = np.zeros((5, 3))
    assert outside_holes(xyz, 3, (0.1, 0.2), np.random.default_rng(0)).all()


def test_a_camera_sees_at_most_three_sides_of_a_cube():
    for seed in range(10):
        cloud = scan(cube(), ScanConfig(points=3000, one_side=True), seed)
        assert len(cloud.xyz) == 3000
        assert len(np.unique(cloud.label)) <= 3
        assert cloud.eye is not None
        assert np.linalg.norm(cloud.eye) == pytest.approx(EYE_DISTANCE)
        assert (((cloud.eye - cloud.xyz) * cloud.normals).sum(1) > 0).all()
        assert (cloud.label == sides_of(cloud.xyz)).all()


def sides_of(xyz: np.ndarray) -> np.ndarray:
    """Which side of the cube a point lies on, in the order of its quads."""
    reach = np.stack([-xyz[:, 0], xyz[:, 0], -xyz[:, 1], xyz[:, 1], -xyz[:, 2], xyz[:, 2]])
    return reach.argmax(0)


def in_front(mesh: LabelledMesh, point: np.ndarray, eye: np.ndarray, gap: float) -> bool:
    """Whether the mesh stands between the eye and a point, by more than the gap (Moeller 1997)."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    away = np.linalg.norm(point - eye)
    ray = (point - eye) / away
    h, s = np.cross(ray, c - a), eye - a
    scale = ((b - a) * h).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.cross(s, b - a)
        u, v, t = (s * h).sum(1) / scale, q @ ray / scale, ((c - a) * q).sum(1) / scale
    return bool(((u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (t < away - gap)).any())


@pytest.mark.parametrize("category", ["chair", "lamp", "mug", "quadruped"])
def test_what_a_camera_sees_is_what_nothing_stands_in_front_of(category):
    mesh = make(category, 1)
    cloud = scan(mesh, ScanConfig(points=2000, one_side=True), 1)
    assert cloud.eye is not None
    eye, rng = cloud.eye.astype(float), np.random.default_rng(0)
    some = cloud.xyz[rng.choice(len(cloud.xyz), 150, replace=False)].astype(float)
    # discs leave a pinhole now and then
    assert np.mean([in_front(mesh, p, eye, 0.03) for p in some]) < 0.02
    # and of what is in plain sight, next to nothing is missing
    all_sides = scan(mesh, ScanConfig(points=4000), 1)
    ray = eye - all_sides.xyz
    facing = (ray * all_sides.normals).sum(1) / np.linalg.norm(ray, axis=1)
    plain = [p for p in all_sides.xyz[facing > 0.4][:200] if not in_front(mesh, p, eye, 0.002)]
    assert np.mean(cKDTree(cloud.xyz).query(plain)[0] < 0.06) > 0.95


@pytest.mark.parametrize(("height", "why"), [(-9, "it faces down"), (9, "it is out of sight")])
def test_a_shape_that_no_camera_sees_is_refused(height, why):
    corners = np.array([[0, height, 0], [1, height, 0], [0, height, 1]], np.float32)
    face, label = np.array([[0, 1, 2]], np.int32), np.zeros(1, np.int32)
    mesh = LabelledMesh(corners, face, label, PARTS, "tile")
    with pytest.raises(ShapeError, match="must have a face that the camera can see, got none"):
        scan(mesh, ScanConfig(one_side=True), 0)


def test_colours_are_the_parts_or_materials_of_the_parts():
    mesh = make("chair", 2)
    plain = scan(mesh, ScanConfig(points=4000, colour="parts"), 2)
    assert plain.colour is not None
    assert (np.rint(plain.colour * 255) == palette(4)[plain.label]).all()
    painted = scan(mesh, ScanConfig(points=4000, colour="random"), 2)
    assert painted.colour is not None
    assert painted.colour.min() >= 0
    assert painted.colour.max() <= 1
    table = part_colours(mesh, "random", 2)
    assert table is not None
    for part in np.unique(painted.label):
        rows = painted.colour[painted.label == part]
        assert 0 < rows.std(0).max() < 0.1
        assert np.abs(rows.mean(0) - table[part]).max() < 0.03
    assert (plain.xyz == painted.xyz).all()


def test_two_shapes_are_rarely_of_one_colour():
    tables = [part_colours(make("mug", seed), "random", seed) for seed in range(20)]
    assert len({table.tobytes() for table in tables if table is not None}) == 20


@pytest.mark.parametrize("category", ["airplane", "teddy"])
def test_labels_stay_with_their_points(category):
    mesh = make(category, 5)
    busy = ScanConfig(points=3000, one_side=True, holes=3, noise=0.001, colour="random")
    cloud = scan(mesh, busy, 5)
    whole = scan(mesh, ScanConfig(points=60_000), 6)
    near = cKDTree(whole.xyz).query(cloud.xyz, k=8)[1]
    # where two parts touch, the neighbours are of both
    assert (whole.label[near] == cloud.label[:, None]).any(1).mean() > 0.995


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    busy = ScanConfig(points=500, one_side=True, holes=2, noise=0.01, colour="random")
    mesh = make("table", 0)
    assert flat(scan(mesh, busy, 4)) == flat(scan(mesh, busy, 4))
    assert flat(scan(mesh, busy, 4)) != flat(scan(mesh, busy, 5))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"points": 0}, "points must be between 1 and 10,000,000, got 0"),
        ({"holes": -1}, "holes must be between 0 and 100, got -1"),
        ({"noise": 0.6}, r"noise must be in \[0, 0.5\], got 0.6"),
        ({"noise": float("nan")}, r"noise must be in \[0, 0.5\], got nan"),
        ({"colour": "red"}, "colour must be one of none, parts, random, got 'red'"),
    ],
)
def test_says_what_is_wrong(settings, message):
    with pytest.raises(ConfigError, match=message):
        ScanConfig(**settings)


def test_a_negative_seed_is_refused():
    with pytest.raises(ConfigError, match="seed must be at least 0, got -1"):
        scan(squares(), ScanConfig(), -1)
