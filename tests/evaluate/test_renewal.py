"""A run that goes on: what failed is measured again if asked for, what changed always is."""

from __future__ import annotations

import json
import os
import resource
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pdengine.data import GeneratedExample, open_dataset
from pdengine.errors import LoadError, SaveError
from pdengine.evaluate.outputs import summary, tables_markdown, write
from pdengine.evaluate.renewal import Lesson, read_lesson, write_lesson
from pdengine.evaluate.results import results
from pdengine.evaluate.rows import Row
from pdengine.evaluate.run import Evaluated, evaluate
from pdengine.evaluate.stamp import EDGE_BYTES, stamp_of

METHODS = ("partdistill-tta", "partdistill-pre", "partdistill-collection")


def plain(found: Evaluated) -> list[Row]:
    """Rows without what differs from run to run."""
    return [replace(row, seconds={}, peak_mib=0.0, files="") for row in found.rows]


def errors(found: Evaluated) -> dict[tuple[str, str], str | None]:
    return {(row.shape, row.method): row.error for row in found.rows}


def test_what_failed_is_measured_again_if_asked_for_and_all_that_hangs_on_it(
    tmp_path: Path, odd: ModuleType
) -> None:
    door = tmp_path / "door"
    masts = [odd.Mast(1), odd.Mast(2), odd.Shy(3, when=door), odd.Mast(4)]
    more: dict[str, Any] = {"examples": masts, "methods": METHODS}
    first = odd.run_small(tmp_path / "a", **more)
    assert {shape for (shape, _), error in errors(first).items() if error} == {"mast_3"}
    assert first.renewed == 0
    door.touch()
    again = odd.run_small(tmp_path / "a", **more)
    assert again.rows == first.rows  # a failure is a result: it is not measured again unasked
    retried = odd.run_small(tmp_path / "a", retry_failed=True, **more)
    whole = odd.run_small(tmp_path / "b", **more)
    assert set(errors(retried).values()) == {None}
    assert plain(retried) == plain(whole)  # the students too have learned from it
    # Its own, those of the half that its student labels, and the rest of the collection.
    assert retried.renewed == len({(s, m) for (s, m), e in errors(first).items() if e}) + 2 + 3
    last = odd.run_small(tmp_path / "a", retry_failed=True, **more)
    assert (last.rows, last.renewed) == (retried.rows, 0)


def test_a_retry_that_is_stopped_loses_nothing(tmp_path: Path, odd: ModuleType) -> None:
    masts = [odd.Mast(1), odd.Shy(3, when=tmp_path / "door")]
    first = odd.run_small(tmp_path / "a", examples=masts, methods=("vote",))
    path = tmp_path / "a" / "journal.jsonl"
    before = path.read_bytes()
    odd.run_small(tmp_path / "a", examples=masts, methods=("vote",), retry_failed=True)
    assert path.read_bytes().startswith(before)  # further lines, the old ones stay
    path.write_bytes(before)  # as if it had been stopped before the first of them
    assert odd.run_small(tmp_path / "a", examples=masts, methods=("vote",)).rows == first.rows


def test_a_shape_whose_file_changed_is_measured_again(tmp_path: Path, odd: ModuleType) -> None:
    folder = tmp_path / "masts" / "Mast"
    folder.mkdir(parents=True)
    for k in range(4):
        mast = odd.Mast(k)
        arrays = {"xyz": mast._xyz().numpy(), "part": mast.truth().part.numpy()}
        np.savez(folder / f"{k}.npz", names=np.array(mast.parts), **arrays)
    more: dict[str, Any] = {
        "examples": list(open_dataset("folder", tmp_path / "masts").examples), "methods": METHODS
    }  # fmt: skip
    first = odd.run_small(tmp_path / "a", **more)
    whole = (folder / "1.npz").read_bytes()
    (folder / "1.npz").write_bytes(whole[:300])
    cut = odd.run_small(tmp_path / "a", **more)
    wrong = {shape for (shape, _), error in errors(cut).items() if error is not None}
    assert wrong == {"Mast_1"}
    assert {len(cut.rows), len(first.rows)} == {16}
    # Mast_1 in four methods, the two whom its student labels, and the rest of the collection.
    assert cut.renewed == 4 + 2 + 3
    (folder / "1.npz").write_bytes(whole)
    assert plain(odd.run_small(tmp_path / "a", **more)) == plain(first)


def test_a_shape_that_taught_nobody_is_listed(tmp_path: Path, odd: ModuleType) -> None:
    door = tmp_path / "door"
    train = [odd.Mast(10), odd.Shy(11, when=door)]
    more: dict[str, Any] = {"examples": [odd.Mast(1)], "train": train}
    found = odd.run_small(tmp_path / "a", methods=("partdistill-pre",), **more)
    (one,) = found.untaught
    assert one == ("Mast", "mast_11", 0, "mast.txt: there must be such a file")
    again = odd.run_small(tmp_path / "a", methods=("vote",), **more)
    assert again.untaught == found.untaught  # whatever is measured next
    numbers = results(found.rows, found.parts, "parts-present", resamples=0)
    assert summary(found, numbers)["untaught"] == [
        {"category": "Mast", "shape": "mast_11", "seed": 0, "error": one[3]}
    ]
    assert "- mast\\_11, seed 0: mast.txt: there must be" in tables_markdown(found, numbers)
    door.touch()
    retried = odd.run_small(tmp_path / "a", methods=("partdistill-pre",), retry_failed=True, **more)
    assert (retried.untaught, retried.renewed) == ((), 1)


