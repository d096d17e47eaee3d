"""What a run that goes on must measure again: shapes that changed, and failures, if asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdengine.data import Example
from pdengine.errors import LoadError
from pdengine.evaluate.plan import Fold, Plan
from pdengine.evaluate.rows import Key, Row
from pdengine.evaluate.stamp import stamp_of
from pdengine.io import replace_file
from pdengine.io.json_file import read_json

NAMES = ("asked", "without")


@dataclass(frozen=True)
class Lesson:
    """Who taught the student of a fold.

    Attributes:
        asked: stamp_of each shape that was to teach it, by name.
        without: why one of them could not, by name.
    """

    asked: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)


def write_lesson(path: Path, lesson: Lesson) -> None:
    """Keep it beside the student.

    Raises:
        SaveError: the file cannot be written.
    """
    said = {"asked": dict(lesson.asked), "without": dict(lesson.without)}
    replace_file(path, [json.dumps(said, ensure_ascii=False).encode()])


def read_lesson(path: Path) -> Lesson | None:
    """What write_lesson kept, or None where there is none.

    Raises:
        LoadError: the file is damaged.
    """
    if not path.exists():
        return None
    found = read_json(path)
    if not isinstance(found, dict) or not all(_are_texts(found.get(n)) for n in NAMES):
        raise LoadError(path, f"a lesson must say {' and '.join(NAMES)}", str(found)[:80])
    return Lesson(found["asked"], found["without"])


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def stale(
    plan: Plan, groups: Mapping[str, Sequence[Example]], rows: Mapping[Key, Row]
) -> tuple[set[Key], list[Path]]:
    """The rows that are to be measured again, and the students that are to be aligned again.

    A row is when its shape's files are others now, or when it failed and plan.retry_failed.  So are
    all that a student labelled when one of the shapes that taught it is, or could not be read then.
    """
    keys: set[Key] = set()
    students: list[Path] = []
    for category, group in groups.items():
        now = {example.name: stamp_of(example) for example in group}
        for method in plan.measured:
            for seed in plan.seeds:
                there = [key for name in now if (key := (name, method, seed)) in rows]
                old = {key for key in there if _is_old(rows[key], now[key[0]], plan)}
                keys |= set(there) if old and method == "partdistill-collection" else old
        if "partdistill-pre" in plan.measured:
            for seed in plan.seeds:
                for fold in plan.folds(category, group):
                    path = plan.setup.lesson(category, seed, fold.name)
                    if _is_old_lesson(read_lesson(path), fold, plan):
                        students.append(plan.setup.student(category, seed, fold.name))
                        labelled = ((e.name, "partdistill-pre", seed) for e in fold.labelled)
                        keys |= {key for key in labelled if key in rows}
    return keys, students


def _is_old(row: Row, now: str, plan: Plan) -> bool:
    return row.files != now or (plan.retry_failed and row.error is not None)


def _is_old_lesson(lesson: Lesson | None, fold: Fold, plan: Plan) -> bool:
    if lesson is None:
        return False
    now = {example.name: stamp_of(example) for example in fold.learned}
    return now != dict(lesson.asked) or (plan.retry_failed and bool(lesson.without))
