"""How far each name can be trusted in each view: backward distillation as estimation.

A teacher's errors are systematic: it overlooks one part in every view, calls another by a wrong
name, draws boxes that reach into the neighbours.  So instead of one score per unit, this estimates,
per view and name, how often a point of each true part lies in a unit of that name, from what the
student believes of every point.  A name that covers what the student takes for legs is evidence for
legs, whatever it says, and a name that covers everything is evidence for nothing.

Source: estimation of observers' error rates, Dawid and Skene (1979); the belief comes from the
student instead of from the observers alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pdengine.types import Units

HIT = 0.95  # how often a part lies in the units of its own name, before anything is estimated
_SUREST = 0.02  # no rate is closer to 0 or 1 than this


@dataclass(frozen=True)
class Observations:
    """What every view says of every point, without the scores.

    Attributes:
        inside: [V, R, N] bool, a unit of the name holds the point.
        seen: [V, N] bool, the view shows the point.
    """

    inside: Tensor
    seen: Tensor

    @cached_property
    def exclusive(self) -> bool:
        """No view gives a point two names, as masks and pixels do and boxes do not."""
        return bool((self.inside.sum(1) <= 1).all())

    @cached_property
    def found(self) -> tuple[Tensor, ...]:
        """Per view, the names that it found among these points, ascending. int64."""
        some = self.inside.any(2)  # [V, R]
        return tuple(some.nonzero()[:, 1].split(some.sum(1).tolist()))

    def at(self, rows: Tensor) -> Observations:
        """The observations of some of the points. rows is [A] int64."""
        return Observations(self.inside[:, :, rows], self.seen[:, rows])


def observe(units: Units, parts: int) -> Observations:
    """Units as observations; a unit over a point proves that its view shows the point.

    Args:
        units: K >= 1, over N points.
        parts: R.
    """
    views = int(units.view.max()) + 1
    inside = units.point.new_zeros(views, parts, units.count, dtype=torch.bool)
    owner = units.unit
    inside[units.view[owner], units.label[owner], units.point] = True
    seen = inside.any(1)
    if units.seen is not None:
        seen = seen | units.seen[:views]
    return Observations(inside, seen)


def hit_rates(told: Observations, belief: Tensor, doubt: float) -> Tensor:
    """How often a point of part k that view v shows lies in a unit of name c. [V, R, R].

    Args:
        told: over N points.
        belief: [N, R] float32, the probability of each part.
        doubt: points' worth of the first guess, a hit on a name's own part in HIT of the cases and
            elsewhere by chance, that every estimate starts from.
    """
    own = torch.eye(belief.shape[1], device=belief.device)
    rates = []
    for inside, seen in zip(told.inside, told.seen, strict=True):
        inside, shown = inside.float(), seen.float() @ belief  # [R, N], [R]
        chance = inside.sum(1) / seen.sum().clamp(min=1)
        guess = chance[:, None] * (1 - own) + HIT * own
        rates.append((inside @ belief + doubt * guess) / (shown + doubt))
    return torch.stack(rates).clamp(_SUREST, 1 - _SUREST)


def log_evidence(told: Observations, rates: Tensor) -> Tensor:
    """What all views together say for each part of each point, as log-likelihoods. [N, R].

    A view in which a name was not found says nothing through it: it may have been overlooked.

    Args:
        told: over N points.
        rates: [V, R, R], hit_rates'.
    """
    total = rates.new_zeros(told.seen.shape[1], rates.shape[2])
    for inside, seen, rate, found in zip(told.inside, told.seen, rates, told.found, strict=True):
        miss = (1 - rate[found]).log()  # [names found, R]
        # What leaving the point out says, and what holding it says instead.
        total += seen.float()[:, None] * miss.sum(0)
        total += inside[found].float().T @ (rate[found].log() - miss)
    return total
