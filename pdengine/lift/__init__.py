"""From pixels to points: what a teacher said about images becomes knowledge units on the cloud."""

from pdengine.lift.lift import lift
from pdengine.lift.outside import sample_outside
from pdengine.lift.see import see
from pdengine.lift.silence import with_silence

__all__ = ["lift", "sample_outside", "see", "with_silence"]
