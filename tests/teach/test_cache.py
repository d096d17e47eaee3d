"""What a teacher said is kept on disk, and asked for once."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pdengine.cameras import rig
from pdengine.errors import ConfigError
from pdengine.teach import CachedTeacher, Proposal, as_teacher, card_of, make_teacher, parse_parts
from pdengine.teach.answer_file import DamagedAnswer, read_answer, write_answer
from pdengine.types import Boxes, Masks, PartList, PixelScores, Views

PARTS = PartList(("back", "seat"), "chair")


def views(count=3, size=(8, 12), seed=0):
    dice = torch.Generator().manual_seed(seed)
    index = torch.randint(-1, 4, (count, *size), generator=dice).to(torch.int32)
    return Views(
        images=torch.rand(count, *size, 3, generator=dice),
        index=index,
        depth=torch.where(index >= 0, torch.rand(count, *size, generator=dice), torch.inf),
        normals=torch.rand(count, *size, 3, generator=dice),
        cameras=rig(count),
    )


class Counting:
    """Answers what it was given, and counts."""

    name = "counting"
    identity = "1"

    def __init__(self, answer):
        self.answer, self.calls = answer, 0

    def __call__(self, views, parts):
        self.calls += 1
        return self.answer


def scores(dtype=torch.float32, outside=False):
    dice = torch.Generator().manual_seed(1)
    score = torch.rand(3, 2, 8, 12, generator=dice).div(2).to(dtype)
    return PixelScores(score if outside else score * (views().index >= 0)[:, None])


def boxes(count=5):
    dice = torch.Generator().manual_seed(2)
    at = torch.rand(count, 4, generator=dice) * 3
    box = torch.stack([at[:, 0], at[:, 1], 4 + at[:, 2], 4 + at[:, 3]], 1)
    return Boxes(box, *rows(count))


def masks(count=5):
    dice = torch.Generator().manual_seed(3)
    return Masks(torch.rand(count, 8, 12, generator=dice) > 0.5, *rows(count))


def rows(count):
    at = torch.arange(count)
    return at % 3, at % 2, torch.linspace(0, 1, count)


def bits(tensor):
    return tensor.dtype, tuple(tensor.shape), tensor.contiguous().numpy().tobytes()


ANSWERS = {
    "scores": scores(),
    "scores off the shape too": scores(outside=True),
    "minus zero off the shape": PixelScores(-0.0 * torch.ones(3, 2, 8, 12)),
    "half": scores(torch.float16),
    "double": scores(torch.float64),
    "boxes": boxes(),
    "no boxes": boxes(0),
    "masks": masks(),
    "no masks": masks(0),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_second_time_the_same_bits_come_from_the_file(name, tmp_path):
    answer = ANSWERS[name]
    teacher = Counting(answer)
    for _ in range(2):
        # A new one each time, as another process would have.
        found = CachedTeacher(teacher, tmp_path / "cache")(views(), PARTS)
        assert type(found) is type(answer)
        for field in vars(answer):
            assert bits(getattr(found, field)) == bits(getattr(answer, field))
    assert teacher.calls == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1


def changed(field):
    seen = views()
    if field == "cameras":
        return replace(seen, cameras=rig(3, up="z"))
    if field == "has_colour":
        return replace(seen, has_colour=True)
    other = getattr(seen, field).clone()
    other.view(torch.int32).view(-1)[5] ^= 1  # one bit of one pixel
    return replace(seen, **{field: other})


@pytest.mark.parametrize("field", ["images", "index", "depth", "normals", "cameras", "has_colour"])
def test_one_bit_of_the_views_is_another_question(field, tmp_path):
    teacher = Counting(boxes(0))
    cached = CachedTeacher(teacher, tmp_path)
    cached(views(), PARTS)
    cached(changed(field), PARTS)
    assert teacher.calls == 2


def test_so_are_other_words_another_teacher_and_another_version_of_it(tmp_path):
    teacher = Counting(boxes(0))
    cached = CachedTeacher(teacher, tmp_path)
    for parts in (PARTS, replace(PARTS, category=None), PartList(("seat", "back"), "chair")):
        cached(views(), parts)
    assert teacher.calls == 3
    for attribute in ("name", "identity"):
        other = Counting(boxes(0))
        setattr(other, attribute, "another")
        CachedTeacher(other, tmp_path)(views(), PARTS)
        assert other.calls == 1
    CachedTeacher(teacher, tmp_path)(views(), PARTS)
    assert teacher.calls == 3


def test_it_can_what_its_teacher_can_and_no_more(tmp_path):
    plain = CachedTeacher(Counting(boxes(0)), tmp_path)
    for name in ("propose", "up_direction", "check_parts", "card", "licence", "anything"):
        assert not hasattr(plain, name)
    embedded = make_teacher("embedded")
    cached = CachedTeacher(embedded, tmp_path)
    assert card_of(cached) is card_of(embedded)
    assert (cached.name, cached.licence) == ("embedded", "Apache-2.0")
    cached.check_parts(parse_parts("chair: back"))


def test_which_way_is_up_and_what_it_is_are_kept_too(tmp_path):
    class Knowing(Counting):
        def up_direction(self, views, parts):
            self.calls += 1
            return torch.tensor([0.1, 1 / 3, -0.0])

        def propose(self, views):
            self.calls += 1
            return (Proposal("mug", 2 / 3, PARTS), Proposal("ü", 1 / 7, PartList(("a",), None)))

    teacher = Knowing(None)
    cached = CachedTeacher(teacher, tmp_path)
    first = cached.up_direction(views(), PARTS), cached.propose(views())
    again = cached.up_direction(views(), PARTS), cached.propose(views())
    assert teacher.calls == 2
    assert bits(first[0]) == bits(again[0])
    assert first[1] == again[1] == Knowing(None).propose(views())
    cached.up_direction(views(), None)
    assert teacher.calls == 3


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "text", "list", "bomb", "swapped"])
def test_a_damaged_file_is_said_and_written_anew(damage, tmp_path, caplog):
    teacher = Counting(scores())
    cached = CachedTeacher(teacher, tmp_path)
    cached(views(), PARTS)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    header, _, body = whole.partition(b"\n")
    if damage == "swapped":  # whole, but another kind of answer
        write_answer(path, {"up": torch.zeros(3)})
    else:
        path.write_bytes(
            {
                "cut": whole[:-9],
                "empty": b"",
                "flipped": whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:],
                "text": b"hello",
                "list": b"[1]\n" + body,
                "bomb": header.replace(b'"bytes": ', b'"bytes": 99999999') + b"\n" + body,
            }[damage]
        )
    with caplog.at_level(logging.WARNING, "pdengine.teach"):
        found = cached(views(), PARTS)
    assert "a cached answer must be whole" in caplog.text
    assert torch.equal(found.score, scores().score)
    assert teacher.calls == 2
    assert path.read_bytes() == whole


def test_a_file_decodes_to_no_more_than_it_says(tmp_path):
    path = tmp_path / "answer"
    write_answer(path, {"zeros": torch.zeros(1_000_000)})
    header, _, body = path.read_bytes().partition(b"\n")
    said = json.loads(header) | {"bytes": 1000}
    path.write_bytes(json.dumps(said).encode() + b"\n" + body)
    with pytest.raises(DamagedAnswer, match="digest"):
        read_answer(path)


def test_a_header_that_nests_too_deep_is_damaged(tmp_path):
    path = tmp_path / "answer"
    path.write_bytes(b"[" * 5000)
    with pytest.raises(DamagedAnswer):
        read_answer(path)


def test_an_answer_that_is_none_is_not_kept(tmp_path):
    teacher = Counting(PixelScores(torch.full((3, 2, 8, 12), torch.nan)))
    cached = CachedTeacher(teacher, tmp_path)
    cached(views(), PARTS)
    cached(views(), PARTS)
    assert teacher.calls == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_costs_no_answer(tmp_path, caplog):
    folder = tmp_path / "cache"
    cached = CachedTeacher(Counting(boxes()), folder)
    folder.rmdir()
    folder.write_text("no longer a folder")
    assert len(cached(views(), PARTS).box) == 5
    assert "an answer is not cached" in caplog.text


def test_several_at_once_get_whole_answers(tmp_path):
    answer = scores()
    found = []

    def ask():
        for _ in range(5):
            found.append(CachedTeacher(Counting(answer), tmp_path)(views(), PARTS).score)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    assert all(torch.equal(score, answer.score) for score in found)
    assert [path.suffix for path in tmp_path.iterdir()] == [".answer"]


def test_the_identity_of_the_embedded_teacher_is_its_weights():
    one, two = make_teacher("embedded"), make_teacher("embedded")
    assert one.identity == two.identity
    two.net.film.weight[0, 0] += 1
    del two.identity  # it is remembered
    assert one.identity != two.identity
    assert make_teacher("embedded-boxes").identity.startswith(one.identity)


def test_says_what_is_wrong(tmp_path: Path):
    def mine(views, parts):
        raise AssertionError

    with pytest.raises(ConfigError, match=r"teacher with an identity, .*: mine has none; set one"):
        CachedTeacher(as_teacher(mine), tmp_path)
    mine.identity = "version 1"
    CachedTeacher(as_teacher(mine), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cache .*file: cannot be made, File exists"):
        CachedTeacher(as_teacher(mine), tmp_path / "file")
    for name, why in {
        "file/in": "Not a directory",
        "long" * 99: "File name too long",
        "null\0": "embedded null byte",
    }.items():
        with pytest.raises(ConfigError, match=f"cache .*: cannot be made, {why}"):
            CachedTeacher(as_teacher(mine), tmp_path / name)


def test_a_folder_may_be_text(tmp_path: Path):
    def mine(views, parts):
        raise AssertionError

    mine.identity = "version 1"
    assert CachedTeacher(as_teacher(mine), str(tmp_path / "kept")).folder == tmp_path / "kept"
    with pytest.raises(ConfigError, match="cache must be a folder, got bool"):
        CachedTeacher(as_teacher(mine), True)  # type: ignore[arg-type]
