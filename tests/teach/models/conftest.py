"""The models of tiny_models, saved once, and pictures to show to them."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

pytest.importorskip("transformers", reason='pip install "pdengine[teach]"')

from safetensors.torch import save_file
from torch.utils._device import _device_constructors

from pdengine.teach.models.torchvision_ops import import_torchvision
from pdengine.types import Views

import_torchvision("tests")  # as loading a model does, before transformers is used

# torch remembers torch.empty here once; it must be torch's own, not the poisoned one, or models
# that are built without memory would be given some.
_device_constructors()

sys.path.insert(0, str(Path(__file__).parent))  # tests are no package

from tiny_models import cutters, detectors, pixels  # noqa: E402
from tiny_models.pictures import noise, views_of  # noqa: E402


@pytest.fixture(scope="session")
def torchvision() -> None:
    """Skip where it is not."""
    if find_spec("torchvision") is None:
        pytest.skip("needs pip install torchvision")


def once(write: Callable[[Path], Path], *needed: str) -> Any:
    """The folder with a model, which is written when a test first asks for it."""

    @pytest.fixture(scope="session")
    def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
        for name in needed:
            request.getfixturevalue(name)
        return write(tmp_path_factory.mktemp("model"))

    return folder


grounding_dino = once(detectors.grounding_dino)
owlv2 = once(partial(detectors.owl, "owlv2"))
owlvit = once(partial(detectors.owl, "owlvit"))
florence = once(detectors.florence)
clipseg = once(pixels.clipseg)
clip = once(pixels.clip)
siglip = once(pixels.siglip)
sam = once(cutters.sam)
sam2 = once(cutters.sam2, "torchvision")
sam3 = once(cutters.sam3, "torchvision")


@pytest.fixture
def as_video() -> Callable[..., Path]:
    """Lays a model out as the video model that contains it, see cutters.as_video."""
    return cutters.as_video


@pytest.fixture
def build_small_sam() -> Callable[..., Any]:
    """Builds the model of segment-anything: build_small_sam(seed, side)."""
    return cutters.small_sam


@pytest.fixture
def segment_anything(
    torchvision: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Weights of the authors' smallest model, where that is small_sam."""
    package = pytest.importorskip("segment_anything", reason="needs segment-anything")
    folder = tmp_path_factory.mktemp("authors")
    save_file(cutters.small_sam(0).state_dict(), folder / "sam_vit_b.safetensors")
    small = {"vit_b": lambda checkpoint: cutters.small_sam(1)}
    monkeypatch.setattr(package, "sam_model_registry", small)
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that is opened is a failure."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a teacher opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def look() -> Callable[[int, int, int], Views]:
    """Makes random views: look(count, height, width)."""
    return noise


@pytest.fixture
def show() -> Callable[[torch.Tensor], Views]:
    """Makes views of given pictures."""
    return views_of


@pytest.fixture
def marked() -> Callable[[int, int, Any], torch.Tensor]:
    """Draws a red rectangle on nearly white: marked(height, width, (x0, y0, x1, y1))."""

    def draw(height: int, width: int, where: tuple[int, int, int, int]) -> torch.Tensor:
        x0, y0, x1, y1 = where
        picture = torch.full((1, height, width, 3), 254 / 255)  # nearly white: all is shape
        picture[:, y0:y1, x0:x1, 1:] = 0.0
        return picture

    return draw


@pytest.fixture
def seen_marker() -> Callable[[torch.Tensor], torch.Tensor]:
    """Finds the red rectangle in what a model is shown.

    It takes pixel values [3, rows, columns] and returns the centre, width and height as shares.
    """

    def find(pixels: torch.Tensor) -> torch.Tensor:
        red = pixels[0] - pixels[1]
        # White and black padding differ by their means alone; red differs by a whole channel.
        rows, columns = (red > red.min() + 0.5 * (red.max() - red.min())).nonzero(as_tuple=True)
        height, width = red.shape
        x0, x1 = float(columns.min()) / width, float(columns.max() + 1) / width
        y0, y1 = float(rows.min()) / height, float(rows.max() + 1) / height
        return torch.tensor([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0])

    return find
