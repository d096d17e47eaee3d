"""What any metric needs of one shape: counts, so that no metric reads labels again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pdengine.errors import ScoreError

BINS = 10  # of confidence: [0, 0.1), [0.1, 0.2), ... [0.9, 1]


@dataclass(frozen=True)
class Reliability:
    """How often the labels of a confidence are right, over rows with a label and a true part.

    Attributes:
        count: rows in each of the BINS.
        correct: those whose label is the true part.
        confidence: the sum of their confidences.
    """

    count: tuple[int, ...]
    correct: tuple[int, ...]
    confidence: tuple[float, ...]


@dataclass(frozen=True)
class PredictedInstance:
    """One predicted instance.

    Attributes:
        part: which part it is said to be.
        score: any finite number, higher is surer.
        rows: how many it has; those of a true instance without a part do not count.
        overlaps: (true instance of the same part, rows shared), rising, shared ones only.
    """

    part: int
    score: float
    rows: int
    overlaps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Instances:
    """The instances of a shape.

    Attributes:
        true_rows: for each part, the rows of each of its true instances, which are numbered so.
        predicted: in the order in which they were predicted.
    """

    true_rows: tuple[tuple[int, ...], ...]
    predicted: tuple[PredictedInstance, ...]


@dataclass(frozen=True)
class ShapeCounts:
    """One shape, counted.  R parts; a row is a point, or whatever else was labelled.

    Attributes:
        rows: all of them.
        labelled: rows that were given a part.
        covered: rows that at least one unit covers; None where not measured.
        intersection: [R] rows given the part that is theirs.
        predicted: [R] rows given the part.
        predicted_known: [R] the same, among rows that have a true part.
        truth: [R] rows that have the part.
        reliability: None where not measured.
        instances: None where not measured.

    Raises:
        ScoreError: the counts contradict each other.
    """

    rows: int
    labelled: int
    covered: int | None
    intersection: tuple[int, ...]
    predicted: tuple[int, ...]
    predicted_known: tuple[int, ...]
    truth: tuple[int, ...]
    reliability: Reliability | None = None
    instances: Instances | None = None

    @property
    def parts(self) -> int:
        """R."""
        return len(self.truth)

    def __post_init__(self) -> None:
        broken = next((rule for rule, holds in _rules(self) if not holds), None)
        if broken is not None:
            raise ScoreError(f"counts: {broken}, got {self.to_row()}"[:400])

    def to_row(self) -> dict[str, Any]:
        """The counts as JSON values: integers, finite floats, lists, objects with named fields."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @staticmethod
    def from_row(row: object) -> ShapeCounts:
        """The counts that to_row wrote.

        Raises:
            ScoreError: a field is missing, unknown or of another type, or the counts contradict
                each other.
        """
        found = _fields(row, "counts", ShapeCounts)
        covered, reliability, instances = (
            found[name] for name in ("covered", "reliability", "instances")
        )
        return ShapeCounts(
            rows=_integer(found["rows"], "rows"),
            labelled=_integer(found["labelled"], "labelled"),
            covered=None if covered is None else _integer(covered, "covered"),
            intersection=_integers(found["intersection"], "intersection"),
            predicted=_integers(found["predicted"], "predicted"),
            predicted_known=_integers(found["predicted_known"], "predicted_known"),
            truth=_integers(found["truth"], "truth"),
            reliability=None if reliability is None else _reliability(reliability),
            instances=None if instances is None else _instances(instances),
        )


