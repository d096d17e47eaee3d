"""The network's weights as a file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save_file

from pdengine.errors import TeacherError
from pdengine.io.tensors import read_tensors
from pdengine.teach.embedded.layout import parse_layout
from pdengine.teach.embedded.net import PartNet

SHIPPED = Path(__file__).parent / "weights.safetensors"


class Weights(NamedTuple):
    """A network that is ready to answer, and its calibration.

    Attributes:
        net: the network.
        logit_factor: times the logits of the parts.
        category_factor: times the mean over the views of the categories' logits: how many
            independent views a shape's views are worth.
    """

    net: PartNet
    logit_factor: float = 1.0
    category_factor: float = 1.0


def save_weights(
    path: Path, net: PartNet, logit_factor: float, category_factor: float = 1.0
) -> None:
    """Write float16 weights, the concepts they were trained for and the calibration."""
    state = {
        name: value.half().contiguous() if value.is_floating_point() else value
        for name, value in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    about = {
        "concepts": str(net.layout),
        "logit_factor": f"{logit_factor:.3f}",
        "category_factor": f"{category_factor:.3f}",
    }
    save_file(state, path, about)


def load_weights(path: Path) -> Weights:
    """The network and its calibration; category_factor is 1 where the file does not say it.

    Args:
        path: the file, or a folder with one of the name of the shipped one.

    Raises:
        TeacherError: the file is missing, damaged, or of another network.
    """
    if path.is_dir():
        path = path / SHIPPED.name
    ours = f"embedded: its weights {path} are"
    missing = f"{ours} missing{'; install pdengine again' if path == SHIPPED else ''}"
    half, about = read_tensors(path, TeacherError, missing, f"{ours} damaged")
    state = {name: value.float() for name, value in half.items()}
    try:
        layout = parse_layout(about["concepts"])
        channels = state["down.0.conv.weight"].shape[1]
        widths = tuple(state[f"down.{k}.conv.weight"].shape[0] for k in range(4))
        factors = float(about["logit_factor"]), float(about.get("category_factor", 1.0))
    except (KeyError, ValueError) as error:
        raise TeacherError(f"{ours} of another network, {error}") from None
    with torch.device("meta"):
        net = PartNet(layout, channels, widths)
    known = {n: v for n, v in net.state_dict().items() if not n.endswith("num_batches_tracked")}
    if {n: v.shape for n, v in known.items()} != {n: v.shape for n, v in state.items()}:
        raise TeacherError(f"{ours} of another network")
    for name in net.state_dict():
        if name not in state:
            state[name] = torch.zeros((), dtype=torch.int64)
    net.load_state_dict(state, assign=True)
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Weights(net.eval().requires_grad_(False), *factors)
