"""bench/gpu_check.sh runs where only some packages are, and where nothing can be installed."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = (ROOT / "bench" / "gpu_check.sh").read_text()
LOCAL = {path.stem for path in (ROOT / "bench").glob("*.py")} | {"pdengine"}
PACKAGES = re.search(r'needed = "(.*)"', SCRIPT)


def begun() -> list[Path]:
    """The files that the script names, and what pytest reads for them."""
    named = [ROOT / name for name in re.findall(r"\b((?:bench|tests)/[\w/]+(?:\.py)?)", SCRIPT)]
    files = [file for path in named for file in ([path] if path.suffix else path.glob("*.py"))]
    conftests = [ROOT / "tests" / "conftest.py", ROOT / "tests" / "distill" / "conftest.py"]
    return sorted({*files, *conftests})


def at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: no function bodies, nothing for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        statement = isinstance(node, (ast.stmt, ast.excepthandler))
        if not statement or isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from at_import(node)


def imports(path: Path) -> set[str]:
    """Modules by their full names."""
    names = set()
    for node in at_import(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def home(name: str) -> Path | None:
    """The file of a module of ours."""
    top = ROOT if name.split(".")[0] == "pdengine" else ROOT / "bench"
    at = top / name.replace(".", "/")
    return next((p for p in (at / "__init__.py", at.with_suffix(".py")) if p.exists()), None)


def packages_of(files: list[Path]) -> dict[str, Path]:
    """Every package that importing these files imports, and a file that does."""
    seen, waiting, found = set(files), list(files), {}
    while waiting:
        path = waiting.pop()
        for name in imports(path):
            if name.split(".")[0] not in LOCAL:
                found.setdefault(name.split(".")[0], path.relative_to(ROOT))
                continue
            module = home(name)
            if module is not None and module not in seen:
                seen.add(module)
                waiting.append(module)
    return {k: v for k, v in found.items() if k not in sys.stdlib_module_names}


def test_what_it_starts_is_found() -> None:
    names = {path.name for path in begun()}
    assert {"gpu_ops.py", "gpu_smoke.py", "test_gpu.py", "test_replay.py", "test_knn.py"} <= names
    assert "torch" in packages_of(begun())


def test_it_looks_for_every_package_that_its_steps_import() -> None:
    """An import too many, as of trimesh in conftest.py, would stop every test there."""
    assert PACKAGES is not None
    looked_for = PACKAGES[1].split()
    strangers = {k: v for k, v in packages_of(begun()).items() if k not in looked_for}
    assert strangers == {}


@pytest.mark.parametrize("word", ["pip install", "apt", "curl", "wget", "git clone"])
def test_it_asks_nothing_of_the_network(word: str) -> None:
    assert word not in SCRIPT


def test_its_steps_end_within_nine_minutes() -> None:
    alone = [int(s) for s in re.findall(r"step \w+ (\d+)", SCRIPT)]
    built, tested = SCRIPT.split("# Correctness")
    beside = [
        [int(s) for s in re.findall(r'start "?\$?\w+"? (\d+)', part)] for part in (built, tested)
    ]
    assert len(alone) >= 3
    assert [len(group) for group in beside] == [2, 4]
    assert sum(alone) + sum(map(max, beside)) <= 540


def dry_run(tmp_path: Path, steps: str) -> subprocess.CompletedProcess[str]:
    """Its own words up to the first step, and then these steps."""
    head = SCRIPT[: SCRIPT.index("missing() {")].replace('dirname "$0"', "echo here")
    head = head.replace("here)/..", "here)").replace("$(echo here)", str(tmp_path))
    script = tmp_path / "dry.sh"
    script.write_text(head + steps)
    command = ["bash", str(script), str(tmp_path / "out")]
    environment = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )


def test_a_step_that_fails_or_hangs_does_not_end_the_others(tmp_path: Path) -> None:
    done = dry_run(
        tmp_path,
        """
start first 5 bash -c 'echo said; exit 3'
start second 1 sleep 30
step third 5 echo reached
finish first second
echo "${FAILED[*]}"
""",
    )
    assert done.stdout.splitlines()[-1] == "first second", done.stderr
    log = (tmp_path / "out" / "log.txt").read_text()
    assert "== first: exit 3 after" in log
    assert "said" in log
    assert "== second: exit 124 after" in log
    assert "reached" in log


def test_what_cannot_be_ended_is_left_and_what_was_said_is_kept(tmp_path: Path) -> None:
    done = dry_run(
        tmp_path,
        """
start stuck 5 bash -c 'echo before; sleep 30'
DUE[stuck]=$((SECONDS + 1))
finish stuck
start late 20 bash -c 'echo half; sleep 20'
sleep 1
kill $$
sleep 5
""",
    )
    assert done.returncode == 143, done.stderr
    log = (tmp_path / "out" / "log.txt").read_text()
    assert "== stuck: exit 137 after too many s\nbefore" in log
    assert "== late: cut off after" in log
    assert "half" in log


def test_its_rows_are_those_of_the_results(tmp_path: Path) -> None:
    sys.path.append(str(ROOT / "bench"))
    import gpu_clock
    import table

    row = gpu_clock.timed("op[n=1]", [2.0, 1.0, 4.0], floor="1", limit="copy_bytes_per_s")
    gpu_clock.keep(tmp_path / "ops.csv", row | gpu_clock.about("abc", "a GPU"))
    (found,) = table.read(tmp_path / "ops.csv")
    assert (found["median"], found["minimum"], found["rounds"]) == ("2", "1", "3")
    assert (found["threads"], found["device"], found["limit"]) == (
        "gpu",
        "a GPU",
        "copy_bytes_per_s",
    )
    assert set(row) <= set(table.COLUMNS)
