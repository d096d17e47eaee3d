"""The package by its front door: what it offers, as a module too, and errors that travel."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

import pdengine as pde


def test_the_package_lists_what_it_offers_and_nothing_else() -> None:
    assert dir(pde) == sorted(pde.__all__)
    assert all(getattr(pde, name) is not None for name in dir(pde))
    with pytest.raises(AttributeError, match="no attribute 'segmnt'"):
        _ = pde.segmnt


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "pdengine", "--version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"pdengine {pde.__version__}\n")


@pytest.mark.parametrize("value", [None, "3 columns"])
def test_an_error_comes_out_of_a_process_pool_as_it_went_in(value: str | None) -> None:
    error = pde.LoadError("a.xyz", "must have rows", value)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.path, again.rule, again.value) == ("a.xyz", "must have rows", value)
