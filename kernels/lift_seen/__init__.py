"""The points that each view sees, and those of them that boxes and regions call."""

from pdengine.kernels.lift_seen.op import Lifted, lift_seen_boxes, lift_seen_pixels

__all__ = ["Lifted", "lift_seen_boxes", "lift_seen_pixels"]
