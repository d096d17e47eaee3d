"""Between the user's rows and the points that are labelled."""

from pdengine.carry.carry_back import Carried, carry_back
from pdengine.carry.carry_instances import carry_instances
from pdengine.carry.subsample import subsample

__all__ = ["Carried", "carry_back", "carry_instances", "subsample"]
