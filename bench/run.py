"""Time every op and the pipeline, and append the rows to bench/results.csv.

    python bench/run.py [--ops] [--pipeline] [--only NAME] [--no-record]

Ops run under pytest-benchmark; each is checked against its reference before it is timed, and a red
check stops the run.  A row names the command's case, the commit, the device and the threads.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "results.csv"
COLUMNS = [
    *("case", "median", "minimum", "unit", "rounds", "threads"),
    *("commit", "device", "python", "torch", "command"),
]


def commit() -> str:
    """The commit, with a + where the sources differ from it."""
    git = ["git", "-C", str(BENCH)]
    name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    dirty = subprocess.run(
        [*git, "status", "--porcelain", "--", ":/csrc", ":/kernels", ":/pdengine"],
        capture_output=True,
        text=True,
    )
    return (name.stdout.strip() or "unknown") + ("+" if dirty.stdout.strip() else "")


def device() -> str:
    """The processor's name and how many cores this process has."""
    name = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")]
        name = models[0].split(":", 1)[1].strip() if models else name
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def op_rows(only: str) -> list[dict[str, object]]:
    """Run bench_<op>.py under pytest-benchmark; one row per case, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-o", "python_files=bench_*.py", "-o", "addopts=", "--import-mode=importlib"),
            *("--benchmark-disable-gc", f"--benchmark-json={report}"),
            *(str(p) for p in sorted(BENCH.glob("bench_*.py")) if only in p.stem),
        ]
        if subprocess.run(command, cwd=BENCH.parent).returncode != 0:
            sys.exit("bench: a check failed, so nothing is recorded")
        found = json.loads(report.read_text())["benchmarks"]
    return [
        {
            "case": entry["name"].removeprefix("test_"),
            "median": f"{entry['stats']['median'] * 1e3:.3f}",
            "minimum": f"{entry['stats']['min'] * 1e3:.3f}",
            "unit": "ms",
            "rounds": entry["stats"]["rounds"],
            "threads": (entry.get("params") or {}).get("threads", ""),
        }
        for entry in found
    ]


def pipeline_rows(only: str) -> list[dict[str, object]]:
    """Run bench/pipeline.py, each case in a process of its own (peak memory is the process's)."""
    listed = subprocess.run(
        [sys.executable, str(BENCH / "pipeline.py"), "--list"],
        check=True,
        capture_output=True,
        text=True,
    )
    rows = []
    for case in listed.stdout.split():
        if only in case:
            done = subprocess.run(
                [sys.executable, str(BENCH / "pipeline.py"), "--case", case],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            rows += json.loads(done.stdout)
    return rows


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ops", action="store_true", help="only the ops")
    parser.add_argument("--pipeline", action="store_true", help="only the pipeline")
    parser.add_argument("--only", default="", help="cases whose file or name contains this")
    parser.add_argument("--no-record", action="store_true", help="print, do not append")
    options = parser.parse_args()
    both = options.ops == options.pipeline
    rows = op_rows(options.only) if options.ops or both else []
    rows += pipeline_rows(options.only) if options.pipeline or both else []
    about = {
        "commit": commit(),
        "device": device(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "command": " ".join(["python", "bench/run.py", *sys.argv[1:]]),
    }
    for row in rows:
        print(f"{row['case']:60s} {row['median']:>12s} {row['unit']}")
    if not options.no_record:
        fresh = not RESULTS.exists()
        with RESULTS.open("a", newline="") as file:
            # bench/shapes.py says more in its own table than the columns here.
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
            if fresh:
                writer.writeheader()
            writer.writerows({**row, **about} for row in rows)


if __name__ == "__main__":
    main()
