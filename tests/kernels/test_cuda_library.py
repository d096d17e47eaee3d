"""The CUDA library: built where nvcc is, free of torch and Python, and honest where no GPU is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import pdengine
from pdengine import _C
from pdengine.kernels import _dispatch
from pdengine.kernels._dispatch import Backend, choose
from pdengine.kernels.visible_points import visible_points

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "csrc").glob("*/*_cuda.cu"))
LIBRARY = Path(pdengine.__file__).parent / "libpdengine_cuda.so"
DECLARED = {
    name
    for header in (ROOT / "csrc").glob("*/*.h")
    for name in re.findall(
        r"PDENGINE_CUDA_API [\w *]+?(pdengine_\w+)\(", " ".join(header.read_text().split())
    )
}

built = pytest.mark.skipif(not LIBRARY.exists(), reason="built without nvcc: no CUDA library")


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def fresh(code: str) -> str:
    """In a process of its own, where no other test has taken an emulated library."""
    return output_of(sys.executable, "-c", code).strip()


def cuobjdump() -> str:
    """The tool that reads the library."""
    found = shutil.which("cuobjdump")
    if found is None:
        triton = Path(pytest.importorskip("triton").__file__).parent
        found = str(triton / "backends" / "nvidia" / "bin" / "cuobjdump")
        if not Path(found).exists():
            pytest.skip("no cuobjdump is here, neither of CUDA nor of Triton")
    return found


def machine_code(option: str) -> str:
    """What cuobjdump says about the library."""
    return output_of(cuobjdump(), option, "-arch", "sm_90", str(LIBRARY))


def test_nvcc_means_a_library() -> None:
    if shutil.which("nvcc") is None or os.environ.get("PDENGINE_CUDA") == "0":
        pytest.skip("no nvcc is here, or PDENGINE_CUDA=0")
    assert LIBRARY.exists(), "nvcc is here, but the build made no CUDA library: make setup"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_compiles_for_sm_90_without_a_warning(source: Path, tmp_path: Path) -> None:
    if shutil.which("nvcc") is None:
        pytest.skip("no nvcc is here")
    strict = ["--Werror=all-warnings", "-Xcompiler=-Wall,-Wextra"]
    options = ["-cubin", "-arch=sm_90", "-std=c++17", "-fmad=false", "-I", str(ROOT / "csrc")]
    output = ["-o", str(tmp_path / "kernels.cubin")]
    done = subprocess.run(
        ["nvcc", *options, *strict, *output, str(source)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@built
def test_exports_what_the_headers_declare_and_nothing_else() -> None:
    assert "pdengine_splat_points" in DECLARED
    symbols = output_of("readelf", "--dyn-syms", "--wide", str(LIBRARY))
    defined = re.findall(r" (?:FUNC|OBJECT) +(?:GLOBAL|WEAK) +DEFAULT +\d+ (\S+)", symbols)
    assert {name for name in defined if not name.startswith("_Z")} == DECLARED


@built
def test_depends_on_neither_torch_nor_python_nor_a_driver() -> None:
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", output_of("readelf", "-d", str(LIBRARY)))
    assert needed
    assert not [name for name in needed if re.search(r"torch|python|cuda|c10", name)]


def test_nothing_else_on_a_gpu_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    backends = (
        Backend("cuda", print, lambda tensor: "there is no library"),
        Backend("reference", print),
    )
    for _ in range(2):
        assert choose("an op", backends, None, torch.zeros(1)).name == "reference"
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == ["an op: runs slowly, in its reference, because there is no library"]
    choose("an op", backends, "reference", torch.zeros(1))
    assert len(caplog.records) == len(said)


@built
def test_the_nearest_is_found_by_one_instruction() -> None:
    code = machine_code("-sass")
    kernels = dict(re.findall(r"Function : (\S+)\n(.*?)(?=Function :|\Z)", code, re.DOTALL))
    for name in ("draw_pixels", "draw_discs", "draw_small", "draw_large"):
        (sass,) = [text for found, text in kernels.items() if name in found]
        assert re.search(r"\b(RED|REDG|ATOMG)\.E\.MIN\.64\b", sass), name
        assert not re.search(r"\b(ATOM|ATOMG|CAS)\S*\.CAS\b|\bATOMS", sass), name


@built
def test_no_multiplication_is_fused_with_an_addition() -> None:
    """It rounds once where every other backend rounds twice."""
    code = machine_code("-ptx")
    assert "mul.rn.f64" in code
    assert not re.search(r"\b(fma|mad)\.[a-z.]*f(32|64)", code)


@built
def test_no_kernel_spills() -> None:
    usage = machine_code("-res-usage")
    stacks = re.findall(r"Function (\S+):\s+REG:\d+ STACK:(\d+).*?LOCAL:(\d+)", usage)
    assert len(stacks) > 10
    assert [row for row in stacks if row[1:] != ("0", "0")] == []


def test_says_in_one_sentence_why_no_kernel_can_run() -> None:
    reason = fresh("from pdengine import _C; print(_C.cuda_reason())")
    if torch.cuda.is_available() and LIBRARY.exists():
        assert reason == "None"
    elif LIBRARY.exists():
        assert reason.startswith("no CUDA device answers: CUDA driver version is insufficient")
    else:
        assert reason == "this build of pdengine has no CUDA library (built without nvcc)"


@pytest.fixture
def emulated(emulated_library: Path) -> Iterator[None]:
    _C.open_cuda_library(str(emulated_library), emulated=True)
    yield
    _C.open_cuda_library("", emulated=False)


@pytest.mark.usefixtures("emulated")
def test_a_device_that_cannot_run_the_library_is_named() -> None:
    assert _C.cuda_reason() is None
    said = "CUDA device 1 cannot run the CUDA library: invalid device ordinal"
    assert _C.cuda_reason(1) == said


@pytest.mark.usefixtures("emulated")
def test_a_tensor_asks_about_its_own_device_and_leaves_the_current_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asking about another takes memory there, and that one may be anyone's."""
    visited = []

    @contextmanager
    def device(number: int) -> Iterator[None]:
        visited.append(number)
        yield

    def on(number: int) -> Any:
        return SimpleNamespace(is_cuda=True, get_device=lambda: number)

    monkeypatch.setattr(torch.cuda, "device", device)
    monkeypatch.setattr(_dispatch, "_answered", set())
    for _ in range(2):
        assert _dispatch.cuda_only(on(0)) is None
    assert visited == [0]  # what answered once is not asked again
    reason = _dispatch.cuda_only(on(1))
    assert reason is not None
    assert reason.startswith("CUDA device 1 cannot run")
    assert visited == [0, 1]


