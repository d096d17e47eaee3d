"""What storage furniture there is: kinds, proportions, tops and stands."""

from dataclasses import dataclass

from pdengine.shapes.cabinet_grid import GRIDS, Cell, Field
from pdengine.shapes.dice import Dice

KINDS = {
    "dresser": 3.0,
    "nightstand": 2.2,
    "wardrobe": 3.5,
    "sideboard": 3.5,
    "kitchen": 2.5,
    "shelf": 2.5,
    "files": 1.5,
    "console": 2.0,
    "display": 1.8,
    "lockers": 0.8,
    "wall": 1.2,
    "cubes": 1.2,
    "tower": 1.8,
}
# Width, height, depth.
SIZES = {
    "dresser": ((0.7, 1.7), (0.7, 1.3), (0.4, 0.6)),
    "nightstand": ((0.35, 0.6), (0.35, 0.75), (0.3, 0.5)),
    "wardrobe": ((0.7, 2.4), (1.7, 2.4), (0.5, 0.7)),
    "sideboard": ((1.1, 2.2), (0.5, 0.95), (0.35, 0.55)),
    "kitchen": ((0.4, 1.8), (0.75, 0.95), (0.5, 0.7)),
    "shelf": ((0.5, 1.8), (0.8, 2.2), (0.25, 0.45)),
    "files": ((0.35, 0.9), (0.5, 1.5), (0.4, 0.7)),
    "console": ((1.0, 2.2), (0.3, 0.6), (0.35, 0.5)),
    "display": ((0.6, 1.6), (1.5, 2.2), (0.3, 0.5)),
    "lockers": ((0.4, 1.5), (1.4, 2.0), (0.4, 0.6)),
    "wall": ((0.4, 1.4), (0.3, 0.8), (0.2, 0.4)),
    "cubes": ((0.7, 1.8), (0.7, 1.8), (0.3, 0.45)),
    "tower": ((0.3, 0.7), (1.1, 2.1), (0.3, 0.6)),
}
LEGGED = {"legs": 4.0, "hairpin": 0.6, "frame": 0.8, "bracket": 1.5, "bun": 1.0, "none": 1.5}
GROUNDED = {"plinth": 4.0, "none": 3.0, "bracket": 1.5, "bun": 0.8, "legs": 0.7}
STANDS = {
    "dresser": {**LEGGED, "plinth": 2.0},
    "nightstand": {**LEGGED, "castors": 0.5, "plinth": 1.0},
    "sideboard": LEGGED,
    "console": LEGGED,
    "files": {"castors": 2.5, "none": 3.0, "plinth": 2.0},
    "lockers": {"none": 2.0, "plinth": 2.0, "legs": 1.0},
    "wall": {"none": 1.0},
}
TOPS = {"none": 3.0, "board": 5.0, "gallery": 0.5}


@dataclass(frozen=True)
class Plan:
    """A piece of furniture before it is built; the box stands on y = 0, its middle is x = z = 0.

    Attributes:
        board: thickness of sides and shelves.
        front: how far doors and drawers stand out of the box.
        tops, stands: odds of what goes on and under the box.
        hinge: the side on which all single doors hang, 0 for any.
        glass: all doors have panes.
        drawer_lift: where drawers are gripped, -1 at their lower and 1 at their upper edge.
        two_knobs: width over height from which a drawer has two knobs.
    """

    kind: str
    wide: float
    high: float
    deep: float
    board: float
    front: float
    cells: tuple[Cell, ...]
    tops: dict[str, float]
    stands: dict[str, float]
    hinge: int
    glass: bool
    has_back: bool
    drawer_lift: float
    two_knobs: float

    @property
    def is_closed(self) -> bool:
        """Nobody can look inside, so there is no inside."""
        return not self.glass and all(
            c.kind in ("door", "doors", "drawer") and not c.ajar for c in self.cells
        )

    @property
    def fronts(self) -> int:
        """How many doors and drawers there are."""
        return sum({"open": 0, "doors": 2}.get(cell.kind, 1) for cell in self.cells)

    def grip_level(self, cell: Cell) -> str:
        """Low, middle or high: where a hand reaches a door."""
        if self.kind == "wall" or cell.y0 > 1.2:
            return "high"
        if cell.y1 < 1.0:
            return "low"
        return "middle"


def draw_plan(dice: Dice) -> Plan:
    kind = dice.weighted(KINDS)
    wide, high, deep = (dice.between(*span) for span in SIZES[kind])
    biggest = max(wide, high)
    board = max(dice.between(0.015, 0.035), 0.013 * biggest)
    thick = max(dice.between(0.012, 0.03), 0.012 * biggest)
    margin = board if dice.chance(0.5) else 0.3 * board
    grid = GRIDS[kind](dice, Field(-wide / 2 + margin, wide / 2 - margin, margin, high - margin))
    ajar = dice.between(0.15, 0.6) if dice.chance(0.22) else 0.0
    cells = tuple(
        Cell(c.x0, c.x1, c.y0, c.y1, c.kind, c.kind != "open" and dice.chance(ajar)) for c in grid
    )
    tops = TOPS
    if kind in ("wardrobe", "display", "tower"):
        tops = {"none": 3.0, "board": 2.0, "cornice": 2.5}
    elif kind == "kitchen":
        tops = {"board": 6.0, "none": 1.0}
    elif kind in ("wall", "lockers"):
        tops = {"none": 4.0, "board": 1.0}
    inset = dice.chance(0.2)
    return Plan(
        kind,
        wide,
        high,
        deep,
        board,
        0.25 * thick if inset else thick,
        cells,
        tops,
        STANDS.get(kind, GROUNDED),
        dice.pick([-1, 1, 0]),
        kind == "display" and dice.chance(0.3),
        dice.chance(0.8),
        dice.pick([0.0, 0.0, 0.5, 1.0]),
        dice.between(1.8, 4.5),
    )
