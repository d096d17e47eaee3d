"""The rings of cameras around a shape."""

from __future__ import annotations

import math

import torch

from pdengine.cameras.look_at import look_at
from pdengine.errors import ConfigError
from pdengine.types import Cameras

# PartSLIP (CVPR 2023), (elevation, azimuth) in degrees: four from the sides, three from above,
# three from below.
PARTSLIP10 = (
    (10.0, 0.0), (10.0, 90.0), (10.0, 180.0), (10.0, 270.0),
    (40.0, 0.0), (40.0, 120.0), (40.0, 240.0),
    (-20.0, 60.0), (-20.0, 180.0), (-20.0, 300.0),
)  # fmt: skip
_ELEVATIONS = (10.0, 40.0, -20.0)
_GOLDEN_ANGLE = 180 * (3 - math.sqrt(5))

# Where x, y, z of the upright frame (y up, front +z) stand in the shape's frame: one row each.
_FRAMES = {
    "x": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    "y": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "z": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "-x": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
    "-y": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "-z": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
}
UP_AXES = tuple(_FRAMES)


def rig(
    views: int | str = 10,
    up: str = "y",
    distance: float = 2.2,
    fov_degrees: float = 60.0,
) -> Cameras:
    """Cameras around the unit sphere, all looking at its centre, upright in the image.

    Azimuth 0 looks at the front (+z of an upright frame) and grows towards +x; a positive elevation
    looks from above.  The same arguments give the same cameras.

    Args:
        views: how many.  10, or "partslip10", are PartSLIP's ten; any other number goes round by
            the golden angle, with elevations 10, 40 and -20 degrees in turn.
        up: the axis of the shape that points up in the images: x, y, z, -x, -y or -z.  It turns
            the rig, never the shape.
        distance: from the centre, in radii of the unit sphere; more than 1.
        fov_degrees: horizontal field of view.

    Raises:
        ConfigError: an argument is not as above.
    """
    if up not in _FRAMES:
        raise ConfigError(f"up must be one of {', '.join(UP_AXES)}, got {up!r}")
    if not 1 < distance < math.inf:
        raise ConfigError(f"distance must be more than the sphere's radius 1, got {distance}")
    angles = torch.tensor(_angles(views), dtype=torch.float64) * (math.pi / 180)
    elevation, azimuth = angles.unbind(1)
    eye = torch.stack(
        [
            elevation.cos() * azimuth.sin(),
            elevation.sin(),
            elevation.cos() * azimuth.cos(),
        ],
        dim=1,
    )
    frame = torch.tensor(_FRAMES[up], dtype=torch.float64)
    eye = (distance * eye @ frame).float()
    return look_at(eye, frame[1].float(), fov_degrees)


def _angles(views: int | str) -> list[tuple[float, float]]:
    """(elevation, azimuth) of each view, degrees."""
    if views in (10, "partslip10"):
        return list(PARTSLIP10)
    if not isinstance(views, int) or isinstance(views, bool) or views < 1:
        raise ConfigError(f'views must be "partslip10" or a positive number, got {views!r}')
    return [(_ELEVATIONS[k % len(_ELEVATIONS)], k * _GOLDEN_ANGLE % 360) for k in range(views)]
