"""What an op checks before it runs.  Each error names the argument, the rule and the value."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import Tensor


def check_shape(name: str, tensor: Tensor, *letters: str | int, **known: int) -> dict[str, int]:
    """Check a shape given as letters and numbers, and return what the letters stand for.

    check_shape("depth", depth, "V", "N", **check_shape("uv", uv, "V", "N", 2))

    Raises:
        TypeError: it is not a tensor.
        ValueError: the rank, a fixed size or a known letter does not match.
    """
    given: object = tensor
    if not isinstance(given, Tensor):
        makes = "; torch.from_dlpack makes one" if hasattr(given, "__dlpack__") else ""
        kind = f"{type(given).__module__}.{type(given).__name__}"
        raise TypeError(f"{name} must be a torch tensor{makes}, got {kind}")
    found = dict(known)
    ok = tensor.dim() == len(letters)
    if ok:
        for letter, size in zip(letters, tensor.shape, strict=True):
            if isinstance(letter, int):
                ok &= size == letter
            else:
                ok &= found.setdefault(letter, size) == size
    if not ok:
        rule = ", ".join(str(letter) for letter in letters)
        fixed = [f"{letter}={known[letter]}" for letter in letters if letter in known]
        where = f" with {', '.join(fixed)}" if fixed else ""
        raise ValueError(f"{name} must be [{rule}]{where}, got {list(tensor.shape)}")
    return found


def check_dtype(name: str, tensor: Tensor, *allowed: torch.dtype) -> None:
    """Raises TypeError where the dtype is not one of the allowed."""
    if tensor.dtype not in allowed:
        rule = " or ".join(str(dtype).removeprefix("torch.") for dtype in allowed)
        raise TypeError(f"{name} must be {rule}, got {str(tensor.dtype).removeprefix('torch.')}")


def check_same_device(**tensors: Tensor) -> None:
    """Raises ValueError where the tensors are on different devices."""
    devices = {name: tensor.device for name, tensor in tensors.items()}
    if len(set(devices.values())) > 1:
        listed = ", ".join(f"{name} on {device}" for name, device in devices.items())
        raise ValueError(f"all tensors must be on one device, got {listed}")


def check_range(name: str, tensor: Tensor, low: int, high: int) -> None:
    """Raises ValueError where an integer tensor leaves [low, high).  Reads the data."""
    if tensor.numel() == 0:
        return
    if tensor.is_cuda:  # waited for once
        least, most = torch.stack(tensor.aminmax()).tolist()
    else:  # by NumPy, on one thread: on a busy machine torch's threads wait long for each other
        values = tensor.numpy()
        least, most = int(values.min()), int(values.max())
    if least < low or most >= high:
        raise ValueError(f"{name} must be in [{low}, {high}), got {least} to {most}")


def check_finite(name: str, points: Tensor) -> None:
    """Raises ValueError where a row of points [N, 3] is not finite.  Reads the data."""
    finite = points.isfinite()
    if not bool(finite.all()):
        row = int((~finite).any(dim=1).nonzero()[0])
        raise ValueError(f"{name} must be finite, got {points[row].tolist()} in row {row}")


def check_whole(name: str, value: Any) -> int:
    """The number as an int, NumPy's too.  Raises TypeError where it is not a whole number."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None


def check_positive(name: str, value: float) -> None:
    """Raises ValueError where a number is not positive and finite."""
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} must be positive and finite, got {value}")
