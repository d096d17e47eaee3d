"""lift_pixels: the points of each region of a map of units."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.lift_pixels import lift_pixels

BACKENDS = ["cpu", "reference"]


def random_case(seed: int, views: int, points: int, layers: int, per_layer: int, size):
    """Points of which half are seen; each layer has its own units, mixed with background."""
    random = torch.Generator().manual_seed(seed)
    height, width = size
    pixel = torch.randint(0, height * width, (views, points), generator=random, dtype=torch.int32)
    seen = torch.rand(views, points, generator=random) < 0.5
    own = torch.randint(-1, per_layer, (layers, height, width), generator=random)
    first = torch.randperm(layers, generator=random)[:, None, None] * per_layer
    regions = torch.where(own >= 0, own + first, -1).to(torch.int32)
    view = torch.randint(0, views, (layers,), generator=random)
    return torch.where(seen, pixel, -1), regions, view, layers * per_layer


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_unit_calls_the_points_on_its_pixels(backend):
    pixel = torch.tensor([[0, 3, 3, -1, 2]], dtype=torch.int32)
    regions = torch.tensor([[[1, 0], [-1, 1]]], dtype=torch.int32)
    offsets, point = lift_pixels(pixel, regions, torch.tensor([0]), 3, backend=backend)
    assert offsets.tolist() == [0, 0, 3, 3]
    assert point.tolist() == [0, 1, 2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_masks_that_overlap_are_a_layer_each(backend):
    pixel = torch.tensor([[0, 1], [1, -1]], dtype=torch.int32)
    regions = torch.tensor([[[2, 2]], [[0, -1]], [[1, 1]]], dtype=torch.int32)
    offsets, point = lift_pixels(pixel, regions, torch.tensor([0, 0, 1]), 3, backend=backend)
    assert offsets.tolist() == [0, 1, 2, 4]
    assert point.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("views", "points", "layers", "per_layer", "size"),
    [
        *((1, 1, 1, 1, (1, 1)), (2, 7, 3, 2, (3, 5)), (3, 1000, 20, 1, (17, 31))),
        *((5, 333, 1, 40, (64, 48)), (2, 70_001, 4, 9, (40, 40))),
    ],
)
def test_matches_reference(backend, views, points, layers, per_layer, size):
    case = random_case(points, views, points, layers, per_layer, size)
    offsets, point = lift_pixels(*case, backend=backend)
    expected_offsets, expected_point = lift_pixels(*case, backend="reference")
    assert torch.equal(offsets, expected_offsets)
    assert torch.equal(point, expected_point)
    assert offsets.dtype == point.dtype == torch.int64


def test_any_number_of_threads_gives_the_same_rows():
    case = random_case(0, 4, 300_000, 7, 5, (64, 64))
    found = []
    for threads in (1, 2, 3):
        set_thread_limit(threads)
        found.append(lift_pixels(*case))
    set_thread_limit(None)
    for offsets, point in found[1:]:
        assert torch.equal(offsets, found[0][0])
        assert torch.equal(point, found[0][1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_strides_of_the_input_do_not_matter(backend):
    pixel, regions, view, count = random_case(1, 3, 100, 4, 3, (9, 7))
    offsets, point = lift_pixels(
        pixel.t().contiguous().t(),
        regions.transpose(0, 2).contiguous().transpose(0, 2),
        torch.stack([view, view], 1)[:, 0],
        count,
        backend=backend,
    )
    expected = lift_pixels(pixel, regions, view, count)
    assert torch.equal(offsets, expected[0])
    assert torch.equal(point, expected[1])


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize(
    ("views", "points", "layers", "count"),
    [(2, 0, 3, 4), (2, 5, 0, 4), (0, 5, 0, 0), (0, 0, 0, 3), (2, 0, 2, 0)],
)
def test_empty_inputs_call_nothing(backend, views, points, layers, count):
    offsets, point = lift_pixels(
        torch.zeros(views, points, dtype=torch.int32),
        torch.zeros(layers, 4, 4, dtype=torch.int32),
        torch.zeros(layers).long(),
        count,
        backend=backend,
    )
    assert torch.equal(offsets, torch.zeros(count + 1).long())
    assert torch.equal(point, torch.zeros(0).long())


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_units_on_a_seen_point_call_nothing(backend):
    pixel = torch.zeros(1, 3, dtype=torch.int32)
    regions = torch.full((1, 2, 2), -1, dtype=torch.int32)
    offsets, point = lift_pixels(pixel, regions, torch.tensor([0]), 0, backend=backend)
    assert offsets.tolist() == [0]
    assert point.tolist() == []


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_unit_in_two_layers_is_refused(backend, threads):
    set_thread_limit(threads)
    pixel = torch.arange(4, dtype=torch.int32).repeat(2, 100_000)
    regions = torch.tensor([[[5, 1], [2, 3]], [[4, 3], [2, -1]]], dtype=torch.int32)
    message = "regions must have each unit in one layer, unit 2 is in several"
    with pytest.raises(ValueError, match=message):
        lift_pixels(pixel, regions, torch.tensor([0, 1]), 6, backend=backend)
    set_thread_limit(None)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("bad", "found"), [(6, "-1 to 6"), (-2, "-2 to 3"), (2**31 - 1, "-1 to")])
def test_an_id_outside_its_range_is_refused_where_points_see_it(backend, bad, found):
    pixel = torch.tensor([[0, 1]], dtype=torch.int32)
    regions = torch.tensor([[[3, bad]]], dtype=torch.int32)
    with pytest.raises(ValueError, match=rf"regions must be in \[-1, 6\) .*, got {found}"):
        lift_pixels(pixel, regions, torch.tensor([0]), 6, backend=backend)
    unseen = lift_pixels(pixel[:, :1], regions, torch.tensor([0]), 6, backend=backend)
    assert unseen[1].tolist() == [0]


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"pixel": torch.zeros(5).int()}, ValueError, r"pixel must be \[V, N\], got \[5\]"),
        ({"pixel": torch.zeros(2, 5)}, TypeError, "pixel must be int32, got float32"),
        ({"pixel": torch.full((2, 5), 16).int()}, ValueError, r"pixel must be in \[-1, 16\)"),
        ({"regions": torch.zeros(4, 4).int()}, ValueError, r"regions must be \[L, H, W\], got"),
        ({"regions": torch.zeros(3, 4, 4)}, TypeError, "regions must be int32, got float32"),
        ({"regions": torch.zeros(3, 4, 0).int()}, ValueError, r"size must be .*, got \(4, 0\)"),
        ({"view": torch.zeros(2).long()}, ValueError, r"view must be \[L\] with L=3, got \[2\]"),
        ({"view": torch.tensor([0, -1, 1])}, ValueError, r"view must be in \[0, 2\), got -1 to 1"),
        ({"view": torch.zeros(3).int()}, TypeError, "view must be int64, got int32"),
        ({"view": torch.zeros(3, device="meta").long()}, ValueError, "must be on one device"),
        ({"count": -1}, ValueError, "count must be at least 0, got -1"),
        ({"backend": "gpu"}, ValueError, "must be one of cpu, triton, reference, got 'gpu'"),
    ],
)
def test_says_what_is_wrong(changed, error, message):
    arguments = {
        "pixel": torch.zeros(2, 5, dtype=torch.int32),
        "regions": torch.full((3, 4, 4), -1, dtype=torch.int32),
        "view": torch.zeros(3).long(),
        "count": 2,
    }
    with pytest.raises(error, match=message):
        lift_pixels(**{**arguments, **changed})
