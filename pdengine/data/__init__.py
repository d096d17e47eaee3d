"""Datasets behind one protocol: geometry and part names, and labels that evaluate alone reads."""

from pdengine.data.generated import GeneratedExample, generated_shapes
from pdengine.data.kinds import KINDS, Kind, detect, open_dataset
from pdengine.data.partdistill import ready_cloud, ready_units
from pdengine.data.protocol import Dataset, Example, Filed, Ready, Truth
from pdengine.data.psb import PsbExample, read_manifest
from pdengine.data.survey import CategoryCount, Survey, survey

__all__ = [
    "KINDS",
    "CategoryCount",
    "Dataset",
    "Example",
    "Filed",
    "GeneratedExample",
    "Kind",
    "PsbExample",
    "Ready",
    "Survey",
    "Truth",
    "detect",
    "generated_shapes",
    "open_dataset",
    "read_manifest",
    "ready_cloud",
    "ready_units",
    "survey",
]
