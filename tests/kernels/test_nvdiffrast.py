"""The nvdiffrast backend: our side of it against a rasteriser that reads clip coordinates.

Without nvdiffrast and a GPU its rasteriser is simulated by our reference, which shows that cameras,
rows, weights and depths are translated rightly; the last test compares with nvdiffrast itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType

import pytest
import torch

from pdengine.cameras import rig
from pdengine.kernels.raster_triangles import nvdiffrast_backend, raster_triangles
from pdengine.kernels.raster_triangles.reference import raster_triangles as reference
from pdengine.shapes import make


def simulated_rasterize(context, pos, tri, resolution, grad_db):
    """What nvdiffrast documents: (u, v, z / w, triangle + 1) from clip coordinates."""
    height, width = resolution
    answer = []
    for x, y, _, w in (view.unbind(-1) for view in pos):
        place = torch.stack([x, y * height / width, w], 1)  # a camera of focal 1 sees x / w there
        camera = (torch.eye(3)[None], torch.zeros(1, 3), torch.ones(1))
        index, _, weight = (plane[0] for plane in reference(place, tri, *camera, resolution))
        number = (index + 1).float()[..., None]
        answer.append(torch.cat([weight, torch.zeros_like(number), number], -1))
    return torch.stack(answer), None


@pytest.fixture
def simulated(monkeypatch):
    module = ModuleType("nvdiffrast.torch")
    module.rasterize = simulated_rasterize
    module.RasterizeCudaContext = lambda device: None
    package = ModuleType("nvdiffrast")
    package.torch = module
    monkeypatch.setitem(sys.modules, "nvdiffrast", package)
    monkeypatch.setitem(sys.modules, "nvdiffrast.torch", module)
    nvdiffrast_backend._context.cache_clear()
    yield
    nvdiffrast_backend._context.cache_clear()


@pytest.mark.usefixtures("simulated")
def test_cameras_rows_weights_and_depths_are_translated():
    vertices = torch.tensor([[-0.5, -0.4, 0.1], [0.6, -0.3, -0.2], [0.0, 0.7, 0.3], [0.2, 0, 0.8]])
    faces = torch.tensor([[0, 1, 2], [1, 2, 3]], dtype=torch.int32)
    cameras = rig(3)
    where = (cameras.rotation, cameras.translation, cameras.focal)
    index, depth, weight = nvdiffrast_backend.run(vertices, faces, *where, (20, 30))
    ours = raster_triangles(vertices, faces, *where, (20, 30), backend="reference")
    same = index == ours.index  # a vertex on the grid may round to its other side
    assert same.float().mean() > 0.995
    assert (ours.index >= 0).sum() > 100
    torch.testing.assert_close(depth[same], ours.depth[same], atol=1e-4, rtol=0)
    torch.testing.assert_close(weight[same], ours.weight[same], atol=2e-2, rtol=0)


def test_it_says_why_it_cannot_run_and_is_never_chosen_unasked():
    mesh = torch.zeros(3, 3), torch.zeros(1, 3, dtype=torch.int32)
    where = torch.eye(3)[None], torch.tensor([[0.0, 0, 2]]), torch.ones(1)
    missing = r"\(NVIDIA Source Code License, non-commercial\) is not installed; pip install "
    with pytest.raises(RuntimeError, match=rf"nvdiffrast ({missing}|needs a CUDA tensor)"):
        raster_triangles(*mesh, *where, (4, 4), backend="nvdiffrast")
    assert (raster_triangles(*mesh, *where, (4, 4)).index == -1).all()


def test_it_is_not_imported_where_it_is_not_asked_for(tmp_path):
    """A package of its name that cannot be imported is installed, and nobody notices."""
    (tmp_path / "nvdiffrast").mkdir()
    (tmp_path / "nvdiffrast" / "__init__.py").write_text("raise SystemExit('imported')")
    code = (
        "import torch; from pdengine.kernels.raster_triangles import raster_triangles as draw\n"
        "mesh = torch.zeros(3, 3), torch.zeros(1, 3, dtype=torch.int32)\n"
        "where = torch.eye(3)[None], torch.ones(1, 3), torch.ones(1)\n"
        "draw(*mesh, *where, (4, 4))\n"
        "try: draw(*mesh, *where, (4, 4), backend='nvdiffrast')\n"
        "except RuntimeError as error: print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd="/", env=environment
    )
    assert "nvdiffrast needs a CUDA tensor, got one on cpu" in done.stdout, done.stderr


def test_too_many_triangles_are_refused(simulated, monkeypatch):
    monkeypatch.setattr(nvdiffrast_backend, "MOST_TRIANGLES", 1)
    mesh = torch.zeros(3, 3), torch.zeros(1, 3, dtype=torch.int32)
    where = torch.eye(3)[None], torch.tensor([[0.0, 0, 2]]), torch.ones(1)
    with pytest.raises(ValueError, match="faces must be fewer than 1 for nvdiffrast, got 1"):
        nvdiffrast_backend.run(*mesh, *where, (4, 4))


def test_nvdiffrast_itself_agrees():
    pytest.importorskip("nvdiffrast")
    if not torch.cuda.is_available():
        pytest.skip("nvdiffrast needs a GPU")
    chair, cameras = make("chair", 0), rig(4)
    vertices = torch.from_numpy(chair.vertices).float().cuda()
    vertices = (vertices - vertices.mean(0)) / (vertices - vertices.mean(0)).norm(dim=1).max()
    faces = torch.from_numpy(chair.faces).int().cuda()
    where = [t.cuda() for t in (cameras.rotation, cameras.translation, cameras.focal)]
    theirs = raster_triangles(vertices, faces, *where, (256, 320), backend="nvdiffrast")
    own = raster_triangles(
        vertices.cpu(), faces.cpu(), *(t.cpu() for t in where), (256, 320), backend="cpu"
    )
    both = (theirs.index.cpu() >= 0) & (own.index >= 0)
    either = (theirs.index.cpu() >= 0) | (own.index >= 0)
    assert both.sum() > 0.97 * either.sum()
    near = (theirs.depth.cpu() - own.depth)[both].abs() < 1e-3
    assert near.float().mean() > 0.97
