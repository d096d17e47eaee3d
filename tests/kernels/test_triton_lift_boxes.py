from __future__ import annotations

import math

import pytest
import torch

from pdengine.kernels.lift_boxes import lift_boxes

Case = tuple[torch.Tensor, torch.Tensor, torch.Tensor, tuple[int, int]]


def random_case(seed: int, views: int, points: int, boxes: int, size: tuple[int, int]) -> Case:
    """Points of which half are seen, and boxes of which half end exactly on centres or edges."""
    g = torch.Generator().manual_seed(seed)
    pixel = torch.randint(0, math.prod(size), (views, points), generator=g, dtype=torch.int32)
    pixel[torch.rand(views, points, generator=g) < 0.5] = -1
    corner = torch.rand(boxes, 2, 2, generator=g) * 1.4 - 0.2
    corner = (corner * torch.tensor(size[::-1])).sort(dim=1).values
    exact = torch.rand(boxes, 2, 2, generator=g) < 0.5
    corner = torch.where(exact, (corner * 2).round() / 2, corner)
    return pixel, corner.reshape(boxes, 4), torch.randint(views, (boxes,), generator=g), size


def run(case: Case, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Brought back to the CPU."""
    *tensors, size = case
    found = lift_boxes(*(t.to(device) for t in tensors), size, backend="triton")
    assert all(rows.device.type == device and rows.dtype == torch.int64 for rows in found)
    return found[0].cpu(), found[1].cpu()


def same(found: tuple[torch.Tensor, ...], truth: tuple[torch.Tensor, ...]) -> bool:
    return all(map(torch.equal, found, truth))


def test_a_box_calls_the_points_inside(triton_device: str) -> None:
    #  A 2 x 3 image with one point per pixel, and a point that is not seen.
    pixel = torch.tensor([[0, 1, 2, 3, 4, 5, -1]], dtype=torch.int32)
    left, bottom = [0.0, 0.0, 1.0, 2.0], [0.0, 1.0, 3.0, 2.0]
    case = (pixel, torch.tensor([left, bottom]), torch.tensor([0, 0]), (2, 3))
    offsets, point = run(case, triton_device)
    assert offsets.tolist() == [0, 2, 5]
    assert point.tolist() == [0, 3, 3, 4, 5]


# A block has 1024 points of one box.
@pytest.mark.parametrize(
    ("views", "points", "boxes", "size"),
    [
        *((1, 1, 1, (1, 1)), (2, 7, 3, (3, 5)), (1, 1023, 2, (1, 64)), (3, 1024, 4, (17, 31))),
        *((2, 1025, 3, (64, 1)), (2, 5000, 5, (40, 40)), (5, 333, 1, (64, 48))),
        *((1, 500, 9, (16384, 3)), (1, 500, 9, (7, 16384))),
    ],
)
def test_matches_reference(
    triton_device: str, views: int, points: int, boxes: int, size: tuple[int, int]
) -> None:
    case = random_case(points, views, points, boxes, size)
    assert same(run(case, triton_device), lift_boxes(*case, backend="reference"))


def test_matches_a_large_reference(triton_device: str) -> None:
    if triton_device == "cpu":
        pytest.skip("the interpreter is too slow")
    case = random_case(0, 10, 300_000, 50, (512, 512))
    assert same(run(case, triton_device), lift_boxes(*case, backend="reference"))


def test_full_and_empty_blocks_stand_side_by_side(triton_device: str) -> None:
    pixel = torch.full((1, 4096), -1, dtype=torch.int32)
    pixel[0, 1024:2048] = 0
    pixel[0, [1023, 4095]] = 1
    boxes = torch.tensor([[0.0, 0, 1, 1], [1, 0, 2, 1], [0, 0, 2, 1]])
    case = (pixel, boxes, torch.zeros(3).long(), (1, 2))
    assert same(run(case, triton_device), lift_boxes(*case, backend="reference"))


def test_odd_boxes_call_nothing_or_everything(triton_device: str) -> None:
    nan, inf = math.nan, math.inf
    boxes = torch.tensor(
        [
            *([nan, 0, 4, 3], [0, nan, 4, 3], [0, 0, nan, 3], [0, 0, 4, nan], [3, 0, 1, 3]),
            *([0, 2, 4, 1], [-9, -9, -1, -1], [0.6, 0, 1.4, 3], [-1e30, -1e30, 1e30, 1e30]),
            *([-inf, -inf, inf, inf], [inf, 0, inf, 3], [-inf, 0, -inf, 3]),
        ]
    )
    pixel = torch.arange(12, dtype=torch.int32)[None]
    offsets, _ = run((pixel, boxes, torch.zeros(12).long(), (3, 4)), triton_device)
    assert offsets.diff().tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 12, 12, 0, 0]


def test_a_pixel_centre_on_the_border_is_inside(triton_device: str) -> None:
    above = torch.nextafter(torch.tensor(0.5), torch.tensor(1.0)).item()
    below = torch.nextafter(torch.tensor(2.5), torch.tensor(0.0)).item()
    boxes = torch.tensor([[0.5, 0.5, 2.5, 0.5], [above, 0.0, below, 1.0]])
    case = (torch.arange(3, dtype=torch.int32)[None], boxes, torch.zeros(2).long(), (1, 3))
    offsets, point = run(case, triton_device)
    assert offsets.tolist() == [0, 3, 4]
    assert point.tolist() == [0, 1, 2, 1]


@pytest.mark.parametrize(("views", "points", "boxes"), [(2, 0, 3), (2, 5, 0), (0, 5, 0), (0, 0, 0)])
def test_empty_inputs_call_nothing(triton_device: str, views: int, points: int, boxes: int) -> None:
    pixel = torch.zeros(views, points, dtype=torch.int32)
    case = (pixel, torch.zeros(boxes, 4), torch.zeros(boxes).long(), (4, 4))
    offsets, point = run(case, triton_device)
    assert torch.equal(offsets, torch.zeros(boxes + 1).long())
    assert len(point) == 0


def test_what_no_view_sees_is_called_by_nobody(triton_device: str) -> None:
    pixel = torch.full((2, 9), -1, dtype=torch.int32)
    case = (pixel, torch.tensor([[0.0, 0.0, 4.0, 4.0]]), torch.tensor([1]), (4, 4))
    offsets, point = run(case, triton_device)
    assert offsets.tolist() == [0, 0]
    assert point.tolist() == []


def test_strides_and_gradients_of_the_input_do_not_matter(triton_device: str) -> None:
    case = random_case(1, 3, 100, 8, (9, 9))
    pixel, boxes, view = (t.to(triton_device) for t in case[:3])
    found = lift_boxes(
        pixel.t().contiguous().t(),
        boxes.t().contiguous().t().requires_grad_(),
        torch.stack([view, view], 1)[:, 0],
        case[3],
        backend="triton",
    )
    assert same(tuple(rows.cpu() for rows in found), run(case, triton_device))
