"""raster_triangles: the nearest triangle per pixel, in every view."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_range, check_same_device, check_shape
from pdengine.kernels._cuda import call
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only, thread_limit
from pdengine.kernels._pinhole import check_projection, check_size
from pdengine.kernels.raster_triangles import nvdiffrast_backend, reference

KEYS = 2**27  # pixels, and vertices, of the views that the GPU draws at a time
LARGE = 2**21  # triangles that it looks at, at a time


@dataclass(frozen=True)
class Raster:
    """What each pixel sees.

    Attributes:
        index: [V, H, W] int32, the nearest triangle, -1 where none.
        depth: [V, H, W] float32, its distance along the view axis there, inf where none.
        weight: [V, H, W, 2] float32, what its first two vertices weigh there, corrected for
            perspective; the third weighs the rest. 0 where none.
    """

    index: Tensor
    depth: Tensor
    weight: Tensor


def raster_triangles(
    vertices: Tensor,  # [P, 3]
    faces: Tensor,  # [F, 3]
    rotation: Tensor,  # [V, 3, 3]
    translation: Tensor,  # [V, 3]
    focal: Tensor,  # [V]
    size: tuple[int, int],
    *,
    backend: str | None = None,
) -> Raster:
    """Draw every triangle, from both sides, and keep the nearest one per pixel.

    Vertices are projected (see pdengine.types.Cameras) and moved to a grid of 256 steps a pixel,
    ties to the even step.  A triangle covers the pixels whose centre lies inside it or on its
    border, so a watertight mesh has no holes.  The nearest depth at the centre wins; equal depths
    go to the lower triangle, so all backends agree bit for bit.  Nothing is differentiated.

    Not drawn are triangles without area on the grid, and those with a vertex that is not finite,
    has a depth of 1e-6 or less, or lies 32,768 pixels or more from the image's corner along an
    axis: nothing is clipped, so keep the shape in front of the camera.

    Args:
        vertices: [P, 3] float32, scene units.
        faces: [F, 3] int32, into vertices.
        rotation: [V, 3, 3] float32, world to camera.
        translation: [V, 3] float32.
        focal: [V] float32, in half image widths.
        size: height and width of the image in pixels, each in [1, 16384].
        backend: "cpu", "cuda" or "reference"; None takes the first that can run.  "nvdiffrast" only
            runs where it is named, see nvdiffrast_backend: not bit-equal, and not for commercial
            use.

    Raises:
        TypeError: a dtype is not the one above.
        ValueError: a shape, a device or a vertex number does not match, or size is outside its
            range.

    Source: edge functions, Pineda 1988; perspective correction, Blinn 1992.
    """
    sizes = check_projection(vertices, rotation, translation, focal)
    check_shape("faces", faces, "F", 3)
    check_dtype("faces", faces, torch.int32)
    check_same_device(vertices=vertices, faces=faces)
    check_range("faces", faces, 0, sizes["N"])
    size = check_size(size)

    if len(faces) == 0 or sizes["V"] == 0:
        shape = (sizes["V"], *size)
        return Raster(
            torch.full(shape, -1, dtype=torch.int32, device=vertices.device),
            torch.full(shape, torch.inf, device=vertices.device),
            torch.zeros(*shape, 2, device=vertices.device),
        )

    run = choose("raster_triangles", BACKENDS, backend, vertices).run
    tensors = (vertices, faces, rotation, translation, focal)
    return Raster(*run(*(tensor.detach().contiguous() for tensor in tensors), size))


def _run_cpu(
    vertices: Tensor,
    faces: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
) -> tuple[Tensor, Tensor, Tensor]:
    index = torch.empty((len(focal), *size), dtype=torch.int32)
    depth = torch.empty((len(focal), *size))
    weight = torch.empty((len(focal), *size, 2))
    _C.raster_triangles(
        vertices.numpy(),
        faces.numpy(),
        rotation.numpy(),
        translation.numpy(),
        focal.numpy(),
        index.numpy(),
        depth.numpy(),
        weight.numpy(),
        thread_limit(),
    )
    return index, depth, weight


def _run_cuda(
    vertices: Tensor,
    faces: Tensor,
    rotation: Tensor,
    translation: Tensor,
    focal: Tensor,
    size: tuple[int, int],
) -> tuple[Tensor, Tensor, Tensor]:
    height, width = size
    index = torch.empty((len(focal), *size), dtype=torch.int32, device=vertices.device)
    depth = torch.empty((len(focal), *size), device=vertices.device)
    weight = torch.empty((len(focal), *size, 2), device=vertices.device)
    views = min(len(focal), LARGE, max(1, KEYS // max(height * width, len(vertices))))
    large_count = min(LARGE, views * len(faces))

    def scratch(*shape: int) -> Tensor:
        return torch.empty(shape, dtype=torch.int64, device=vertices.device)

    scratches: dict[str, Tensor | int] = {
        "corner": scratch(views, len(vertices), 2),
        "key": scratch(views, *size),
        "tally": scratch(1),
        "large": scratch(large_count, 2),
        "large_count": large_count,
    }
    for first in range(0, len(focal), views):
        some = slice(first, first + views)
        call(
            _C.raster_triangles_cuda,
            vertices=vertices,
            faces=faces,
            rotation=rotation[some],
            translation=translation[some],
            focal=focal[some],
            vertex_count=len(vertices),
            face_count=len(faces),
            views=len(focal[some]),
            height=height,
            width=width,
            **scratches,
            index=index[some],
            depth=depth[some],
            weight=weight[some],
        )
    return index, depth, weight


BACKENDS = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("cuda", _run_cuda, cuda_only),
    Backend("reference", reference.raster_triangles),
    Backend("nvdiffrast", nvdiffrast_backend.run, nvdiffrast_backend.why_not),
)
