"""What to type where a package is missing."""

from __future__ import annotations

from importlib.metadata import requires
from importlib.util import find_spec

import pytest
import torch

from pdengine.teach.models.packages import beside, how_to_install


@pytest.mark.parametrize(
    ("torch_version", "torchvision"),
    [
        ("2.10.0", "==0.25.*"),
        ("2.13.0+cpu", "==0.28.*"),
        ("2.14.0", "==0.29.*"),
        ("2.15.1", "==0.29.*"),  # 0.29 is for all that follow
        ("3.0.0", ""),
    ],
)
def test_the_release_that_goes_with_torch(torch_version: str, torchvision: str) -> None:
    assert beside(torch_version) == torchvision


@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs torchvision")
def test_the_one_that_is_installed_is_the_one_that_would_be_named() -> None:
    from importlib.metadata import version

    assert version("torchvision").startswith(beside(torch.__version__)[2:-1])
    base = torch.__version__.split("+")[0]
    assert any(base in need for need in requires("torchvision") or () if need.startswith("torch"))


def test_a_line_is_typed_as_it_stands() -> None:
    line = how_to_install("torchvision")
    assert line.startswith('pip install --no-deps "torchvision==0.')
    assert how_to_install("segment_anything") == "pip install --no-deps segment-anything"
    assert how_to_install("scipy") == 'pip install "pdengine[teach]"'
