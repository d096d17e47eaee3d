"""What this machine can run, and why not the rest."""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pdengine._version import __version__
from pdengine.wording import counted

ENOUGH_DISK = 1 << 30


@dataclass(frozen=True)
class Check:
    """One line of the table.

    Attributes:
        ok: it is there and works.
        needed: segmenting on the CPU needs it.
        detail: what was found, or why not and what to do.
    """

    name: str
    ok: bool
    needed: bool
    detail: str


def report(stream: TextIO, as_json: bool = False) -> int:
    """Print every check.

    Returns:
        0 when the CPU path works, else 1.
    """
    checks = run_checks()
    healthy = all(check.ok for check in checks if check.needed)
    if as_json:
        content = {"ok": healthy, "checks": [asdict(check) for check in checks]}
        stream.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        return 0 if healthy else 1
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("check", "", "what"):
        table.add_column(column)
    for check in checks:
        mark = ("ok", "green") if check.ok else ("no", "red" if check.needed else "yellow")
        table.add_row(Text(check.name), Text(*mark), Text(check.detail))
    console = Console(file=stream, width=None if stream.isatty() else 120)
    console.print(table)
    broken = ", ".join(check.name for check in checks if check.needed and not check.ok)
    verdict = "pdengine works on this CPU." if healthy else f"pdengine cannot run: {broken}."
    console.print("\n" + verdict, style="green" if healthy else "red", highlight=False)
    return 0 if healthy else 1


def run_checks() -> list[Check]:
    """Every check in the order of the table.  A check that fails never stops the next one."""
    return [
        _check("pdengine", True, lambda: __version__),
        _check("Python", True, _python),
        _check("PyTorch", True, _torch),
        _check("C++ core", True, _core),
        _check("kernel self-test", True, _kernels),
        _check("embedded teacher", True, _weights),
        _check("temporary folder", True, _disk),
        _check("AVX2 and FMA", False, _simd),
        _check("threads", False, _threads),
        _check("CUDA driver", False, _driver),
        _check("CUDA library", False, _cuda_library),
        _check("GPU kernels", False, _gpu_kernels),
    ]


class No(Exception):  # noqa: N818, read as a sentence: raise No(reason)
    """A check's reason to say no."""


def _check(name: str, needed: bool, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, needed, look())
    except No as reason:
        return Check(name, False, needed, str(reason))
    except Exception as error:  # a broken installation fails in any way it likes: report it
        return Check(name, False, needed, f"{type(error).__name__}: {error}"[:300])


def _python() -> str:
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        raise No(f"{platform.python_version()}; 3.10 to 3.13 is needed")
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _torch() -> str:
    import torch

    build = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built for the CPU"
    return f"{torch.__version__}, {build}"


def _core() -> str:
    try:
        core = importlib.import_module("pdengine._C")
    except ImportError as error:
        raise No(f"{error}; build it with pip install pdengine, or make setup") from error
    return Path(str(core.__file__)).name


def _kernels() -> str:
    """Three ops on a tiny case, each against its reference."""
    import torch

    from pdengine.cameras import rig
    from pdengine.kernels.kernel_map import submanifold_map
    from pdengine.kernels.soft_cross_entropy import soft_cross_entropy
    from pdengine.kernels.sparse_conv import sparse_conv
    from pdengine.kernels.splat_points import splat_points
    from pdengine.kernels.voxelize import voxelize

    dice = torch.Generator().manual_seed(0)
    xyz = torch.rand(200, 3, generator=dice) - 0.5
    cameras = rig(2)
    voxels = voxelize(xyz, 0.1)
    neighbours = submanifold_map(voxels.coords)
    features = torch.rand(len(voxels.coords), 8, generator=dice)
    weight = torch.rand(27, 8, 8, generator=dice) - 0.5
    logits, targets = torch.rand(2, 50, 4, generator=dice)

    def splat(backend: str) -> torch.Tensor:
        where = (cameras.rotation, cameras.translation, cameras.focal)
        return splat_points(xyz, *where, (32, 32), 1.5, backend=backend).index

    tests: dict[str, Callable[[str], torch.Tensor]] = {
        "splat_points": splat,
        "sparse_conv": lambda b: sparse_conv(features, weight, neighbours, backend=b),
        "soft_cross_entropy": lambda b: soft_cross_entropy(logits, targets, backend=b),
    }
    for op, run in tests.items():
        if not torch.allclose(run("cpu"), run("reference"), rtol=1e-4, atol=1e-5):
            raise No(f"{op} differs from its reference on this machine")
    return f"{', '.join(tests)} agree with their references"


def _weights() -> str:
    from pdengine.teach import make_teacher
    from pdengine.teach.embedded.weights import SHIPPED

    make_teacher("embedded")
    digest = hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    size = SHIPPED.stat().st_size / 1e6
    return f"{size:.1f} MB, SHA-256 {digest[:16]}…, Apache-2.0, trained on procedural shapes alone"


def _disk() -> str:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    with tempfile.TemporaryFile() as file:
        file.write(b"pdengine")
    if free < ENOUGH_DISK:
        raise No(f"{folder} has {free / 1e9:.2f} GB free, 1 GB is needed; set TMPDIR")
    return f"{folder}, {free / 1e9:.0f} GB free"


def _simd() -> str:
    core = importlib.import_module("pdengine._C")
    if core.simd() == core.Simd.portable:
        raise No("this processor has none; the portable code is used, several times slower")
    wider = ", and AVX-512 where an op has it" if core.simd() == core.Simd.avx512 else ""
    return f"the fast loops are used{wider}"


def _threads() -> str:
    import torch

    from pdengine.kernels import thread_limit

    return f"{thread_limit()} for the C++ core, {torch.get_num_threads()} for PyTorch"


def _driver() -> str:
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        raise No("libcuda.so.1 is not on this machine: no NVIDIA driver") from None
    if driver.cuInit(0) != 0:
        raise No("the driver is installed, but finds no GPU")
    version, count = ctypes.c_int(), ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(version))
    driver.cuDeviceGetCount(ctypes.byref(count))
    major, minor = version.value // 1000, version.value % 1000 // 10
    return f"CUDA {major}.{minor}, {counted(count.value, 'GPU')}"


def _cuda_library() -> str:
    reason = importlib.import_module("pdengine._C").cuda_reason()
    if reason is not None:
        raise No(reason)
    return "libpdengine_cuda.so"


def _gpu_kernels() -> str:
    from pdengine.devices import OPS, why_no_gpu

    reason = why_no_gpu()
    if reason is not None:
        raise No(f"{reason}; everything runs on the CPU")
    return f"{len(OPS)} ops, --device auto takes them"
