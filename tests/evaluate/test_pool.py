"""Processes that take tasks, and what they survive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pdengine.errors import TeacherError
from pdengine.evaluate.pool import Pool


def pool(make: Callable[[], Any], workers: int = 2, timeout: float = 60.0) -> Pool:
    return Pool(make, workers, timeout, "pdengine.evaluate.tasks")


def test_every_task_is_done_once(odd: ModuleType) -> None:
    tasks = [odd.Errand("square", k) for k in range(7)]
    with pool(odd.errands) as workers:
        found = list(workers.run(tasks))
    assert sorted(done.value for done in found) == [0, 1, 4, 9, 16, 25, 36]
    assert {done.error for done in found} == {None}


def test_workers_are_other_processes_with_one_thread_and_they_stay(odd: ModuleType) -> None:
    with pool(odd.errands) as workers:
        first = {done.value for done in workers.run([odd.Errand("pid")] * 6)}
        again = {done.value for done in workers.run([odd.Errand("pid")] * 6)}
        (threads,) = workers.run([odd.Errand("threads")])
    assert os.getpid() not in first
    assert 1 <= len(first | again) <= 2
    assert threads.value == 1


def test_a_task_that_fails_says_why_and_takes_no_other_with_it(odd: ModuleType) -> None:
    tasks = [odd.Errand("square", 2), odd.Errand("raise", 5), odd.Errand("exit")]
    with pool(odd.errands, workers=1) as workers:
        found = {done.task.what: done for done in workers.run([*tasks, odd.Errand("pid")])}
    assert found["square"].value == 4
    assert found["raise"].error == "ValueError: not 5"
    assert found["exit"].error == "the worker process ended, exit code 3"
    assert found["pid"].error is None


def test_a_task_that_hangs_is_given_up_and_the_others_go_on(odd: ModuleType) -> None:
    tasks = [odd.Errand("hang"), *(odd.Errand("square", k) for k in range(5))]
    with pool(odd.errands, workers=1, timeout=2.0) as workers:
        found = list(workers.run(tasks))
    assert found[0].error == "it took longer than 2 s a shape"
    assert [done.value for done in found[1:]] == [0, 1, 4, 9, 16]


MAIN = """
import odd_examples
from pdengine.evaluate.pool import Pool

if __name__ == "__main__":
    with Pool(odd_examples.errands, 1, 60.0, "pdengine.evaluate.tasks") as workers:
        print([done.value for done in workers.run([odd_examples.Errand("square", 3)])])
"""


def test_files_of_the_current_folder_are_no_modules(tmp_path: Path, odd: ModuleType) -> None:
    """Else a clone of another version, or a file that is called numpy.py, is what runs."""
    here, script = tmp_path / "here", tmp_path / "scripts" / "main.py"
    for folder in (here / "pdengine", script.parent):
        folder.mkdir(parents=True)
    (here / "pdengine" / "__init__.py").write_text("raise SystemExit('of the current folder')")
    (here / "numpy.py").write_text("raise SystemExit('of the current folder')")
    script.write_text(MAIN)
    shutil.copy(str(odd.__file__), script.parent)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    environment["PYTHONPATH"] = str(script.parent)  # which a safe path does not leave out
    command = [sys.executable, str(script)]
    done = subprocess.run(
        command, cwd=here, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.stdout.strip() == "[9]", done.stderr


@pytest.mark.parametrize("given", [None, "1"])
def test_a_worker_has_the_environment_of_its_parent(
    given: str | None, odd: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    if given is None:
        monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONSAFEPATH", given)
    with pool(odd.errands, workers=1) as workers:
        (done,) = workers.run([odd.Errand("environment")])
    assert done.value == (given or "unset")
    assert os.environ.get("PYTHONSAFEPATH") == given


def test_no_task_needs_no_process(odd: ModuleType) -> None:
    with pool(odd.stillborn) as workers:
        assert list(workers.run([])) == []


def test_says_what_keeps_a_worker_from_starting(odd: ModuleType) -> None:
    with pool(odd.broken) as workers, pytest.raises(TeacherError, match="weights: must be there"):
        list(workers.run([odd.Errand("pid")]))
    with (
        pool(odd.stillborn) as workers,
        pytest.raises(TeacherError, match="before its first shape the worker process ended, exit"),
    ):
        list(workers.run([odd.Errand("pid")]))
