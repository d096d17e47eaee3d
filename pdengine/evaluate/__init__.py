"""The only room that reads labels: how good an answer is, measured after it was given."""

from pdengine.evaluate.miou import instance_miou, part_miou
from pdengine.evaluate.quality import (
    Experiment,
    Result,
    known_categories,
    measure,
    measure_category,
    rows,
)

__all__ = [
    "Experiment",
    "Result",
    "instance_miou",
    "known_categories",
    "measure",
    "measure_category",
    "part_miou",
    "rows",
]
