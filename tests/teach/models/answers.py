"""What every tiny model answers, as digests.  Run as a script, torchvision is not there.

python answers.py '{"clipseg": "/folder/of/weights", ...}' THREADS
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

import torch


def answers(folders: dict[str, str], views: Any) -> dict[str, str]:
    """The SHA-256 of each teacher's answer; "+sam" finds its boxes with the teacher before it."""
    from pdengine.teach import make_teacher
    from pdengine.types import PartList

    found = {}
    for name, folder in folders.items():
        options: dict[str, Any] = {"side": 64} if "dense" in name else {}
        options |= {"threshold": 0.0} if name.startswith(("owl", "grounding")) else {}
        options |= {"cutter_path": folder} if "+" in name else {}
        teacher: Any = make_teacher(name, path=folders[name.split("+")[0]], **options)
        if name.startswith("florence"):
            teacher._detector._longest = 12  # words, of 256
        digest = hashlib.sha256()
        for tensor in vars(teacher(views, PartList(("seat", "back"), "chair"))).values():
            digest.update(tensor.contiguous().numpy().data)
        found[name] = digest.hexdigest()
    return found


if __name__ == "__main__":
    sys.modules["torchvision"] = None  # type: ignore[assignment]
    torch.set_num_threads(int(sys.argv[2]))
    from tiny_models.pictures import noise  # beside this file

    print(json.dumps(answers(json.loads(sys.argv[1]), noise(1, 40, 60))))  # noqa: T201
    assert sys.modules["torchvision"] is None
