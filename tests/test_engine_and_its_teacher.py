"""The engine with a teacher that fails, and with one whose answers are kept."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import pdengine as pde
from pdengine import pipeline
from pdengine.cameras import rig
from pdengine.cli import main
from pdengine.config import EngineConfig, RenderConfig, with_options
from pdengine.errors import ConfigError, TeacherError
from pdengine.pipeline import Engine
from pdengine.teach import guarded
from pdengine.types import Boxes, Detections, Masks, PartList, PixelScores, Segmentation, Views

PARTS = "block: left, right"
VIEWS = 6
QUICK = EngineConfig(
    mode="vote", up="y", device="cpu", render=RenderConfig(views=VIEWS, size=(32, 32))
)
RIG = rig(VIEWS)


def block() -> torch.Tensor:
    return torch.rand(400, 3, generator=torch.Generator().manual_seed(0))


class Sides:
    """Calls the left half of a view left and the right half right, by pixels, masks or boxes.

    The score depends on the view, so that a view more or less can be seen in the result; in the
    bad views of the rig it fails.
    """

    name = "sides"
    identity = "1"

    def __init__(self, bad: set[int] | None = None, fault: str = "", kind: str = "pixels") -> None:
        self.bad, self.fault, self.kind, self.calls = bad or set(), fault, kind, 0

    def __call__(self, views: Views, parts: PartList) -> Detections:
        self.calls += 1
        same = (views.cameras.rotation[:, None] == RIG.rotation).all(3).all(2)
        numbers = same.int().argmax(1).tolist()
        worst = [at for at, number in enumerate(numbers) if number in self.bad]
        H, W = views.size
        half = torch.zeros(len(views), 2, H, W)
        half[:, 0, :, : W // 2] = 1
        half[:, 1, :, W // 2 :] = 1
        score = half * (torch.tensor(numbers)[:, None, None, None] + 5) / 12
        answer: Detections = PixelScores(score * (views.index >= 0)[:, None])
        view = torch.arange(len(views)).repeat_interleave(2)
        rows = view, torch.arange(2).repeat(len(views)), score.amax((2, 3)).flatten()
        if self.kind == "masks":
            answer = Masks(half.flatten(0, 1) > 0, *rows)
        if self.kind == "boxes":
            left_and_right = [[0.0, 0, W / 2, H], [W / 2, 0, W, H]]
            answer = Boxes(torch.tensor(left_and_right).repeat(len(views), 1), *rows)
        return FAULTS[self.fault](answer, worst) if worst else answer


def _raise(answer: Any, worst: list[int]) -> Any:
    raise RuntimeError("the model fell over")


def _spoil(value: float) -> Callable[[Any, list[int]], Any]:
    def spoil(answer: Any, worst: list[int]) -> Any:
        rows = (
            worst
            if isinstance(answer, PixelScores)
            else torch.isin(answer.view, torch.tensor(worst))
        )
        answer.score[rows] = value
        return answer

    return spoil


def _cut(answer: Any, worst: list[int]) -> Any:
    return replace(answer, score=answer.score[:-1])


def _leave_the_image(answer: Any, worst: list[int]) -> Any:
    answer.box[torch.isin(answer.view, torch.tensor(worst)), 2] = 99.0
    return answer


def _hang(answer: Any, worst: list[int]) -> Any:
    call = threading.current_thread()
    assert isinstance(call, Call)
    call.hangs.set()
    END.wait(600)
    return answer


FAULTS: dict[str, Callable[[Any, list[int]], Any]] = {
    "raises": _raise,
    "hangs": _hang,
    "nan": _spoil(float("nan")),
    "too sure": _spoil(2.0),
    "cut short": _cut,
    "nothing": lambda answer, worst: None,
    "outside": _leave_the_image,
}
CASES = [
    (kind, fault)
    for kind in ("pixels", "masks", "boxes")
    for fault in FAULTS
    if kind == "boxes" or fault != "outside"
]
END = threading.Event()  # of what hangs


class Call(threading.Thread):
    """Is waited for as long as it takes, but for one that hangs: its time is up at once.

    So no clock decides on a busy machine, and nobody waits; that time passes is in test_guarded.py.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.hangs = threading.Event()

    def join(self, timeout: float | None = None) -> None:
        while self.is_alive() and not self.hangs.is_set():
            super().join(0.01)


