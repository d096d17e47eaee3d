"""What a detector does not say: that a point which a view shows lies in none of its detections."""

from __future__ import annotations

from dataclasses import replace

import torch

from pdengine.types import Units


def with_nameless(units: Units, parts: int, score: float) -> Units:
    """One more unit per view: the points that it shows and none of its units holds are no part.

    Boxes and masks say where parts are, and never that something is none of them.  Where the names
    cover all of a shape that does not matter.  Where they do not, as on PartNetE ("bottle: lid"),
    a student that was never told otherwise calls everything a lid.

    Args:
        units: of boxes or masks, with seen; a view that nobody looked at shows nothing.
        parts: R; the new units have this label, "none of them".
        score: theirs, in (0, 1].  As large as a detection's, a point is named where more of the
            views that show it hold it than not: PartSLIP's rule, point by point.
    """
    assert units.seen is not None, "units that were lifted know what each view shows"
    held = torch.zeros_like(units.seen)
    held[units.view[units.unit], units.point] = True
    view, point = (units.seen & ~held).nonzero().T  # by view, then by point
    size = torch.bincount(view, minlength=len(units.seen))
    silent = size.nonzero()[:, 0]
    ends = units.offsets[-1] + size[silent].cumsum(0)
    return replace(
        units,
        label=torch.cat([units.label, torch.full_like(silent, parts)]),
        score=torch.cat([units.score, units.score.new_full((len(silent),), score)]),
        offsets=torch.cat([units.offsets, ends]),
        point=torch.cat([units.point, point]),
        view=torch.cat([units.view, silent]),
    )
