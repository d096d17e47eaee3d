"""superpoints: a cloud in connected pieces of like normal and colour."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pdengine.io import mesh_from_arrays, sample_mesh
from pdengine.kernels import set_thread_limit
from pdengine.kernels.knn import knn
from pdengine.kernels.superpoints import superpoints
from pdengine.kernels.superpoints.op import alike
from pdengine.shapes import make


def cloud(count: int, seed: int = 0) -> Tensor:
    return torch.rand(count, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def unit(vectors: Tensor) -> Tensor:
    return torch.nn.functional.normalize(vectors + 1e-6, dim=1)


def shape(category: str, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Points of a generated shape, their normals and their parts."""
    made = make(category, 0)
    mesh = mesh_from_arrays(made.vertices, made.faces.astype("int64"))
    sampled = sample_mesh(mesh, count, 0)
    a, b, c = torch.from_numpy(made.vertices).float()[mesh.faces[sampled.face]].unbind(1)
    normal = unit(torch.linalg.cross(b - a, c - a))
    return sampled.cloud.xyz, normal, torch.as_tensor(made.face_label)[sampled.face].long()


def lattice(side: int) -> Tensor:
    """A square of points one apart: every distance is tied."""
    grid = torch.arange(side).float()
    return torch.cartesian_prod(grid, grid, torch.zeros(1))


def pure(label: Tensor, part: Tensor) -> float:
    """The share of points whose piece is mostly of their part."""
    table = torch.zeros(int(label.max()) + 1, int(part.max()) + 1)
    table.index_put_((label, part), torch.ones(len(part)), accumulate=True)
    return float(table.max(1).values.sum() / len(part))


def test_a_roof_has_two_sides(backend: str) -> None:
    place = torch.tensor([[x, 0.0, 0.0] for x in range(8)])
    normal = torch.tensor([[-0.6, 0, 0.8]] * 4 + [[0.6, 0, 0.8]] * 4)
    found = superpoints(place, normal, graph=2, smallest=1, backend=backend)
    assert found.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    # the same roof without a ridge worth its cost
    whole = superpoints(place, normal, graph=2, regularisation=1000, smallest=1, backend=backend)
    assert whole.tolist() == [0] * 8


def test_pieces_are_numbered_in_the_order_of_their_first_points(backend: str) -> None:
    place = torch.tensor([[9.0, 0, 0], [0, 0, 0], [9, 1, 0], [5, 5, 5], [0, 1, 0], [5, 5, 6]])
    found = superpoints(place, graph=1, smallest=1, backend=backend)
    assert found.tolist() == [0, 1, 0, 2, 1, 2]


def test_small_pieces_join_a_neighbour_and_stay_where_there_is_none(backend: str) -> None:
    place = torch.tensor([[x, 0.0, 0.0] for x in range(12)] + [[99.0, 0, 0], [99, 1, 0]])
    colour = torch.zeros(14, 3)
    colour[4] = colour[13] = 1
    graph = torch.tensor([[max(i - 1, 0)] for i in range(12)] + [[13], [12]])
    weak = {"colours": colour, "graph": graph, "regularisation": 0.01, "backend": backend}
    assert superpoints(place, smallest=1, **weak).tolist() == [0] * 4 + [1] + [2] * 7 + [3, 4]
    joined = superpoints(place, smallest=4, **weak)
    assert len(joined.unique()) == 3  # the lone pair has nobody else
    assert joined[12] == joined[13] == 2


def test_without_features_the_pieces_are_the_connected_parts(backend: str) -> None:
    place = torch.cat([cloud(60), cloud(50, seed=1) + 50])
    found = superpoints(place, smallest=1, backend=backend)
    assert found.tolist() == [0] * 60 + [1] * 50


def test_axes_do_not_know_a_sign(backend: str) -> None:
    place, normal = cloud(200), torch.nn.functional.normalize(cloud(200, seed=2), dim=1)
    flipped = normal * torch.randint(2, (200, 1), generator=torch.Generator().manual_seed(0)) * 2
    flipped -= normal
    assert not torch.equal(flipped, normal)
    weak = {"regularisation": 0.3, "smallest": 1, "backend": backend}
    as_axes = superpoints(place, normal, oriented=False, **weak)
    assert len(as_axes.unique()) > 10
    assert torch.equal(superpoints(place, flipped, oriented=False, **weak), as_axes)
    assert not torch.equal(superpoints(place, flipped, **weak), superpoints(place, normal, **weak))


def test_axes_are_as_far_apart_as_the_sine_of_their_angle() -> None:
    angle = torch.deg2rad(torch.tensor([0.0, 1, 30, 90, 150, 180]))
    turned = torch.stack([angle.cos(), angle.sin(), torch.zeros(6)], 1)
    axes = alike(turned, None, oriented=False)
    assert axes is not None
    # The mixed products stand once for twice their share: a distance in the six columns is that of
    # the nine of n n^T / sqrt 2.
    assert torch.allclose((axes - axes[:1]).norm(dim=1), angle.sin(), atol=3e-7)


