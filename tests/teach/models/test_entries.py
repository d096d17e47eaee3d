"""Published models by name: listed without their libraries, loaded with one sentence if not."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pdengine.config import EngineConfig, RenderConfig
from pdengine.errors import ConfigError, TeacherError
from pdengine.pipeline import Engine
from pdengine.teach import TEACHERS, card_of, make_teacher
from pdengine.teach.models import catalogue, entries, owl, weights
from pdengine.teach.models.loading import load_model
from pdengine.teach.models.weights import Repository

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
    for each in card.weights.split("; "):
        assert re.fullmatch(r"[\w-]+/[\w.-]+@[0-9a-f]{40}", each)
    assert card.kind == ("masks" if "+" in name or name == "sam3" else card.kind)


def test_the_custom_licence_is_not_called_open() -> None:
    sam3 = TEACHERS["sam3"].card
    assert sam3.trains_others == "unclear"
    assert "military" in sam3.limits


@pytest.mark.parametrize("name", PUBLISHED)
def test_without_weights_every_one_says_what_to_type(name: str, no_weights: None) -> None:
    reason = TEACHERS[name].why_not()
    assert reason is not None
    assert "pdengine teachers pull" in reason or "pip install" in reason
    with pytest.raises(TeacherError, match=f"^{name.replace('+', '[+]').split('[')[0]}"):
        make_teacher(name)


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
    with pytest.raises(ConfigError, match="owlv2-base has no option 'treshold': it takes phr"):
        make_teacher("owlv2-base", treshold=0.1)
    with pytest.raises(ConfigError, match=r"owlv2-base\+sam has no option 'treshold': .*cutter_p"):
        make_teacher("owlv2-base+sam", treshold=0.1)
    with pytest.raises(ConfigError, match="owlv2-base: threshold must be a number, got 'high'"):
        make_teacher("owlv2-base", threshold="high")
    with pytest.raises(ConfigError, match=r"threshold must be in \[0, 1\], got 3"):
        make_teacher("owlv2-base", threshold=3)


def test_every_option_is_declared_by_a_loader_and_explained() -> None:
    for name in PUBLISHED:
        options = {option.name: option for option in TEACHERS[name].takes}
        assert {"phrases", "batch", "revision"} <= set(options)
        assert ("cutter_path" in options) == ("+" in name)
        assert all(option.about for option in options.values())
    takes = {option.name: option.default for option in TEACHERS["clipseg"].takes}
    said = {"phrases": None, "combine": "max", "none": 0.0, "batch": 4, "precision": "float16"}
    assert takes == said | {"revision": None}


def test_a_name_and_a_path_make_a_teacher(owlv2: Path, sam: Path, clipseg: Path) -> None:
    boxes = make_teacher("owlv2-base", path=owlv2)
    masks = make_teacher("owlv2-base+sam", path=owlv2, cutter_path=sam, threshold=0.3)
    pixels = make_teacher("clipseg", path=clipseg, offline=True)
    for name, teacher in (("owlv2-base", boxes), ("owlv2-base+sam", masks), ("clipseg", pixels)):
        assert teacher.name == name
        card = card_of(teacher)
        assert card is not None
        assert set(card.weights.split("; ")) == {"given by path"}
        assert replace(card, weights="") == replace(TEACHERS[name].card, weights="")


def in_cache(cache: Path, name: str, model: Path, commit: str, ref: str | None = None) -> None:
    """The model as a download of a commit leaves it; a branch or tag leaves its name too."""
    home = cache / ("models--" + name.replace("/", "--"))
    shutil.copytree(model, home / "snapshots" / commit)
    if ref is not None:
        (home / "refs").mkdir()
        (home / "refs" / ref).write_text(commit)


def test_the_card_of_a_loaded_teacher_says_which_commit_it_is(
    no_weights: None, tmp_path: Path, owlv2: Path, sam: Path
) -> None:
    found, cut = catalogue.OWLV2_BASE.repository, catalogue.SAM
    in_cache(tmp_path, found.id, owlv2, found.revision)
    in_cache(tmp_path, cut.id, sam, cut.revision)
    assert card_of(make_teacher("owlv2-base")) == TEACHERS["owlv2-base"].card
    assert card_of(make_teacher("owlv2-base+sam")) == TEACHERS["owlv2-base+sam"].card
    assert TEACHERS["owlv2-base+sam"].why_not() is None
    here = tmp_path / "models--google--owlv2-base-patch16-ensemble/snapshots" / found.revision
    card = card_of(make_teacher("owlv2-base", path=here))
    assert card is not None
    assert card.weights == f"given by path, commit {found.revision}"


def test_another_revision_is_an_option_and_is_said_as_the_commit_it_was(
    no_weights: None, tmp_path: Path, clipseg: Path
) -> None:
    with pytest.raises(TeacherError, match="type pdengine teachers pull clipseg --revision v1"):
        make_teacher("clipseg", revision="v1")
    in_cache(tmp_path, "CIDAS/clipseg-rd64-refined", clipseg, "ab" * 20, "v1")
    card = card_of(make_teacher("clipseg", revision="v1"))
    assert card is not None
    assert card.weights == "CIDAS/clipseg-rd64-refined@" + "ab" * 20
    assert card_of(make_teacher("clipseg", revision="ab" * 20)) == card
    with pytest.raises(ConfigError, match="clipseg: a path has no revision"):
        make_teacher("clipseg", path=clipseg, revision="v1")


def test_another_revision_of_what_cuts_out_is_an_option_too(
    no_weights: None, tmp_path: Path, owlvit: Path, sam: Path
) -> None:
    name = "owlvit-base+sam"
    found, cut = catalogue.OWLVIT_BASE.repository, catalogue.SAM
    in_cache(tmp_path, found.id, owlvit, found.revision)
    with pytest.raises(TeacherError, match=r"pull owlvit-base\+sam --cutter-revision v1 "):
        make_teacher(name, cutter_revision="v1")
    in_cache(tmp_path, cut.id, sam, "ab" * 20, "v1")
    card = card_of(make_teacher(name, cutter_revision="v1"))
    assert card is not None
    assert card.weights == f"{found}; {cut.id}@{'ab' * 20}"
    with pytest.raises(ConfigError, match=r"owlvit-base\+sam: a path has no revision, leave out"):
        make_teacher(name, cutter_path=sam, cutter_revision="v1")
    with pytest.raises(ConfigError, match="has no option 'cutter_revision'"):
        make_teacher("grounding-dino-tiny+segment-anything", cutter_revision="v1")


def test_pull_fetches_both_of_a_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def pull_weights(name: str, repository: Repository, **options: object) -> str:
        asked.append((name, str(repository)))
        return f"{repository.id} is here"

    monkeypatch.setattr(entries, "pull_weights", pull_weights)
    pull = TEACHERS["owlv2-base+sam"].pull
    assert pull is not None
    assert pull(revision="v2", cutter_revision="v3") == (
        "google/owlv2-base-patch16-ensemble is here; facebook/sam-vit-base is here"
    )
    assert asked == [
        ("owlv2-base+sam", "google/owlv2-base-patch16-ensemble@v2 (not pinned)"),
        ("owlv2-base+sam", "facebook/sam-vit-base@v3 (not pinned)"),
    ]


def test_the_engine_loads_one_from_a_folder_once(
    owlv2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path] = []

    def load(name: str, model_class: Any, folder: Path, *also: str) -> Any:
        loaded.append(folder)
        return load_model(name, model_class, folder, *also)

    monkeypatch.setattr(owl, "load_model", load)
    config = EngineConfig(teacher="owlv2-base", teacher_path=str(owlv2), mode="vote", up="y")
    config = replace(config, teacher_options={"batch": 1})
    config = replace(config, render=RenderConfig(views=2, size=(48, 64)))
    points = torch.rand(300, 3, generator=torch.Generator().manual_seed(0))
    engine = Engine(config)
    result = engine.set_shape(points).segment("chair: back, seat")
    assert result.meta["teacher"] == "owlv2-base"
    assert result.meta["teacher_licence"] == "Apache-2.0"
    assert result.meta["teacher_weights"] == "given by path"
    assert engine.trace is not None
    assert len(engine.trace.units)
    engine.segment("chair: leg")
    engine.set_shape(points * 2).segment("chair: back, seat")
    engine.another().set_shape(points).segment("chair: leg")
    assert loaded == [owlv2]
