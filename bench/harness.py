"""What a case is, and how it is timed: the gate before the clock, threads, spread, peak memory."""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import importlib.util
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from table import percentile
from torch import Tensor

from pdengine.kernels import set_thread_limit

BENCH = Path(__file__).resolve().parent
WARM_UP = 2
LONG_ENOUGH = (
    1e-3  # seconds a sample should last, for the clock and the scheduler to be small in it
)
MOST_ROUNDS = 200
LEAST_OURS, LEAST_PEERS = 5, 3  # samples, however long a call lasts
PATIENCE = 2.0  # seconds: a peer whose call lasts longer gives one sample
SLACK = 2 * 2**20  # bytes of peak that no formula explains: allocators, stacks, small objects


@dataclass(frozen=True)
class Cost:
    """What any implementation of a case must do at least.

    Attributes:
        bytes: every input read once and every output written once.
        flops: additions and multiplications, counted separately.
        gathers: reads of 4 bytes each at places that the data decides.
    """

    bytes: float
    flops: float = 0.0
    gathers: float = 0.0

    def floor_ms(self, limits: dict[str, float]) -> tuple[float, str]:
        """The time below which the machine cannot be, and the limit that says so."""
        floors = {
            "copy": self.bytes / limits["copy_bytes_per_s"],
            "arithmetic": self.flops / limits["flop_per_s"],
            "gather": self.gathers / limits["gathers_per_s"],
        }
        limit = max(floors, key=lambda name: floors[name])
        return 1e3 * floors[limit], limit


@dataclass(frozen=True)
class Peer:
    """Somebody else's way to the same answer.

    Attributes:
        name: as its users call it.
        needs: the module that it is imported from; "" where torch is all it takes.
        make: given the threads, what to time; importing, conversions and compiling belong here.
        agrees: the gate, given our answer and theirs; raises AssertionError.  None where the peer
            answers another question, which note then says.
        threads: the counts that it can be held to.
        note: what a reader of its time has to know.
    """

    name: str
    needs: str
    make: Callable[[int], Callable[[], Any]]
    agrees: Callable[[Any, Any], None] | None
    threads: tuple[int, ...] = (1,)
    note: str = ""

    @property
    def version(self) -> str | None:
        """None where it is not installed."""
        if not self.needs:
            return torch.__version__
        if importlib.util.find_spec(self.needs) is None:
            return None
        told = getattr(importlib.import_module(self.needs), "__version__", None)
        for name in importlib.metadata.packages_distributions().get(self.needs, []):
            told = told or importlib.metadata.version(name)
        return str(told or "installed")


@dataclass(frozen=True)
class Work:
    """An op on its inputs, ready to be timed.

    Attributes:
        run: the op.
        cost: what must be done.
        most_bytes: what it may allocate at its peak, its outputs included.
        peers: who else answers the question.
    """

    run: Callable[[], Any]
    cost: Cost
    most_bytes: float
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True)
class Case:
    """A named workload of one op.

    Attributes:
        op: the op's name.
        sizes: what the workload is made of, as the name says it.
        make: the workload; inputs are made here, not at import.
        gate: compares the op with its definition on small inputs; raises AssertionError.
        quick: small enough for CI.
        threads: what it is timed on.
        seconds: spent on each of its timings, at most (but so many samples at least as times_ms
            is asked for).
    """

    op: str
    sizes: dict[str, object]
    make: Callable[[], Work] = field(repr=False)
    gate: Callable[[], None] = field(repr=False)
    quick: bool = False
    threads: tuple[int, ...] = (1, 2)
    seconds: float = 0.5

    @property
    def name(self) -> str:
        return f"{self.op}[{' '.join(f'{key}={value}' for key, value in self.sizes.items())}]"


@dataclass(frozen=True)
class Spread:
    """Milliseconds of one call."""

    median: float
    p20: float
    p80: float
    minimum: float
    rounds: int

    def row(self) -> dict[str, object]:
        row: dict[str, object] = {"unit": "ms"}
        for name, value in asdict(self).items():
            row[name] = (
                value if name == "rounds" else f"{value:.4g}" if value < 1 else f"{value:.3f}"
            )
        return row


def spread(values: Sequence[float]) -> Spread:
    p20, p80 = percentile(values, 0.2), percentile(values, 0.8)
    return Spread(statistics.median(values), p20, p80, min(values), len(values))


