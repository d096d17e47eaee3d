"""What a lamp shines with: which shades suit where, and whether a bulb is seen."""

from dataclasses import dataclass

from pdengine.shapes.dice import Dice
from pdengine.shapes.lamp_bulbs import KINDS as BULBS
from pdengine.shapes.lamp_shades import SOLIDS

# Shades that look down from a pole through them, that crown it, and that are aimed.
STANDING = {
    "empire": 4.0,
    "drum": 4.0,
    "flared": 1.5,
    "barrel": 1.0,
    "upturned": 0.6,
    "dome": 1.0,
    "cone": 1.0,
    "bell": 0.7,
}
OPEN_ABOVE = {kind: STANDING[kind] for kind in ("empire", "drum", "flared", "barrel", "upturned")}
CROWNING = {"globe": 2.0, "tulip": 1.0, "dome": 1.0, "pill": 1.0, "box": 1.0, "cone": 0.6}
AIMED = {"cone": 4.0, "dome": 3.0, "bell": 2.0, "spot": 2.5, "bottle": 2.0, "plate": 0.5}
HANGING = {
    "cone": 2.0,
    "dome": 2.5,
    "bell": 1.5,
    "drum": 1.5,
    "globe": 1.5,
    "saucer": 0.8,
    "plate": 1.0,
    "empire": 1.0,
    "bottle": 1.0,
    "box": 0.6,
    "pill": 0.7,
    "spot": 1.0,
}
# How often the bulb is all there is, by kind; one that looks out of a shade comes to all of them.
BARE = {"pendant": 0.14, "chandelier": 0.3, "tree": 0.15, "sconce": 0.14, "arc": 0.08}
LOOKS_OUT = 0.22
TUBES = {"desk": 0.04, "gooseneck": 0.04, "pendant": 0.06, "sconce": 0.05}


@dataclass(frozen=True)
class Light:
    """What all heads of one lamp shine with.

    Attributes:
        head: the kind of all heads, or None where the lamp chooses a shade.
        bulb: the kind of bulb that is seen, or None.
    """

    head: str | None
    bulb: str | None

    @staticmethod
    def draw(dice: Dice, lamp: str) -> "Light":
        bulb = dice.weighted(BULBS)
        if lamp == "chandelier" and dice.chance(0.6):
            bulb = "candle"
        if dice.chance(BARE.get(lamp, 0.05)):
            return Light("cage" if dice.chance(0.25) else "bare", bulb)
        if dice.chance(TUBES.get(lamp, 0.0)):
            return Light("trough", None)
        return Light(None, bulb if dice.chance(LOOKS_OUT) else None)

    def choose(self, dice: Dice, odds: dict[str, float]) -> str:
        """A kind of head; where a bulb is to be seen, one that is open."""
        if self.head:
            return self.head
        if self.bulb:
            odds = {kind: odd for kind, odd in odds.items() if kind not in SOLIDS}
        return dice.weighted(odds)
