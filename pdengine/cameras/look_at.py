"""A camera from the place it stands at and the direction that is up."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.errors import ConfigError
from pdengine.types import Cameras


def look_at(
    eye: Tensor,  # [V, 3]
    up: Tensor,  # [V, 3] or [3]
    fov_degrees: float | Tensor = 60.0,  # or [V]
) -> Cameras:
    """Cameras that stand at ``eye`` and look at the origin with ``up`` upwards in the image.

    A camera that looks straight along ``up`` has no upright image; it then takes the world axis
    that is least along its view for up.

    Args:
        eye: camera centres. [V, 3] float32, in the unit sphere frame, not the origin.
        up: the direction that points up in the image. [V, 3] or [3] float32.
        fov_degrees: horizontal field of view.

    Raises:
        ConfigError: a camera stands at the origin, or a field of view is not in (0, 180).
    """
    distance = eye.norm(dim=1)
    if bool((distance <= 1e-6).any()):
        raise ConfigError("a camera must stand away from the origin, got one at [0, 0, 0]")
    fov = torch.as_tensor(fov_degrees, dtype=torch.float32).expand(len(eye))
    if not bool(((fov > 0) & (fov < 180)).all()):
        raise ConfigError(f"fov_degrees must be in (0, 180), got {fov_degrees}")

    forward = -eye / distance[:, None]
    right = torch.linalg.cross(forward, up.expand_as(eye))
    axis = F.one_hot(forward.abs().argmin(dim=1), 3).to(eye.dtype)
    along = right.norm(dim=1, keepdim=True) < 1e-4 * up.norm(dim=-1, keepdim=True)
    right = torch.where(along, torch.linalg.cross(forward, axis), right)
    right = F.normalize(right, dim=1)
    down = torch.linalg.cross(forward, right)
    rotation = torch.stack([right, down, forward], dim=1)
    translation = -(rotation * eye[:, None]).sum(-1)
    return Cameras(rotation, translation, 1 / torch.tan(fov * (math.pi / 360)))
