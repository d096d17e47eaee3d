"""What stands next to every student result: voting, without any learning."""

from pdengine.baselines.nearest_vote import Vote, nearest_vote

__all__ = ["Vote", "nearest_vote"]
