from __future__ import annotations

import math

import pytest
import torch

from pdengine.kernels.lift_pixels import lift_pixels

Case = tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]


def random_case(
    seed: int, views: int, points: int, layers: int, per_layer: int, size: tuple[int, int]
) -> Case:
    """Points of which half are seen; each layer has its own units, mixed with background."""
    g = torch.Generator().manual_seed(seed)
    pixel = torch.randint(0, math.prod(size), (views, points), generator=g, dtype=torch.int32)
    pixel[torch.rand(views, points, generator=g) < 0.5] = -1
    own = torch.randint(-1, per_layer, (layers, *size), generator=g)
    first = torch.randperm(layers, generator=g)[:, None, None] * per_layer
    regions = torch.where(own >= 0, own + first, -1).to(torch.int32)
    return pixel, regions, torch.randint(views, (layers,), generator=g), layers * per_layer


def run(case: Case, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Brought back to the CPU."""
    *tensors, count = case
    found = lift_pixels(*(t.to(device) for t in tensors), count, backend="triton")
    assert all(rows.device.type == device and rows.dtype == torch.int64 for rows in found)
    return found[0].cpu(), found[1].cpu()


def same(found: tuple[torch.Tensor, ...], truth: tuple[torch.Tensor, ...]) -> bool:
    return all(map(torch.equal, found, truth))


def test_a_unit_calls_the_points_on_its_pixels(triton_device: str) -> None:
    pixel = torch.tensor([[0, 3, 3, -1, 2]], dtype=torch.int32)
    regions = torch.tensor([[[1, 0], [-1, 1]]], dtype=torch.int32)
    offsets, point = run((pixel, regions, torch.tensor([0]), 3), triton_device)
    assert offsets.tolist() == [0, 0, 3, 3]
    assert point.tolist() == [0, 1, 2]


def test_masks_that_overlap_are_a_layer_each(triton_device: str) -> None:
    pixel = torch.tensor([[0, 1], [1, -1]], dtype=torch.int32)
    regions = torch.tensor([[[2, 2]], [[0, -1]], [[1, 1]]], dtype=torch.int32)
    offsets, point = run((pixel, regions, torch.tensor([0, 0, 1]), 3), triton_device)
    assert offsets.tolist() == [0, 1, 2, 4]
    assert point.tolist() == [0, 0, 0, 1]


# A block has 1024 points of one layer, or 512 members.
@pytest.mark.parametrize(
    ("views", "points", "layers", "per_layer", "size"),
    [
        *((1, 1, 1, 1, (1, 1)), (2, 7, 3, 2, (3, 5)), (3, 1000, 9, 1, (17, 31))),
        *((1, 1023, 2, 3, (1, 9)), (2, 1024, 2, 3, (9, 1)), (2, 1025, 3, 300, (64, 64))),
        *((5, 333, 1, 40, (64, 48)), (2, 5000, 4, 9, (40, 40))),
    ],
)
def test_matches_reference(
    triton_device: str,
    views: int,
    points: int,
    layers: int,
    per_layer: int,
    size: tuple[int, int],
) -> None:
    case = random_case(points, views, points, layers, per_layer, size)
    assert same(run(case, triton_device), lift_pixels(*case, backend="reference"))


def test_matches_a_large_reference(triton_device: str) -> None:
    if triton_device == "cpu":
        pytest.skip("the interpreter is too slow")
    case = random_case(0, 10, 300_000, 50, 7, (512, 512))
    assert same(run(case, triton_device), lift_pixels(*case, backend="reference"))


def test_one_view_may_have_no_unit_where_points_see(triton_device: str) -> None:
    case = random_case(3, 2, 2000, 4, 2, (8, 8))
    case[1][2] = -1
    assert same(run(case, triton_device), lift_pixels(*case, backend="reference"))


@pytest.mark.parametrize(
    ("views", "points", "layers", "count"),
    [(2, 0, 3, 4), (2, 5, 0, 4), (0, 5, 0, 0), (0, 0, 0, 3), (2, 0, 2, 0)],
)
def test_empty_inputs_call_nothing(
    triton_device: str, views: int, points: int, layers: int, count: int
) -> None:
    pixel = torch.zeros(views, points, dtype=torch.int32)
    regions = torch.zeros(layers, 4, 4, dtype=torch.int32)
    offsets, point = run((pixel, regions, torch.zeros(layers).long(), count), triton_device)
    assert torch.equal(offsets, torch.zeros(count + 1).long())
    assert len(point) == 0


@pytest.mark.parametrize(("seen", "count"), [(0, 0), (0, 3), (-1, 3)])
def test_no_unit_on_a_seen_point_calls_nothing(triton_device: str, seen: int, count: int) -> None:
    pixel = torch.full((1, 3), seen, dtype=torch.int32)
    regions = torch.tensor([[[-1, 2]]], dtype=torch.int32)
    offsets, point = run((pixel, regions, torch.tensor([0]), count), triton_device)
    assert offsets.tolist() == [0] * (count + 1)
    assert point.tolist() == []


@pytest.mark.parametrize("points", [4, 1024, 3000])
def test_a_unit_in_two_layers_is_refused(triton_device: str, points: int) -> None:
    pixel = torch.arange(4, dtype=torch.int32).repeat(2, points // 4)
    regions = torch.tensor([[[5, 1], [2, 3]], [[4, 3], [2, -1]]], dtype=torch.int32)
    message = "regions must have each unit in one layer, unit 2 is in several"
    with pytest.raises(ValueError, match=message):
        run((pixel, regions, torch.tensor([0, 1]), 6), triton_device)


@pytest.mark.parametrize("bad", [6, -2, 2**31 - 1, -(2**31)])
def test_an_id_outside_its_range_is_refused_where_points_see_it(
    triton_device: str, bad: int
) -> None:
    pixel = torch.tensor([[0, 1]], dtype=torch.int32)
    regions = torch.tensor([[[3, bad]]], dtype=torch.int32)
    with pytest.raises(ValueError, match="where points see them") as wanted:
        lift_pixels(pixel, regions, torch.tensor([0]), 6, backend="reference")
    with pytest.raises(ValueError, match="where points see them") as found:
        run((pixel, regions, torch.tensor([0]), 6), triton_device)
    assert str(found.value) == str(wanted.value)
    unseen = run((pixel[:, :1], regions, torch.tensor([0]), 6), triton_device)
    assert unseen[1].tolist() == [0]


def test_a_block_full_of_units_says_minus_one_as_its_lowest(triton_device: str) -> None:
    """No point of a full block is without a unit, and yet the range begins at -1."""
    pixel = torch.zeros(1, 1024, dtype=torch.int32)
    regions = torch.full((1, 1, 1), 7, dtype=torch.int32)
    with pytest.raises(ValueError, match="got -1 to 7"):
        run((pixel, regions, torch.tensor([0]), 7), triton_device)


def test_strides_of_the_input_do_not_matter(triton_device: str) -> None:
    case = random_case(1, 3, 100, 4, 3, (9, 7))
    pixel, regions, view = (t.to(triton_device) for t in case[:3])
    found = lift_pixels(
        pixel.t().contiguous().t(),
        regions.transpose(0, 2).contiguous().transpose(0, 2),
        torch.stack([view, view], 1)[:, 0],
        case[3],
        backend="triton",
    )
    assert same(tuple(rows.cpu() for rows in found), run(case, triton_device))
