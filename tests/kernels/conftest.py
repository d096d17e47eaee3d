"""Shared by the tests of ops: the backends of a C++ fast path, and scenes to project."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from pdengine import _C


@pytest.fixture(params=["reference", "cpu", "cpu avx2", "cpu portable"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """A backend's name; "cpu" runs as this processor likes, and with less than it can."""
    name, _, widest = request.param.partition(" ")
    before = _C.simd()
    if widest:
        if getattr(_C.Simd, widest).value >= before.value:
            pytest.skip(f"this processor has nothing beyond {before.name}")
        _C.limit_simd(getattr(_C.Simd, widest))
    yield name
    _C.limit_simd(_C.Simd.avx512)


@pytest.fixture(autouse=True, scope="session")
def interpreted_loops() -> Iterator[None]:
    """The interpreter of Triton 3.6 makes an int of an array of one, which NumPy 2.4 refuses."""
    if importlib.util.find_spec("triton") is None or os.environ.get("TRITON_INTERPRET") != "1":
        yield
        return
    from triton.runtime import interpreter

    patch_tensor = interpreter._patch_lang_tensor

    def patched(tensor: Any, scope: Any) -> None:
        patch_tensor(tensor, scope)
        scope.set_attr(tensor, "__index__", lambda self: int(self.handle.data.item()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interpreter, "_patch_lang_tensor", patched)
        yield


@pytest.fixture
def triton_device(device: str) -> str:
    """Where Triton kernels run: interpreted on the CPU, or on the GPU where there is one."""
    pytest.importorskip("triton")
    if device == "cpu" and os.environ.get("TRITON_INTERPRET") != "1":
        pytest.skip("with a GPU here, Triton's kernels are compiled and refuse tensors on the CPU")
    return device


def _one_camera(views: int = 1):
    """Looks along +z from the origin; a point at depth z is seen at (x / z, y / z) half widths."""
    return torch.eye(3).repeat(views, 1, 1), torch.zeros(views, 3), torch.ones(views)


@pytest.fixture
def one_camera():
    """Makes cameras that look along +z."""
    return _one_camera


def _random_scene(seed: int, points: int, views: int):
    """A cloud around the origin, and cameras 2.2 away that turn about it."""
    random = torch.Generator().manual_seed(seed)
    rotation = torch.linalg.qr(torch.randn(views, 3, 3, generator=random))[0].contiguous()
    translation = torch.tensor([0.0, 0.0, 2.2]).repeat(views, 1)
    focal = torch.rand(views, generator=random) + 1
    return torch.randn(points, 3, generator=random) * 0.7, rotation, translation, focal


@pytest.fixture
def random_scene():
    """Makes scenes from a seed."""
    return _random_scene


@pytest.fixture(scope="session")
def emulated_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CUDA library for this processor: its sources, compiled with emulated_cuda/."""
    here = Path(__file__).resolve().parent
    sources = sorted((here.parents[1] / "csrc").glob("*/*_cuda.cu"))
    library = tmp_path_factory.mktemp("emulated") / "libemulated.so"
    options = ["-std=c++17", "-O1", "-ffp-contract=off", "-shared", "-fPIC"]
    options += ["-fsanitize=alignment,signed-integer-overflow,shift,integer-divide-by-zero"]
    options += ["-fsanitize-undefined-trap-on-error"]  # with no library of the compiler's
    folders = ["-I", str(here / "emulated_cuda"), "-I", str(here.parents[1] / "csrc")]
    compiler = os.environ.get("CXX", "g++").split()
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"no C++ compiler is here to emulate CUDA with: {compiler[0]}")
    command = [*compiler, *options, *folders, "-x", "c++", *map(str, sources), "-o", str(library)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return library


@pytest.fixture(params=["emulated", "gpu"])
def cuda_device(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where backend "cuda" takes its tensors: the CPU, with emulated kernels, or a GPU."""
    if request.param == "gpu":
        if not torch.cuda.is_available():
            pytest.skip("no GPU is here")
        yield "cuda"
        return
    _C.open_cuda_library(str(request.getfixturevalue("emulated_library")), emulated=True)
    yield "cpu"
    _C.open_cuda_library("", emulated=False)
