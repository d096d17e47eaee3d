"""What holds for every published model: faults, memory, precision, and no pickles."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch
from torch import Tensor

from pdengine.errors import ConfigError, PartError, TeacherError
from pdengine.teach import TEACHERS, Guarded, listed
from pdengine.teach.card import TeacherCard
from pdengine.teach.models import catalogue, loaders
from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.refine import MaskTeacher
from pdengine.teach.models.sam import Sam
from pdengine.teach.models.segment_anything import SegmentAnything
from pdengine.teach.models.suppress import iou
from pdengine.teach.protocol import check_detections
from pdengine.types import Boxes, PartList, Views

CPU = torch.device("cpu")
PARTS = PartList(("seat", "car seat", "back"), "chair")
TWO = PartList(("seat", "back"))  # Florence-2 and SAM 3 look once a phrase
CARD = TeacherCard("found+cut", "masks", "", "Apache-2.0")
CUTTERS = ("sam", "sam2", "segment-anything")
DETECTORS = ("grounding_dino", "owlvit", "owlv2", "sam3")  # that say how sure they are
ADAPTERS = (*DETECTORS, "florence", "clipseg", "clip", "siglip", *CUTTERS)
Look = Callable[[int, int, int], Views]
Make = Callable[..., Any]


class Found:
    """Two boxes in every view, for those who cut out."""

    name = "found"

    def __call__(self, views: Views, parts: PartList) -> Boxes:
        view = torch.arange(len(views)).repeat_interleave(2)
        box = torch.tensor([[4.0, 5, 30, 35], [20.0, 2, 50, 21]]).repeat(len(views), 1)
        label = torch.tensor([0, len(parts) - 1]).repeat(len(views))
        return Boxes(box, view, label, torch.full((len(view),), 0.5))


def load(kind: str, folder: Path, **options: Any) -> Any:
    """A teacher of some kind, from a tiny copy; detectors keep all that they see."""
    if kind in DETECTORS:
        options = {"threshold": 0.0} | options
    if kind == "grounding_dino":
        return loaders.grounding_dino(catalogue.GROUNDING_DINO_TINY, path=folder, **options)
    if kind in ("owlvit", "owlv2"):
        published = {"owlvit": catalogue.OWLVIT_BASE, "owlv2": catalogue.OWLV2_BASE}[kind]
        return loaders.owl(published, kind, path=folder, **options)
    if kind == "sam3":
        return loaders.sam3(catalogue.SAM3, path=folder, **options)
    if kind == "florence":
        teacher: Any = loaders.florence(catalogue.FLORENCE, path=folder, **options)
        teacher._detector._longest = 12
        return teacher
    if kind == "clipseg":
        return loaders.clipseg(catalogue.CLIPSEG, path=folder, **options)
    if kind in ("clip", "siglip"):
        published = {"clip": catalogue.CLIP, "siglip": catalogue.SIGLIP}[kind]
        return loaders.patches(published, kind, path=folder, **{"side": 64, **options})
    if kind == "segment-anything":
        return MaskTeacher(CARD, Found(), SegmentAnything("found+cut", folder, **options))
    return MaskTeacher(CARD, Found(), Sam("found+cut", folder, kind, **options))


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Make:
    """Loads a kind of teacher: make(kind, **options)."""

    def made(kind: str, **options: Any) -> Any:
        folder = request.getfixturevalue(kind.replace("-", "_"))
        return load(kind, folder, **options)

    return made


@pytest.fixture(scope="module")
def loaded() -> dict[str, Any]:
    """Teachers by kind, for tests that leave them as they are."""
    return {}


@pytest.fixture
def known(make: Make, loaded: dict[str, Any]) -> Make:
    """As make, without options, and each kind is loaded once."""

    def found(kind: str) -> Any:
        if kind not in loaded:
            loaded[kind] = make(kind)
        return loaded[kind]

    return found


def model_of(teacher: Any) -> torch.nn.Module:
    """The network inside."""
    if isinstance(teacher, MaskTeacher):
        teacher = teacher._cutter
    while not isinstance(teacher, torch.nn.Module):
        teacher = getattr(teacher, "_detector", None) or teacher._model
    return teacher


def eye_of(teacher: Any) -> torch.nn.Module:
    """The convolution that pictures go into: every one of the models begins with one."""
    network = model_of(teacher)
    (eye, *_) = (
        m for m in network.modules() if isinstance(m, torch.nn.Conv2d) and m.in_channels == 3
    )
    return eye


def with_red(views: Views, bad: int) -> Views:
    """The views without any red, but for one that is nothing else."""
    views.images[..., 0] = views.images[..., :2].amin(-1)
    views.images[bad] = torch.tensor([0.9, 0.1, 0.1])
    return views


def is_red(pixels: Tensor) -> Tensor:
    """Which of some pictures are the red one. [V] bool."""
    return (pixels[:, 0] - pixels[:, 1]).amax((1, 2)) > 1


def raises(seen: Tensor, red: Tensor) -> Tensor:
    raise ValueError("boom")


def is_not_a_number(seen: Tensor, red: Tensor) -> Tensor:
    return torch.where(red[:, None, None, None], torch.nan, seen)


def is_misshapen(seen: Tensor, red: Tensor) -> Tensor:
    return seen[:, :-1]


# 11 models x 3 faults x 3 views; what takes for ever is in test_guarded.py, for all alike.
@pytest.mark.parametrize("fault", [raises, is_not_a_number, is_misshapen])
@pytest.mark.parametrize("kind", ADAPTERS)
def test_a_fault_of_a_model_costs_the_view_it_happened_in(
    known: Make, look: Look, kind: str, fault: Callable[[Tensor, Tensor], Tensor]
) -> None:
    teacher = known(kind)

    def spoil(module: Any, given: tuple[Tensor], seen: Tensor) -> Tensor:
        red = is_red(given[0])
        return fault(seen, red) if bool(red.any()) else seen

    for bad in (0, 2, 3):
        views = with_red(look(4, 40, 60), bad)
        good = [view for view in range(4) if view != bad]
        alone = teacher(views.only(good), TWO)
        with eye_of(teacher).register_forward_hook(spoil):
            asked = Guarded(teacher).detections(views, TWO)
        assert asked.views == tuple(good), listed(asked.skipped)
        assert [one.view for one in asked.skipped] == [bad]
        for field, value in vars(alone).items():
            assert torch.equal(getattr(asked.answer, field), value)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_nan_is_named_and_is_not_nothing(known: Make, look: Look, kind: str) -> None:
    """No score of NaN is enough and no pixel of NaN is inside: it would be an empty answer."""
    teacher = known(kind)
    views = look(1, 40, 60)
    rule = f"{re.escape(teacher.name)}: .* must be .*(NaN|nan)"
    nothing = eye_of(teacher).register_forward_hook(lambda module, given, seen: seen * torch.nan)
    with nothing, pytest.raises(TeacherError, match=rule):
        check_detections(teacher(views, PARTS), views, PARTS, teacher.name)


@pytest.mark.parametrize("kind", [kind for kind in ADAPTERS if kind not in CUTTERS])
def test_fewer_views_at_once_where_memory_does_not_suffice(
    make: Make, look: Look, kind: str
) -> None:
    views = look(5, 40, 60)
    one_by_one = make(kind, batch=1)(views, TWO)
    teacher = make(kind, batch=4)
    sizes: list[int] = []

    def full(module: Any, given: tuple[Tensor]) -> None:
        sizes.append(len(given[0]))
        if len(given[0]) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")

    with eye_of(teacher).register_forward_pre_hook(full):
        answer = teacher(views, TWO)
    assert list(dict.fromkeys(sizes)) == [4, 2, 1]
    for field, value in vars(one_by_one).items():
        assert torch.equal(getattr(answer, field), value)


@pytest.mark.parametrize("kind", CUTTERS)
def test_fewer_boxes_at_once_where_memory_does_not_suffice(
    known: Make, look: Look, kind: str
) -> None:
    teacher = known(kind)
    (picture,) = pictures(look(1, 40, 60))
    box = torch.tensor([[4.0, 5, 30, 35], [20.0, 2, 50, 21]]).repeat(4, 1)
    one_by_one = torch.cat([teacher._cutter(picture, one, CPU) for one in box.split(2)])
    sizes: list[int] = []

    def full(module: Any, given: tuple[Any, ...], words: dict[str, Any]) -> None:
        (sparse,) = (words[key] for key in words if key.startswith("sparse_prompt"))
        sizes.append(sparse.numel() // sparse.shape[-1] // sparse.shape[-2])
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    decoder: Any = model_of(teacher).mask_decoder
    with decoder.register_forward_pre_hook(full, with_kwargs=True):
        masks = teacher._cutter(picture, box, CPU)
    assert sizes == [8, 4, 2, 2, 2, 2]
    assert torch.equal(masks, one_by_one)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_nothing_is_unpickled(
    make: Make, look: Look, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a pickle was read")

    make(kind)  # what is written for the test is written
    for place, name in ((torch, "load"), (pickle, "load"), (pickle, "loads")):
        monkeypatch.setattr(place, name, refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)
    make(kind)(look(1, 40, 60), PARTS)


@pytest.mark.parametrize("kind", DETECTORS)
def test_what_scores_less_than_the_threshold_is_left_out(
    make: Make, known: Make, look: Look, kind: str
) -> None:
    views = look(2, 40, 60)
    every = known(kind)(views, PARTS)
    scores = every.score.unique()
    between = float(scores[len(scores) // 2 - 1 : len(scores) // 2 + 1].mean())
    enough = every.score >= between
    assert 0 < int(enough.sum()) < len(enough)
    answer = make(kind, threshold=between)(views, PARTS)
    for field, value in vars(every).items():
        assert torch.equal(getattr(answer, field), value[enough])


def twice(teacher: Any) -> Any:
    """Tiny Grounding DINO's boxes lie apart: it is asked two times."""
    captions = getattr(getattr(teacher, "_detector", None), "captions", None)
    if captions is not None:
        teacher._detector.captions = lambda asked: captions(asked) * 2
    return teacher


