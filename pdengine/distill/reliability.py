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
    """What every view says of every point, without the scores; of several shapes with B in front.

    Attributes:
        inside: [..., V, R, N] bool, a unit of the name holds the point.
        seen: [..., V, N] bool, the view shows the point.
    """

    inside: Tensor
    seen: Tensor

    @cached_property
    def exclusive(self) -> bool:
        """No view gives a point two names, as masks and pixels do and boxes do not."""
        return bool((self.inside.sum(-2) <= 1).all())

    @cached_property
    def found(self) -> Tensor:
        """The names that each view found among these points. [..., V, R] bool."""
        return self.inside.any(-1)

    def at(self, rows: Tensor) -> Observations:
        """The observations of some of the points. rows is [A] int64."""
        return Observations(self.inside[..., rows], self.seen[..., rows])


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
    """How often a point of part k that view v shows lies in a unit of name c. [..., V, R, R].

    Args:
        told: over N points.
        belief: [..., N, R] float32, the probability of each part.
        doubt: points' worth of the first guess, a hit on a name's own part in HIT of the cases and
            elsewhere by chance, that every estimate starts from.
    """
    own = torch.eye(belief.shape[-1], device=belief.device)
    inside, seen = told.inside.float(), told.seen.float()
    shown = seen @ belief  # [..., V, R]
    hits = inside.flatten(-3, -2) @ belief  # [..., V R, R]
    chance = inside.sum(-1) / seen.sum(-1, keepdim=True).clamp(min=1)
    guess = chance[..., None] * (1 - own) + HIT * own
    rates = (hits.view_as(guess) + doubt * guess) / (shown[..., None, :] + doubt)
    return rates.clamp(_SUREST, 1 - _SUREST)


def log_evidence(told: Observations, rates: Tensor) -> Tensor:
    """What all views together say for each part of each point, as log-likelihoods. [..., N, R].

    A view in which a name was not found says nothing through it: it may have been overlooked.

    Args:
        told: over N points.
        rates: [..., V, R, R], hit_rates'.
    """
    found = told.found[..., None].float()
    # What leaving a point out says, and what holding it says instead.
    miss = found * (1 - rates).log()
    held = found * rates.log() - miss
    inside, seen = told.inside.float(), told.seen.float()
    out: Tensor = seen.mT @ miss.sum(-2) + inside.flatten(-3, -2).mT @ held.flatten(-3, -2)
    return out
