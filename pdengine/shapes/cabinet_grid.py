"""How the front of storage furniture is divided into doors, drawers and open shelves."""

from dataclasses import dataclass
from typing import NamedTuple

from pdengine.shapes.dice import Dice

Parts = list[tuple[str, float]]  # kinds and relative heights of a column, from the floor up


@dataclass(frozen=True)
class Cell:
    """A rectangle of the front, y from the floor of the body.

    Attributes:
        kind: door, doors (a pair), drawer, glass (a door one sees through) or open.
        ajar: not shut.
    """

    x0: float
    x1: float
    y0: float
    y1: float
    kind: str
    ajar: bool = False


class Field(NamedTuple):
    """The part of a front that is to be divided."""

    left: float
    right: float
    low: float
    top: float

    def cut(self, share: float) -> "tuple[Field, Field]":
        """What is below and above a height, as a share."""
        y = self.low + share * (self.top - self.low)
        return self._replace(top=y), self._replace(low=y)

    def even(self, count: int) -> "list[Field]":
        step = (self.right - self.left) / count
        edges = [self.left + k * step for k in range(count + 1)]
        return [Field(edges[k], edges[k + 1], self.low, self.top) for k in range(count)]

    def columns(self, widest: float) -> "list[Field]":
        """As many even columns as are about that wide."""
        return self.even(max(1, round((self.right - self.left) / widest)))

    def stacked(self, parts: Parts) -> list[Cell]:
        """One column of cells."""
        total, y, cells = sum(share for _, share in parts), self.low, []
        for name, share in parts:
            tall = (self.top - self.low) * share / total
            if name == "door" and self.right - self.left > 0.75 * max(tall, 0.55):
                name = "doors"  # too wide for one
            cells.append(Cell(self.left, self.right, y, y + tall, name))
            y += tall
        return cells


def _filled(fields: list[Field], parts: Parts) -> list[Cell]:
    return [cell for field in fields for cell in field.stacked(parts)]


def _drawers(dice: Dice, count: int) -> Parts:
    """Drawers of one height, or taller ones below."""
    more = 0.25 if dice.chance(0.4) else 0.0
    return [("drawer", 1.0 + more * (count - k)) for k in range(count)]


def _dresser(dice: Dice, field: Field) -> list[Cell]:
    rows, columns = dice.whole(2, 6), dice.whole(1, 3)
    parts = _drawers(dice, rows)
    if columns < 3 and dice.chance(0.35):  # small ones above
        below, above = field.cut(rows / (rows + 1))
        return _filled(below.even(columns), parts) + _filled(
            above.even(columns + 1), [("drawer", 1.0)]
        )
    if columns == 3 and dice.chance(0.5):  # a door in the middle
        left, middle, right = field.even(3)
        return _filled([left, right], parts) + middle.stacked([("door", 1.0)])
    return _filled(field.even(columns), parts)


def _nightstand(dice: Dice, field: Field) -> list[Cell]:
    parts = dice.pick(
        [
            _drawers(dice, dice.whole(1, 3)),
            [("open", dice.between(1.0, 2.0)), ("drawer", 1.0)],
            [("door", dice.between(1.2, 2.5)), ("drawer", 1.0)],
            [("door", 1.0)],
        ]
    )
    return field.stacked(parts)


def _files(dice: Dice, field: Field) -> list[Cell]:
    columns = 2 if field.right - field.left > 0.65 else 1
    return _filled(field.even(columns), _drawers(dice, dice.whole(2, 5)))


def _wardrobe(dice: Dice, field: Field) -> list[Cell]:
    """Tall doors, often over drawers, sometimes under small doors."""
    cells = []
    wide = dice.between(0.4, 0.6)
    if dice.chance(0.4):
        below, field = field.cut(dice.between(0.12, 0.3))
        cells = _filled(below.columns(2 * wide), _drawers(dice, dice.whole(1, 2)))
    parts = [("door", 4.5), ("door", 1.0)] if dice.chance(0.2) else [("door", 1.0)]
    return cells + _filled(field.columns(wide), parts)


def _shelf(dice: Dice, field: Field) -> list[Cell]:
    """Open, the lower part perhaps not."""
    wide = dice.between(0.3, 0.9)
    if dice.chance(0.55):
        return _filled(field.columns(wide), [("open", 1.0)])
    below, above = field.cut(dice.between(0.2, 0.45))
    closed = [(dice.pick(["door", "door", "drawer"]), 1.0)]
    return _filled(below.columns(wide), closed) + _filled(above.columns(wide), [("open", 1.0)])


