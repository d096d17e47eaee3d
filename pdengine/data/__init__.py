"""Datasets behind one protocol: geometry and part names, and labels that evaluate alone reads."""

from pdengine.data.generated import GeneratedExample, generated_shapes
from pdengine.data.protocol import Dataset, Example, Truth
from pdengine.data.psb import PsbExample, read_manifest

__all__ = [
    "Dataset",
    "Example",
    "GeneratedExample",
    "PsbExample",
    "Truth",
    "generated_shapes",
    "read_manifest",
]
