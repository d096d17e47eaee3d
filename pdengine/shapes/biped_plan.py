"""The proportions of an animal that stands upright, all relative to a torso of length 1."""

from typing import NamedTuple

from pdengine.shapes.dice import Dice

KINDS = {
    "armadillo": 4.0,
    "statue": 6.0,
    "kangaroo": 1.7,
    "dinosaur": 1.8,
    "dragon": 1.2,
    "bear": 1.6,
    "rabbit": 1.4,
    "mouse": 1.4,
    "fox": 1.2,
    "shellback": 1.0,
    "fable": 4.0,
}
# Shoulder, hip and depth of the torso; arm, leg, head; radius of arm and leg; tail: (low, high).
Range = tuple[float, float]
PLANS: dict[str, tuple[Range, Range, Range, Range, Range, Range, Range, Range, Range]] = {
    "armadillo": (
        (0.6, 0.85), (0.6, 0.85), (0.5, 0.7), (0.75, 1.1), (0.7, 1.05), (0.45, 0.62),
        (0.09, 0.14), (0.15, 0.22), (0.7, 1.3),
    ),
    "statue": (  # broad shoulders, a narrow waist, limbs that swell between the joints
        (0.72, 1.0), (0.5, 0.72), (0.48, 0.68), (0.95, 1.3), (0.95, 1.35), (0.4, 0.58),
        (0.1, 0.16), (0.17, 0.25), (0.3, 0.8),
    ),
    "kangaroo": (
        (0.36, 0.5), (0.55, 0.75), (0.42, 0.6), (0.5, 0.75), (1.0, 1.4), (0.38, 0.5),
        (0.055, 0.085), (0.17, 0.25), (1.2, 1.8),
    ),
    "dinosaur": (
        (0.35, 0.55), (0.45, 0.7), (0.45, 0.75), (0.28, 0.6), (0.9, 1.4), (0.5, 0.85),
        (0.05, 0.09), (0.17, 0.25), (1.2, 2.0),
    ),
    "dragon": (
        (0.45, 0.75), (0.5, 0.8), (0.45, 0.75), (0.6, 1.0), (0.7, 1.2), (0.45, 0.7),
        (0.08, 0.13), (0.15, 0.23), (1.0, 1.9),
    ),
    "bear": (
        (0.65, 0.95), (0.65, 1.0), (0.55, 0.85), (0.7, 1.0), (0.55, 0.9), (0.45, 0.65),
        (0.12, 0.18), (0.16, 0.24), (0.12, 0.25),
    ),
    "rabbit": (
        (0.45, 0.65), (0.55, 0.8), (0.5, 0.7), (0.55, 0.85), (0.6, 1.0), (0.5, 0.75),
        (0.07, 0.11), (0.14, 0.2), (0.15, 0.3),
    ),
    "mouse": (
        (0.4, 0.6), (0.5, 0.8), (0.45, 0.75), (0.6, 0.95), (0.55, 1.0), (0.6, 1.1),
        (0.05, 0.1), (0.07, 0.14), (0.7, 1.6),
    ),
    "fox": (
        (0.42, 0.62), (0.45, 0.62), (0.36, 0.52), (0.8, 1.15), (0.9, 1.4), (0.42, 0.65),
        (0.06, 0.1), (0.1, 0.16), (0.7, 1.3),
    ),
    "shellback": (
        (0.6, 0.9), (0.6, 0.9), (0.5, 0.75), (0.6, 0.95), (0.5, 0.9), (0.4, 0.6),
        (0.09, 0.14), (0.13, 0.19), (0.2, 0.6),
    ),
    "fable": (
        (0.35, 0.95), (0.42, 1.0), (0.36, 0.85), (0.4, 1.3), (0.45, 1.5), (0.35, 1.0),
        (0.05, 0.16), (0.08, 0.24), (0.2, 1.8),
    ),
}  # fmt: skip
BACKS = {
    "armadillo": {"bands": 3.0, "dome": 1.5, "scutes": 2.0, "smooth": 1.0, "sheet": 1.0},
    "statue": {"dome": 4.0, "scutes": 2.0, "smooth": 1.0, "bands": 1.0},
    "shellback": {"dome": 4.0, "scutes": 2.0},
    "dragon": {"ridge": 3.0, "plates": 1.5, "sheet": 1.0, "bands": 1.0},
    "dinosaur": {"sheet": 2.0, "ridge": 1.0, "plates": 1.5, "scutes": 1.0},
}
OTHER_BACKS = {"sheet": 4.0, "bands": 1.0, "dome": 1.0, "ridge": 0.7, "scutes": 0.6}
EARS = {
    "armadillo": {"pricked": 2.0, "leaf": 2.0, "round": 1.5, "rabbit": 1.0},
    "statue": {"blade": 4.0, "leaf": 1.0, "pricked": 1.0},
    "kangaroo": {"rabbit": 1.5, "leaf": 2.0, "pricked": 2.0},
    "bear": {"round": 1.0},
    "rabbit": {"rabbit": 5.0, "flopped": 1.0},
    "mouse": {"round": 3.0, "leaf": 1.0},
    "fox": {"pricked": 4.0, "flopped": 1.0},
}
OTHER_EARS = {
    "pricked": 3.0,
    "round": 2.0,
    "leaf": 2.0,
    "blade": 1.0,
    "rabbit": 1.0,
    "flopped": 1.5,
    "sails": 0.5,
}
TAILS = {
    "rabbit": {"ball": 1.0},
    "bear": {"ball": 2.0, "thick": 1.0},
    "mouse": {"whip": 3.0, "thick": 1.0},
    "fox": {"bush": 3.0, "whip": 1.0},
    "shellback": {"thick": 2.0, "ball": 1.0},
    "fable": {"thick": 3.0, "whip": 2.0, "bush": 1.0, "ball": 1.0},
}


