"""The proportions of a four-legged animal, all relative to a torso of length 1."""

from typing import NamedTuple

from pdengine.shapes.dice import Dice

KINDS = {
    "dog": 4.0,
    "cat": 3.0,
    "horse": 3.0,
    "cow": 2.5,
    "deer": 2.0,
    "giraffe": 1.0,
    "elephant": 1.5,
    "pig": 1.5,
    "dachshund": 1.0,
    "camel": 1.0,
    "bear": 1.5,
    "lizard": 0.8,
    "bull": 1.5,
    "fox": 1.5,
    "toy": 2.0,
    "fable": 6.0,
}
# Leg, leg radius, width, height of the torso, neck, neck rise (radians), head: (low, high) each.
Range = tuple[float, float]
PLANS: dict[str, tuple[Range, Range, Range, Range, Range, Range, Range]] = {
    "dog": (
        (0.5, 1.0), (0.06, 0.11), (0.28, 0.45), (0.34, 0.55),
        (0.2, 0.4), (0.3, 1.2), (0.4, 0.6),
    ),
    "cat": (
        (0.4, 0.7), (0.05, 0.09), (0.24, 0.4), (0.28, 0.44),
        (0.12, 0.28), (0.2, 1.1), (0.32, 0.5),
    ),
    "horse": (
        (0.8, 1.15), (0.06, 0.1), (0.32, 0.48), (0.42, 0.6),
        (0.5, 0.8), (0.5, 1.2), (0.5, 0.65),
    ),
    "cow": (
        (0.55, 0.85), (0.07, 0.11), (0.4, 0.62), (0.5, 0.75),
        (0.25, 0.45), (-0.2, 0.7), (0.42, 0.6),
    ),
    "deer": (
        (0.8, 1.25), (0.035, 0.06), (0.26, 0.38), (0.34, 0.48),
        (0.4, 0.75), (0.5, 1.3), (0.36, 0.48),
    ),
    "giraffe": (
        (1.2, 1.7), (0.06, 0.09), (0.32, 0.45), (0.45, 0.6),
        (1.2, 1.9), (0.8, 1.45), (0.4, 0.52),
    ),
    "elephant": (
        (0.55, 0.85), (0.12, 0.17), (0.55, 0.8), (0.65, 0.95),
        (0.12, 0.25), (0.1, 0.6), (0.5, 0.7),
    ),
    "pig": (
        (0.28, 0.5), (0.06, 0.1), (0.4, 0.62), (0.42, 0.65),
        (0.1, 0.2), (-0.2, 0.4), (0.42, 0.58),
    ),
    "dachshund": (
        (0.18, 0.32), (0.05, 0.08), (0.2, 0.32), (0.24, 0.36),
        (0.15, 0.3), (0.3, 1.1), (0.32, 0.46),
    ),
    "camel": (
        (0.95, 1.3), (0.06, 0.09), (0.35, 0.5), (0.45, 0.6),
        (0.7, 1.1), (0.2, 1.2), (0.36, 0.48),
    ),
    "bear": (
        (0.4, 0.65), (0.1, 0.15), (0.45, 0.68), (0.5, 0.7),
        (0.12, 0.3), (-0.2, 0.6), (0.42, 0.58),
    ),
    "lizard": (
        (0.18, 0.35), (0.04, 0.08), (0.28, 0.5), (0.2, 0.34),
        (0.15, 0.4), (-0.1, 0.6), (0.35, 0.6),
    ),
    "bull": (
        (0.4, 0.75), (0.07, 0.12), (0.45, 0.62), (0.55, 0.85),
        (0.12, 0.35), (-0.3, 0.5), (0.5, 0.72),
    ),
    "fox": (
        (0.5, 0.85), (0.05, 0.08), (0.28, 0.42), (0.32, 0.48),
        (0.15, 0.35), (0.1, 1.0), (0.4, 0.6),
    ),
    "toy": (  # few, plump shapes: a big head, legs like posts
        (0.25, 0.6), (0.1, 0.17), (0.4, 0.75), (0.42, 0.8),
        (0.05, 0.3), (0.1, 1.2), (0.55, 0.95),
    ),
    "fable": (
        (0.2, 1.6), (0.04, 0.15), (0.22, 0.75), (0.26, 0.85),
        (0.1, 1.4), (-0.3, 1.4), (0.28, 0.7),
    ),
}  # fmt: skip


