"""Time one optimiser step of encoder and head, and of the same network on im2col and on spconv.

    python bench/training_step.py [--points N] [--rounds N]

Forward, backward and Adam on one generated chair, on one thread.  The networks differ in nothing
but how a sparse convolution is done: weights, norms, taps and points are the same, and logits and
gradients are compared before the clock starts.  Prints a JSON list of rows.

spconv is optional and never a requirement of ours; without it the rest is timed, and its name is
missing from the rows.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from cases import chair
from pipeline import row
from torch import Tensor, nn

from pdengine.distill.adam import Adam
from pdengine.distill.encoder import EMBEDDING, WIDTHS, Encoder, SparseConv
from pdengine.distill.encoder_file import load_encoder
from pdengine.distill.features import surroundings
from pdengine.distill.grid import CELL, Grid, Told, make_grid, tell
from pdengine.distill.student import Head, Student
from pdengine.kernels import set_thread_limit
from pdengine.kernels.kernel_map import KernelMap
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
from pdengine.kernels.sparse_conv import sparse_conv
from pdengine.kernels.voxelize import voxelize

THREADS = 1  # spconv's scatter on the CPU races with itself on more
WARM_UP = 3
GATED = ("stem.weight", "encoder.0.conv.weight")  # everything above them is in their gradients


class Reference(nn.Module):
    """The definition: it measures what float32 costs."""

    def __init__(self, ours: SparseConv) -> None:
        super().__init__()
        self.weight = nn.Parameter(ours.weight.detach().clone())

    def forward(self, features: Tensor, kernel_map: KernelMap) -> Tensor:
        return sparse_conv(features, self.weight, kernel_map, backend="reference")


@dataclass(frozen=True)
class Columns:
    """A kernel map as im2col reads it: [M_out * T] rows, an absent one is the row after the last.

    Made once per shape like our maps, so that no step pays for it.
    """

    rows: Tensor
    back: Tensor

    @property
    def transposed(self) -> Columns:
        return Columns(self.back, self.rows)


def columns(kernel_map: KernelMap) -> Columns:
    sides = (kernel_map.forward, kernel_map.backward)
    rows, back = (
        torch.where(side < 0, len(other), side).flatten().long()
        for side, other in zip(sides, sides[::-1], strict=True)
    )
    return Columns(rows, back)


class Im2col(Reference):
    """Every neighbour side by side, one matrix product."""

    def forward(self, features: Tensor, kernel_map: Any) -> Tensor:
        padded = torch.cat([features, features.new_zeros(1, features.shape[1])])
        matrix = self.weight.flatten(0, 1)
        return padded.index_select(0, kernel_map.rows).reshape(-1, len(matrix)) @ matrix


@dataclass(frozen=True)
class Place:
    """Where a layer of spconv reads, and which pairs it found there.

    Attributes:
        indices: [M, 4] int32, batch, x, y, z of the layer's input voxels.
        size: voxels along x, y and z.
        key: the name of its pairs.
        book: pairs by name, shared by all layers on a shape.
        coarse: [M_out, 4] int32, where a strided layer writes.
        inverse: the layer goes up, from coarse.
    """

    indices: Tensor
    size: list[int]
    key: str
    book: dict[str, Any] = field(repr=False)
    coarse: Tensor | None = None
    inverse: bool = False

    @property
    def transposed(self) -> Place:
        assert self.coarse is not None
        half = [edge // 2 for edge in self.size]
        return replace(self, indices=self.coarse, size=half, inverse=True)


class SpconvLayer(nn.Module):
    """The layer that a user of spconv writes; it looks for the pairs that its book lacks."""

    def __init__(self, ours: SparseConv, make: Any, key: str) -> None:
        super().__init__()
        _, inputs, outputs = ours.weight.shape
        self.conv = make(inputs, outputs, bias=False, indice_key=key)
        # Theirs is [Cout, k, k, k, Cin]; the taps' order, x slowest, is the same.
        theirs = ours.weight.detach().permute(2, 0, 1).reshape(self.conv.weight.shape)
        self.conv.weight = nn.Parameter(theirs.contiguous())

    def forward(self, features: Tensor, place: Place) -> Tensor:
        import spconv.pytorch as spconv

        at = spconv.SparseConvTensor(features, place.indices, place.size, 1)
        at.indice_dict = place.book
        out = self.conv(at)
        place.book.update(out.indice_dict)
        return out.features


class SpconvKept(SpconvLayer):
    """The same on the pairs of an earlier step: a strided layer of theirs always looks again."""

    def forward(self, features: Tensor, place: Place) -> Tensor:
        import spconv.pytorch.functional as convolve

        found = place.book[place.key]
        run, rows = convolve.indice_conv, found.out_indices
        if found.is_subm:
            run = convolve.indice_subm_conv
        elif place.inverse:
            run, rows = convolve.indice_inverse_conv, found.indices
        pairs = found.indice_pairs, found.indice_pair_num
        return run(features, self.conv.weight, *pairs, len(rows), self.conv.algo)


def import_spconv() -> Any:
    """spconv.pytorch, or None where it is not installed."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(THREADS)  # it may bring an OpenMP of its own
    try:
        import spconv.pytorch as spconv
        from spconv.pytorch import ops
    except ImportError:
        return None
    finally:  # what is started later, the pipeline's cases, must not be held to it
        del os.environ["OMP_NUM_THREADS"]
        if before is not None:
            os.environ["OMP_NUM_THREADS"] = before
    if not torch.cuda.is_available():
        # 2.3.8 asks for the CUDA stream before it sees that the tensors are on the CPU, and torch
        # without CUDA raises; the CPU path never uses it.
        ops.get_current_stream = lambda: 0
    return spconv


