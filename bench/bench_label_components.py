"""label_components: the parts of a chair in 10 views, blobs and noise."""

from __future__ import annotations

from functools import partial

from cases import class_maps
from harness import Case, Cost, Work, same, size_of
from peers import cc3d, opencv_components, scipy_components

from pdengine.kernels.label_components import label_components


def gate() -> None:
    for kind in ("parts", "blobs", "noise"):
        small = class_maps(kind, 40)
        same(label_components(small), label_components(small, backend="reference"))


def work(kind: str, side: int) -> Work:
    maps = class_maps(kind, side)
    found = label_components(maps)
    # A run is a stretch of a row of one class, or of background.
    runs = 10 * side + int((maps[:, :, 1:] != maps[:, :, :-1]).sum())
    return Work(
        run=lambda: label_components(maps),
        cost=Cost(size_of(maps, found)),
        # Who a run belongs to; where runs begin, a bit a pixel; how many there are before a row.
        most_bytes=size_of(found) + 4 * (runs + 80) + 10 * side * (side // 64 + 1) * 8 + 44 * side,
        peers=(cc3d(maps), opencv_components(maps), scipy_components(maps)),
    )


CASES = [
    Case(
        "label_components",
        {"views": 10, "side": side, "kind": kind},
        partial(work, kind, side),
        gate,
        quick=side < 512,
    )
    for kind, side in (("parts", 224), ("parts", 512), ("blobs", 512), ("noise", 512))
]
