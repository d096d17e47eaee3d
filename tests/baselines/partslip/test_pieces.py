"""The superpoints that vote: near points of like normal and colour."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pdengine.baselines import pieces
from pdengine.baselines.partslip.pieces import _joined
from pdengine.errors import ConfigError
from pdengine.io import cloud_from_arrays, mesh_from_arrays, sample_mesh
from pdengine.published import SuperpointConfig
from pdengine.shapes import make
from pdengine.types import PointCloud

HERE = importlib.util.find_spec("cut_pursuit_py") is not None
needs_cut_pursuit = pytest.mark.skipif(not HERE, reason="cut-pursuit-py has no wheel here")
USUAL = SuperpointConfig().regularisation
METHODS = ["merging", pytest.param("cut-pursuit", marks=needs_cut_pursuit)]


def sheet(side: int, axis: int) -> Tensor:
    """A square of side x side points, 1 apart, that an axis stands upright on. [side^2, 3]."""
    flat = torch.cartesian_prod(torch.arange(float(side)), torch.arange(float(side)))
    columns = list(flat.unbind(1))
    columns.insert(axis, torch.zeros(side * side))
    return torch.stack(columns, 1)


@pytest.mark.parametrize("method", METHODS)
def test_a_floor_and_a_wall_are_two_pieces(method: str) -> None:
    wall = sheet(12, axis=0) - torch.tensor([1.0, 0, -1])  # 1 beside the floor and 1 above it
    normals = torch.eye(3)[[2] * 144 + [0] * 144]
    room = cloud_from_arrays(torch.cat([sheet(12, axis=2), wall]), normals=normals)
    found = pieces(room, SuperpointConfig(method=method))
    assert found.dtype == torch.int64
    assert found.tolist() == [0] * 144 + [1] * 144


@pytest.mark.parametrize("method", METHODS)
def test_two_colours_on_one_floor_are_two_pieces(method: str) -> None:
    place = sheet(14, axis=2)
    colour = torch.zeros(len(place), 3)
    colour[place[:, 0] >= 7] = 1
    found = pieces(cloud_from_arrays(place, colour), SuperpointConfig(method=method))
    assert torch.equal(found, (place[:, 0] >= 7).long())


def test_a_sheet_whose_normals_are_estimated_is_one_piece_with_both_sides() -> None:
    # Two sheets so near that a neighbourhood may hold both; the signs of their normals are random.
    thin = torch.cat([sheet(15, axis=1), sheet(15, axis=1) + torch.tensor([0, 0.5, 0])])
    found = pieces(cloud_from_arrays(thin), SuperpointConfig())
    assert found.unique().tolist() == [0]


def test_the_sign_of_a_clouds_own_normals_counts() -> None:
    thin = cloud_from_arrays(torch.cat([sheet(15, axis=1), sheet(15, axis=1) + 0.5]))
    up = torch.tensor([[0.0, 1, 0]]).expand(225, 3)
    both = replace(thin, normals=torch.cat([-up, up]))
    assert len(pieces(both, SuperpointConfig()).unique()) == 2


def shape(category: str, points: int) -> tuple[PointCloud, Tensor]:
    """A generated shape, and the part of each point."""
    made = make(category, 3)
    sampled = sample_mesh(mesh_from_arrays(made.vertices, made.faces), points, 0)
    return sampled.cloud, torch.from_numpy(made.face_label).long()[sampled.face]


def purity(piece: Tensor, part: Tensor) -> float:
    """The share of points whose part is the most frequent one of their piece."""
    table = torch.zeros(int(piece.max()) + 1, int(part.max()) + 1)
    table.index_put_((piece, part), torch.ones(len(part)), accumulate=True)
    return float(table.amax(1).sum() / len(part))


def no_more_than(most: int, cloud: PointCloud) -> Tensor:
    """Our pieces of a cloud, so coarse that there are at most so many."""
    for factor in (1, 2, 4, 8, 16, 32):
        found = pieces(cloud, SuperpointConfig(regularisation=factor * USUAL))
        if int(found.max()) < most:
            return found
    raise AssertionError(f"never as few as {most}")


@needs_cut_pursuit
def test_in_no_more_pieces_our_partition_is_purer_than_cut_pursuits() -> None:
    scores = []
    for category in ("chair", "table", "mug", "lamp", "airplane"):
        cloud, part = shape(category, 5000)
        cloud = replace(cloud, normals=None)  # as a scan has none
        theirs = pieces(cloud, SuperpointConfig(method="cut-pursuit"))
        ours = no_more_than(len(theirs.unique()), cloud)
        scores.append((purity(ours, part), purity(theirs, part)))
    mean, of_theirs = torch.tensor(scores).mean(0).tolist()
    assert mean >= of_theirs


@needs_cut_pursuit
@pytest.mark.parametrize("own_normals", [True, False])
def test_our_partition_is_as_pure_as_cut_pursuits(own_normals: bool) -> None:
    cloud, part = shape("chair", 5000)
    cloud = cloud if own_normals else replace(cloud, normals=None)
    ours, theirs = (pieces(cloud, SuperpointConfig(method=m)) for m in ("merging", "cut-pursuit"))
    for found in (ours, theirs):
        assert found.bincount().min() >= 11
        assert purity(found, part) > 0.9
    assert purity(ours, part) >= purity(theirs, part)
    # A hundred times the energy of a border leaves the chair in a few pieces, for both.
    coarse = [
        pieces(cloud, SuperpointConfig(m, regularisation=100)) for m in ("merging", "cut-pursuit")
    ]
    assert max(len(found.unique()) for found in coarse) <= 3


@pytest.mark.parametrize("method", METHODS)
def test_pieces_are_numbered_in_the_order_of_their_first_points(method: str) -> None:
    found = pieces(shape("chair", 2000)[0], SuperpointConfig(method=method))
    first = [found.tolist().index(piece) for piece in range(int(found.max()) + 1)]
    assert first == sorted(first)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_cloud_gives_the_same_pieces(method: str) -> None:
    cloud, _ = shape("chair", 2000)
    bare = replace(cloud, normals=None)
    config = SuperpointConfig(method=method)
    assert torch.equal(pieces(bare, config), pieces(bare, config))


def test_a_small_component_joins_the_large_one_nearest_to_its_first_point() -> None:
    x = torch.tensor([0.0, 1, 2, 3, 5, 6, 7, 8, 9])
    xyz = torch.stack([x, torch.zeros(9), torch.zeros(9)], 1)
    piece = torch.tensor([0, 0, 0, 1, 2, 3, 3, 3, 3])
    assert _joined(xyz, piece, 3).tolist() == [0, 0, 0, 0, 3, 3, 3, 3, 3]
    assert _joined(xyz, piece, 1).tolist() == piece.tolist()
    assert _joined(xyz, piece, 9).tolist() == piece.tolist()  # nobody is large


@pytest.mark.parametrize("method", METHODS)
def test_few_points_are_one_piece_and_none_are_none(method: str) -> None:
    config = SuperpointConfig(method=method)
    assert pieces(cloud_from_arrays(torch.rand(1, 3)), config).tolist() == [0]
    assert pieces(cloud_from_arrays(torch.rand(2, 3)), config).tolist() == [0, 0]
    cloud = cloud_from_arrays(torch.rand(2, 3))
    none = replace(cloud, xyz=cloud.xyz[:0], rows=cloud.rows[:0])
    assert pieces(none, config).shape == (0,)


def test_a_missing_package_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cut_pursuit_py", None)
    cloud = cloud_from_arrays(torch.rand(30, 3))
    with pytest.raises(ConfigError, match="needs cut-pursuit-py; pip install cut-pursuit-py"):
        pieces(cloud, SuperpointConfig(method="cut-pursuit"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "voxels"}, "method must be one of merging, cut-pursuit, got 'voxels'"),
        ({"neighbours": 0}, "neighbours must be between 1 and 100, got 0"),
        ({"normal_neighbours": 2}, "normal_neighbours must be between 3 and 1000, got 2"),
        ({"regularisation": 0.0}, r"regularisation must be in \(0, 1e6\], got 0.0"),
        ({"smallest": 0}, "smallest must be at least 1, got 0"),
    ],
)
def test_says_what_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SuperpointConfig(**change)  # type: ignore[arg-type]