def connected(label: Tensor, graph: Tensor) -> bool:
    """Every piece is one part of the graph of its own edges."""
    own = torch.arange(len(label))
    source = own.repeat_interleave(graph.shape[1])
    target = graph.flatten()
    inside = label[source] == label[target]
    source, target = source[inside], target[inside]
    while True:
        low = torch.minimum(own[source], own[target])
        spread = own.scatter_reduce(0, source, low, "amin").scatter_reduce(0, target, low, "amin")
        if torch.equal(spread, own):
            return len(own.unique()) == int(label.max()) + 1
        own = spread


# Their parts end in creases; a quadruped's thigh may end on its smooth flank.
@pytest.mark.parametrize("category", ["chair", "ant", "mug"])
def test_pieces_are_connected_large_enough_and_on_one_part(category: str) -> None:
    place, normal, part = shape(category, 4000)
    graph = knn(place, place, 11)[0]
    found = superpoints(place, normal, graph=graph)
    assert connected(found, graph)
    size = found.bincount()
    assert size.min() >= 11
    assert 20 < len(size) < 400
    assert pure(found, part) > 0.9
    fewer = superpoints(place, normal, graph=graph, regularisation=5)
    assert int(fewer.max()) < int(found.max())
    assert torch.equal(superpoints(place, normal), found)  # k 10 is this graph


@pytest.mark.parametrize("category", ["table", "motorbike"])
def test_the_energy_is_not_above_that_of_the_parts(category: str) -> None:
    """Merging is greedy, and still ends below what the true parts cost."""
    place, normal, part = shape(category, 3000)
    graph = knn(place, place, 11)[0]
    found = superpoints(place, normal, graph=graph, smallest=1)
    assert energy(place, normal, graph, found) < energy(place, normal, graph, part)


def energy(place: Tensor, normal: Tensor, graph: Tensor, label: Tensor) -> float:
    def relative(values: Tensor) -> Tensor:
        length = (values[:, None] - values[graph]).norm(dim=2)
        return length / length[graph != own].mean()

    own = torch.arange(len(place))[:, None]
    weight = (1 + relative(place) + relative(normal)) ** -2
    size = label.bincount().clamp(min=1)
    mean = torch.zeros(len(size), 3).index_add_(0, label, normal) / size[:, None]
    cut = weight[label[:, None] != label[graph]].sum()
    return float((normal - mean[label]).square().sum() + cut)


SCENES = {
    "chair": shape("chair", 1500)[:2],
    "airplane": shape("airplane", 1200)[:2],
    "noise": (cloud(900), unit(cloud(900, seed=3))),
    "coloured": (cloud(700), unit(cloud(700, seed=3)).round(), cloud(700, seed=4).abs().round()),
    "colour alone": (cloud(600), None, cloud(600, seed=4).abs()),
    "bare": (cloud(500),),
    "lattice": (lattice(24), None, (lattice(24) > 11).float()),
    "a plane": (cloud(800) * torch.tensor([1.0, 1, 0]), torch.tensor([[0.0, 0, 1]]).expand(800, 3)),
    "all equal": (torch.full((80, 3), 0.25), unit(cloud(80))),
    "twice each": (cloud(200).repeat(2, 1), unit(cloud(200)).repeat(2, 1)),
    "two clusters": (torch.cat([cloud(300) * 1e-4, cloud(300) + 100]), unit(cloud(600, seed=1))),
    "one far point": (torch.cat([cloud(300), torch.tensor([[1e17, -1e17, 5.0]])]), None),
    "tiny": (cloud(300) * 1e-30, unit(cloud(300))),
    "axes": (cloud(700), unit(cloud(700, seed=3)).round()),
    "coloured axes": (cloud(700), unit(cloud(700, seed=3)).round(), cloud(700, seed=4).abs()),
    "three": (cloud(3), unit(cloud(3))),
    "one": (cloud(1), unit(cloud(1))),
}
TURNED = {"axes", "coloured axes"}  # whose normals count as axes


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize(
    ("k", "regularisation", "smallest"), [(10, 1.0, 11), (4, 0.02, 1), (17, 30.0, 40)]
)
def test_matches_reference(
    name: str, k: int, regularisation: float, smallest: int, backend: str
) -> None:
    settings = {"graph": k, "regularisation": regularisation, "smallest": smallest}
    settings["oriented"] = name not in TURNED
    truth = superpoints(*SCENES[name], **settings, backend="reference")
    try:
        for threads in (1, 2, 5):
            set_thread_limit(threads)
            assert torch.equal(superpoints(*SCENES[name], **settings, backend=backend), truth)
    finally:
        set_thread_limit(None)