def _rules(c: ShapeCounts) -> list[tuple[str, bool]]:
    """Each rule that counts obey, and whether these do."""
    per_part = (c.intersection, c.predicted, c.predicted_known, c.truth)
    same = {len(values) for values in per_part} == {c.parts} and c.parts > 0
    rules = [("every part must have its four counts", same)]
    if not same:
        return rules
    known = sum(c.truth)
    each = zip(*per_part, strict=True)
    rules += [
        ("no part may be given to more rows than are labelled", sum(c.predicted) == c.labelled),
        ("labelled rows must be among all", known <= c.rows and c.labelled <= c.rows),
        ("covered rows must be among all", c.covered is None or c.covered <= c.rows),
        (
            "an intersection must be in what it intersects",
            all(i <= min(pk, t) and pk <= p for i, p, pk, t in each),
        ),
        ("labels on known rows must be on known rows", sum(c.predicted_known) <= known),
    ]
    if c.reliability is not None:
        rules.append(("bins must hold no more than they count", _bins_hold(c.reliability)))
    if c.instances is not None:
        rules.append(("instances must be of its parts", _instances_hold(c.instances, c.parts)))
    return rules


def _bins_hold(r: Reliability) -> bool:
    if not len(r.count) == len(r.correct) == len(r.confidence) == BINS:
        return False
    each = zip(r.count, r.correct, r.confidence, strict=True)
    # A sum of n rounded confidences can exceed n by a few units in the last place.
    return all(right <= n and 0 <= total <= n * (1 + 1e-9) for n, right, total in each)


def _instances_hold(instances: Instances, parts: int) -> bool:
    if len(instances.true_rows) != parts or not all(n > 0 for t in instances.true_rows for n in t):
        return False
    return all(_instance_holds(one, instances.true_rows) for one in instances.predicted)


def _instance_holds(one: PredictedInstance, true_rows: tuple[tuple[int, ...], ...]) -> bool:
    if not (0 <= one.part < len(true_rows) and math.isfinite(one.score)):
        return False
    there, ids = true_rows[one.part], [index for index, _ in one.overlaps]
    if ids != sorted(set(ids)) or not all(0 <= index < len(there) for index in ids):
        return False
    shared = sum(rows for _, rows in one.overlaps)
    return shared <= one.rows and all(0 < rows <= there[index] for index, rows in one.overlaps)


def _plain(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _reliability(row: object) -> Reliability:
    found = _fields(row, "reliability", Reliability)
    return Reliability(
        _integers(found["count"], "count"),
        _integers(found["correct"], "correct"),
        tuple(_number(value, "confidence") for value in _list(found["confidence"], "confidence")),
    )


def _instances(row: object) -> Instances:
    found = _fields(row, "instances", Instances)
    return Instances(
        tuple(_integers(one, "true_rows") for one in _list(found["true_rows"], "true_rows")),
        tuple(_predicted(one) for one in _list(found["predicted"], "instances.predicted")),
    )


def _predicted(row: object) -> PredictedInstance:
    found = _fields(row, "instances.predicted", PredictedInstance)
    pairs = [_integers(pair, "overlaps") for pair in _list(found["overlaps"], "overlaps")]
    if any(len(pair) != 2 for pair in pairs):
        raise ScoreError(f"counts: overlaps must be pairs, got {found['overlaps']}"[:400])
    return PredictedInstance(
        _integer(found["part"], "part"),
        _number(found["score"], "score"),
        _integer(found["rows"], "rows"),
        tuple((index, rows) for index, rows in pairs),
    )


def _fields(row: object, what: str, kind: Any) -> Mapping[str, Any]:
    names = list(kind.__dataclass_fields__)
    if not isinstance(row, dict) or set(row) != set(names):
        got = sorted(map(str, row)) if isinstance(row, dict) else type(row).__name__
        raise ScoreError(f"{what} must be an object with {', '.join(names)}, got {got}")
    return row


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ScoreError(f"counts: {name} must be a list, got {value!r}"[:400])
    return value


def _integer(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ScoreError(f"counts: {name} must be an integer of at least 0, got {value!r}"[:400])
    return value


def _integers(value: object, name: str) -> tuple[int, ...]:
    return tuple(_integer(one, name) for one in _list(value, name))


def _number(value: object, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ScoreError(f"counts: {name} must be a finite number, got {value!r}"[:400])
    return float(value)
