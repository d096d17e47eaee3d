"""The loss curve and the bars, as numbers that the page draws with inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 14, 28


@dataclass(frozen=True)
class Tick:
    """A label on an axis at a pixel."""

    at: float
    text: str


@dataclass(frozen=True)
class Curve:
    """A line chart.

    Attributes:
        points: "x,y x,y ..." in pixels of a WIDTH x HEIGHT picture.
        mark: the x of the re-scoring step, or None.
        mark_anchor: which way the mark's text runs, so that it stays inside.
    """

    points: str
    mark: float | None
    mark_anchor: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def loss_curve(losses: Sequence[float], rescored_at: int | None) -> Curve | None:
    """The alignment's loss per step; None where there was none."""
    finite = [loss for loss in losses if abs(loss) < float("inf")]
    if len(losses) < 2 or not finite:
        return None
    low, high = min(0.0, *finite), max(finite)
    span = (high - low) or 1.0
    last = len(losses) - 1

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * step / last, 1)

    def y(loss: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (loss - low) / span, 1)

    points = [f"{x(i)},{y(loss)}" for i, loss in enumerate(losses) if abs(loss) < float("inf")]
    return Curve(
        points=" ".join(points),
        mark=None if rescored_at is None else x(min(rescored_at, last)),
        mark_anchor="start" if rescored_at is None or rescored_at < 0.7 * last else "end",
        x_ticks=tuple(Tick(x(s), str(s)) for s in sorted({0, last // 2, last})),
        y_ticks=tuple(Tick(y(v), f"{v:.2f}") for v in (low, low + span / 2, high)),
    )


@dataclass(frozen=True)
class TimeBar:
    """One stage: its milliseconds, and its share of the longest for the bar."""

    stage: str
    text: str
    share: float


def time_bars(timings: Mapping[str, float]) -> list[TimeBar]:
    """The stages in the order they ran; "total" is the caption's."""
    stages = {stage: ms for stage, ms in timings.items() if stage != "total"}
    longest = max(stages.values(), default=0.0) or 1.0
    return [TimeBar(stage, milliseconds(ms), ms / longest) for stage, ms in stages.items()]


def milliseconds(ms: float) -> str:
    """A duration for people: 0.4 ms, 41 ms, 1.3 s."""
    if ms < 10:
        return f"{ms:.1f} ms"
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.2f} s"
