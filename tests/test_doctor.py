"""The doctor: every check says something, and one that fails never hides the rest."""

from __future__ import annotations

import io
import json

import pytest

from pdengine import doctor
from pdengine.doctor import Check, run_checks


def test_every_check_has_a_reason() -> None:
    checks = run_checks()
    assert len({check.name for check in checks}) == len(checks)
    assert all(check.detail for check in checks)
    by_name = {check.name: check for check in checks}
    assert by_name["C++ core"].ok
    assert by_name["kernel self-test"].ok, by_name["kernel self-test"].detail
    assert not by_name["GPU kernels"].ok  # and that is not needed


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("works", [True, False])
def test_the_exit_code_is_the_cpu_path(
    works: bool, as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = [Check("core", works, True, "[x] because"), Check("GPU", False, False, "none")]
    monkeypatch.setattr(doctor, "run_checks", lambda: checks)
    stream = io.StringIO()
    assert doctor.report(stream, as_json) == (0 if works else 1)
    if as_json:
        content = json.loads(stream.getvalue())
        assert content["ok"] is works
        assert content["checks"][1] == {
            "name": "GPU",
            "ok": False,
            "needed": False,
            "detail": "none",
        }
    else:
        assert "[x] because" in stream.getvalue()
        assert ("works on this CPU" if works else "cannot run: core") in stream.getvalue()


def test_a_check_that_breaks_is_a_no() -> None:
    def broken() -> str:
        raise OSError("libfoo.so: cannot open")

    check = doctor._check("core", True, broken)
    assert not check.ok
    assert "libfoo.so" in check.detail
