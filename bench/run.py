"""Time every op and the pipeline, append the rows to bench/results.csv, write docs/performance.md.

    python bench/run.py [--ops] [--pipeline] [--only NAME] [--quick] [--no-record]
    python bench/run.py --base REF [--gate RATIO] [--only NAME] [--quick]
    python bench/run.py --report

Each op is checked against its definition before it is timed, a peer against the op; a red check
stops the run and nothing is recorded.  The machine's limits are measured in the same run, and a
time is said as a share of them.  --base builds an older commit, times both in turn on one thread
and prints the ratios; with --gate it ends with 1 where this commit takes more than RATIO times as
long.  --quick takes the small cases, briefly, and records nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from table import OURS, QUOTED, RESULTS, Row, line, read, unmeasured, write

BENCH = Path(__file__).resolve().parent
QUICK_SECONDS = 0.04
THREADS = (1, 2)


def commit() -> str:
    """The commit, with a + where the sources differ from it; PDENGINE_COMMIT where git is not."""
    if shutil.which("git") is None:
        return os.environ.get("PDENGINE_COMMIT", "unknown")
    git = ["git", "-C", str(BENCH)]
    name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    dirty = subprocess.run(
        [*git, "status", "--porcelain", "--", ":/csrc", ":/kernels", ":/pdengine"],
        capture_output=True,
        text=True,
    )
    told = name.stdout.strip() or os.environ.get("PDENGINE_COMMIT", "unknown")
    return told + ("+" if dirty.stdout.strip() else "")


def device() -> str:
    """The processor's name and model, and how many cores this process has."""
    cpuinfo = Path("/proc/cpuinfo")
    told = processor(cpuinfo.read_text()) if cpuinfo.exists() else ""
    return f"{told or platform.machine()}, {len(os.sched_getaffinity(0))} cores"


def processor(cpuinfo: str) -> str:
    """Its name, with the model: several processors of a cloud call themselves AMD EPYC.  Or ""."""
    pairs = (line.split(":", 1) for line in cpuinfo.splitlines() if ":" in line)
    about = {key.strip(): value.strip() for key, value in pairs}
    if "cpu family" not in about:
        return about.get("model name", "")
    return f"{about['model name']} (family {about['cpu family']}, model {about['model']})"


def limit_rows(quick: bool) -> tuple[dict[int, dict[str, float]], list[dict[str, object]]]:
    """The machine's limits by threads, and a row for each."""
    from limits import machine_limits

    size = {"seconds": QUICK_SECONDS, "megabytes": 64} if quick else {}
    limits = {threads: machine_limits(threads, **size) for threads in THREADS}  # type: ignore[arg-type]
    units = {"copy_bytes_per_s": ("copy", "GB/s"), "flop_per_s": ("arithmetic", "GFLOP/s")}
    units["gathers_per_s"] = ("gather", "G gathers/s")
    rows: list[dict[str, object]] = []
    for threads, found in limits.items():
        for key, (name, unit) in units.items():
            rows.append(
                {
                    "case": f"machine[limit={name}]",
                    "implementation": "machine",
                    "threads": threads,
                    "median": f"{found[key] / 1e9:.3f}",
                    "unit": unit,
                }
            )
            show(rows[-1])
    return limits, rows


def op_rows(cases: Sequence[Any], quick: bool) -> list[dict[str, object]]:
    """The limits, then every case: ours, and everybody else who is installed.

    Raises:
        SystemExit: an answer is wrong, or more memory is taken than a case allows.
    """
    from harness import LEAST_OURS, on_threads, prepare, spread, times_ms

    limits, rows = limit_rows(quick)
    peaks = peak_rows(cases)
    for case in cases:
        try:
            work = prepare(case)
        except AssertionError as error:
            sys.exit(f"bench: {case.name}: {error}; nothing is recorded")
        seconds = QUICK_SECONDS if quick else case.seconds
        for threads in case.threads:
            with on_threads(threads):
                found = spread(times_ms(work.run, seconds, LEAST_OURS))
            floor, limit = work.cost.floor_ms(limits[threads])
            row = {
                "case": case.name,
                "implementation": OURS,
                "threads": threads,
                **found.row(),
                "bytes": f"{work.cost.bytes:.0f}",
                "flops": f"{work.cost.flops:.0f}",
                "gathers": f"{work.cost.gathers:.0f}",
                "floor": f"{floor:.4g}",
                "limit": limit,
                "share": f"{floor / found.median:.4f}",
            }
            if threads == max(case.threads):
                row |= {
                    "most_bytes": f"{work.most_bytes:.0f}",
                    "peak_bytes": str(peaks.get(case.name, "")),
                }
            rows.append(row)
            show(row)
        for peer in work.peers:
            rows += peer_rows(case, work, peer, seconds, quick)
        del work
    return rows


def peer_rows(
    case: Any, work: Any, peer: Any, seconds: float, quick: bool
) -> list[dict[str, object]]:
    """A peer's times on the same inputs; one row that says why where there are none."""
    from harness import LEAST_PEERS, PATIENCE, on_threads, spread, times_ms

    common = {"case": case.name, "implementation": peer.name}
    rows: list[dict[str, object]] = []
    version = peer.version
    if version is None:
        rows.append({**common, "note": "not installed"})
    else:
        note = f"{version}; {peer.note}" if peer.note else version
        try:
            for threads in peer.threads[:1] if quick else peer.threads:
                with on_threads(threads):
                    run = peer.make(threads)
                if threads == peer.threads[0] and peer.agrees is not None:
                    peer.agrees(work.run(), run())
                with on_threads(threads):
                    found = spread(times_ms(run, seconds, LEAST_PEERS, PATIENCE))
                rows.append({**common, "threads": threads, **found.row(), "note": note})
        except Exception as error:  # it is their code or their installation: said, and left out
            why = (str(error) or type(error).__name__).splitlines()[0]
            rows.append({**common, "note": f"not timed: {why}"})
    for row in rows:
        show(row)
    return rows


