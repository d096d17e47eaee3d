"""The only room that reads labels: how good an answer is, measured after it was given."""

from pdengine.evaluate.counts import ShapeCounts, count_shape, failed_shape
from pdengine.evaluate.methods import Labelled, Looked, alone
from pdengine.evaluate.miou import instance_miou, part_miou
from pdengine.evaluate.paired import Difference, difference
from pdengine.evaluate.protocols import PROTOCOLS, Measured, Score, score
from pdengine.evaluate.published import PUBLISHED, Published, published_results
from pdengine.evaluate.quality import (
    Result,
    known_categories,
    measure,
    measure_category,
    rows,
    show,
)
from pdengine.evaluate.subject import Experiment
from pdengine.evaluate.tables import csv_table, latex, markdown

__all__ = [
    "PROTOCOLS",
    "PUBLISHED",
    "Difference",
    "Experiment",
    "Labelled",
    "Looked",
    "Measured",
    "Published",
    "Result",
    "Score",
    "ShapeCounts",
    "alone",
    "count_shape",
    "csv_table",
    "difference",
    "failed_shape",
    "instance_miou",
    "known_categories",
    "latex",
    "markdown",
    "measure",
    "measure_category",
    "part_miou",
    "published_results",
    "rows",
    "score",
    "show",
]
