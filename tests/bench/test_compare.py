"""This commit against an older one, from two packages to the exit status."""

from __future__ import annotations

import shutil
from pathlib import Path

import compare
import pytest
import run

ROOT = Path(__file__).resolve().parents[2]
CASE = "voxelize[grid=32 points=2048]"
FIRST = "    coords = torch.empty((len(xyz), 3), dtype=torch.int32)\n"
SLOWLY = "    import time\n\n    time.sleep(0.02)\n"
LAST = "    return coords[:found].clone(), voxel, count[:found].clone()\n"


def package(folder: Path, was: str = "", becomes: str = "") -> Path:
    """A folder whose pdengine is this one's, but for one line of voxelize."""
    home = folder / "pdengine"
    for place in (home, home / "kernels"):
        place.mkdir(parents=True)
        for item in (ROOT / "pdengine" / place.relative_to(home)).iterdir():
            if item.name not in ("kernels", "voxelize", "__pycache__"):
                (place / item.name).symlink_to(item.resolve())
    voxelize = home / "kernels" / "voxelize"
    shutil.copytree(ROOT / "kernels" / "voxelize", voxelize)
    text = (voxelize / "op.py").read_text()
    assert text.count(was) == 1 or not was
    (voxelize / "op.py").write_text(text.replace(was, becomes) if was else text)
    return folder


@pytest.fixture
def against(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Runs --base HEAD on one case: base as it is, now with a line changed."""
    monkeypatch.setattr(compare, "BUILD", tmp_path / "base")
    package(tmp_path / "base" / compare.commit_of("HEAD")[:12] / "tree")

    def compared(gate: str, was: str = "", becomes: str = "") -> tuple[int, str]:
        monkeypatch.setenv("PYTHONPATH", str(package(tmp_path / "now", was, becomes)))
        status = run.main(["--base", "HEAD", "--quick", "--only", CASE, "--gate", gate])
        return status, capfd.readouterr().out

    return compared


def test_a_gate_stops_what_became_slower(against) -> None:
    status, said = against("10", FIRST, SLOWLY + FIRST)
    assert status == 1
    assert f"{CASE}: " in said
    assert " times the base's time, over the gate of 10" in said


def test_a_gate_lets_pass_what_is_as_fast_as_it_was(against) -> None:
    status, said = against("10")
    assert status == 0, said
    assert "no case is over the gate" in said
    assert " ratio " in said


def test_a_gate_stops_a_wrong_answer_however_fast(against) -> None:
    status, said = against("10", LAST, LAST.replace("count[", "0 * count["))
    assert status == 1
    assert f"{CASE}: now: the two answers differ" in said
