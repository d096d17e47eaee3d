"""bench/results.csv: its columns, its newest rows, and what follows from them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "results.csv"
QUOTED = BENCH / "peers.csv"
OURS = "ours"
MACHINE = "machine"
NOTHING = "No full run is recorded yet."
ENOUGH = 5  # samples that a spread can be told of
ONE = "1 sample"  # which has no spread at all
GPU = "gpu"  # in the column of threads: the time is a GPU's
COLUMNS = [
    *("case", "implementation", "threads", "median", "p20", "p80", "minimum", "unit", "rounds"),
    *("bytes", "flops", "gathers", "floor", "limit", "share", "peak_bytes", "most_bytes", "note"),
    *("commit", "device", "python", "torch", "command"),
]
Row = dict[str, str]


def read(path: Path = RESULTS) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Append rows, columns in order; what a row does not say is empty."""
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n"
        )
        if fresh:
            writer.writeheader()
        writer.writerows(rows)


def percentile(values: Sequence[float], share: float) -> float:
    """Between the two nearest values, linearly; share in [0, 1]."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def number(text: str) -> str:
    """Three digits that say something: 0.0123, 1.23, 12.3, 1,230."""
    value = float(text)
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass(frozen=True)
class Name:
    """A case's name taken apart: op[key=value ...]."""

    op: str
    sizes: dict[str, str]


def parse(case: str) -> Name:
    """Raises ValueError where the name is none of ours."""
    found = re.fullmatch(r"([\w/]+)\[([^\]]*)\]", case)
    pairs = [pair.partition("=") for pair in found[2].split()] if found else []
    if not found or not all(equals for _, equals, _ in pairs):
        raise ValueError(f"a case is called op[key=value ...], got {case!r}")
    return Name(found[1], {key: value for key, _, value in pairs})


def kind(row: Row) -> str:
    """An op's case says its sizes; the pipeline's and its stages' do not."""
    return "ops" if "[" in row["case"] else "pipeline"


def whole(command: str, kind: str) -> bool:
    """Whether a command times every case of a kind."""
    words = command.split()
    if words[:2] != ["python", "bench/run.py"]:
        return False
    if any(word.startswith("--only") for word in words):
        return False
    parts = {"--ops", "--pipeline"} & set(words)
    return not parts or f"--{kind}" in parts


def newest(rows: Sequence[Row]) -> list[Row]:
    """What one machine says: the one on which every op was timed last.

    Of each kind of case, the last run of all of them there, and what was timed again since; the
    machine's limits are those of that run.  Left out are other machines' rows, those of before
    there was a column for the implementation, a GPU's, and those that say why somebody was not
    timed who was later, or is not installed who was timed another time.
    """
    told = [row for row in rows if row["implementation"] and row["threads"] != GPU]
    full = [row for row in told if kind(row) == "ops" and whole(row["command"], "ops")]
    if not full:
        return []
    there = [row for row in told if row["device"] == full[-1]["device"]]
    kept: dict[tuple[str, str, str], Row] = {}
    for name in ("ops", "pipeline"):
        of = [row for row in there if kind(row) == name]
        last = next((row for row in reversed(of) if whole(row["command"], name)), None)
        first = next((i for i, row in enumerate(of) if last and same_run(row, last)), len(of))
        for row in of[first:]:
            if row["implementation"] != MACHINE or (last and same_run(row, last)):
                kept[row["case"], row["implementation"], row["threads"]] = row
                if row["median"]:  # why it was not timed before is the past
                    kept.pop((row["case"], row["implementation"], ""), None)
    timed = {(case, name) for (case, name, _), row in kept.items() if row["median"]}
    return [
        row
        for (case, name, _), row in kept.items()
        if row["note"] != "not installed" or (case, name) not in timed
    ]


def same_run(one: Row, other: Row) -> bool:
    """Whether two rows were recorded by the same command of the same commit on one machine."""
    return all(one[key] == other[key] for key in ("commit", "device", "command"))


