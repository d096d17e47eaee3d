"""The core as a CMake package: built without Python, installed, moved, found and linked."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from pdengine import _C
from pdengine._version import __version__
from pdengine.kernels.splat_points.op import splat_points
from pdengine.kernels.visible_points.op import visible_points

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cpp.md"
EXAMPLE = ROOT / "examples" / "cpp"
CONSUMER = ROOT / "tests" / "cmake_package"
OPS = sorted(p.parent.name for p in (ROOT / "kernels").glob("*/op.py"))

# cmake and ninja stand beside the interpreter, where pip puts them.
TOOLS = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
COMPILERS = [os.environ.get("CXX", "").split(" ")[0], "c++", "g++", "clang++"]

pytestmark = [
    pytest.mark.slow,  # each of two builds takes 14 s of one core
    pytest.mark.skipif(shutil.which("cmake", path=TOOLS) is None, reason="cmake is not installed"),
    pytest.mark.skipif(
        not any(shutil.which(name) for name in COMPILERS if name), reason="no C++ compiler"
    ),
]


def run(*command: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": TOOLS}
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


def configure(
    source: Path, build: Path, *options: str, check: bool = True
) -> subprocess.CompletedProcess[str]:
    generator = ["-G", "Ninja"] if shutil.which("ninja", path=TOOLS) else []
    release = "-DCMAKE_BUILD_TYPE=Release"
    return run("cmake", "-S", source, "-B", build, *generator, release, *options, check=check)


def build(folder: Path) -> None:
    run("cmake", "--build", folder, "-j", len(os.sched_getaffinity(0)))


@dataclass(frozen=True)
class Package:
    kind: str
    build: Path
    prefix: Path


@pytest.fixture(scope="module", params=["static", "shared"])
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The core as installed, and then moved: an installation may not know where it stands."""
    folder = tmp_path_factory.mktemp(request.param)
    shared = f"-DBUILD_SHARED_LIBS={'ON' if request.param == 'shared' else 'OFF'}"
    configure(ROOT, folder / "build", "-DPDENGINE_PYTHON=OFF", "-DPDENGINE_CUDA=0", shared)
    build(folder / "build")
    run("cmake", "--install", folder / "build", "--prefix", folder / "installed")
    moved = (folder / "installed").rename(folder / "moved here")
    return Package(request.param, folder / "build", moved)


def take(package: Package, source: Path, folder: Path) -> Path:
    """Builds a project that uses the package."""
    configure(source, folder, f"-DCMAKE_PREFIX_PATH={package.prefix}")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def consumer(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of tests/cmake_package, built with the installed package."""
    return take(package, CONSUMER, tmp_path_factory.mktemp("consumer"))


@pytest.fixture(scope="module")
def example(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of examples/cpp, built with the installed package."""
    return take(package, EXAMPLE, tmp_path_factory.mktemp("example")) / "six_sides"


def test_no_python_is_looked_for(package: Package) -> None:
    cache = (package.build / "CMakeCache.txt").read_text()
    assert "PDENGINE_PYTHON:BOOL=OFF" in cache
    assert not re.search(r"^_?(Python|pybind11)", cache, re.MULTILINE)


def test_one_library_and_every_header_are_installed(package: Package) -> None:
    names = {
        "static": {"libpdengine.a"},
        "shared": {"libpdengine.so", f"libpdengine.so.{__version__}"},
    }
    # lib, lib64 or lib/x86_64-linux-gnu: the system says.
    assert {p.name for p in package.prefix.rglob("libpdengine*")} == names[package.kind]
    headers = package.prefix / "include" / "pdengine"
    found = {str(p.relative_to(headers)) for p in headers.rglob("*") if p.is_file()}
    assert found == {f"{op}/{op}.h" for op in (*OPS, "unet")} | {
        f"core/{name}.h" for name in ("api", "cpu_features", "rows", "tensor_view")
    }


@pytest.mark.parametrize("package", ["static"], indirect=True)
def test_each_header_stands_by_itself_and_the_page_compiles(
    package: Package, tmp_path: Path
) -> None:
    cache = (package.build / "CMakeCache.txt").read_text()
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.+)$", cache, re.MULTILINE)
    assert compiler
    include = package.prefix / "include"
    headers = sorted(include.rglob("*.h"))
    run(compiler[1], "-std=c++17", "-fsyntax-only", "-x", "c++", *headers)

    page = tmp_path / "page.cpp"
    page.write_text("".join(re.findall(r"```cpp\n(.+?)```", PAGE.read_text(), re.DOTALL)))
    assert "pdengine::" in page.read_text()
    run(compiler[1], "-std=c++20", "-fsyntax-only", f"-I{include}", page)


def test_every_function_links_and_errors_arrive(consumer: Path) -> None:
    assert run(consumer / "every_op").stdout == "every op\n"


