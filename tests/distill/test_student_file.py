"""A student as a file: what comes back is what was saved, or an error that names the file."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from pdengine.distill import (
    Lesson,
    SavedStudent,
    align,
    load_student,
    make_encoder,
    prepare,
    save_student,
    sketch,
)
from pdengine.distill import student_file as module
from pdengine.distill.canonical import cube_rotations
from pdengine.errors import SaveError, StudentError
from pdengine.types import PartList

PARTS = PartList(("ball", "stick"), "lollipop")
ABOUT = {"teacher": "by hand", "seed": 3}


@pytest.fixture
def shape(two_blobs, small):
    return prepare(two_blobs[0], small)


def student_of(shape, units, config, encoder):
    done = align([Lesson(shape, units)], 2, config, encoder=encoder)
    return SavedStudent(done.student, PARTS, 2, (sketch(shape.around.xyz),), config, ABOUT)


@pytest.fixture
def saved(shape, two_blobs, some_units, small, encoder):
    return student_of(shape, some_units(two_blobs[1]), small, encoder)


@pytest.fixture
def path(saved, tmp_path) -> Path:
    save_student(saved, tmp_path / "own.student")
    return tmp_path / "own.student"


def test_what_comes_back_believes_the_same(saved, path, make_blobs, small):
    again = load_student(path)
    assert again.parts == PARTS
    assert again.classes == 2
    assert again.config == saved.config
    assert again.about == ABOUT
    for seed in (0, 4):
        other = prepare(make_blobs(seed)[0], small)
        assert torch.equal(again.beliefs(other), saved.beliefs(other))


def test_a_shape_on_its_side_is_turned_first(path, two_blobs, small):
    cloud, truth = two_blobs
    turn = cube_rotations()[7]
    said = load_student(path).beliefs(prepare(replace(cloud, xyz=cloud.xyz @ turn.T), small))
    assert said.shape == (600, 2)
    assert (said.argmax(1) == truth).float().mean() > 0.95


def test_a_collection_of_many_shapes_comes_back_too(saved, tmp_path, make_blobs, small):
    many = tuple(sketch(make_blobs(k)[0].xyz) for k in range(20))
    own = replace(saved, sketches=many)
    save_student(own, tmp_path / "many")
    turn = cube_rotations()[11]
    shape = prepare(replace(c := make_blobs(30)[0], xyz=c.xyz @ turn.T), small)
    assert torch.equal(load_student(tmp_path / "many").beliefs(shape), own.beliefs(shape))


def test_the_shipped_encoder_is_not_in_the_file_and_an_own_one_is(
    shape, two_blobs, some_units, small, encoder, path, tmp_path
):
    assert path.stat().st_size < 100_000
    units = some_units(two_blobs[1])
    for name, config in (
        ("all", replace(small, weights="all", passes=1)),
        ("random", replace(small, encoder="random")),
    ):
        first = encoder if name == "all" else make_encoder(config)
        own = student_of(shape, units, config, first)
        save_student(own, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1_000_000
        again = load_student(tmp_path / name)
        assert torch.equal(again.beliefs(shape), own.beliefs(shape))


def test_a_student_is_for_its_own_parts(path):
    assert load_student(path, PARTS).parts == PARTS
    assert load_student(path, PartList(PARTS.names)).parts == PARTS  # no category: any
    assert load_student(path, PartList(PARTS.names, "Lollipop")).parts == PARTS


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (PartList(("stick", "ball"), "lollipop"), "parts must be ball, stick, got stick, ball"),
        (PartList(("ball",), "lollipop"), "parts must be ball, stick, got ball"),
        (PartList(PARTS.names, "chair"), "category must be lollipop, got chair"),
    ],
)
def test_other_parts_and_categories_are_refused(asked, message, path):
    with pytest.raises(StudentError, match=f"own.student: {message}"):
        load_student(path, asked)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StudentError, match=r"none.student: a student must be a file, there"):
        load_student(tmp_path / "none.student")


def test_a_folder_is_no_student(tmp_path):
    with pytest.raises(StudentError, match=tmp_path.name):
        load_student(tmp_path)


def test_a_truncated_file_is_refused_wherever_it_ends(path):
    whole = path.read_bytes()
    for kept in (0, 4, 8, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:kept])
        with pytest.raises(StudentError, match=r"own.student: a student must be a whole"):
            load_student(path)


def test_a_flipped_byte_is_refused_wherever_it_is(path):
    whole = path.read_bytes()
    header = int.from_bytes(whole[:8], "little")
    places = [*range(8), *range(8, 8 + header, 23), *range(8 + header, len(whole), 97)]
    for place in places:
        if whole[place : place + 1] == b" ":
            continue  # the header is padded with blanks, which say nothing
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(StudentError, match=r"own.student: a student must"):
            load_student(path)


def test_another_safetensors_file_is_no_student(tmp_path):
    save_file({"x": torch.zeros(3)}, tmp_path / "x.safetensors")
    with pytest.raises(StudentError, match=r"x.safetensors: .*got another safetensors file"):
        load_student(tmp_path / "x.safetensors")


def rewritten(path: Path, **changes: object) -> None:
    """The same file with another header, and a checksum that fits."""
    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["student"].partition(" ")[2]) | changes
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = json.dumps(header)
    save_file(tensors, path, {"student": f"{module._digest(text, tensors)} {text}"})


def test_another_version_is_refused(path):
    rewritten(path, format="pdengine student 2")
    with pytest.raises(StudentError, match="format must be 'pdengine student 1', got 'pdengine st"):
        load_student(path)


@pytest.mark.parametrize("config", [{"colour": "red"}, {"targets": "guesses"}])
def test_a_setting_that_this_version_does_not_know_is_refused(config, path):
    rewritten(path, config=config)
    with pytest.raises(StudentError, match=r"own.student: settings must be this version's, .*"):
        load_student(path)


def test_a_head_without_its_encoder_is_refused(path):
    rewritten(path, encoder="0123456789abcdef")
    with pytest.raises(StudentError, match=r"aligned with, 0123456789abcdef, .*align it again"):
        load_student(path)


def test_a_failing_write_leaves_the_old_student(saved, path, monkeypatch):
    before = path.read_bytes()

    def full(*names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SaveError, match=r"own.student.*No space left"):
        save_student(replace(saved, about={}), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_missing_folder_is_a_save_error(saved, tmp_path):
    with pytest.raises(SaveError, match="nowhere"):
        save_student(saved, tmp_path / "nowhere" / "own.student")


def test_an_invariant_student_comes_back_with_its_encoder(
    shape, two_blobs, some_units, small, tmp_path
):
    config = replace(small, pose="invariant")
    done = align([Lesson(shape, some_units(two_blobs[1]))], 2, config)
    saved = SavedStudent(done.student, PARTS, 2, (), config, ABOUT)
    save_student(saved, tmp_path / "own.student")
    again = load_student(tmp_path / "own.student")
    assert again.sketches == ()
    assert torch.equal(again.beliefs(shape), saved.beliefs(shape))
