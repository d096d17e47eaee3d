"""Superpoints of one part that are near and lie in the same boxes are one thing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

import pdengine as pde
from pdengine.baselines import SuperpointVote, partslip_instances
from pdengine.config import EngineConfig, RenderConfig
from pdengine.errors import ConfigError
from pdengine.instances import Evidence
from pdengine.io import cloud_from_arrays
from pdengine.published import PartSlipConfig, PartSlipInstanceConfig
from pdengine.types import Boxes, Instances, PartList, PointCloud, Units, Views

PUBLISHED = PartSlipConfig()
WIDTH = 20  # of a view, in pixels
Box = tuple[int, int, int, int]


def cloud_at(x: list[float]) -> PointCloud:
    """Two points at the ends of the unit sphere and these between them, on a line."""
    xyz = torch.tensor([[-1.0, 0, 0], [1.0, 0, 0], *[[v, 0.0, 0.0] for v in x]])
    return PointCloud(xyz, torch.zeros(3).double(), 1.0, torch.arange(len(xyz)), xyz.double())


def evidence_of(
    superpoint: Tensor,
    pixels: list[list[Box | tuple[int, int] | None]],
    boxes: list[tuple[int, int, Box, float]],
) -> Evidence:
    """What boxes (view, label, XYXY with the last pixel inside, score) hold of points at pixels."""
    pixel = torch.tensor(
        [[-1 if at is None else at[1] * WIDTH + at[0] for at in row] for row in pixels],
        dtype=torch.int32,
    )
    x, y = pixel % WIDTH, pixel // WIDTH
    held = [
        ((pixel[v] >= 0) & (x[v] >= b[0]) & (y[v] >= b[1]) & (x[v] <= b[2]) & (y[v] <= b[3]))
        for v, _, b, _ in boxes
    ]
    points = [one.nonzero()[:, 0] for one in held]
    units = Units(
        label=torch.tensor([label for _, label, _, _ in boxes], dtype=torch.int64),
        score=torch.tensor([score for *_, score in boxes]),
        offsets=torch.tensor([0, *[len(p) for p in points]]).cumsum(0),
        point=torch.cat([torch.zeros(0, dtype=torch.int64), *points]),
        view=torch.tensor([v for v, _, _, _ in boxes], dtype=torch.int64),
        count=len(superpoint),
        seen=pixel >= 0,
    )
    edges = [[x0, y0, x1 + 1, y1 + 1] for _, _, (x0, y0, x1, y1), _ in boxes]
    drawn = Boxes(
        torch.tensor(edges, dtype=torch.float32).view(-1, 4), units.view, units.label, units.score
    )
    return Evidence(superpoint, units, pixel, WIDTH, drawn)


def voted(superpoint: Tensor, labels: list[int], parts: int = 1) -> SuperpointVote:
    """Superpoints that are sure of these labels."""
    label = torch.tensor(labels)
    share = torch.zeros(len(labels), parts)
    known = label >= 0
    share[known, label[known]] = 1.0
    return SuperpointVote(label, share, superpoint, 1)


# Two points at either end of the frame, unlabelled; then two in superpoint 1, two in superpoint 2.
SUPERPOINT = torch.tensor([0, 0, 1, 1, 2, 2])
ONE = [-1, 0, 0]


def in_a_row(gap: float, boxes: list[tuple[int, int, Box, float]]) -> list[int]:
    """The instances of two superpoints so far apart, whose points stand side by side in a view."""
    cloud = cloud_at([0.0, 0.1, 0.1 + gap, 0.2 + gap])
    row: list[Box | tuple[int, int] | None] = [None, None, (4, 5), (5, 5), (6, 5), (7, 5)]
    found = partslip_instances(
        cloud, voted(SUPERPOINT, ONE), evidence_of(SUPERPOINT, [row], boxes), PUBLISHED
    )
    assert found.part.tolist() == [0] * len(found)
    return found.instance.tolist()


BOTH, LEFT, RIGHT = (4, 5, 7, 5), (4, 5, 5, 5), (6, 5, 7, 5)


def test_two_near_superpoints_in_one_box_are_one_thing() -> None:
    assert in_a_row(0.01, [(0, 0, BOTH, 0.9)]) == [-1, -1, 0, 0, 0, 0]


def test_two_that_are_farther_apart_than_the_gap_are_two() -> None:
    # Each half of a box around both: their intersection over union with it is a half, no more.
    assert in_a_row(0.03, [(0, 0, BOTH, 0.9)]) == [-1] * 6
    boxes = [(0, 0, box, 0.9) for box in (LEFT, RIGHT)]
    assert in_a_row(0.03, boxes) == [-1, -1, 0, 0, 1, 1]


def test_two_that_touch_in_boxes_of_their_own_are_two() -> None:
    boxes = [(0, 0, box, 0.9) for box in (LEFT, RIGHT)]
    assert in_a_row(0.01, boxes) == [-1, -1, 0, 0, 1, 1]


def test_shares_that_differ_by_a_fifth_of_the_larger_sum_keep_apart() -> None:
    # Four boxes hold both, one the left alone: sums 5 and 4, which differ by exactly a fifth.
    boxes = [(0, 0, BOTH, 0.9)] * 4 + [(0, 0, LEFT, 0.9)]
    assert in_a_row(0.01, boxes) == [-1, -1, 0, 0, -1, -1]
    assert in_a_row(0.01, [(0, 0, BOTH, 0.9), *boxes]) == [-1, -1, 0, 0, 0, 0]


def test_what_no_box_confirms_is_in_no_instance_and_keeps_its_label() -> None:
    wide = (0, 5, 19, 5)
    assert in_a_row(0.01, [(0, 0, wide, 0.9)]) == [-1] * 6
    assert in_a_row(0.01, [(0, 0, BOTH, 0.4)]) == [-1] * 6  # the detector was not sure enough
    assert in_a_row(0.01, [(0, 1, BOTH, 0.9)]) == [-1] * 6  # a box of another part


def test_one_box_that_holds_half_of_a_thing_keeps_it() -> None:
    cloud = cloud_at([0.0, 0.1, 0.11, 0.2])
    row: list[Box | tuple[int, int] | None] = [None, None, (4, 5), (5, 5), (6, 5), (7, 5)]
    said = evidence_of(SUPERPOINT, [row, row], [(0, 0, (4, 5, 6, 5), 0.9), (1, 0, BOTH, 0.9)])
    found = partslip_instances(cloud, voted(SUPERPOINT, ONE), said, PUBLISHED)
    # Shares (1, 1) and (1/2, 1): half of two is a quarter, so they stay apart.
    assert found.instance.tolist() == [-1, -1, 0, 0, -1, -1]
    like = replace(PUBLISHED, instances=PartSlipInstanceConfig(profile=0.3))
    found = partslip_instances(cloud, voted(SUPERPOINT, ONE), said, like)
    assert found.instance.tolist() == [-1, -1, 0, 0, 0, 0]
    assert found.score.tolist() == [1.0]  # every point is sure, and the second box fits
    assert found.points.tolist() == [4]
    assert found.low[0].tolist() == pytest.approx([0, 0, 0])
    assert found.high[0].tolist() == pytest.approx([0.2, 0, 0])


def test_a_piece_a_hundred_times_larger_is_another_thing() -> None:
    for points, same in ((99, True), (100, False)):
        superpoint = torch.tensor([0, 0, 1, *[2] * points])
        cloud = cloud_at([0.0, *[0.01] * points])
        row: list[Box | tuple[int, int] | None] = [None, None, (4, 5), *[(5, 5)] * points]
        said = evidence_of(superpoint, [row], [(0, 0, (4, 5, 5, 5), 0.9)])
        found = partslip_instances(cloud, voted(superpoint, ONE), said, PUBLISHED)
        assert len(found) == (1 if same else 0)  # apart, each fills half of the box and no more


def test_a_box_around_everything_has_no_vote_and_confirms() -> None:
    cloud = cloud_at([0.0, 0.1, 0.11, 0.2])
    row: list[Box | tuple[int, int] | None] = [None, None, (4, 5), (5, 5), (6, 5), (7, 5)]
    said = evidence_of(SUPERPOINT, [row], [(0, 0, (4, 5, 6, 5), 0.9)])
    assert said.boxes is not None
    found = partslip_instances(cloud, voted(SUPERPOINT, ONE), said, PUBLISHED)
    assert found.score.tolist() == [pytest.approx(2 / 3)]  # of the left piece and the box
    all_of_it = replace(said.boxes, box=torch.tensor([[4.0, 5, 8, 6]]))
    silent = replace(said, boxes=all_of_it)  # lift leaves its unit out
    like = replace(PUBLISHED, instances=PartSlipInstanceConfig(profile=0.6))
    found = partslip_instances(cloud, voted(SUPERPOINT, ONE), silent, like)
    assert found.instance.tolist() == [-1, -1, 0, 0, 0, 0]
    assert found.score.tolist() == [1.0]


def test_without_pixels_nothing_is_dropped() -> None:
    cloud = cloud_at([0.0, 0.1, 0.11, 0.2])
    row: list[Box | tuple[int, int] | None] = [None, None, (4, 5), (5, 5), (6, 5), (7, 5)]
    said = evidence_of(SUPERPOINT, [row], [(0, 0, (0, 5, 19, 5), 0.9)])
    blind = replace(said, pixel=None)
    found = partslip_instances(cloud, voted(SUPERPOINT, ONE), blind, PUBLISHED)
    assert found.instance.tolist() == [-1, -1, 0, 0, 0, 0]


def iou_of(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    both = max(width, 0) * max(height, 0)
    areas = [(c[2] - c[0] + 1) * (c[3] - c[1] + 1) for c in (a, b)]
    return both / (sum(areas) - both)


def extent(evidence: Evidence, view: int, points: list[int]) -> Box | None:
    """The box around the visible ones of some points, its last pixel inside."""
    assert evidence.pixel is not None
    at = [int(p) for p in evidence.pixel[view, points].tolist() if p >= 0]
    x, y = [p % WIDTH for p in at], [p // WIDTH for p in at]
    return (min(x), min(y), max(x), max(y)) if at else None


def drawn_of(evidence: Evidence, part: int, config: PartSlipConfig) -> list[tuple[int, Box | None]]:
    """View and box of each detection of a part that counts: as drawn, else around its points."""
    units, ends = evidence.units, evidence.units.offsets.tolist()
    found: list[tuple[int, Box | None]] = []
    for k in range(len(units)):
        if units.label[k] == part and units.score[k] >= config.detection_threshold:
            view = int(units.view[k])
            box = extent(evidence, view, units.point[ends[k] : ends[k + 1]].tolist())
            if evidence.boxes is not None:
                x0, y0, x1, y1 = (int(v) for v in evidence.boxes.box[k])
                box = (x0, y0, x1 - 1, y1 - 1)
            found.append((view, box))
    return found


def by_hand(
    cloud: PointCloud, vote: SuperpointVote, evidence: Evidence, config: PartSlipConfig
) -> set[tuple[int, tuple[int, ...]]]:
    """The released loops: (part, points) of every instance."""
    rule, units = config.instances, evidence.units
    ends, things = units.offsets.tolist(), set()
    pieces = [(vote.superpoint == p).nonzero()[:, 0].tolist() for p in range(len(vote.labels))]
    for part in range(vote.share.shape[1]):
        mine = [p for p in range(len(pieces)) if vote.labels[p] == part]
        boxes = [
            (int(units.view[k]), units.point[ends[k] : ends[k + 1]].tolist())
            for k in range(len(units))
            if units.label[k] == part and units.score[k] >= config.detection_threshold
        ]
        root = {p: p for p in mine}
        for i in mine:
            for k in mine:
                if k >= i:
                    continue
                ours, theirs = cloud.xyz[pieces[i]], cloud.xyz[pieces[k]]
                apart = torch.maximum(
                    ours.amin(0) - theirs.amax(0), theirs.amin(0) - ours.amax(0)
                ).max()
                shares = []
                for view, held in boxes:
                    shown = [
                        [n for n in pieces[p] if evidence.units.seen[view, n]]  # type: ignore[index]
                        for p in (i, k)
                    ]
                    if all(shown):
                        shares.append([len(set(s) & set(held)) / len(s) for s in shown])
                sums = [sum(s[side] for s in shares) for side in (0, 1)]
                if not shares or max(sums) == 0:
                    continue
                differ = sum(abs(a - b) for a, b in shares) / max(sums)
                sizes = sorted(len(pieces[p]) for p in (i, k))
                of_like_size = sizes[1] / sizes[0] < rule.size_ratio
                if apart < rule.gap and differ < rule.profile and of_like_size:
                    old, new = root[i], root[k]
                    root = {p: new if r == old else r for p, r in root.items()}
        for own in set(root.values()):
            points = sorted(n for p in mine if root[p] == own for n in pieces[p])
            sure = any(
                box is not None and around is not None and iou_of(box, around) > rule.iou
                for view, around in drawn_of(evidence, part, config)
                for box in [extent(evidence, view, points)]
            )
            if sure:
                things.add((part, tuple(points)))
    return things


def random_case(seed: int) -> tuple[PointCloud, SuperpointVote, Evidence]:
    """Superpoints of a few points near each other, in random boxes of random views."""
    dice = torch.Generator().manual_seed(seed)
    pieces, parts = 3 + seed, 1 + seed % 3
    size = torch.randint(1, 5, (pieces,), generator=dice)
    superpoint = torch.arange(pieces).repeat_interleave(size)
    spread = 0.1 * torch.rand(len(superpoint), 3, generator=dice)
    xyz = 0.3 * torch.rand(pieces, 3, generator=dice)[superpoint] + spread
    cloud = cloud_from_arrays(torch.cat([xyz, torch.tensor([[1.0, 0, 0], [-1, 0, 0]])]).numpy())
    superpoint = torch.cat([superpoint, torch.tensor([pieces, pieces])])
    pixels: list[list[Box | tuple[int, int] | None]] = []
    for _ in range(3):
        at = torch.randint(0, WIDTH, (len(superpoint), 2), generator=dice)
        near = torch.randint(0, WIDTH - 3, (pieces + 1, 2), generator=dice)[superpoint] + at % 4
        hidden = torch.rand(len(superpoint), generator=dice) < 0.3
        pixels.append(
            [
                None if h else (int(x), int(y))
                for h, (x, y) in zip(hidden, near.tolist(), strict=True)
            ]
        )
    boxes: list[tuple[int, int, Box, float]] = []
    for _ in range(4 * pieces):
        x, y = (int(v) for v in torch.randint(0, WIDTH - 6, (2,), generator=dice))
        width, height = (int(v) for v in torch.randint(3, 14, (2,), generator=dice))
        view, label = (int(torch.randint(n, (1,), generator=dice)) for n in (3, parts + 1))
        score = float(torch.rand(1, generator=dice))
        boxes.append((view, label, (x, y, x + width, y + height), score))
    label = torch.randint(-1, parts, (pieces,), generator=dice).tolist()
    vote = voted(superpoint, [*label, -1], parts)
    return cloud, vote, evidence_of(superpoint, pixels, boxes)


def as_sets(found: Instances) -> set[tuple[int, tuple[int, ...]]]:
    return {
        (int(found.part[k]), tuple((found.instance == k).nonzero()[:, 0].tolist()))
        for k in range(len(found))
    }


LOOSE = PartSlipInstanceConfig(gap=0.2, profile=0.9, size_ratio=3.5, iou=0.3)


@pytest.mark.parametrize("drawn", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_matches_the_loops(seed: int, drawn: bool) -> None:
    cloud, vote, evidence = random_case(seed)
    evidence = evidence if drawn else replace(evidence, boxes=None)
    config = replace(PUBLISHED, detection_threshold=0.2, instances=LOOSE)
    found = partslip_instances(cloud, vote, evidence, config)
    assert as_sets(found) == by_hand(cloud, vote, evidence, config)
    assert found.part.tolist() == sorted(found.part.tolist())
    assert ((found.score > 0) & (found.score <= 1)).all()


def test_the_random_cases_join_drop_and_keep() -> None:
    """Else the comparison with the loops would show nothing."""
    config = replace(PUBLISHED, detection_threshold=0.2, instances=LOOSE)
    joined = kept = dropped = 0
    for seed in range(20):
        cloud, vote, evidence = random_case(seed)
        found = partslip_instances(cloud, vote, evidence, config)
        of = [vote.superpoint[found.instance == k].unique() for k in range(len(found))]
        joined += sum(len(one) > 1 for one in of)
        kept += len(found)
        dropped += int((vote.labels >= 0).sum()) - sum(len(one) for one in of)
    assert min(joined, kept, dropped) >= 10, (joined, kept, dropped)


def test_nothing_labelled_is_no_instance() -> None:
    cloud = cloud_at([0.0, 0.1, 0.11, 0.2])
    none: list[Box | tuple[int, int] | None] = [None] * 6
    nothing = evidence_of(SUPERPOINT, [none], [])
    found = partslip_instances(cloud, voted(SUPERPOINT, [-1, -1, -1]), nothing, PUBLISHED)
    assert len(found) == 0
    assert found.instance.tolist() == [-1] * 6
    labelled = partslip_instances(cloud, voted(SUPERPOINT, ONE), nothing, PUBLISHED)
    assert labelled.instance.tolist() == [-1] * 6


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"method": "magic"}, "method must be one of published, touching, got 'magic'"),
        ({"gap": -0.1}, "gap must be in [0, 2], got -0.1"),
        ({"profile": 3.0}, "profile must be in [0, 2], got 3.0"),
        ({"size_ratio": 0.5}, "size_ratio must be in [1, 1e9], got 0.5"),
        ({"iou": 2.0}, "iou must be in [0, 1], got 2.0"),
    ],
)
def test_says_which_constant_is_out_of_its_range(bad: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError) as said:
        PartSlipInstanceConfig(**bad)  # type: ignore[arg-type]
    assert message in str(said.value)


def one_box_around_two(views: Views, parts: PartList) -> Boxes:
    """A detector that draws the upper half of every picture, which holds two balls."""
    view = list(range(len(views)))
    boxes = [[0.0, 0.0, views.size[1] * 1.0, views.size[0] * 0.5] for _ in view]
    return Boxes(
        torch.tensor(boxes),
        torch.tensor(view),
        torch.zeros(len(view)).long(),
        torch.ones(len(view)),
    )


@pytest.mark.parametrize(("method", "more"), [("published", False), ("touching", True)])
def test_segment_groups_by_the_rule_that_is_asked_for(method: str, more: bool) -> None:
    """A box far larger than a thing confirms nothing: published drops the thing, ours does not."""
    dice = torch.Generator().manual_seed(0)
    ball = torch.nn.functional.normalize(torch.randn(800, 3, generator=dice), dim=1) * 0.2
    middles = ((-0.5, 0.7, 0), (0.5, 0.7, 0), (0, -0.8, 0))
    xyz = torch.cat([ball + torch.tensor([float(v) for v in middle]) for middle in middles])
    partslip = replace(PUBLISHED, instances=PartSlipInstanceConfig(method=method))
    config = EngineConfig(
        mode="partslip",
        up="y",
        instances=True,
        render=RenderConfig(views=6, size=(96, 96)),
        partslip=partslip,
    )
    result = pde.segment(xyz, ["ball"], config=config, teacher=one_box_around_two)
    assert (result.labels == 0).sum() > 1000
    assert result.instances is not None
    assert (len(result.instances) >= 2) == more
    assert result.meta["partslip"]["instances"]["method"] == method
