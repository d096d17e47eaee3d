"""The proportions of an insect, all relative to a torso of length 1."""

from typing import NamedTuple

from pdengine.shapes.dice import Dice

KINDS = {
    "ant": 7.0,
    "soldier": 2.0,
    "slim": 1.5,
    "honeypot": 1.2,
    "wasp": 1.5,
    "bee": 1.0,
    "beetle": 2.0,
    "ladybird": 0.8,
    "cricket": 1.2,
    "long-legged": 1.5,
    "cartoon": 2.0,
    "fable": 3.0,
}
# Torso width and height; head length, width, height; back length, width, height: (low, high) each.
Range = tuple[float, float]
PLANS: dict[str, tuple[Range, Range, Range, Range, Range, Range, Range, Range]] = {
    "ant": (
        (0.28, 0.48), (0.28, 0.5), (0.45, 0.8), (0.42, 0.75), (0.36, 0.6),
        (0.7, 1.3), (0.5, 0.95), (0.45, 0.9),
    ),
    "soldier": (
        (0.35, 0.55), (0.35, 0.55), (0.8, 1.2), (0.8, 1.25), (0.6, 0.95),
        (0.7, 1.2), (0.55, 0.85), (0.5, 0.8),
    ),
    "slim": (
        (0.2, 0.3), (0.2, 0.3), (0.45, 0.7), (0.25, 0.42), (0.25, 0.38),
        (0.9, 1.6), (0.28, 0.5), (0.28, 0.48),
    ),
    "honeypot": (
        (0.28, 0.45), (0.28, 0.45), (0.4, 0.6), (0.4, 0.6), (0.35, 0.5),
        (1.2, 1.9), (1.1, 1.8), (1.0, 1.7),
    ),
    "wasp": (
        (0.4, 0.55), (0.45, 0.65), (0.35, 0.5), (0.5, 0.7), (0.45, 0.6),
        (1.0, 1.7), (0.38, 0.62), (0.4, 0.65),
    ),
    "bee": (
        (0.7, 0.95), (0.7, 0.95), (0.45, 0.65), (0.6, 0.85), (0.5, 0.75),
        (1.1, 1.5), (0.75, 1.05), (0.7, 1.0),
    ),
    "beetle": (
        (0.7, 1.2), (0.4, 0.7), (0.45, 0.9), (0.4, 0.8), (0.35, 0.55),
        (1.3, 2.2), (0.85, 1.5), (0.6, 1.1),
    ),
    "ladybird": (
        (0.9, 1.3), (0.5, 0.8), (0.4, 0.6), (0.5, 0.8), (0.4, 0.6),
        (1.5, 2.1), (1.5, 2.0), (1.3, 1.9),
    ),
    "cricket": (
        (0.4, 0.55), (0.45, 0.65), (0.4, 0.7), (0.4, 0.55), (0.45, 0.7),
        (1.3, 2.3), (0.35, 0.5), (0.38, 0.55),
    ),
    "long-legged": (
        (0.4, 0.8), (0.35, 0.6), (0.35, 0.6), (0.35, 0.6), (0.3, 0.5),
        (0.9, 1.6), (0.7, 1.4), (0.65, 1.3),
    ),
    "cartoon": (
        (0.55, 0.95), (0.55, 0.95), (0.7, 1.3), (0.75, 1.4), (0.7, 1.3),
        (0.8, 1.4), (0.7, 1.3), (0.7, 1.2),
    ),
    "fable": (
        (0.25, 1.0), (0.25, 0.9), (0.4, 1.1), (0.35, 1.1), (0.3, 1.0),
        (0.7, 2.0), (0.4, 1.5), (0.4, 1.4),
    ),
}  # fmt: skip


class Build(NamedTuple):
    """One insect. Lengths in torso lengths.

    Attributes:
        pinched: how much the middle of the torso is laced in, 0 or 1.
        biting, sting: how likely mandibles and a sting are.
        waist, waist_thick: length and radius of the stalk before the abdomen; 0 has none.
        back_pitch: how far the abdomen rises behind, radians.
        shell: the abdomen is under wing cases.
        leg, leg_radius: length of a stretched leg, and its radius.
        hind: how much longer and thicker the last pair is.
    """

    torso_wide: float
    torso_high: float
    pinched: float
    head_long: float
    head_wide: float
    head_high: float
    biting: float
    antenna: float
    waist: float
    waist_thick: float
    back_long: float
    back_wide: float
    back_high: float
    back_pitch: float
    shell: bool
    sting: float
    leg: float
    leg_radius: float
    hind: float


def build_of(dice: Dice) -> Build:
    kind = dice.weighted(KINDS)
    torso_wide, torso_high, *head_and_back = (dice.log_between(*r) for r in PLANS[kind])
    head_long, head_wide, head_high, back_long, back_wide, back_high = head_and_back
    broad = kind in ("beetle", "ladybird", "bee", "cricket")
    laced = {"wasp": (0.1, 0.4), "ant": (0.06, 0.3), "soldier": (0.06, 0.25), "slim": (0.1, 0.4)}
    waist = 0.0 if broad else dice.between(*laced.get(kind, (0.04, 0.25)))
    leg = dice.log_between(1.0, 2.2)
    if kind == "long-legged":
        leg = dice.log_between(2.2, 3.4)
    elif broad:
        leg = dice.log_between(0.9, 1.7) + 0.25 * max(torso_wide, back_wide)
    else:
        leg += 0.2 * back_wide
    span = 1 + head_long + back_long + waist
    # A leg thinner than this share of the whole cannot be seen in a small picture.
    least = 0.008 * max(span, 1.5 * leg)
    radius = max(dice.log_between(0.03, 0.075), least)
    if kind == "cartoon":
        radius *= dice.between(1.2, 1.9)
    pitch = dice.between(-0.35, 0.25) if dice.chance(0.75) else dice.between(0.3, 1.2)
    return Build(
        torso_wide=torso_wide,
        torso_high=torso_high,
        pinched=0.0 if broad else 1.0,
        head_long=head_long,
        head_wide=head_wide,
        head_high=min(head_high, 1.05 * head_wide),
        biting=0.9 if kind == "soldier" else 0.25 if kind in ("bee", "cartoon") else 0.6,
        antenna=dice.log_between(0.6, 1.6) + (0.3 if kind == "cricket" else 0.0),
        waist=waist,
        waist_thick=dice.between(0.05, 0.11),
        back_long=back_long,
        back_wide=back_wide,
        back_high=back_high,
        back_pitch=0.3 * pitch if broad else pitch,
        shell=kind in ("beetle", "ladybird") or (kind == "fable" and dice.chance(0.3)),
        sting={"wasp": 0.7, "bee": 0.3}.get(kind, 0.08),
        leg=leg,
        leg_radius=radius,
        hind=dice.between(1.3, 1.8) if kind == "cricket" else dice.between(1.0, 1.25),
    )