@pytest.fixture
def a_time_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineConfig]:
    """QUICK with a time limit that only what hangs exceeds."""
    monkeypatch.setattr(guarded, "threading", SimpleNamespace(Thread=Call))
    END.clear()
    yield with_options(QUICK, teacher_timeout=1.0)
    END.set()


def same(a: Segmentation, b: Segmentation) -> bool:
    return torch.equal(a.labels, b.labels) and torch.equal(a.scores, b.scores)


def without(bad: set[int], kind: str, config: EngineConfig) -> Segmentation:
    """What an engine says that never had the bad views."""
    good = [view for view in range(VIEWS) if view not in bad]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "rig", lambda count, up: rig(count, up=up).only(good))
        return pde.segment(block(), PARTS, config=config, teacher=Sides(kind=kind))


# Every fault of every kind of answer, five times or six, in one to three views of six.
@pytest.mark.parametrize("quarter", range(4))
def test_a_hundred_faults_cost_no_shape(quarter: int, a_time_limit: EngineConfig) -> None:
    dice = random.Random(quarter)
    teacher = Sides()
    engine = Engine(a_time_limit, teacher=teacher).set_shape(block())
    expected: dict[Any, Segmentation] = {}
    for number in range(25 * quarter, 25 * quarter + 25):
        bad = set(dice.sample(range(VIEWS), dice.randint(1, VIEWS - 3)))
        kind, fault = CASES[number % len(CASES)]
        teacher.bad, teacher.fault, teacher.kind = bad, fault, kind
        result = engine.segment(f"block {number}: left, right")  # another prompt, the same views
        key = (frozenset(bad), kind)
        if key not in expected:
            expected[key] = without(bad, kind, QUICK)
        assert result.found
        assert same(result, expected[key])
        assert [one["view"] - 1 for one in result.meta["skipped_views"]] == sorted(bad)
        assert engine.trace is not None
        seen = engine.trace.units.seen
        assert seen is not None
        assert [bool(row.any()) for row in seen] == [view not in bad for view in range(VIEWS)]


@pytest.mark.parametrize("kind", ["pixels", "masks"])
def test_the_student_learns_the_same_without_the_skipped_views(kind: str) -> None:
    config = with_options(QUICK, mode="tta")
    teacher = Sides({0, 5}, "raises", kind)
    result = pde.segment(block(), PARTS, config=config, teacher=teacher)
    assert same(result, without({0, 5}, kind, config))
    assert result.warnings[0] == (
        "sides failed to find parts in 2 of 6 views, skipped: view 1 (RuntimeError: the model fell "
        "over), view 6 (RuntimeError: the model fell over)"
    )
    assert result.meta["teacher_kind"] == kind


def test_too_many_failures_are_one_error() -> None:
    with pytest.raises(TeacherError, match=r"sides: must answer .* view 1: RuntimeError: the mod"):
        pde.segment(block(), PARTS, config=QUICK, teacher=Sides(set(range(4)), "raises"))


def test_up_is_a_guess_where_the_teacher_fails_to_say() -> None:
    class Confused(Sides):
        def up_direction(self, views: Views, parts: PartList | None) -> torch.Tensor:
            raise RuntimeError("lost")

    config = with_options(QUICK, up="auto")
    result = pde.segment(block(), PARTS, config=config, teacher=Confused())
    assert same(result, pde.segment(block(), PARTS, config=QUICK, teacher=Sides()))
    assert result.warnings[0].startswith("up is taken for y, sides: must answer")