def threads_of(row: Row) -> str:
    return f"{row['threads']}t" if row["threads"] else "threads not said"


def samples(row: Row) -> str:
    """How many samples a time is the median of, where they are fewer than five."""
    count = int(row.get("rounds") or ENOUGH)
    return "" if count >= ENOUGH else ONE if count == 1 else f"{count} samples"


@dataclass(frozen=True)
class Loss:
    """A case in which somebody else is faster.

    Attributes:
        times: our milliseconds over theirs, more than 1.
        note: where theirs was measured another day, so that it is a hint: "quoted", or the commit.
    """

    case: str
    threads: str
    ours: float
    peer: str
    theirs: float
    note: str = ""

    @property
    def times(self) -> float:
        return self.ours / self.theirs


def unmeasured(rows: Sequence[Row], quoted: Sequence[Row]) -> list[Row]:
    """What is quoted of those that were not measured in the same case."""
    measured = {(row["case"], row["implementation"]) for row in rows if row["median"]}
    return [
        row
        for row in quoted
        if (row["case"], row["implementation"]) not in measured
        and (row["case"], row["implementation"].split()[0]) not in measured
    ]


def ours_beside(rows: Sequence[Row], case: str, threads: str) -> Row | None:
    """Our row for a case on so many threads, or on the most that it was timed on below that.

    Where a source does not say the threads, ours on one is what it is compared with.
    """
    mine = {
        int(row["threads"]): row
        for row in rows
        if row["case"] == case and row["implementation"] == OURS and row["median"]
    }
    allowed = [count for count in mine if count <= int(threads or 1)]
    return mine[max(allowed)] if allowed else None


def losses(rows: Sequence[Row], quoted: Sequence[Row] = ()) -> list[Loss]:
    """Every case in which a peer's median is lower than ours on as many threads, worst first."""
    found = []
    for others, measured in ((rows, True), (quoted, False)):
        for row in others:
            mine = ours_beside(rows, row["case"], row["threads"])
            if row["implementation"] == OURS or mine is None or not row["median"]:
                continue
            ours, theirs = float(mine["median"]), float(row["median"])
            if theirs < ours:
                note = "quoted" if not measured else "" if same_run(mine, row) else row["commit"]
                name, threads = row["implementation"], row["threads"]
                found.append(Loss(row["case"], threads, ours, name, theirs, note))
    return sorted(found, key=lambda loss: -loss.times)


def slower_on_two(rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Our cases whose median two threads make higher: the rows on one and on two."""
    ours = {
        (row["case"], row["threads"]): row
        for row in rows
        if row["implementation"] == OURS and row["median"]
    }
    pairs = [(one, ours.get((case, "2"))) for (case, n), one in ours.items() if n == "1"]
    return [
        (one, two)
        for one, two in pairs
        if two is not None and float(two["median"]) > float(one["median"])
    ]


def line(row: Row) -> str:
    """A row for the eye: case, who, threads, median, spread, share of the limit, memory."""
    head = f"{row['case']:62s} {row['implementation']:14s}"
    if not row.get("median"):
        return f"{head}     {row['note']}"
    few = samples(row)
    about = [f"[{row['p20']} {row['p80']}]"] if row.get("p20") and few != ONE else []
    if few:
        about.append(few)
    if row.get("share"):
        about.append(f"{100 * float(row['share']):.0f} % of {row['limit']}")
    if row.get("peak_bytes"):
        peak, most = (float(row[key]) / 2**20 for key in ("peak_bytes", "most_bytes"))
        about.append(f"peak {peak:.2f} of {most:.2f} MiB")
    threads = row.get("threads") or ""
    threads += "" if threads in ("", GPU) else "t"
    return f"{head} {threads:>2s} {row['median']:>10s} {row['unit']}  {'  '.join(about)}"
