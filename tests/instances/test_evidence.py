"""What the views say about pieces, against a loop over points, views and units."""

from __future__ import annotations

import pytest
import torch

from pdengine.instances.evidence import Evidence, Sight, sight
from pdengine.types import Units

POINTS, VIEWS, UNITS, PIECES, WIDTH, PART = 120, 4, 9, 5, 16, 1


def random_case(seed: int) -> tuple[Evidence, torch.Tensor]:
    """Random units of two parts over random pixels, and a random piece of each point."""
    dice = torch.Generator().manual_seed(seed)
    pixel = torch.randint(-60, WIDTH * 12, (VIEWS, POINTS), generator=dice).clamp(min=-1).int()
    view = torch.randint(VIEWS, (UNITS,), generator=dice)
    inside = (torch.rand(UNITS, POINTS, generator=dice) < 0.4) & (pixel[view] >= 0)
    units = Units(
        label=torch.randint(2, (UNITS,), generator=dice),
        score=torch.ones(UNITS),
        offsets=torch.cat([torch.zeros(1, dtype=torch.int64), inside.sum(1).cumsum(0)]),
        point=inside.nonzero()[:, 1],
        view=view,
        count=POINTS,
        seen=pixel >= 0,
    )
    piece = torch.randint(-1, PIECES, (POINTS,), generator=dice)
    return Evidence(torch.zeros(POINTS, dtype=torch.int64), units, pixel, WIDTH), piece


def members(evidence: Evidence) -> list[tuple[int, set[int]]]:
    """View and points of each unit of the part."""
    units = evidence.units
    ends = units.offsets.tolist()
    return [
        (int(units.view[k]), set(units.point[ends[k] : ends[k + 1]].tolist()))
        for k in range(UNITS)
        if units.label[k] == PART
    ]


def box(evidence: Evidence, view: int, points: set[int]) -> tuple[int, int, int, int] | None:
    assert evidence.pixel is not None
    at = [int(p) for p in evidence.pixel[view, sorted(points)].tolist() if p >= 0]
    if not at:
        return None
    x, y = [p % WIDTH for p in at], [p // WIDTH for p in at]
    return min(x), min(y), max(x) + 1, max(y) + 1


def overlap(a: tuple[int, ...] | None, b: tuple[int, ...] | None) -> float:
    if a is None or b is None:
        return 0.0
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    return both / (sum(areas) - both)


def looped(
    evidence: Evidence, groups: list[set[int]]
) -> tuple[list[float], dict[str, list[float]]]:
    """Best overlaps of the groups, and difference and verdict of every pair."""
    assert evidence.pixel is not None
    units = members(evidence)
    seen = [
        [{n for n in group if evidence.pixel[v, n] >= 0} for v in range(VIEWS)] for group in groups
    ]
    best = [
        max([overlap(box(evidence, v, g), box(evidence, v, m)) for v, m in units] or [0.0])
        for g in groups
    ]
    shown = [
        [len(s) >= max(1, 0.1 * len(g)) for s in row] for row, g in zip(seen, groups, strict=True)
    ]
    said: dict[str, list[float]] = {"differ": [], "verdict": []}
    for a in range(len(groups)):
        for b in range(a):
            shares = [
                (v, len(seen[a][v] & m) / len(seen[a][v]), len(seen[b][v] & m) / len(seen[b][v]))
                for v, m in units
                if shown[a][v] and shown[b][v]
            ]
            larger = max(sum(x for _, x, _ in shares), sum(y for _, _, y in shares))
            apart = sum(abs(x - y) for _, x, y in shares)
            said["differ"].append(apart / larger if larger else float("inf"))
            both = {v for v, x, y in shares if x > 0.5 and y > 0.5}
            only_a = {v for v, x, y in shares if x > 0.5 >= y} - both
            only_b = {v for v, x, y in shares if y > 0.5 >= x} - both
            votes = len(both) - len(only_a | only_b)
            sign = (votes > 0) - (votes < 0)
            said["verdict"].append(sign if only_a and only_b else max(sign, 0))
    return best, said


def check(found: Sight, evidence: Evidence, groups: list[set[int]]) -> None:
    best, said = looped(evidence, groups)
    a, b = torch.tensor([(a, b) for a in range(len(groups)) for b in range(a)]).T
    assert found.confirmed_by().tolist() == pytest.approx(best)
    assert found.differ(a, b).tolist() == pytest.approx(said["differ"])
    assert found.verdict(a, b, 0.5).tolist() == said["verdict"]
    together = [
        looped(evidence, [groups[i] | groups[j]])[0][0]
        for i, j in zip(a.tolist(), b.tolist(), strict=True)
    ]
    assert found.confirmed_together(a, b).tolist() == pytest.approx(together)


@pytest.mark.parametrize("seed", range(6))
def test_shares_extents_and_verdicts_match_a_loop(seed: int) -> None:
    evidence, piece = random_case(seed)
    groups = [set((piece == p).nonzero()[:, 0].tolist()) for p in range(PIECES)]
    found = sight(evidence, piece, PIECES, PART, 0.1)
    check(found, evidence, groups)
    # And the same when pieces have become one.
    merged = found.merged(torch.tensor([0, 1, 0, 2, 1]), 3)
    check(merged, evidence, [groups[0] | groups[2], groups[1] | groups[4], groups[3]])


def test_where_no_view_says_anything() -> None:
    evidence, piece = random_case(0)
    found = sight(evidence, piece, PIECES, 7, 0.1)  # no unit is of this part
    pair = torch.tensor([0]), torch.tensor([1])
    assert found.differ(*pair).tolist() == [float("inf")]
    assert found.verdict(*pair, 0.5).tolist() == [0]
    assert found.confirmed_by().tolist() == [0] * PIECES
