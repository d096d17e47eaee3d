"""lift_boxes: the points inside each box."""

from __future__ import annotations

import pytest
import torch

from pdengine.kernels import set_thread_limit
from pdengine.kernels.lift_boxes import lift_boxes

BACKENDS = ["cpu", "reference"]


def random_case(seed: int, views: int, points: int, boxes: int, size: tuple[int, int]):
    """Points of which half are seen, and boxes that reach over the edges of the image."""
    random = torch.Generator().manual_seed(seed)
    height, width = size
    pixel = torch.randint(0, height * width, (views, points), generator=random, dtype=torch.int32)
    seen = torch.rand(views, points, generator=random) < 0.5
    corner = torch.rand(boxes, 2, 2, generator=random) * 1.4 - 0.2
    corner = (corner * torch.tensor([width, height])).sort(dim=1).values
    # Half of the corners lie exactly on pixel centres or edges, where rounding would show.
    exact = torch.rand(boxes, 2, 2, generator=random) < 0.5
    corner = torch.where(exact, (corner * 2).round() / 2, corner)
    view = torch.randint(0, views, (boxes,), generator=random)
    return torch.where(seen, pixel, -1), corner.reshape(boxes, 4), view, size


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_box_calls_the_points_inside(backend):
    #  A 2 x 3 image with one point per pixel, and a point that is not seen.
    pixel = torch.tensor([[0, 1, 2, 3, 4, 5, -1]], dtype=torch.int32)
    left, bottom = [0.0, 0.0, 1.0, 2.0], [0.0, 1.0, 3.0, 2.0]
    offsets, point = lift_boxes(
        pixel, torch.tensor([left, bottom]), torch.tensor([0, 0]), (2, 3), backend=backend
    )
    assert offsets.tolist() == [0, 2, 5]
    assert point.tolist() == [0, 3, 3, 4, 5]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_pixel_centre_on_the_border_is_inside(backend):
    pixel = torch.tensor([[0, 1, 2]], dtype=torch.int32)
    above = float(torch.nextafter(torch.tensor(0.5), torch.tensor(1.0)))
    below = float(torch.nextafter(torch.tensor(2.5), torch.tensor(0.0)))
    boxes = torch.tensor([[0.5, 0.5, 2.5, 0.5], [above, 0.0, below, 1.0]])
    offsets, point = lift_boxes(pixel, boxes, torch.zeros(2).long(), (1, 3), backend=backend)
    assert offsets.tolist() == [0, 3, 4]
    assert point.tolist() == [0, 1, 2, 1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_box_asks_its_own_view(backend):
    pixel = torch.tensor([[0, -1], [-1, 0], [0, 0]], dtype=torch.int32)
    boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).repeat(3, 1)
    offsets, point = lift_boxes(pixel, boxes, torch.tensor([1, 2, 0]), (1, 1), backend=backend)
    assert offsets.tolist() == [0, 1, 3, 4]
    assert point.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_odd_boxes_call_nothing_or_everything(backend):
    nan, inf = torch.nan, torch.inf
    pixel = torch.arange(12, dtype=torch.int32)[None]
    boxes = torch.tensor(
        [
            *([nan, 0, 4, 3], [0, 0, 4, nan], [3, 0, 1, 3], [0, 2, 4, 1], [5, 0, 9, 3]),
            *([-9, -9, -1, -1], [0.6, 0, 1.4, 3], [-1e30, -1e30, 1e30, 1e30]),
            *([-inf, -inf, inf, inf], [inf, 0, inf, 3], [-inf, 0, -inf, 3]),
        ]
    )
    view = torch.zeros(len(boxes)).long()
    offsets, _ = lift_boxes(pixel, boxes, view, (3, 4), backend=backend)
    assert offsets.diff().tolist() == [0, 0, 0, 0, 0, 0, 0, 12, 12, 0, 0]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("views", "points", "boxes", "size"),
    [
        *((1, 1, 1, (1, 1)), (2, 7, 3, (3, 5)), (3, 1000, 20, (17, 31)), (5, 333, 1, (64, 48))),
        *((2, 70_000, 5, (40, 40)), (1, 500, 30, (16384, 3)), (1, 500, 30, (7, 16384))),
    ],
)
def test_matches_reference(backend, views, points, boxes, size):
    case = random_case(points, views, points, boxes, size)
    offsets, point = lift_boxes(*case, backend=backend)
    expected_offsets, expected_point = lift_boxes(*case, backend="reference")
    assert torch.equal(offsets, expected_offsets)
    assert torch.equal(point, expected_point)
    assert offsets.dtype == point.dtype == torch.int64


