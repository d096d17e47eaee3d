"""Time on a GPU: events, warm-up, graphs; rows that outlive a run, runs that outlive a fault."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from table import GPU, OURS, Row, percentile, write

WARM_UP = 0.05  # seconds: an idle GPU's clock is a fifth of a busy one's


def times_ms(run: Callable[[], object], rounds: int = 30, calls: int = 1) -> list[float]:
    """Milliseconds of one call, per round of so many calls between two events.

    Inputs stay the same, so what fits the second-level cache is read from there, as in the engine,
    where the op before has just written it.
    """
    end = time.perf_counter() + WARM_UP
    while time.perf_counter() < end:
        run()
        torch.cuda.synchronize()
    found = []
    for _ in range(rounds):
        start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(calls):
            run()
        stop.record()
        stop.synchronize()
        found.append(start.elapsed_time(stop) / calls)
    return found


def median_ms(run: Callable[[], object], rounds: int = 30, calls: int = 1) -> float:
    return statistics.median(times_ms(run, rounds, calls))


def captured(run: Callable[[], object]) -> Callable[[], object]:
    """The same work as a CUDA graph; a call replays it.

    Raises:
        RuntimeError: it cannot be captured: something in it waits for the GPU.
    """
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph, stream = torch.cuda.CUDAGraph(), torch.cuda.current_stream()
    try:
        with torch.cuda.graph(graph):
            run()
    finally:  # where it fails, torch stays on the stream that it captured
        torch.cuda.set_stream(stream)
    return graph.replay


def timed(case: str, spent: Sequence[float], how: str = OURS, **more: Any) -> dict[str, Any]:
    """A row of bench/results.csv, but for what is known of the whole run (see about).

    Args:
        case: its name.
        spent: milliseconds of each round.
        how: the implementation.
        more: other columns.
    """
    return {
        "case": case,
        "implementation": how,
        "threads": GPU,
        "median": f"{statistics.median(spent):.5g}",
        "p20": f"{percentile(spent, 0.2):.5g}",
        "p80": f"{percentile(spent, 0.8):.5g}",
        "minimum": f"{min(spent):.5g}",
        "unit": "ms",
        "rounds": len(spent),
        **more,
    }


def about(commit: str, device: str) -> Row:
    """What every row of a run says: the commit, the device's name, versions and the command."""
    return {
        "commit": commit,
        "device": device,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "command": f"python bench/{Path(sys.argv[0]).name}",
    }


def keep(path: Path | None, row: dict[str, Any]) -> None:
    """Write one row at once; without a path it goes nowhere."""
    if path is not None:
        write(path, [row])


def still_runs() -> bool:
    """Whether the GPU answers: after an illegal access it refuses all that this process asks."""
    try:
        torch.cuda.synchronize()
        return True
    except RuntimeError:
        return False


def in_a_new_process(first: int) -> None:
    """Go on from case number first as the same program, started anew.  Does not return."""
    print(f"the GPU answers this process no more: case {first} goes on in a new one", flush=True)
    kept = [one for one in sys.argv if not one.startswith("--first=")]
    os.execv(sys.executable, [sys.executable, *kept, f"--first={first}"])
