"""Tensors in a safetensors file, and what can be wrong with one."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from pdengine.errors import PdengineError


def read_tensors(
    path: Path, error: type[PdengineError], missing: str, damaged: str
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file, and the text that stands beside them.

    Args:
        path: the file.
        error: what is raised.
        missing: says that there is no file.
        damaged: says that it is not whole; the reason follows.
    """
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except FileNotFoundError:
        raise error(missing) from None
    except (SafetensorError, OSError) as why:
        raise error(f"{damaged}, {why}") from None


def under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names start with the prefix, named without it."""
    return {name[len(prefix) :]: v for name, v in tensors.items() if name.startswith(prefix)}
