"""The quality command, end to end on two tiny tables."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from pdengine.config import DistillConfig, EngineConfig, RenderConfig
from pdengine.data import read_manifest
from pdengine.errors import TeacherError
from pdengine.evaluate import Experiment, Result, known_categories, measure, rows
from pdengine.types import PartList

FAST = EngineConfig(
    render=RenderConfig(size=(64, 64), surface_points=8000),
    distill=DistillConfig(anchors=256, steps=8, rounds=1),
)
CLEAN = Experiment("simulated", "clean", ("vote", "tta"), 256, FAST)


def load_command() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "bench" / "quality.py"
    spec = importlib.util.spec_from_file_location("quality_command", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_teacher_without_errors_is_far_better_than_chance(psb: Path) -> None:
    results = measure(read_manifest(psb)[0], CLEAN, seed=0)
    assert [r.mode for r in results] == ["vote", "tta"]
    for r in results:
        assert r.error is None
        assert r.miou > 0.5  # a box around the top is one around everything in most views
        assert r.coverage > 0.2
    vote, tta = results
    assert 0 < vote.seconds < tta.seconds


def test_the_same_seed_measures_the_same(psb: Path) -> None:
    noisy = replace(CLEAN, noise="systematic")
    entry = read_manifest(psb)[0]
    first, again = (measure(entry, noisy, seed=3) for _ in range(2))
    assert [r.miou for r in first] == [r.miou for r in again]


def test_a_shape_that_fails_is_scored_as_unlabelled(psb: Path) -> None:
    entry = read_manifest(psb)[0]
    doubled = replace(entry, parts=("leg", "leg"))
    results = measure(doubled, CLEAN, seed=0)
    assert [r.miou for r in results] == [0.0, 0.0]
    assert all(r.error for r in results)


def test_only_what_the_teacher_knows_is_asked_of_it(psb: Path) -> None:
    class Tables:
        def check_parts(self, parts: PartList) -> None:
            if parts.category != "table":
                raise TeacherError(f"no {parts.category}")

    entries = read_manifest(psb)
    strange = replace(entries[0], category="Mech")
    assert known_categories([strange, *entries], Tables()) == [entries[0].category]
    assert known_categories([strange, *entries], None) == ["Mech", entries[0].category]


def test_rows_are_means_over_shapes() -> None:
    results = [
        Result("Cup", "Cup_1", "vote", 0, 0.5, 0.4, 1.0),
        Result("Cup", "Cup_2", "vote", 0, 0.0, 0.0, 0.0, "failed"),
        Result("Cup", "Cup_1", "tta", 0, 0.75, 0.4, 3.0),
    ]
    table = rows(results, Experiment("simulated", "systematic"))
    assert table[0] == {
        "category": "Cup",
        "shapes": 2,
        "teacher": "simulated",
        "noise": "systematic",
        "mode": "vote",
        "seed": 0,
        "miou": 0.25,
        "coverage": 0.2,
        "seconds_per_shape": 0.5,
    }
    assert (table[1]["mode"], table[1]["miou"]) == ("tta", 0.75)
    assert rows(results[:1], Experiment("embedded"))[0]["noise"] is None


def test_the_command_writes_its_rows(psb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = psb / "rows.json"
    command = ["--psb", str(psb), "--teacher", "simulated", "--noise", "clean", "--limit", "1"]
    more = ["--modes", "vote", "--points", "128", "--views", "2", "--json", str(out)]
    assert load_command().main([*command, *more]) == 0
    (row,) = json.loads(out.read_text())
    assert row["category"] == "Table"
    assert row["shapes"] == 1
    assert row["mode"] == "vote"
    printed = capsys.readouterr().out
    assert "mean" in printed
    assert "Table" in printed


def test_the_command_names_an_unknown_category(psb: Path) -> None:
    command = ["--psb", str(psb), "--teacher", "simulated", "--json", "x", "--categories", "Cat"]
    with pytest.raises(SystemExit, match="--categories must be of Table, got Cat"):
        load_command().main(command)


def test_the_command_names_a_missing_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--psb", str(tmp_path), "--teacher", "simulated", "--json", "x"]
    assert load_command().main(command) == 1
    assert "the manifest must be readable" in capsys.readouterr().err


def test_generated_shapes_are_a_benchmark_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    wanted = ["--generated", "1", "--categories", "mug", "--teacher", "simulated"]
    few = ["--points", "300", "--views", "3", "--set", "steps=4", "backward=none"]
    assert load_command().main([*wanted, *few, "--noise", "clean", "--json", str(file)]) == 0
    rows = json.loads(file.read_text())
    assert [(row["category"], row["mode"]) for row in rows] == [("mug", "vote"), ("mug", "tta")]


def test_a_setting_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="must name a plain setting of DistillConfig"):
        load_command().main(
            ["--generated", "1", "--json", str(tmp_path / "x"), "--set", "colour=red"]
        )
