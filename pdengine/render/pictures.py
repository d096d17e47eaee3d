"""Views as picture files, for models and eyes outside the engine."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from pdengine.types import Cameras, Views

Array = NDArray[Any]


def names(what: str, views: int) -> tuple[str, ...]:
    """File names: view_00.png, view_01.png; as many digits as the last number needs, 2 or more."""
    digits = max(2, len(str(views - 1)))
    return tuple(f"{what}_{view:0{digits}}.png" for view in range(views))


def colour_pictures(views: Views) -> list[bytes]:
    """A PNG per view, 8-bit RGB: 255 is 1."""
    return [_png(_bytes(image)) for image in views.images]


def depth_pictures(views: Views, unit: float) -> list[bytes]:
    """A PNG per view, 16-bit grey: depth = value * unit, 0 where nothing is."""
    steps = (views.depth.double() / unit).round().nan_to_num(0, 0, 0)
    return [_png(view.numpy().astype(np.uint16)) for view in steps]


def depth_unit(cameras: Cameras) -> float:
    """The smallest power of two at which 16 bits reach behind the unit sphere, in scene units."""
    farthest = float(cameras.translation.norm(dim=1).max()) + 1
    return float(2.0 ** math.ceil(math.log2(farthest / 65535)))


def normal_pictures(views: Views) -> list[bytes]:
    """A PNG per view, 8-bit RGB: normal = value / 127 - 1 in the camera frame; 0 0 0 is nothing."""
    encoded = ((views.normals + 1) * 127).round().clamp(0, 254)
    shown = (views.index >= 0)[..., None]
    return [_png(view.numpy().astype(np.uint8)) for view in encoded * shown]


def index_archive(index: Tensor) -> bytes:
    """An NPZ with the array ``index``, int32 [V, H, W]."""
    file = io.BytesIO()
    np.savez_compressed(file, index=index.numpy().astype(np.int32))
    return file.getvalue()


def _bytes(image: Tensor) -> Array:
    values: Array = (image.clamp(0, 1) * 255).round().numpy().astype(np.uint8)
    return values


def _png(values: Array) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(file, "PNG", compress_level=6)
    return file.getvalue()