@pytest.mark.parametrize("kind", [*DETECTORS, "florence"])
def test_nothing_is_said_twice_of_a_part_in_a_view(make: Make, look: Look, kind: str) -> None:
    views = look(2, 40, 60)
    every, once = (twice(make(kind, overlap=most))(views, PARTS) for most in (1.0, 0.2))
    assert 0 < len(once.label) < len(every.label)
    if isinstance(once, Boxes):
        same = once.view[:, None] * 3 + once.label[:, None] == once.view * 3 + once.label
        overlap = iou(once.box, once.box).masked_fill(torch.eye(len(same), dtype=torch.bool), 0.0)
        assert float(overlap[same].max()) <= 0.2


@pytest.mark.parametrize("kind", ADAPTERS)
def test_half_precision_ends_in_the_model(
    known: Make, look: Look, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are float32 and finite.  bfloat16 on the CPU stands in for float16 on a GPU."""
    whole = torch.autocast
    asked: list[str] = []

    def half(device: str, dtype: Any = None, enabled: bool = True, **more: Any) -> Any:
        if dtype is not torch.float16:
            return whole(device, dtype=dtype, enabled=enabled, **more)
        asked.append(device)
        return whole("cpu", torch.bfloat16)

    teacher = known(kind)
    exact = teacher(look(2, 40, 60), PARTS)
    eye, seen = eye_of(teacher), []
    monkeypatch.setattr(torch, "autocast", half)
    with eye.register_forward_hook(lambda module, given, out: seen.append(out.dtype)):
        answer = teacher(look(2, 40, 60), PARTS)
    assert asked
    assert set(seen) == {torch.bfloat16}
    check_detections(answer, look(2, 40, 60), PARTS)
    for field, value in vars(exact).items():
        mine = getattr(answer, field)
        assert mine.dtype == value.dtype
        assert bool(mine.isfinite().all())
    assert type(answer) is type(exact)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_a_precision_reaches_the_model_and_the_cache(
    make: Make, known: Make, look: Look, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = make(kind, precision="bfloat16")
    assert teacher.identity != known(kind).identity
    whole, asked = torch.autocast, []

    def heard(device: str, dtype: Any = None, enabled: bool = True, **more: Any) -> Any:
        asked.append(dtype)
        return whole(device, dtype=dtype, enabled=enabled, **more)

    monkeypatch.setattr(torch, "autocast", heard)
    teacher(look(1, 40, 60), PARTS)
    assert torch.bfloat16 in asked
    assert torch.float16 not in asked
    with pytest.raises(ConfigError, match=r"precision must be one of .*float32, got 'fp16'"):
        make(kind, precision="fp16")


WORDS = {"seat": ["where one sits"], "car seat": ["a"], "back": ["b"]}
OTHERWISE: dict[str, Any] = {
    "threshold": 0.35,
    "overlap": 0.4,
    "combine": "mean",
    "none": 0.5,
    "side": 96,
    "look": "depth",
    "score": 0.7,
    "precision": "float32",
}
NAMES = {  # in the list of teachers
    "grounding_dino": "grounding-dino-tiny",
    "owlvit": "owlvit-base",
    "owlv2": "owlv2-base",
    "sam3": "sam3",
    "florence": "florence-2-base",
    "clipseg": "clipseg",
    "clip": "clip-dense",
    "siglip": "siglip-dense",
}
# Neither changes what is said: batches by rounding alone, and the commit's files are looked at.
WITHOUT_A_SAY = {"batch", "revision"}


@pytest.mark.parametrize("kind", NAMES)
def test_every_option_is_another_question_to_the_cache(
    make: Make, known: Make, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / "phrases.json"
    options = {option.name for option in TEACHERS[NAMES[kind]].takes} - WITHOUT_A_SAY
    assert options <= {*OTHERWISE, "phrases"}
    seen = [
        known(kind).identity,
        *(make(kind, **{o: OTHERWISE[o]}).identity for o in sorted(options - {"phrases"})),
    ]
    for word in ("a seat", "a chair's seat"):  # in the same file
        file.write_text(json.dumps(WORDS | {"seat": [word]}))
        seen.append(make(kind, phrases=file).identity)
    assert len(set(seen)) == len(seen) == len(options) + 2


@pytest.mark.parametrize("kind", ["grounding_dino", "owlvit", "owlv2", "sam3", "clipseg", "clip"])
def test_two_parts_that_read_alike_are_refused(known: Make, kind: str) -> None:
    """Before anything is drawn: whose a box were, nobody could say."""
    teacher = known(kind)
    rule = rf"{re.escape(teacher.name)}: two parts must not read alike, got '.*' and '.*'; the"
    with pytest.raises(PartError, match=rule):
        teacher.check_parts(PartList(("car  seat", "back", "car seat")))
    teacher.check_parts(PartList(("car seat", "seat", "back"), "chair"))
