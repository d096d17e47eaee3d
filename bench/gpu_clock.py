"""Time on a GPU: events, warm-up, medians, graphs; and rows that outlive a run that is cut off."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch


def times_ms(run: Callable[[], object], rounds: int = 30, calls: int = 1) -> list[float]:
    """Milliseconds of one call, per round of so many calls between two events."""
    for _ in range(3):
        run()
    torch.cuda.synchronize()
    found = []
    for _ in range(rounds):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(calls):
            run()
        end.record()
        end.synchronize()
        found.append(start.elapsed_time(end) / calls)
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


@contextmanager
def table(path: Path | None, columns: Sequence[str]) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Gives what writes one row at once, into a new file; without a path the row goes nowhere."""
    if path is None:
        yield lambda row: None
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()

        def write(row: dict[str, Any]) -> None:
            writer.writerow(row)
            file.flush()

        yield write