@pytest.mark.parametrize("seed", range(8))
def test_any_graph_will_do(seed: int, backend: str) -> None:
    """Rows that list a point twice, or themselves, or nobody back."""
    dice = torch.Generator().manual_seed(seed)
    count, k = 40 * (seed + 1), seed + 1
    graph = torch.randint(count, (count, k), generator=dice)
    graph[::3] = graph[::3, :1]
    graph[::5] = torch.arange(count)[::5, None]
    scene = (cloud(count, seed), unit(cloud(count, seed + 50)))
    for regularisation in (0.1, 2.0):
        settings = {"graph": graph, "regularisation": regularisation, "smallest": 4}
        truth = superpoints(*scene, **settings, backend="reference")
        assert torch.equal(superpoints(*scene, **settings, backend=backend), truth)


def test_many_edges_between_two_pieces(backend: str) -> None:
    """90,000, whose weight is past 31 bits."""
    side = 300
    own = torch.arange(side)[:, None]
    ring = torch.cat([(own + 1) % side, (own - 1) % side], 1)
    every = torch.arange(side).expand(side, -1)
    graph = torch.cat([torch.cat([ring, every + side], 1), torch.cat([ring + side, every], 1)])
    normal = torch.eye(3)[[0] * side + [1] * side]
    settings = {"graph": graph, "regularisation": 1e-3, "smallest": 1}
    found = superpoints(torch.zeros(2 * side, 3), normal, **settings, backend=backend)
    assert found.tolist() == [0] * side + [1] * side


def test_an_edge_listed_many_times(backend: str) -> None:
    """42,000 times, which is past 31 bits too."""
    graph = torch.tensor([[1], [0], [3], [2]]).expand(-1, 21_000).contiguous()
    normal = torch.tensor([[1.0, 0, 0], [0.995, 0.1, 0], [0, 0, 1], [0, 0, -1]])
    for regularisation, pieces in ((1e-6, [0, 0, 1, 2]), (1e-7, [0, 1, 2, 3])):
        found = superpoints(
            torch.zeros(4, 3), normal, graph=graph, regularisation=regularisation, smallest=1,
            backend=backend,
        )  # fmt: skip
        assert found.tolist() == pieces


def test_any_number_of_threads_finds_the_same() -> None:
    place, normal, _ = shape("chair", 30_000)
    found = []
    try:
        for threads in (1, 2, 3, 7):
            set_thread_limit(threads)
            found.append(superpoints(place, normal))
    finally:
        set_thread_limit(None)
    assert all(torch.equal(other, found[0]) for other in found[1:])


def test_strided_inputs(backend: str) -> None:
    place, normal = cloud(400).T.contiguous().T, unit(cloud(400, seed=1))
    both = torch.stack([normal, normal], 2)[..., 0]
    assert not place.is_contiguous()
    assert not both.is_contiguous()
    found = superpoints(place, both, backend=backend)
    assert torch.equal(found, superpoints(place.contiguous(), normal, backend=backend))


def test_no_point_no_piece(backend: str) -> None:
    none = torch.zeros(0, 3)
    assert superpoints(none, none, none, backend=backend).tolist() == []
    graph = torch.zeros(0, 4, dtype=torch.int64)
    assert superpoints(none, graph=graph, backend=backend).dtype == torch.int64


def test_a_graph_without_neighbours(backend: str) -> None:
    graph = torch.zeros(5, 0, dtype=torch.int64)
    assert superpoints(cloud(5), graph=graph, backend=backend).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"positions": cloud(5)[:, :2]}, ValueError, r"positions must be \[N, 3\], got \[5, 2\]"),
        ({"positions": cloud(5).double()}, TypeError, "positions must be float32, got float64"),
        ({"positions": cloud(5) * torch.nan}, ValueError, "positions must be in .* got nan to nan"),
        ({"positions": cloud(5) * 1e30}, ValueError, r"positions must be in \[-1e\+18, 1e\+18\]"),
        ({"normals": cloud(4)}, ValueError, r"normals must be \[N, 3\] with N=5, got \[4, 3\]"),
        ({"normals": cloud(5) / 0}, ValueError, r"normals must be in \[-1.001, 1.001\], got"),
        ({"colours": cloud(5) + 255}, ValueError, r"colours must be in \[0, 1\], got"),
        ({"colours": torch.ones(5, 3).byte()}, TypeError, "colours must be float32, got uint8"),
        ({"graph": 0}, ValueError, r"graph must be \[N, k\] or at least 1, got 0"),
        ({"graph": torch.zeros(4, 2).long()}, ValueError, r"graph must be \[N, k\] with N=5"),
        ({"graph": torch.zeros(5, 2).int()}, TypeError, "graph must be int64, got int32"),
        ({"graph": torch.full((5, 2), 5)}, ValueError, r"graph must be in \[0, 5\), got 5 to 5"),
        ({"regularisation": 0.0}, ValueError, "regularisation must be positive and finite, got 0"),
        ({"regularisation": torch.nan}, ValueError, "regularisation must be positive and finite"),
        ({"smallest": 0}, ValueError, "smallest must be at least 1, got 0"),
        ({"backend": "fast"}, ValueError, "backend must be one of cpu, reference"),
    ],
)
def test_says_what_is_wrong(change, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        superpoints(**({"positions": cloud(5), "graph": 2} | change))
