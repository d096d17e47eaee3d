"""Files and arrays in, labelled files out."""

from __future__ import annotations

from pdengine.io.arrays import AnyShape, as_shape, cloud_from_arrays, mesh_from_arrays
from pdengine.io.digest import file_sha256, shape_sha256
from pdengine.io.formats import FORMATS, Format, load
from pdengine.io.labelled import LabelledRows, labelled_glb, labelled_ply
from pdengine.io.normalise import Frame, normalise
from pdengine.io.palette import hex_colour, palette
from pdengine.io.sample import Sampled, sample_mesh
from pdengine.io.save import Labels, read_labels, replace_file, save_ply
from pdengine.io.surface import surface_of

__all__ = [
    "FORMATS",
    "AnyShape",
    "Format",
    "Frame",
    "LabelledRows",
    "Labels",
    "Sampled",
    "as_shape",
    "cloud_from_arrays",
    "file_sha256",
    "hex_colour",
    "labelled_glb",
    "labelled_ply",
    "load",
    "mesh_from_arrays",
    "normalise",
    "palette",
    "read_labels",
    "replace_file",
    "sample_mesh",
    "save_ply",
    "shape_sha256",
    "surface_of",
]
