"""The encoder's weights as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from pdengine.distill.encoder import Encoder
from pdengine.distill.features import COLUMNS
from pdengine.errors import StudentError

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
    try:
        with safe_open(path, framework="pt") as file:
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise StudentError(
            f"encoder: its weights {path} are missing; install pdengine again"
        ) from None
    except (SafetensorError, OSError) as error:
        raise StudentError(f"encoder: its weights {path} are damaged, {error}") from None
    with torch.device("meta"):
        encoder = Encoder(COLUMNS)
    known = {name: value.shape for name, value in encoder.state_dict().items()}
    if known != {name: value.shape for name, value in state.items()}:
        raise StudentError(f"encoder: its weights {path} are of another network")
    encoder.load_state_dict(state, assign=True)
    return encoder
