"""What the ops were to reach on two cores, and whether the newest rows do.

An aim is a time, how many times as fast as a peer a case is to be, or how many times its floor it
may take.  report.py writes the table into docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from table import OURS, Row, number, same_run, samples, threads_of

STEP = "training_step[shapes=1 points={}]"
SPLAT = "splat_points[views=10 side=512 radius=2 points={}]"
PARTS = "label_components[views=10 side=512 kind=parts]"
MAPS = "kernel_map[grid=140 levels=3 points=120000]"  # 20,256 voxels
SEEN = "visible_points[views=10 side=512 points=1000000]"


@dataclass(frozen=True)
class Aim:
    """One bound on one case.

    Attributes:
        case: its name.
        at_most_ms: milliseconds of a call.
        peer: whose best time, on any number of threads, ours is held against.
        times: how many times as fast as the peer ours is to be.
        floors: how many times its floor a call may take.
        threads: what ours is timed on.
    """

    case: str
    at_most_ms: float | None = None
    peer: str = ""
    times: float | None = None
    floors: float | None = None
    threads: str = "2"

    def __str__(self) -> str:
        if self.at_most_ms is not None:
            return f"at most {self.at_most_ms:g} ms"
        if self.peer:
            return f"{self.times:g} times as fast as {self.peer}"
        return f"at most {self.floors:g} times its floor"


AIMS = (
    *(Aim(SPLAT.format(n), at_most_ms=ms) for n, ms in ((16384, 5), (100000, 9), (1000000, 45))),
    Aim(MAPS, at_most_ms=5),
    *(Aim(STEP.format(n), floors=1.6) for n in (2048, 10000, 100000)),
    *(Aim(STEP.format(n), peer="MinkowskiEngine", times=2) for n in (2048, 10000, 100000)),
    *(Aim(STEP.format(n), peer="spconv", times=2.5) for n in (2048, 10000, 100000)),
    Aim("knn[k=20 points=100000]", at_most_ms=200),
    Aim("knn[k=20 points=100000]", peer="SciPy", times=2.5),
    Aim("superpoints[k=10 points=100000]", at_most_ms=150),
    Aim("superpoints[k=10 points=100000]", peer="cut-pursuit-py", times=100),
    Aim(PARTS, at_most_ms=1.5),
    # cc3d took 4 ms and OpenCV 17 where 1.5 ms were aimed at.
    Aim(PARTS, peer="cc3d", times=2.7),
    Aim(PARTS, peer="OpenCV", times=11),
    Aim("soft_cross_entropy[parts=10 points=100000]", at_most_ms=2.2, threads="1"),
    Aim(SEEN, at_most_ms=20),
)


HEAD = ("workload", "aim", "measured", "")


def best(rows: Sequence[Row], case: str, name: str) -> Row | None:
    """A peer's row of the least median, whatever its threads and its version."""
    theirs = [
        row
        for row in rows
        if row["case"] == case and row["implementation"].split(" ")[0] == name and row["median"]
    ]
    return min(theirs, key=lambda row: float(row["median"]), default=None)


def said(row: Row, about: str = "") -> str:
    """A time, on how many threads, and of how many samples where they are few."""
    few = "" if about else samples(row)
    return f"{number(row['median'])} ms ({', '.join(filter(None, (threads_of(row), few, about)))})"


def judge(aim: Aim, rows: Sequence[Row], quoted: Sequence[Row]) -> tuple[str, str]:
    """What was measured, and whether that is what was aimed at.

    A peer counts with its best time of the run that ours is from; a quoted one where that has none.
    """
    mine = [row for row in rows if (row["case"], row["implementation"]) == (aim.case, OURS)]
    ours = next((row for row in mine if row["threads"] == aim.threads and row["median"]), None)
    if ours is None:
        return "nothing yet", "not measured"
    taken = float(ours["median"])
    if aim.at_most_ms is not None:
        return said(ours), verdict(taken <= aim.at_most_ms)
    if aim.floors is not None:
        floor = float(ours["floor"])
        ratio = f"{taken / floor:.2f} times: {said(ours)}, floor {number(ours['floor'])} ms"
        return ratio, verdict(taken <= aim.floors * floor)
    assert aim.times is not None
    theirs = best([row for row in rows if same_run(row, ours)], aim.case, aim.peer)
    source = "" if theirs else "quoted"
    theirs = theirs or best(quoted, aim.case, aim.peer)
    if theirs is None:
        return f"{said(ours)}; {aim.peer} was not timed in that run", "not measured"
    times = float(theirs["median"]) / taken
    told = f"{times:.3g} times: {said(ours)}, {aim.peer} {said(theirs, source)}"
    alone = best([row for row in mine if row["threads"] == "1"], aim.case, OURS)
    if alone and theirs["threads"] == "1" != aim.threads:
        told += f"; on one thread each {float(theirs['median']) / float(alone['median']):.3g}"
    return told, verdict(times >= aim.times) + (", by a quoted time" if source else "")


def verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def lines(rows: Sequence[Row], quoted: Sequence[Row]) -> list[list[str]]:
    """A line of the table for each aim."""
    return [[f"`{aim.case}`", str(aim), *judge(aim, rows, quoted)] for aim in AIMS]
