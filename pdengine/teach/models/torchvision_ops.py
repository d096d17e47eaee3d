"""torchvision beside a torch of another build.

transformers imports torchvision wherever it finds it.  The wheel of the package index is built for
CUDA; beside a torch for the CPU its library of operators does not load, and `import torchvision`
then fails with "operator torchvision::nms does not exist", since it registers a shape rule for an
operator that nobody declared, and transformers fails with it.  Its image transforms need none of
these operators.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import torch

from pdengine.errors import TeacherError
from pdengine.teach.models.packages import how_to_install

# As torchvision's C++ declares the two whose shapes it registers without asking.
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []


def import_torchvision(name: str) -> None:
    """Import torchvision where it is installed, as transformers is about to.

    Args:
        name: of the teacher, for the message.

    Raises:
        TeacherError: it cannot be imported, and so nothing of transformers can.
    """
    declare_ops()
    if find_spec("torchvision") is None:
        return
    try:
        import torchvision  # noqa: F401
    except Exception as error:  # a package that is broken may raise anything
        why = str(error).strip().split("\n")[0][:200]
        raise TeacherError(
            f"{name}: the installed torchvision cannot be imported ({why}): "
            f"{how_to_install('torchvision')}"
        ) from error


def declare_ops() -> None:
    """Make `import torchvision` work where its own operators cannot be loaded.

    Declared is not defined: whoever calls nms there is told that it has no implementation.  We
    never do.  Nothing happens where torchvision is absent, already imported, or whole.
    """
    spec = find_spec("torchvision") if "torchvision" not in sys.modules else None
    if _declared or spec is None or _loads(spec.submodule_search_locations or ()):
        return
    fragment = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        fragment.define(schema)
    _declared.append(fragment)  # the declarations live as long as it does


def _loads(folders: object) -> bool:
    """Whether torchvision's library of operators can be loaded into this torch."""
    assert hasattr(folders, "__iter__")
    for folder in folders:
        for library in sorted(Path(folder).glob("_C*")):
            try:
                torch.ops.load_library(str(library))
            except OSError:
                return False
            return True
    return False