def peak_rows(cases: Sequence[Any]) -> dict[str, int]:
    """Peak bytes of each case, measured in a process that gives memory back at once.

    Raises:
        SystemExit: an answer is wrong, or a case takes more than it allows.
    """
    from harness import SLACK
    from worker import EXACT_MEMORY, Worker

    peaks, over = {}, []
    with Worker({**os.environ, **EXACT_MEMORY}) as worker:
        for case in cases:
            answer = worker.ask(case=case.name, memory=True)
            if answer.get("gate"):
                sys.exit(f"bench: {case.name}: {answer['error']}; nothing is recorded")
            if "error" in answer:
                print(f"bench: {case.name}: no peak, {answer['error']}")
                continue
            peaks[case.name] = int(answer["peak"])
            if answer["peak"] > answer["most"] + SLACK:
                over.append(f"{case.name}: {answer['peak']} bytes, allowed {answer['most']:.0f}")
    if over:
        sys.exit("\n".join(["bench: too much memory, so nothing is timed", *over]))
    return peaks


def pipeline_rows(only: str) -> list[dict[str, object]]:
    """Run bench/pipeline.py, each case in a process of its own (peak memory is the process's)."""
    command = [sys.executable, str(BENCH / "pipeline.py")]
    listed = subprocess.run([*command, "--list"], check=True, capture_output=True, text=True)
    rows: list[dict[str, object]] = []
    for case in listed.stdout.split():
        if only in case:
            done = subprocess.run(
                [*command, "--case", case], check=True, stdout=subprocess.PIPE, text=True
            )
            rows += json.loads(done.stdout)
            show(rows[-1])
    return rows


def show(row: dict[str, object]) -> None:
    print(line({key: str(value) for key, value in row.items()}), flush=True)


def show_quoted(rows: Sequence[Row]) -> None:
    """What stands in peers.csv for these cases and was not measured."""
    cases = {row["case"] for row in rows}
    others = [row for row in unmeasured(rows, read(QUOTED)) if row["case"] in cases]
    if others:
        print("\nquoted, not measured here:")
    for row in others:
        threads = f"{row['threads']}t" if row["threads"] else "  "
        print(
            f"{row['case']:62s} {row['implementation']:22s} {threads:>2s} "
            f"{row['median']:>8s} {row['unit']}  {row['source']}"
        )


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    about = __doc__.splitlines()[0]  # type: ignore[union-attr]
    # The rows keep the command, and what it says decides what the page shows: no abbreviations.
    parser = argparse.ArgumentParser(description=about, allow_abbrev=False)
    parser.add_argument("--ops", action="store_true", help="only the ops")
    parser.add_argument("--pipeline", action="store_true", help="only the pipeline")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--quick", action="store_true", help="small ops, briefly; not recorded")
    parser.add_argument("--no-record", action="store_true", help="print, do not append")
    parser.add_argument("--report", action="store_true", help="only write docs/performance.md")
    parser.add_argument("--base", metavar="REF", help="compare with this commit")
    parser.add_argument(
        "--gate", metavar="RATIO", type=float, help="with --base: the most it may be"
    )
    options = parser.parse_args(argv)
    if options.gate is not None and (options.base is None or not options.gate > 0):
        parser.error("--gate takes a positive ratio and needs --base")
    return options


def chosen(options: argparse.Namespace) -> list[Any]:
    """The cases of the ops that are asked for."""
    from harness import collect

    cases = [one for one in collect() if options.only in one.name]
    return [one for one in cases if one.quick] if options.quick else cases


def against_base(options: argparse.Namespace) -> int:
    from compare import commit_of, compare, verdict

    base = commit_of(options.base)
    cases = chosen(options)
    seconds = 5 * QUICK_SECONDS if options.quick else 1.0
    wrong = verdict(compare(base, cases, seconds, options.gate), options.gate)
    print("\n".join(["", *wrong] if wrong else ["", "no case is over the gate"]))
    return 1 if wrong else 0


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    if options.base:
        return against_base(options)
    if not options.report:
        measure(options)
    if options.report or not (options.quick or options.no_record):
        import report

        told = report.write()
        if not options.report and told != device():
            print(
                f"bench: the page shows {told or 'no machine'}; this run is in {RESULTS.name} alone"
            )
    return 0


def measure(options: argparse.Namespace) -> None:
    """Time what is asked for, and append it to the results."""
    import torch

    both = options.ops == options.pipeline
    start = time.monotonic()
    rows: list[dict[str, object]] = []
    if cases := chosen(options) if options.ops or both else []:
        rows += op_rows(cases, options.quick)
    if (options.pipeline or both) and not options.quick:
        rows += pipeline_rows(options.only)
    if not rows:
        sys.exit(f"bench: no case's name contains {options.only!r}")
    about = {
        "commit": commit(),
        "device": device(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "command": " ".join(["python", "bench/run.py", *sys.argv[1:]]),
    }
    told = [{key: str(value) for key, value in {"median": "", **row}.items()} for row in rows]
    show_quoted(told)
    print(f"\nbench: {(time.monotonic() - start) / 60:.1f} minutes")
    if not (options.quick or options.no_record):
        # bench/shapes.py says more in its own table than the columns here.
        write(RESULTS, [{**row, **about} for row in rows])


if __name__ == "__main__":
    sys.exit(main())