@contextmanager
def on_threads(threads: int) -> Iterator[None]:
    """Hold our kernels, torch and the libraries that were imported to this many threads."""
    set_thread_limit(threads)
    torch.set_num_threads(threads)
    numba, opencv = sys.modules.get("numba"), sys.modules.get("cv2")
    if numba is not None:
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    if opencv is not None:
        opencv.setNumThreads(threads)
    try:
        yield
    finally:
        set_thread_limit(None)
        torch.set_num_threads(1)


def times_ms(
    run: Callable[[], object],
    seconds: float,
    least: int = 1,
    patience: float = math.inf,
    warm_up: int = WARM_UP,
) -> list[float]:
    """Milliseconds of a call, sample by sample, for about so many seconds.

    A sample is as many calls as last a millisecond.  Garbage is not collected meanwhile.

    Args:
        run: the call.
        seconds: after them no sample is begun, once there are enough.
        least: samples there are, however long they last.
        patience: where every call before the clock lasts more seconds than this, the last of them
            is the only sample.
        warm_up: calls before the clock; fewer where one lasts longer than all the seconds.
    """
    clock = time.perf_counter
    end = clock() + seconds
    once = math.inf
    for _ in range(warm_up):
        start = clock()
        run()
        last = clock() - start
        once = min(once, last)
        if seconds < last <= patience:
            break
    if once > patience:
        return [1e3 * last]  # minutes of the slowest peers are not spent on more
    calls = max(1, int(LONG_ENOUGH / max(once, 1e-9)))
    found: list[float] = []
    gc.collect()
    gc.disable()
    try:
        while len(found) < least or (clock() < end and len(found) < MOST_ROUNDS):
            start = clock()
            for _ in range(calls):
                run()
            found.append(1e3 * (clock() - start) / calls)
    finally:
        gc.enable()
    return found


def collect() -> list[Case]:
    """The cases of every bench_<op>.py, in the order of their names.

    An op that this version of pdengine lacks has none.
    """
    found: list[Case] = []
    for path in sorted(BENCH.glob("bench_*.py")):
        try:
            found += importlib.import_module(path.stem).CASES
        except ModuleNotFoundError as error:
            if not str(error.name).startswith("pdengine"):
                raise
    return found


@lru_cache(maxsize=64)
def passed(gate: Callable[[], None]) -> None:
    """Run a gate once, whatever the number of its cases."""
    gate()


def prepare(case: Case) -> Work:
    """The workload, after the gate; the answer does not depend on the number of threads.

    Raises:
        AssertionError: a check failed: nothing may be timed.
    """
    passed(case.gate)
    work = case.make()
    if len(case.threads) > 1:
        answers = []
        for threads in case.threads:
            with on_threads(threads):
                answers.append(work.run())
        for answer in answers[1:]:
            same(answers[0], answer)
    return work


def parts_of(value: Any) -> list[Any]:
    """A tensor itself, or what a result is made of."""
    if isinstance(value, tuple | list):
        return list(value)
    if is_dataclass(value):
        return [getattr(value, item.name) for item in fields(value)]
    return [value]


def same(found: Any, expected: Any) -> None:
    """The gate: every tensor of two results is equal, bit for bit."""
    if isinstance(found, Tensor) or not (isinstance(found, tuple | list) or is_dataclass(found)):
        equal = torch.equal(found, expected) if isinstance(found, Tensor) else found == expected
        assert equal, "the two answers differ"
        return
    for one, other in zip(parts_of(found), parts_of(expected), strict=True):
        same(one, other)


def no_worse(found: Sequence[Tensor], plain: Sequence[Tensor], truth: Sequence[Tensor]) -> None:
    """The gate for floats: err at most twice as much as the definition in float32 does."""
    for ours, torchs, true in zip(found, plain, truth, strict=True):
        error, base = (ours - true).abs().max(), (torchs - true).abs().max()
        ulp = torch.finfo(torch.float32).eps * true.abs().max()
        assert error <= 2 * base + ulp, f"errs by {error:.2e}, the definition by {base:.2e}"


def size_of(*values: Any) -> int:
    """Bytes of every tensor inside."""
    total = 0
    for value in values:
        if isinstance(value, Tensor):
            total += value.numel() * value.element_size()
        elif isinstance(value, tuple | list) or is_dataclass(value):
            total += size_of(*parts_of(value))
    return total
