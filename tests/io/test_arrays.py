from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import pdengine as pde
from pdengine.io import as_shape, cloud_from_arrays, mesh_from_arrays

XYZ = np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]], np.float32)
FACES = np.array([[0, 1, 2], [0, 1, 3]], np.int32)


class Lent:
    """An array of a library that is not here: it only lends its memory."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    def __dlpack__(self, *, stream: Any = None, **newer: Any) -> Any:
        return self.tensor.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0  # the CPU


class LentTheOldWay(Lent):
    """Knows nothing of versions and copies."""

    def __dlpack__(self, *, stream: Any = None) -> Any:
        return self.tensor.__dlpack__()


class Shown:
    """An array that numpy can read and nobody else."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return XYZ


class Stubborn(Shown):
    """Lends its memory to nobody, but shows it."""

    def __dlpack__(self, **_: Any) -> Any:
        raise BufferError("not today")

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


class OnAGPU(Lent):
    """Of a kind that this machine does not have."""

    def __dlpack__(self, *, stream: Any = None, **newer: Any) -> Any:
        raise BufferError("no Metal here")

    def __dlpack_device__(self) -> tuple[int, int]:
        return 8, 0


class Unreadable:
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        raise TypeError("it lies on a GPU")


@pytest.mark.parametrize("lend", [Lent, LentTheOldWay])
def test_any_library_lends_a_cloud(lend: type[Lent]) -> None:
    colour = np.arange(12, dtype=np.uint8).reshape(4, 3)
    true = cloud_from_arrays(XYZ, colour, XYZ + 1)
    arrays = (lend(torch.from_numpy(a)) for a in (XYZ, colour, XYZ + 1))
    found = cloud_from_arrays(*arrays)
    for name in ("xyz", "origin", "world", "colour", "normals"):
        assert torch.equal(getattr(found, name), getattr(true, name)), name


def test_any_library_lends_a_mesh() -> None:
    mesh = mesh_from_arrays(Lent(torch.from_numpy(XYZ)), Lent(torch.from_numpy(FACES)))
    assert mesh.vertices.tolist() == XYZ.tolist()
    assert mesh.faces.tolist() == FACES.tolist()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int32])
def test_any_type_and_stride(dtype: torch.dtype) -> None:
    lent = Lent(torch.from_numpy(XYZ).to(dtype).T.contiguous().T)
    assert cloud_from_arrays(lent).world.tolist() == XYZ.tolist()


def test_what_is_lent_is_copied() -> None:
    tensor = torch.from_numpy(XYZ.copy())
    cloud = cloud_from_arrays(Lent(tensor))
    tensor += 1
    assert cloud.world.tolist() == XYZ.tolist()


@pytest.mark.parametrize("given", [XYZ, XYZ.tolist(), Lent(torch.tensor(XYZ)), Shown(), Stubborn()])
def test_points_of_any_kind_are_a_shape(given: Any) -> None:
    found = as_shape("shape", given)
    assert isinstance(found, pde.PointCloud)
    assert found.world.tolist() == XYZ.tolist()


def test_a_mask_that_hides_nothing_is_no_mask_and_a_filled_one_is_kept_aside() -> None:
    assert cloud_from_arrays(np.ma.masked_array(XYZ)).world.tolist() == XYZ.tolist()
    filled = np.ma.masked_greater(XYZ, 2.5).filled(np.nan)
    assert cloud_from_arrays(filled).rows.tolist() == [0, 1, 2]


def test_arrays_that_may_not_be_written_or_that_learn_are_read() -> None:
    fixed = XYZ[::-1]
    fixed.setflags(write=False)
    assert cloud_from_arrays(fixed).world.tolist() == XYZ[::-1].tolist()
    learnt = torch.from_numpy(XYZ).requires_grad_()
    assert cloud_from_arrays(learnt, learnt / 3).world.tolist() == XYZ.tolist()


def test_what_is_a_shape_stays_it() -> None:
    cloud, mesh = cloud_from_arrays(XYZ), mesh_from_arrays(XYZ, FACES)
    assert as_shape("shape", cloud) is cloud
    assert as_shape("shape", mesh) is mesh


def test_an_engine_takes_files_and_arrays(
    stripes: Callable[[], Any], write_tower: Callable[[Path, int], Path], tmp_path: Path
) -> None:
    path = write_tower(tmp_path / "tower.xyz", 0)
    cloud = pde.load(path)
    assert isinstance(cloud, pde.PointCloud)
    config = pde.EngineConfig(mode="vote", up="y", points=200)
    engine = pde.Engine(config, teacher=stripes())
    labels = [
        engine.set_shape(shape, surface).segment("top, base").labels
        for shape, surface in (
            (path, None),
            (cloud, None),
            (cloud.world.numpy(), Lent(cloud.world)),
            (Lent(cloud.world), cloud),
        )
    ]
    labels.append(
        pde.segment(Lent(cloud.world), "top, base", teacher=stripes(), config=config).labels
    )
    assert labels[0].unique().tolist() == [0, 1]
    assert all(torch.equal(found, labels[0]) for found in labels)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: as_shape("shape", None), r"shape must be a PointCloud, .* \[N, 3\], got NoneType"),
        (lambda: as_shape("surface", 42), r"surface must be a PointCloud, .*, got int"),
        (lambda: as_shape("shape", Lent(torch.zeros(2, 4))), r"shape must be \[N, 3\], got \[2, 4"),
        (lambda: as_shape("shape", [[0, 1, 2], [3]]), "shape must be .*, got rows that differ"),
        (lambda: pde.Engine().set_shape({}), "shape must be a PointCloud, .*, got dict"),
        (lambda: pde.segment(3.5, "a, b"), "shape must be a PointCloud, .*, got float"),
        (
            lambda: cloud_from_arrays(Unreadable()),
            "xyz must be .* Unreadable, .*: it lies on a GPU",
        ),
        (
            lambda: cloud_from_arrays(XYZ, OnAGPU(torch.eye(3))),
            "colour must be .* OnAGPU, which cannot be read: no Metal here",
        ),
        (lambda: cloud_from_arrays(XYZ, None, torch.eye(3, device="meta")), "normals must be"),
        (
            lambda: cloud_from_arrays(torch.eye(3).to_sparse()),
            "xyz must be an array of numbers, got",
        ),
        (lambda: cloud_from_arrays(Lent(torch.zeros(2, 3) > 0)), "xyz must be real .*, got bool"),
        (
            lambda: cloud_from_arrays(np.ma.masked_greater(XYZ, 2.5)),
            r"xyz must be an array without a mask; masked\.filled\(nan\)",
        ),
        (
            lambda: mesh_from_arrays(XYZ, Lent(torch.zeros(2, 3))),
            "faces must be integers, got floa",
        ),
    ],
)
def test_says_which_argument_is_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(pde.ShapeError, match=message):
        call()
