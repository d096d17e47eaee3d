"""What the benchmarks take from the package is there, also in those that no test runs."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).resolve().parent.parent.parent / "bench").glob("*.py"))


def taken(script: Path) -> list[tuple[str, str]]:
    """Each name that is imported from a module of the package."""
    return [
        (node.module, name.name)
        for node in ast.walk(ast.parse(script.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pdengine")
        for name in node.names
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_name_is_there(script: Path) -> None:
    for module, name in taken(script):
        found = import_module(module)
        if not hasattr(found, name):  # a module of a package
            import_module(f"{module}.{name}")


def test_a_script_that_takes_something_is_looked_at() -> None:
    assert ("pdengine.teach.models.sam3", "Sam3") in [
        one for script in SCRIPTS for one in taken(script)
    ]
