"""How long it still takes: a bar on a terminal, one line per stage elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Reporter(Protocol):
    """Takes the engine's progress calls; a context manager."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...

    def __enter__(self) -> Reporter: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def make_reporter(stream: TextIO, quiet: bool = False) -> Reporter:
    """A bar where stream is a terminal, lines where it is not, nothing where quiet."""
    if quiet:
        return Silent()
    console = Console(file=stream)
    return Bar(console) if console.is_terminal else Lines(stream)


class Silent:
    """Says nothing."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        return

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *reason: object) -> None:
        return


class Lines(Silent):
    """Writes one line when a stage ends: its name and its milliseconds."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.started: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if done == 0:
            self.started[stage] = now
        # A stage that reports its steps ends with (1, 1) like every other one: the steps
        # themselves say nothing, so that a log has one line per stage.
        elif done >= total == 1 and stage in self.started:
            start = self.started.pop(stage)
            self.stream.write(f"{stage:<14}{(now - start) * 1e3:8.0f} ms\n")
            self.stream.flush()


class Bar(Silent):
    """A bar for the stage at work, a line for each one that is done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.started: dict[str, float] = {}
        self.tasks: dict[str, TaskID] = {}
        self.progress = Progress(
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=36),
            TextColumn("{task.fields[steps]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

    def __enter__(self) -> Bar:
        self.progress.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self.progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if done == 0:
            self.started[stage] = now
            self.tasks[stage] = self.progress.add_task(stage, total=None, steps="")
        elif stage not in self.tasks:
            return  # its only step was its end
        elif total > 1:
            self.progress.update(
                self.tasks[stage], completed=done, total=total, steps=f"{done}/{total}"
            )
        elif done >= total:
            self.progress.remove_task(self.tasks.pop(stage))
            milliseconds = f"{(now - self.started.pop(stage)) * 1e3:8.0f} ms"
            self.progress.console.print(
                f"[green]✓[/green] {stage:<14}[dim]{milliseconds}[/dim]", highlight=False
            )
