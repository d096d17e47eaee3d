"""Shared by every test: a clean sys.path, and torch.empty that is never a lucky zero."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent

# kernels/ at the top of the tree must never be importable as top-level "kernels": that is the name
# of another package, which transformers looks for.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT]

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def _poisoned(empty):  # type: ignore[no-untyped-def]
    def run(*args, **kwargs):  # type: ignore[no-untyped-def]
        tensor = empty(*args, **kwargs)
        if tensor.is_floating_point():
            return tensor.fill_(float("nan"))
        if tensor.dtype not in (torch.bool, torch.uint8):
            return tensor.fill_(
                -123456789 if tensor.dtype not in (torch.int8, torch.int16) else -77
            )
        return tensor.fill_(1)

    return run


@pytest.fixture(autouse=True)
def poisoned_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that a kernel forgets to write is NaN or garbage, never zero by luck."""
    monkeypatch.setattr(torch, "empty", _poisoned(torch.empty))
    monkeypatch.setattr(torch, "empty_like", _poisoned(torch.empty_like))
    monkeypatch.setattr(torch.Tensor, "new_empty", _poisoned(torch.Tensor.new_empty))


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    return str(request.param)
