"""This commit against an older one: build that, time both in turn, and say the ratio.

Both are timed by today's cases, in processes that wait for each other: base, now, now, base, so
that a machine which slows down meanwhile slows both.  What is compared is the minimum: another
process can only ever add time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from worker import Worker

if TYPE_CHECKING:
    from harness import Case

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "base"
GIT = ("git", "-C", str(ROOT))
ORDER = ("base", "now", "now", "base")
AGAIN = 3  # a ratio over the gate is measured so many times before it counts


@dataclass
class Comparison:
    """Milliseconds of both in one case, or why there are none.

    Attributes:
        why_not: one sentence where nothing is compared.
        wrong: whether it is because this commit's answer is wrong.
    """

    case: str
    threads: int
    ms: dict[str, list[float]] = field(default_factory=lambda: {"base": [], "now": []})
    why_not: str = ""
    wrong: bool = False

    @property
    def ratio(self) -> float:
        """Now over base: more than 1 is slower than it was."""
        return min(self.ms["now"]) / min(self.ms["base"])


def environment(path: Path | None) -> dict[str, str]:
    """This process's, with the package in this folder before all others."""
    found = dict(os.environ)
    if path is not None:
        found["PYTHONPATH"] = os.pathsep.join(filter(None, [str(path), found.get("PYTHONPATH")]))
    return found


def commit_of(reference: str) -> str:
    """The commit's full name.

    Raises:
        SystemExit: there is no such commit.
    """
    found = subprocess.run(
        [*GIT, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}"],
        capture_output=True,
        text=True,
    )
    if found.returncode != 0:
        sys.exit(f"bench: {reference} is no commit of this repository")
    return found.stdout.strip()


def build(commit: str) -> Path:
    """Build the commit under build/base, once; the folder that holds nothing but the package.

    Raises:
        SystemExit: it does not build.
    """
    import pybind11

    home = BUILD / commit[:12]
    tree, path = home / "tree", home / "path"
    if not list(tree.glob("pdengine/_C.*.so")):
        print(f"bench: building {commit[:12]} under {home}", flush=True)
        tree.mkdir(parents=True, exist_ok=True)
        archive = subprocess.run([*GIT, "archive", commit], check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive.stdout, check=True)
        configure = [
            *("-S", str(tree), "-B", str(home / "cmake"), "-G", "Ninja"),
            *("-DCMAKE_BUILD_TYPE=Release", "-DPDENGINE_CUDA=0"),
            f"-DPython_EXECUTABLE={sys.executable}",
            f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
            f"-DPDENGINE_OUTPUT={tree / 'pdengine'}",
        ]
        # cmake and ninja stand beside this Python where nobody activated its environment.
        places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        tool = shutil.which("cmake", path=places)
        if tool is None:
            sys.exit("bench: --base builds a commit, which needs cmake; pip install cmake ninja")
        for command in (configure, ["--build", str(home / "cmake")]):
            done = subprocess.run(
                [tool, *command], capture_output=True, text=True, env={**os.environ, "PATH": places}
            )
            if done.returncode != 0:
                sys.exit(f"bench: {commit} does not build\n{(done.stdout + done.stderr)[-2000:]}")
    # kernels/ stands beside pdengine/ in the tree and must not be importable by that name.
    path.mkdir(exist_ok=True)
    link = path / "pdengine"
    if not link.is_symlink():
        link.symlink_to(tree / "pdengine")
    return path


def compare(
    commit: str, cases: Sequence[Case], seconds: float, gate: float | None
) -> list[Comparison]:
    """Time every case at both commits, on one thread.

    Args:
        seconds: spent on each case and commit.
        gate: a ratio over it is measured again before it counts.
    """
    path = build(commit)
    found = []
    with Worker(environment(path)) as base, Worker(environment(None)) as now:
        if base.home.resolve() == now.home.resolve():
            sys.exit(f"bench: both processes import {now.home}, so there is nothing to compare")
        for case in cases:
            one = Comparison(case.name, 1)
            for _ in range(AGAIN if gate is not None else 1):
                measure(one, {"base": base, "now": now}, seconds)
                if one.why_not or gate is None or one.ratio <= gate:
                    break
            found.append(one)
            print(line(one), flush=True)
    return found


def measure(one: Comparison, workers: dict[str, Worker], seconds: float) -> None:
    """Add a round of both to the milliseconds, or say why not."""
    share = 2 * seconds / len(ORDER)
    for side in ORDER:
        answer = workers[side].ask(case=one.case, threads=one.threads, seconds=share)
        if "error" in answer:
            one.why_not = f"{side}: {answer['error']}"
            one.wrong = side == "now"
            return
        one.ms[side] += answer["ms"]


def line(one: Comparison) -> str:
    if one.why_not:
        return f"{one.case:64s} not compared, {one.why_not.splitlines()[0]}"
    base, now = min(one.ms["base"]), min(one.ms["now"])
    return f"{one.case:64s} base {base:10.4f} ms  now {now:10.4f} ms  ratio {one.ratio:.3f}"


def verdict(found: Sequence[Comparison], gate: float | None) -> list[str]:
    """What stops a gate: wrong answers always, and ratios where one is asked for."""
    wrong = [f"{one.case}: {one.why_not}" for one in found if one.wrong]
    slow = [
        f"{one.case}: {one.ratio:.3f} times the base's time, over the gate of {gate:g}"
        for one in found
        if gate is not None and not one.why_not and one.ratio > gate
    ]
    if not any(not one.why_not for one in found):
        wrong.append("nothing was compared")
    return wrong + slow
