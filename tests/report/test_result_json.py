"""result.json: strict JSON of a known form, written whole."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from pdengine.config import DistillConfig
from pdengine.errors import SaveError
from pdengine.instances import boxed
from pdengine.report import Source, summarise, write_outputs
from pdengine.report.summary import result_json, to_json

NUMBER = (int, float)
PART = {
    "name": str,
    "colour": str,
    "points": int,
    "share": NUMBER,
    "mean_score": (*NUMBER, type(None)),
    "vote_points": int,
    "vote_share": NUMBER,
    "agreement": (*NUMBER, type(None)),
    "instances": (int, type(None)),
    "loose": (int, type(None)),
}
# The documented form: a type, several types, a dict of a form, or [form] for a list of them.
FORM: dict[str, Any] = {
    "schema": int,
    "input": {"path": str, "sha256": (str, type(None)), "rows": int, "kind": str},
    "category": (str, type(None)),
    "proposed": (dict, type(None)),
    "parts": [PART],
    "instances": (list, type(None)),
    "counted": {"what": str, "total": int},
    "unlabelled": {"points": int, "share": NUMBER},
    "coverage": NUMBER,
    "agreement_with_vote": (*NUMBER, type(None)),
    "teacher": {
        **dict.fromkeys(("name", "kind", "licence", "limits", "trains_others", "weights"), str),
        "simulated": bool,
    },
    "mode": str,
    "seed": int,
    "device": str,
    "up": str,
    "views": int,
    "skipped_views": list,
    "units": int,
    "superpoints": (int, type(None)),
    "voting_units": (int, type(None)),
    "backward_distillation": {"applied": bool, "step": (int, type(None))},
    "steps": int,
    "warnings": [str],
    "timings_ms": dict,
    "versions": {"pdengine": str, "torch": str, "numpy": str, "python": str},
    "config": dict,
    "files": {"shape": str, "result": str, "report": str},
}


def assert_form(value: Any, form: Any, where: str = "result") -> None:
    if isinstance(form, dict):
        assert isinstance(value, dict), where
        assert list(value) == list(form), where
        for key in form:
            assert_form(value[key], form[key], f"{where}.{key}")
    elif isinstance(form, list):
        assert isinstance(value, list), where
        for i, item in enumerate(value):
            assert_form(item, form[0], f"{where}[{i}]")
    else:
        assert isinstance(value, form), (where, value)
        assert form is bool or not isinstance(value, bool), where


def content(run: SimpleNamespace) -> dict[str, Any]:
    files = {"shape": "a_parts.ply", "result": "result.json", "report": "report.html"}
    summary = summarise(run.result, run.trace)
    written = to_json(result_json(run.result, run.trace, summary, run.config, run.source, files))

    def no_constants(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    parsed: dict[str, Any] = json.loads(written, parse_constant=no_constants)
    return parsed


@pytest.mark.parametrize("found", [True, False])
def test_it_has_the_documented_form(make: Any, found: bool) -> None:
    assert_form(content(make(found=found)), FORM)


def test_the_numbers_are_what_a_child_would_count(make: Any) -> None:
    run = make()
    parts = content(run)["parts"]
    assert [part["points"] for part in parts] == [400, 400, 1600, 800]
    assert [part["share"] for part in parts] == [0.125, 0.125, 0.5, 0.25]
    assert content(run)["counted"] == {"what": "points", "total": 3200}
    covered = run.trace.vote.covered
    assert content(run)["coverage"] == pytest.approx(covered.double().mean().item())
    # the votes say the same wherever they say anything
    assert content(run)["agreement_with_vote"] == pytest.approx(covered.double().mean().item())
    assert content(run)["backward_distillation"] == {"applied": True, "step": 60}


def test_instances_are_listed_with_their_boxes(make: Any) -> None:
    run = make()
    legs = (run.result.labels == 2).nonzero()[:, 0]
    instance = torch.full_like(run.result.labels, -1)
    instance[legs[:400]], instance[legs[400:1500]] = 1, 0
    found = boxed(instance, torch.tensor([2, 2]), torch.tensor([0.5, 0.25]), run.trace.cloud.world)
    run.result = replace(run.result, instances=found)
    said = content(run)
    assert [part["instances"] for part in said["parts"]] == [0, 0, 2, 0]
    assert [part["loose"] for part in said["parts"]] == [400, 400, 100, 800]
    first, second = said["instances"]
    assert first == {
        "name": "leg_0",
        "part": "leg",
        "instance": 0,
        "points": 1100,
        "share": 1100 / 3200,
        "score": 0.5,
        "low": first["low"],
        "high": first["high"],
    }
    xyz = run.trace.cloud.world[legs[:400]]
    assert second["low"] == xyz.amin(0).tolist()
    assert second["high"] == xyz.amax(0).tolist()


def test_unlabelled_points_belong_to_no_part(make: Any) -> None:
    summary = summarise(*(lambda r: (r.result, r.trace))(make(found=False)))
    assert summary.found == 0
    assert summary.unlabelled == summary.total
    assert all(part.mean_score is None for part in summary.parts)
    assert summary.agreement_with_vote is None


def test_the_whole_configuration_is_there(make: Any) -> None:
    config = content(make())["config"]
    assert config["distill"] == asdict(DistillConfig())
    assert config["render"]["views"] == 3


def test_a_category_that_was_not_given_is_there_with_its_rivals(make: Any) -> None:
    run = make()
    assert content(run)["proposed"] is None
    proposed = {"category": "chair", "probability": 0.75, "others": [["table", 0.25]]}
    run.result.meta["proposed"] = proposed
    assert content(run)["proposed"] == proposed


def test_three_files_and_no_other(make: Any, tmp_path: Path) -> None:
    run = make()
    folder = tmp_path / "a" / "b"
    outputs = write_outputs(folder, "chair", run.result, run.trace, run.config, run.source)
    assert sorted(path.name for path in folder.iterdir()) == [
        "chair_parts.ply",
        "report.html",
        "result.json",
    ]
    assert json.loads(outputs.numbers.read_text())["files"]["shape"] == "chair_parts.ply"


def test_a_folder_that_cannot_be_made_is_said(make: Any, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    run = make()
    with pytest.raises(SaveError, match="taken: cannot be made"):
        write_outputs(tmp_path / "taken", "c", run.result, run.trace, run.config, run.source)


def test_a_source_is_named_after_its_file(tmp_path: Path) -> None:
    assert Source(str(tmp_path / "abc")).name == "abc"


def test_scores_that_are_not_numbers_are_refused(make: Any) -> None:
    run = make()
    run.result.scores[torch.arange(3)] = float("nan")
    with pytest.raises(ValueError, match="JSON"):
        content(run)