def test_a_size_that_does_not_fit_is_refused(consumer: Path) -> None:
    assert run(consumer / "wrong_sizes").stdout == "wrong sizes\n"


def test_a_system_without_threads_ends_no_call(consumer: Path) -> None:
    assert run(consumer / "no_thread").stdout == "no thread\n"


@pytest.mark.parametrize("package", ["static"], indirect=True)
def test_another_version_is_refused(package: Package, tmp_path: Path) -> None:
    options = (f"-DCMAKE_PREFIX_PATH={package.prefix}", "-DWANTED_VERSION=99.0")
    done = configure(CONSUMER, tmp_path, *options, check=False)
    assert done.returncode != 0
    assert f"version: {__version__}" in done.stderr


def test_it_stands_inside_another_project(tmp_path: Path) -> None:
    """add_subdirectory gives the same target, looks for no Python, and lends no flag."""
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.24)\n"
        "project(outer LANGUAGES CXX)\n"
        "set(CMAKE_EXPORT_COMPILE_COMMANDS ON)\n"
        f'add_subdirectory("{ROOT}" pdengine EXCLUDE_FROM_ALL)\n'
        f'add_executable(every_op "{CONSUMER}/every_op.cpp")\n'
        "target_link_libraries(every_op PRIVATE pdengine::pdengine)\n"
    )
    folder = tmp_path / "build"
    configure(tmp_path, folder)
    cache = (folder / "CMakeCache.txt").read_text()
    assert "PDENGINE_PYTHON:BOOL=OFF" in cache
    assert not re.search(r"^_?(Python|pybind11)", cache, re.MULTILINE)
    commands = json.loads((folder / "compile_commands.json").read_text())
    command = next(c["command"] for c in commands if c["file"].endswith("every_op.cpp"))
    assert "-ffp-contract" not in command
    run(*shlex.split(command), "-fsyntax-only")


def six_cameras() -> tuple[Tensor, Tensor, Tensor]:
    """Rotation, translation and focal length of the example's sides."""
    forward = torch.tensor(
        [[0, 0, -1], [0, 0, 1], [1, 0, 0], [-1, 0, 0], [0, -1, 0], [0, 1, 0]], dtype=torch.float32
    )
    down = torch.tensor([[0, -1, 0]] * 4 + [[0, 0, 1], [0, 0, -1]], dtype=torch.float32)
    rotation = torch.stack([torch.linalg.cross(down, forward), down, forward], dim=1)
    return rotation, torch.tensor([[0.0, 0.0, 3.0]]).repeat(6, 1), torch.full((6,), 2.0)


def test_the_example_says_what_the_python_ops_say(example: Path, tmp_path: Path) -> None:
    dice = torch.Generator().manual_seed(3)
    ball = torch.nn.functional.normalize(torch.randn(3000, 3, generator=dice), dim=1)
    xyz = ball * torch.rand(3000, 1, generator=dice) ** 0.2
    cloud, picture = tmp_path / "cloud.xyz", tmp_path / "six_sides.pgm"
    np.savetxt(cloud, xyz.numpy(), fmt="%.9g")  # nine digits give every float32 back

    splat = splat_points(xyz, *six_cameras(), (256, 256), 1.5, backend="cpu")
    pixel = visible_points(xyz, *six_cameras(), splat.depth, 0.0625, backend="cpu")
    seen = pixel >= 0
    first, *sides, last = run(example, cloud, picture).stdout.splitlines()

    assert first == f"3000 points, {_C.simd().name} kernels"
    assert [re.sub(" +", " ", line) for line in sides] == [
        f"{name} {drawn} pixels drawn, {count} points seen"
        for name, drawn, count in zip(
            ("front", "back", "left", "right", "top", "bottom"),
            (splat.index >= 0).sum(dim=(1, 2)).tolist(),
            seen.sum(dim=1).tolist(),
            strict=True,
        )
    ]
    assert last == f"{int(seen.any(dim=0).sum())} points are seen from a side"
    assert 0 < int(seen.any(dim=0).sum()) < 3000

    header, pixels = picture.read_bytes().split(b"\n", 1)
    assert header == b"P5 1536 256 255"
    grey = 55 + (100 * (4 - splat.depth).clamp(0, 2)).to(torch.uint8)
    expected = torch.where(splat.depth.isinf(), 0, grey).to(torch.uint8)
    image = np.frombuffer(pixels, np.uint8).reshape(256, 6, 256)
    assert np.array_equal(image.transpose(1, 0, 2), expected.numpy())


def test_the_example_says_what_is_wrong(example: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.xyz").write_text("1 2 three\n")
    done = run(example, tmp_path / "bad.xyz", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"six_sides: {tmp_path}/bad.xyz is not three numbers on every line\n"
