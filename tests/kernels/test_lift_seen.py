"""lift_seen: what visible_points and the lifts say one after the other, in one call."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pdengine.kernels import set_thread_limit
from pdengine.kernels.lift_boxes import lift_boxes
from pdengine.kernels.lift_pixels import lift_pixels
from pdengine.kernels.lift_seen import Lifted, cuda_kernels, lift_seen_boxes, lift_seen_pixels
from pdengine.kernels.splat_points import splat_points
from pdengine.kernels.visible_points import visible_points

BACKENDS = ["cpu", "reference"]
# points, views, height and width, layers, units in each
CASES = [
    *((1, 1, (1, 1), 1, 1), (7, 2, (3, 5), 3, 2), (33, 5, (17, 31), 9, 1)),
    *((900, 3, (24, 40), 4, 7), (1601, 2, (40, 24), 1, 40)),
]


def seen_scene(random_scene, points, views, size):
    """A scene of which a third is hidden, with points that no view can show, and its surface."""
    scene = random_scene(points, points, views)
    scene[0][::11] *= torch.tensor([torch.nan, 1e30, 1.0])[torch.arange(len(scene[0][::11])) % 3][
        :, None
    ]
    return (*scene, splat_points(*scene, size, 2).depth, 0.02)


def random_boxes(seed: int, views: int, count: int, size) -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, 2, generator=dice) * torch.tensor([size[1], size[0]])
    exact = torch.rand(count, 2, 2, generator=dice) < 0.5  # on centres and edges of pixels
    corner = torch.where(exact, (corner * 2).round() / 2, corner).sort(dim=1).values
    boxes = corner.reshape(count, 4)
    boxes[::5, 0] = torch.nan
    boxes[1::5] = torch.tensor([-torch.inf, -torch.inf, torch.inf, torch.inf])
    return boxes, torch.randint(0, views, (count,), generator=dice)


def random_regions(seed: int, views: int, layers: int, each: int, size):
    """Layers with units of their own, in no order, and views that have none or several."""
    dice = torch.Generator().manual_seed(seed)
    own = torch.randint(-1, each, (layers, *size), generator=dice)
    first = torch.randperm(layers, generator=dice)[:, None, None] * each
    regions = torch.where(own >= 0, own + first, -1).to(torch.int32)
    return regions, torch.randint(0, views, (layers,), generator=dice), layers * each


def one_by_one(seen, rows) -> tuple[Tensor, Tensor, Tensor]:
    """Of the two ops in torch."""
    pixel = visible_points(*(t.cpu() if isinstance(t, Tensor) else t for t in seen))
    return (pixel, *rows(pixel))


def assert_same(found: Lifted, expected: tuple[Tensor, Tensor, Tensor]) -> None:
    for name, tensor in zip(("pixel", "offsets", "point"), expected, strict=True):
        ours = getattr(found, name)
        assert torch.equal(ours.cpu(), tensor), name
        assert ours.dtype == tensor.dtype


def assert_boxes(device, backend, seen, boxes, view, size):
    expected = one_by_one(seen, lambda p: lift_boxes(p, boxes, view, size, backend="reference"))
    found = lift_seen_boxes(*on(device, *seen, boxes, view), backend=backend)
    assert_same(found, expected)


def assert_regions(device, backend, seen, regions, view, count):
    expected = one_by_one(seen, lambda p: lift_pixels(p, regions, view, count, backend="reference"))
    found = lift_seen_pixels(*on(device, *seen, regions, view), count, backend=backend)
    assert_same(found, expected)


def on(device, *values):
    return [v.to(device) if isinstance(v, Tensor) else v for v in values]


def wall(one_camera, views: int = 1):
    """Four points on the pixels of a 2 x 2 image, one of them behind the wall that is drawn."""
    xyz = torch.tensor([[-0.5, -0.5, 1.0], [0.5, -0.5, 1.0], [-1.0, 1.0, 2.0], [0.5, 0.5, 1.0]])
    return (xyz, *one_camera(views), torch.ones(views, 2, 2), 0.1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_box_calls_the_seen_points_inside(backend, one_camera):
    boxes = torch.tensor([[0.0, 0, 1, 2], [0, 0, 2, 2]])  # the left half, and everything
    found = lift_seen_boxes(*wall(one_camera), boxes, torch.tensor([0, 0]), backend=backend)
    assert found.pixel.tolist() == [[0, 1, -1, 3]]
    assert found.offsets.tolist() == [0, 1, 4]
    assert found.point.tolist() == [0, 0, 1, 3]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_unit_calls_the_seen_points_on_its_pixels(backend, one_camera):
    regions = torch.tensor([[[1, 0], [1, 1]]], dtype=torch.int32)
    found = lift_seen_pixels(*wall(one_camera), regions, torch.tensor([0]), 3, backend=backend)
    assert found.pixel.tolist() == [[0, 1, -1, 3]]
    assert found.offsets.tolist() == [0, 1, 3, 3]
    assert found.point.tolist() == [1, 0, 3]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("points", "views", "size", "layers", "each"), CASES)
def test_matches_the_two_ops(backend, points, views, size, layers, each, random_scene):
    seen = seen_scene(random_scene, points, views, size)
    boxes, view = random_boxes(points, views, layers * each, size)
    assert_boxes("cpu", backend, seen, boxes, view, size)
    assert_regions("cpu", backend, seen, *random_regions(points, views, layers, each, size))


@pytest.mark.parametrize(("points", "views", "size", "layers", "each"), CASES)
def test_cuda_matches_the_two_ops(cuda_device, points, views, size, layers, each, random_scene):
    seen = seen_scene(random_scene, points, views, size)
    boxes, view = random_boxes(points, views, layers * each, size)
    assert_boxes(cuda_device, "cuda", seen, boxes, view, size)
    regions = random_regions(points, views, layers, each, size)
    assert_regions(cuda_device, "cuda", seen, *regions)


@pytest.mark.parametrize("cells", [1, 50, 300])
def test_cuda_walks_longer_runs_where_cells_are_few(cuda_device, cells, random_scene, monkeypatch):
    monkeypatch.setattr(cuda_kernels, "CELLS", cells)
    seen = seen_scene(random_scene, 500, 3, (24, 40))
    boxes, view = random_boxes(1, 3, 6, (24, 40))
    assert cuda_kernels.run_length(500, 6) > cuda_kernels.WARP or cells == 300
    assert_boxes(cuda_device, "cuda", seen, boxes, view, (24, 40))
    assert_regions(cuda_device, "cuda", seen, *random_regions(1, 3, 5, 4, (24, 40)))


def test_a_run_is_a_warp_unless_units_are_many():
    assert cuda_kernels.run_length(10_000, 60) == 32
    assert cuda_kernels.run_length(1_000_000, 200) == 64
    assert cuda_kernels.run_length(1_000_000, 2**40) >= 1_000_000
    assert cuda_kernels.run_length(5, 0) == 32


def test_any_number_of_threads_gives_the_same(random_scene):
    scene = random_scene(0, 100_003, 4)
    seen = (*scene, splat_points(*scene, (64, 64), 2).depth, 0.02)
    regions = random_regions(0, 4, 6, 5, (64, 64))
    found = []
    for threads in (1, 2, 3):
        set_thread_limit(threads)
        found.append(lift_seen_pixels(*seen, *regions))
    set_thread_limit(None)
    first = found[0]
    for other in found[1:]:
        assert_same(other, (first.pixel, first.offsets, first.point))


@pytest.mark.parametrize("backend", BACKENDS)
def test_strides_and_gradients_of_the_input_do_not_matter(backend, random_scene):
    xyz, rotation, translation, focal, depth, tolerance = seen_scene(random_scene, 300, 3, (9, 7))
    boxes, view = random_boxes(1, 3, 8, (9, 7))
    found = lift_seen_boxes(
        xyz.t().contiguous().t().requires_grad_(),
        rotation.transpose(1, 2).contiguous().transpose(1, 2),
        translation.t().contiguous().t(),
        torch.stack([focal, focal], 1)[:, 1],
        depth.transpose(1, 2).contiguous().transpose(1, 2),
        tolerance,
        boxes.t().contiguous().t().requires_grad_(),
        torch.stack([view, view], 1)[:, 0],
        backend=backend,
    )
    plain = lift_seen_boxes(
        xyz.detach(), rotation, translation, focal, depth, tolerance, boxes.detach(), view
    )
    assert_same(found, (plain.pixel, plain.offsets, plain.point))


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize(("points", "views", "layers"), [(0, 2, 3), (5, 2, 0), (5, 0, 0)])
def test_empty_inputs_call_nothing(backend, points, views, layers, one_camera):
    seen = (torch.ones(points, 3), *one_camera(views), torch.full((views, 4, 4), torch.inf), 0.1)
    view = torch.zeros(layers).long()
    found = lift_seen_boxes(*seen, torch.zeros(layers, 4), view, backend=backend)
    assert_same(found, (visible_points(*seen), torch.zeros(layers + 1).long(), view[:0]))
    regions = torch.zeros(layers, 4, 4, dtype=torch.int32)
    found = lift_seen_pixels(*seen, regions, view, 2, backend=backend)
    assert_same(found, (visible_points(*seen), torch.zeros(3).long(), view[:0]))


def test_cuda_calls_nothing_where_nothing_is_to_call(cuda_device, one_camera):
    regions = torch.full((1, 2, 2), -1, dtype=torch.int32)
    for count in (0, 3):
        assert_regions(cuda_device, "cuda", wall(one_camera), regions, torch.tensor([0]), count)


def refusals(device, backend, one_camera):
    """What is wrong with regions, and with the views of marks."""
    seen = wall(one_camera, 2)

    def look(regions, view, count=6):
        regions = torch.tensor(regions, dtype=torch.int32)
        return lift_seen_pixels(
            *on(device, *seen, regions, torch.tensor(view)), count, backend=backend
        )

    twice = "regions must have each unit in one layer, unit 2 is in several"
    with pytest.raises(ValueError, match=twice):
        look([[[5, 2], [2, 3]], [[4, 2], [0, -1]]], [0, 1])
    with pytest.raises(ValueError, match=twice):
        look([[[5, 2], [2, 3]], [[4, 2], [0, -1]]], [1, 1])
    for bad, found in ((6, "-1 to 6"), (-2, "-2 to 3"), (2**31 - 1, "-1 to 2147483647")):
        outside = rf"regions must be in \[-1, 6\) where points see them, got {found}"
        with pytest.raises(ValueError, match=outside):
            look([[[3, bad], [0, 1]]], [0])
        assert look([[[3, 0], [bad, 1]]], [0]).point.tolist() == [1, 3, 0]  # nobody sees it
    with pytest.raises(ValueError, match=r"view must be in \[0, 2\), got -1 to 0"):
        look([[[0, 1], [2, 3]], [[4, 5], [-1, -1]]], [0, -1])
    boxes = on(device, *seen, torch.zeros(1, 4), torch.tensor([2]))
    with pytest.raises(ValueError, match=r"view must be in \[0, 2\), got 2 to 2"):
        lift_seen_boxes(*boxes, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_refuses_what_the_lifts_refuse(backend, one_camera):
    refusals("cpu", backend, one_camera)


def test_cuda_refuses_what_the_lifts_refuse(cuda_device, one_camera):
    refusals(cuda_device, "cuda", one_camera)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"xyz": torch.zeros(3)}, ValueError, r"xyz must be \[N, 3\], got \[3\]"),
        ({"depth": torch.zeros(2, 4, 4).double()}, TypeError, "depth must be float32, got float64"),
        ({"depth": torch.zeros(2, 0, 4)}, ValueError, r"size must be .*, got \(0, 4\)"),
        ({"tolerance": -0.1}, ValueError, "tolerance must be at least 0 and finite, got -0.1"),
        ({"view": torch.zeros(2).long()}, ValueError, r"view must be \[.\] with .=3, got \[2\]"),
        ({"view": torch.zeros(3).int()}, TypeError, "view must be int64, got int32"),
        ({"view": torch.zeros(3, device="meta").long()}, ValueError, "must be on one device"),
        ({"backend": "gpu"}, ValueError, "backend must be one of cpu, cuda, reference, got 'gpu'"),
        ({"boxes": torch.zeros(3, 5)}, ValueError, r"boxes must be \[B, 4\], got \[3, 5\]"),
        ({"boxes": torch.zeros(3, 4).double()}, TypeError, "boxes must be float32, got float64"),
        (
            {"regions": torch.zeros(3, 4, 5).int()},
            ValueError,
            r"regions must be \[L, H, W\] with H=4, W=4, got \[3, 4, 5\]",
        ),
        ({"regions": torch.zeros(3, 4, 4)}, TypeError, "regions must be int32, got float32"),
        ({"count": -1}, ValueError, "count must be at least 0, got -1"),
    ],
)
def test_says_what_is_wrong(changed, error, message, one_camera):
    rotation, translation, focal = one_camera(2)
    seen = {
        "xyz": torch.zeros(5, 3),
        "rotation": rotation,
        "translation": translation,
        "focal": focal,
        "depth": torch.ones(2, 4, 4),
        "tolerance": 0.1,
        "view": torch.zeros(3).long(),
    }
    marks = {
        lift_seen_boxes: {"boxes": torch.zeros(3, 4)},
        lift_seen_pixels: {"regions": torch.full((3, 4, 4), -1, dtype=torch.int32), "count": 2},
    }
    asked = 0
    for op, own in marks.items():
        if not set(changed) <= {*seen, *own, "backend"}:
            continue
        asked += 1
        with pytest.raises(error, match=message):
            op(**{**seen, **own, **changed})
    assert asked > 0
