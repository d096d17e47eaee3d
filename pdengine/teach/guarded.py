"""A teacher that fails costs the views it failed in, not the shape."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor

from pdengine.devices import on
from pdengine.errors import PdengineError, TeacherError
from pdengine.teach.joining import apart, joined
from pdengine.teach.proposing import Proposal, check_proposals, mean_proposals
from pdengine.teach.protocol import Teacher, check_detections
from pdengine.types import Detections, PartList, Views
from pdengine.wording import counted

NEEDED = 3  # views, of the rig; all of them where it has fewer
_LONGEST = 300  # characters of a reason
_LISTED = 3  # views with their reasons, in one line

T = TypeVar("T")


@dataclass(frozen=True)
class Skipped:
    """A view that a teacher did not look at, or not to any use.

    Attributes:
        view: which, from 0.
        reason: one sentence.
    """

    view: int
    reason: str


def listed(skipped: Sequence[Skipped]) -> str:
    """Skipped views as text, counted from 1 as a reader of pictures does; a few with reasons."""
    said = [f"view {one.view + 1} ({one.reason})" for one in skipped[:_LISTED]]
    if len(skipped) > _LISTED:
        said.append(f"and {len(skipped) - _LISTED} more")
    return ", ".join(said)


@dataclass(frozen=True)
class Asked(Generic[T]):
    """What is left of an answer.

    Attributes:
        answer: for the views that were answered, together, in their order.
        views: which they are, ascending.
        skipped: the others, ascending.
    """

    answer: T
    views: tuple[int, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class Question(Generic[T]):
    """Something that a teacher is asked about views.

    Attributes:
        teacher: its name, for messages.
        ask: called with the views, or some of them; may raise anything.
        check: raises TeacherError for (answer, views) that do not go together.
        join: one answer from the answers for single views, in their order.
        split: an answer for so many views as answers for single ones, unchecked, or None where that
            cannot be done.
        timeout: seconds that one call may take; None waits for ever.
    """

    teacher: str
    ask: Callable[[Views], T]
    check: Callable[[T, Views], None]
    join: Callable[[list[T]], T]
    split: Callable[[T, int], list[T] | None] = lambda answer, count: None
    timeout: float | None = None

    def asked(self, views: Views) -> Asked[T]:
        """Ask about all views at once; where that fails, find out which views are to blame.

        What is kept is the answer to the good views alone, asked for together, so that the others
        leave no trace in it.  Where that cannot be had (memory suffices for single views only), it
        is what was said of each by itself.

        Raises:
            TeacherError: fewer than NEEDED views are left.
        """
        every = tuple(range(len(views)))
        answer, error = self._tried(views)
        if error is None:
            assert answer is not None
            return Asked(answer, every)
        single, skipped = self._one_by_one(views, answer)
        good = tuple(single)
        if skipped:
            together, error = self._tried(views.only(good))
            if error is None:
                assert together is not None
                return Asked(together, good, skipped)
        return Asked(self.join(list(single.values())), good, skipped)

    def _tried(self, views: Views) -> tuple[T | None, str | None]:
        """An answer, and why it cannot be used; the answer is None where there is none."""
        try:
            answer = within(self.timeout, self.ask, views)
        except Exception as error:
            return None, _reason(error)
        return answer, self._why_not(answer, views)

    def _one_by_one(
        self, views: Views, answer: T | None
    ) -> tuple[dict[int, T], tuple[Skipped, ...]]:
        """The views with a good answer of their own, and those without."""
        told = None if answer is None else self.split(answer, len(views))
        single: dict[int, T] = {}
        skipped: list[Skipped] = []
        spare = len(views) - min(NEEDED, len(views))
        for view in range(len(views)):
            mine = views.only([view])
            if told is None:
                found, reason = self._tried(mine)
            else:
                found, reason = told[view], self._why_not(told[view], mine)
            if reason is None and found is not None:
                single[view] = found
                continue
            skipped.append(Skipped(view, str(reason)))
            if len(skipped) > spare:
                first = skipped[0]
                raise TeacherError(
                    f"{self.teacher}: must answer for at least {len(views) - spare} of "
                    f"{counted(len(views), 'view')}, got nothing usable for {len(skipped)}; "
                    f"view {first.view + 1}: {first.reason}"
                )
        return single, tuple(skipped)

    def _why_not(self, answer: T, views: Views) -> str | None:
        try:
            self.check(answer, views)
        except Exception as error:
            return _reason(error)
        return None


@dataclass(frozen=True)
class Guarded:
    """Asks a teacher everything that the engine wants to know, and bears its failures.

    A KeyboardInterrupt is not a failure of the teacher's and goes through.

    Args:
        teacher: who is asked.
        timeout: seconds that one call may take, however many views it gets; None waits for ever.
            Python cannot stop a call: one that is late goes on by itself and its answer is dropped.
    """

    teacher: Teacher
    timeout: float | None = None

    def check_parts(self, parts: PartList) -> None:
        """Whether the teacher can be asked for these parts, as far as it says so.

        Raises:
            TeacherError: it does not know one, or fails in saying so.
            PartError: it cannot be asked for them together.
        """
        check = getattr(self.teacher, "check_parts", None)
        try:
            if check is not None:
                check(parts)
        except PdengineError:
            raise
        except Exception as error:
            raise TeacherError(f"{self.teacher.name}: check_parts: {_reason(error)}") from error

    def detections(self, views: Views, parts: PartList) -> Asked[Detections]:
        """Where the parts are, on the views' device.

        Raises:
            TeacherError: the teacher does not know a part, or failed in too many views.
        """
        name, device = self.teacher.name, views.depth.device

        def check(answer: Detections, views: Views) -> None:
            check_detections(answer, views, parts, name)

        def join(answers: list[Detections]) -> Detections:
            return joined([((k,), answer) for k, answer in enumerate(answers)], len(answers))

        def ask(views: Views) -> Detections:
            return on(self.teacher(views, parts), device)

        return self._question(ask, check, join, apart).asked(views)

    def up_direction(self, views: Views, parts: PartList | None) -> Asked[Tensor]:
        """Which way the shape stands. [3].

        Raises:
            TeacherError: the teacher failed in too many views.
        """
        name = self.teacher.name

        def check(answer: Tensor, views: Views) -> None:
            if not isinstance(answer, Tensor) or answer.shape != (3,):
                raise TeacherError(f"{name}: up_direction must be a tensor [3], got {answer}")
            if not bool(answer.isfinite().all()):
                raise TeacherError(f"{name}: up_direction must be finite, got {answer.tolist()}")

        def join(answers: list[Tensor]) -> Tensor:
            return torch.stack(answers).mean(0)

        def ask(views: Views) -> Tensor:
            return self.teacher.up_direction(views, parts)  # type: ignore[attr-defined,no-any-return]

        return self._question(ask, check, join).asked(views)

    def propose(self, views: Views) -> Asked[Sequence[Proposal]]:
        """What the shape is, best first.

        Raises:
            TeacherError: the teacher failed in too many views.
        """

        def check(answer: Sequence[Proposal], views: Views) -> None:
            check_proposals(answer, self.teacher.name)

        def ask(views: Views) -> Sequence[Proposal]:
            return self.teacher.propose(views)  # type: ignore[attr-defined,no-any-return]

        return self._question(ask, check, mean_proposals).asked(views)

    def _question(
        self,
        ask: Callable[[Views], T],
        check: Callable[[T, Views], None],
        join: Callable[[list[T]], T],
        split: Callable[[T, int], list[T] | None] | None = None,
    ) -> Question[T]:
        rest = {} if split is None else {"split": split}
        return Question(self.teacher.name, ask, check, join, timeout=self.timeout, **rest)


def within(seconds: float | None, call: Callable[[Views], T], views: Views) -> T:
    """What the call returns or raises, unless it takes too long.

    Raises:
        TeacherError: it did.
    """
    if seconds is None:
        return call(views)
    returned: list[T] = []
    raised: list[BaseException] = []
    grad = torch.is_grad_enabled()

    def run() -> None:
        # Where a call runs must not change what it says: these two belong to the thread.
        on_gpu = views.depth.is_cuda
        device = torch.cuda.device(views.depth.device) if on_gpu else nullcontext()
        try:
            with device, torch.set_grad_enabled(grad):
                returned.append(call(views))
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="teacher", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if returned:
        return returned[0]
    raise TeacherError(f"no answer within {seconds:g} s")


def _reason(error: Exception) -> str:
    """An error as a short line."""
    text = " ".join(str(error).split())
    if not isinstance(error, PdengineError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
