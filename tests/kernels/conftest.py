"""Shared by the tests of the ops whose C++ has a fast path chosen at run time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pdengine import _C


@pytest.fixture(params=["reference", "cpu", "cpu portable"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """A backend's name; "cpu" runs once as this processor likes and once as any processor can."""
    if request.param == "cpu portable":
        _C.force_portable(True)
    yield request.param.split()[0]
    _C.force_portable(False)
