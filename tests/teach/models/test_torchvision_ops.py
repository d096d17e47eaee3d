"""torchvision beside a torch of another build."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from pdengine.errors import TeacherError
from pdengine.teach.models import torchvision_ops
from pdengine.teach.models.torchvision_ops import declare_ops, import_torchvision

# A package that does what torchvision does when it is imported: its operators do not load, and then
# it registers the shape rule of one of them.
BROKEN = """
import torch

@torch.library.register_fake("torchvision::nms")
def shape(dets, scores, iou_threshold):
    return dets
"""


STORY = """
import sys, torch
sys.path.insert(0, {path!r})
try:
    import torchvision
except RuntimeError as error:
    print(error)
from pdengine.teach.models.torchvision_ops import declare_ops
declare_ops()
declare_ops()
import torchvision
print("imported")
try:
    torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
except NotImplementedError:
    print("declared is not defined")
"""


def test_a_torchvision_that_cannot_be_imported_can_afterwards(tmp_path: Path) -> None:
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(BROKEN)
    (package / "_C_stable.so").write_bytes(b"of another build")
    story = STORY.format(path=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "operator torchvision::nms does not exist",
        "imported",
        "declared is not defined",
    ], done.stderr


def test_one_that_is_broken_otherwise_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be "Could not import module GroundingDinoForObjectDetection"."""
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(torchvision_ops, "declare_ops", lambda: None)
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("raise RuntimeError('of CUDA 11')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(TeacherError) as caught:
        import_torchvision("clipseg")
    said = "clipseg: the installed torchvision cannot be imported (of CUDA 11): pip install --no-d"
    assert str(caught.value).startswith(said)


@pytest.mark.skipif(find_spec("torchvision") is not None, reason="torchvision is installed")
def test_without_torchvision_nothing_is_declared() -> None:
    declare_ops()
    assert not hasattr(torch.ops.torchvision, "nms")


@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs pip install torchvision")
def test_the_installed_one_can_be_imported() -> None:
    declare_ops()
    import torchvision.transforms.v2

    assert torchvision.__version__
