"""The page of an evaluation: the tables, and what the best and the worst shapes look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pdengine.config import METHODS
from pdengine.data.files import as_text
from pdengine.evaluate.outputs import failures, heading
from pdengine.evaluate.paint import SIDE_PX, Paint, painter
from pdengine.evaluate.pool import Pool
from pdengine.evaluate.protocols import find_protocol
from pdengine.evaluate.results import Result, one_score
from pdengine.evaluate.rows import STAGES, Row
from pdengine.evaluate.run import PRELOAD, Evaluated
from pdengine.io import hex_colour, replace_file
from pdengine.report.page import templates

MOST_CATEGORIES = 60  # more would make the page large, not the story clearer
MOST_FAILED = 200  # all of them stand in summary.json


@dataclass(frozen=True)
class Pick:
    """A shape that is shown for one method.

    Attributes:
        rank: "best", "median" or "worst".
        row: the method's.
        score: in the protocol.
        vote_score: the vote's on the same shape, or None where there is none.
    """

    rank: str
    row: Row
    score: float
    vote_score: float | None


def write_gallery(found: Evaluated, numbers: Sequence[Result]) -> Path:
    """Write index.html: one offline page.

    Raises:
        SaveError: it cannot be written.
    """
    chosen = picks(found)
    pictures = _pictures(found, chosen)
    environment = templates(Path(__file__).parent)
    environment.filters["percent"] = lambda share: f"{100 * share:.1f}"
    numbered = {key: number for number, key in enumerate(pictures)}
    failed = failures(found.rows)
    page = environment.get_template("gallery.html").render(
        title=heading(found),
        plan=found.plan,
        teacher=found.teacher,
        simulated=found.plan.experiment.simulated,
        protocol=find_protocol(found.plan.scored_in),
        results=numbers,
        stages=STAGES,
        categories=list(found.parts)[:MOST_CATEGORIES],
        left_out=len(found.parts) - MOST_CATEGORIES,
        colours={c: [(n, hex_colour(k)) for k, n in enumerate(p)] for c, p in found.parts.items()},
        picks=chosen,
        pictures=list(pictures.values()),
        numbered=numbered,
        side_px=SIDE_PX,
        unknown=found.unknown,
        notes=found.plan.dataset.notes,
        failed=failed[:MOST_FAILED],
        failed_count=len(failed),
    )
    path = found.plan.out / "index.html"
    replace_file(path, [as_text(page).encode()])
    return path


def picks(found: Evaluated) -> dict[str, dict[str, list[Pick]]]:
    """The best, median and worst shape of each category and method, on the first seed.

    A method is shown beside the vote, so the vote itself is shown only where it stands alone.
    """
    rows, seed = found.rows, min((row.seed for row in found.rows), default=0)
    present = {row.method for row in rows}
    shown = [m for m in METHODS if m in present and (m != "vote" or present == {"vote"})]
    protocol = found.plan.scored_in
    scores = {row.key: one_score(row, found.parts, protocol) for row in rows if row.seed == seed}
    chosen: dict[str, dict[str, list[Pick]]] = {}
    for category in list(found.parts)[:MOST_CATEGORIES]:
        for method in shown:
            group = [
                (value, row)
                for row in rows
                if (row.category, row.method, row.seed) == (category, method, seed)
                and row.error is None
                and (value := scores[row.key]) is not None
            ]
            better = find_protocol(protocol).better == "higher"
            group.sort(key=lambda pair: pair[0], reverse=better)
            chosen.setdefault(category, {})[method] = [
                Pick(rank, row, value, scores.get((row.shape, "vote", seed)))
                for rank, (value, row) in _ranked(group)
            ]
    return chosen


def _ranked(group: Sequence[tuple[float, Row]]) -> list[tuple[str, tuple[float, Row]]]:
    """At most three different ones."""
    places = {"best": 0, "worst": len(group) - 1, "median": len(group) // 2}  # of two no median
    taken: dict[int, str] = {}
    for rank, place in places.items():
        if group:
            taken.setdefault(place, rank)
    return [(rank, group[place]) for place, rank in sorted(taken.items())]


Key = tuple[str, str]  # shape, "truth" or method


def _pictures(
    found: Evaluated, chosen: Mapping[str, Mapping[str, Sequence[Pick]]]
) -> dict[Key, str]:
    """Each picture once; of a shape that cannot be drawn there is none."""
    setup, plan = found.plan.setup, found.plan
    examples = {example.name: example for example in plan.dataset.examples}
    up = {row.shape: row.up for row in found.rows if row.up is not None}
    kept = {(row.shape, row.method) for row in found.rows if row.error is None}
    wanted: dict[str, dict[str, None]] = {}
    for methods in chosen.values():
        for method, group in methods.items():
            for pick in group:
                own = wanted.setdefault(pick.row.shape, {})
                own |= {m: None for m in ("vote", method) if (pick.row.shape, m) in kept}
    seed = min((row.seed for row in found.rows), default=0)
    tasks, names = [], {}
    for shape, said in wanted.items():
        if shape in examples:
            files = tuple(setup.labels(shape, method, seed) for method in said)
            tasks.append(Paint(examples[shape], seed, up.get(shape, "y"), files))
            names[shape] = ["truth", *said]
    pictures: dict[Key, str] = {}
    with Pool(partial(painter, setup), plan.workers, plan.timeout, PRELOAD) as pool:
        for done in pool.run(tasks):
            if done.error is None:
                shape = done.task.example.name
                pictures |= {(shape, n): p for n, p in zip(names[shape], done.value, strict=True)}
    return dict(sorted(pictures.items()))