@built
def test_has_code_for_cards_before_and_after_hopper() -> None:
    if os.environ.get("PDENGINE_CUDA_ARCHS"):
        pytest.skip("it was built for other cards, as PDENGINE_CUDA_ARCHS says")
    found = cuobjdump()
    elf = set(re.findall(r"\.(sm_\d+)\.cubin", output_of(found, "--list-elf", str(LIBRARY))))
    ptx = set(re.findall(r"\.(sm_\d+)\.ptx", output_of(found, "--list-ptx", str(LIBRARY))))
    assert elf == {"sm_80", "sm_90"}
    assert ptx == {"sm_90"}  # a driver compiles it for what comes later


def test_a_tensor_on_the_cpu_is_refused() -> None:
    said = fresh(
        "import torch\n"
        "from pdengine.kernels.label_components import label_components\n"
        "try: label_components(torch.zeros(1, 2, 2).int(), backend='cuda')\n"
        "except RuntimeError as error: print(error)"
    )
    assert said == (
        "label_components: backend 'cuda' cannot run here, "
        "the CUDA kernel needs a CUDA tensor, got one on cpu"
    )


def test_a_library_that_cannot_be_opened_is_a_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.so"
    broken.write_text("not a library")
    try:
        _C.open_cuda_library(str(broken), emulated=True)
        reason = _C.cuda_reason()
        assert reason is not None
        assert reason.startswith("the CUDA library cannot be opened: ")
        one = torch.zeros(1, 3), torch.eye(3)[None], torch.zeros(1, 3), torch.ones(1)
        with pytest.raises(RuntimeError, match="visible_points: backend 'cuda' cannot run here"):
            visible_points(*one, torch.ones(1, 2, 2), 0.0, backend="cuda")
    finally:
        _C.open_cuda_library("", emulated=False)


@pytest.mark.usefixtures("cuda_device")
def test_what_cuda_refuses_is_an_error_that_names_the_op() -> None:
    nothing = dict.fromkeys(("xyz", "rotation", "translation", "focal", "key", "index", "depth"), 0)
    sizes = {"points": 1, "views": 1, "height": 1, "width": 1, "device": 0, "stream": 0}
    with pytest.raises(RuntimeError, match="splat_points: invalid argument"):
        _C.splat_points_cuda(**nothing, **sizes, radius_px=2.0, margin=1)
