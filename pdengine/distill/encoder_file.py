"""The encoder's weights as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from pdengine.distill.encoder import Encoder
from pdengine.distill.features import COLUMNS
from pdengine.errors import StudentError
from pdengine.io.tensors import read_tensors

SHIPPED = Path(__file__).parent / "encoder.safetensors"


def save_encoder(path: Path, encoder: Encoder, about: dict[str, Any]) -> None:
    """Write float16 weights and what they were trained on."""
    state = {name: value.half().contiguous() for name, value in encoder.state_dict().items()}
    save_file(state, path, {"about": json.dumps(about)})


def load_encoder(path: Path = SHIPPED) -> Encoder:
    """The encoder, ready to run.

    Raises:
        StudentError: the file is missing, damaged, or of another network.
    """
    ours = f"encoder: its weights {path} are"
    missing, damaged = f"{ours} missing; install pdengine again", f"{ours} damaged"
    half, _ = read_tensors(path, StudentError, missing, damaged)
    state = {name: value.float() for name, value in half.items()}
    encoder = Encoder(COLUMNS, dice=None)
    known = {name: value.shape for name, value in encoder.state_dict().items()}
    if known != {name: value.shape for name, value in state.items()}:
        raise StudentError(f"{ours} of another network")
    encoder.load_state_dict(state, assign=True)
    return encoder
