"""The encoder: the weights that are shipped, and what it says when they are not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from pdengine.distill import Encoder, load_encoder, prepare
from pdengine.distill.encoder import EMBEDDING
from pdengine.distill.encoder_file import SHIPPED, save_encoder
from pdengine.distill.features import COLUMNS
from pdengine.distill.student import embed
from pdengine.errors import StudentError


def test_the_shipped_weights_are_whole_and_finite(encoder):
    state = encoder.state_dict()
    assert all(value.dtype == torch.float32 for value in state.values())
    assert all(value.isfinite().all() for value in state.values())
    assert encoder.mean.shape == (COLUMNS,)
    assert (encoder.deviation > 0).all()


def test_embeddings_are_finite_and_not_negative(two_blobs, small, encoder):
    with torch.no_grad():
        found = embed(encoder, prepare(two_blobs[0], small))
    assert found.shape == (256, EMBEDDING)
    assert found.isfinite().all()
    assert found.min() == 0
    assert found.max() > 0


def test_a_ball_and_a_stick_lie_apart(two_blobs, small, encoder):
    """A plane between them separates their embeddings: that is all a head can do."""
    cloud, truth = two_blobs
    shape = prepare(cloud, small)
    with torch.no_grad():
        found = embed(encoder, shape)
    own = truth[shape.anchors]
    towards = found[own == 1].mean(0) - found[own == 0].mean(0)
    middle = (found[own == 1].mean(0) + found[own == 0].mean(0)) / 2
    assert (((found - middle) @ towards > 0) == (own == 1)).float().mean() > 0.95


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_bits_do_not_depend_on_the_number_of_threads(
    count, two_blobs, small, encoder, with_threads
):
    shape = prepare(two_blobs[0], small)
    with torch.no_grad():
        with with_threads(1):
            expected = embed(encoder, shape)
        with with_threads(count):
            assert torch.equal(embed(encoder, shape), expected)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_a_few_points_have_embeddings(count, two_blobs, small, encoder):
    cloud, _ = two_blobs
    few = type(cloud)(cloud.xyz[:count], cloud.origin, 1.0, cloud.rows[:count], cloud.world[:count])
    with torch.no_grad():
        assert embed(encoder, prepare(few, small)).isfinite().all()


def test_what_is_saved_is_loaded(tmp_path, encoder):
    save_encoder(tmp_path / "own.safetensors", encoder, {"seed": 3})
    again = load_encoder(tmp_path / "own.safetensors").state_dict()
    assert all(torch.equal(again[name], value) for name, value in encoder.state_dict().items())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StudentError, match=r"none.safetensors are missing"):
        load_encoder(tmp_path / "none.safetensors")


@pytest.mark.parametrize("kept", [0, 7, 100, 5000, -1])
def test_a_damaged_file_is_named(kept: int, tmp_path: Path):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(SHIPPED.read_bytes()[:kept])
    with pytest.raises(StudentError, match=r"cut.safetensors are damaged"):
        load_encoder(path)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(StudentError, match=tmp_path.name):
        load_encoder(tmp_path)


def test_another_network_is_named(tmp_path):
    wide = Encoder(COLUMNS, widths=(8, 16), dice=None)
    save_encoder(tmp_path / "wide.safetensors", wide, {})
    save_file({"x": torch.zeros(3)}, tmp_path / "x.safetensors")
    for name in ("wide", "x"):
        with pytest.raises(StudentError, match=f"{name}.safetensors are of another network"):
            load_encoder(tmp_path / f"{name}.safetensors")
