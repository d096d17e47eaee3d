"""From pixels to points: what a teacher said about images becomes knowledge units on the cloud."""

from pdengine.lift.lift import lift
from pdengine.lift.nameless import with_nameless
from pdengine.lift.outside import sample_outside
from pdengine.lift.see import see

__all__ = ["lift", "sample_outside", "see", "with_nameless"]
