"""The recipe of the encoder, on next to nothing: it runs, and the result is an encoder."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from pdengine.distill import load_encoder, pretrain
from pdengine.shapes import CATEGORIES, parts_of


@pytest.fixture(autouse=True)
def as_before():
    """A training sets torch's threads and seed, and is a process of its own."""
    threads, stream = torch.get_num_threads(), torch.random.get_rng_state()
    yield
    torch.set_num_threads(threads)
    torch.random.set_rng_state(stream)


@pytest.fixture(scope="module")
def mug() -> pretrain.Example:
    threads = torch.get_num_threads()
    made = pretrain.example("mug", 3)
    torch.set_num_threads(threads)
    return made


def test_poses_are_rotations():
    rng = np.random.default_rng(0)
    turns = torch.stack([pretrain.pose(rng) for _ in range(200)])
    # Products of three rotations in float32.
    close = 16 * torch.finfo(torch.float32).eps
    assert torch.allclose(turns @ turns.transpose(1, 2), torch.eye(3), atol=close)
    assert torch.allclose(torch.linalg.det(turns), torch.ones(200), atol=close)
    upright = (turns[:, 1, 1] > 1 - 1e-6).float().mean()
    assert 0.3 < upright < 0.6


def test_an_example_is_the_outside_of_a_shape(mug):
    assert mug.concept.shape == (2048,)
    assert mug.around.xyz.shape == (2048, 3)
    first = pretrain.concepts()["mug"]
    assert set(mug.concept.tolist()) == {first, first + 1}
    assert mug.around.features().isfinite().all()


def test_every_concept_belongs_to_one_category():
    mask = pretrain.concept_mask()
    assert mask.sum(0).tolist() == [1] * mask.shape[1]
    assert mask.sum(1).tolist() == [len(parts_of(c)) for c in CATEGORIES]
    first = pretrain.concepts()
    assert all(mask[k, first[c]] for k, c in enumerate(CATEGORIES))


def test_a_mirror_image_has_the_same_neighbourhoods(mug):
    twice = pretrain.mirrored(pretrain.mirrored(mug.around))
    assert torch.equal(twice.features(), mug.around.features())
    once = pretrain.mirrored(mug.around)
    assert torch.equal(once.xyz[:, 0], -mug.around.xyz[:, 0])
    assert torch.equal(once.features()[:, 3:7], mug.around.features()[:, 3:7])


def test_a_rare_part_weighs_more(mug):
    weight = pretrain.weights([mug])
    first = pretrain.concepts()["mug"]
    body, handle = (int((mug.concept == first + k).sum()) for k in (0, 1))
    assert body > handle
    expected = ((body + 1) / (handle + 1)) ** 0.5
    assert (weight[first + 1] / weight[first]).item() == pytest.approx(expected, rel=1e-5)


def test_the_loss_is_small_for_the_right_part_and_large_for_another(mug):
    mask = pretrain.concept_mask()
    weight = torch.ones(mask.shape[1])
    right = torch.nn.functional.one_hot(mug.concept, mask.shape[1]) * 20.0
    assert pretrain.loss_of(right, mug.concept, weight, mask) < 1e-3
    assert pretrain.loss_of(-right, mug.concept, weight, mask) > 10


def test_a_training_leaves_an_encoder_that_loads(tmp_path):
    config = pretrain.PretrainConfig(
        tmp_path / "new", minutes=0.03, shapes=1, held_out=1, batch=2, workers=1
    )
    pretrain.train(config)
    encoder = load_encoder(tmp_path / "new" / "encoder.safetensors")
    assert all(value.isfinite().all() for value in encoder.state_dict().values())
    about = json.loads((tmp_path / "new" / "encoder.json").read_text())
    assert about["steps"] >= 1
    assert about["categories"] == list(CATEGORIES)
    assert set(about["validation mIoU"]) == {*CATEGORIES, "mean"}
