"""What kinds of scissors there are, and the plan of one pair."""

from dataclasses import dataclass

from pdengine.shapes.dice import Dice

KINDS = {
    "office": 5.0,
    "kitchen": 2.5,
    "tailor": 2.5,
    "nail": 1.5,
    "surgical": 1.5,
    "embroidery": 1.5,
    "hair": 1.5,
    "safety": 2.0,
    "snips": 1.0,
}
Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """What a kind of scissors may look like; lengths in handle lengths.

    Attributes:
        blade: length from the screw to the tip.
        wide: of a blade over its length.
        tip: width of the tip over the width of the blade.
        bar: radius of the bar that the loops are bent from.
        loop: half length of a loop.
        round: width of a loop over its length.
        plastic: how often the loops are moulded on a metal tang.
        uneven: how often one loop is larger than the other.
    """

    blade: Range
    wide: Range
    tip: Range
    bar: Range
    loop: Range
    round: Range
    plastic: float
    uneven: float


STYLES = {
    "office": Style(
        (0.8, 1.5),
        (0.1, 0.2),
        (0.06, 0.4),
        (0.035, 0.075),
        (0.22, 0.4),
        (0.55, 0.9),
        0.9,
        0.5,
    ),
    "kitchen": Style(
        (0.7, 1.3),
        (0.14, 0.24),
        (0.15, 0.5),
        (0.04, 0.085),
        (0.3, 0.42),
        (0.45, 0.75),
        0.8,
        0.5,
    ),
    "tailor": Style(
        (1.1, 1.9),
        (0.12, 0.2),
        (0.06, 0.3),
        (0.04, 0.085),
        (0.26, 0.44),
        (0.45, 0.75),
        0.5,
        0.9,
    ),
    "nail": Style(
        (0.25, 0.5),
        (0.14, 0.26),
        (0.06, 0.3),
        (0.025, 0.05),
        (0.2, 0.36),
        (0.7, 1.0),
        0.1,
        0.1,
    ),
    "surgical": Style(
        (0.3, 0.7),
        (0.1, 0.2),
        (0.1, 0.5),
        (0.022, 0.04),
        (0.14, 0.24),
        (0.6, 0.9),
        0.0,
        0.0,
    ),
    "embroidery": Style(
        (0.5, 1.1),
        (0.1, 0.18),
        (0.04, 0.15),
        (0.03, 0.055),
        (0.22, 0.38),
        (0.7, 1.05),
        0.2,
        0.1,
    ),
    "hair": Style(
        (0.8, 1.4),
        (0.08, 0.14),
        (0.06, 0.25),
        (0.03, 0.055),
        (0.15, 0.26),
        (0.7, 0.95),
        0.2,
        0.1,
    ),
    "safety": Style(
        (0.6, 1.1),
        (0.16, 0.28),
        (0.5, 0.95),
        (0.05, 0.095),
        (0.24, 0.4),
        (0.6, 1.0),
        0.95,
        0.3,
    ),
    "snips": Style(
        (0.3, 0.6),
        (0.22, 0.4),
        (0.15, 0.5),
        (0.04, 0.08),
        (0.3, 0.46),
        (0.35, 0.6),
        0.4,
        0.1,
    ),
}


@dataclass(frozen=True)
class Plan:
    """What both halves share; the screw is the origin, the tips point to +y."""

    kind: str
    style: Style
    blade: float
    wide: float  # of a blade at the screw
    thick: float  # of a blade along z
    bar: float
    depth: float  # of a loop along z over its bar
    plastic: bool
    tang: float  # share of the way to the loop that is bare metal
    power: float  # squareness of the bar of the loops


def plan_of(dice: Dice) -> Plan:
    kind = dice.weighted(KINDS)
    style = STYLES[kind]
    blade = dice.log_between(*style.blade)
    wide = blade * dice.log_between(*style.wide)
    plastic = dice.chance(style.plastic)
    bar = dice.log_between(*style.bar) * (1.0 if plastic else 0.7)
    return Plan(
        kind=kind,
        style=style,
        blade=blade,
        wide=wide,
        thick=dice.log_between(0.025, 0.055),
        bar=max(bar, 0.02),
        depth=dice.log_between(0.6, 1.6),
        plastic=plastic,
        tang=dice.between(0.1, 0.7) if plastic else dice.between(0.05, 0.3),
        power=dice.pick([2.0, 2.0, 3.0, 5.0]),
    )