def test_every_pixel_of_the_largest_images_has_its_row_and_column():
    # The last and first pixels of rows are where a rounded division would go wrong.
    for width in (16384, 16383, 12289, 3):
        row = torch.tensor([0, 1, 8191, 8192, 16382, 16383])
        pixel = torch.cat([row * width, row * width + width - 1]).to(torch.int32)[None]
        edges = torch.tensor([[0.0, 0.0, 1.0, 16384.0], [width - 1.0, 0.0, width, 16384.0]])
        case = (pixel, edges, torch.zeros(2).long(), (16384, width))
        assert torch.equal(
            lift_boxes(*case, backend="cpu")[1], lift_boxes(*case, backend="reference")[1]
        )
        assert lift_boxes(*case, backend="cpu")[1].tolist() == list(range(12))


def test_any_number_of_threads_gives_the_same_rows():
    case = random_case(0, 4, 300_000, 23, (128, 128))
    found = []
    for threads in (1, 2, 3):
        set_thread_limit(threads)
        found.append(lift_boxes(*case))
    set_thread_limit(None)
    for offsets, point in found[1:]:
        assert torch.equal(offsets, found[0][0])
        assert torch.equal(point, found[0][1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_strides_and_gradients_of_the_input_do_not_matter(backend):
    pixel, boxes, view, size = random_case(1, 3, 100, 8, (9, 9))
    offsets, point = lift_boxes(
        pixel.t().contiguous().t(),
        boxes.t().contiguous().t().requires_grad_(),
        torch.stack([view, view], 1)[:, 0],
        size,
        backend=backend,
    )
    expected = lift_boxes(pixel, boxes, view, size)
    assert torch.equal(offsets, expected[0])
    assert torch.equal(point, expected[1])


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize(("views", "points", "boxes"), [(2, 0, 3), (2, 5, 0), (0, 5, 0), (0, 0, 0)])
def test_empty_inputs_call_nothing(backend, views, points, boxes):
    offsets, point = lift_boxes(
        torch.zeros(views, points, dtype=torch.int32),
        torch.zeros(boxes, 4),
        torch.zeros(boxes).long(),
        (4, 4),
        backend=backend,
    )
    assert torch.equal(offsets, torch.zeros(boxes + 1).long())
    assert torch.equal(point, torch.zeros(0).long())


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_no_view_sees_is_called_by_nobody(backend):
    pixel = torch.full((2, 9), -1, dtype=torch.int32)
    boxes = torch.tensor([[0.0, 0.0, 4.0, 4.0]])
    offsets, point = lift_boxes(pixel, boxes, torch.tensor([1]), (4, 4), backend=backend)
    assert offsets.tolist() == [0, 0]
    assert point.tolist() == []


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"pixel": torch.zeros(5).int()}, ValueError, r"pixel must be \[V, N\], got \[5\]"),
        ({"pixel": torch.zeros(2, 5)}, TypeError, "pixel must be int32, got float32"),
        ({"pixel": torch.full((2, 5), 16).int()}, ValueError, r"pixel must be in \[-1, 16\)"),
        ({"boxes": torch.zeros(3, 5)}, ValueError, r"boxes must be \[B, 4\], got \[3, 5\]"),
        ({"boxes": torch.zeros(3, 4).double()}, TypeError, "boxes must be float32, got float64"),
        ({"view": torch.zeros(2).long()}, ValueError, r"view must be \[B\] with B=3, got \[2\]"),
        ({"view": torch.tensor([0, 1, 2])}, ValueError, r"view must be in \[0, 2\), got 0 to 2"),
        ({"view": torch.zeros(3).int()}, TypeError, "view must be int64, got int32"),
        ({"size": (4, 0)}, ValueError, r"size must be .*, got \(4, 0\)"),
        ({"boxes": torch.zeros(3, 4, device="meta")}, ValueError, "must be on one device"),
        ({"backend": "gpu"}, ValueError, "must be one of cpu, triton, reference, got 'gpu'"),
    ],
)
def test_says_what_is_wrong(changed, error, message):
    arguments = {
        "pixel": torch.zeros(2, 5, dtype=torch.int32),
        "boxes": torch.zeros(3, 4),
        "view": torch.zeros(3).long(),
        "size": (4, 4),
    }
    with pytest.raises(error, match=message):
        lift_boxes(**{**arguments, **changed})