class Build(NamedTuple):
    """One animal. Lengths in torso lengths.

    Attributes:
        leg: height of the leg joints above the ground when it stands.
        leg_radius, leg_taper: at the knee; share of it that is left at the foot.
        haunch: how far up the flank the hind thigh reaches, in heights of the torso; 0 for none.
        thigh: radius where the leg leaves the torso, in leg radii.
        foot, toes: size of the paw or hoof; how far the toes stick out, in sizes.
        hooves: hooves and knees of a horse, rather than paws and elbows of a dog.
        width, height: of the torso where it is fullest.
        chest: girth at the shoulder, in widths.
        tuck, sag, hump: the waist pulled in, the belly hanging, the withers raised, in heights.
        slope: how much the shoulder is higher than the hip, radians.
        neckless: the head starts at the shoulder, as a pig's does; what is left counts as head.
        neck, neck_rise: length and angle above the horizon.
        gathered: where the legs are in a gallop, -1 stretched out to 1 under the body.
    """

    kind: str
    leg: float
    leg_radius: float
    leg_taper: float
    haunch: float
    thigh: float
    foot: float
    toes: float
    hooves: bool
    width: float
    height: float
    chest: float
    tuck: float
    sag: float
    hump: float
    two_humps: bool
    slope: float
    neckless: bool
    neck: float
    neck_rise: float
    head: float
    gathered: float


def build_of(dice: Dice) -> Build:
    kind = dice.weighted(KINDS)
    legs, radii, widths, heights, necks, rises, heads = PLANS[kind]
    height = dice.log_between(*heights)
    width = min(dice.log_between(*widths), 1.25 * height) if kind != "lizard" else widths[1]
    leg = dice.log_between(*legs)
    radius = min(dice.log_between(*radii), 0.3 * width)
    hooved = {"horse": 1.0, "cow": 1.0, "deer": 1.0, "giraffe": 1.0, "camel": 1.0, "pig": 1.0}
    hooved["bull"] = 1.0
    heavy = kind in ("elephant", "bear", "pig", "cow", "bull", "toy")
    greyhound = kind in ("dog", "cat", "deer", "fox", "fable") and dice.chance(0.6)
    return Build(
        kind=kind,
        leg=leg,
        leg_radius=radius,
        leg_taper=dice.between(0.7, 1.0) if heavy else dice.between(0.45, 0.85),
        haunch=dice.between(0.15, 0.34) if dice.chance(0.55) else 0.0,
        thigh=dice.between(1.2, 1.9),
        foot=max(dice.between(1.1, 1.9) * radius, 0.1 * min(leg, 0.6)),
        toes=dice.between(0.4, 1.2),
        hooves=dice.chance(hooved.get(kind, 0.4 if kind == "fable" else 0.0)),
        width=width,
        height=height,
        chest=dice.between(1.0, 1.2) if kind == "bull" else dice.between(0.85, 1.1),
        tuck=dice.between(0.12, 0.32) if greyhound else dice.between(-0.08, 0.15),
        sag=dice.between(0.05, 0.25) if dice.chance(0.3) else 0.0,
        hump=dice.between(0.2, 0.7 if kind == "camel" else 0.4)
        if kind in ("camel", "bull") or dice.chance(0.1)
        else 0.0,
        two_humps=kind == "camel" and dice.chance(0.5),
        slope=dice.between(0.1, 0.35) if kind == "giraffe" else dice.between(-0.08, 0.1),
        neckless=dice.chance({"pig": 0.8, "bull": 0.4, "toy": 0.4, "bear": 0.3}.get(kind, 0.0)),
        neck=dice.log_between(*necks),
        neck_rise=dice.between(*rises),
        head=0.88 * dice.log_between(*heads),
        gathered=dice.pick([-1.0, 0.8]) * dice.between(0.6, 1.0),
    )
