"""Processes that take tasks: one that crashes or hangs costs its own task and no other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Protocol

from pdengine.errors import PdengineError, SaveError, TeacherError

_APART = "PYTHONSAFEPATH"  # Python's own: nothing is imported from the current folder


class Task(Protocol):
    """What a worker does; it can be pickled.

    Attributes:
        size: how many shapes it is about, for the time limit.
    """

    @property
    def size(self) -> int: ...


@dataclass(frozen=True)
class Done:
    """What became of a task.

    Attributes:
        value: what the worker returned, None where it failed.
        error: why it failed, or None.
    """

    task: Any
    value: Any = None
    error: str | None = None


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    task: Task | None = None
    deadline: float = field(default=float("inf"))


class Pool:
    """Runs tasks in a few processes, each with one thread; a context manager.

    A worker is forked from a server that has imported the engine, where the system can, so that a
    new one starts at once; nothing else is shared with this process.  It imports what this process
    would: files of the current folder that are called like modules are none.

    Args:
        make: called in each worker; what it returns takes the tasks.  It can be pickled.
        workers: how many processes.
        timeout: seconds that one shape of a task may take.
        preload: the module that the server imports.

    Raises:
        TeacherError: make failed, or a worker ended in it.
        SaveError: a worker could not write what it keeps: no shape is to blame for a full disk.
    """

    def __init__(
        self, make: Callable[[], Callable[[Any], Any]], workers: int, timeout: float, preload: str
    ) -> None:
        self._make, self._count, self._timeout = make, workers, timeout
        self._workers: list[_Worker] = []
        if "forkserver" in multiprocessing.get_all_start_methods():
            server = multiprocessing.get_context("forkserver")
            if sys.version_info >= (3, 11):  # before, it would look into the current folder first
                server.set_forkserver_preload([preload])
            self._start: Any = server
            self._apart = True
        else:
            self._apart = False
            self._start = multiprocessing.get_context("spawn")

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """Every task once, as they come to an end."""
        waiting = deque(tasks)
        while waiting or any(worker.task for worker in self._workers):
            while len(self._workers) < min(self._count, len(tasks)) and waiting:
                self._workers.append(self._hire())
            for worker in self._workers:
                if waiting and worker.ready and worker.task is None:
                    self._give(worker, waiting)
            yield from self._collect()

    def _hire(self) -> _Worker:
        if self._apart:
            _start_server()
        ours, theirs = self._start.Pipe()
        given = os.environ.get(_APART)
        process = self._start.Process(target=_serve, args=(theirs, self._make, given), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _give(self, worker: _Worker, waiting: deque[Task]) -> None:
        task = waiting[0]
        try:
            worker.connection.send(task)
        except (BrokenPipeError, ConnectionResetError):
            return  # it ended while it had nothing to do: _collect finds out
        worker.task = waiting.popleft()
        worker.deadline = time.monotonic() + self._timeout * max(worker.task.size, 1)

    def _collect(self) -> Iterator[Done]:
        """Wait for the next message, end or deadline."""
        patience = min(worker.deadline for worker in self._workers) - time.monotonic()
        known = {worker.connection: worker for worker in self._workers}
        ready = wait(list(known), None if patience == float("inf") else max(patience, 0.0))
        for connection in ready:
            assert isinstance(connection, Connection)
            yield from self._heard(known[connection])
        now = time.monotonic()
        for worker in [w for w in self._workers if w.deadline <= now]:
            yield self._lost(worker, f"it took longer than {self._timeout:g} s a shape")

    def _heard(self, worker: _Worker) -> Iterator[Done]:
        try:
            kind, value = worker.connection.recv()
        except (EOFError, ConnectionResetError):
            worker.process.join()
            reason = f"the worker process ended, {_how(worker.process.exitcode)}"
            if not worker.ready:
                raise TeacherError(f"before its first shape {reason}") from None
            if worker.task is not None:
                yield self._lost(worker, reason)
            else:
                self._dismiss(worker)
            return
        if kind == "broken":
            raise TeacherError(value)
        if kind == "unsaved":
            raise SaveError(value)
        if kind == "ready":
            worker.ready = True
            return
        task, worker.task, worker.deadline = worker.task, None, float("inf")
        yield Done(task, value) if kind == "done" else Done(task, error=value)

    def _lost(self, worker: _Worker, reason: str) -> Done:
        self._dismiss(worker)
        return Done(worker.task, error=reason)

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in list(self._workers):
            self._dismiss(worker)


def reason(error: Exception) -> str:
    """What a row says of an exception: our own speak for themselves."""
    text = " ".join(str(error).split())[:400]
    return text if isinstance(error, PdengineError) else f"{type(error).__name__}: {text}"


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        return f"by {name}" + (", out of memory perhaps" if name == "SIGKILL" else "")
    return f"exit code {code}"


def _start_server() -> None:
    """Start the server that workers are forked from, if there is none yet.

    Python starts it with the current folder before all others on its path, unlike this process: a
    clone of another version there, or a file types.py, would be what the workers run.
    """
    given = os.environ.get(_APART)
    os.environ[_APART] = "1"
    try:
        forkserver.ensure_running()
    finally:
        _restore(given)


def _restore(given: str | None) -> None:
    os.environ.pop(_APART, None)
    if given is not None:
        os.environ[_APART] = given


def _serve(
    connection: Connection, make: Callable[[], Callable[[Any], Any]], apart: str | None
) -> None:
    """A worker's life; apart is what the parent's environment says of _APART."""
    _restore(apart)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is asked to stop, and stops us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import torch

    torch.set_num_threads(1)
    try:
        handle = make()
    except Exception as error:
        connection.send(("broken", reason(error)))
        return
    connection.send(("ready", None))
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            answer = ("done", handle(task))
        except SaveError as error:
            answer = ("unsaved", reason(error))
        except Exception as error:
            answer = ("failed", reason(error))
        connection.send(answer)


def _end_with_parent() -> None:
    """A parent that was killed cannot stop us: a shape that hangs would live for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