class Build(NamedTuple):
    """One animal. Lengths in torso lengths, angles in radians.

    Attributes:
        lean, stoop: how far the spine leans ahead at the hip, and how much more at the shoulder.
        belly: how far it hangs out, in depths.
        arm, leg: whole lengths, without hand and foot.
        brawn: how far the limbs swell between their joints, 0 smooth to 1.
        on_toes: stands on its toes, the heel high, as kangaroos and dinosaurs do.
        back, ears, tail_kind: styles, see above.
    """

    kind: str
    shoulder: float
    hip: float
    depth: float
    belly: float
    lean: float
    stoop: float
    neck: float
    head: float
    muzzle: float
    arm: float
    arm_radius: float
    leg: float
    leg_radius: float
    brawn: float
    on_toes: bool
    foot: float
    back: str
    ears: str
    ear_grow: float
    tail: float
    tail_kind: str


def build_of(dice: Dice) -> Build:
    kind = dice.weighted(KINDS)
    drawn = [dice.log_between(*r) for r in PLANS[kind]]
    shoulder, hip, depth, arm, leg, head, arm_radius, leg_radius, tail = drawn
    bent = {"dinosaur": (0.2, 1.2), "kangaroo": (0.0, 0.7), "rabbit": (0.0, 0.4)}
    bent["statue"] = (-0.1, 0.6)
    toes = {"dinosaur": 0.85, "kangaroo": 0.9, "dragon": 0.5, "fable": 0.3, "fox": 0.25}
    reach = {"kangaroo": (0.5, 0.75), "rabbit": (0.42, 0.65), "mouse": (0.35, 0.6)}
    reach["statue"] = (0.35, 0.6)
    ears = dice.weighted(EARS.get(kind, OTHER_EARS))
    scaly = kind in ("dinosaur", "dragon", "shellback")
    large = {"armadillo": 1.5, "mouse": 1.7, "rabbit": 1.1, "kangaroo": 0.9}.get(kind, 1.0)
    return Build(
        kind=kind,
        shoulder=shoulder,
        hip=hip,
        depth=depth,
        belly=dice.between(-0.05, 0.25),
        lean=dice.between(*bent.get(kind, (-0.12, 0.25))),
        stoop=dice.between(0.2, 0.8) if kind == "statue" else dice.between(-0.2, 0.5),
        neck=dice.between(0.02, 0.25)
        if kind not in ("dinosaur", "dragon")
        else dice.between(0.1, 0.7),
        head=head,
        muzzle=dice.between(0.3, 1.1),
        arm=arm,
        arm_radius=arm_radius,
        leg=leg,
        leg_radius=min(leg_radius, 0.3 * hip),
        brawn=dice.between(0.4, 1.0) if kind == "statue" else max(dice.between(-0.5, 0.7), 0.0),
        on_toes=dice.chance(toes.get(kind, 0.1)),
        foot=dice.between(*reach.get(kind, (0.25, 0.5))),
        back=dice.weighted(BACKS.get(kind, OTHER_BACKS)) if dice.chance(0.92) else "none",
        ears=ears if dice.chance(0.25 if scaly else 0.97) else "none",
        ear_grow=large * dice.between(0.8, 1.25),
        tail=tail,
        tail_kind=dice.weighted(TAILS.get(kind, {"thick": 1.0})) if dice.chance(0.93) else "none",
    )