def _lockers(dice: Dice, field: Field) -> list[Cell]:
    columns = field.columns(dice.between(0.3, 0.45))
    parts = [("door", 1.0)] * dice.whole(1, 4)
    return [_single(cell) for cell in _filled(columns, parts)]


def _single(cell: Cell) -> Cell:
    """One door even where it is wide."""
    kind = "door" if cell.kind == "doors" else cell.kind
    return Cell(cell.x0, cell.x1, cell.y0, cell.y1, kind)


def _cubes(dice: Dice, field: Field) -> list[Cell]:
    """Even cells, some of them filled."""
    pitch = dice.between(0.3, 0.45)
    columns = min(4, max(1, round((field.right - field.left) / pitch)))
    rows = min(4, max(1, round((field.top - field.low) / pitch)))
    fill, cells = dice.between(0.15, 0.75), []
    for column in field.even(columns):
        kinds = [dice.pick(["door", "door", "drawer"]) for _ in range(rows)]
        parts = [(kind if dice.chance(fill) else "open", 1.0) for kind in kinds]
        cells += [_single(cell) for cell in column.stacked(parts)]
    return cells


def _display(dice: Dice, field: Field) -> list[Cell]:
    """Glass or open shelves over a closed part."""
    below, above = field.cut(dice.between(0.3, 0.5))
    wide = dice.between(0.4, 0.55)
    upper = dice.pick(["glass", "glass", "open"])
    parts = dice.pick([[("door", 1.0)], [("door", 2.0), ("drawer", 1.0)], _drawers(dice, 2)])
    return _filled(above.columns(wide), [(upper, 1.0)]) + _filled(below.columns(wide), parts)


def _tower(dice: Dice, field: Field) -> list[Cell]:
    menu: list[Parts] = [
        [("door", 1.0)],
        [("door", 1.0), ("open", 0.6), ("door", 1.0)],
        [*_drawers(dice, 3), ("door", 2.5)],
        _drawers(dice, 5),
        [("door", 1.0), ("drawer", 0.25), ("drawer", 0.25), ("door", 1.2)],
        [("door", 1.0), ("open", 1.0)],
    ]
    return field.stacked(dice.pick(menu))


def _wall(dice: Dice, field: Field) -> list[Cell]:
    """Doors in one row, perhaps with an open cell in the middle."""
    columns = field.columns(dice.between(0.35, 0.5))
    name = dice.weighted({"door": 5.0, "glass": 1.5, "mixed": 1.5})
    cells = []
    for k, column in enumerate(columns):
        own = ("open" if k == len(columns) // 2 else "door") if name == "mixed" else name
        cells += column.stacked([(own, 1.0)])
    return cells


def _kitchen(dice: Dice, field: Field) -> list[Cell]:
    menu: list[Parts] = [
        [("door", 1.0)],
        [("door", 3.2), ("drawer", 1.0)],
        [("door", 2.2), ("drawer", 1.0)],
        _drawers(dice, dice.whole(3, 4)),
    ]
    return _mirrored_columns(dice, field, menu)


def _sideboard(dice: Dice, field: Field) -> list[Cell]:
    menu: list[Parts] = [
        [("door", 1.0)],
        [("door", 1.0)],
        _drawers(dice, dice.whole(2, 4)),
        [("open", 1.0)],
        [("drawer", 1.0), ("open", 1.0)],
        [("door", 2.0), ("drawer", 1.0)],
    ]
    return _mirrored_columns(dice, field, menu)


def _mirrored_columns(dice: Dice, field: Field, menu: list[Parts]) -> list[Cell]:
    """Each column is a thing of its own; the right half repeats the left one."""
    columns = field.columns(dice.between(0.4, 0.65))
    chosen = [dice.pick(menu) for _ in range((len(columns) + 1) // 2)]
    if dice.chance(0.3):
        chosen = [chosen[0]] * len(chosen)
    order = chosen + chosen[: len(columns) // 2][::-1]
    return [c for column, parts in zip(columns, order, strict=True) for c in column.stacked(parts)]


GRIDS = {
    "dresser": _dresser,
    "nightstand": _nightstand,
    "wardrobe": _wardrobe,
    "sideboard": _sideboard,
    "kitchen": _kitchen,
    "shelf": _shelf,
    "files": _files,
    "console": _sideboard,
    "display": _display,
    "lockers": _lockers,
    "wall": _wall,
    "cubes": _cubes,
    "tower": _tower,
}
