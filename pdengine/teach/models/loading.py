"""A model and its processors from a folder: offline, from safetensors, and complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.models.quiet import quiet
from pdengine.teach.models.torchvision_ops import import_torchvision
from pdengine.teach.models.weights import VOCABULARIES, check_model_type, check_packages

HALF = "float16"
PRECISIONS = {HALF: torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}


def library(name: str) -> Any:
    """The transformers package.

    Raises:
        TeacherError: it is not installed, or the installed torchvision is broken.
    """
    check_packages(name, "transformers", "huggingface_hub")
    import_torchvision(name)
    import transformers

    return transformers


def load_model(name: str, model_class: Any, folder: Path, *also: str) -> Any:
    """The model in float32, ready to be asked and not to be trained.

    Args:
        name: of the teacher, for messages.
        model_class: of transformers.
        folder: with the weights.
        also: other model types whose files hold this model.

    Raises:
        TeacherError: the folder holds another model, a damaged file, or weights that do not fill
            the model.
    """
    check_model_type(name, folder, model_class.config_class.model_type, *also)
    try:
        with quiet:
            model, found = model_class.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,  # they are refused below, by name
                output_loading_info=True,
            )
    except Exception as error:  # of damaged files the library raises many kinds
        raise TeacherError(
            f"{name}: its weights in {folder} cannot be read: {_line(error)}"
        ) from error
    # The library would draw what is missing at random, and only log it.
    lacking = sorted(set(found["missing_keys"]) & {key for key, _ in model.named_parameters()})
    lacking += sorted(str(key) for key in found["mismatched_keys"])
    if lacking:
        raise TeacherError(
            f"{name}: the weights in {folder} must fill the whole model, {len(lacking)} tensors "
            f"are missing or misshapen, such as {lacking[0]}"
        )
    return model.eval().requires_grad_(False)


def load_tokeniser(name: str, tokeniser_class: Any, folder: Path) -> Any:
    """A tokeniser.

    Raises:
        TeacherError: the folder does not hold it; the library would make one that knows no word.
    """
    if not any((folder / file).is_file() for file in VOCABULARIES):
        raise TeacherError(
            f"{name}: a folder of weights must hold a vocabulary, one of "
            f"{', '.join(VOCABULARIES)}, got {folder}"
        )
    return load_processor(name, tokeniser_class, folder)


def load_processor(name: str, processor_class: Any, folder: Path) -> Any:
    """An image processor.

    Raises:
        TeacherError: the folder does not hold it.
    """
    try:
        with quiet:
            return processor_class.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
    except Exception as error:  # of damaged files the library raises many kinds
        raise TeacherError(
            f"{name}: {processor_class.__name__} cannot be read from {folder}: {_line(error)}"
        ) from error


def _line(error: Exception) -> str:
    """What went wrong, with the kind of error where the text alone says little."""
    text = " ".join(str(error).split())[:200]
    known = isinstance(error, (OSError, ValueError, RuntimeError, SafetensorError))
    return text if known and text else f"{type(error).__name__}: {text}"


def check_precision(precision: str) -> str:
    """The precision, if it is one of PRECISIONS.

    Raises:
        ConfigError: it is not.
    """
    if precision not in PRECISIONS:
        known = ", ".join(PRECISIONS)
        raise ConfigError(f"precision must be one of {known}, got {precision!r}")
    return precision


@contextmanager
def asked(model: Any, device: torch.device, precision: str = HALF) -> Iterator[None]:
    """The model is where the views are, and in half precision on a GPU alone.

    bfloat16 made CPUs without its instructions 5 to 8 times slower.

    Args:
        model: in float32.
        device: where the views are.
        precision: one of PRECISIONS; on a CPU all of them are float32.
    """
    model.to(device)
    less = device.type == "cuda" and precision != "float32"
    with torch.inference_mode(), torch.autocast(device.type, PRECISIONS[precision], enabled=less):
        yield


def check_numbers(name: str, **said: Tensor) -> None:
    """Refuse NaN before a threshold: nothing is more than it, and nothing would be found.

    Half precision is where it comes from: what is too large for 16 bits is infinite, and the
    difference of two such things is no number.

    Args:
        name: of the teacher, for the message.
        said: what a model said, by what it is.

    Raises:
        TeacherError: there is one.
    """
    for what, tensor in said.items():
        if bool(tensor.isnan().any()):
            raise TeacherError(f"{name}: the {what} of the model must be numbers, got NaN")


def tokens(name: str, tokeniser: Any, phrases: Sequence[str], limit: int) -> Any:
    """The phrases as numbers, each padded behind to the limit, as the models were trained.

    SigLIP takes the last place for what a phrase means: a tokeniser that pads before it, as Gemma's
    does unless its settings say otherwise, would give it another one.

    Raises:
        TeacherError: a phrase is longer than the model reads; it would lose its end.
    """
    for phrase in phrases:
        count = len(tokeniser(phrase)["input_ids"])
        if count > limit:
            raise TeacherError(
                f"{name}: a prompt must have at most {limit} tokens, got {count}: {phrase!r}"
            )
    return tokeniser(
        list(phrases),
        padding="max_length",
        padding_side="right",
        max_length=limit,
        return_tensors="pt",
    )
