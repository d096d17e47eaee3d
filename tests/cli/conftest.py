"""The commands ask a teacher that needs no weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pdengine.teach import TEACHERS


@pytest.fixture(autouse=True)
def teachers(monkeypatch: pytest.MonkeyPatch, stripes: Any) -> None:
    """The default one sees stripes, and another one nothing."""
    entry = TEACHERS["embedded"]
    seeing = replace(entry, load=lambda **_: stripes())
    blind = replace(entry, load=lambda **_: stripes(blind_after=0))
    monkeypatch.setitem(TEACHERS, "embedded", seeing)
    monkeypatch.setitem(TEACHERS, "blind", blind)
