"""lift_seen on a GPU: counted, then written where it belongs, without sorting.

The points of a view are cut into runs, and a warp walks a run of points in their order.  What it
finds for each unit has a cell of its own, [K, runs]: it is counted there, the sums of the cells in
order are where each cell's points go, and a second walk puts them there, ascending.  The host waits
once, between the two walks.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._cuda import call
from pdengine.kernels.lift_pixels.reference import lift_pixels
from pdengine.kernels.lift_seen.reference import Scene

WARP = 32
CELLS = 1 << 22  # at most, but for one per unit: 16 MB of counts and 32 MB of sums


def run_length(points: int, units: int) -> int:
    """Points that one warp walks: a warp's width, or more where units times runs are many."""
    length = WARP
    while length < points and units * -(-points // length) > CELLS:
        length *= 2
    return length


def lift_seen(
    scene: Scene,
    tolerance: float,
    marks: Tensor,  # boxes [B, 4], or regions [L, H, W] where there is a count
    view: Tensor,  # [B] or [L]
    count: int | None = None,
) -> tuple[Tensor, ...]:
    """Waits for the GPU once, to know M and whether the marks can be."""
    xyz, (views, height, width) = scene[0], scene[-1].shape
    units = len(marks) if count is None else count
    length = run_length(len(xyz), units)
    runs = -(-len(xyz) // length)
    pixel = torch.empty((views, len(xyz)), dtype=torch.int32, device=xyz.device)
    # A leading zero, the cells, the layer of each unit, and whether something is wrong.
    counted = torch.zeros(1 + units * runs + units + 1, dtype=torch.int32, device=xyz.device)
    cells, layer, wrong = counted.split([1 + units * runs, units, 1])
    given: dict[str, Tensor | float] = {
        **dict(zip(("xyz", "rotation", "translation", "focal", "depth"), scene, strict=True)),
        "points": len(xyz),
        "views": views,
        "height": height,
        "width": width,
        "tolerance": tolerance,
        "boxes": marks if count is None else 0,
        "regions": marks if count is not None else 0,
        "view": view,
        "layers": len(view),
        "units": units,
        "run": length,
        "runs": runs,
        "pixel": pixel,
    }
    call(_C.count_seen_cuda, **given, cells=cells[1:], layer=layer, wrong=wrong)
    starts = cells.cumsum(0)  # int64
    offsets = starts[::runs].clone()  # the second walk moves the starts on
    found = torch.stack([starts[-1], *view.aminmax(), wrong[0].long()])
    members, first, last, refused = found.tolist()
    if first < 0 or last >= views:
        raise ValueError(f"view must be in [0, {views}), got {first} to {last}")
    if refused and count is not None:
        lift_pixels(pixel, marks, view, count)  # raises, and says what is wrong
        raise AssertionError("the kernel refuses regions in which their definition finds no fault")
    point = torch.empty(members, dtype=torch.int64, device=xyz.device)
    if members > 0:
        call(_C.write_seen_cuda, **given, starts=starts, point=point)
    return pixel, offsets, point
