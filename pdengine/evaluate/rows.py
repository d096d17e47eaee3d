"""One line of a result: what one method made of one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

STAGES = ("look", "teacher", "align", "carry")

Key = tuple[str, str, int]  # shape, method, seed


@dataclass(frozen=True)
class Row:
    """One shape, method and seed.

    Attributes:
        dataset: as the papers write it.
        split: of the dataset.
        category: as the dataset writes it.
        shape: no two of a dataset have the same name.
        method: of config.METHODS.
        teacher: a simulated one is called so.
        seed: of everything random.
        counts: ShapeCounts.to_row(); a shape that failed is counted as unlabelled.
        error: why it failed, or None.
        seconds: wall time per stage of STAGES, without loading a model.
        peak_mib: the most memory that the worker held while it labelled the shape.
        up: the axis that the teacher's views stand on, or None.
        files: stamp_of the shape when it was measured.
    """

    dataset: str
    split: str
    category: str
    shape: str
    method: str
    teacher: str
    seed: int
    counts: dict[str, Any]
    error: str | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_mib: float = 0.0
    up: str | None = None
    files: str = ""

    @property
    def key(self) -> Key:
        """What no two rows of a journal share."""
        return self.shape, self.method, self.seed

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the attributes."""
        return asdict(self)

    @staticmethod
    def from_json(found: Any) -> Row:
        """The row that to_json wrote.

        Raises:
            ValueError: a field is missing or unknown.
        """
        names = [f.name for f in fields(Row)]
        if not isinstance(found, dict) or set(found) != set(names):
            got = ", ".join(map(str, found)) if isinstance(found, dict) else type(found).__name__
            raise ValueError(f"a row must have {', '.join(names)}, got {got}"[:400])
        return Row(**found)