def test_a_stamp_changes_with_size_and_with_either_end(tmp_path: Path) -> None:
    np.savez(tmp_path / "chair_1.npz", xyz=np.zeros((1, 3)), part=[0], names=["seat"])
    (example,) = open_dataset("folder", tmp_path).examples
    (path,) = example.files()  # type: ignore[attr-defined]
    stamps = []
    for content in (b"a" * 9999, b"a" * 9998, b"b" + b"a" * 9998, b"a" * 9998 + b"b", b""):
        path.write_bytes(content)
        stamps.append(stamp_of(example))
    path.unlink()
    stamps.append(stamp_of(example))
    os.mkfifo(path)  # reading it would wait for ever
    stamps.append(stamp_of(example))
    assert len(set(stamps)) == len(stamps)
    path.unlink()
    middle = bytearray(b"a" * (2 * EDGE_BYTES + 1))
    path.write_bytes(middle)
    before = stamp_of(example)
    middle[EDGE_BYTES] = 0
    path.write_bytes(middle)
    assert stamp_of(example) == before  # as the manual says
    assert stamp_of(GeneratedExample("mug", 1)) == ""


def test_labels_of_other_names_are_no_answers(tmp_path: Path, odd: ModuleType) -> None:
    """The names may lie in a file that all shapes share: its change is a change of each."""
    folder, names = tmp_path / "masts", {"Mast": ["pole", "plate"]}
    (folder / "Mast").mkdir(parents=True)
    mast = odd.Mast(1)
    arrays = {"xyz": mast._xyz().numpy(), "part": mast.truth().part.numpy()}
    np.savez(folder / "Mast" / "1.npz", **arrays)

    def run() -> Evaluated:
        (folder / "parts.json").write_text(json.dumps(names))
        found: Evaluated = odd.run_small(
            tmp_path / "a",
            examples=list(open_dataset("folder", folder).examples),
            methods=("vote",),
        )
        return found

    assert run().renewed == 0
    assert run().renewed == 0
    names["Mast"] = ["plate", "pole"]
    again = run()
    assert (again.renewed, again.parts) == (1, {"Mast": ("plate", "pole")})


def test_a_damaged_lesson_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lesson.json"
    assert read_lesson(path) is None
    write_lesson(path, Lesson({"a": "1"}, {"b": "no"}))
    assert read_lesson(path) == Lesson({"a": "1"}, {"b": "no"})
    for damaged in ("[]", '{"asked": {}}', '{"asked": {"a": 1}, "without": {}}'):
        path.write_text(damaged)
        with pytest.raises(LoadError, match="a lesson must say asked and without"):
            read_lesson(path)


def test_a_full_disk_ends_the_run_and_blames_no_shape(tmp_path: Path, odd: ModuleType) -> None:
    """Small files fit, units do not: a worker finds out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    masts = [odd.Mast(k) for k in range(2)]
    whole = odd.run_small(tmp_path / "whole", examples=masts)
    left = tmp_path / "full" / "labels" / ".pdengine-0123456789ab.part"  # by one that was killed
    left.parent.mkdir(parents=True)
    left.touch()
    limit = min(path.stat().st_size for path in (tmp_path / "whole" / "units").glob("*tensors"))
    for few in (limit - 1, 100):  # and then not even the journal
        resource.setrlimit(resource.RLIMIT_FSIZE, (few, hard))
        try:
            with pytest.raises(SaveError, match="cannot be written, File too large"):
                odd.run_small(tmp_path / "full", examples=masts)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    found = odd.run_small(tmp_path / "full", examples=masts)
    assert plain(found) == plain(whole)
    assert not left.exists()


def test_names_that_are_no_utf8_reach_every_file(
    tmp_path: Path, odd: ModuleType, miniatures: Any
) -> None:
    root = tmp_path / "PartNetE"
    miniatures.partnete(root)
    chairs = root / "data" / "test" / "Chair"
    for name, folder in zip((b"\xff", b"\xfe"), sorted(chairs.iterdir()), strict=True):
        try:
            folder.rename(os.fsdecode(os.fsencode(chairs) + b"/" + name))
        except OSError:
            pytest.skip("this file system holds no such name")
    damaged = next(chairs.iterdir()) / "pc.ply"
    damaged.write_bytes(damaged.read_bytes()[:900])
    dataset = open_dataset("partnete", root)
    names = {example.name for example in dataset.examples if example.category == "Chair"}
    assert names == {"Chair_\ufffdfe", "Chair_\ufffdff"}
    plan = odd.small_plan(tmp_path / "out", examples=list(dataset.examples), methods=("vote",))
    plan = replace(plan, dataset=replace(dataset, examples=plan.dataset.examples))
    found = evaluate(plan)
    write(found)
    (wrong,) = {row.shape for row in found.rows if row.error is not None}
    assert wrong in names
    assert names <= {r["shape"] for r in map(json.loads, _rows(tmp_path / "out"))}
    assert wrong[-3:] in (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")


def _rows(out: Path) -> list[str]:
    return (out / "journal.jsonl").read_text(encoding="utf-8").splitlines()[1:]
