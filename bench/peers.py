"""Other people's libraries on the same inputs; each imports its own only when it is timed.

What no interpreter of today can install beside torch is quoted, with its source, from peers.csv.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from harness import Peer, same
from torch import Tensor


def in_torch(run: Callable[[], Any], agrees: Callable[[Any, Any], None] = same) -> Peer:
    """The definition in torch: what one would write without this engine."""
    return Peer("torch", "", lambda threads: run, agrees, (1, 2))


# ---- splat_points -------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _numba_draw() -> Callable[..., None]:
    """Draws into keys of depth and point; compiled once for all cases."""
    import numba

    @numba.njit(parallel=True)
    def draw(
        xyz: Any, rotation: Any, shift: Any, focal: Any, keys: Any, bits: Any, radius: float
    ) -> None:
        views, height, width = keys.shape
        half_width, half_height = np.float32(width / 2), np.float32(height / 2)
        reach = int(radius)
        for view in numba.prange(views):
            image, r, t, f = keys[view], rotation[view], shift[view], focal[view]
            image[:] = (0x7F800000 << 32) | 0xFFFFFFFF
            for n in range(len(xyz)):
                x0, y0, z0 = xyz[n, 0], xyz[n, 1], xyz[n, 2]
                z = r[2, 0] * x0 + r[2, 1] * y0 + r[2, 2] * z0 + t[2]
                if not (z > np.float32(1e-6) and z < np.inf):
                    continue
                x = r[0, 0] * x0 + r[0, 1] * y0 + r[0, 2] * z0 + t[0]
                y = r[1, 0] * x0 + r[1, 1] * y0 + r[1, 2] * z0 + t[1]
                col = int(np.floor(f * (x / z) * half_width + half_width))
                row = int(np.floor(f * (y / z) * half_width + half_height))
                bits[view, 0] = z
                key = (np.int64(bits[view].view(np.int32)[0]) << 32) | n
                for dy in range(-reach, reach + 1):
                    if not 0 <= row + dy < height:
                        continue
                    for dx in range(-reach, reach + 1):
                        inside = dx * dx + dy * dy <= radius * radius
                        if inside and 0 <= col + dx < width:
                            image[row + dy, col + dx] = min(key, image[row + dy, col + dx])

    return draw  # type: ignore[no-any-return]


def numba_splat(scene: tuple[Any, ...], size: tuple[int, int], radius: float) -> Peer:
    """A z-buffer of packed keys and a loop over each disc, a view to a thread."""

    def make(threads: int) -> Callable[[], tuple[Tensor, Tensor]]:
        draw = _numba_draw()
        arrays = [tensor.numpy() for tensor in scene]
        views = len(arrays[-1])

        def run() -> tuple[Tensor, Tensor]:
            keys = np.empty((views, *size), np.int64)
            draw(*arrays, keys, np.empty((views, 16), np.float32), radius)
            depth = (keys >> 32).astype(np.int32).view(np.float32)
            return torch.from_numpy(keys.astype(np.int32)), torch.from_numpy(depth)

        return run

    return Peer("numba", "numba", make, same, (1, 2))


# ---- visible_points -----------------------------------------------------------------------------


def open3d_hidden(xyz: Tensor, rotation: Tensor, translation: Tensor) -> Peer:
    """Hidden-point removal by a convex hull, which needs no image and knows no disc."""

    def make(threads: int) -> Callable[[], object]:
        import open3d

        cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(xyz.double().numpy()))
        eyes = -(rotation.transpose(1, 2) @ translation[:, :, None])[:, :, 0].double().numpy()
        return lambda: [cloud.hidden_point_removal(eye, 100.0)[1] for eye in eyes]

    note = "hidden-point removal: another definition of seen"
    return Peer("Open3D", "open3d", make, None, (1,), note)


# ---- raster_triangles ---------------------------------------------------------------------------


def open3d_rays(
    mesh: tuple[Tensor, Tensor], cameras: tuple[Tensor, Tensor, Tensor], side: int
) -> Peer:
    """A ray through the centre of every pixel."""

    def make(threads: int) -> Callable[[], Any]:
        import open3d

        rotation, translation, focal = cameras
        at = (torch.arange(side) + 0.5) * 2 / side - 1
        y, x = torch.meshgrid(at, at, indexing="ij")
        local = torch.stack(
            [x[None] / focal[:, None, None], y[None] / focal[:, None, None]], dim=-1
        )
        local = torch.cat([local, torch.ones(*local.shape[:3], 1)], dim=-1)  # [V, H, W, 3]
        toward = torch.einsum("vij,vhwi->vhwj", rotation, local)
        eye = -torch.einsum("vij,vi->vj", rotation, translation)[:, None, None].expand_as(toward)
        rays = open3d.core.Tensor(torch.cat([eye, toward], dim=-1).contiguous().numpy())
        vertices, faces = (open3d.core.Tensor(part.numpy()) for part in mesh)

        def run() -> Any:
            scene = open3d.t.geometry.RaycastingScene(nthreads=threads)
            scene.add_triangles(vertices, faces.to(open3d.core.uint32))
            return scene.cast_rays(rays, nthreads=threads)["t_hit"].numpy()

        return run

    def agrees(ours: Any, depth: Any) -> None:
        equal = torch.isclose(ours.depth, torch.from_numpy(depth), rtol=1e-3, atol=1e-3)
        share = float((equal | (ours.depth == torch.from_numpy(depth))).float().mean())
        assert share > 0.995, f"only {share:.1%} of the pixels have the same depth"

    return Peer("Open3D", "open3d", make, agrees, (1, 2), "ray casting, its rays ready")


# ---- label_components ---------------------------------------------------------------------------


def _counts(found: Any) -> list[int]:
    views = len(found.label)
    return torch.bincount(found.view.long(), minlength=views).tolist()  # type: ignore[no-any-return]


def _same_counts(ours: Any, theirs: list[int]) -> None:
    assert _counts(ours) == theirs, "another number of components"


def _per_class(maps: Tensor, count: Callable[[Any], int]) -> Callable[[], list[int]]:
    """For what knows only foreground and background: a mask for each class of each view."""
    arrays = maps.numpy()

    def run() -> list[int]:
        return [sum(count(view == class_) for class_ in range(view.max() + 1)) for view in arrays]

    return run


def cc3d(maps: Tensor) -> Peer:
    def make(threads: int) -> Callable[[], list[int]]:
        import cc3d as library

        arrays = (maps + 1).numpy().astype(np.uint32)
        label = library.connected_components
        return lambda: [label(view, connectivity=8, return_N=True)[1] for view in arrays]

    return Peer("cc3d", "cc3d", make, _same_counts)


def opencv_components(maps: Tensor) -> Peer:
    def make(threads: int) -> Callable[[], list[int]]:
        import cv2

        return _per_class(maps, lambda mask: cv2.connectedComponents(mask.view(np.uint8))[0] - 1)

    return Peer("OpenCV", "cv2", make, _same_counts, (1, 2), "a mask for each class")


def scipy_components(maps: Tensor) -> Peer:
    def make(threads: int) -> Callable[[], list[int]]:
        from scipy import ndimage

        square = np.ones((3, 3))
        return _per_class(maps, lambda mask: ndimage.label(mask, square)[1])

    return Peer("SciPy", "scipy", make, _same_counts, (1,), "a mask for each class")


# ---- knn ----------------------------------------------------------------------------------------


def _same_distances(ours: Any, theirs: Any) -> None:
    """Neighbours at equal distances may be others, so the distances are compared."""
    squared = torch.as_tensor(np.asarray(theirs)).double()
    wrong = (ours[1].double() - squared).abs() > 1e-5 * squared + 1e-9
    assert not bool(wrong.any()), f"{int(wrong.sum())} distances differ"


def scipy_knn(xyz: Tensor, k: int) -> Peer:
    def make(threads: int) -> Callable[[], Any]:
        from scipy.spatial import cKDTree

        array = xyz.numpy()
        return lambda: cKDTree(array).query(array, k, workers=threads)[0] ** 2

    return Peer("SciPy", "scipy", make, _same_distances, (1, 2))


def open3d_knn(xyz: Tensor, k: int) -> Peer:
    def make(threads: int) -> Callable[[], Any]:
        import open3d

        points = open3d.core.Tensor(xyz.numpy())

        def run() -> Any:
            search = open3d.core.nns.NearestNeighborSearch(points)
            search.knn_index()
            return search.knn_search(points, k)[1].numpy()

        return run

    return Peer("Open3D", "open3d", make, _same_distances, (2,), "takes every core")


# ---- farthest_points ----------------------------------------------------------------------------


def open3d_farthest(xyz: Tensor, count: int) -> Peer:
    """In double precision, and in the order of the cloud: the choice is compared, not its order."""

    def make(threads: int) -> Callable[[], Any]:
        import open3d

        cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(xyz.double().numpy()))
        return lambda: np.asarray(cloud.farthest_point_down_sample(count).points)

    def agrees(ours: Tensor, theirs: Any) -> None:
        chosen = (set(map(tuple, rows)) for rows in (xyz[ours].double().numpy(), theirs))
        both = len(set.intersection(*chosen)) / count
        assert both > 0.99, f"only {both:.1%} of the points are the same"

    return Peer("Open3D", "open3d", make, agrees, (1,))


# ---- superpoints --------------------------------------------------------------------------------


def cut_pursuit(normals: Tensor, graph: Tensor, regularisation: float) -> Peer:
    """The energy of superpoints, lowered by cut pursuit; another partition, so nothing is equal."""

    def make(threads: int) -> Callable[[], Any]:
        import cut_pursuit_py

        values = normals.contiguous().numpy()
        source = np.repeat(np.arange(len(graph), dtype=np.uint32), graph.shape[1])
        target = graph.numpy().astype(np.uint32).ravel()
        weight = np.ones(len(source), np.float32)
        run = cut_pursuit_py.perform_cut_pursuit
        return lambda: run(regularisation, values.shape[1], values, weight, source, target, False)

    return Peer("cut-pursuit-py", "cut_pursuit_py", make, None, (1,), "another partition")
