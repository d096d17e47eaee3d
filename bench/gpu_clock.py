"""Time on a GPU: events, warm-up, medians, graphs."""

from __future__ import annotations

import statistics
from collections.abc import Callable

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
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay
