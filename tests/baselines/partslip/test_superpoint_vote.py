"""A superpoint takes the part whose detections hold at least half of what is seen of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pdengine.baselines import superpoint_vote
from pdengine.published import PartSlipConfig
from pdengine.types import PartList, Units

PUBLISHED = PartSlipConfig()


def units_of(
    said: list[tuple[int, int, list[int], float]], seen: list[list[int]], count: int
) -> Units:
    """Units from (view, label, points, score), and the points that each view shows."""
    shown = torch.zeros(len(seen), count, dtype=torch.bool)
    for view, points in enumerate(seen):
        shown[view, points] = True
    sizes = torch.tensor([0] + [len(points) for _, _, points, _ in said])
    return Units(
        label=torch.tensor([label for _, label, _, _ in said], dtype=torch.int64),
        score=torch.tensor([score for _, _, _, score in said]),
        offsets=sizes.cumsum(0),
        point=torch.tensor([p for _, _, points, _ in said for p in points], dtype=torch.int64),
        view=torch.tensor([view for view, _, _, _ in said], dtype=torch.int64),
        count=count,
        seen=shown,
    )


# Five points: three are superpoint 0, two are superpoint 1.
FIVE = torch.tensor([0, 0, 0, 1, 1])
SEAT_LEG = PartList(("seat", "leg"))


def test_a_child_can_count_it() -> None:
    # The first view shows all points, the second the first three.
    units = units_of([(0, 0, [0, 1], 0.9), (1, 0, [0, 1, 2], 0.6)], [[0, 1, 2, 3, 4], [0, 1, 2]], 5)
    vote = superpoint_vote(units, FIVE, SEAT_LEG, PUBLISHED)
    # Superpoint 0 is seen 3 + 3 times, 2 + 3 of them in a box of the seat; superpoint 1 in none.
    assert vote.share.tolist() == [[pytest.approx(5 / 6), 0], [0, 0]]
    assert vote.labels.tolist() == [0, -1]
    assert vote.point_labels.tolist() == [0, 0, 0, -1, -1]
    assert vote.point_share[:, 0].tolist() == [pytest.approx(5 / 6)] * 3 + [0, 0]
    assert vote.voting == 2


def test_a_point_in_three_boxes_of_a_part_counts_once_a_view() -> None:
    thrice = [(0, 1, [3], 0.9), (0, 1, [3], 0.8), (0, 1, [3, 4], 0.7)]
    vote = superpoint_vote(units_of(thrice, [[3, 4], [3, 4]], 5), FIVE, SEAT_LEG, PUBLISHED)
    assert vote.share.tolist() == [[0, 0], [0, 0.5]]


@pytest.mark.parametrize(("held", "label"), [([3], 1), ([], -1)])
def test_exactly_half_is_enough(held: list[int], label: int) -> None:
    units = units_of([(0, 1, held, 0.9)], [[3, 4]], 5)
    assert superpoint_vote(units, FIVE, SEAT_LEG, PUBLISHED).labels.tolist() == [-1, label]


def test_half_of_every_count_is_enough_and_one_less_is_not() -> None:
    for count in range(2, 60, 2):
        shown = list(range(count))
        one = torch.zeros(count, dtype=torch.int64)
        for held, label in ((count // 2, 0), (count // 2 - 1, -1)):
            units = units_of([(0, 0, shown[:held], 0.9)], [shown], count)
            assert superpoint_vote(units, one, SEAT_LEG, PUBLISHED).labels.tolist() == [label]


def test_the_score_is_a_gate_and_no_weight() -> None:
    said = [(0, 0, [3], 0.5), (0, 1, [3, 4], 0.49)]
    vote = superpoint_vote(units_of(said, [[3, 4]], 5), FIVE, SEAT_LEG, PUBLISHED)
    assert vote.labels.tolist() == [-1, 0]
    assert vote.voting == 1
    sure = [(0, 0, [3], 1.0), (0, 1, [3, 4], 0.5)]
    vote = superpoint_vote(units_of(sure, [[3, 4]], 5), FIVE, SEAT_LEG, PUBLISHED)
    assert vote.labels.tolist() == [-1, 1]


def test_equal_shares_go_to_the_first_part() -> None:
    both = [(0, 1, [3, 4], 0.9), (0, 0, [3, 4], 0.6)]
    vote = superpoint_vote(units_of(both, [[3, 4]], 5), FIVE, SEAT_LEG, PUBLISHED)
    assert vote.labels.tolist() == [-1, 0]


def test_a_small_part_that_reaches_half_goes_before_a_fuller_large_one() -> None:
    names = PartList(("door", "Handle", "frame", "knob"))
    door, handle, knob = (0, 0, [0, 1, 2, 3, 4], 0.9), (0, 1, [0, 1, 3], 0.9), (0, 3, [3], 0.9)
    vote = superpoint_vote(units_of([door, handle], [[0, 1, 2, 3, 4]], 5), FIVE, names, PUBLISHED)
    assert vote.labels.tolist() == [1, 1]  # 2 of 3, and 1 of 2, where the door holds all
    vote = superpoint_vote(
        units_of([door, handle, knob], [[0, 1, 2, 3, 4]], 5), FIVE, names, PUBLISHED
    )
    assert vote.labels.tolist() == [1, 3]  # of two small ones the last in the prompt
    less = (0, 1, [0], 0.9)
    vote = superpoint_vote(units_of([door, less], [[0, 1, 2, 3, 4]], 5), FIVE, names, PUBLISHED)
    assert vote.labels.tolist() == [0, 0]  # 1 of 3 is not half


def test_what_says_none_of_them_does_not_vote() -> None:
    units = units_of([(0, 2, [3, 4], 0.9), (0, 1, [3], 0.9)], [[3, 4]], 5)
    vote = superpoint_vote(units, FIVE, SEAT_LEG, PUBLISHED)
    assert vote.labels.tolist() == [-1, 1]
    assert vote.voting == 1


def test_what_no_view_shows_is_unlabelled() -> None:
    units = units_of([(0, 0, [0, 1, 2], 0.9)], [[0, 1, 2]], 5)
    vote = superpoint_vote(units, FIVE, SEAT_LEG, PUBLISHED)
    assert vote.labels.tolist() == [0, -1]
    assert vote.share[1].tolist() == [0, 0]


def by_hand(
    units: Units, superpoint: Tensor, names: PartList, config: PartSlipConfig
) -> tuple[list[int], list[list[float]]]:
    """The released loops, one point at a time."""
    assert units.seen is not None
    pieces, parts = int(superpoint.max()) + 1, len(names)
    visible = [0] * pieces
    inside = [[0] * parts for _ in range(pieces)]
    for view, shown in enumerate(units.seen.tolist()):
        for point, sees in enumerate(shown):
            if not sees:
                continue
            visible[superpoint[point]] += 1
            for part in range(parts):
                holds = any(
                    point in units.point[units.offsets[k] : units.offsets[k + 1]].tolist()
                    for k in range(len(units))
                    if units.view[k] == view
                    and units.label[k] == part
                    and units.score[k] >= config.detection_threshold
                )
                inside[superpoint[point]][part] += holds
    labels, shares = [], []
    for seen, counts in zip(visible, inside, strict=True):
        share = [count / seen if seen else 0.0 for count in counts]
        small = [
            part
            for part in reversed(range(parts))
            if share[part] >= config.vote_threshold and names.names[part] in config.small_parts
        ]
        best = share.index(max(share))
        fullest = best if share[best] >= config.vote_threshold else -1
        labels.append(small[0] if small else fullest)
        shares.append(share)
    return labels, shares


def random_units(seed: int, points: int, views: int, parts: int, count: int) -> Units:
    dice = torch.Generator().manual_seed(seed)
    seen = torch.rand(views, points, generator=dice) < 0.6
    said = []
    for _ in range(count):
        view = int(torch.randint(views, (1,), generator=dice))
        held = seen[view] & (torch.rand(points, generator=dice) < torch.rand(1, generator=dice))
        label = int(torch.randint(parts + 1, (1,), generator=dice))  # "none of them" too
        score = float(torch.rand(1, generator=dice))
        said.append((view, label, held.nonzero()[:, 0].tolist(), score))
    return units_of(said, [row.nonzero()[:, 0].tolist() for row in seen], points)


@pytest.mark.parametrize("seed", range(12))
def test_matches_the_loops(seed: int) -> None:
    names = PartList(("body", "wheel", "lid", "knob")[: 1 + seed % 4])
    points, views = (1, 7, 23)[seed % 3], 1 + seed % 5
    units = random_units(seed, points, views, len(names), count=2 * seed)
    dice = torch.Generator().manual_seed(seed)
    superpoint = torch.randint(5, (points,), generator=dice).unique(return_inverse=True)[1]
    config = replace(PUBLISHED, detection_threshold=0.3, vote_threshold=0.4)
    vote = superpoint_vote(units, superpoint, names, config)
    labels, shares = by_hand(units, superpoint, names, config)
    assert vote.labels.tolist() == labels
    assert torch.equal(vote.share, torch.tensor(shares, dtype=torch.float64).float())


def test_the_order_of_the_units_does_not_matter() -> None:
    units = random_units(3, 40, 4, 2, count=30)
    superpoint = torch.arange(40) // 7
    turned = torch.randperm(30, generator=torch.Generator().manual_seed(0))
    lists = units.point.split(units.offsets.diff().tolist())
    mixed = replace(
        units,
        label=units.label[turned],
        score=units.score[turned],
        view=units.view[turned],
        offsets=torch.cat([torch.zeros(1, dtype=torch.int64), units.offsets.diff()[turned]]).cumsum(
            0
        ),
        point=torch.cat([lists[k] for k in turned.tolist()]),
    )
    one, other = (superpoint_vote(u, superpoint, SEAT_LEG, PUBLISHED) for u in (units, mixed))
    assert torch.equal(one.labels, other.labels)
    assert torch.equal(one.share, other.share)


def test_no_unit_and_no_point_leave_nothing_labelled() -> None:
    nothing = units_of([], [[0, 1, 2, 3, 4]], 5)
    vote = superpoint_vote(nothing, FIVE, SEAT_LEG, PUBLISHED)
    assert vote.labels.tolist() == [-1, -1]
    assert vote.voting == 0
    empty = superpoint_vote(units_of([], [[]], 0), FIVE[:0], SEAT_LEG, PUBLISHED)
    assert empty.labels.shape == (0,)
    assert empty.point_share.shape == (0, 2)


def test_says_what_is_wrong() -> None:
    units = units_of([(0, 0, [0], 0.9)], [[0]], 5)
    with pytest.raises(ValueError, match="units must say which views show each point, got seen N"):
        superpoint_vote(replace(units, seen=None), FIVE, SEAT_LEG, PUBLISHED)
    with pytest.raises(ValueError, match=r"superpoint must be \[5\], got \[4\]"):
        superpoint_vote(units, FIVE[:4], SEAT_LEG, PUBLISHED)
