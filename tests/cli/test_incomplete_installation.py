"""What a person reads where a package or the C++ core is not there."""

from __future__ import annotations

import subprocess
import sys

import pytest

# None in sys.modules: the import fails as that of a package which is not installed.
CODE = """
import sys
sys.modules[sys.argv[1]] = None
from pdengine.cli import main
sys.exit(main(sys.argv[2:]))
"""


def without(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CODE, module, *words]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("module", "package"), [("torch", "torch"), ("tyro", "tyro"), ("PIL", "pillow")]
)
def test_a_package_that_is_missing_is_named_with_what_to_type(module: str, package: str) -> None:
    done = without(module, "segment", "a.ply", "--parts", "chair: seat")
    said = f"error: pdengine needs {package}, which is not installed: pip install {package}\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_a_core_that_is_not_built_is_named_with_what_to_type() -> None:
    done = without("pdengine._C", "segment", "a.ply", "--parts", "chair: seat")
    said = "error: pdengine's C++ core is not built for this Python: pip install . in its folder\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_a_module_of_ours_that_is_missing_is_no_sentence() -> None:
    done = without("pdengine.config", "segment", "a.ply", "--parts", "chair: seat")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
