"""The teacher that ships with the package, on shapes it has never seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pdengine.cameras import rig
from pdengine.config import RenderConfig
from pdengine.errors import TeacherError
from pdengine.io.tensors import read_tensors
from pdengine.render import render
from pdengine.teach import check_detections, choose_up, make_teacher, parse_parts
from pdengine.teach.embedded import EmbeddedTeacher, weights
from pdengine.teach.embedded.data import sample_shape
from pdengine.teach.embedded.held_out import VALIDATION_SEED
from pdengine.teach.embedded.inputs import inputs
from pdengine.teach.embedded.layout import Layout
from pdengine.teach.embedded.net import PartNet
from pdengine.teach.embedded.weights import SHIPPED, load_weights, save_weights
from pdengine.types import PartList

HELD_OUT = VALIDATION_SEED + 500
LAYOUT = load_weights(SHIPPED)[0].layout


@pytest.fixture(scope="module")
def teacher() -> EmbeddedTeacher:
    return make_teacher("embedded")  # type: ignore[return-value]


def shape(category, seed=HELD_OUT):
    """A held-out shape: its cloud, and the part of every point."""
    sample = sample_shape(category, seed, None)
    return sample.cloud, sample.part


def views_of(cloud, views=10, up="y", size=(224, 224)):
    return render(cloud, rig(views, up=up), RenderConfig(size=size))


def flipped(views):
    """What the cameras would see in a mirror."""
    return replace(
        views,
        images=views.images.flip(2),
        index=views.index.flip(-1),
        depth=views.depth.flip(-1),
        normals=views.normals.flip(2) * torch.tensor([-1.0, 1.0, 1.0]),
    )


def mean_iou(score, truth, parts):
    """Over all pixels that see something."""
    answer, seen = score.argmax(1), truth >= 0
    found = [
        ((answer == k) & (truth == k)).sum() / ((answer == k) & seen | (truth == k)).sum()
        for k in range(parts)
        if (truth == k).any()
    ]
    return float(torch.stack(found).mean())


def pixel_truth(views, label):
    return torch.where(views.index >= 0, label[views.index.clamp_min(0).long()], -1)


@pytest.fixture(scope="module")
def answers(teacher):
    """One held-out shape of every category: the IoU of its parts, and the proposals."""
    found = {}
    for category in LAYOUT.categories:
        cloud, label = shape(category)
        views = views_of(cloud)
        prompt = parse_parts(f"{category}: {', '.join(LAYOUT.concepts[category])}")
        answer = teacher(views, prompt)
        check_detections(answer, views, prompt, teacher.name)
        iou = mean_iou(answer.score, pixel_truth(views, label), len(prompt))
        found[category] = iou, teacher.propose(views)
    return found


def test_it_knows_the_parts_of_shapes_it_has_never_seen(answers):
    ious = torch.tensor([iou for iou, _ in answers.values()])
    assert ious.mean() > 0.65
    assert ious.min() > 0.25


def test_a_prompt_without_a_category_lets_the_views_decide(teacher):
    cloud, label = shape("table")
    views = views_of(cloud)
    answer = teacher(views, parse_parts("leg, top"))
    truth = pixel_truth(views, 1 - label)
    assert mean_iou(answer.score, torch.where(truth == 2, -1, truth), 2) > 0.6


def test_parts_that_are_not_named_are_none_of_them(teacher):
    cloud, label = shape("chair")
    views = views_of(cloud, 4)
    whole = teacher(views, parse_parts("chair: back, seat, leg, arm")).score
    legs = teacher(views, parse_parts("chair: legs")).score
    torch.testing.assert_close(legs[:, 0], whole[:, 2])
    assert legs[:, 0][pixel_truth(views, label) == 1].mean() < 0.3


def test_background_has_no_part(teacher):
    views = views_of(shape("mug")[0], 3)
    score = teacher(views, parse_parts("mug: body, handle")).score
    assert not score.permute(0, 2, 3, 1)[views.index < 0].any()
    inside = score.sum(1)[views.index >= 0]
    torch.testing.assert_close(inside, torch.ones_like(inside), atol=1e-4, rtol=0)


def test_the_same_views_get_the_same_answer(teacher):
    views = views_of(shape("airplane")[0], 3)
    prompt = parse_parts("airplane: body, wing, tail")
    assert torch.equal(teacher(views, prompt).score, teacher(views, prompt).score)


@pytest.mark.parametrize("size", [(64, 64), (100, 180), (512, 512)])
def test_any_size_of_view_is_answered(teacher, size):
    views = views_of(shape("chair")[0], 2, size=size)
    prompt = parse_parts("chair: back, seat")
    check_detections(teacher(views, prompt), views, prompt)


def test_brightness_counts_and_hue_does_not(teacher):
    cloud, label = shape("mug")
    dice = torch.Generator().manual_seed(0)
    colour = torch.rand(len(cloud), 3, generator=dice) * 0.5
    prompt = parse_parts("mug: body, handle")
    views = [
        views_of(replace(cloud, colour=c), 2)
        for c in (colour, colour.flip(1), torch.where(label[:, None] == 1, 0.9, 0.1).expand(-1, 3))
    ]
    plain, hue, painted = (teacher(v, prompt).score for v in views)
    torch.testing.assert_close(hue, plain, atol=1e-3, rtol=0)
    assert (painted - plain).abs().max() > 0.01


@pytest.mark.parametrize("missing", ["normals", "depth", "images"])
def test_any_of_its_channels_may_be_missing(teacher, missing):
    blank = {"normals": 0.0, "depth": 0.0, "images": 0.5}[missing]
    whole, without = [], []
    for category in ("airplane", "chair", "mug", "teddy"):
        cloud, label = shape(category)
        views = views_of(cloud, 4)
        prompt = PartList(LAYOUT.concepts[category], category)
        less = replace(views, **{missing: torch.full_like(getattr(views, missing), blank)})
        truth = pixel_truth(views, label)
        for ious, seen in ((whole, views), (without, less)):
            ious.append(mean_iou(teacher(seen, prompt).score, truth, len(prompt)))
    assert sum(without) > 0.8 * sum(whole), (without, whole)


def test_a_depth_of_nothing_is_a_missing_one(teacher):
    views = views_of(shape("mug")[0], 2)
    nothing = replace(views, depth=torch.zeros_like(views.depth))
    assert not inputs(nothing)[:, 3:6].any()
    assert torch.equal(inputs(nothing)[:, [0, 1, 2, 6, 7]], inputs(views)[:, [0, 1, 2, 6, 7]])


@pytest.mark.parametrize(("up", "turn"), [
    ("y", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    ("z", [[1, 0, 0], [0, 0, -1], [0, 1, 0]]),
    ("-x", [[0, -1, 0], [1, 0, 0], [0, 0, 1]]),
])  # fmt: skip
def test_it_knows_which_way_a_chair_stands(teacher, up, turn):
    cloud, _ = shape("chair")
    turn = torch.tensor(turn, dtype=torch.float32)
    turned = replace(cloud, xyz=cloud.xyz @ turn.T, normals=cloud.normals @ turn.T)
    found = choose_up(turned, teacher, parse_parts("chair: back, seat"))
    assert found.up == up
    assert found.scores[up] == max(found.scores.values()) > 0.8


class Compass:
    """Says the same direction whatever it sees, or one for each rig, in the order of the axes."""

    name = "compass"

    def __init__(self, *said):
        self.said, self.asked = said, 0

    def __call__(self, views, parts):
        raise AssertionError("never asked")

    def up_direction(self, views, parts):
        self.asked += 1
        return torch.tensor(self.said[min(self.asked, len(self.said)) - 1])


@pytest.mark.parametrize(
    ("said", "up", "asked"),
    [
        ([(0.1, 0.85, 0.0)], "y", 1),
        ([(0.0, 0.75, 0.0)], "y", 6),  # not beyond doubt
        ([(0.0, 0.3, 0.0), (0.0, 0.0, 0.95)], "z", 2),
        ([(0.0, 0.3, 0.0), (0.0, 0.0, 0.85)], "z", 6),
        ([(0.0, -0.9, 0.0)], "-y", 6),
        ([(0.0, 2.0, 10.0)], "z", 2),  # length is no certainty
    ],
)
def test_axes_are_tried_until_one_is_beyond_doubt(said, up, asked):
    compass = Compass(*said)
    found = choose_up(shape("mug")[0], compass, parse_parts("mug: body"))
    assert (found.up, compass.asked, len(found.scores)) == (up, asked, asked)


def test_a_teacher_without_an_opinion_leaves_y_up():
    class Blind:
        name = "blind"

        def __call__(self, views, parts):
            raise AssertionError("never asked")

    found = choose_up(shape("mug")[0], Blind(), parse_parts("mug: body"))
    assert found.up == "y"
    assert found.scores == {}
    assert found.reason == "blind has no opinion on which way is up"


def test_weights_that_are_missing_or_damaged_are_named(tmp_path):
    with pytest.raises(TeacherError, match=r"nothing\.safetensors are missing$"):
        EmbeddedTeacher.load(tmp_path / "nothing.safetensors")
    with pytest.raises(TeacherError, match=rf"{tmp_path.name}/weights\.safetensors are missing$"):
        EmbeddedTeacher.load(tmp_path)
    content = SHIPPED.read_bytes()
    for name, damaged in {
        "cut": content[: len(content) // 2],
        "empty": b"",
        "noise": np.random.default_rng(0).bytes(5000),
    }.items():
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(damaged)
        with pytest.raises(TeacherError, match=rf"{name}\.safetensors are damaged"):
            EmbeddedTeacher.load(path)


def test_only_who_misses_the_shipped_weights_is_told_to_install_again(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "gone.safetensors")
    with pytest.raises(TeacherError, match=r"gone\.safetensors are missing; install pd"):
        load_weights(weights.SHIPPED)


def test_a_folder_of_weights_will_do(tmp_path):
    (tmp_path / SHIPPED.name).write_bytes(SHIPPED.read_bytes())
    assert EmbeddedTeacher.load(tmp_path).identity == EmbeddedTeacher.load().identity


def test_the_shipped_weights_are_small():
    assert SHIPPED.stat().st_size <= 8_000_000


def test_a_view_and_its_mirror_image_get_mirrored_answers(teacher):
    views = views_of(shape("chair")[0], 2)
    prompt = parse_parts("chair: back, seat, leg, arm")
    plain, mirror = teacher(views, prompt).score, teacher(flipped(views), prompt).score
    torch.testing.assert_close(mirror.flip(-1), plain, atol=1e-3, rtol=0)


def test_it_says_what_a_shape_is(answers):
    right = [proposals[0].category == category for category, (_, proposals) in answers.items()]
    assert sum(right) >= 0.8 * len(right)


def test_proposals_are_all_categories_with_their_parts_best_first(answers):
    for _, proposals in answers.values():
        assert sorted(p.category for p in proposals) == sorted(LAYOUT.categories)
        assert all(p.parts == PartList(LAYOUT.concepts[p.category], p.category) for p in proposals)
        chances = [p.probability for p in proposals]
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) == pytest.approx(1, abs=1e-5)


def test_a_category_is_as_likely_in_a_mirror(teacher):
    views = views_of(shape("mug")[0], 3)
    plain, mirror = teacher.propose(views), teacher.propose(flipped(views))
    chance = {p.category: p.probability for p in mirror}
    assert [chance[p.category] for p in plain] == pytest.approx(
        [p.probability for p in plain], abs=1e-3
    )


def test_of_many_unlikely_categories_the_likeliest_is_asked(teacher):
    doubtful = torch.zeros(2, len(LAYOUT.categories) * 20)
    doubtful[:, 7] = 0.01
    layout = Layout({f"kind {k}": ("body",) for k in range(doubtful.shape[1])})
    undecided = EmbeddedTeacher(PartNet(layout))
    assert undecided._likely(doubtful, list(layout.categories)) == {"kind 7": 1.0}


def test_the_category_factor_says_how_many_views_the_views_are_worth():
    layout = Layout({"cup": ("body",), "vase": ("body",)})
    votes = torch.tensor([[1.0, 0.0]])

    def chance(factor, views):
        together = EmbeddedTeacher(PartNet(layout), 1.0, factor)._together
        return float(together(votes.expand(2 * views, 2))[0])  # with their mirror images

    def sigmoid(x):
        return float(torch.tensor(x).sigmoid())

    assert chance(1.0, 10) == pytest.approx(sigmoid(1.0))
    assert chance(2.5, 10) == pytest.approx(sigmoid(2.5))
    assert chance(2.5, 2) == pytest.approx(sigmoid(2.0))  # two views are worth two at most
    assert chance(0.5, 1) == pytest.approx(sigmoid(0.5))


def test_weights_without_a_category_factor_have_one(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, PartNet(Layout({"cup": ("body",)})), 1.25, 3.5)
    assert load_weights(path)[1:] == (1.25, 3.5)
    assert EmbeddedTeacher.load(path).category_factor == 3.5
    tensors, about = read_tensors(path, TeacherError, "missing", "damaged")
    del about["category_factor"]
    save_file(tensors, path, about)
    assert load_weights(path)[1:] == (1.25, 1.0)
