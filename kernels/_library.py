"""torch.ops.pdengine: the ops as torch.compile and torch.export see them.

    import pdengine.kernels
    offsets, point = torch.ops.pdengine.lift_boxes(pixel, boxes, view, (224, 224))

An op of this namespace takes and gives tensors and numbers: those of the function of the same name
in pdengine.kernels.<op>, whose checks and backends it has.  A KernelMap comes and goes as its two
tensors, forward and backward.  Outside a compiled function call the function itself, which costs a
dispatch less.

Importing this registers names alone: an op's code is imported when it first runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from importlib import import_module
from typing import Any

import torch
from torch import SymInt, Tensor
from torch.autograd.function import once_differentiable

# A fragment leaves the namespace open to others.  The names go when this object does.
LIBRARY = torch.library.Library("pdengine", "FRAGMENT")
# Kernels that read their data on the host (to check it, to size a result) fit no CUDA graph.
READS_DATA = (torch.Tag.pt2_compliant_tag, torch.Tag.cudagraph_unsafe)
READS_NO_DATA = (torch.Tag.pt2_compliant_tag,)

Run = Callable[..., Any]


def define(
    schema: str,
    run: Run,
    fake: Run,
    autograd: tuple[Run, Run] | None = None,
    tags: Any = READS_DATA,
) -> None:
    """Register an op.

    Args:
        schema: its name, its arguments without backend, and its tensors.
        run: what it does, on any device.
        fake: the tensors that it makes, without data; is not told the backend.
        autograd: what it keeps for backward, and backward; None where nothing is differentiated.
        tags: what a compiler may do with it.
    """

    def without_backend(*arguments: Any, backend: str | None = None) -> Any:
        return fake(*arguments)

    name = schema.partition("(")[0]
    LIBRARY.define(schema.replace(") ->", ", *, str? backend=None) ->"), tags=tags)
    LIBRARY.impl(name, run, "CompositeExplicitAutograd")
    torch.library.register_fake(f"pdengine::{name}", without_backend, lib=LIBRARY)
    if autograd is None:  # passes by: the functions detach what they are given
        LIBRARY.impl(name, torch.library.fallthrough_kernel, "Autograd")
        return
    keep, backward = autograd
    torch.library.register_autograd(
        f"pdengine::{name}", once_differentiable(backward), setup_context=keep, lib=LIBRARY
    )


def op(room: str, schema: str, **more: Any) -> Callable[[Run], Run]:
    """Register a function of pdengine.kernels.<room>.op; what is decorated becomes its fake."""
    function = schema.partition("(")[0]

    def run(*arguments: Any, backend: str | None = None) -> Any:
        call = getattr(import_module(f"pdengine.kernels.{room}.op"), function)
        found = tuple(_tensors(call(*arguments, backend=backend)))
        return found if len(found) > 1 else found[0]

    def register(fake: Run) -> Run:
        define(schema, run, fake, **more)
        return fake

    return register


def _tensors(found: Any) -> Iterator[Tensor]:
    """The tensors of a result: a tensor, a dataclass of tensors, or a tuple of such."""
    if isinstance(found, Tensor):
        yield found
    elif isinstance(found, tuple):
        for part in found:
            yield from _tensors(part)
    else:
        for field in fields(found):
            yield getattr(found, field.name)


def _some() -> SymInt:
    """A size that only the data knows."""
    return torch.library.get_ctx().new_dynamic_size()


def _seen(xyz: Tensor, focal: Tensor) -> Tensor:
    """What each view sees."""
    return xyz.new_empty((focal.shape[0], xyz.shape[0]), dtype=torch.int32)


_CAMERAS = "Tensor rotation, Tensor translation, Tensor focal"
_UNITS = "Tensor offsets, Tensor point"


@op(
    "splat_points",
    f"splat_points(Tensor xyz, {_CAMERAS}, SymInt[2] size, float radius_px)"
    " -> (Tensor index, Tensor depth)",
    tags=READS_NO_DATA,
)
def _splat_points(
    xyz: Tensor, rotation: Tensor, translation: Tensor, focal: Tensor, size: Any, radius_px: float
) -> tuple[Tensor, ...]:
    shape = (focal.shape[0], *size)
    return xyz.new_empty(shape, dtype=torch.int32), xyz.new_empty(shape)


@op(
    "raster_triangles",
    f"raster_triangles(Tensor vertices, Tensor faces, {_CAMERAS}, SymInt[2] size)"
    " -> (Tensor index, Tensor depth, Tensor weight)",
)
def _raster_triangles(
    vertices: Tensor,
    faces: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: Any,
) -> tuple[Tensor, ...]:
    shape = (focal.shape[0], *size)
    index = vertices.new_empty(shape, dtype=torch.int32)
    return index, vertices.new_empty(shape), vertices.new_empty((*shape, 2))


@op(
    "visible_points",
    f"visible_points(Tensor xyz, {_CAMERAS}, Tensor depth, float tolerance) -> Tensor",
    tags=READS_NO_DATA,
)
def _visible_points(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    depth: Tensor,
    tolerance: float,
) -> Tensor:
    return _seen(xyz, focal)


@op(
    "lift_boxes",
    f"lift_boxes(Tensor pixel, Tensor boxes, Tensor view, SymInt[2] size) -> ({_UNITS})",
)
def _lift_boxes(pixel: Tensor, boxes: Tensor, view: Tensor, size: Any) -> tuple[Tensor, ...]:
    return view.new_empty(boxes.shape[0] + 1), view.new_empty(_some())


@op(
    "lift_pixels",
    f"lift_pixels(Tensor pixel, Tensor regions, Tensor view, SymInt count) -> ({_UNITS})",
)
def _lift_pixels(pixel: Tensor, regions: Tensor, view: Tensor, count: Any) -> tuple[Tensor, ...]:
    return view.new_empty(count + 1), view.new_empty(_some())


@op(
    "lift_seen",
    f"lift_seen_boxes(Tensor xyz, {_CAMERAS}, Tensor depth, float tolerance, Tensor boxes,"
    f" Tensor view) -> (Tensor pixel, {_UNITS})",
)
def _lift_seen_boxes(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    depth: Tensor,
    tolerance: float,
    boxes: Tensor,
    view: Tensor,
) -> tuple[Tensor, ...]:
    return _seen(xyz, focal), view.new_empty(boxes.shape[0] + 1), view.new_empty(_some())


@op(
    "lift_seen",
    f"lift_seen_pixels(Tensor xyz, {_CAMERAS}, Tensor depth, float tolerance, Tensor regions,"
    f" Tensor view, SymInt count) -> (Tensor pixel, {_UNITS})",
)
def _lift_seen_pixels(
    xyz: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    depth: Tensor,
    tolerance: float,
    regions: Tensor,
    view: Tensor,
    count: Any,
) -> tuple[Tensor, ...]:
    return _seen(xyz, focal), view.new_empty(count + 1), view.new_empty(_some())


@op(
    "label_components",
    "label_components(Tensor classes) -> (Tensor label, Tensor view, Tensor class_, Tensor size)",
)
def _label_components(classes: Tensor) -> tuple[Tensor, ...]:
    found = _some()
    of_each = (classes.new_empty(found, dtype=torch.int64) for _ in range(3))
    return classes.new_empty(classes.shape), *of_each


@op(
    "unit_targets",
    f"unit_targets(Tensor label, Tensor score, {_UNITS}, Tensor class_weight, SymInt count)"
    " -> Tensor",
)
def _unit_targets(
    label: Tensor, score: Tensor, offsets: Tensor, point: Tensor, class_weight: Tensor, count: Any
) -> Tensor:
    return score.new_empty((count, class_weight.shape[0]))


@op("unit_agreement", f"unit_agreement(Tensor label, {_UNITS}, Tensor prediction) -> Tensor")
def _unit_agreement(label: Tensor, offsets: Tensor, point: Tensor, prediction: Tensor) -> Tensor:
    return label.new_empty(label.shape, dtype=torch.float32)


@op(
    "voxelize",
    "voxelize(Tensor xyz, float size, float origin=-1.0)"
    " -> (Tensor coords, Tensor voxel, Tensor count)",
)
def _voxelize(xyz: Tensor, size: float, origin: float = -1.0) -> tuple[Tensor, ...]:
    found = _some()
    coords = xyz.new_empty((found, 3), dtype=torch.int32)
    voxel = xyz.new_empty(xyz.shape[0], dtype=torch.int64)
    return coords, voxel, xyz.new_empty(found, dtype=torch.int64)


# Not "kernel", as in the function: inductor gives an argument of that name to itself.
@op(
    "kernel_map",
    "submanifold_map(Tensor coords, int kernel_size=3) -> (Tensor forward, Tensor backward)",
)
def _submanifold_map(coords: Tensor, kernel_size: int = 3) -> tuple[Tensor, ...]:
    shape = (coords.shape[0], kernel_size**3)
    return coords.new_empty(shape), coords.new_empty(shape)


@op(
    "kernel_map",
    "stride_map(Tensor coords) -> (Tensor coarse, Tensor forward, Tensor backward)",
)
def _stride_map(coords: Tensor) -> tuple[Tensor, ...]:
    found = _some()
    backward = coords.new_empty((coords.shape[0], 8))
    return coords.new_empty((found, 3)), coords.new_empty((found, 8)), backward


@op("knn", "knn(Tensor query, Tensor points, SymInt k) -> (Tensor index, Tensor squared_distance)")
def _knn(query: Tensor, points: Tensor, k: Any) -> tuple[Tensor, ...]:
    shape = (query.shape[0], k)
    return query.new_empty(shape, dtype=torch.int64), query.new_empty(shape)


@op("farthest_points", "farthest_points(Tensor xyz, SymInt count, SymInt first=0) -> Tensor")
def _farthest_points(xyz: Tensor, count: Any, first: Any = 0) -> Tensor:
    return xyz.new_empty(count, dtype=torch.int64)


def _run_superpoints(
    positions: Tensor,
    normals: Tensor | None = None,
    colours: Tensor | None = None,
    graph: Tensor | None = None,
    neighbours: int = 10,
    regularisation: float = 1.0,
    smallest: int = 11,
    oriented: bool = True,
    *,
    backend: str | None = None,
) -> Tensor:
    from pdengine.kernels.superpoints.op import superpoints

    return superpoints(
        positions,
        normals,
        colours,
        graph=neighbours if graph is None else graph,
        regularisation=regularisation,
        smallest=smallest,
        oriented=oriented,
        backend=backend,
    )


# A schema has no "graph or number of neighbours": they are two arguments.
define(
    "superpoints(Tensor positions, Tensor? normals=None, Tensor? colours=None, Tensor? graph=None,"
    " int neighbours=10, float regularisation=1.0, int smallest=11, bool oriented=True) -> Tensor",
    _run_superpoints,
    lambda positions, *_: positions.new_empty(positions.shape[0], dtype=torch.int64),
)
