"""transformers takes other image processors where torchvision is: the answers must not change."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

SCRIPT = Path(__file__).with_name("answers.py")
FOLDERS = {  # the fixture of each one's weights
    "grounding-dino-tiny": "grounding_dino",
    "owlvit-base": "owlvit",
    "owlv2-base": "owlv2",
    "florence-2-base": "florence",
    "clipseg": "clipseg",
    "clip-dense": "clip",
    "siglip-dense": "siglip",
    "owlvit-base+sam": "sam",
}
OWN = """
import sys, torch
from pdengine.config import EngineConfig, RenderConfig
from pdengine.pipeline import Engine
from pdengine.teach import TEACHERS
assert all(entry.card.about and entry.takes is not None for entry in TEACHERS.values())
shape = torch.rand(400, 3, generator=torch.Generator().manual_seed(0))
engine = Engine(EngineConfig(mode="vote", render=RenderConfig(views=3, size=(64, 64))))
engine.set_shape(shape).segment("chair: back, seat")
names = ("transformers", "huggingface_hub", "torchvision")
print([name for name in names if name in sys.modules])
"""


@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs torchvision")
def test_the_same_answers_with_and_without_it(request: pytest.FixtureRequest, look: Any) -> None:
    folders = {name: str(request.getfixturevalue(tiny)) for name, tiny in FOLDERS.items()}
    spec = importlib.util.spec_from_file_location("answers", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    here = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(here)
    ours = here.answers(folders, look(1, 40, 60))
    assert "torchvision" in sys.modules
    asking = [sys.executable, SCRIPT, json.dumps(folders), str(torch.get_num_threads())]
    done = subprocess.run(asking, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ours
    assert len(set(ours.values())) == len(ours)


def test_the_engine_its_own_teacher_and_the_cards_of_all_import_no_library() -> None:
    done = subprocess.run([sys.executable, "-c", OWN], capture_output=True, text=True)
    assert done.stdout.split("\n")[-2] == "[]", done.stdout + done.stderr
