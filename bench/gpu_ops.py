"""Time every op on the GPU, each as a share of the machine's own limit.

    python bench/gpu_ops.py --csv FILE [--limits FILE] [--only NAME]

Each case is first compared with the CPU's answer on the same input: indices bit for bit, floats
within the error of their sums.  A case that differs or fails is not timed, and the run ends with 1.
The time is that of a call and, where the call can be captured, of a graph.  The floor is the most
of what a case must move, look up, minimise or multiply, and of one node of a graph, by the limits.
Without the limits, or where their file is not there, no share is told.  An op without a GPU backend
is listed as such, and counts as wrong.  The rows are bench/results.csv's.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from gpu_cases import Case, cases, moved, tensors
from gpu_clock import about, captured, in_a_new_process, keep, still_runs, timed, times_ms
from run import commit
from table import OURS, line

from pdengine.kernels import _dispatch

IN_A_GRAPH = f"{OURS} in a graph"


def floor_ms(case: Case, limits: dict[str, Any]) -> tuple[float, str]:
    """The time below which this GPU cannot be, and the limit that says so."""
    amounts = {"graph_node_s": 1.0} | case.floor
    floors = {
        name: amount * limits[name] if name == "graph_node_s" else amount / limits[name]
        for name, amount in amounts.items()
        if name in limits
    }
    limit = max(floors, key=lambda name: floors[name], default="")
    return 1e3 * floors.get(limit, 0.0), limit


def differs(found: Any, expected: Any, within: float) -> str | None:
    """One sentence, or None where the two answers are the same."""
    for k, (one, other) in enumerate(zip(tensors(found), tensors(expected), strict=True)):
        one = one.detach().cpu()
        other = other.detach()
        if one.shape != other.shape or one.dtype != other.dtype:
            got, due = (f"{t.dtype} {list(t.shape)}" for t in (one, other))
            return f"output {k} is {got}, not {due}"
        if not within or not other.is_floating_point():
            if not torch.equal(one, other):
                wrong = int((one != other).sum())
                return f"output {k} differs in {wrong} of {one.numel()} values"
            continue
        one, other = one.double(), other.double()
        error = float((one - other).norm() / other.norm().clamp_min(1e-30))
        if not error < within:  # also NaN
            return f"output {k} has the relative error {error:.1e}"
    return None


def one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def compare(case: Case) -> str | None:
    """What is wrong with the GPU's answer, or None."""
    expected = case.run(*case.inputs)
    _dispatch.taken.clear()
    try:
        found = case.run(*moved(case.inputs, "cuda"))
    except Exception as error:  # of ours, of torch or of Triton's compiler: told, and not timed
        return one_line(error)
    slow = [op for op, backend in _dispatch.taken.items() if backend == "reference"]
    if slow:
        return f"{', '.join(slow)} has no GPU backend"
    return differs(found, expected, case.error)


def measure(case: Case, limits: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a case: of a call, and of a graph where it can be captured."""
    inputs = moved(case.inputs, "cuda")
    run: Callable[[], object] = lambda: case.run(*inputs)  # noqa: E731
    found = {OURS: times_ms(run)}
    try:
        found[IN_A_GRAPH] = times_ms(captured(run), calls=10)
    except RuntimeError as error:
        print(f"{case.name}: not captured, {one_line(error)}", file=sys.stderr)
        still_runs()  # hears what else the capture left behind
    floor, limit = floor_ms(case, limits)
    for how, spent in found.items():
        share = f"{floor / statistics.median(spent):.4f}" if limit else ""
        least = {"floor": f"{floor:.4g}", "limit": limit, "share": share} if limit else {}
        yield timed(case.name, spent, how, **least)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--limits", type=Path, help="what gpu_limits.py wrote")
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--first", type=int, default=0, help="the case to go on with")
    options = parser.parse_args()
    known = options.limits is not None and options.limits.exists()
    limits = json.loads(options.limits.read_text()) if known else {}
    whole = about(commit(), torch.cuda.get_device_name())
    wrong = int(options.first > 0)  # a case was, or there would be nothing to go on from
    if not wrong:
        options.csv.unlink(missing_ok=True)
    for number, case in enumerate(cases()):
        if options.only not in case.name or number < options.first:
            continue
        try:
            fault = compare(case)
            for row in [] if fault else measure(case, limits):
                keep(options.csv, row | whole)
                print(line(row), flush=True)
        except Exception as error:
            fault = one_line(error)
        if fault is not None:
            print(f"{case.name}: NOT TIMED, {fault}", flush=True)
            wrong += 1
        if not still_runs():
            in_a_new_process(number + 1)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