class Layered(Encoder):
    """Every layer by itself, as a user of torch writes it."""

    fused = Encoder.layers


def rebuilt(encoder: Encoder, make: Callable[[str, SparseConv], nn.Module]) -> Encoder:
    """The same network layer by layer, every sparse convolution replaced by make(name, ours)."""
    copy = deepcopy(encoder)
    copy.__class__ = Layered
    for name, module in encoder.named_modules():
        if isinstance(module, SparseConv):
            copy.set_submodule(name, make(name, module))
    return copy


def on_spconv(encoder: Encoder, kind: type[SpconvLayer], spconv: Any) -> Encoder:
    """The same network in spconv's layers."""

    def layer(name: str, ours: SparseConv) -> nn.Module:
        where, level = name.split(".")[:2]
        if where == "down":
            strided = partial(spconv.SparseConv3d, kernel_size=2, stride=2)
            return kind(ours, strided, f"down{level}")
        if where == "up":
            inverse = partial(spconv.SparseInverseConv3d, kernel_size=2)
            return kind(ours, inverse, f"down{level}")
        return kind(ours, partial(spconv.SubMConv3d, kernel_size=3), f"level{level}")

    return rebuilt(encoder, layer)


def spconv_grid(grid: Grid, xyz: Tensor, layers: Encoder) -> Grid:
    """Our grid with spconv's places; its coarser levels are in the order that spconv gives them."""
    # Shifted by whole voxels of the coarsest level, so that every level halves where ours does.
    step = 2 ** len(grid.downs)
    coords = voxelize(xyz, CELL).coords
    coords = coords - torch.div(coords.amin(0), step, rounding_mode="floor") * step
    at = nn.functional.pad(coords, (1, 0)).contiguous()  # the batch is 0
    size = [(edge // step + 1) * step for edge in coords.amax(0).tolist()]
    book: dict[str, Any] = {}
    levels, downs = [], []
    for level, down in enumerate([*layers.down, None]):
        levels.append(Place(at, size, f"level{level}", book))
        if down is not None:
            place = Place(at, size, f"down{level}", book)
            down(torch.zeros(len(at), WIDTHS[level]), place)
            at, size = book[place.key].out_indices, [edge // 2 for edge in size]
            downs.append(replace(place, coarse=at))
    book.clear()
    return replace(grid, levels=tuple(levels), downs=tuple(downs))


class Case:
    """A network, its optimiser and the shape that it learns."""

    def __init__(self, encoder: Encoder, head: Head, grid: Callable[[], Grid]) -> None:
        self.encoder, self.head, self.grid = encoder, deepcopy(head), grid
        parameters = [*self.encoder.parameters(), *self.head.parameters()]
        self.optimiser = Adam(parameters)

    def logits(self, told: Told) -> Tensor:
        voxel = self.encoder.at_voxels(told.mean, self.grid())
        logits: Tensor = self.head(self.encoder.at_points(voxel, told.features, told.voxel))
        return logits

    def backward(self, told: Told) -> Tensor:
        """The logits; the gradients are left in the parameters."""
        logits = self.logits(told)
        self.optimiser.forget()
        soft_cross_entropy(logits, told.targets).backward()
        return logits.detach()

    def step(self, told: Told) -> None:
        self.backward(told)
        self.optimiser.step(1e-3)

    def gated(self, told: Told) -> list[Tensor]:
        """Logits and the first layers' gradients, taps as ours are."""
        found = [self.backward(told)]
        for name, parameter in self.encoder.named_parameters():
            if name.replace("conv.conv", "conv") in GATED:
                assert parameter.grad is not None
                gradient = parameter.grad
                spconvs = gradient.dim() == 5
                found.append(gradient.flatten(1, 3).permute(1, 2, 0) if spconvs else gradient)
        return found


class Ours(Case):
    """The step of learn_all: like it, torch's own operators are held to one thread."""

    def logits(self, told: Told) -> Tensor:
        return Student(self.encoder, self.head).told(told, self.grid())

    def step(self, told: Told) -> None:
        # For each step, where learn_all does it once for all: its way, which leaves the other
        # threads' counts alone, starts four threads.
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        super().step(told)
        torch.set_num_threads(before)


def gate(cases: dict[str, Case], encoder: Encoder, told: Told) -> None:
    """Every case errs at most twice as much as the definition in float32, against float64.

    The largest error is compared, and a norm over a nearly constant voxel can magnify rounding:
    with 2,048 and 4,096 points all pass, with 10,000 one voxel's logits stop im2col (2.0e-5 to the
    definition's 5.7e-6, while the root mean squares are 3.4e-7 and 2.5e-7).
    """
    defined = rebuilt(encoder, lambda _, ours: Reference(ours))
    head, grid = cases["ours"].head, cases["ours"].grid
    plain = Case(deepcopy(defined), head, grid).gated(told)
    floats = {name: getattr(told, name).double() for name in ("features", "targets", "mean")}
    doubled = Case(defined.double(), deepcopy(head).double(), grid)
    truth = doubled.gated(replace(told, **floats))
    for name, case in cases.items():
        for what, found, torchs, true in zip(
            ("logits", *GATED), case.gated(told), plain, truth, strict=True
        ):
            error, base = (found - true).abs().max(), (torchs - true).abs().max()
            ulp = torch.finfo(torch.float32).eps * true.abs().max()
            said = f"{name}: {what} errs by {error:.2e}, the definition by {base:.2e}"
            assert error <= 2 * base + ulp, said
            print(said, file=sys.stderr)


@dataclass(frozen=True)
class Lesson:
    """What a step learns.

    Attributes:
        encoder: with weights that ask for gradients.
        head: standardised on these shapes.
        shapes: [N, 3] each, centred, the root mean square distance from the centroid is 1.
        told: features and targets of all points, the shapes' one after the other.
        grid: of all shapes.
    """

    encoder: Encoder
    head: Head
    shapes: tuple[Tensor, ...]
    told: Told
    grid: Grid


def make_lesson(points: int, shapes: int = 1) -> Lesson:
    """Generated chairs of so many points each, with their parts as targets."""
    chairs = [chair(points, seed) for seed in range(shapes)]
    around = [surroundings(xyz) for xyz, _ in chairs]
    encoder = load_encoder().requires_grad_(True)
    features = torch.cat([encoder.standardised(one.features()) for one in around])
    targets = nn.functional.one_hot(torch.cat([part for _, part in chairs]).long()).float()
    head = Head(EMBEDDING, targets.shape[1], dice=torch.default_generator)
    placed = tuple(one.xyz for one in around)
    grid = make_grid(placed, len(WIDTHS))
    with torch.no_grad():
        head.standardise(encoder(features, grid))
    return Lesson(encoder, head, placed, tell(features, targets, grid), grid)


def make_cases(lesson: Lesson, with_spconv: bool = True) -> dict[str, Case]:
    """Ours and the others; the names that end in maps find their maps anew in every step."""
    encoder, head, xyz = lesson.encoder, lesson.head, lesson.shapes[0]
    grid = lesson.grid
    gathered = replace(
        grid,
        levels=tuple(columns(level) for level in grid.levels),
        downs=tuple(columns(down) for down in grid.downs),
    )
    cases = {
        "ours": Ours(deepcopy(encoder), head, lambda: grid),
        "ours/maps": Ours(deepcopy(encoder), head, lambda: make_grid(lesson.shapes, len(WIDTHS))),
        "im2col": Case(rebuilt(encoder, lambda _, ours: Im2col(ours)), head, lambda: gathered),
    }
    spconv = import_spconv() if with_spconv else None
    if spconv is None:
        return cases
    layers = on_spconv(encoder, SpconvLayer, spconv)
    places = spconv_grid(grid, xyz, layers)

    def forgotten() -> Grid:
        places.levels[0].book.clear()
        return places

    kept = spconv_grid(grid, xyz, layers)
    layers(torch.zeros(len(xyz), encoder.stem.in_features), kept)  # fills its book
    cases["spconv"] = Case(on_spconv(encoder, SpconvKept, spconv), head, lambda: kept)
    cases["spconv/maps"] = Case(layers, head, forgotten)
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=2_048)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    set_thread_limit(THREADS)
    torch.manual_seed(0)

    lesson = make_lesson(options.points)
    told = lesson.told
    cases = make_cases(lesson)
    gate(cases, lesson.encoder, told)
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(-WARM_UP, options.rounds):
        for name, case in cases.items():
            start = time.perf_counter()
            case.step(told)
            if number >= 0:
                taken[name].append((time.perf_counter() - start) * 1e3)
    size = f"{options.points} points"
    rows = [row(f"training_step[{name}, {size}]", times, "ms") for name, times in taken.items()]
    print(json.dumps([entry | {"threads": THREADS} for entry in rows]))


if __name__ == "__main__":
    main()
