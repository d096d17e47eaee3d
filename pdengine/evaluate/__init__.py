"""The only room that reads labels: how good an answer is, measured after it was given."""

from pdengine.evaluate.generated import generated_shapes
from pdengine.evaluate.miou import instance_miou, part_miou
from pdengine.evaluate.psb import LabelledShape, read_manifest, read_shape
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
    "LabelledShape",
    "Result",
    "generated_shapes",
    "instance_miou",
    "known_categories",
    "measure",
    "measure_category",
    "part_miou",
    "read_manifest",
    "read_shape",
    "rows",
]
