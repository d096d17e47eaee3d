"""The commands ask a teacher that needs no weights."""

from __future__ import annotations

from typing import Any

import pytest

from pdengine.teach import TEACHERS


@pytest.fixture(autouse=True)
def teachers(monkeypatch: pytest.MonkeyPatch, stripes: Any) -> None:
    """The default one sees stripes, and another one nothing."""
    monkeypatch.setitem(TEACHERS, "embedded", stripes)
    monkeypatch.setitem(TEACHERS, "blind", lambda: stripes(blind_after=0))
