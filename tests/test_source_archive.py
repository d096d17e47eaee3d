"""What `python -m build` and pip make of the tree: everything that a build needs, and no more."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, as a user of pip unpacks it."""
    folder = tmp_path_factory.mktemp("archive")
    command = ["-q", "egg_info", "--egg-base", str(folder), "sdist", "--dist-dir", str(folder)]
    done = subprocess.run(
        [sys.executable, "setup.py", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        assert all(member.isfile() or member.isdir() for member in file), "a link in the archive"
        file.extractall(folder, filter="data")
    (tree,) = [path for path in folder.iterdir() if path.name == archive.name[: -len(".tar.gz")]]
    return tree


def files(folder: Path) -> dict[str, bytes]:
    """Name to content, without what compilers leave."""
    left = (".pyc", ".so")
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): p.read_bytes() for p in found if p.suffix not in left}


@pytest.mark.parametrize("folder", ["csrc", "cmake"])
def test_every_source_of_the_core_is_in_it(unpacked: Path, folder: str) -> None:
    assert files(unpacked / folder) == files(ROOT / folder)


@pytest.mark.parametrize(
    "name",
    [*("CMakeLists.txt", "setup.py", "pyproject.toml"), "tools/check_machine.py", "LICENSE"],
)
def test_what_the_build_runs_is_in_it(unpacked: Path, name: str) -> None:
    assert (unpacked / name).read_bytes() == (ROOT / name).read_bytes()


def test_the_package_is_whole_and_its_kernels_are_no_link(unpacked: Path) -> None:
    """Weights, pages and types included; on Windows and in archives a link would be a text file."""
    kernels = files(ROOT / "kernels")
    expected = files(ROOT / "pdengine") | {f"kernels/{k}": v for k, v in kernels.items()}
    found = files(unpacked / "pdengine")
    assert sorted(found) == sorted(expected)
    assert found == expected
    assert not (unpacked / "pdengine" / "kernels").is_symlink()


def test_nothing_built_and_no_test_is_in_it(unpacked: Path) -> None:
    assert not [path for path in unpacked.rglob("*") if path.suffix in (".so", ".pyc")]
    assert not (unpacked / "tests").exists()
