"""Models from folders: complete, of the right kind, and not to be trained."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from pdengine.errors import TeacherError
from pdengine.teach.models.catalogue import CLIPSEG, SIGLIP
from pdengine.teach.models.loaders import clipseg as load
from pdengine.teach.models.loaders import patches
from pdengine.teach.models.loading import asked
from pdengine.teach.models.quiet import quiet


@pytest.fixture
def copy(clipseg: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(clipseg, folder)
    return folder


def test_a_model_is_there_to_be_asked(clipseg: Path) -> None:
    model: Any = load(CLIPSEG, path=clipseg)._model
    assert not model._model.training
    assert not any(weight.requires_grad for weight in model._model.parameters())
    assert {weight.dtype for weight in model._model.parameters()} == {torch.float32}


def test_the_files_of_older_downloads_are_read_too(copy: Path, clipseg: Path) -> None:
    """Published folders keep the image processor's settings in a file of its own."""
    whole = json.loads((copy / "processor_config.json").read_text())
    (copy / "processor_config.json").unlink()
    older = whole["image_processor"] | {"image_processor_type": "ViTFeatureExtractor"}
    (copy / "preprocessor_config.json").write_text(json.dumps(older))
    one: Any = load(CLIPSEG, path=copy)._model
    other: Any = load(CLIPSEG, path=clipseg)._model
    assert dict(one._image.size) == dict(other._image.size) == {"height": 64, "width": 64}
    assert one._image.image_mean == other._image.image_mean


def test_weights_that_do_not_fill_the_model_are_refused(copy: Path) -> None:
    file = copy / "model.safetensors"
    weights = load_file(file)
    del weights["clip.text_projection.weight"], weights["decoder.film_mul.bias"]
    save_file(weights, file, {"format": "pt"})
    with pytest.raises(TeacherError, match=r"must fill the whole model, 2 tensors .*proj"):
        load(CLIPSEG, path=copy)


def test_weights_of_another_size_are_refused(copy: Path) -> None:
    file = copy / "model.safetensors"
    weights = load_file(file)
    weights["decoder.film_mul.bias"] = torch.zeros(7)
    save_file(weights, file, {"format": "pt"})
    with pytest.raises(TeacherError, match=r"must fill the whole model, 1 .*'decoder.film_mul.b"):
        load(CLIPSEG, path=copy)


def test_a_damaged_file_is_one_sentence(copy: Path) -> None:
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TeacherError, match=r"clipseg: its weights in .* cannot be read: "):
        load(CLIPSEG, path=copy)


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_damaged_configuration_is_one_sentence(copy: Path, text: str) -> None:
    (copy / "config.json").write_text(text)
    with pytest.raises(TeacherError, match=r"must say its model_type, got .*config\.json"):
        load(CLIPSEG, path=copy)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("tokenizer.json", "{}", "CLIPTokenizer cannot be read from .*: KeyError: "),
        ("tokenizer.json", "version https://git-lfs.github.com/spec/v1", "Expecting value"),
        ("processor_config.json", '{"image_processor": {"size": "large"}}', "size dict: large"),
        (
            "config.json",
            '{"model_type": "clipseg", "text_config": {"hidden_size": "many"}}',
            "weights in .* cannot be read: .*'hidden_size' expected int, got str",
        ),
    ],
)
def test_a_damaged_setting_is_one_sentence(copy: Path, file: str, text: str, message: str) -> None:
    (copy / file).write_text(text)
    with pytest.raises(TeacherError, match=message) as caught:
        load(CLIPSEG, path=copy)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_tokeniser_says_so(copy: Path) -> None:
    for path in copy.glob("tokenizer*"):
        path.unlink()
    with pytest.raises(TeacherError, match="of weights must hold a vocabulary, one of"):
        load(CLIPSEG, path=copy)


def test_a_folder_without_a_processor_says_so(copy: Path) -> None:
    (copy / "processor_config.json").unlink()
    with pytest.raises(TeacherError, match="clipseg: ViTImageProcessorPil cannot be read from"):
        load(CLIPSEG, path=copy)


def test_half_precision_is_for_a_gpu_alone() -> None:
    layer = torch.nn.Linear(2, 2)
    with asked(layer, torch.device("cpu")):
        assert layer(torch.ones(1, 2)).dtype == torch.float32
        assert torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    ("precision", "dtype", "less"),
    [
        ("float16", torch.float16, True),
        ("bfloat16", torch.bfloat16, True),
        ("float32", torch.float32, False),
    ],
)
def test_a_precision_is_what_autocast_is_told_on_a_gpu(
    precision: str, dtype: torch.dtype, less: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def heard(device: str, dtype: torch.dtype, enabled: bool) -> Any:
        told.append((device, dtype, enabled))
        return contextlib.nullcontext()

    monkeypatch.setattr(torch, "autocast", heard)
    model = SimpleNamespace(to=lambda device: None)
    with asked(model, torch.device("cuda"), precision):
        pass
    with asked(model, torch.device("cpu"), precision):
        pass
    assert told == [("cuda", dtype, less), ("cpu", dtype, False)]


def test_the_librarys_own_settings_are_as_before(clipseg: Path) -> None:
    """Both belong to the whole process, and to whoever uses the library beside us."""
    from huggingface_hub import utils
    from transformers import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    shown = utils.are_progress_bars_disabled()
    try:
        for bars in (logging.enable_progress_bar, logging.disable_progress_bar):
            bars()
            logging.set_verbosity_info()
            set_here = logging.is_progress_bar_enabled(), utils.are_progress_bars_disabled()
            with quiet, quiet:
                assert logging.get_verbosity() == logging.ERROR
                assert not logging.is_progress_bar_enabled()
            load(CLIPSEG, path=clipseg)
            with pytest.raises(TeacherError):
                load(CLIPSEG, path=clipseg / "nowhere")
            assert logging.get_verbosity() == logging.INFO
            now = logging.is_progress_bar_enabled(), utils.are_progress_bars_disabled()
            assert now == set_here
    finally:
        logging.set_verbosity(before[0])
        (logging.enable_progress_bar if before[1] else logging.disable_progress_bar)()
        (utils.disable_progress_bars if shown else utils.enable_progress_bars)()


def test_nothing_is_printed_while_a_model_loads(
    clipseg: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    load(CLIPSEG, path=clipseg)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_half_precision_is_for_a_gpu() -> None:
    layer = torch.nn.Linear(2, 2)
    with asked(layer, torch.device("cuda")):
        assert layer(torch.ones(1, 2, device="cuda")).dtype == torch.float16


def test_code_in_a_folder_is_never_run(siglip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    shutil.copytree(siglip, folder)
    ran = tmp_path / "ran"
    (folder / "theirs.py").write_text(f"open({str(ran)!r}, 'w')\nclass Tokens: ...\n")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["auto_map"] = {"AutoTokenizer": ["theirs.Tokens", None]}
    settings["tokenizer_class"] = "Tokens"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    with contextlib.suppress(TeacherError):
        patches(SIGLIP, "siglip", path=folder)
    assert not ran.exists()
