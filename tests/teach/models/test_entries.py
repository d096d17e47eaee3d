"""Published models by name: listed without their libraries, loaded with one sentence if not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pdengine.config import EngineConfig, RenderConfig
from pdengine.errors import ConfigError, TeacherError
from pdengine.pipeline import Engine
from pdengine.teach import TEACHERS, card_of, make_teacher
from pdengine.teach.models import entries, weights

LOCAL = ("embedded", "embedded-boxes", "embedded-masks")
PUBLISHED = [card.name for card, *_ in entries.ROWS]


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_card_says_where_from_and_under_which_terms(name: str) -> None:
    card = TEACHERS[name].card
    assert card.name == name
    assert card.extra == "teach"
    assert card.licence
    assert "/" in card.weights
    assert "(not pinned)" in card.weights  # until somebody has looked up a commit
    assert card.kind == ("masks" if "+" in name or name == "sam3" else card.kind)


def test_the_custom_licence_is_not_called_open() -> None:
    sam3 = TEACHERS["sam3"].card
    assert sam3.trains_others == "unclear"
    assert "see the model's page" in sam3.limits


@pytest.mark.parametrize("name", PUBLISHED)
def test_without_weights_every_one_says_what_to_type(name: str, no_weights: None) -> None:
    reason = TEACHERS[name].why_not()
    assert reason is not None
    assert "pdengine teachers pull" in reason or "pip install" in reason
    with pytest.raises(TeacherError, match=f"^{name.replace('+', '[+]').split('[')[0]}"):
        make_teacher(name)


def test_listing_and_helping_import_no_library() -> None:
    code = (
        "import sys, pdengine.teach as t; list(t.TEACHERS); m = sys.modules; "
        "print('transformers' in m, 'huggingface_hub' in m)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_without_the_extra_every_one_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    for name in PUBLISHED:
        assert TEACHERS[name].why_not() == 'it needs transformers: pip install "pdengine[teach]"'


def test_a_package_beside_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, no_weights: None
) -> None:
    gone = {"torchvision"}
    monkeypatch.setattr(weights, "find_spec", lambda name: None if name in gone else object())
    said = 'it needs torchvision: pip install --no-deps "torchvision==0.'
    for name in ("sam3", "owlv2-base+sam2"):
        assert str(TEACHERS[name].why_not()).startswith(said)
    pull = "type pdengine teachers pull owlv2-base+sam"
    assert TEACHERS["owlv2-base+sam"].why_not() == pull


def test_options_are_checked_before_anything_is_loaded() -> None:
    with pytest.raises(ConfigError, match=r"teacher owlv2-base: got an unexpected .* 'treshold'"):
        make_teacher("owlv2-base", treshold=0.1)
    with pytest.raises(ConfigError, match=r"teacher owlv2-base\+sam: .* 'treshold'"):
        make_teacher("owlv2-base+sam", treshold=0.1)
    with pytest.raises(ConfigError, match=r"threshold must be in \[0, 1\], got 3"):
        make_teacher("owlv2-base", threshold=3)


def test_a_name_and_a_path_make_a_teacher(owlv2: Path, sam: Path, clipseg: Path) -> None:
    boxes = make_teacher("owlv2-base", path=owlv2)
    masks = make_teacher("owlv2-base+sam", path=owlv2, cutter_path=sam, threshold=0.3)
    pixels = make_teacher("clipseg", path=clipseg, offline=True)
    for name, teacher in (("owlv2-base", boxes), ("owlv2-base+sam", masks), ("clipseg", pixels)):
        assert teacher.name == name
        assert card_of(teacher) == TEACHERS[name].card


def test_pull_fetches_both_of_a_pair(monkeypatch: pytest.MonkeyPatch, clipseg: Path) -> None:
    import huggingface_hub

    asked: list[str] = []

    def download(repository: str, **_: object) -> str:
        asked.append(repository)
        return str(clipseg)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    pull = TEACHERS["owlv2-base+sam"].pull
    assert pull is not None
    assert pull() == (f"its weights are in {clipseg}; its weights are in {clipseg}")
    assert asked == ["google/owlv2-base-patch16-ensemble", "facebook/sam-vit-base"]


def test_the_engine_asks_one_from_a_folder(owlv2: Path) -> None:
    config = EngineConfig(teacher="owlv2-base", teacher_path=str(owlv2), mode="vote", up="y")
    config = replace(config, render=RenderConfig(views=2, size=(48, 64)))
    points = torch.rand(300, 3, generator=torch.Generator().manual_seed(0))
    engine = Engine(config)
    result = engine.set_shape(points).segment("chair: back, seat")
    assert result.meta["teacher"] == "owlv2-base"
    assert result.meta["teacher_licence"] == "Apache-2.0"
    assert engine.trace is not None
    assert len(engine.trace.units)
