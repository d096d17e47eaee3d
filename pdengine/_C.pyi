"""The C++ core, bound in csrc/bindings.cpp: arrays are taken as they are, outputs written into.

kernels/<op>/op.py states each contract; this file states the types.
"""

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Real = NDArray[np.floating[Any]]  # float32 or float64, one dtype per call

class Simd(Enum):
    portable = 0
    avx2 = 1
    avx512 = 2

def simd() -> Simd: ...
def limit_simd(widest: Simd) -> None: ...
def splat_points(
    xyz: F32,
    rotation: F32,
    translation: F32,
    focal: F32,
    radius_px: float,
    index: I32,
    depth: F32,
    threads: int,
) -> None: ...
def raster_triangles(
    vertices: F32,
    faces: I32,
    rotation: F32,
    translation: F32,
    focal: F32,
    index: I32,
    depth: F32,
    weight: F32,
    threads: int,
) -> None: ...
def visible_points(
    xyz: F32,
    rotation: F32,
    translation: F32,
    focal: F32,
    depth: F32,
    tolerance: float,
    pixel: I32,
    threads: int,
) -> None: ...
def lift_boxes(
    pixel: I32, boxes: F32, view: I64, height: int, width: int, threads: int
) -> tuple[I64, I64]: ...
def lift_pixels(
    pixel: I32, regions: I32, view: I64, count: int, threads: int
) -> tuple[I64, I64]: ...
def label_components(classes: I32, label: I32, threads: int) -> tuple[I64, I64, I64]: ...
def unit_targets(
    label: I64,
    score: Real,
    offsets: I64,
    point: I64,
    class_weight: Real,
    targets: Real,
    threads: int,
) -> None: ...
def unit_agreement(
    label: I64, offsets: I64, point: I64, prediction: I64, agreement: F32, threads: int
) -> None: ...
def soft_cross_entropy(logits: Real, targets: Real, gradient: Real, threads: int) -> float: ...
def voxelize(xyz: F32, size: float, origin: float, coords: I32, voxel: I64, count: I64) -> int: ...
def submanifold_map(
    coords: I32, kernel: int, forward: I32, backward: I32, threads: int
) -> None: ...
def stride_map(coords: I32, coarse: I32, forward: I32, backward: I32) -> int: ...
def sparse_conv(
    features: Real,
    weight: Real,
    source: I32,
    bias: Real,
    transpose_weight: bool,
    out: Real,
    threads: int,
) -> None: ...
def sparse_conv_weight(
    features: Real, gradient: Real, source: I32, weight: Real, bias: Real, threads: int
) -> None: ...
def knn(query: F32, points: F32, index: I64, distance: F32, threads: int) -> None: ...