def test_the_second_time_no_model_runs(tmp_path: Path) -> None:
    teacher = Sides()
    first, second = (
        pde.segment(block(), PARTS, config=QUICK, teacher=teacher, cache=tmp_path) for _ in range(2)
    )
    assert teacher.calls == 1
    assert same(first, second)
    other = "block: left, right, top"
    with pytest.raises(TeacherError):  # it says two parts of three
        pde.segment(block(), other, config=QUICK, teacher=teacher, cache=tmp_path)
    assert teacher.calls == 2


def test_the_embedded_teacher_runs_once_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_tower: Any
) -> None:
    from pdengine.teach.embedded.net import PartNet

    looks = []
    encode = PartNet.encode
    monkeypatch.setattr(PartNet, "encode", lambda *a: looks.append(1) or encode(*a))
    shape = write_tower(tmp_path / "tower.xyz", 0)
    options = ["--views", "3", "--method", "vote", "--quiet", "--cache", str(tmp_path / "cache")]
    for out in ("a", "b"):
        assert main(["segment", str(shape), *options, "--out", str(tmp_path / out)]) == 0
        if out == "a":
            assert len(looks) == 6 + 1 + 1  # an axis each, the category, the parts
    assert len(looks) == 8
    a, b = ((tmp_path / out / "tower_parts.ply").read_bytes() for out in ("a", "b"))
    assert a == b
    said = json.loads((tmp_path / "b" / "result.json").read_text())
    assert said["teacher"]["licence"] == "Apache-2.0"
    assert said["skipped_views"] == []


def test_a_cache_needs_to_know_the_teacher_again() -> None:
    def plain(views: Views, parts: PartList) -> PixelScores:
        raise AssertionError

    for make in (Engine, lambda **given: pde.Collection(PARTS, **given)):
        with pytest.raises(ConfigError, match=r"a teacher with an identity, .*: plain has none"):
            make(teacher=plain, cache=Path("unused"))
    assert not Path("unused").exists()


def test_segment_opens_no_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_tower: Any
) -> None:
    def no_network(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "create_connection", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    shape = write_tower(tmp_path / "tower.xyz", 0)
    words = ["segment", str(shape), "--parts", "bottle: body, neck", "--offline", "--quiet"]
    words += ["--views", "3", "--method", "vote", "--up", "y", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    assert main(["teachers", "list"]) == 0
    assert main(["teachers", "pull", "embedded", "--offline"]) == 0


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
def test_a_time_limit_is_a_time(seconds: float) -> None:
    with pytest.raises(ConfigError, match="teacher_timeout must be more than 0 s"):
        EngineConfig(teacher_timeout=seconds)


def test_a_name_is_a_teacher_too_and_a_misspelt_one_is_refused_before_the_shape_is_read() -> None:
    said = pde.segment(block(), "chair: seat, leg", teacher="embedded-boxes", config=QUICK)
    assert said.meta["teacher"] == "embedded-boxes"
    with pytest.raises(ConfigError, match=r"near names: embedded-boxes, .*; got .embeded-bo"):
        pde.segment(Path("nowhere.ply"), PARTS, teacher="embeded-boxes", config=QUICK)


def test_a_sentence_of_a_teacher_is_one_warning() -> None:
    teacher = Sides()
    teacher.remarks = "not tuned"  # type: ignore[attr-defined]
    teacher.remarks_on = lambda parts: f"{len(parts)} words"  # type: ignore[attr-defined]
    said = pde.segment(block(), PARTS, teacher=teacher, config=QUICK)
    assert said.warnings[:2] == ("not tuned", "2 words")


def test_what_fails_in_saying_which_words_are_known_is_the_teachers_failure() -> None:
    teacher = Sides()

    def refuse(parts: PartList) -> None:
        raise ValueError("no wheel")

    teacher.check_parts = refuse  # type: ignore[attr-defined]
    with pytest.raises(TeacherError, match="sides: check_parts: ValueError: no wheel"):
        pde.segment(block(), PARTS, teacher=teacher, config=QUICK)
