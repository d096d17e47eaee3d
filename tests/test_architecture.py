"""The rules that keep the tree readable, as tests."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pdengine"
OPS = sorted(p.parent.name for p in (ROOT / "kernels").glob("*/op.py"))

# Data moves left to right: a room imports only from rooms to its left.
ROOMS = [
    *(
        "_version",
        "errors",
        "wording",
        "settings",
        "types",
        "published",
        "config",
        "progress",
        "kernels",
        "devices",
        "io",
        "shapes",
        "cameras",
        "render",
    ),
    *(
        "teach",
        "taught",
        "lift",
        "distill",
        "instances",
        "baselines",
        "carry",
        "answer",
        "trace",
        "stages",
        "pipeline",
        "one_shape",
        "many_shapes",
        "collection",
    ),
    *("report", "doctor", "data", "evaluate", "cli"),
]


def python_files() -> list[Path]:
    folders = ("pdengine", "kernels", "tests", "bench", "tools")
    found = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    return [p for p in found if "pdengine/kernels" not in str(p.relative_to(ROOT))]


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a file imports at its top level or anywhere in its functions."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        rooms |= {n.split(".")[1] for n in names if n.startswith("pdengine.") and "." in n}
    return rooms & set(ROOMS)


@pytest.mark.parametrize("room", [r for r in ROOMS if r != "_version"])
def test_a_room_imports_only_from_its_left(room: str) -> None:
    home = ROOT / "kernels" if room == "kernels" else PACKAGE / room
    files = sorted(home.rglob("*.py")) if home.is_dir() else [PACKAGE / f"{room}.py"]
    assert files, f"the room {room} is empty"
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    for path in files:
        # A Segmentation can save itself: types names its writer inside that one method.
        extra = {"io"} if path.name == "types.py" else set()
        assert imported_rooms(path) <= allowed | extra, path


def test_every_room_is_in_the_list() -> None:
    found = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert found - {"__init__", "__main__"} <= set(ROOMS)


@pytest.mark.parametrize("op", OPS)
def test_an_op_is_one_name_in_five_places(op: str) -> None:
    assert (ROOT / "kernels" / op / "reference.py").exists()
    assert (ROOT / "csrc" / op / f"{op}.h").exists()
    assert (ROOT / "csrc" / op / f"{op}_cpu.cpp").exists()
    assert (ROOT / "tests" / "kernels" / f"test_{op}.py").exists()
    assert (ROOT / "bench" / f"bench_{op}.py").exists()
    assert f'"{op}' in (ROOT / "csrc" / "bindings.cpp").read_text() or op == "kernel_map"


def test_all_eighteen_ops_exist() -> None:
    assert set(OPS) == {
        *("splat_points", "raster_triangles", "visible_points", "lift_boxes", "lift_pixels"),
        *("lift_seen", "label_components"),
        *("unit_targets", "unit_agreement", "soft_cross_entropy"),
        *("voxelize", "kernel_map", "sparse_conv", "norm_relu", "point_head"),
        *("knn", "farthest_points", "superpoints"),
    }


def test_files_stay_small() -> None:
    long = {p: len(p.read_text().splitlines()) for p in python_files()}
    assert {str(p): n for p, n in long.items() if n > 500} == {}


def test_the_core_knows_neither_torch_nor_python() -> None:
    for path in (ROOT / "csrc").rglob("*"):
        if path.is_file() and not path.name.startswith("bindings"):
            includes = re.findall(r"#include\s+[<\"](.+)[>\"]", path.read_text())
            assert not [i for i in includes if re.match(r"(torch|ATen|pybind11|Python)", i)], path


def test_nothing_executes_a_file_it_reads() -> None:
    banned = re.compile(r"torch\.load\(|import pickle|allow_pickle=True|\beval\(|yaml\.load\(")
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "kernels").rglob("*.py")]:
        # model.eval() is torch's switch to inference, not the builtin.
        found = banned.findall(path.read_text().replace(".eval(", ".inference("))
        assert not found, (path, found)


def test_labels_are_read_by_evaluate_alone() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        if "evaluate" not in path.parts and "cli" not in path.parts:
            assert "pdengine.evaluate" not in text, path
        if "evaluate" not in path.parts and "data" not in path.parts:
            assert not re.search(r"\.truth\b", text), path


def run_fresh(code: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd="/", env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_pdengine_is_quick_and_loads_no_torch() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import pdengine; "
        "s = time.perf_counter() - t; m = sys.modules; print(s, 'torch' in m, 'pdengine._C' in m)"
    )
    seconds, torch_loaded, core_loaded = min(run_fresh(code).split() for _ in range(3))
    assert float(seconds) < 0.3
    assert torch_loaded == core_loaded == "False"


def test_a_first_answer_does_not_wait_for_torchs_compiler() -> None:
    """Importing torch._dynamo takes more than a second, and some harmless calls do so."""
    code = (
        "import sys, torch, pdengine; xyz = torch.rand(600, 3); "
        "pdengine.segment(xyz, 'chair: back, seat', points=300, views=2); "
        "print('torch._dynamo' in sys.modules)"
    )
    assert run_fresh(code) == "False"


def test_kernels_is_not_a_top_level_name() -> None:
    code = (
        "import importlib.util as u; print(u.find_spec('kernels'), u.find_spec('pdengine.kernels'))"
    )
    assert run_fresh(code).startswith("None ModuleSpec")


def test_the_stub_lists_what_the_core_binds() -> None:
    from pdengine import _C

    stub = ast.parse((PACKAGE / "_C.pyi").read_text())
    kinds = (ast.FunctionDef, ast.ClassDef)
    listed = {node.name for node in stub.body if isinstance(node, kinds)}
    assert listed == {name for name in dir(_C) if not name.startswith("_")}
