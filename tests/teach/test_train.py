"""The training that makes the embedded teacher, at the smallest scale."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from pdengine import shapes
from pdengine.errors import TeacherError
from pdengine.progress import Silent
from pdengine.teach.embedded import train as training
from pdengine.teach.embedded.augment import NONE, _Dice, _molten, batch
from pdengine.teach.embedded.data import Store, training_rows, validation_rows
from pdengine.teach.embedded.held_out import (
    STYLES,
    VALIDATION_SEED,
    is_held_out,
    seeds_of_styles,
)
from pdengine.teach.embedded.layout import generated_layout
from pdengine.teach.embedded.net import PartNet
from pdengine.teach.embedded.train import (
    Run,
    TrainConfig,
    build,
    concept_weights,
    finish,
    train,
    usable_rows,
)
from pdengine.teach.embedded.validate import VIEWS, category_factor, outputs
from pdengine.teach.embedded.weights import load_weights, save_weights

LAYOUT = generated_layout(("mug", "table"))


def small_store(folder, shapes=2, views=4):
    store = Store(folder, shapes * views)
    for seed in range(shapes):
        category = ("mug", "table")[seed % 2]
        store.write(seed * views, training_rows(LAYOUT, category, seed, views))
    return store


def test_the_same_seed_makes_the_same_rows():
    first, second = (training_rows(LAYOUT, "mug", 3, 2) for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_rows_hold_the_concepts_of_their_category(tmp_path):
    store = small_store(tmp_path)
    rows = store.read(np.array([0]))
    mug = rows["label"][rows["label"] >= 0]
    assert len(mug) > 300
    assert set(mug.tolist()) <= {0, 1}


def test_an_undisturbed_batch_is_what_was_stored(tmp_path):
    store = small_store(tmp_path)
    rows = store.read(np.arange(3))
    x, label, category, up = batch(rows, None)
    assert x.shape == (3, 8, 112, 112)
    assert torch.equal(x[:, :3], rows["normals"])
    assert torch.equal(x[:, 5], rows["depth"])
    assert torch.equal(label == NONE, rows["label"] < 0)
    assert torch.equal(x[:, 7], rows["bright"])
    assert category.tolist() == [0, 0, 0]
    torch.testing.assert_close(up.norm(dim=1), torch.ones(3))


def test_a_disturbed_batch_keeps_labels_on_the_shape(tmp_path):
    store = small_store(tmp_path)
    generator = torch.Generator().manual_seed(0)
    x, label, _, up = batch(store.read(np.arange(8)), generator)
    assert bool((x[:, 6][label != NONE] > 0).all())
    assert int(label.max()) < LAYOUT.widest
    assert (label != NONE).float().mean() > 0.02
    assert torch.isfinite(x).all()
    torch.testing.assert_close(up.norm(dim=1), torch.ones(8))


def test_a_molten_view_keeps_its_outline_and_loses_its_creases():
    x = torch.zeros(60, 8, 16, 16)
    x[:, 6, 2:14, 2:14] = 1
    x[:, 0, 2:14, 2:8], x[:, 0, 2:14, 8:14] = -1, 1  # two facets
    soft = _molten(x, _Dice(torch.Generator().manual_seed(0), x))
    assert torch.equal(soft[:, 6], x[:, 6])
    assert not soft[:, 0][x[:, 6] == 0].any()
    changed = (soft[:, 0] != x[:, 0]).any(2).any(1)
    assert 15 < changed.sum() < 45
    assert soft[changed][:, 0, 8, 7].abs().max() < 0.9
    assert torch.allclose(soft[:, 0, 8, 3], x[:, 0, 8, 3])  # four columns from the crease


NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=NO_GPU)])
def test_a_few_steps_lower_the_loss(device, tmp_path):
    store = small_store(tmp_path / "data")
    config = TrainConfig(
        tmp_path, minutes=1e6, learning_rate=1e-2, categories=("mug", "table"), device=device
    )
    run = Run(config)
    run.step = 100
    rows = batch(store.read(np.arange(8), run.device), None)
    weights = concept_weights(store, LAYOUT).to(run.device)
    losses = []
    for _ in range(8):
        losses.append(float(run.learn(rows, weights)[0]))
        run.step += 1
    assert losses[-1] < 0.8 * losses[0]


def test_a_stopped_run_continues_and_its_weights_load(tmp_path):
    config = TrainConfig(tmp_path, categories=("mug", "table"))
    first = Run(config)
    first.step, first.seconds = 7, 3.5
    first.save()
    second = Run(config)
    assert (second.step, second.seconds) == (7, 3.5)

    held_out = Store(tmp_path / "held", 10)
    held_out.write(0, validation_rows(LAYOUT, "mug", VALIDATION_SEED, VIEWS, upright=True))
    finish(second, {"upright": held_out})
    net, factor, category_factor = load_weights(tmp_path / "weights.safetensors")
    assert isinstance(net, PartNet)
    assert 0.5 <= factor <= 2
    assert 0.5 <= category_factor <= VIEWS
    expected = second.average.net.state_dict()["out.weight"].half().float()
    assert torch.equal(net.state_dict()["out.weight"], expected)


def test_a_run_starts_from_the_weights_of_another(tmp_path):
    first = Run(TrainConfig(tmp_path / "first", categories=("mug", "table"), seed=1))
    save_weights(tmp_path / "start.safetensors", first.average.net, 1.0)
    config = TrainConfig(tmp_path, tmp_path / "start.safetensors", categories=("mug", "table"))
    second = Run(config)
    assert second.step == 0
    for net in (second.net, second.average.net):
        expected = first.net.state_dict()["out.weight"].half().float()
        assert torch.equal(net.state_dict()["out.weight"], expected)
    assert all(p.requires_grad for p in second.net.parameters())


def test_weights_of_other_parts_are_no_start(tmp_path):
    first = Run(TrainConfig(tmp_path, categories=("mug",)))
    save_weights(tmp_path / "start.safetensors", first.average.net, 1.0)
    config = TrainConfig(tmp_path, tmp_path / "start.safetensors", categories=("mug", "table"))
    with pytest.raises(TeacherError, match=r"start: .* must know .* 1 categories"):
        Run(config)


@pytest.mark.parametrize("category", shapes.CATEGORIES)
def test_every_category_keeps_a_style_for_validation(category):
    seed = next(seeds_of_styles(category))
    assert seed >= VALIDATION_SEED
    assert shapes.make(category, seed).style == STYLES[category]


def test_shapes_of_a_held_out_style_are_never_drawn(tmp_path):
    kept = next(seed for seed in range(1000) if is_held_out("mug", seed))
    trained = next(seed for seed in range(1000) if not is_held_out("mug", seed))
    store = Store(tmp_path, 4)
    store.write(0, training_rows(LAYOUT, "mug", kept, 2))
    store.write(2, training_rows(LAYOUT, "mug", trained, 2))
    assert usable_rows(store).tolist() == [2, 3]


def test_a_whole_training_from_nothing(tmp_path):
    config = TrainConfig(
        tmp_path, minutes=0.02, shapes=3, views=2, held_out=1, categories=("mug",), workers=1,
        batch=2, threads=1, seed=1, log_every=1,
    )  # fmt: skip
    seen = []
    train(config, lambda stage, done, total: seen.append((stage, done, total)))
    stages = ["render train", "render upright", "render arbitrary", "render styles", "train"]
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == stages
    assert all((stage, 0, seen[0][2]) in seen or stage != stages[0] for stage in stages)
    assert {(stage, 1, 1) for stage in stages} <= set(seen)

    with (tmp_path / "losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in rows]
    assert steps == list(range(1, len(steps) + 1))
    assert all(float(row["pixels"]) > 0 for row in rows)
    about = json.loads((tmp_path / "validation.json").read_text())
    assert about["steps"] == steps[-1]
    assert set(about["validation"]) == {"upright", "arbitrary", "styles"}
    assert load_weights(tmp_path / "weights.safetensors").net.layout.categories == ("mug",)
    # the data is there, and the time is over: nothing is left to do
    before = (tmp_path / "losses.csv").read_text()
    train(config)
    assert (tmp_path / "losses.csv").read_text() == before


def test_a_stopped_training_ends_in_the_weights_of_one_that_was_not(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SAVE_EVERY", 0.0)
    config = TrainConfig(
        tmp_path / "whole", steps=4, shapes=3, views=2, held_out=1, categories=("mug",), workers=1,
        batch=2, threads=1, seed=1, log_every=1,
    )  # fmt: skip
    build(config, Silent())
    stopped = replace(config, out=tmp_path / "stopped")
    shutil.copytree(config.out, stopped.out)
    train(config)

    def kill(stage, done, total):
        if (stage, done) == ("train", 3):  # two steps are saved, the third is lost
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(stopped, kill)
    assert Run(stopped).step == 2
    with (stopped.out / "losses.csv").open("a") as file:
        file.write("3,0.01,9.0,9.0,9.0\n4,0.0")  # what a killed run had written since

    train(stopped)
    one, two = (load_weights(c.out / "weights.safetensors") for c in (config, stopped))
    assert one[1:] == two[1:]
    for name, value in one.net.state_dict().items():
        assert torch.equal(value, two.net.state_dict()[name]), name
    for name in ("losses.csv", "validations.csv"):
        tables = [list(csv.reader((c.out / name).open())) for c in (config, stopped)]
        steps = [[row[0] for row in table] for table in tables]
        assert steps[0] == steps[1] == ["step", *("1234" if name == "losses.csv" else "4")]
    assert tables[0][0][2:4] == ["upright IoU", "upright category right"]
    assert all(0 <= float(value) <= 100 for value in tables[0][1][2:])
    third = replace(config, out=tmp_path / "third", seed=2)
    shutil.copytree(config.out / "data", third.out / "data")
    with pytest.raises(
        TeacherError, match=r"^out: .* must hold 3 shapes .* for seed 2, of mug; it holds"
    ):
        train(third)


def one_sided(shapes, right, margin):
    """Every view votes for the first category, by this margin; so many shapes are of it."""
    votes = torch.tensor([margin, 0.0]).expand(shapes * VIEWS, 2)
    category = (torch.arange(shapes) >= right).long().repeat_interleave(VIEWS)
    return {"votes": votes, "category": category}


def test_the_category_factor_makes_the_probability_the_share_that_is_right():
    # 900 of 1000 are right: log(0.9 / 0.1) = 2.2 is what the margin should be
    assert category_factor([one_sided(1000, 900, 1.0)]) == 2.25
    assert category_factor([one_sided(1000, 900, 2.0)]) == 1.0
    # the stores count together, 1100 of 2000: log(0.55 / 0.45) = 0.2
    both = [one_sided(1000, 900, 0.25), one_sided(1000, 200, 0.25)]
    assert category_factor(both) == 0.75


def test_a_network_that_was_never_wrong_is_not_taken_for_certain():
    # 50 of 50, and one that is imagined wrong: log(50) = 3.9
    assert category_factor([one_sided(50, 50, 2.0)]) == 2.0


def test_views_are_worth_no_more_than_independent_ones():
    assert category_factor([one_sided(50, 50, 0.1)]) == VIEWS


# What follows pretends: see device_mode.py.


@pytest.mark.filterwarnings("ignore:CUDA is not available")  # said by autocast
def test_the_training_keeps_to_one_device(tmp_path, pretend_gpu):
    pretend_gpu.any_order = True  # a training may: here the film's gradient
    store = small_store(tmp_path / "data")
    run = Run(TrainConfig(tmp_path, categories=("mug", "table"), device="cuda"))
    generator = torch.Generator().manual_seed(0)
    rows = batch(store.read(np.arange(8), run.device), generator)
    weights = concept_weights(store, LAYOUT).to(run.device)
    terms = run.learn(rows, weights)
    assert all(tensor.is_cuda for tensor in (*rows, terms, *run.net.parameters()))
    assert torch.isfinite(terms.cpu()).all()
    held_out = Store(tmp_path / "held", 10)
    held_out.write(0, validation_rows(LAYOUT, "mug", VALIDATION_SEED, VIEWS, upright=True))
    assert not any(tensor.is_cuda for tensor in outputs(run.average.net, held_out).values())
    run.save()
    finish(run, {"upright": held_out})
    assert Run(TrainConfig(tmp_path, categories=("mug", "table"))).step == 0
