"""The journal: what is written stays, what is torn goes, what is foreign is refused."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pdengine.errors import ConfigError, LoadError, SaveError
from pdengine.evaluate import commit as which
from pdengine.evaluate.journal import Journal, check_teacher
from pdengine.evaluate.rows import Row

SETTINGS = {"points": 96, "size": (48, 48), "teacher": "embedded"}
ROW = Row("Odd", "test", "Cup", "cup_1", "vote", "embedded", 0, {"rows": 3}, None, {"look": 0.5})


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    other = replace(ROW, shape="käse\n2", error="it broke", up="z", peak_mib=12.5)
    with Journal(tmp_path / "j", SETTINGS) as journal:
        journal.append([ROW, other])
    with Journal(tmp_path / "j", SETTINGS) as journal:
        assert list(journal.rows.values()) == [ROW, other]


def test_a_row_is_written_once(tmp_path: Path) -> None:
    with Journal(tmp_path / "j", SETTINGS) as journal:
        journal.append([ROW])
        journal.append([replace(ROW, error="measured again"), replace(ROW, seed=1)])
    with Journal(tmp_path / "j", SETTINGS) as journal:
        assert list(journal.rows.values()) == [ROW, replace(ROW, seed=1)]
    assert len((tmp_path / "j").read_text().splitlines()) == 3


def test_a_file_that_ends_anywhere_keeps_its_whole_lines(tmp_path: Path) -> None:
    """Every length that a killed process can leave, also inside the first line."""
    path = tmp_path / "j"
    with Journal(path, SETTINGS) as journal:
        journal.append([ROW, replace(ROW, seed=1)])
    whole = path.read_bytes()
    ends = [k + 1 for k, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:length])
        kept = max(sum(end <= length for end in ends) - 1, 0)
        with Journal(path, SETTINGS) as journal:
            assert len(journal.rows) == kept
            journal.append([ROW, replace(ROW, seed=1)])
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"points": 128},
            "points must be 96 as in the rows that are there, got 128",
        ),
        ({"size": (64, 64)}, r"size must be \[48, 48\]"),
        ({"new": 1}, "new must be None"),
    ],
)
def test_rows_of_other_settings_are_refused_by_name(
    tmp_path: Path, changed: dict[str, object], message: str
) -> None:
    with Journal(tmp_path / "j", SETTINGS) as journal:
        journal.append([ROW])
    with pytest.raises(ConfigError, match=message):
        Journal(tmp_path / "j", SETTINGS | changed)


def test_settings_without_a_row_bind_nobody(tmp_path: Path) -> None:
    """A misspelt teacher must not cost the folder."""
    Journal(tmp_path / "j", SETTINGS | {"teacher": "embeded"}).__exit__(None, None, None)
    with Journal(tmp_path / "j", SETTINGS) as journal:
        journal.append([ROW])
    with Journal(tmp_path / "j", SETTINGS) as journal:
        assert list(journal.rows.values()) == [ROW]
    (head, _) = (tmp_path / "j").read_text().splitlines()
    assert "embeded" not in head


def test_a_setting_that_is_gone_is_named(tmp_path: Path) -> None:
    with Journal(tmp_path / "j", SETTINGS) as journal:
        journal.append([ROW])
    with pytest.raises(ConfigError, match="teacher must be 'embedded' as in the rows"):
        Journal(tmp_path / "j", {k: v for k, v in SETTINGS.items() if k != "teacher"})


def test_two_runs_do_not_write_one_journal(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "j", SETTINGS),
        pytest.raises(ConfigError, match="by one run at a time"),
    ):
        Journal(tmp_path / "j", SETTINGS)


def test_says_which_line_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with Journal(path, SETTINGS) as journal:
        journal.append([ROW])
    head, row = path.read_text().splitlines()
    for text, message in (
        (f"{head}\n{{\n{row}\n", "line 2 must be JSON"),
        (f"{head}\n{row}\n[1]\n", "line 3 must be a row, got a row must have dataset"),
        (f'{head}\n{{"shape": 1}}\n', "line 2 must be a row"),
        (f"{row}\n", "line 1 must hold the settings"),
        ("[]\n", "line 1 must hold the settings"),
    ):
        path.write_text(text)
        with pytest.raises(LoadError, match=message):
            Journal(path, SETTINGS)


def test_says_that_a_folder_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="cannot be written, No such file"):
        Journal(tmp_path / "nowhere" / "j", SETTINGS)


def test_a_teacher_with_other_weights_is_another_teacher(tmp_path: Path) -> None:
    note = tmp_path / "teacher.json"
    check_teacher(note, "owl, weights 1")
    check_teacher(note, "owl, weights 1")
    with pytest.raises(ConfigError, match=r"must be 'owl, weights 1' as in the rows .* weights 2'"):
        check_teacher(note, "owl, weights 2")
    note.write_text("[]")
    with pytest.raises(LoadError, match="must say which teacher answered"):
        check_teacher(note, "owl, weights 1")


def test_rows_depend_on_the_packages_sources_and_on_no_page(tmp_path: Path) -> None:
    """A result goes on after a page was edited, and not after the code was."""
    package, page = tmp_path / "pdengine" / "evaluate", tmp_path / "README.md"
    package.mkdir(parents=True)
    shutil.copy(which.__file__, package)
    page.write_text("one")

    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    def said() -> tuple[str | None, str | None]:
        spec = importlib.util.spec_from_file_location("which_here", package / "commit.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.commit(), module.code()

    git("init", "-q")
    assert said() == (None, None)
    git("add", ".")
    git("commit", "-q", "-m", "first")
    first = said()
    assert first[0] is not None
    assert first[0] == first[1]

    found = []
    for text in ("two", "three"):
        page.write_text(text)
        found.append(said())
        assert found[-1][1] == first[1]
    assert len({first[0], *(one[0] for one in found)}) == 3
    assert all(one[0] is not None and one[0].startswith(first[0] + "+") for one in found)
    git("commit", "-q", "-a", "-m", "a page")
    assert said()[1] == first[1]
    assert said()[0] != first[0]

    changed = set()
    for text in ("# one\n", "# two\n"):
        with (package / "commit.py").open("a") as file:
            file.write(text)
        changed.add(said()[1])
    assert len({first[1], *changed}) == 3
    assert all(one is not None and one.startswith(first[0] + "+") for one in changed)
    git("commit", "-q", "-a", "-m", "the code")
    assert said()[0] == said()[1] != first[1]
