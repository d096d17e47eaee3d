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


def newest(rows: Sequence[Row]) -> list[Row]:
    """The last row of each case, implementation and threads, on the machine of the last row.

    Rows of before there was a column for the implementation are left out, and so are a GPU's and
    those that say that somebody is not installed who was timed another time.
    """
    told = [row for row in rows if row["implementation"] and row["threads"] != GPU]
    kept: dict[tuple[str, str, str], Row] = {}
    for row in told:
        if row["device"] == told[-1]["device"]:
            kept[row["case"], row["implementation"], row["threads"]] = row
    timed = {(case, name) for (case, name, _), row in kept.items() if row["median"]}
    return [
        row
        for (case, name, _), row in kept.items()
        if row["note"] != "not installed" or (case, name) not in timed
    ]


@dataclass(frozen=True)
class Loss:
    """A case in which somebody else is faster.

    Attributes:
        times: our milliseconds over theirs, more than 1.
        quoted: theirs was measured on another day, so it is a hint.
    """

    case: str
    threads: str
    ours: float
    peer: str
    theirs: float
    quoted: bool

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


def losses(rows: Sequence[Row], quoted: Sequence[Row] = ()) -> list[Loss]:
    """Every case in which a peer's median is lower than ours on as many threads, worst first.

    Where a source does not say the threads, ours on one is what it is compared with.
    """
    ours = {
        (row["case"], row["threads"]): float(row["median"])
        for row in rows
        if row["implementation"] == OURS
    }
    found = []
    for others, quotes in ((rows, False), (quoted, True)):
        for row in others:
            mine = ours.get((row["case"], row["threads"] or "1"))
            if row["implementation"] == OURS or mine is None or not row["median"]:
                continue
            theirs = float(row["median"])
            if theirs < mine:
                name = row["implementation"]
                found.append(Loss(row["case"], row["threads"], mine, name, theirs, quotes))
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
    about = [f"[{row['p20']} {row['p80']}]"] if row.get("p20") else []
    if row.get("share"):
        about.append(f"{100 * float(row['share']):.0f} % of {row['limit']}")
    if row.get("peak_bytes"):
        peak, most = (float(row[key]) / 2**20 for key in ("peak_bytes", "most_bytes"))
        about.append(f"peak {peak:.2f} of {most:.2f} MiB")
    threads = row.get("threads") or ""
    threads += "" if threads in ("", GPU) else "t"
    return f"{head} {threads:>2s} {row['median']:>10s} {row['unit']}  {'  '.join(about)}"
