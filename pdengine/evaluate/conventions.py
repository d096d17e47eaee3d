"""The protocols by name: what is averaged over what, and where that is defined.

A number without its protocol means nothing: parts first or shapes first, absent parts counted or
not, move the same labels by ten points.  So every number lives in a Score, which carries its
protocol's name, and tables take Scores alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from pdengine.errors import ScoreError
from pdengine.evaluate import overlap, shares
from pdengine.evaluate.precision import average_precision, hundred_and_one_points
from pdengine.evaluate.shape_counts import ShapeCounts
from pdengine.evaluate.stack import Estimator, Stack

Rule: TypeAlias = Callable[[Stack], Estimator]


@dataclass(frozen=True)
class Protocol:
    """One way to turn counts into a number.

    Attributes:
        name: as in PROTOCOLS.
        formula: one sentence, for listings and below tables.
        source: who defines it so.
        rule: the category's value and its parts'.
        needs: what a shape must have to be scored: "truth", "rows", "covered", "instances" or
            "reliability".
        over: what the overall value is the mean of, "shapes" or "categories".
        better: "higher" or "lower".
    """

    name: str
    formula: str
    source: str
    rule: Rule
    needs: str = "truth"
    over: str = "categories"
    better: str = "higher"

    def lacks(self, counts: ShapeCounts) -> bool:
        """This shape has nothing to score, and is listed as left out."""
        if self.needs == "truth":
            return sum(counts.truth) == 0
        if self.needs in ("rows", "covered"):
            return counts.rows == 0
        bins = counts.reliability
        return self.needs == "reliability" and bins is not None and sum(bins.count) == 0

    def unmeasured(self, counts: ShapeCounts) -> bool:
        """What this protocol needs was never counted, which is a mistake of the caller's."""
        return self.needs in _OPTIONAL and getattr(counts, self.needs) is None


_OPTIONAL = ("covered", "instances", "reliability")
_VOC = "greedy matching by score, precision made monotone, area over all points (Pascal VOC 2010)"


def _precision(name: str, thresholds: tuple[int, ...], what: str) -> Protocol:
    rule = partial(average_precision, thresholds=thresholds)
    formula = (
        f"per part the average precision of instances at {what}, pooled over shapes; mean over "
        "parts, then over categories"
    )
    return Protocol(name, formula, _VOC, rule, needs="instances")


_ALL = (
    Protocol(
        "shapenetpart-instance",
        "per shape the mean IoU over all parts of its category, 1 where nobody has the part; mean "
        "over shapes",
        "ShapeNetPart (Yi et al. 2016) as PointNet evaluates it; per shape as in PartDistill's "
        "released evaluation",
        overlap.all_parts,
        over="shapes",
    ),
    Protocol(
        "shapenetpart-class",
        "per shape the mean IoU over all parts of its category, 1 where nobody has the part; mean "
        "over the shapes of a category, then over categories",
        "ShapeNetPart (Yi et al. 2016) as PointNet evaluates it; per shape as in PartDistill's "
        "released evaluation",
        overlap.all_parts,
    ),
    Protocol(
        "patchalign3d",
        "per shape the mean IoU over the parts that it has; mean over shapes",
        "PatchAlign3D (2026), instance mIoU: absent parts are skipped",
        overlap.present_parts,
        over="shapes",
    ),
    Protocol(
        "parts-present",
        "per shape the mean IoU over the parts that it has, rows without a true part left out; "
        "mean over the shapes of a category, then over categories",
        "what pdengine reports on Labeled PSB; on ShapeNetPart the class mIoU of PatchAlign3D",
        overlap.present_parts,
    ),
    Protocol(
        "partnete",
        "per part the mean IoU over the shapes that have it, rows without a true part counted; "
        "mean over parts, then over categories",
        "PartSLIP (2023), as the release of PartSLIP++ (2023) evaluates it",
        overlap.parts_first,
    ),
    Protocol(
        "partnete-known",
        "per part the mean IoU over the shapes that have it, rows without a true part left out; "
        "mean over parts, then over categories",
        "partnete, where what has no name may be called anything",
        overlap.parts_first_known,
    ),
    _precision("instance-ap25", (25,), "IoU > 0.25"),
    _precision("instance-ap50", (50,), "IoU > 0.5"),
    _precision("instance-ap75", (75,), "IoU > 0.75"),
    _precision("instance-map", tuple(range(50, 100, 5)), "the mean of IoU > 0.5, 0.55, ... 0.95"),
    Protocol(
        "partnet-ap50",
        "per part the average precision of instances at IoU > 0.5 at 101 recalls, precision 1 at "
        "recall 0; mean over parts, then over categories",
        "PartNet (Mo et al. 2019), used by PartSLIP and PartSLIP++",
        partial(average_precision, thresholds=(50,), area=hundred_and_one_points),
        needs="instances",
    ),
    Protocol(
        "coverage",
        "per shape the share of rows that at least one unit covers; mean over the shapes of a "
        "category, then over categories",
        "pdengine",
        shares.covered,
        needs="covered",
    ),
    Protocol(
        "labelled",
        "per shape the share of rows that were given a part; mean over the shapes of a category, "
        "then over categories",
        "pdengine",
        shares.labelled,
        needs="rows",
    ),
    Protocol(
        "calibration-error",
        "over ten bins of confidence, pooled over the shapes of a category: the rows' mean "
        "|accuracy - confidence| of their bin; mean over categories",
        "expected calibration error (Guo et al. 2017)",
        shares.calibration_error,
        needs="reliability",
        better="lower",
    ),
)

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType({one.name: one for one in _ALL})


def find_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        ScoreError: there is none.
    """
    if name not in PROTOCOLS:
        raise ScoreError(f"protocol must be one of {', '.join(PROTOCOLS)}, got {name}")
    return PROTOCOLS[name]
