"""The C++ core, bound in csrc/bindings.cpp: arrays are taken as they are, outputs written into.

kernels/<op>/op.py states each contract; this file states the types.  The functions of the CUDA
library (bindings_cuda.cpp) take addresses of device memory, and a stream: csrc/<op>/<op>_cuda.h
says what stands there.
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
def lift_seen_boxes(
    xyz: F32,
    rotation: F32,
    translation: F32,
    focal: F32,
    depth: F32,
    tolerance: float,
    pixel: I32,
    boxes: F32,
    view: I64,
    threads: int,
) -> tuple[I64, I64]: ...
def lift_seen_pixels(
    xyz: F32,
    rotation: F32,
    translation: F32,
    focal: F32,
    depth: F32,
    tolerance: float,
    pixel: I32,
    regions: I32,
    view: I64,
    count: int,
    threads: int,
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
def norm_relu(
    features: Real, weight: Real, bias: Real, eps: float, out: Real, threads: int
) -> None: ...
def norm_relu_gradient(
    features: Real,
    weight: Real,
    bias: Real,
    gradient: Real,
    eps: float,
    d_features: Real,
    d_weight: Real,
    d_bias: Real,
    threads: int,
) -> None: ...
def point_head(
    voxel: Real,
    offsets: I64,
    features: Real,
    weight: Real,
    head: Real,
    bias: Real,
    logits: Real,
    threads: int,
) -> None: ...
def point_head_gradient(
    voxel: Real,
    offsets: I64,
    features: Real,
    weight: Real,
    head: Real,
    gradient: Real,
    d_voxel: Real,
    d_weight: Real,
    d_head: Real,
    d_bias: Real,
    threads: int,
) -> None: ...
def voxelize(xyz: F32, size: float, origin: float, coords: I32, voxel: I64, count: I64) -> int: ...
def submanifold_map(
    coords: I32, kernel: int, forward: I32, backward: I32, threads: int
) -> None: ...
def stride_map(coords: I32, coarse: I32, forward: I32, backward: I32) -> int: ...
def unet(
    mean: Real,
    levels: list[tuple[I32, I32]],
    downs: list[tuple[I32, I32]],
    weights: list[Real],
    eps: float,
    threads: int,
) -> tuple[Real, Real]: ...
def unet_gradient(
    mean: Real,
    levels: list[tuple[I32, I32]],
    downs: list[tuple[I32, I32]],
    weights: list[Real],
    eps: float,
    tape: Real,
    came: Real,
    threads: int,
) -> list[Real]: ...
def sparse_conv(
    features: Real,
    weight: Real,
    source: I32,
    bias: Real,
    transpose_weight: bool,
    add: bool,
    out: Real,
    threads: int,
) -> None: ...
def sparse_conv_weight(
    features: Real, gradient: Real, source: I32, weight: Real, bias: Real, threads: int
) -> None: ...
def knn(query: F32, points: F32, index: I64, distance: F32, threads: int) -> None: ...
def cuda_reason(device: int = 0) -> str | None: ...
def cuda_emulated() -> bool: ...
def open_cuda_library(path: str, emulated: bool) -> None: ...
def splat_points_cuda(
    *,
    xyz: int,
    rotation: int,
    translation: int,
    focal: int,
    points: int,
    views: int,
    height: int,
    width: int,
    radius_px: float,
    margin: int,
    key: int,
    index: int,
    depth: int,
    device: int,
    stream: int,
) -> None: ...
def raster_triangles_cuda(
    *,
    vertices: int,
    faces: int,
    rotation: int,
    translation: int,
    focal: int,
    vertex_count: int,
    face_count: int,
    views: int,
    height: int,
    width: int,
    corner: int,
    key: int,
    tally: int,
    large: int,
    large_count: int,
    index: int,
    depth: int,
    weight: int,
    device: int,
    stream: int,
) -> None: ...
def visible_points_cuda(
    *,
    xyz: int,
    rotation: int,
    translation: int,
    focal: int,
    depth: int,
    points: int,
    views: int,
    height: int,
    width: int,
    tolerance: float,
    pixel: int,
    device: int,
    stream: int,
) -> None: ...
def find_components_cuda(
    *,
    classes: int,
    views: int,
    height: int,
    width: int,
    first: int,
    is_first: int,
    device: int,
    stream: int,
) -> None: ...
def number_components_cuda(
    *,
    classes: int,
    first: int,
    components: int,
    count: int,
    views: int,
    height: int,
    width: int,
    label: int,
    view: int,
    class_: int,
    size: int,
    device: int,
    stream: int,
) -> None: ...
def count_seen_cuda(
    *,
    xyz: int,
    rotation: int,
    translation: int,
    focal: int,
    depth: int,
    points: int,
    views: int,
    height: int,
    width: int,
    tolerance: float,
    boxes: int,
    regions: int,
    view: int,
    layers: int,
    units: int,
    run: int,
    runs: int,
    pixel: int,
    cells: int,
    layer: int,
    wrong: int,
    device: int,
    stream: int,
) -> None: ...
def write_seen_cuda(
    *,
    xyz: int,
    rotation: int,
    translation: int,
    focal: int,
    depth: int,
    points: int,
    views: int,
    height: int,
    width: int,
    tolerance: float,
    boxes: int,
    regions: int,
    view: int,
    layers: int,
    units: int,
    run: int,
    runs: int,
    pixel: int,
    starts: int,
    point: int,
    device: int,
    stream: int,
) -> None: ...
def find_voxels_cuda(
    *,
    xyz: int,
    points: int,
    size: float,
    origin: float,
    table: int,
    slots: int,
    slot: int,
    device: int,
    stream: int,
) -> None: ...
def number_voxels_cuda(
    *,
    key: int,
    found: int,
    voxels: int,
    row: int,
    slot: int,
    points: int,
    coords: int,
    voxel: int,
    count: int,
    device: int,
    stream: int,
) -> None: ...
def submanifold_map_cuda(
    *,
    coords: int,
    voxels: int,
    kernel: int,
    table: int,
    row: int,
    slots: int,
    forward: int,
    backward: int,
    device: int,
    stream: int,
) -> None: ...
def find_parents_cuda(
    *,
    coords: int,
    voxels: int,
    table: int,
    slots: int,
    slot: int,
    device: int,
    stream: int,
) -> None: ...
def stride_map_cuda(
    *,
    coords: int,
    voxels: int,
    key: int,
    found: int,
    parents: int,
    row: int,
    slot: int,
    coarse: int,
    forward: int,
    backward: int,
    device: int,
    stream: int,
) -> None: ...
def knn_cuda(
    *,
    query: int,
    queries: int,
    query_row: int,
    start: int,
    points: int,
    count: int,
    point_row: int,
    box: int,
    k: int,
    done: int,
    index: int,
    distance: int,
    device: int,
    stream: int,
) -> None: ...
def farthest_points(xyz: F32, first: int, index: I64) -> None: ...
def farthest_points_cuda(
    *,
    xyz: int,
    points: int,
    count: int,
    first: int,
    nearest: int,
    best: int,
    index: int,
    device: int,
    stream: int,
) -> None: ...
def superpoints(
    positions: F32,
    features: F32,
    graph: I64,
    regularisation: float,
    smallest: int,
    label: I64,
    threads: int,
) -> None: ...
