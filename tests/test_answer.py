"""What an answer says of itself."""

from __future__ import annotations

import torch

from pdengine.answer import answer
from pdengine.baselines import Vote
from pdengine.io import as_shape
from pdengine.types import PartList, Units


def warnings_of(xyz: torch.Tensor) -> tuple[str, ...]:
    """Two units, "seat" and "arm", on the first point; every point is voted a seat."""
    cloud = as_shape("points", xyz)
    label = torch.tensor([0, 1])
    units = Units(
        label,
        score=torch.tensor([0.9, 0.4]),
        offsets=torch.tensor([0, 1, 2]),
        point=torch.tensor([0, 0]),
        view=torch.tensor([0, 0]),
        count=len(cloud),
    )
    voted = torch.zeros(len(cloud), dtype=torch.int64)
    scores = torch.tensor([0.9, 0.4]).expand(len(cloud), 2).contiguous()
    vote = Vote(voted, scores, torch.ones(len(cloud), dtype=torch.bool))
    names = PartList(("seat", "arm"))
    return answer(cloud, cloud, names, units, vote, None, "vote", {}).result.warnings


def test_a_part_that_a_view_names_and_no_point_gets_is_told_why_and_what_may_help() -> None:
    assert warnings_of(torch.eye(3)) == (
        "named in a view, but at every point another part, or none, is likelier "
        "(more views or another word may help): arm",
    )


def test_one_row_is_a_row_and_two_are_rows() -> None:
    broken = torch.full((2, 3), torch.nan)
    one = warnings_of(torch.cat([torch.eye(3), broken[:1]]))
    assert one[-1] == "1 row has no finite coordinate and is unlabelled"
    two = warnings_of(torch.cat([torch.eye(3), broken]))
    assert two[-1] == "2 rows have no finite coordinate and are unlabelled"
