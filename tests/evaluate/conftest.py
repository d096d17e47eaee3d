"""Makes the helpers importable, here and in worker processes."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """odd_examples.py, by a name that a worker process can import too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "helpers"))
    return importlib.import_module("odd_examples")
