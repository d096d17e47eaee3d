"""What a shape is, asked of the teacher: the prompt that nobody typed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pdengine.errors import PartError, TeacherError
from pdengine.teach.parts import parse_parts
from pdengine.teach.protocol import Teacher
from pdengine.types import PartList, Segmentation

_OTHERS = 4  # that a result lists
_A_GUESS = 0.5  # a category less likely than this is more likely another one


@dataclass(frozen=True)
class Proposal:
    """One answer to what a shape is.

    Attributes:
        category: its name.
        probability: that it is the category; over all that the teacher knows they sum to 1.
        parts: the parts of the category, as if they had been asked for.
    """

    category: str
    probability: float
    parts: PartList


@dataclass(frozen=True)
class Guess:
    """The likeliest category of a shape, and its rivals.

    Attributes:
        parts: with the category, ready to be asked for.
        probability: of the category, in [0, 1].
        others: names and probabilities of the next ones, best first.
    """

    parts: PartList
    probability: float
    others: tuple[tuple[str, float], ...]

    def told(self, result: Segmentation) -> Segmentation:
        """The result for these parts, which says that they were a guess."""
        about: dict[str, Any] = {
            "category": self.parts.category,
            "probability": self.probability,
            "others": [list(other) for other in self.others],
        }
        warnings = tuple(result.warnings)
        if self.probability < _A_GUESS:
            ranked = ((str(self.parts.category), self.probability), *self.others[:1])
            listed = ", ".join(f"{category} {p:.2f}" for category, p in ranked)
            said = f"the category is a guess: {listed}; say --parts to decide"
            warnings = (said, *warnings)
        return replace(result, meta=result.meta | {"proposed": about}, warnings=warnings)


def check_proposes(teacher: Teacher) -> None:
    """Refuse a missing prompt where the teacher cannot make up for it.

    Raises:
        PartError: the teacher has no propose(views).
    """
    if not hasattr(teacher, "propose"):
        raise PartError(
            f"segment needs --parts, or a --student that brings its own: teacher {teacher.name} "
            "does not say what a shape is"
        )


def check_proposals(ranked: Sequence[Proposal], teacher: str) -> None:
    """Refuse proposals that are none.

    Raises:
        PartError: one has a part list that cannot be used.
        TeacherError: there are none, in another order, or with a probability that is none.
    """
    if not ranked:
        raise TeacherError(f"{teacher}: must propose at least one category, got none")
    chances = [float(proposal.probability) for proposal in ranked]
    falling = all(a >= b for a, b in itertools.pairwise(chances))
    slack = 1e-4  # as in check_detections
    if not (falling and chances[-1] >= 0 and sum(chances) <= 1 + slack):  # False for NaN
        raise TeacherError(
            f"{teacher}: proposals must be best first with probabilities that sum to at "
            f"most 1, got {chances[: _OTHERS + 1]}"
        )
    parse_parts(PartList(ranked[0].parts.names, ranked[0].category))


def mean_proposals(answers: Sequence[Sequence[Proposal]]) -> tuple[Proposal, ...]:
    """One answer from several, at least one: the mean probability of each category."""
    total: dict[str, float] = {}
    parts: dict[str, PartList] = {}
    for proposal in itertools.chain.from_iterable(answers):
        name = proposal.category
        total[name] = total.get(name, 0.0) + float(proposal.probability)
        parts.setdefault(name, proposal.parts)
    means = [Proposal(name, sum_ / len(answers), parts[name]) for name, sum_ in total.items()]
    return tuple(sorted(means, key=lambda proposal: -proposal.probability))


def guess_category(ranked: Sequence[Proposal]) -> Guess:
    """The first of some proposals that check_proposals takes, and the next ones."""
    best = ranked[0]
    chances = [float(proposal.probability) for proposal in ranked]
    others = [(p.category, c) for p, c in zip(ranked, chances, strict=True)][1 : _OTHERS + 1]
    parts = parse_parts(PartList(best.parts.names, best.category))
    return Guess(parts, min(chances[0], 1.0), tuple(others))
